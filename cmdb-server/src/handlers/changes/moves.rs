//! The moves of a change, one route each.

use super::carry_out;
use crate::api::changes::{ChangeNote, ChangeView, EndingNote};
use crate::call::Call;
use crate::convert::reference;
use crate::queries::LanguageQueries;
use crate::reply::Reply;
use crate::route::{Handler, Route};
use cmdb_core::command::program::Program;
use cmdb_core::command::{Reference, Right, resolve};
use cmdb_core::graph::Records;
use cmdb_core::model::{Position, SmolStr};
use cmdb_core::process::change::carry_out::{EndChange, Ending, ScheduleChange, StartChange};
use cmdb_core::process::change::delivery::{Delivered, LinkedEdit, delivered, scope};
use cmdb_core::process::change::moves::CancelChange;
use cmdb_core::process::change::record::ChangeRecord;
use cmdb_core::process::change::review::{CloseChange, ReviewChange};
use cmdb_core::process::change::submit::{AssessChange, SubmitChange};
use cmdb_core::process::change::vote::{ApproveChange, RejectChange};
use cmdb_core::process::fields::get;
use cmdb_core::process::queries::Queries;
use cmdb_core::{Kind, Result};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// How often ending a change is tried anew when the inventory moves meanwhile.
const ATTEMPTS: usize = 20;
/// Entries of one item that are linked to a change.
const HISTORY_MAX: usize = 1_000;

fn move_route(path: &'static str, id: &'static str, right: Right, handler: Handler) -> Route {
    Route::post(path, id, right, handler).takes::<ChangeNote>().gives::<ChangeView>()
}

/// The body of a move; none says nothing.
fn words<T: DeserializeOwned + Default>(call: &Call) -> Result<T> {
    if call.body.iter().all(u8::is_ascii_whitespace) { Ok(T::default()) } else { call.json() }
}

/// Makes a move out of the change, the note and the language.
fn go(
    call: &Call,
    make: impl FnOnce(Reference, SmolStr, Arc<dyn Queries>) -> Arc<dyn Program>,
) -> Result<Reply> {
    let body: ChangeNote = words(call)?;
    let queries = LanguageQueries::over(call.app.cmdb()?);
    Ok(carry_out(call, make(reference(call.path("ref")), body.note.into(), queries))?.1)
}

pub fn assess() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        go(&call, |change, _, queries| Arc::new(AssessChange { change, queries }))
    }
    move_route("/api/v1/changes/{ref}/assess", "assess_change", Right::Edit, handler)
        .summary("Freezes what the change does, and how risky it is, in its record")
}

pub fn submit() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        go(&call, |change, note, queries| Arc::new(SubmitChange { change, note, queries }))
    }
    move_route("/api/v1/changes/{ref}/submit", "submit_change", Right::Edit, handler).summary(
        "Assesses the change and hands it in; a standard change within its model is approved by that",
    )
}

pub fn approve() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let if_version = call.if_match()?;
        go(&call, |change, note, queries| Arc::new(ApproveChange { change, if_version, note, queries }))
    }
    move_route("/api/v1/changes/{ref}/approve", "approve_change", Right::Approve, handler).summary(
        "Agrees to the change; nobody decides on their own. With If-Match, only to the version that was read",
    )
}

pub fn reject() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let if_version = call.if_match()?;
        go(&call, |change, note, queries| Arc::new(RejectChange { change, if_version, note, queries }))
    }
    move_route("/api/v1/changes/{ref}/reject", "reject_change", Right::Approve, handler)
        .summary("Decides against the change. With If-Match, only on the version that was read")
}

pub fn schedule() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        go(&call, |change, note, queries| Arc::new(ScheduleChange { change, note, queries }))
    }
    move_route("/api/v1/changes/{ref}/schedule", "schedule_change", Right::Edit, handler)
        .summary("Puts an approved change on the schedule")
}

pub fn start() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        go(&call, |change, note, queries| Arc::new(StartChange { change, note, queries }))
    }
    move_route("/api/v1/changes/{ref}/start", "start_change", Right::Edit, handler)
        .summary("Begins the change; the state before it becomes a baseline")
}

pub fn finish() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: EndingNote = words(&call)?;
        let ending = body.outcome.as_deref().map_or(Ok(Ending::Successful), Ending::parse)?;
        end(&call, ending, &body.note)
    }
    Route::post("/api/v1/changes/{ref}/finish", "finish_change", Right::Edit, handler)
        .summary("Ends the change: what was done is compared with what was planned")
        .takes::<EndingNote>()
        .gives::<ChangeView>()
}

pub fn back_out() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: ChangeNote = words(&call)?;
        end(&call, Ending::BackedOut, &body.note)
    }
    move_route("/api/v1/changes/{ref}/back-out", "back_out_change", Right::Edit, handler)
        .summary("Notes that the change was undone")
}

pub fn review() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        go(&call, |change, note, _| Arc::new(ReviewChange { change, note }))
    }
    move_route("/api/v1/changes/{ref}/review", "review_change", Right::Edit, handler)
        .summary("Notes what came of the change: services predicted and services that suffered")
}

pub fn close() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        go(&call, |change, note, _| Arc::new(CloseChange { change, note }))
    }
    move_route("/api/v1/changes/{ref}/close", "close_change", Right::Edit, handler)
        .summary("Ends a change that was looked back upon")
}

pub fn cancel() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        go(&call, |change, note, _| Arc::new(CancelChange { change, note }))
    }
    move_route("/api/v1/changes/{ref}/cancel", "cancel_change", Right::Edit, handler)
        .summary("Ends the change before it was begun")
}

/// Ends a change with what the log says was done; once more where the inventory moved meanwhile.
fn end(call: &Call, ending: Ending, note: &str) -> Result<Reply> {
    let queries = LanguageQueries::over(call.app.cmdb()?);
    let mut attempts = 0;
    loop {
        let delivered = what_was_done(call, &*queries)?;
        let change = reference(call.path("ref"));
        let program = Arc::new(EndChange { change, note: note.into(), ending, delivered });
        match carry_out(call, program) {
            Err(e) if e.kind() == Kind::Stale && attempts < ATTEMPTS => attempts += 1,
            done => return Ok(done?.1),
        }
    }
}

fn what_was_done(call: &Call, queries: &dyn Queries) -> Result<Delivered> {
    let cmdb = call.app.cmdb()?;
    let after = cmdb.snapshot();
    let number = resolve(&*after, call.path("ref"))?;
    let record = ChangeRecord::read(&*after, number)?;
    let from = record.delivery.as_ref().and_then(|d| get(d, "from")).and_then(|v| v.as_integer());
    let Some(from) = from.and_then(|p| u64::try_from(p).ok()) else {
        // Never started; the move itself says so.
        return Ok(Delivered { upto: after.position(), value: cmdb_core::model::Value::Map(Vec::new()) });
    };
    let before = cmdb.at(Position(from))?;
    // As it was decided on: what is removed while it runs is in no relationship any more.
    let begun = record.delivery;
    let record = ChangeRecord { delivery: begun, ..ChangeRecord::read(&*before, number)? };
    let (items, _) = scope(&before, &record, queries)?;
    let mut edits = Vec::new();
    for item in items.into_iter().filter(|item| after.exists(*item)) {
        for entry in cmdb.history(item, HISTORY_MAX)? {
            let touched =
                entry.item.is_some() || entry.relationships.iter().any(|r| r.after.identity.source == item);
            if entry.position.0 > from && entry.position <= after.position() && touched {
                edits.push(LinkedEdit {
                    position: entry.position,
                    at_ms: entry.time_ms,
                    actor: entry.actor,
                    message: entry.message,
                    item,
                });
            }
        }
    }
    delivered(&before, &after, &record, edits, queries)
}
