//! What an import did, and every row that it could not take.

use crate::model::intake::Complaint;
use crate::model::{Position, SmolStr};

/// Rejections listed; the count is always whole.
pub const REJECTED_LISTED_MAX: usize = 10_000;
/// Unresolved references listed.
pub const UNRESOLVED_LISTED_MAX: usize = 1_000;

/// What happened to the rows of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub removed: u64,
    /// Rows, each once however much is wrong with it.
    pub rejected: u64,
    /// Rows that could be about several items and changed none.
    pub conflicting: u64,
}

/// A row that was not taken.
pub type Rejection = Complaint;

/// The whole report.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub items: Counters,
    pub relationships: Counters,
    /// The first [`REJECTED_LISTED_MAX`] rejections.
    pub rejected: Vec<Rejection>,
    pub rejected_count: u64,
    /// References that are in no file and not in the graph; each became a placeholder.
    pub unresolved: Vec<SmolStr>,
    pub unresolved_count: u64,
    /// What was defined or taken for granted.
    pub assumed: Vec<String>,
    /// Of the last part decided.
    pub position: Position,
}

impl Report {
    pub fn reject(&mut self, rejection: Rejection) {
        self.rejected_count += 1;
        if self.rejected.len() < REJECTED_LISTED_MAX {
            self.rejected.push(rejection);
        }
    }
    pub fn unresolved(&mut self, reference: &SmolStr) {
        self.unresolved_count += 1;
        if self.unresolved.len() < UNRESOLVED_LISTED_MAX {
            self.unresolved.push(reference.clone());
        }
    }
}
