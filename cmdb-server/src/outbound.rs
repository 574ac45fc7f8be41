//! Requests to other machines, made for webhooks and sources: bounded, without redirects, and only to addresses that
//! whoever runs this machine lets them reach.
//!
//! A name is resolved once and the connection goes to one of the addresses that were looked at, so that a name which
//! changes its mind in between gains nothing. Proxies of the environment are not used: they would resolve for us.

mod address;

pub use address::{Allowed, Network};

use cmdb_core::{Error, Kind, Result};
use std::io::Read;
use std::time::{Duration, Instant};
use ureq::http::Uri;
use ureq::http::header::{HeaderMap, HeaderName, HeaderValue};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// Longest URL, in bytes.
const URL_BYTES_MAX: usize = 2_048;
/// How long resolving and connecting may take, each.
const CONNECT: Duration = Duration::from_secs(10);
/// Bytes of an answer's head at most.
const HEAD_BYTES_MAX: usize = 32 * 1024;

/// Makes requests.
#[derive(Debug)]
pub struct Outbound {
    agent: ureq::Agent,
    allowed: Allowed,
}

impl Default for Outbound {
    fn default() -> Outbound {
        Outbound::new(Allowed::default())
    }
}

/// The head of an answer, and its body to be read.
pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: ureq::Body,
    pub took: Duration,
}

impl Answered {
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
    /// The body, which ends with an error past `bytes_max`.
    pub fn reader(self, bytes_max: u64) -> impl Read {
        self.body.into_with_config().limit(bytes_max).reader()
    }
}

impl Outbound {
    /// Requests that reach public addresses and those allowed.
    pub fn new(allowed: Allowed) -> Outbound {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .max_response_header_size(HEAD_BYTES_MAX)
            // Every request connects anew, to an address that was just looked at.
            .max_idle_connections(0)
            .user_agent(concat!("cmdb/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = Checked { inner: DefaultResolver::default(), allowed: allowed.clone() };
        Outbound { agent: ureq::Agent::with_parts(config, DefaultConnector::new(), resolver), allowed }
    }
    /// Sends `body`; the whole exchange may take `patience`.
    pub fn post(
        &self,
        url: &str,
        headers: &[(&str, String)],
        body: &[u8],
        patience: Duration,
    ) -> Result<Answered> {
        let mut request = self.agent.post(url).config().timeout_global(Some(patience)).build();
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let started = Instant::now();
        answered(url, started, request.send(body))
    }
    /// Asks for `url`; the whole exchange, the body included, may take `patience`.
    pub fn get(&self, url: &str, headers: &[(String, String)], patience: Duration) -> Result<Answered> {
        let mut request = self.agent.get(url).config().timeout_global(Some(patience)).build();
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let started = Instant::now();
        answered(url, started, request.call())
    }
    /// Refuses a URL that no request could or should be made to. A name is looked at when it is resolved.
    pub fn check(&self, url: &str) -> Result<()> {
        let wrong =
            |message: String| Err(Error::invalid("url.unfit", message.clone()).detail("/url", message));
        if url.len() > URL_BYTES_MAX {
            return wrong(format!("a URL has at most {URL_BYTES_MAX} bytes"));
        }
        let Ok(uri) = url.parse::<Uri>() else { return wrong(format!("\"{url}\" is no URL")) };
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return wrong(format!("\"{url}\" begins with neither http:// nor https://"));
        }
        let Some(authority) = uri.authority().filter(|a| !a.host().is_empty()) else {
            return wrong(format!("\"{url}\" names no host"));
        };
        if authority.as_str().contains('@') {
            return wrong("a URL must not carry a user or a password".to_owned());
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        match host.parse() {
            Ok(address) if !self.allowed.admits(address) => Err(address::refused(host)),
            _ => Ok(()),
        }
    }
}

/// Refuses what is no header, or one that the request sets itself.
pub fn check_header(name: &str, value: &str) -> Result<()> {
    const OURS: [&str; 6] = ["host", "content-length", "transfer-encoding", "connection", "te", "upgrade"];
    let fits = HeaderName::from_bytes(name.as_bytes()).is_ok_and(|n| !OURS.contains(&n.as_str()))
        && HeaderValue::from_str(value).is_ok();
    if fits {
        return Ok(());
    }
    // The value may be a secret and is not repeated.
    Err(Error::invalid(
        "url.header",
        format!("\"{name}\" cannot be sent as a header, or not with this value"),
    )
    .detail("/headers", "no header"))
}

fn answered(
    url: &str,
    started: Instant,
    sent: std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Answered> {
    let (parts, body) = sent.map_err(|error| failed(url, error))?.into_parts();
    Ok(Answered { status: parts.status.as_u16(), headers: parts.headers, body, took: started.elapsed() })
}

/// Says what went wrong without repeating the URL's query, which may hold a secret.
fn failed(url: &str, error: ureq::Error) -> Error {
    let host = url.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
    match error {
        ureq::Error::Io(e) if e.kind() == std::io::ErrorKind::PermissionDenied => address::refused(&host),
        error => {
            let message = format!("{host} could not be reached: {error}");
            Error::new(Kind::Unavailable, "url.unreachable", message).caused_by(error)
        }
    }
}

/// Resolves names, and keeps the addresses that may be reached.
#[derive(Debug)]
struct Checked {
    inner: DefaultResolver,
    allowed: Allowed,
}

impl Resolver for Checked {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let mut kept = self.empty();
        for address in found.iter().filter(|address| self.allowed.admits(address.ip())) {
            kept.push(*address);
        }
        match kept.is_empty() {
            true => Err(ureq::Error::Io(std::io::ErrorKind::PermissionDenied.into())),
            false => Ok(kept),
        }
    }
}
