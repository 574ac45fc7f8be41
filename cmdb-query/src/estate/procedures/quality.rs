//! `cmdb.stale` and `cmdb.orphans`: what in the inventory can hardly be believed.

use super::argument::{Options, class};
use super::{Default, Definition, State, node, whole};
use crate::error::{Class, Error, Result};
use crate::scene::Scene;
use crate::value::temporal::Temporal;
use crate::value::{Entity, Node, Value};
use cmdb_core::graph::Records;
use cmdb_core::model::{Item, ItemNumber, Symbol};
use cmdb_core::schema::symbols;

pub(super) const ALL: &[Definition] = &[
    Definition {
        name: "cmdb.stale",
        inputs: &[("options", "MAP?", Default::EmptyMap)],
        outputs: &[("node", "NODE"), ("seen", "ANY?"), ("days", "INTEGER")],
        description: "Items not seen or edited for long, the longest first: by `last_seen`, else by their last edit. \
                      Options: olderThan (days, 90), class.",
        answer: stale,
    },
    Definition {
        name: "cmdb.orphans",
        inputs: &[("options", "MAP?", Default::EmptyMap)],
        outputs: &[("node", "NODE"), ("reason", "STRING")],
        description: "Items without any relationship, and live items of classes that should depend on something and \
                      record nothing. Options: class.",
        answer: orphans,
    },
];

const DAY_MS: i64 = 86_400_000;

fn chosen(state: &State, options: &Options<'_>) -> Result<Vec<u32>> {
    let class = options.text("class")?.map(|name| class(state, name)).transpose()?;
    let root: Symbol = class.unwrap_or(symbols::CONFIGURATION_ITEM);
    let schema = state.snapshot.schema();
    let fits = |dense: &u32| state.snapshot.class_of(*dense).is_some_and(|c| schema.is_a(c, root));
    Ok(state.snapshot.live_nodes().filter(fits).collect())
}

fn stale(state: &State, scene: &Scene<'_>, arguments: &[Value]) -> Result<Vec<Vec<Value>>> {
    let options = Options::read(&arguments[0], &["olderThan", "class"])?;
    let days = match options.value("olderThan") {
        None => 90,
        Some(Value::Integer(n)) if *n >= 0 => *n,
        Some(Value::Temporal(t)) if matches!(&**t, Temporal::Duration(d) if d.months == 0 && d.days >= 0) => {
            match &**t {
                Temporal::Duration(duration) => duration.days,
                _ => 90,
            }
        }
        Some(_) => {
            let message = "olderThan is a number of days or a duration in days";
            return Err(Error::runtime(Class::ArgumentError, "InvalidArgumentValue", message));
        }
    };
    let now_ms = scene.clock.seconds.saturating_mul(1000);
    let mut found: Vec<(i64, u32, Value)> = Vec::new();
    for dense in chosen(state, &options)? {
        scene.budget.step(1)?;
        let number = state.snapshot.number(dense);
        let (seen_ms, seen) = last_seen(state, scene, dense, number)?;
        let age = (now_ms - seen_ms) / DAY_MS;
        if age > days {
            found.push((age, dense, seen));
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    Ok(found.into_iter().map(|(age, dense, seen)| vec![node(dense), seen, whole(age)]).collect())
}

/// When the item was last seen, in milliseconds and as it was stated.
fn last_seen(state: &State, scene: &Scene<'_>, dense: u32, number: ItemNumber) -> Result<(i64, Value)> {
    let key = crate::graph::Symbol(symbols::LAST_SEEN.0);
    let seen = scene.graph.property(Entity::Node(Node(dense)), key);
    if let Value::Temporal(temporal) = &seen {
        let local = match &**temporal {
            Temporal::Date(date) => Some(date.days * DAY_MS),
            Temporal::LocalDateTime(at) => Some(at.date.days * DAY_MS + at.time.nanoseconds / 1_000_000),
            Temporal::DateTime(at) => {
                let offset = i64::from(at.zone.offset_seconds) * 1000;
                Some(at.local.date.days * DAY_MS + at.local.time.nanoseconds / 1_000_000 - offset)
            }
            _ => None,
        };
        if let Some(ms) = local {
            return Ok((ms, seen));
        }
    }
    let bytes = state.snapshot.item_bytes(number.0);
    let updated =
        bytes.and_then(|b| Item::decode(b).ok()).map_or(cmdb_core::model::Position(0), |item| item.updated);
    let ms = state.cmdb.time_of(updated).map_err(|e| super::super::refusal::refused(&e))?;
    Ok((ms, Value::Null))
}

fn orphans(state: &State, scene: &Scene<'_>, arguments: &[Value]) -> Result<Vec<Vec<Value>>> {
    let options = Options::read(&arguments[0], &["class"])?;
    let expecting: std::collections::BTreeSet<u32> =
        state.snapshot.without_dependencies().values().flatten().copied().collect();
    let mut rows = Vec::new();
    for dense in chosen(state, &options)? {
        scene.budget.step(1)?;
        let alone = state.snapshot.relationships_of(state.snapshot.number(dense)).is_empty();
        let reason = match (alone, expecting.contains(&dense)) {
            (true, _) => "it has no relationship",
            (false, true) => "it should depend on something and records nothing",
            (false, false) => continue,
        };
        rows.push(vec![node(dense), Value::text(reason)]);
    }
    Ok(rows)
}
