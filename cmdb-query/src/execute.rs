//! Operators: a plan at work. Each is pulled for rows and pulls its inputs; only those that must hold rows.

mod aggregate;
mod apply;
pub mod batch;
mod build;
mod call;
mod create;
mod delete;
mod expand;
mod group;
mod hold;
mod join;
mod leaf;
mod merge;
mod order;
mod path;
mod reach;
mod row;
mod select;
mod set;
mod shortest;
mod store;
mod trail;

pub use build::build;
pub use create::storable;
pub use delete::settle;
use leaf::symbols;

use crate::error::{Class, Error, Result};
use crate::graph::{Graph, Sink};
use crate::run::{Stats, Store};
use crate::scene::{Budget, Clock, Parameters, Scene};
use crate::value::{Node, Value};
use batch::Batch;
use std::cell::Cell;

/// One step of a plan at work.
pub trait Operator: Send {
    /// Starts anew, below the given argument row.
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()>;
    /// Adds rows to `out` until it is full or there are no more; yields whether there may be more.
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool>;
    /// How many rows there still are, where that can be told without making them: then none is left. None: it cannot, and
    /// nothing has happened.
    fn count(&mut self, run: &mut Run<'_>) -> Result<Option<u64>> {
        let _ = run;
        Ok(None)
    }
}

/// What was counted of one step of a plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted {
    pub rows: u64,
    /// Steps charged within it and its inputs.
    pub steps: u64,
}

/// One run of a plan.
pub struct Run<'a> {
    pub store: Store<'a>,
    pub parameters: &'a Parameters,
    pub clock: Clock,
    pub chance: &'a Cell<u64>,
    pub budget: &'a Budget<'a>,
    pub stats: Stats,
    /// Nodes to be deleted that still had relationships when DELETE came to them.
    pub doomed: Vec<Node>,
    /// With PROFILE: by the number of the plan's step.
    pub counted: Option<Vec<Counted>>,
}

impl<'a> Run<'a> {
    /// A run within an expression: it only reads.
    pub fn within(scene: &Scene<'a>) -> Run<'a> {
        Run {
            store: Store::Read(scene.graph),
            parameters: scene.parameters,
            clock: scene.clock,
            chance: scene.chance,
            budget: scene.budget,
            stats: Stats::default(),
            doomed: Vec::new(),
            counted: None,
        }
    }
    pub fn graph(&self) -> &dyn Graph {
        match &self.store {
            Store::Read(graph) => *graph,
            Store::Write(sink) => sink.as_graph(),
        }
    }
    pub fn scene(&self) -> Scene<'_> {
        Scene {
            graph: self.graph(),
            parameters: self.parameters,
            clock: self.clock,
            chance: self.chance,
            budget: self.budget,
        }
    }
    /// # Errors
    /// Where only reading is allowed.
    pub fn sink(&mut self) -> Result<&mut (dyn Sink + 'a)> {
        match &mut self.store {
            Store::Write(sink) => Ok(&mut **sink),
            Store::Read(_) => Err(read_only()),
        }
    }
}

/// The refusal of a write where only reading is allowed.
pub fn read_only() -> Error {
    Error::runtime(Class::Denied, "ReadOnly", "this query writes, and only reading is allowed here")
}
