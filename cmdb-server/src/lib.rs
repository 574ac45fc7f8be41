//! The HTTP API: routes, authentication, problem+json, jobs and metrics over one [`cmdb_core::Cmdb`].
//!
//! Every route is one function and one line in [`routes::table`]; router, rights, OpenAPI and the authorisation
//! test all read that table. Handlers are synchronous and run on blocking threads, a bounded number at a time;
//! `async` is for sockets. The command line calls the same router in-process, with [`Caller::Local`] attached.

pub mod address;
pub mod ansible;
pub mod api;
pub mod app;
pub mod audit;
pub mod cab;
pub mod call;
pub mod caller;
pub mod convert;
pub mod cursor;
pub mod dispatch;
pub mod drawing;
mod drift;
pub mod exporting;
pub mod expression;
pub mod feeds;
pub mod filter;
pub mod gate_report;
pub mod handlers;
pub mod importing;
pub mod invariants;
pub mod jobs;
pub mod lanes;
mod markup;
pub mod metrics;
pub mod openapi;
pub mod outbound;
#[cfg(feature = "ui")]
mod page;
pub mod passwords;
pub mod plan_file;
mod planned_edits;
pub mod plans;
pub mod problem;
pub mod queries;
pub mod query;
pub mod rankings;
pub mod reply;
pub mod route;
pub mod routes;
pub mod search;
pub mod serve;
pub mod sessions;
pub mod sightings;
pub mod stream;
pub mod upload;
pub mod watch;
pub mod webhooks;
pub mod window;

pub use app::App;
pub use caller::Caller;
pub use dispatch::router;
pub use serve::{ServeOptions, serve};
pub use upload::LocalFiles;
