//! Who is calling: the person at the machine, or whoever a token stands for.

use crate::app::App;
use crate::call::now_ms;
use crate::sessions::cookie;
use axum::http::{HeaderMap, header};
use cmdb_core::command::principal::{acting, anyone_known, authenticate, meant};
use cmdb_core::model::principal::{Principal, Role};
use cmdb_core::model::spelling::deceptive;
use cmdb_core::{Error, Kind, Result};
use std::net::SocketAddr;

/// Where a request came from. Attached by the listener or by the in-process client, never read from the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The command line on the data folder itself: may do everything, as NAME what a user of that name may; is logged as
    /// `local` or `local as NAME`.
    Local { as_name: Option<String> },
    /// A loopback connection: local as long as no user or token is known.
    Loopback(SocketAddr),
    /// Any other connection: needs a token.
    Remote(SocketAddr),
}

/// Longest name in `local as NAME`.
const NAME_BYTES_MAX: usize = 64;

/// The principal of a request.
///
/// # Errors
/// `auth.required` without a needed token, `auth.invalid` with one that is no good (any more).
pub fn identify(app: &App, caller: Option<&Caller>, headers: &HeaderMap) -> Result<Principal> {
    if let Some(Caller::Local { as_name }) = caller {
        return local_as(app, as_name.as_deref());
    }
    if let Some(token) = bearer(headers)? {
        return by_token(app, token, headers);
    }
    if let Some(principal) = by_session(app, headers)? {
        return Ok(principal);
    }
    let snapshot = app.cmdb()?.snapshot();
    match caller {
        Some(Caller::Loopback(_)) if !anyone_known(&*snapshot) => {
            refuse_foreign_pages(headers)?;
            Ok(Principal::local())
        }
        _ => Err(unauthenticated("auth.required", "this needs a token")),
    }
}

fn unauthenticated(code: &'static str, message: &str) -> Error {
    Error::new(Kind::Denied, code, message)
        .hint("send `Authorization: Bearer TOKEN` (`--token` or CMDB_TOKEN); `cmdb token create` makes one")
}

/// Whoever is at the machine may do everything, unless they say that they are a user: then they may do what that
/// user may.
fn local_as(app: &App, name: Option<&str>) -> Result<Principal> {
    let Some(name) = name else { return Ok(Principal::local()) };
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return Err(Error::invalid(
            "auth.name",
            format!("a principal's name has 1 to {NAME_BYTES_MAX} bytes"),
        ));
    }
    let snapshot = app.cmdb()?.snapshot();
    if let Some(why) = deceptive(name) {
        return Err(Error::invalid("auth.name", format!("\"{name}\" is no name for a principal: {why}")));
    }
    let user = meant(&*snapshot, name);
    let name = user.map_or(name, |user| user.name.as_str());
    if user.is_some_and(|user| user.disabled) {
        return Err(Error::new(Kind::Denied, "auth.disabled", format!("the user \"{name}\" is disabled")));
    }
    let role = user.map_or(Role::Admin, |user| user.role);
    Ok(Principal { name: format!("local as {name}").into(), role })
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().unwrap_or("");
    let token = match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(unauthenticated("auth.invalid", "the Authorization header is not `Bearer TOKEN`")),
    };
    Ok(Some(token))
}

fn by_token(app: &App, token: &str, headers: &HeaderMap) -> Result<Principal> {
    let hash: [u8; 32] = blake3::hash(token.as_bytes()).into();
    if let Some(secret) = app.local_secret.get()
        // Hashes compare without telling how near a guess came.
        && blake3::hash(secret.as_bytes()) == blake3::Hash::from_bytes(hash)
    {
        let name = headers.get("x-cmdb-principal").and_then(|v| v.to_str().ok());
        return local_as(app, name);
    }
    let snapshot = app.cmdb()?.snapshot();
    authenticate(&*snapshot, &hash, now_ms())
        .ok_or_else(|| unauthenticated("auth.invalid", "the token is unknown, expired or revoked"))
}

/// Whoever signed in at the page. A session that is over is no error: the caller is simply nobody.
fn by_session(app: &App, headers: &HeaderMap) -> Result<Option<Principal>> {
    let Some(user) = cookie(headers).and_then(|secret| app.sessions.user(secret, now_ms())) else {
        return Ok(None);
    };
    // A cookie travels with whatever the browser sends here; only the page's own requests count.
    if !is_own_page(headers) {
        return Err(unauthenticated(
            "auth.required",
            "a session counts for requests of the page itself only",
        ));
    }
    Ok(acting(&*app.cmdb()?.snapshot(), &user))
}

/// Whether the browser says that its request comes from a page of this very server, or from the address bar.
fn is_own_page(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) == text("host"),
        (None, None) => false,
    }
}

/// A web page elsewhere must not reach the local caller's rights through the browser: neither by a name that
/// resolves to this machine nor by a request across sites.
fn refuse_foreign_pages(headers: &HeaderMap) -> Result<()> {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    let host = text("host").unwrap_or("localhost");
    let foreign_origin = text("origin").is_some_and(|o| o.split_once("://").map(|(_, h)| h) != Some(host));
    let foreign_site = matches!(text("sec-fetch-site"), Some("cross-site" | "same-site"));
    if is_loopback_name(host) && !foreign_origin && !foreign_site {
        return Ok(());
    }
    Err(unauthenticated("auth.required", "without a token only this machine's own pages and tools may ask"))
}

fn is_loopback_name(host: &str) -> bool {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    let name =
        host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name);
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
