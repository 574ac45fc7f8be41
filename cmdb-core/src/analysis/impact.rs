//! What a failure or a change does: the state of every item, as the least fixpoint over gates.
//!
//! States form a lattice `up < at_risk < degraded < down`. The engine finds final states worst first, in breadth
//! first passes over one queue ([`passes`]); [`explain`] then proves single results, and [`blind`] lists what the
//! answer cannot know. The rules are in `docs/semantics.md`; the naive evaluator in the tests is the oracle.

pub mod blind;
mod cut;
pub mod explain;
pub mod gate;
mod losses;
mod margin;
mod passes;
#[cfg(test)]
pub(super) mod tests;

use crate::graph::View;
use crate::graph::adjacency::{Entry, flag};
use crate::model::Symbol;
use rustc_hash::FxHashSet;
use std::sync::atomic::AtomicBool;

pub use explain::{Explainer, GateProof, Step};
pub use passes::Scratch;

/// How an item is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    #[default]
    Up,
    /// Works, but the next loss takes it down.
    AtRisk,
    /// Works in part.
    Degraded,
    Down,
}

impl State {
    pub const ALL: [State; 4] = [State::Up, State::AtRisk, State::Degraded, State::Down];
    pub fn word(self) -> &'static str {
        match self {
            State::Up => "up",
            State::AtRisk => "at_risk",
            State::Degraded => "degraded",
            State::Down => "down",
        }
    }
    pub fn parse(word: &str) -> Option<State> {
        State::ALL.into_iter().find(|s| s.word() == word)
    }
}

/// A forced state: what is assumed to fail or to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root {
    /// Dense id.
    pub item: u32,
    /// A lower bound; other roots may make it worse.
    pub state: State,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub roots: &'a [Root],
    /// Waves beyond this are cut off; the answer then says that it is not complete. What is listed is listed as in
    /// the whole answer.
    pub depth_max: Option<u32>,
    /// Only these relationship types pass anything on.
    pub types: Option<&'a [Symbol]>,
    /// Links of low confidence pass nothing on.
    pub sure_links_only: bool,
    /// Relationships that count as such, too.
    pub doubtful: Option<&'a FxHashSet<u32>>,
    /// Set from outside to stop early; the answer then says that it is not complete.
    pub cancelled: Option<&'a AtomicBool>,
}

impl<'a> Question<'a> {
    pub fn new(roots: &'a [Root]) -> Question<'a> {
        Question {
            roots,
            depth_max: None,
            types: None,
            sure_links_only: false,
            doubtful: None,
            cancelled: None,
        }
    }
    /// Whether a link takes part.
    fn takes(&self, entry: &Entry) -> bool {
        let by_type = self.types.is_none_or(|types| types.iter().any(|t| t.0 == entry.type_symbol()));
        by_type && !(self.sure_links_only && self.is_unsure(entry))
    }
    fn is_unsure(&self, entry: &Entry) -> bool {
        entry.kind & flag::UNSURE != 0 || self.doubtful.is_some_and(|d| d.contains(&entry.number))
    }
}

/// Consecutive items of `Impact::order` that got the same state in the same wave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wave {
    pub state: State,
    pub depth: u32,
    pub start: u32,
    pub end: u32,
}

/// The answer: every item that is not up, and those that redundancy keeps up.
#[derive(Clone, Debug, Default)]
pub struct Impact {
    /// Dense ids, wave by wave; roots included.
    pub order: Vec<u32>,
    /// Worst state first, then by depth. Waves of state `up` hold the protected items.
    pub waves: Vec<Wave>,
    /// Whether nothing was cut off, protected items included.
    pub complete: bool,
    /// Where it was cut: items at the depth limit with something beyond, or the wave at which it was cancelled.
    pub frontier: Vec<u32>,
    /// What lies deeper than asked for.
    beyond: cut::Beyond,
}

impl Impact {
    /// Items of one wave.
    pub fn items(&self, wave: &Wave) -> &[u32] {
        &self.order[wave.start as usize..wave.end as usize]
    }
    /// Waves of items that are not up.
    pub fn affected_waves(&self) -> impl Iterator<Item = &Wave> {
        self.waves.iter().filter(|w| w.state != State::Up)
    }
    /// How many items (roots included) are in `state`; `up` counts the protected ones.
    pub fn count(&self, state: State) -> usize {
        self.waves.iter().filter(|w| w.state == state).map(|w| (w.end - w.start) as usize).sum()
    }
}

/// Computes the impact of `question` on what `view` shows.
pub fn impact(view: View<'_>, question: &Question<'_>, scratch: &mut Scratch) -> Impact {
    passes::run(view, question, scratch)
}
