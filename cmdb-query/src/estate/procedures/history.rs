//! `cmdb.history`: what happened to one item, a row for each property that changed.

use super::argument::{Options, start};
use super::{Default, Definition, State, whole};
use crate::error::Result;
use crate::estate::refusal::refused;
use crate::estate::stored;
use crate::scene::Scene;
use crate::value::temporal::{Date, DateTime, LocalDateTime, LocalTime, Temporal, Zone};
use crate::value::{SmolStr, Value};
use cmdb_core::engine::history::{ENTRIES_MAX, HistoryEntry};
use cmdb_core::graph::Records;
use cmdb_core::model::Item;
use std::collections::BTreeMap;

pub(super) const ALL: &[Definition] = &[Definition {
    name: "cmdb.history",
    inputs: &[("node", "ANY", Default::Required), ("options", "MAP?", Default::EmptyMap)],
    outputs: &[
        ("position", "INTEGER"),
        ("time", "DATETIME"),
        ("actor", "STRING"),
        ("message", "STRING"),
        ("property", "STRING?"),
        ("before", "ANY?"),
        ("after", "ANY?"),
        ("relationships", "INTEGER"),
    ],
    description: "What happened to a node or REF, newest first: a row for each property an entry changed, or one row \
                  without a property where only relationships changed. Options: limit (entries, 1000).",
    answer,
}];

/// Entries read if no limit is stated.
const ENTRIES: u64 = 1_000;

fn answer(state: &State, scene: &Scene<'_>, arguments: &[Value]) -> Result<Vec<Vec<Value>>> {
    let options = Options::read(&arguments[1], &["limit"])?;
    let limit = options.whole("limit")?.unwrap_or(ENTRIES).min(ENTRIES_MAX as u64) as usize;
    let number = state.snapshot.number(start(state, &arguments[0])?);
    let entries = state.cmdb.history(number, limit).map_err(|e| refused(&e))?;
    let mut rows = Vec::new();
    // What came after the state asked about has not happened yet.
    for entry in entries.into_iter().filter(|e| e.position <= state.snapshot.position()) {
        scene.budget.step(1)?;
        entry_rows(state, &entry, &mut rows);
    }
    Ok(rows)
}

fn entry_rows(state: &State, entry: &HistoryEntry, rows: &mut Vec<Vec<Value>>) {
    let mut row = |property: Value, before: Value, after: Value| {
        rows.push(vec![
            whole(entry.position.0),
            Value::Temporal(Box::new(moment(entry.time_ms))),
            Value::Text(entry.actor.clone()),
            Value::Text(entry.message.clone()),
            property,
            before,
            after,
            whole(entry.relationships.len()),
        ]);
    };
    let Some(change) = &entry.item else { return row(Value::Null, Value::Null, Value::Null) };
    let mut before = change.before.as_ref().map(|item| shown(state, item)).unwrap_or_default();
    let after = if change.after.removed { BTreeMap::new() } else { shown(state, &change.after) };
    let mut changed = 0;
    for (key, value) in after {
        let old = before.remove(&key).unwrap_or_default();
        if old != value {
            changed += 1;
            row(Value::Text(key), old, value);
        }
    }
    for (key, old) in before {
        changed += 1;
        row(Value::Text(key), old, Value::Null);
    }
    if changed == 0 {
        row(Value::Null, Value::Null, Value::Null);
    }
}

/// An item's class, name, status and attributes.
pub(super) fn shown(state: &State, item: &Item) -> BTreeMap<SmolStr, Value> {
    let names = state.snapshot.names();
    let mut out: BTreeMap<SmolStr, Value> =
        item.attributes.iter().map(|a| (names.text(a.key).into(), stored::read(a.value.clone()))).collect();
    let mut note = |key: &str, text: Option<&str>| out.extend(text.map(|t| (key.into(), Value::text(t))));
    note("class", item.class().map(|c| names.text(c)));
    note("name", item.name.as_deref());
    note("status", item.status.map(|s| names.text(s)));
    out
}

/// Milliseconds since 1970 as a time in UTC.
fn moment(time_ms: i64) -> Temporal {
    let (days, within) = (time_ms.div_euclid(86_400_000), time_ms.rem_euclid(86_400_000));
    let local = LocalDateTime { date: Date { days }, time: LocalTime { nanoseconds: within * 1_000_000 } };
    Temporal::DateTime(DateTime { local, zone: Zone { offset_seconds: 0, name: None } })
}
