//! `cmdb.diff`: what differs between two positions.

use super::argument::Options;
use super::history::shown;
use super::{Default, Definition, State};
use crate::error::{Class, Error, Result};
use crate::estate::refusal::refused;
use crate::scene::Scene;
use crate::value::{SmolStr, Value};
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{Item, ItemNumber, Position, RelationshipNumber};
use std::sync::Arc;

/// Rows listed if no limit is stated.
const LISTED: u64 = 100_000;

pub(super) const ALL: &[Definition] = &[Definition {
    name: "cmdb.diff",
    inputs: &[
        ("from", "ANY", Default::Required),
        ("to", "ANY?", Default::Null),
        ("options", "MAP?", Default::EmptyMap),
    ],
    outputs: &[
        ("entity", "STRING"),
        ("id", "STRING"),
        ("name", "STRING"),
        ("kind", "STRING"),
        ("key", "STRING?"),
        ("before", "ANY?"),
        ("after", "ANY?"),
    ],
    description: "What differs between two positions or baselines (to: the state asked if left out): a row for each \
                  property, item and relationship. Options: limit (100000).",
    answer,
}];

struct Differences<'a> {
    rows: Vec<Vec<Value>>,
    limit: usize,
    scene: &'a Scene<'a>,
}

fn answer(state: &State, scene: &Scene<'_>, arguments: &[Value]) -> Result<Vec<Vec<Value>>> {
    let options = Options::read(&arguments[2], &["limit"])?;
    let limit = usize::try_from(options.whole("limit")?.unwrap_or(LISTED)).unwrap_or(usize::MAX);
    let from = snapshot_at(state, &arguments[0])?;
    let to = if arguments[1].is_null() { state.snapshot.clone() } else { snapshot_at(state, &arguments[1])? };
    let mut out = Differences { rows: Vec::new(), limit, scene };
    items(state, &from, &to, &mut out)?;
    relationships(&from, &to, &mut out)?;
    Ok(out.rows)
}

fn snapshot_at(state: &State, value: &Value) -> Result<Arc<Snapshot>> {
    let position = match value {
        Value::Integer(n) if *n >= 0 => Position(*n as u64),
        Value::Text(name) => match state.cmdb.snapshot().settings().baselines.get(name.as_str()) {
            Some(baseline) => baseline.position,
            None => return Err(unknown(format!("there is no baseline \"{name}\""))),
        },
        other => {
            return Err(unknown(format!(
                "expected a position or a baseline's name, got {}",
                other.kind_name()
            )));
        }
    };
    state.cmdb.at(position).map_err(|e| refused(&e))
}

fn unknown(message: String) -> Error {
    Error::runtime(Class::ArgumentError, "InvalidArgumentValue", message)
}

impl Differences<'_> {
    fn row(
        &mut self,
        who: [&str; 3],
        kind: &str,
        key: Option<SmolStr>,
        before: Value,
        after: Value,
    ) -> Result<()> {
        if self.rows.len() < self.limit {
            self.scene.budget.hold(256)?;
            let [entity, id, name] = who.map(Value::text);
            let key = key.map_or(Value::Null, Value::Text);
            self.rows.push(vec![entity, id, name, Value::text(kind), key, before, after]);
        }
        Ok(())
    }
}

fn items(state: &State, from: &Snapshot, to: &Snapshot, out: &mut Differences<'_>) -> Result<()> {
    let end = from.counts().item_numbers.max(to.counts().item_numbers);
    for number in (0..end).map(ItemNumber) {
        out.scene.budget.step(1)?;
        if from.item_bytes(number.0) == to.item_bytes(number.0) {
            continue;
        }
        let read = |snapshot: &Snapshot| snapshot.item(number).map_err(|e| refused(&e));
        item(state, &to.item_id(number).to_string(), read(from)?, read(to)?, out)?;
    }
    Ok(())
}

fn item(
    state: &State,
    id: &str,
    before: Option<Item>,
    after: Option<Item>,
    out: &mut Differences<'_>,
) -> Result<()> {
    let name = after.as_ref().or(before.as_ref()).and_then(|item| item.name.clone()).unwrap_or_default();
    let who = ["node", id, &name];
    match (&before, &after) {
        (None, None) => return Ok(()),
        (None, Some(_)) => out.row(who, "created", None, Value::Null, Value::Null)?,
        (Some(_), None) => return out.row(who, "removed", None, Value::Null, Value::Null),
        (Some(_), Some(_)) => {}
    }
    let kind = if before.is_some() { "edited" } else { "created" };
    let mut old = before.map(|item| shown(state, &item)).unwrap_or_default();
    for (key, value) in after.map(|item| shown(state, &item)).unwrap_or_default() {
        let was = old.remove(&key).unwrap_or_default();
        if was != value {
            out.row(who, kind, Some(key), was, value)?;
        }
    }
    old.into_iter().try_for_each(|(key, was)| out.row(who, kind, Some(key), was, Value::Null))
}

fn relationships(from: &Snapshot, to: &Snapshot, out: &mut Differences<'_>) -> Result<()> {
    let end = from.counts().relationship_numbers.max(to.counts().relationship_numbers);
    for number in (0..end).map(RelationshipNumber) {
        out.scene.budget.step(1)?;
        if from.relationship_bytes(number.0) == to.relationship_bytes(number.0) {
            continue;
        }
        let read = |snapshot: &Snapshot| snapshot.relationship(number).map_err(|e| refused(&e));
        let (before, after) = (read(from)?, read(to)?);
        let kind = match (&before, &after) {
            (None, None) => continue,
            (None, Some(_)) => "created",
            (Some(_), None) => "removed",
            (Some(_), Some(_)) => "edited",
        };
        let Some(record) = after.as_ref().or(before.as_ref()) else { continue };
        let name = format!(
            "{} {} {}",
            to.name_of(to.dense(record.identity.source)),
            to.names().text(record.identity.kind),
            to.name_of(to.dense(record.identity.target))
        );
        let id = to.relationship_id(number).to_string();
        out.row(["relationship", &id, &name], kind, None, Value::Null, Value::Null)?;
    }
    Ok(())
}
