//! What a process needs of what lies around the core: answers to questions that records carry as text (the scope of a
//! model or a freeze, planned edits written as a query), and who wrote what in the log.

use crate::command::program::Program;
use crate::error::Result;
use crate::graph::Snapshot;
use crate::model::{ItemNumber, Position, SmolStr};
use std::fmt::Debug;
use std::sync::Arc;

/// What a process needs of a query language; the core has none of its own.
pub trait Queries: Debug + Send + Sync {
    /// The items among the values of the rows that a reading query returns, ascending, each once.
    ///
    /// # Errors
    /// The query does not read, writes, or passes a limit of the implementer's.
    fn items(&self, snapshot: &Arc<Snapshot>, text: &str) -> Result<Vec<ItemNumber>>;
    /// A writing query, to be run on a draft.
    ///
    /// # Errors
    /// The query does not read, or does not write.
    fn program(&self, text: &str) -> Result<Arc<dyn Program>>;
    /// Who made an entry of the log; none where that is not known yet. Must not wait for the writer.
    ///
    /// # Errors
    /// What reading the log gives.
    fn actor(&self, position: Position) -> Result<Option<SmolStr>>;
}
