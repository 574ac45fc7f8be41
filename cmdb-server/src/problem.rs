//! Errors as `application/problem+json` (RFC 9457), from one table of kinds.

use crate::reply::Reply;
use axum::http::{HeaderName, StatusCode, header};
use cmdb_core::{Error, Kind};
use serde::Serialize;
use utoipa::ToSchema;

/// An error as it is answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: the code says more than a URL would.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'static str,
    pub status: u16,
    /// Stable, such as `relationship.end-not-allowed`.
    pub code: String,
    pub detail: String,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The current version, where an edit came too late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    pub errors: Vec<ProblemDetail>,
    /// The request's id, in logs too.
    pub trace_id: String,
}

/// One offending place.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDetail {
    /// JSON pointer into the request; empty for the whole.
    pub pointer: String,
    pub detail: String,
}

/// The status of an error: by its kind, but for a few codes that HTTP has a word of its own for.
pub fn status(error: &Error) -> StatusCode {
    match error.code() {
        "auth.required" | "auth.invalid" => return StatusCode::UNAUTHORIZED,
        "body.too-large" => return StatusCode::PAYLOAD_TOO_LARGE,
        "body.too-slow" => return StatusCode::REQUEST_TIMEOUT,
        "body.media-type" => return StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "request.method" => return StatusCode::METHOD_NOT_ALLOWED,
        "idempotency.key-reused" => return StatusCode::UNPROCESSABLE_ENTITY,
        "request.head-too-large" => return StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        "request.uri-too-long" => return StatusCode::URI_TOO_LONG,
        "request.head-too-slow" => return StatusCode::REQUEST_TIMEOUT,
        "rate.exceeded" => return StatusCode::TOO_MANY_REQUESTS,
        _ => {}
    }
    match error.kind() {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Refused => StatusCode::CONFLICT,
        Kind::Stale => StatusCode::PRECONDITION_FAILED,
        Kind::Denied => StatusCode::FORBIDDEN,
        Kind::Limit => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Corrupt | Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The problem document of an error.
pub fn problem(error: &Error, trace_id: &str) -> Problem {
    let status = status(error);
    let version = error.details().iter().find(|d| d.pointer == "/version" && error.kind() == Kind::Stale);
    // What went wrong inside is in the log, under the trace id.
    let detail = match error.kind() {
        Kind::Internal => "something went wrong inside cmdb".to_owned(),
        _ => error.message().to_owned(),
    };
    let errors = error.details().iter();
    Problem {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        code: error.code().to_owned(),
        detail,
        hint: error.hint_text().filter(|h| !h.is_empty()).map(str::to_owned),
        version: version.and_then(|v| v.message.parse().ok()),
        errors: errors
            .map(|d| ProblemDetail { pointer: d.pointer.clone(), detail: d.message.clone() })
            .collect(),
        trace_id: trace_id.to_owned(),
    }
}

/// The whole answer to a request that failed.
pub fn reply(error: &Error, trace_id: &str) -> Reply {
    let problem = problem(error, trace_id);
    let status = status(error);
    let version = problem.version;
    let mut reply = Reply::json(&problem).status(status.as_u16()).media("application/problem+json");
    if let Some(version) = version {
        reply = reply.etag(version);
    }
    match status {
        StatusCode::UNAUTHORIZED => reply.header(header::WWW_AUTHENTICATE, "Bearer realm=\"cmdb\""),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
            reply.header(header::RETRY_AFTER, "1")
        }
        // What is left of the body is not going to be read.
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
            reply.header(HeaderName::from_static("connection"), "close")
        }
        _ => reply,
    }
}
