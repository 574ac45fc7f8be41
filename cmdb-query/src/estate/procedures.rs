//! The inventory's questions as procedures. One file each and one line in [`ALL`]; name, arguments and columns are said
//! once, in the file's `signature`.

mod argument;
mod catalogue;
mod cycles;
mod diff;
mod expand;
mod history;
mod impact;
mod path;
mod quality;
mod ranking;
mod reach;

use crate::error::Result;
use crate::procedure::{Field, Procedure, Procedures, Rows, Signature};
use crate::scene::Scene;
use crate::value::{Node, Value};
use cmdb_core::Cmdb;
use cmdb_core::graph::{Snapshot, View};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Steps charged for one call, for preparing to walk a large graph costs as much. Charging them looks at the clock.
const CALL_STEPS: u64 = 4_096;

/// What procedures ask: the state that the query reads, and the inventory with its past.
#[derive(Clone)]
pub struct State {
    pub cmdb: Arc<Cmdb>,
    /// In a query that writes: the state before it.
    pub snapshot: Arc<Snapshot>,
}

impl State {
    fn view(&self) -> View<'_> {
        View::full(&self.snapshot)
    }
}

type Answer = fn(&State, &Scene<'_>, &[Value]) -> Result<Vec<Vec<Value>>>;

/// A procedure before it is given a state.
pub(super) struct Definition {
    name: &'static str,
    /// `name :: TYPE`, with ` = default` where it may be left out.
    inputs: &'static [(&'static str, &'static str, Default)],
    outputs: &'static [(&'static str, &'static str)],
    description: &'static str,
    answer: Answer,
}

/// What an input is if it is left out.
#[derive(Clone, Copy)]
pub(super) enum Default {
    Required,
    EmptyMap,
    Null,
}

const ALL: &[&[Definition]] = &[
    catalogue::ALL,
    cycles::ALL,
    diff::ALL,
    expand::ALL,
    history::ALL,
    impact::ALL,
    path::ALL,
    quality::ALL,
    ranking::ALL,
    reach::ALL,
];

/// What a query on this state may call.
pub fn procedures(cmdb: Arc<Cmdb>, snapshot: Arc<Snapshot>) -> Procedures {
    let state = State { cmdb, snapshot };
    let mut procedures = Procedures::default();
    for definition in ALL.iter().copied().flatten() {
        let signature = signature(definition);
        procedures.add(Arc::new(Bound { signature, answer: definition.answer, state: state.clone() }));
    }
    procedures
}

fn signature(definition: &Definition) -> Signature {
    let input = |(name, kind, default): &(&str, &str, Default)| Field {
        name: (*name).into(),
        kind: (*kind).into(),
        default: match default {
            Default::Required => None,
            Default::EmptyMap => Some(Value::map([])),
            Default::Null => Some(Value::Null),
        },
    };
    let output =
        |(name, kind): &(&str, &str)| Field { name: (*name).into(), kind: (*kind).into(), default: None };
    Signature {
        name: definition.name.into(),
        inputs: definition.inputs.iter().map(input).collect(),
        outputs: definition.outputs.iter().map(output).collect(),
        description: definition.description.into(),
    }
}

struct Bound {
    signature: Signature,
    answer: Answer,
    state: State,
}

impl Procedure for Bound {
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn call<'a>(&'a self, scene: &Scene<'a>, arguments: Vec<Value>) -> Result<Rows<'a>> {
        scene.budget.step(CALL_STEPS)?;
        let rows = (self.answer)(&self.state, scene, &arguments)?;
        scene.budget.step(rows.len() as u64)?;
        Ok(Box::new(rows.into_iter().map(Ok)))
    }
}

/// What stops an analysis: the flag of the query, which whoever watches its deadline raises too.
fn cancelled<'a>(scene: &Scene<'a>) -> &'a AtomicBool {
    static NEVER: AtomicBool = AtomicBool::new(false);
    scene.budget.cancelled().unwrap_or(&NEVER)
}

fn node(dense: u32) -> Value {
    Value::Node(Node(dense))
}

fn whole(n: impl TryInto<i64>) -> Value {
    Value::Integer(n.try_into().unwrap_or(i64::MAX))
}
