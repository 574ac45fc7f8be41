//! The API in this process: the very same router, called without a socket.

use super::{Answer, Body, PLANS_FOLDER, Request};
use crate::failure::Failure;
use axum::Router;
use axum::body::Bytes;
use cmdb_core::store::Location;
use cmdb_server::outbound::Allowed;
use cmdb_server::{App, Caller, LocalFiles};
use futures_util::StreamExt;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// An open folder and the router over it.
pub struct Local {
    runtime: Runtime,
    router: Router,
    caller: Caller,
}

impl Local {
    pub fn open(
        folder: &Path,
        create: bool,
        principal: Option<&str>,
        allowed: Allowed,
    ) -> Result<Local, Failure> {
        let location = Location::Folder(folder.to_owned());
        let cmdb = match create {
            true => crate::folder::open_or_create(location, false)?,
            false => cmdb_core::Cmdb::open(location)?,
        };
        let app = App::new(Arc::new(cmdb)).with_plans(folder.join(PLANS_FOLDER));
        app.allow_outbound(allowed);
        Local::with(app, principal)
    }
    /// The router over an inventory that is already open.
    pub fn over(cmdb: cmdb_core::Cmdb, principal: Option<&str>) -> Result<Local, Failure> {
        Local::with(App::new(Arc::new(cmdb)), principal)
    }
    fn with(app: App, principal: Option<&str>) -> Result<Local, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let _inside = runtime.enter();
        let router = cmdb_server::router(Arc::new(app));
        drop(_inside);
        Ok(Local { runtime, router, caller: Caller::Local { as_name: principal.map(str::to_owned) } })
    }
    pub fn send(&self, request: Request) -> Result<Answer, Failure> {
        let mut builder = axum::http::Request::builder().method(request.method).uri(&request.path);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let body = match request.body {
            Body::Empty => axum::body::Body::empty(),
            Body::Json(value) => {
                builder = builder.header("content-type", "application/json");
                axum::body::Body::from(value.to_string())
            }
            Body::Bytes(kind, bytes) => {
                builder = builder.header("content-type", kind);
                axum::body::Body::from(bytes)
            }
            // Named instead of sent: the router reads them where they are.
            Body::Files(upload) => {
                let named =
                    upload.files.iter().map(|path| (path.to_string_lossy().into_owned(), path.clone()));
                builder = builder.extension(LocalFiles(named.collect()));
                axum::body::Body::empty()
            }
        };
        let mut request =
            builder.body(body).map_err(|e| Failure::usage(format!("the request cannot be made: {e}")))?;
        request.extensions_mut().insert(self.caller.clone());
        let answer = self.runtime.block_on(self.router.clone().oneshot(request));
        let (parts, body) = match answer {
            Ok(answer) => answer.into_parts(),
            Err(never) => match never {},
        };
        let headers = parts
            .headers
            .iter()
            .filter_map(|(n, v)| Some((n.to_string(), v.to_str().ok()?.to_owned())))
            .collect();
        let reader = BodyReader {
            handle: self.runtime.handle().clone(),
            body: body.into_data_stream(),
            rest: Bytes::new(),
        };
        Ok(Answer { status: parts.status.as_u16(), headers, body: Box::new(reader) })
    }
}

/// A response's body, read by blocking.
struct BodyReader {
    handle: tokio::runtime::Handle,
    body: axum::body::BodyDataStream,
    rest: Bytes,
}

impl Read for BodyReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.handle.block_on(self.body.next()) {
                None => return Ok(0),
                Some(Ok(chunk)) => self.rest = chunk,
                Some(Err(e)) => return Err(io::Error::other(e)),
            }
        }
        let n = out.len().min(self.rest.len());
        out[..n].copy_from_slice(&self.rest.split_to(n));
        Ok(n)
    }
}
