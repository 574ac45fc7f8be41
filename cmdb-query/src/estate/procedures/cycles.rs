//! `cmdb.cycles`: items that depend on themselves.

use super::argument::Options;
use super::path::path;
use super::{Default, Definition, State, node, whole};
use crate::error::Result;
use crate::scene::Scene;
use crate::value::Value;
use cmdb_core::analysis::cycles::cycles;
use cmdb_core::analysis::reach::TypeFilter;
use std::sync::Arc;

/// Cycles listed if no limit is stated.
const LISTED: u64 = 1_000;

pub(super) const ALL: &[Definition] = &[Definition {
    name: "cmdb.cycles",
    inputs: &[("options", "MAP?", Default::EmptyMap)],
    outputs: &[("nodes", "LIST<NODE>"), ("length", "INTEGER"), ("path", "PATH")],
    description: "Groups of items that all depend on each other, the largest first, each with one short cycle. \
                  Options: types, limit (1000).",
    answer,
}];

fn answer(state: &State, scene: &Scene<'_>, arguments: &[Value]) -> Result<Vec<Vec<Value>>> {
    let options = Options::read(&arguments[0], &["types", "limit"])?;
    let types = options.types(state)?.map(TypeFilter::of);
    let limit = options.whole("limit")?.unwrap_or(LISTED);
    scene.budget.step(u64::from(state.snapshot.nodes()))?;
    let found = cycles(state.view(), types.as_ref(), usize::try_from(limit).unwrap_or(usize::MAX));
    let row = |cycle: &cmdb_core::analysis::cycles::Cycle| {
        let nodes = cycle.members.iter().map(|item| node(*item)).collect();
        let witness = path(cycle.members[0], &cycle.witness);
        vec![Value::list(nodes), whole(cycle.witness.len()), Value::Path(Arc::new(witness))]
    };
    Ok(found.cycles.iter().map(row).collect())
}
