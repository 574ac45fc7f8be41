//! A server on a temporary folder, and requests to it.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request};
use cmdb_core::Cmdb;
use cmdb_core::command::Context;
use cmdb_core::engine::Founding;
use cmdb_core::model::principal::Principal;
use cmdb_core::model::{CommitId, IdKey, LogId};
use cmdb_core::store::Location;
use cmdb_server::{App, Caller, router};
use http_body_util::BodyExt;
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

pub struct Server {
    pub runtime: Runtime,
    pub app: Arc<App>,
    pub cmdb: Arc<Cmdb>,
    pub _folder: TempDir,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
    /// Its JSON, if the status is as expected.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        if self.bytes.is_empty() { Value::Null } else { self.json() }
    }
    /// A problem of this code.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["trace_id"], self.header("x-request-id"));
        problem
    }
}

pub struct Asking<'s> {
    server: &'s Server,
    request: axum::http::request::Builder,
    caller: Option<Caller>,
    body: Body,
}

impl Asking<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }
    pub fn token(self, token: &str) -> Self {
        let mut asking = self.header("authorization", &format!("Bearer {token}"));
        asking.caller = Some(Caller::Remote(([203, 0, 113, 9], 4711).into()));
        asking
    }
    pub fn caller(mut self, caller: Option<Caller>) -> Self {
        self.caller = caller;
        self
    }
    pub fn json(self, json: Value) -> Self {
        let mut asking = self.header("content-type", "application/json");
        asking.body = Body::from(json.to_string());
        asking
    }
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }
    pub fn send(self) -> Answer {
        let mut request = self.request.body(self.body).unwrap();
        if let Some(caller) = self.caller {
            request.extensions_mut().insert(caller);
        }
        self.server.runtime.block_on(async {
            let response = router(self.server.app.clone()).oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let bytes = body.collect().await.unwrap().to_bytes().to_vec();
            Answer { status: parts.status.as_u16(), headers: parts.headers, bytes }
        })
    }
}

impl Server {
    pub fn new() -> Server {
        Server::with_id_key([7; 16])
    }
    pub fn with_id_key(key: [u8; 16]) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let founding = Founding { log: LogId([1; 16]), id_key: IdKey(key), open_schema: false };
        let context = Context {
            principal: Principal::local(),
            time_ms: 1_790_000_000_000,
            commit: CommitId([3; 16]),
            salt: [4; 16],
            message: "".into(),
        };
        let location = Location::Folder(folder.path().join("data"));
        let cmdb = Arc::new(Cmdb::create(location, founding, &context).unwrap());
        let app = Arc::new(App::new(cmdb.clone()));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Server { runtime, app, cmdb, _folder: folder }
    }
    /// The small shop, imported over HTTP.
    pub fn with_shop() -> Server {
        let server = Server::new();
        let form = form(&[
            ("items.csv", &shop_file("items.csv")),
            ("relationships.csv", &shop_file("relationships.csv")),
        ]);
        let report = server
            .ask(Method::POST, "/api/v1/imports?source=shop")
            .header("content-type", "multipart/form-data; boundary=b0undary")
            .body(form)
            .send()
            .expect(200);
        assert_eq!(
            (&report["created"], &report["relationships"]["created"]),
            (&11.into(), &14.into()),
            "{report}"
        );
        server
    }
    pub fn ask(&self, method: Method, path: &str) -> Asking<'_> {
        Asking {
            server: self,
            request: Request::builder().method(method).uri(path),
            caller: Some(Caller::Local { as_name: None }),
            body: Body::empty(),
        }
    }
    pub fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).send()
    }
    pub fn post(&self, path: &str, json: Value) -> Answer {
        self.ask(Method::POST, path).json(json).send()
    }
}

pub fn shop_file(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/data/f1/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

pub fn form(files: &[(&str, &str)]) -> String {
    let part = |(name, text): &(&str, &str)| {
        format!(
            "--b0undary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n"
        )
    };
    let parts: String = files.iter().map(part).collect();
    parts + "--b0undary--\r\n"
}
