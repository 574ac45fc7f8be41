//! The engine: worst state first, three breadth-first passes and one for what stays up.
//!
//! An item gets its final state when it is first reached and is expanded once. Within the pass of state S a hard
//! dependent joins the running wave; a soft dependent of something down is kept as a seed for the `degraded` pass;
//! a group counts its losses and joins the wave when its gate has become S, or is kept as a seed for the pass of a
//! milder state that its gate has become. A pass merges its seeds with its own waves by depth. This is right
//! because no gate amplifies: what it becomes depends only on which members are at that state or worse. The last
//! pass walks from what was touched and held: the protected items. Each item is expanded once in all, so the whole
//! costs little more than plain reachability.
//!
//! **Depth.** Steps (pass, wave) come in one order: worst state first, then wave by wave. At each step a group's
//! gate is what the rule makes of the members lost up to there, all others being up. A group gives its dependent a
//! state at the first step at which its gate is that state; in wave k of any pass that is a reason at depth k + 1,
//! and so is a hard or soft dependency lost in wave k. An item's depth is the least of the reasons for its final
//! state, 0 for a forced one. Hence some member lost in wave k tipped the gate, which is what the witness chain
//! follows, and a gate that had already given a state because of worse losses is not said to do so once more
//! because of milder ones. Neither depth nor state depends on how items are numbered.

use super::cut::{Beyond, cut};
use super::losses::Losses;
use super::{Impact, Question, State, Wave};
use crate::analysis::reach::rows;
use crate::graph::adjacency::{Entry, Gate, OTHER_MASK, Part, flag};
use crate::graph::{Snapshot, View};
use std::hint::black_box;
use std::sync::atomic::Ordering;

/// Rows whose beginnings are fetched at once.
const AHEAD: usize = 32;
/// Lost links noted before they are looked at.
const LOST_MAX: usize = 256;
/// An answer that holds more than one item in so many takes the memory it was computed in along.
const KEPT_SHARE: usize = 4;

/// Working memory, reused between questions: a bit and 4 bytes an item, 8 bytes a group, and 32 a group once there
/// are groups that are not uniform.
#[derive(Debug, Default)]
pub struct Scratch {
    visited: Vec<u64>,
    /// Items in the order they were reached, with one slot to spare for the push without a branch.
    order: Vec<u32>,
    losses: Losses,
    /// (depth, item) by state.
    seeds: [Vec<(u32, u32)>; 4],
    /// Links that the running wave has lost and that are soft or of groups, not passed on over yet.
    lost: Vec<Entry>,
}

impl Scratch {
    /// Takes back the memory of an answer that is no longer needed.
    pub fn recycle(&mut self, answer: Impact) {
        if self.order.capacity() < answer.order.capacity() {
            self.order = answer.order;
        }
    }
    /// The first `reached` items. Where they are many the memory goes with the answer instead of being copied.
    fn answered(&mut self, reached: usize) -> Vec<u32> {
        if reached < self.order.len() / KEPT_SHARE {
            return self.order[..reached].to_vec();
        }
        let mut order = std::mem::take(&mut self.order);
        order.truncate(reached);
        order
    }
    fn begin(&mut self, view: View<'_>) {
        view.hidden_bits(&mut self.visited);
        self.losses.begin(view.snapshot().group_rows());
        self.seeds.iter_mut().for_each(Vec::clear);
        self.lost.clear();
        let slots = view.snapshot().nodes() as usize + 1;
        match self.order.is_empty() {
            // Zeroed memory from the system costs nothing until it is touched.
            true => self.order = vec![0; slots],
            false => self.order.resize(slots, 0),
        }
    }
}

struct Run<'a, 'q> {
    snapshot: &'a Snapshot,
    question: &'q Question<'q>,
    scratch: &'q mut Scratch,
    /// Items reached so far: the part of `scratch.order` in use.
    reached: usize,
    waves: Vec<Wave>,
    /// The question was cancelled; the last wave was not expanded.
    cancelled: bool,
    /// Whether every entry must be looked at for its type and flags.
    picky: bool,
}

pub(super) fn run(view: View<'_>, question: &Question<'_>, scratch: &mut Scratch) -> Impact {
    let snapshot = view.snapshot();
    scratch.begin(view);
    for root in question.roots.iter().filter(|r| r.state != State::Up && r.item < snapshot.nodes()) {
        scratch.seeds[root.state as usize].push((0, root.item));
    }
    let picky = question.types.is_some() || question.sure_links_only;
    let mut run = Run { snapshot, question, scratch, reached: 0, waves: Vec::new(), cancelled: false, picky };
    for state in [State::Down, State::Degraded, State::AtRisk, State::Up] {
        run.pass(state);
    }
    let Run { reached, waves, cancelled, .. } = run;
    let order = scratch.answered(reached);
    let last = waves.last().filter(|_| cancelled).map(|w| order[w.start as usize..w.end as usize].to_vec());
    let frontier = last.unwrap_or_default();
    let mut answer = Impact { order, waves, complete: !cancelled, frontier, beyond: Beyond::default() };
    cut(snapshot, question, &mut answer, &mut scratch.visited);
    answer
}

impl<'a> Run<'a, '_> {
    fn pass(&mut self, state: State) {
        let mut seeds = std::mem::take(&mut self.scratch.seeds[state as usize]);
        // Each pass seeds in order of depth, so this is a merge of a few runs.
        seeds.sort_by_key(|(depth, _)| *depth);
        let mut next_seed = 0;
        let mut start = self.reached;
        let mut depth = seeds.first().map_or(0, |(depth, _)| *depth);
        while !self.cancelled {
            while let Some(&(seed_depth, item)) = seeds.get(next_seed)
                && seed_depth <= depth
            {
                self.visit(item);
                next_seed += 1;
            }
            let end = self.reached;
            if start == end {
                match seeds.get(next_seed) {
                    Some((seed_depth, _)) => depth = *seed_depth,
                    None => break,
                }
                continue;
            }
            self.waves.push(Wave { state, depth, start: start as u32, end: end as u32 });
            if self.question.cancelled.is_some_and(|c| c.load(Ordering::Relaxed)) {
                self.cancelled = true;
                break;
            }
            self.expand_wave(state, depth, start, end);
            start = end;
            depth += 1;
        }
        seeds.clear();
        self.scratch.seeds[state as usize] = seeds;
    }
    #[inline]
    fn is_visited(&self, item: u32) -> bool {
        self.scratch.visited[item as usize / 64] >> (item % 64) & 1 != 0
    }
    #[inline]
    fn visit(&mut self, item: u32) {
        let Scratch { visited, order, .. } = &mut *self.scratch;
        self.reached = rows::push(visited, order, self.reached, item, 1);
    }
    fn expand_wave(&mut self, state: State, depth: u32, start: usize, end: usize) {
        if state == State::Up && !self.picky {
            let Scratch { visited, order, .. } = &mut *self.scratch;
            self.reached = rows::expand(self.snapshot.dependents(), visited, order, self.reached, start..end);
            return;
        }
        let mut ready = [None; AHEAD];
        for from in (start..end).step_by(AHEAD) {
            let to = end.min(from + AHEAD);
            self.expand_rows(state, from, to, &mut ready[..to - from]);
            if self.scratch.lost.len() >= LOST_MAX {
                self.lose_members(state, depth);
            }
        }
        self.lose_members(state, depth);
    }
    /// Expands as many items as there are slots. The beginnings of their rows are fetched before the first of them
    /// is looked at, so that the cache misses overlap (see `analysis::reach::rows`); of a row in several parts the
    /// later ones follow at the end.
    #[inline]
    fn expand_rows(&mut self, state: State, from: usize, to: usize, ready: &mut [Option<Part<'a>>]) {
        let dependents = self.snapshot.dependents();
        let mut long = false;
        for (slot, item) in ready.iter_mut().zip(&self.scratch.order[from..to]) {
            let mut parts = dependents.row(*item).parts();
            *slot = parts.next();
            long |= parts.next().is_some();
        }
        let begins = |part: &Part<'_>| part.heads().first().copied().unwrap_or(0);
        black_box(ready.iter().flatten().fold(0, |all, part| all ^ begins(part)));
        for (slot, at) in ready.iter().zip(from..to) {
            if let Some(part) = slot {
                self.expand_part(state, at, *part);
            }
        }
        for at in if long { from..to } else { to..to } {
            for part in dependents.row(self.scratch.order[at]).parts().skip(1) {
                self.expand_part(state, at, part);
            }
        }
    }
    #[inline]
    fn expand_part(&mut self, state: State, at: usize, part: Part<'_>) {
        match self.picky {
            false => self.expand(part),
            true => self.expand_picky(state, self.scratch.order[at], part),
        }
    }
    /// Hard entries come first in a part. One loop over all entries visits those, with no branch on where they end;
    /// the others, noted from the part's end, are looked at later, since that means more cache misses.
    #[inline]
    fn expand(&mut self, part: Part<'_>) {
        let heads = part.heads();
        let Scratch { visited, order, .. } = &mut *self.scratch;
        for head in heads {
            let hard = u64::from(*head <= OTHER_MASK);
            self.reached = rows::push(visited, order, self.reached, head & OTHER_MASK, hard);
        }
        if heads.last().is_some_and(|last| *last > OTHER_MASK) {
            self.note_lost(part);
        }
    }
    #[inline]
    fn note_lost(&mut self, part: Part<'_>) {
        let (heads, kinds, groups) = (part.heads(), part.kinds(), part.groups());
        for (i, &head) in heads.iter().enumerate().rev().take_while(|(_, head)| **head > OTHER_MASK) {
            if self.is_visited(head & OTHER_MASK) {
                continue;
            }
            let kind = kinds[i];
            let number = if kind & flag::WEIGHTED == 0 { 0 } else { part.numbers()[i] };
            self.scratch.lost.push(Entry { head, kind, group: groups[i], number });
        }
    }
    #[cold]
    fn expand_picky(&mut self, state: State, item: u32, part: Part<'_>) {
        for entry in part.entries().filter(|e| self.question.takes(e)) {
            match (state, entry.kind & flag::SHADOW != 0) {
                (State::Up, _) => self.visit(entry.other()),
                (_, false) => self.pass_on(entry),
                (_, true) => {
                    if let Some(counting) = self.stands_in(item, entry) {
                        self.pass_on(counting);
                    }
                }
            }
        }
    }
    /// The row that counts for the item behind a shadowed one, if the question leaves that row out and `entry` is
    /// the first of the others: the item is a member by this type alone, and still weighs what it weighs.
    fn stands_in(&self, item: u32, entry: Entry) -> Option<Entry> {
        let row = self.snapshot.dependents().row(item);
        let rows = || row.find(entry.head).filter(|e| e.group == entry.group);
        let counting = rows().find(|e| e.kind & flag::SHADOW == 0)?;
        let first = rows().find(|e| self.question.takes(e))?;
        (!self.question.takes(&counting) && first == entry).then_some(counting)
    }
    /// What one link does to its dependent.
    fn pass_on(&mut self, entry: Entry) {
        match entry.gate() {
            Gate::Hard => self.visit(entry.other()),
            Gate::Soft | Gate::Group => self.scratch.lost.push(entry),
        }
    }
    fn seed(&mut self, state: State, depth: u32, item: u32) {
        self.scratch.seeds[state as usize].push((depth, item));
    }
    /// Passes on over the links noted, fetching slacks and counters of [`AHEAD`] groups at once.
    fn lose_members(&mut self, state: State, depth: u32) {
        let lost = std::mem::take(&mut self.scratch.lost);
        for batch in lost.chunks(AHEAD) {
            let fetch =
                |entry: &Entry| self.snapshot.slack(entry.group) ^ self.scratch.losses.peek(entry.group);
            black_box(batch.iter().fold(0, |all, entry| all ^ fetch(entry)));
            for entry in batch {
                if entry.kind & flag::SHADOW != 0 || self.is_visited(entry.other()) {
                    continue;
                }
                let becomes = match entry.gate() {
                    Gate::Group => self.scratch.losses.lose(self.snapshot, entry, state),
                    _ if state == State::Down => Some(State::Degraded),
                    _ => Some(State::Up),
                };
                match becomes {
                    Some(becomes) if becomes == state => self.visit(entry.other()),
                    Some(becomes) => self.seed(becomes, depth + 1, entry.other()),
                    None => {}
                }
            }
        }
        self.scratch.lost = lost;
        self.scratch.lost.clear();
    }
}
