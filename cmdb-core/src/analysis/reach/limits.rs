//! How long a question may take.

use std::sync::atomic::{AtomicBool, Ordering};

/// Rows read between two looks at the cancellation flag: some tens of microseconds.
const ROWS_PER_LOOK: usize = 4096;

static NEVER: AtomicBool = AtomicBool::new(false);

/// Budget and cancellation of one question. Where they cut it short the answer says so; it is no error.
#[derive(Clone, Copy, Debug)]
pub struct Limits<'a> {
    /// Items whose neighbours may be read.
    pub steps_max: Option<u64>,
    /// Set by whoever no longer waits for the answer.
    pub cancelled: &'a AtomicBool,
}

impl Limits<'_> {
    /// As long as it takes.
    pub fn none() -> Limits<'static> {
        Limits { steps_max: None, cancelled: &NEVER }
    }
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
    /// Where to look again, after `done` rows; `done` itself where it is time to stop.
    pub fn rows_from(&self, done: usize) -> usize {
        let left = self.steps_max.map_or(u64::MAX, |max| max.saturating_sub(done as u64));
        if self.is_cancelled() { done } else { done + left.min(ROWS_PER_LOOK as u64) as usize }
    }
}
