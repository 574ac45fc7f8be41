//! Alive, ready, counted, described: what needs no principal.

use crate::call::Call;
use crate::openapi;
use crate::reply::Reply;
use crate::route::{Lane, Route};
use cmdb_core::Result;
use cmdb_core::command::Right;

pub fn live() -> Route {
    let handler = |_: Call| Ok(Reply::bytes("text/plain; charset=utf-8", "ok\n"));
    Route::get("/healthz", "healthz", Right::Open, handler)
        .summary("The process is alive")
        .media("text/plain")
        .lane(Lane::Quick)
}

pub fn ready() -> Route {
    let handler = |call: Call| {
        call.app.cmdb()?;
        Ok(Reply::bytes("text/plain; charset=utf-8", "ready\n"))
    };
    Route::get("/readyz", "readyz", Right::Open, handler)
        .summary("The inventory is loaded and questions are answered; 503 until then")
        .media("text/plain")
        .lane(Lane::Quick)
}

pub fn metrics() -> Route {
    let handler = |call: Call| {
        let text = call.app.metrics.render(&call.app);
        Ok(Reply::bytes("text/plain; version=0.0.4; charset=utf-8", text))
    };
    // Sizes and traffic are nobody's business without a right to read.
    Route::get("/metrics", "metrics", Right::Read, handler)
        .summary("Counters for Prometheus")
        .media("text/plain")
        .lane(Lane::Quick)
}

pub fn description() -> Route {
    fn handler(_: Call) -> Result<Reply> {
        Ok(Reply::bytes("application/json", openapi::document()))
    }
    Route::get("/api/v1/openapi.json", "openapi", Right::Open, handler)
        .summary("This description")
        .lane(Lane::Quick)
}
