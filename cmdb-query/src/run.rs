//! One query from text to rows: the door of this crate.

use crate::error::Result;
use crate::graph::{Graph, Sink};
use crate::procedure::Procedures;
use crate::scene::{Clock, Limits, Parameters};
use crate::value::{SmolStr, Value};
use std::sync::atomic::AtomicBool;

/// The longest query text, in bytes.
pub const TEXT_BYTES_MAX: usize = 1 << 20;

/// What is asked, and within what.
pub struct Request<'a> {
    pub text: &'a str,
    pub parameters: &'a Parameters,
    pub procedures: &'a Procedures,
    pub clock: Clock,
    /// Seeds `rand()` and `randomUUID()`.
    pub chance: u64,
    pub limits: Limits,
    pub cancelled: Option<&'a AtomicBool>,
}

/// Where a query runs. A writing query needs a sink; on a graph it is refused before it starts.
pub enum Store<'a> {
    Read(&'a dyn Graph),
    Write(&'a mut dyn Sink),
}

/// Who takes the answer. Rows come as they are found; an error stops the query.
pub trait Output {
    fn columns(&mut self, names: &[SmolStr]) -> Result<()>;
    /// Nodes, relationships and paths are read from `graph` now, for they may not exist later.
    fn row(&mut self, graph: &dyn Graph, values: &[Value]) -> Result<()>;
}

/// What a query changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    pub nodes_created: u64,
    pub nodes_deleted: u64,
    pub relationships_created: u64,
    pub relationships_deleted: u64,
    pub properties_set: u64,
    pub labels_added: u64,
    pub labels_removed: u64,
    pub indexes_added: u64,
    pub indexes_removed: u64,
}

/// What there is to say after the last row.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub columns: Vec<SmolStr>,
    pub rows: u64,
    pub stats: Stats,
    /// For EXPLAIN and PROFILE.
    pub plan: Option<crate::plan::Description>,
    /// Things worth knowing, such as an unbounded pattern or a cartesian product.
    pub notices: Vec<String>,
}

/// Runs one query.
///
/// # Errors
/// Refused queries with phase, class, detail and place; a limit by its name; what the sink refuses.
pub fn run(request: &Request<'_>, store: Store<'_>, output: &mut dyn Output) -> Result<Summary> {
    let _ = (request, store, output);
    Err(crate::Error::runtime(crate::error::Class::Internal, "Unbuilt", "queries do not run yet"))
}

/// Whether a text writes, without looking at data: decides which store it needs.
///
/// # Errors
/// A text that is no query.
pub fn writes(text: &str) -> Result<bool> {
    let _ = text;
    Ok(false)
}
