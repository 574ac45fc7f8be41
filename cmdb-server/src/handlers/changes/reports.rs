//! Over all changes: edits that none of them covers, and how good their predictions were.

use crate::api::changes::{ForecastAccuracy, ReliabilityBin, UnauthorisedEdit, UnauthorisedEdits};
use crate::call::{Call, parameter};
use crate::convert::{item_ref, timestamp};
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::Position;
use cmdb_core::model::temporal::Instant;
use cmdb_core::process::change::policy::Policy;
use cmdb_core::process::change::record;
use cmdb_core::process::change::review;
use cmdb_core::process::change::unauthorised::{ENTRIES_MAX, FINDINGS_MAX, Logged, Unauthorised, find};
use cmdb_core::process::fields::millis;
use cmdb_core::{Cmdb, Error, Result};
use std::sync::Arc;

/// Edits that no change covers, newest first, on the state at the end of the time asked about.
pub(crate) struct Edits {
    pub snapshot: Arc<Snapshot>,
    pub last: Position,
    pub found: Vec<Unauthorised>,
}

/// Looks through the log between two times, in milliseconds since 1970.
///
/// # Errors
/// `change.period` if it holds more entries than are looked at.
pub(crate) fn edits_between(cmdb: &Cmdb, from_ms: i64, to_ms: i64) -> Result<Edits> {
    let (store, newest) = (cmdb.store()?, cmdb.snapshot());
    let first = if from_ms == i64::MIN { Position(1) } else { store.position_at(from_ms)?.max(Position(1)) };
    let last = if to_ms == i64::MAX { newest.position() } else { store.position_at(to_ms)? };
    if last.0.saturating_sub(first.0) > ENTRIES_MAX {
        let message = format!("the period holds {} entries; {ENTRIES_MAX} are looked at", last.0 - first.0);
        return Err(Error::limit("change.period", message).hint("ask for a shorter period with from and to"));
    }
    let snapshot = cmdb.at(last.max(Position(1)))?;
    let policy = Policy::in_force(newest.settings())?;
    let entries = (first.0 + 1..=last.0).rev().map(Position).map(|position| {
        let header = store.header(position)?;
        let header =
            header.ok_or_else(|| Error::not_found("position.unknown", format!("no entry {position}")))?;
        Ok(Logged {
            position,
            time_ms: header.time_ms,
            actor: header.actor,
            message: header.message,
            undo: store.undo(position)?,
        })
    });
    let found = find(&snapshot, &record::all(&newest)?, &policy, entries)?;
    Ok(Edits { snapshot, last, found })
}

pub fn unauthorised() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let (from_ms, to_ms) = span(&call)?;
        let Edits { snapshot, last, found } = edits_between(call.app.cmdb()?, from_ms, to_ms)?;
        let count = found.len() as u64;
        let edits = found.into_iter().take(FINDINGS_MAX).map(|one| UnauthorisedEdit {
            position: one.position.0,
            at: timestamp(one.time_ms),
            actor: one.actor.to_string(),
            message: one.message.to_string(),
            item: item_ref(&snapshot, snapshot.dense(one.item)),
            fields: one.fields.iter().map(ToString::to_string).collect(),
        });
        let answer = UnauthorisedEdits { position: last.0, count, edits: edits.collect() };
        Ok(Reply::json(&answer).at(snapshot.position()))
    }
    Route::get(
        "/api/v1/changes/unauthorised",
        "list_unauthorised_edits",
        cmdb_core::command::Right::Read,
        handler,
    )
    .summary("Edits of controlled items that no change covers, newest first")
    .text("from", "only what was edited after this time, RFC 3339")
    .text("to", "only what was edited up to this time")
    .gives::<UnauthorisedEdits>()
}

pub fn accuracy() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let (from_ms, to_ms) = span(&call)?;
        let found = review::accuracy(&record::all(&snapshot)?, from_ms, to_ms);
        let bins = found.reliability.len() as f64;
        let reliability =
            found.reliability.iter().enumerate().filter(|(_, row)| row.0 > 0).map(|(at, row)| {
                ReliabilityBin {
                    from: at as f64 / bins,
                    to: (at + 1) as f64 / bins,
                    changes: row.0 as u64,
                    predicted: row.1,
                    failed: row.2,
                }
            });
        let (predicted, actual, both) = found.services;
        let share = |of: usize| (of > 0).then(|| both as f64 / of as f64);
        let answer = ForecastAccuracy {
            position: snapshot.position().0,
            changes: found.changes as u64,
            brier: found.brier,
            reliability: reliability.collect(),
            services_predicted: predicted as u64,
            services_suffered: actual as u64,
            precision: share(predicted),
            recall: share(actual),
        };
        Ok(Reply::json(&answer).at(snapshot.position()))
    }
    Route::read("/api/v1/changes/accuracy", "read_forecast_accuracy", handler)
        .summary("How good predictions were: Brier score, reliability, precision and recall of services")
        .text("from", "only changes that ended at or after this time, RFC 3339")
        .text("to", "only changes that ended before this time")
        .gives::<ForecastAccuracy>()
}

fn span(call: &Call) -> Result<(i64, i64)> {
    let time = |name: &str, open: i64| match call.text(name) {
        None => Ok(open),
        Some(text) => Instant::parse(text)
            .map(|i| millis(&i))
            .ok_or_else(|| parameter(name, format!("{name} \"{text}\" is no time with an offset"))),
    };
    Ok((time("from", i64::MIN)?, time("to", i64::MAX)?))
}
