//! `cmdb.path`: the shortest chains of dependencies from one node to another.

use super::argument::{Options, start};
use super::{CALL_STEPS, Default, Definition, State, cancelled, whole};
use crate::error::Result;
use crate::scene::Scene;
use crate::value::{Edge, Node, Path, Value};
use cmdb_core::analysis::path::{Hop, Question, Scratch, paths};
use cmdb_core::analysis::reach::{Limits, TypeFilter};
use std::sync::Arc;

/// Paths listed at most.
const PATHS_MAX: u64 = 1_000;

pub(super) const ALL: &[Definition] = &[Definition {
    name: "cmdb.path",
    inputs: &[
        ("from", "ANY", Default::Required),
        ("to", "ANY", Default::Required),
        ("options", "MAP?", Default::EmptyMap),
    ],
    outputs: &[("path", "PATH"), ("length", "INTEGER")],
    description: "The shortest chains of dependencies from one node to another. Options: limit (1), maxDepth, types.",
    answer,
}];

fn answer(state: &State, scene: &Scene<'_>, arguments: &[Value]) -> Result<Vec<Vec<Value>>> {
    let (from, to) = (start(state, &arguments[0])?, start(state, &arguments[1])?);
    let options = Options::read(&arguments[2], &["limit", "maxDepth", "types"])?;
    let types = options.types(state)?.map(TypeFilter::of);
    let limit = options.whole("limit")?.unwrap_or(1).clamp(1, PATHS_MAX) as usize;
    let depth_max = options.whole("maxDepth")?.map(|d| d.min(u64::from(u32::MAX)) as u32);
    let question = Question { from, to, limit, depth_max, types: types.as_ref() };
    let limits = Limits { cancelled: cancelled(scene), ..Limits::none() };
    let found = paths(state.view(), &question, &limits, &mut Scratch::default());
    scene.budget.step(CALL_STEPS + found.paths.len() as u64)?;
    let row = |hops: &Vec<Hop>| vec![Value::Path(Arc::new(path(from, hops))), whole(hops.len())];
    Ok(found.paths.iter().map(row).collect())
}

/// Hops as a path; each leads from a dependent to its dependency.
pub(super) fn path(from: u32, hops: &[Hop]) -> Path {
    let nodes = std::iter::once(Node(from)).chain(hops.iter().map(|hop| Node(hop.target))).collect();
    Path { nodes, edges: hops.iter().map(|hop| Edge(hop.relationship)).collect() }
}
