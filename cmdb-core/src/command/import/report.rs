//! What an import did, and every row that it could not take.

use crate::command::rule::Settled;
use crate::model::intake::Complaint;
use crate::model::{Position, SmolStr};
use std::collections::BTreeMap;

/// Rejections listed; the count is always whole.
pub const REJECTED_LISTED_MAX: usize = 10_000;
/// Keys that were not used, as far as they are listed.
pub const IGNORED_LISTED_MAX: usize = 1_000;
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
    /// Keys that were not used to tell which item a row is about, as sentences with how many rows had them.
    pub ignored_keys: BTreeMap<String, u64>,
    /// What the rules made of it, and what they ended.
    pub derived: Settled,
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
    /// Notes a value that says nothing about which item a row is about.
    pub fn placeholder_key(&mut self, attribute: &str, value: &str) {
        self.ignored_key(format!("{attribute} \"{value}\" identifies nothing"));
    }
    /// Notes a key that rows share which call themselves differently.
    pub fn shared_key(&mut self, key: String) {
        self.ignored_key(format!("{key} is shared by rows of different names"));
    }
    fn ignored_key(&mut self, what: String) {
        if let Some(rows) = self.ignored_keys.get_mut(&what) {
            *rows += 1;
        } else if self.ignored_keys.len() < IGNORED_LISTED_MAX {
            self.ignored_keys.insert(what, 1);
        }
    }
    pub fn unresolved(&mut self, reference: &SmolStr) {
        self.unresolved_count += 1;
        if self.unresolved.len() < UNRESOLVED_LISTED_MAX {
            self.unresolved.push(reference.clone());
        }
    }
}
