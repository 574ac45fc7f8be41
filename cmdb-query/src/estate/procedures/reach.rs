//! `cmdb.dependents` and `cmdb.dependencies`: plain reachability along types that carry impact.

use super::argument::{Options, starts};
use super::{CALL_STEPS, Default, Definition, State, cancelled, node, whole};
use crate::error::Result;
use crate::scene::Scene;
use crate::value::Value;
use cmdb_core::analysis::reach::{Direction, Limits, Question, Scratch, TypeFilter, reach};

const INPUTS: &[(&str, &str, Default)] =
    &[("start", "ANY", Default::Required), ("options", "MAP?", Default::EmptyMap)];
const OUTPUTS: &[(&str, &str)] = &[("node", "NODE"), ("depth", "INTEGER")];

pub(super) const ALL: &[Definition] = &[
    Definition {
        name: "cmdb.dependents",
        inputs: INPUTS,
        outputs: OUTPUTS,
        description: "What depends on a node, a REF or a list of them, nearest first. Options: maxDepth, types.",
        answer: |state, scene, arguments| walk(state, scene, arguments, Direction::Dependents),
    },
    Definition {
        name: "cmdb.dependencies",
        inputs: INPUTS,
        outputs: OUTPUTS,
        description: "What a node, a REF or a list of them depends on, nearest first. Options: maxDepth, types.",
        answer: |state, scene, arguments| walk(state, scene, arguments, Direction::Dependencies),
    },
];

fn walk(
    state: &State,
    scene: &Scene<'_>,
    arguments: &[Value],
    direction: Direction,
) -> Result<Vec<Vec<Value>>> {
    let starts = starts(state, &arguments[0])?;
    let options = Options::read(&arguments[1], &["maxDepth", "types"])?;
    let depth_max = options.whole("maxDepth")?.map(|d| d.min(u64::from(u32::MAX)) as u32);
    let types = options.types(state)?.map(TypeFilter::of);
    let question = Question { starts: &starts, direction, depth_max, types: types.as_ref() };
    let limits = Limits { cancelled: cancelled(scene), ..Limits::none() };
    Scratch::with(|scratch| {
        let reached = reach(state.view(), &question, &limits, scratch);
        scene.budget.step(CALL_STEPS + reached.count() as u64)?;
        Ok(reached.with_depth().map(|(item, depth)| vec![node(item), whole(depth)]).collect())
    })
}
