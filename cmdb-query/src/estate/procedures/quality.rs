//! `cmdb.stale` and `cmdb.orphans`: what in the inventory can hardly be believed.

use super::argument::{Options, class};
use super::{Default, Definition, State, node, whole};
use crate::error::{Class, Error, Result};
use crate::scene::Scene;
use crate::value::Value;
use crate::value::temporal::Temporal;
use cmdb_core::analysis::freshness::{DAY_MS, Freshness, Question, Stale, freshness};
use cmdb_core::analysis::seen::{Seen, Times};
use cmdb_core::graph::Records;
use cmdb_core::model::temporal::Instant;
use cmdb_core::model::{Symbol, Value as Stored};
use cmdb_core::schema::symbols;

pub(super) const ALL: &[Definition] = &[
    Definition {
        name: "cmdb.stale",
        inputs: &[("options", "MAP?", Default::EmptyMap)],
        outputs: &[("node", "NODE"), ("seen", "ANY?"), ("days", "INTEGER"), ("source", "STRING")],
        description: "Items that no source has named and nobody has edited for too long, the longest first, with who saw \
                      them last. Options: olderThan (days; by the rules of their classes if left out), class, source.",
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

fn chosen(state: &State, options: &Options<'_>) -> Result<Vec<u32>> {
    let class = options.text("class")?.map(|name| class(state, name)).transpose()?;
    let root: Symbol = class.unwrap_or(symbols::CONFIGURATION_ITEM);
    let schema = state.snapshot.schema();
    let fits = |dense: &u32| state.snapshot.class_of(*dense).is_some_and(|c| schema.is_a(c, root));
    Ok(state.snapshot.live_nodes().filter(fits).collect())
}

fn stale(state: &State, scene: &Scene<'_>, arguments: &[Value]) -> Result<Vec<Vec<Value>>> {
    let options = Options::read(&arguments[0], &["olderThan", "class", "source"])?;
    let class = options.text("class")?.map(|name| class(state, name)).transpose()?;
    let when_ms = scene
        .clock
        .seconds
        .saturating_mul(1_000)
        .saturating_add(i64::from(scene.clock.nanoseconds / 1_000_000));
    let question = Question { when_ms, class, source: options.text("source")?, days: older_than(&options)? };
    scene.budget.step(u64::from(state.snapshot.counts().items))?;
    let found = ask(state, &question).map_err(|e| super::super::refusal::refused(&e))?;
    let row = |stale: &Stale| {
        let seen = Instant::from_millis(stale.last_ms);
        let source = found.sources.get(stale.source as usize).map_or("", |source| source);
        let days = (when_ms - stale.last_ms) / DAY_MS;
        vec![
            node(stale.item),
            super::super::stored::read(Stored::DateTime(seen)),
            whole(days),
            Value::text(source),
        ]
    };
    Ok(found.items.iter().map(row).collect())
}

fn ask(state: &State, question: &Question<'_>) -> cmdb_core::Result<Freshness> {
    let sighted = state.cmdb.sighted(&state.snapshot)?;
    let read = |position| state.cmdb.time_of(position);
    let times = Times::new(&read);
    freshness(state.view(), &Seen::new(&state.snapshot, &sighted, &times), question)
}

fn older_than(options: &Options<'_>) -> Result<Option<u32>> {
    let days = match options.value("olderThan") {
        None => return Ok(None),
        Some(Value::Integer(n)) => u32::try_from(*n).ok(),
        Some(Value::Temporal(t)) => match &**t {
            Temporal::Duration(d) if d.months == 0 => u32::try_from(d.days).ok(),
            _ => None,
        },
        Some(_) => None,
    };
    let message = "olderThan is a number of days or a duration in days";
    days.map(Some).ok_or_else(|| Error::runtime(Class::ArgumentError, "InvalidArgumentValue", message))
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
