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
use super::gate::fallen;
use super::margin::{Margins, weight_of};
use super::{Impact, Question, State, Wave};
use crate::graph::adjacency::{Entry, Gate, OTHER_MASK, Part, flag};
use crate::graph::group::GroupRow;
use crate::graph::{Snapshot, View};
use std::hint::black_box;
use std::sync::atomic::Ordering;

/// Rows whose beginnings are fetched at once.
const AHEAD: usize = 32;

/// Working memory, reused between questions: a bit an item, 32 bytes a group.
#[derive(Debug, Default)]
pub struct Scratch {
    visited: Vec<u64>,
    /// Items in the order they were reached, with one slot to spare for the push without a branch.
    order: Vec<u32>,
    groups: Vec<Losses>,
    epoch: u32,
    /// (depth, item) by state.
    seeds: [Vec<(u32, u32)>; 4],
    margins: Margins,
}

/// What a group has lost so far, in thousandths of weight.
#[derive(Clone, Copy, Debug, Default)]
struct Losses {
    epoch: u32,
    /// The worst state its gate has given its dependent so far.
    given: State,
    /// Active weight that is down; final once the pass of `down` is over.
    down: u64,
    /// Active weight at the running pass's state or worse.
    active: u64,
    /// The same with standby members.
    all: u64,
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
    view.hidden_bits(&mut scratch.visited);
    scratch.groups.resize(snapshot.group_rows(), Losses::default());
    scratch.epoch = scratch.epoch.wrapping_add(1);
    if scratch.epoch == 0 {
        scratch.groups.fill(Losses::default());
        scratch.epoch = 1;
    }
    scratch.seeds.iter_mut().for_each(Vec::clear);
    scratch.margins.clear();
    scratch.order.resize(snapshot.nodes() as usize + 1, 0);
    for root in question.roots.iter().filter(|r| r.state != State::Up && r.item < snapshot.nodes()) {
        scratch.seeds[root.state as usize].push((0, root.item));
    }
    let picky = question.types.is_some() || question.sure_links_only;
    let mut run = Run { snapshot, question, scratch, reached: 0, waves: Vec::new(), cancelled: false, picky };
    for state in [State::Down, State::Degraded, State::AtRisk, State::Up] {
        run.pass(state);
    }
    let Run { reached, waves, cancelled, .. } = run;
    let order = scratch.order[..reached].to_vec();
    let last = waves.last().filter(|_| cancelled).map(|w| order[w.start as usize..w.end as usize].to_vec());
    let frontier = last.unwrap_or_default();
    let mut answer = Impact { order, waves, complete: !cancelled, frontier, beyond: Beyond::default() };
    cut(snapshot, question, &mut answer, &mut scratch.visited);
    answer
}

/// Appends the items not visited yet, without a branch on whether they were; the new number reached.
#[inline]
fn visit_all(scratch: &mut Scratch, mut reached: usize, items: impl Iterator<Item = u32>) -> usize {
    let (visited, order) = (scratch.visited.as_mut_slice(), scratch.order.as_mut_slice());
    for item in items {
        let word = &mut visited[item as usize / 64];
        let bit = 1u64 << (item % 64);
        order[reached] = item;
        reached += usize::from(*word & bit == 0);
        *word |= bit;
    }
    reached
}

impl Run<'_, '_> {
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
        self.reached = visit_all(self.scratch, self.reached, std::iter::once(item));
    }
    /// Expands the items of a wave. The beginnings of [`AHEAD`] rows are fetched before the first of them is looked
    /// at, so that their cache misses overlap (see `analysis::reach::rows`); of a row in several parts the later
    /// ones follow at the batch's end.
    fn expand_wave(&mut self, state: State, depth: u32, start: usize, end: usize) {
        let snapshot = self.snapshot;
        for from in (start..end).step_by(AHEAD) {
            let to = end.min(from + AHEAD);
            let mut ready: [Option<Part<'_>>; AHEAD] = [None; AHEAD];
            let mut long = false;
            for (slot, item) in ready.iter_mut().zip(&self.scratch.order[from..to]) {
                let mut parts = snapshot.dependents().row(*item).parts();
                *slot = parts.next();
                long |= parts.next().is_some();
            }
            let begins = |part: &Part<'_>| part.heads().first().copied().unwrap_or(0);
            black_box(ready.iter().flatten().fold(0, |all, part| all ^ begins(part)));
            for (slot, at) in ready.iter().zip(from..to) {
                if let Some(part) = slot {
                    self.expand_part(state, depth, self.scratch.order[at], *part);
                }
            }
            for at in if long { from..to } else { to..to } {
                let item = self.scratch.order[at];
                for part in snapshot.dependents().row(item).parts().skip(1) {
                    self.expand_part(state, depth, item, part);
                }
            }
        }
    }
    #[inline]
    fn expand_part(&mut self, state: State, depth: u32, item: u32, part: Part<'_>) {
        match (self.picky, state) {
            (false, State::Up) => {
                let others = part.heads().iter().map(|head| head & OTHER_MASK);
                self.reached = visit_all(self.scratch, self.reached, others);
            }
            (false, _) => self.expand(state, depth, part),
            (true, _) => self.expand_picky(state, depth, item, part),
        }
    }
    /// Hard entries come first in a part: a plain loop over them, then a short one over the rest.
    #[inline]
    fn expand(&mut self, state: State, depth: u32, part: Part<'_>) {
        let heads = part.heads();
        let at = match heads.last() {
            Some(last) if *last > OTHER_MASK => heads.iter().take_while(|head| **head <= OTHER_MASK).count(),
            _ => heads.len(),
        };
        self.reached = visit_all(self.scratch, self.reached, heads[..at].iter().copied());
        if at == heads.len() {
            return;
        }
        let (kinds, groups, numbers) = (part.kinds(), part.groups(), part.numbers());
        for i in at..heads.len() {
            if kinds[i] & flag::SHADOW == 0 {
                let entry = Entry { head: heads[i], kind: kinds[i], group: groups[i], number: numbers[i] };
                self.pass_on(state, depth, entry);
            }
        }
    }
    #[cold]
    fn expand_picky(&mut self, state: State, depth: u32, item: u32, part: Part<'_>) {
        for entry in part.entries().filter(|e| self.question.takes(e)) {
            match (state, entry.kind & flag::SHADOW != 0) {
                (State::Up, _) => self.visit(entry.other()),
                (_, false) => self.pass_on(state, depth, entry),
                (_, true) => {
                    if let Some(counting) = self.stands_in(item, entry) {
                        self.pass_on(state, depth, counting);
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
    fn pass_on(&mut self, state: State, depth: u32, entry: Entry) {
        let dependent = entry.other();
        if self.is_visited(dependent) {
            return;
        }
        match entry.gate() {
            Gate::Hard => self.visit(dependent),
            Gate::Soft if state == State::Down => self.seed(State::Degraded, depth + 1, dependent),
            Gate::Soft => self.seed(State::Up, depth + 1, dependent),
            Gate::Group => self.lose_member(state, depth, entry),
        }
    }
    fn seed(&mut self, state: State, depth: u32, item: u32) {
        self.scratch.seeds[state as usize].push((depth, item));
    }
    fn lose_member(&mut self, state: State, depth: u32, entry: Entry) {
        let group = self.snapshot.group(entry.group);
        let losses = self.count_loss(state, &entry, &group);
        let mut becomes = fallen(&group, losses.active, losses.all, state);
        // Standby members are not looked at for the margin; without an active loss there is none to lose.
        if becomes == State::Up && losses.active > 0 {
            becomes = match losses.given {
                State::Up if self.margin_is_gone(&group, entry.group, losses.down) => State::AtRisk,
                given => given,
            };
        }
        if becomes == State::Up {
            self.seed(State::Up, depth + 1, entry.other());
        } else if becomes > losses.given {
            self.scratch.groups[entry.group as usize].given = becomes;
            match becomes == state {
                true => self.visit(entry.other()),
                false => self.seed(becomes, depth + 1, entry.other()),
            }
        }
    }
    fn count_loss(&mut self, state: State, entry: &Entry, group: &GroupRow) -> Losses {
        let weight = weight_of(self.snapshot, entry);
        let active = if entry.kind & flag::STANDBY != 0 { 0 } else { weight };
        let epoch = self.scratch.epoch;
        let losses = &mut self.scratch.groups[entry.group as usize];
        if losses.epoch != epoch {
            *losses = Losses { epoch, ..Losses::default() };
        }
        losses.active += active;
        losses.all += weight;
        if state == State::Down && active > 0 {
            losses.down += active;
            if !group.uniform {
                self.scratch.margins.lose(entry.group, active);
            }
        }
        self.scratch.groups[entry.group as usize]
    }
    /// Whether what is not down holds `needs` with nothing to spare for the heaviest of it.
    fn margin_is_gone(&mut self, group: &GroupRow, row: u32, down: u64) -> bool {
        let left = group.active.saturating_sub(down);
        // No member left is heavier than the heaviest of all, so most groups need no closer look.
        if left.saturating_sub(group.heaviest) >= group.needs {
            return false;
        }
        let heaviest = match group.uniform || down == 0 {
            true => group.heaviest,
            false => self.scratch.margins.heaviest_left(self.snapshot, row),
        };
        left.saturating_sub(heaviest) < group.needs
    }
}
