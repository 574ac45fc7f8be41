//! Work that decides many edits as one command: a writing query, a move of a process.

use super::Answer;
use super::decider::Decider;
use crate::error::Result;
use std::fmt::Debug;

/// Decides edits on a draft, reading it in between; after an error nothing of it stays.
///
/// It runs on the writer thread, so an implementer bounds its time. It may be run again on a newer state if the log
/// moved meanwhile, so it keeps no edits of its own.
pub trait Program: Debug + Send + Sync {
    /// The command's name in the log.
    fn name(&self) -> &'static str;
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer>;
}
