//! One route: what it answers to, who may use it, what it takes and what it gives.

use crate::call::Call;
use crate::reply::Reply;
use axum::http::Method;
use cmdb_core::Result;
use cmdb_core::command::Right;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

/// Answers one request; runs on a blocking thread.
pub type Handler = fn(Call) -> Result<Reply>;

/// Body of an ordinary request at most.
pub const JSON_BYTES_MAX: u64 = 4 << 20;
/// Files of one import at most.
pub const UPLOAD_BYTES_MAX: u64 = 16 << 30;

/// Everything the server knows about a route.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub right: Right,
    /// Unique; the operation id of the API's description and the route's name in metrics.
    pub id: &'static str,
    pub summary: &'static str,
    pub params: Vec<Param>,
    pub body: Body,
    pub lane: Lane,
    pub answer: Answer,
    pub handler: Handler,
    pub(crate) schemas: Vec<(String, RefOr<Schema>)>,
}

/// A parameter in the query or the path.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    pub name: &'static str,
    pub kind: ParamKind,
    pub description: &'static str,
}

/// How a parameter reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    Text,
    /// Stated several times for several values.
    Texts,
    Number,
    Flag,
}

/// What a route takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    None,
    /// A JSON document of this schema.
    Json(String),
    /// Text or JSON, read by the handler.
    Text,
    /// One file as the body, or several as `multipart/form-data`.
    Upload,
}

/// Which of the bounded pools a route's work counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Answers from memory; costs nothing to let in.
    Quick,
    /// Computes.
    Read,
    /// Waits for the writer.
    Write,
    /// May take as long as its client is slow.
    Stream,
}

/// What a route gives when all is well.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub media: &'static str,
    /// Name of its schema, where it is JSON.
    pub schema: Option<String>,
}

impl Route {
    fn new(method: Method, path: &'static str, id: &'static str, right: Right, handler: Handler) -> Route {
        Route {
            method,
            path,
            right,
            id,
            summary: "",
            params: Vec::new(),
            body: Body::None,
            lane: Lane::Read,
            answer: Answer { status: 200, media: "application/json", schema: None },
            handler,
            schemas: Vec::new(),
        }
    }
    /// A question about the inventory: takes `at` and `min_position`.
    pub fn read(path: &'static str, id: &'static str, handler: Handler) -> Route {
        Route::new(Method::GET, path, id, Right::Read, handler)
            .param(
                "at",
                ParamKind::Text,
                "position, RFC 3339 time or baseline to answer for; the newest if not stated",
            )
            .min_position()
            .on_proposals()
    }
    /// Takes `proposal`: runs on the state as the planned edits of a change would make it.
    pub fn on_proposals(self) -> Route {
        self.text("proposal", "REF of a change whose planned edits are laid over the state first")
    }
    pub fn get(path: &'static str, id: &'static str, right: Right, handler: Handler) -> Route {
        Route::new(Method::GET, path, id, right, handler)
    }
    pub fn post(path: &'static str, id: &'static str, right: Right, handler: Handler) -> Route {
        Route::new(Method::POST, path, id, right, handler).lane(Lane::Write)
    }
    pub fn patch(path: &'static str, id: &'static str, right: Right, handler: Handler) -> Route {
        Route::new(Method::PATCH, path, id, right, handler).lane(Lane::Write)
    }
    pub fn put(path: &'static str, id: &'static str, right: Right, handler: Handler) -> Route {
        Route::new(Method::PUT, path, id, right, handler).lane(Lane::Write)
    }
    pub fn delete(path: &'static str, id: &'static str, right: Right, handler: Handler) -> Route {
        Route::new(Method::DELETE, path, id, right, handler).lane(Lane::Write)
    }
    pub fn summary(mut self, summary: &'static str) -> Route {
        self.summary = summary;
        self
    }
    pub fn lane(mut self, lane: Lane) -> Route {
        self.lane = lane;
        self
    }
    pub fn param(mut self, name: &'static str, kind: ParamKind, description: &'static str) -> Route {
        self.params.push(Param { name, kind, description });
        self
    }
    pub fn text(self, name: &'static str, description: &'static str) -> Route {
        self.param(name, ParamKind::Text, description)
    }
    pub fn flag(self, name: &'static str, description: &'static str) -> Route {
        self.param(name, ParamKind::Flag, description)
    }
    pub fn number(self, name: &'static str, description: &'static str) -> Route {
        self.param(name, ParamKind::Number, description)
    }
    fn min_position(self) -> Route {
        self.number(
            "min_position",
            "answer from a state that contains this position, waiting for it if need be",
        )
    }
    /// Takes `limit` and `cursor`.
    pub fn paged(self) -> Route {
        self.text("limit", "rows of one page; 100 if not stated, at most 10000")
            .text("cursor", "where the page begins")
    }
    /// Takes a JSON body.
    pub fn takes<T: ToSchema>(mut self) -> Route {
        self.body = Body::Json(self.note::<T>());
        self
    }
    pub fn takes_text(mut self) -> Route {
        self.body = Body::Text;
        self
    }
    pub fn takes_files(mut self) -> Route {
        self.body = Body::Upload;
        self
    }
    /// Answers with JSON of this schema.
    pub fn gives<T: ToSchema>(mut self) -> Route {
        self.answer.schema = Some(self.note::<T>());
        self
    }
    pub fn status(mut self, status: u16) -> Route {
        self.answer.status = status;
        self
    }
    pub fn media(mut self, media: &'static str) -> Route {
        self.answer.media = media;
        self
    }
    /// Remembers a schema and all that it refers to; its name.
    fn note<T: ToSchema>(&mut self) -> String {
        T::schemas(&mut self.schemas);
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::name().into_owned()
    }
    /// The names in braces.
    pub fn path_params(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}
