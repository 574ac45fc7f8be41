//! The page on the same port as the API: its files, and one document for every address of it.
//!
//! The document carries the answers that the first view needs, got from the API itself with the caller's own
//! rights, so that the first rows do not wait for a chain of requests. Everything else the page asks over HTTP.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use bytes::Bytes;
use cmdb_ui::Asset;
use http_body_util::{BodyExt, Limited};
use std::fmt::Write;
use tower::ServiceExt;

/// Nothing from elsewhere, nothing inline, no frames.
const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
/// An answer above this is not put into the document; the page asks for it.
const EMBEDDED_BYTES_MAX: usize = 256 * 1024;
/// What the document holds where answers go.
const SLOT: &str = "id=\"boot\">null<";

/// Whether a request that no route took is one of the page's.
pub(crate) fn takes(request: &Request) -> bool {
    let path = request.uri().path();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let browser = request.headers().get(header::ACCEPT).is_some_and(|accept| {
        accept.to_str().unwrap_or("").split(',').any(|media| media.trim().starts_with("text/html"))
    });
    reads && (path == "/" || path.starts_with("/assets/") || (browser && !path.starts_with("/api/")))
}

/// Answers for the page; `api` is the router of the API alone.
pub(crate) async fn answer(api: Router, request: Request) -> Response<Body> {
    // The body is of no use here, and without it the question can be held while the API is asked.
    let (asked, _) = request.into_parts();
    let path = asked.uri.path();
    let mut response = match path.strip_prefix('/').filter(|p| p.starts_with("assets/")) {
        Some(file) => match cmdb_ui::asset(file) {
            Some(asset) => file_of(asset, &asked.headers),
            None => plain(StatusCode::NOT_FOUND, "there is no such file; reload the page\n"),
        },
        None => document(api, &asked).await,
    };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A file whose name holds its hash: it never changes, so it is kept for good.
fn file_of(asset: &'static Asset, headers: &HeaderMap) -> Response<Body> {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("");
    let accepts = |name: &str| {
        let mut offers = accepted.split(',').map(str::trim);
        offers.any(|offer| offer.split(';').next() == Some(name) && !offer.replace(' ', "").ends_with(";q=0"))
    };
    let (bytes, encoding) = match (asset.brotli, asset.gzip) {
        (Some(packed), _) if accepts("br") => (packed, Some("br")),
        (_, Some(packed)) if accepts("gzip") => (packed, Some("gzip")),
        _ => (asset.plain, None),
    };
    let mut response = Response::new(Body::from(Bytes::from_static(bytes)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

async fn document(api: Router, asked: &Parts) -> Response<Body> {
    let mut answers = String::new();
    for question in first_questions(asked.uri.path(), asked.uri.query()) {
        if let Some(answer) = ask(api.clone(), asked, &question).await {
            let comma = if answers.is_empty() { "" } else { "," };
            let _ = write!(answers, "{comma}{}:{answer}", serde_json::Value::from(question));
        }
    }
    // Inside a script element, only `<` could end it.
    let boot = format!("{{\"answers\":{{{answers}}}}}").replace('<', "\\u003c");
    let shell = cmdb_ui::shell().replacen(SLOT, &format!("id=\"boot\">{boot}<"), 1);
    let mut response = Response::new(Body::from(shell));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    // It holds what this caller may see, and the names of the newest files.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What the page asks first under an address, word for word as it asks it. One that is missing here only costs the
/// page a request.
fn first_questions(path: &str, query: Option<&str>) -> Vec<String> {
    let mut questions = vec!["/api/v1/session".to_owned()];
    if query.is_some_and(|query| !query.is_empty()) {
        return questions;
    }
    match path.split('/').skip(1).collect::<Vec<_>>().as_slice() {
        [""] => questions.push("/api/v1/status".to_owned()),
        ["ci", id, ..] if !id.is_empty() => questions.push(format!("/api/v1/items/{id}")),
        _ => {}
    }
    questions
}

/// One question to the API as the caller would ask it; nothing unless it is answered whole and well.
async fn ask(api: Router, asked: &Parts, question: &str) -> Option<String> {
    let mut inner = Request::new(Body::empty());
    *inner.uri_mut() = question.parse().ok()?;
    for name in
        [header::AUTHORIZATION, header::COOKIE, header::HOST, HeaderName::from_static("sec-fetch-site")]
    {
        if let Some(value) = asked.headers.get(&name) {
            inner.headers_mut().insert(name, value.clone());
        }
    }
    *inner.extensions_mut() = asked.extensions.clone();
    let response = api.oneshot(inner).await.ok()?;
    if response.status() != StatusCode::OK {
        return None;
    }
    let (etag, position) = (text_of(&response, "etag"), text_of(&response, "x-cmdb-position"));
    let body = Limited::new(response.into_body(), EMBEDDED_BYTES_MAX).collect().await.ok()?.to_bytes();
    let text = std::str::from_utf8(&body).ok()?.trim();
    let position = position.and_then(|p| p.parse::<u64>().ok()).unwrap_or(0);
    Some(format!("{{\"data\":{text},\"etag\":{},\"position\":{position}}}", serde_json::Value::from(etag)))
}

fn text_of(response: &Response<Body>, name: &str) -> Option<String> {
    response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
