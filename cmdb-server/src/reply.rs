//! What a handler gives back, short of bytes on a socket.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use cmdb_core::model::Position;
use serde::Serialize;
use std::io::Write;

/// Writes a long answer piece by piece.
pub type Writer = Box<dyn FnOnce(&mut dyn Write) -> std::io::Result<()> + Send>;

/// The answer to one request.
pub struct Reply {
    status: u16,
    media: &'static str,
    headers: Vec<(HeaderName, String)>,
    position: Option<Position>,
    pub(crate) content: Content,
}

/// The body of an answer.
pub(crate) enum Content {
    Bytes(Bytes),
    Written(Writer),
    Async(Body),
}

/// Bytes up to which JSON is expected to fit without growing.
const JSON_BYTES: usize = 4096;

impl Reply {
    pub(crate) fn new(media: &'static str, content: Content) -> Reply {
        Reply { status: 200, media, headers: Vec::new(), position: None, content }
    }
    /// 200 with a JSON document.
    pub fn json<T: Serialize>(value: &T) -> Reply {
        let mut bytes = Vec::with_capacity(JSON_BYTES);
        match serde_json::to_writer(&mut bytes, value) {
            Ok(()) => Reply::bytes("application/json", bytes),
            // Wire types have text keys and finite numbers; this cannot happen, and if it does it shows.
            Err(_) => Reply::bytes("application/json", Vec::new()).status(500),
        }
    }
    pub fn bytes(media: &'static str, bytes: impl Into<Bytes>) -> Reply {
        Reply::new(media, Content::Bytes(bytes.into()))
    }
    /// 204.
    pub fn nothing() -> Reply {
        Reply::bytes("", Bytes::new()).status(204)
    }
    /// An answer that is written while it is sent.
    pub fn written(
        media: &'static str,
        writer: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send + 'static,
    ) -> Reply {
        Reply::new(media, Content::Written(Box::new(writer)))
    }
    pub fn status(mut self, status: u16) -> Reply {
        self.status = status;
        self
    }
    pub fn media(mut self, media: &'static str) -> Reply {
        self.media = media;
        self
    }
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }
    /// The version of the record answered.
    pub fn etag(self, version: u32) -> Reply {
        self.header(header::ETAG, format!("\"{version}\""))
    }
    pub fn location(self, path: impl Into<String>) -> Reply {
        self.header(header::LOCATION, path)
    }
    /// Where the next page is.
    pub fn next_page(self, url: Option<String>) -> Reply {
        match url {
            Some(url) => self.header(header::LINK, format!("<{url}>; rel=\"next\"")),
            None => self,
        }
    }
    /// The position the answer is about.
    pub fn at(mut self, position: Position) -> Reply {
        self.position = Some(position);
        self
    }
    pub(crate) fn position(&self) -> Option<Position> {
        self.position
    }
    /// As HTTP, with `body` in place of the content.
    pub(crate) fn into_response(self, body: impl FnOnce(Content) -> Body) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if !self.media.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media));
        }
        for (name, value) in self.headers {
            // A value that is no header text (a name with odd characters in a URL) is left out.
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.append(name, value);
            }
        }
        *response.body_mut() = body(self.content);
        response
    }
}
