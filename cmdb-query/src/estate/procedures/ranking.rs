//! `cmdb.ranking`: how much each item's loss reaches.

use super::argument::{Options, class};
use super::{CALL_STEPS, Default, Definition, State, cancelled, node, whole};
use crate::error::{Class, Error, Result};
use crate::scene::Scene;
use crate::value::Value;
use cmdb_core::analysis::ranking::rank;
use cmdb_core::graph::Records;
use cmdb_core::schema::symbols;

/// Items listed if no limit is stated.
const LISTED: u64 = 100;

pub(super) const ALL: &[Definition] = &[Definition {
    name: "cmdb.ranking",
    inputs: &[("options", "MAP?", Default::EmptyMap)],
    outputs: &[("node", "NODE"), ("services", "INTEGER"), ("items", "INTEGER")],
    description: "The items whose loss reaches most business services, then most items, redundancy not considered. \
                  Options: limit (100), class.",
    answer,
}];

fn answer(state: &State, scene: &Scene<'_>, arguments: &[Value]) -> Result<Vec<Vec<Value>>> {
    let options = Options::read(&arguments[0], &["limit", "class"])?;
    let wanted = options.text("class")?.map(|name| class(state, name)).transpose()?;
    let limit = usize::try_from(options.whole("limit")?.unwrap_or(LISTED)).unwrap_or(usize::MAX);
    let (snapshot, schema) = (&state.snapshot, state.snapshot.schema());
    let is = |dense: u32, class| snapshot.class_of(dense).is_some_and(|c| schema.is_a(c, class));
    scene.budget.step(u64::from(snapshot.nodes()))?;
    let ranking = rank(state.view(), &|dense| is(dense, symbols::BUSINESS_SERVICE), cancelled(scene));
    // Named by the deadline, if that is what stopped it.
    scene.budget.step(CALL_STEPS)?;
    let ranking =
        ranking.ok_or_else(|| Error::runtime(Class::Cancelled, "Cancelled", "the query was cancelled"))?;
    let mut all: Vec<u32> =
        snapshot.live_nodes().filter(|d| wanted.is_none_or(|class| is(*d, class))).collect();
    let counts = |dense: u32| (ranking.services[dense as usize], ranking.reached[dense as usize]);
    all.sort_by(|a, b| counts(*b).cmp(&counts(*a)).then(a.cmp(b)));
    let row = |dense: u32| vec![node(dense), whole(counts(dense).0), whole(counts(dense).1)];
    Ok(all.into_iter().take(limit).map(row).collect())
}
