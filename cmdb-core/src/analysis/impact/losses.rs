//! What groups have lost in the course of one question, and what that makes of their gates.
//!
//! Most groups are uniform: members weigh 1 and none is standby. Of these a count of the lost members against the
//! snapshot's column of slacks tells everything, twelve bytes a group in all, so that the counters of a large graph
//! stay in the cache. Other groups are counted by weight, against their row.

use super::State;
use super::gate::fallen;
use super::margin::{Margins, weight_of};
use crate::graph::Snapshot;
use crate::graph::adjacency::{Entry, flag};
use crate::graph::group::{GroupRow, SLACK_UNKNOWN};

/// Counters of all groups. Nothing is cleared between questions: a counter of another epoch counts as zero.
#[derive(Debug, Default)]
pub(super) struct Losses {
    epoch: u32,
    counts: Vec<Count>,
    /// Made when the first group is met that is not uniform.
    weights: Vec<Weights>,
    margins: Margins,
}

/// Members that a uniform group has lost so far, and [`GIVEN`].
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    epoch: u32,
    lost: u32,
}

/// The gate has given its dependent `at_risk`.
const GIVEN: u32 = 1 << 31;

/// What another group has lost so far, in thousandths of weight.
#[derive(Clone, Copy, Debug, Default)]
struct Weights {
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

impl Losses {
    pub fn begin(&mut self, groups: usize) {
        self.counts.resize(groups, Count::default());
        self.weights.truncate(groups);
        self.epoch = self.epoch.wrapping_add(1);
        if self.epoch == 0 {
            self.counts.fill(Count::default());
            self.weights.fill(Weights::default());
            self.epoch = 1;
        }
        self.margins.clear();
    }
    /// Something of a group's counter, to fetch it before it is needed.
    #[inline]
    pub fn peek(&self, group: u32) -> u32 {
        self.counts.get(group as usize).map_or(0, |count| count.epoch)
    }
    /// Counts the member behind `entry` as lost in the pass of `state`. The state that the gate now gives its
    /// dependent, `up` included; none if it has given it that, or worse, before.
    #[inline]
    pub fn lose(&mut self, snapshot: &Snapshot, entry: &Entry, state: State) -> Option<State> {
        match snapshot.slack(entry.group) {
            SLACK_UNKNOWN => self.lose_weight(snapshot, entry, state),
            slack => self.lose_one(entry.group, slack, state),
        }
    }
    /// The margin is gone when the last loss that can be borne is down. That shows in the pass of `down`, and only
    /// there, since later passes bring no member down.
    #[inline]
    fn lose_one(&mut self, group: u32, slack: u32, state: State) -> Option<State> {
        let count = &mut self.counts[group as usize];
        if count.epoch != self.epoch {
            *count = Count { epoch: self.epoch, lost: 0 };
        }
        count.lost += 1;
        let given = if count.lost & GIVEN == 0 { State::Up } else { State::AtRisk };
        match count.lost & !GIVEN {
            lost if lost > slack => (state > given).then_some(state),
            lost if lost == slack && state == State::Down => {
                count.lost |= GIVEN;
                Some(State::AtRisk)
            }
            _ => (given == State::Up).then_some(State::Up),
        }
    }
    #[inline(never)]
    fn lose_weight(&mut self, snapshot: &Snapshot, entry: &Entry, state: State) -> Option<State> {
        let group = snapshot.group(entry.group);
        let weights = self.count_weight(snapshot, entry, &group, state);
        let mut becomes = fallen(&group, weights.active, weights.all, state);
        // Standby members are not looked at for the margin; without an active loss there is none to lose.
        if becomes == State::Up && weights.active > 0 {
            becomes = match weights.given {
                State::Up if self.margin_is_gone(snapshot, &group, entry.group, weights.down) => {
                    State::AtRisk
                }
                given => given,
            };
        }
        if becomes == State::Up {
            return Some(State::Up);
        }
        let more = becomes > weights.given;
        if more {
            self.weights[entry.group as usize].given = becomes;
        }
        more.then_some(becomes)
    }
    fn count_weight(
        &mut self,
        snapshot: &Snapshot,
        entry: &Entry,
        group: &GroupRow,
        state: State,
    ) -> Weights {
        let weight = weight_of(snapshot, entry);
        let active = if entry.kind & flag::STANDBY != 0 { 0 } else { weight };
        self.weights.resize(self.counts.len(), Weights::default());
        let weights = &mut self.weights[entry.group as usize];
        if weights.epoch != self.epoch {
            *weights = Weights { epoch: self.epoch, ..Weights::default() };
        }
        weights.active += active;
        weights.all += weight;
        if state == State::Down && active > 0 {
            weights.down += active;
            if !group.uniform {
                self.margins.lose(entry.group, active);
            }
        }
        *weights
    }
    /// Whether what is not down holds `needs` with nothing to spare for the heaviest of it.
    fn margin_is_gone(&mut self, snapshot: &Snapshot, group: &GroupRow, row: u32, down: u64) -> bool {
        let left = group.active.saturating_sub(down);
        // No member left is heavier than the heaviest of all, so most groups need no closer look.
        if left.saturating_sub(group.heaviest) >= group.needs {
            return false;
        }
        let heaviest = match group.uniform || down == 0 {
            true => group.heaviest,
            false => self.margins.heaviest_left(snapshot, row),
        };
        left.saturating_sub(heaviest) < group.needs
    }
}
