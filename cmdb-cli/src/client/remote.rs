//! The API over a socket.

use super::{Answer, Body, Request, Upload};
use crate::failure::Failure;
use std::time::Duration;

/// A server's address and how to speak to it.
pub struct Remote {
    base: String,
    token: Option<String>,
    agent: ureq::Agent,
    /// `--principal`, for the server of a local folder.
    principal: Option<String>,
}

impl Remote {
    pub fn new(url: &str, token: Option<String>) -> Result<Remote, Failure> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Failure::usage(format!(
                "--server \"{url}\" is not a URL like http://127.0.0.1:7070"
            )));
        }
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .max_redirects(0)
            .build();
        Ok(Remote {
            base: url.trim_end_matches('/').to_owned(),
            token,
            agent: config.into(),
            principal: None,
        })
    }
    pub fn acting_as(self, principal: Option<String>) -> Remote {
        Remote { principal, ..self }
    }
    /// Whether anybody answers at the address.
    pub fn is_there(&self) -> bool {
        let path = "/healthz".to_owned();
        self.send(Request { method: "GET", path, headers: Vec::new(), body: Body::Empty }).is_ok()
    }
    pub fn send(&self, request: Request) -> Result<Answer, Failure> {
        let mut builder = ureq::http::Request::builder()
            .method(request.method)
            .uri(format!("{}{}", self.base, request.path));
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(principal) = &self.principal {
            builder = builder.header("X-CMDB-Principal", principal);
        }
        if let Some(token) = &self.token {
            builder = builder.header("Authorization", format!("Bearer {token}"));
        }
        let bad = |e: ureq::http::Error| Failure::usage(format!("the request cannot be sent: {e}"));
        let sent = match request.body {
            // No body and an empty one differ on the wire: a POST without either would be sent in chunks.
            Body::Empty if request.method == "POST" => self.agent.run(builder.body(Vec::new()).map_err(bad)?),
            Body::Empty => self.agent.run(builder.body(()).map_err(bad)?),
            Body::Json(value) => {
                let request = builder.header("Content-Type", "application/json").body(value.to_string());
                self.agent.run(request.map_err(bad)?)
            }
            Body::Bytes(kind, bytes) => {
                self.agent.run(builder.header("Content-Type", kind).body(bytes).map_err(bad)?)
            }
            Body::Files(upload) => {
                let reader = upload.reader()?;
                let body = ureq::SendBody::from_owned_reader(reader);
                self.agent
                    .run(builder.header("Content-Type", Upload::content_type()).body(body).map_err(bad)?)
            }
        };
        let answer = sent.map_err(|e| {
            Failure::unavailable(format!("{} cannot be reached: {e}", self.base))
                .hint("is `cmdb serve` running there?")
        })?;
        let (parts, body) = answer.into_parts();
        let headers = parts
            .headers
            .iter()
            .filter_map(|(n, v)| Some((n.to_string(), v.to_str().ok()?.to_owned())))
            .collect();
        Ok(Answer { status: parts.status.as_u16(), headers, body: Box::new(body.into_reader()) })
    }
}
