//! From an HTTP request to a handler and back: who asks, may they, what do they send, and how it ended.

use crate::app::App;
use crate::call::{Call, now_ms, random};
use crate::caller::{Caller, identify};
use crate::reply::{Content, Reply};
use crate::route::{Body as BodyKind, JSON_BYTES_MAX, Lane, ParamKind, Route, UPLOAD_BYTES_MAX};
use crate::upload::{LocalFiles, Uploads};
use crate::{problem, routes, stream, upload};
use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{DefaultBodyLimit, RawPathParams, Request};
use axum::http::{HeaderMap, HeaderValue, Method, Response, header};
use axum::routing::{MethodFilter, on};
use bytes::Bytes;
use cmdb_core::command::{Right, access};
use cmdb_core::graph::Records;
use cmdb_core::model::principal::{Principal, Role};
use cmdb_core::store::embedded::AuditRecord;
use cmdb_core::{Error, Kind, Result, error};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;

/// Longest query of a URL, in bytes.
const QUERY_BYTES_MAX: usize = 16 * 1024;

type Params = std::result::Result<RawPathParams, RawPathParamsRejection>;

/// The whole API as a service; the command line calls it in-process.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for (index, route) in routes::table().iter().enumerate() {
        let app = app.clone();
        let handler =
            move |params: Params, request: Request| handle(app.clone(), Some(index), params.ok(), request);
        let filter = MethodFilter::try_from(route.method.clone()).unwrap_or(MethodFilter::GET);
        router = router.route(route.path, on(filter, handler));
    }
    let (unknown, wrong) = (app.clone(), app);
    let wrong_method = move |request: Request| handle(wrong.clone(), None, None, request);
    router = router.method_not_allowed_fallback(wrong_method);
    // Bodies are bounded route by route (`upload`), files much higher than axum's own two megabytes.
    let api = router.layer(DefaultBodyLimit::disable());
    #[cfg(feature = "ui")]
    let page = api.clone();
    api.fallback(move |request: Request| {
        let unknown = unknown.clone();
        #[cfg(feature = "ui")]
        let page = page.clone();
        async move {
            #[cfg(feature = "ui")]
            if crate::page::takes(&request) {
                return crate::page::answer(page, request).await;
            }
            handle(unknown, None, None, request).await
        }
    })
}

/// Everything about a request that outlives its body.
struct Asked {
    method: Method,
    path: String,
    id: String,
    started: Instant,
    caller: Option<Caller>,
}

async fn handle(
    app: Arc<App>,
    route: Option<usize>,
    params: Option<RawPathParams>,
    request: Request,
) -> Response<Body> {
    let asked = Asked {
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        id: request_id(request.headers()),
        started: Instant::now(),
        caller: request.extensions().get().cloned(),
    };
    let in_flight = app.metrics.begin();
    let mut actor = None;
    let outcome = match route.and_then(|i| routes::table().get(i)) {
        Some(route) => answer(&app, route, params, request, &asked, &mut actor).await,
        None => Err(no_route(&request)),
    };
    let (reply, permit) = match outcome {
        Ok(answered) => answered,
        Err(error) => {
            note_refusal(&app, route, &asked, actor.as_deref(), &error);
            (problem::reply(&error, &asked.id), None)
        }
    };
    let response = respond(&app, reply, permit, &asked);
    app.metrics.end(in_flight, route, response.status(), asked.started.elapsed());
    log(route, &asked, actor.as_deref(), response.status().as_u16());
    response
}

type Answered = (Reply, Option<OwnedSemaphorePermit>);

async fn answer(
    app: &Arc<App>,
    route: &'static Route,
    params: Option<RawPathParams>,
    request: Request,
    asked: &Asked,
    actor: &mut Option<String>,
) -> Result<Answered> {
    let principal = match route.right {
        Right::Open => Principal { name: "anonymous".into(), role: Role::Viewer },
        right => {
            let principal = identify(app, asked.caller.as_ref(), request.headers())?;
            *actor = Some(principal.name.to_string());
            access::check(&principal, right)?;
            principal
        }
    };
    let query = read_query(route, request.uri().query().unwrap_or(""))?;
    let params =
        params.ok_or_else(|| Error::invalid("request.path", "the path is not UTF-8 once decoded"))?;
    let path = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let (body, uploads) = read_body(app, route, request, asked).await?;
    let permit = app.lanes.enter(route.lane).await?;
    let cancelled = Arc::new(AtomicBool::new(false));
    let mut gone = Gone(Some(cancelled.clone()));
    let request_id = asked.id.clone();
    let (app_of_call, method) = (app.clone(), asked.method.clone());
    let call = Call {
        app: app_of_call,
        principal,
        caller: asked.caller.clone(),
        method,
        uri,
        headers,
        query,
        path,
        body,
        uploads,
        request_id,
        cancelled,
    };
    let answered = match route.lane {
        Lane::Quick => (route.handler)(call),
        Lane::Read | Lane::Write | Lane::Stream => {
            let answering = tokio::task::spawn_blocking(move || (route.handler)(call));
            answering.await.map_err(|e| {
                Error::new(Kind::Internal, "server.panic", "a handler stopped unexpectedly").caused_by(e)
            })?
        }
    };
    // Answered: whoever goes now cancels nothing.
    gone.0 = None;
    // That something is not found, too, may rest on records that are lost.
    if route.right != Right::Open {
        app.sound()?;
    }
    Ok((answered?, permit))
}

/// Tells a handler that its client has gone: the future was dropped before it was answered.
struct Gone(Option<Arc<AtomicBool>>);

impl Drop for Gone {
    fn drop(&mut self) {
        if let Some(cancelled) = &self.0 {
            cancelled.store(true, Ordering::Relaxed);
        }
    }
}

fn read_query(route: &Route, query: &str) -> Result<Vec<(String, String)>> {
    if query.len() > QUERY_BYTES_MAX {
        return Err(Error::limit("request.query", format!("a query has at most {QUERY_BYTES_MAX} bytes")));
    }
    let mut out = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let known = route.params.iter().find(|p| p.name == name).ok_or_else(|| {
            let hint = error::did_you_mean(&name, route.params.iter().map(|p| p.name));
            let names: Vec<&str> = route.params.iter().map(|p| p.name).collect();
            Error::invalid("request.unknown-parameter", format!("there is no parameter \"{name}\" here"))
                .detail(format!("/query/{name}"), "unknown parameter")
                .hint(hint.unwrap_or_else(|| format!("known: {}", names.join(", "))))
        })?;
        if known.kind == ParamKind::Number && value.parse::<u64>().is_err() {
            let message = format!("{name} \"{value}\" is not a whole number");
            return Err(crate::call::parameter(&name, message));
        }
        if value.contains('\0') {
            return Err(crate::call::parameter(&name, format!("{name} holds a NUL")));
        }
        out.push((name.into_owned(), value.into_owned()));
    }
    Ok(out)
}

async fn read_body(app: &App, route: &Route, request: Request, asked: &Asked) -> Result<(Bytes, Uploads)> {
    let none = Uploads::default();
    let limit = if route.body == BodyKind::Upload { UPLOAD_BYTES_MAX } else { JSON_BYTES_MAX };
    upload::check_length(request.headers(), limit)?;
    match &route.body {
        // Read all the same: what is left of it would be taken for the next request, and the connection ended.
        BodyKind::None => upload::collect(request.into_body(), limit).await.map(|_| (Bytes::new(), none)),
        BodyKind::Json(_) => {
            refuse_other_media(request.headers())?;
            Ok((upload::collect(request.into_body(), limit).await?, none))
        }
        BodyKind::Text => Ok((upload::collect(request.into_body(), limit).await?, none)),
        BodyKind::Upload => {
            let local = request.extensions().get::<LocalFiles>().cloned();
            match (local, &asked.caller) {
                (Some(files), Some(Caller::Local { .. })) => Ok((Bytes::new(), Uploads::local(files))),
                _ => Ok((Bytes::new(), upload::spool(request, app.spool.as_deref()).await?)),
            }
        }
    }
}

fn refuse_other_media(headers: &HeaderMap) -> Result<()> {
    let Some(media) = headers.get(header::CONTENT_TYPE).map(|v| v.to_str().unwrap_or("?")) else {
        return Ok(());
    };
    let essence = media.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if essence == "application/json" || essence.ends_with("+json") {
        return Ok(());
    }
    Err(Error::invalid("body.media-type", format!("the body is {essence:?}; this takes application/json")))
}

fn no_route(request: &Request) -> Error {
    let path = request.uri().path();
    let here = routes::table().iter().filter(|r| routes::matches(r.path, path));
    let allowed: Vec<&str> = here.map(|r| r.method.as_str()).collect();
    match allowed.is_empty() {
        true => Error::not_found("request.path", "there is nothing under this path")
            .hint("/api/v1/openapi.json lists what there is"),
        false => Error::invalid("request.method", format!("{} is not possible here", request.method()))
            .hint(format!("possible: {}", allowed.join(", "))),
    }
}

fn respond(
    app: &Arc<App>,
    mut reply: Reply,
    permit: Option<OwnedSemaphorePermit>,
    asked: &Asked,
) -> Response<Body> {
    let position = reply.position().or_else(|| app.cmdb().ok().map(|c| c.snapshot().position()));
    if let Some(position) = position {
        reply = reply.header(header::HeaderName::from_static("x-cmdb-position"), position.to_string());
    }
    let mut response = reply.into_response(|content| match content {
        Content::Bytes(bytes) => Body::from(bytes),
        Content::Async(body) => body,
        Content::Written(writer) => {
            let app = app.clone();
            let believed = move |out: &mut dyn Write| {
                writer(out)?;
                app.sound().map_err(std::io::Error::other)
            };
            stream::body(Box::new(believed), permit)
        }
    });
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&asked.id) {
        headers.insert("x-request-id", id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A document among the answers (a drawing, say) loads and runs nothing when it is opened by itself.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The client's own id if it is harmless, else a fresh one.
fn request_id(headers: &HeaderMap) -> String {
    let plain = |id: &str| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    match headers.get("x-request-id").and_then(|v| v.to_str().ok()).filter(|id| plain(id)) {
        Some(id) => id.to_owned(),
        None => fresh_id(),
    }
}

/// An id for a request that brings none.
pub(crate) fn fresh_id() -> String {
    format!("{:016x}", u64::from_le_bytes(random().unwrap_or_default()))
}

/// Denied and refused attempts go to the audit stream.
fn note_refusal(app: &App, route: Option<usize>, asked: &Asked, actor: Option<&str>, error: &Error) {
    if matches!(error.kind(), Kind::Internal | Kind::Corrupt) {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        tracing::error!(id = asked.id, code = error.code(), message = error.message(), ?cause, "failed");
    }
    if !matches!(error.kind(), Kind::Denied | Kind::Refused) {
        return;
    }
    let Ok(cmdb) = app.cmdb() else { return };
    let action = route.and_then(|i| routes::table().get(i)).map_or("unknown", |r| r.id);
    app.audit.note(
        cmdb,
        AuditRecord {
            time_ms: now_ms(),
            actor: actor.unwrap_or("anonymous").into(),
            action: action.into(),
            code: error.code().into(),
            message: error.message().into(),
        },
    );
}

fn log(route: Option<usize>, asked: &Asked, actor: Option<&str>, status: u16) {
    let route = route.and_then(|i| routes::table().get(i)).map_or("unknown", |r| r.id);
    let elapsed_us = asked.started.elapsed().as_micros() as u64;
    // Debug formatting escapes whatever could break a line or a terminal.
    tracing::info!(id = asked.id, method = ?asked.method, path = ?asked.path, route, status, elapsed_us, ?actor);
}

/// Whether anybody but the local caller is known; from then on only loopback may be listened on without a token.
pub fn anyone_known(app: &App) -> bool {
    app.cmdb()
        .is_ok_and(|cmdb| cmdb_core::command::principal::anyone_known(&*cmdb.snapshot() as &dyn Records))
}
