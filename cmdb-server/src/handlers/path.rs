//! How one item depends on another.

use crate::api;
use crate::call::Call;
use crate::convert::{item_ref, types};
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::Result;
use cmdb_core::analysis::path::{self, Hop, Question, Scratch};
use cmdb_core::analysis::reach::{Limits, TypeFilter};
use cmdb_core::command::resolve;
use cmdb_core::graph::{Records, Snapshot, View};
use cmdb_core::model::RelationshipNumber;
use std::cell::RefCell;
use std::time::Instant;

/// Paths listed where all are asked for and no limit is stated.
const PATHS_DEFAULT: usize = 10;
/// Paths listed at most.
const PATHS_MAX: usize = 1_000;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

pub fn path() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let from = snapshot.dense(resolve(&*snapshot, call.required("from")?)?);
        let to = snapshot.dense(resolve(&*snapshot, call.required("to")?)?);
        let all = call.flag("all")?;
        let limit = if all { call.number("limit")?.unwrap_or(PATHS_DEFAULT).clamp(1, PATHS_MAX) } else { 1 };
        let wanted = call.text("types").map(|_| types(&snapshot, call.words("types"))).transpose()?;
        let types = wanted.map(TypeFilter::of);
        let question = Question { from, to, limit, depth_max: call.number("depth")?, types: types.as_ref() };
        let limits = Limits { steps_max: None, cancelled: &call.cancelled };
        let started = Instant::now();
        let view = View::full(&snapshot);
        let found = SCRATCH.with_borrow_mut(|scratch| path::paths(view, &question, &limits, scratch));
        let elapsed_us = started.elapsed().as_micros() as u64;
        let hops = |path: &Vec<Hop>| path.iter().map(|h| hop(&snapshot, h)).collect::<Result<Vec<_>>>();
        let answer = api::PathAnswer {
            position: snapshot.position().0,
            length: found.length,
            hops: found.paths.first().map(hops).transpose()?.unwrap_or_default(),
            paths: all.then(|| found.paths.iter().map(hops).collect::<Result<_>>()).transpose()?,
            complete: all.then_some(found.complete),
            elapsed_us,
        };
        Ok(Reply::json(&answer).at(snapshot.position()))
    }
    Route::read("/api/v1/path", "path", handler)
        .summary("The shortest chain of dependencies from one item to another; `length` is null where there is none")
        .text("from", "REF of the dependent end")
        .text("to", "REF of the dependency end")
        .flag("all", "list all shortest paths")
        .number("limit", "paths listed; 10 if not stated, at most 1000")
        .number("depth", "longest path of interest, in hops")
        .text("types", "relationship types to follow, separated by commas")
        .gives::<api::PathAnswer>()
}

/// From the dependent to its dependency, whichever way the relationship runs.
pub fn hop(snapshot: &Snapshot, hop: &Hop) -> Result<api::Hop> {
    let record = snapshot.relationship(RelationshipNumber(hop.relationship))?;
    let relationship = record.map_or("", |r| snapshot.names().text(r.identity.kind)).to_owned();
    let (source, target) = (item_ref(snapshot, hop.source), item_ref(snapshot, hop.target));
    Ok(api::Hop { source, relationship, target })
}
