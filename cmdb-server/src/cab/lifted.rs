//! Freezes and maintenance windows that were lifted or edited, by whom, and which changes that lets through. A freeze
//! that is gone is in no calendar any more; so its absence has to be said.

use super::participant;
use crate::api::cab::CalendarEdit;
use crate::convert::timestamp;
use crate::handlers::history::changed_attributes;
use cmdb_core::analysis::collision::{PeriodKind, Span};
use cmdb_core::engine::history::HistoryEntry;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::process::calendar::{CalendarPeriod, catches};
use cmdb_core::process::change::record::of_class;
use cmdb_core::process::queries::Queries;
use cmdb_core::process::schedule::Schedule;
use cmdb_core::{Cmdb, Result};

/// Entries of one calendar record that are looked at, and edits that are listed.
const HISTORY_MAX: usize = 50;
const SHOWN_MAX: usize = 50;
const CLOSED: &str = "closed";

/// Edits since `since_ms`, and freezes lifted at any time that would be in force in `period`; newest first.
pub fn edits(
    cmdb: &Cmdb,
    schedule: &Schedule,
    queries: &dyn Queries,
    period: Span,
    since_ms: i64,
) -> Result<Vec<CalendarEdit>> {
    let snapshot = &schedule.snapshot;
    let mut out = Vec::new();
    for number in of_class(snapshot, "CalendarPeriod")? {
        let Ok(record) = CalendarPeriod::read(&**snapshot, number) else { continue };
        let is_freeze = record.kind == PeriodKind::Freeze;
        for entry in cmdb.history_until(snapshot, number, HISTORY_MAX)? {
            let Some(what) = what(snapshot, &entry) else { continue };
            let lifted = what == LIFTED;
            let missed = lifted && is_freeze && !record.spans(period)?.is_empty();
            if entry.time_ms < since_ms && !missed {
                continue;
            }
            let lets_through = if missed { held_back(schedule, queries, &record)? } else { Vec::new() };
            out.push((
                entry.time_ms,
                CalendarEdit {
                    period: participant(snapshot, number, &record.number, &record.title),
                    at: timestamp(entry.time_ms),
                    by: entry.actor.to_string(),
                    what,
                    lets_through,
                },
            ));
        }
    }
    out.sort_by(|a, b| b.1.lets_through.len().cmp(&a.1.lets_through.len()).then(b.0.cmp(&a.0)));
    out.truncate(SHOWN_MAX);
    Ok(out.into_iter().map(|(_, edit)| edit).collect())
}

const LIFTED: &str = "lifted";

/// What an entry did to a calendar record that was there before; nothing if it made it.
fn what(snapshot: &Snapshot, entry: &HistoryEntry) -> Option<String> {
    let names = snapshot.names();
    let mut fields: Vec<String> = Vec::new();
    if let Some(change) = &entry.item {
        let before = change.before.as_ref()?;
        let status = |s: Option<cmdb_core::model::Symbol>| s.map_or("", |s| names.text(s));
        if change.after.removed
            || status(change.after.status) == CLOSED && before.status != change.after.status
        {
            return Some(LIFTED.to_owned());
        }
        let changed = changed_attributes(&before.attributes, &change.after.attributes);
        fields.extend(changed.keys().map(|key| names.text(*key).to_owned()));
        if before.status != change.after.status {
            fields.push("status".to_owned());
        }
    }
    let own = entry.relationships.iter().any(|r| names.text(r.after.identity.kind) == "affects");
    if own {
        // What it was made with came in the same entry.
        fields.push("what it is about".to_owned());
    }
    let made = entry.item.is_none() && entry.relationships.iter().all(|r| r.before.is_none() && !own);
    (!fields.is_empty() && !made).then(|| format!("edited: {}", fields.join(", ")))
}

/// Changes of the calendar that a freeze would hold back.
fn held_back(schedule: &Schedule, queries: &dyn Queries, freeze: &CalendarPeriod) -> Result<Vec<String>> {
    let mut out = Vec::new();
    for change in schedule.planned.iter().filter_map(|p| p.change()) {
        if change.status.is_ahead() && catches(&schedule.snapshot, queries, freeze, change)? {
            out.push(change.number.to_string());
        }
    }
    Ok(out)
}
