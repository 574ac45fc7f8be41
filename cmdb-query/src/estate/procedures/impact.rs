//! `cmdb.impact`: what happens to everything else if these nodes fail or change, redundancy counted.

use super::argument::{Options, starts};
use super::{CALL_STEPS, Default, Definition, State, cancelled, node, whole};
use crate::error::{Class, Error, Result};
use crate::scene::Scene;
use crate::value::{Edge, Node, Path, Value};
use cmdb_core::analysis::impact::{self, Explainer, Question, Root, Scratch};
use std::sync::Arc;

pub(super) const ALL: &[Definition] = &[Definition {
    name: "cmdb.impact",
    inputs: &[("start", "ANY", Default::Required), ("options", "MAP?", Default::EmptyMap)],
    outputs: &[("node", "NODE"), ("state", "STRING"), ("depth", "INTEGER"), ("path", "PATH")],
    description: "What the failure of a node, a REF or a list of them does, worst first, with a chain that proves it. \
                  Options: state (down, degraded, at_risk, maintenance), maxDepth, types, limit.",
    answer,
}];

fn answer(state: &State, scene: &Scene<'_>, arguments: &[Value]) -> Result<Vec<Vec<Value>>> {
    let options = Options::read(&arguments[1], &["state", "maxDepth", "types", "limit"])?;
    let word = options.text("state")?.unwrap_or("down");
    let forced = if word == "maintenance" { Some(impact::State::Down) } else { impact::State::parse(word) };
    let forced = forced.ok_or_else(|| {
        let message = format!("\"{word}\" is no state: down, degraded, at_risk or maintenance");
        Error::runtime(Class::ArgumentError, "InvalidArgumentValue", message)
    })?;
    let items = starts(state, &arguments[0])?;
    let roots: Vec<Root> = items.iter().map(|item| Root { item: *item, state: forced }).collect();
    let types = options.types(state)?;
    let depth_max = options.whole("maxDepth")?.map(|d| d.min(u64::from(u32::MAX)) as u32);
    let question = Question {
        depth_max,
        types: types.as_deref(),
        cancelled: Some(cancelled(scene)),
        ..Question::new(&roots)
    };
    let mut scratch = Scratch::default();
    let impact = impact::impact(state.view(), &question, &mut scratch);
    scene.budget.step(CALL_STEPS + impact.order.len() as u64)?;
    let explainer = Explainer::new(state.view(), &question, &impact);
    let affected =
        impact.affected_waves().flat_map(|wave| impact.items(wave).iter().map(move |item| (wave, *item)));
    let limit = options.whole("limit")?.unwrap_or(u64::MAX);
    let listed =
        affected.filter(|(_, item)| !items.contains(item)).take(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut rows = Vec::new();
    for (wave, item) in listed {
        let path = chain(&explainer, item)?;
        scene.budget.step(path.edges.len() as u64)?;
        rows.push(vec![
            node(item),
            Value::text(wave.state.word()),
            whole(wave.depth),
            Value::Path(Arc::new(path)),
        ]);
    }
    Ok(rows)
}

/// From the affected item to the root that did it.
fn chain(explainer: &Explainer<'_>, item: u32) -> Result<Path> {
    let steps = explainer.chain(item).map_err(|e| super::super::refusal::refused(&e))?;
    let nodes = std::iter::once(Node(item)).chain(steps.iter().map(|step| Node(step.on))).collect();
    Ok(Path { nodes, edges: steps.iter().map(|step| Edge(step.relationship.0)).collect() })
}
