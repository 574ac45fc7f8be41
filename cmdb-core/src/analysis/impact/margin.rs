//! What groups have left where members differ in weight: the heaviest member that is not down decides whether
//! there is a margin. Counted only for groups whose margin is in doubt, and kept by weight, so that each loss costs
//! a look-up however many members there are.

use crate::graph::adjacency::{Entry, Gate, flag};
use crate::graph::link::{Membership, UNIT_WEIGHT};
use crate::graph::{Records, Snapshot};
use crate::model::RelationshipNumber;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Active weights by group row, of groups that lost something to `down`.
#[derive(Debug, Default)]
pub(super) struct Margins(FxHashMap<u32, Weights>);

#[derive(Debug, Default)]
struct Weights {
    /// Weights lost before `left` was counted.
    lost: Vec<u64>,
    /// How many members of each weight are left; counted when first asked for.
    left: Option<BTreeMap<u64, u32>>,
}

impl Margins {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
    /// An active member of this weight is down.
    pub(super) fn lose(&mut self, group: u32, weight: u64) {
        let weights = self.0.entry(group).or_default();
        match &mut weights.left {
            Some(left) => remove_one(left, weight),
            None => weights.lost.push(weight),
        }
    }
    /// The heaviest active member that is not among those lost.
    pub(super) fn heaviest_left(&mut self, snapshot: &Snapshot, group: u32) -> u64 {
        if self.0.get(&group).is_none_or(|w| w.left.is_none()) {
            self.count(snapshot, snapshot.group(group).dependent);
        }
        let left = self.0.get(&group).and_then(|w| w.left.as_ref());
        left.and_then(BTreeMap::last_key_value).map_or(0, |(weight, _)| *weight)
    }
    /// Counts all such groups of `dependent` in one walk over its row.
    fn count(&mut self, snapshot: &Snapshot, dependent: u32) {
        let mut counted: FxHashMap<u32, BTreeMap<u64, u32>> = FxHashMap::default();
        for entry in snapshot.dependencies().row(dependent).entries() {
            let counts = entry.gate() == Gate::Group && entry.kind & (flag::SHADOW | flag::STANDBY) == 0;
            if counts && !snapshot.is_hidden(entry.other()) && !snapshot.group(entry.group).uniform {
                *counted.entry(entry.group).or_default().entry(weight_of(snapshot, &entry)).or_default() += 1;
            }
        }
        for (group, mut left) in counted {
            let weights = self.0.entry(group).or_default();
            weights.lost.drain(..).for_each(|weight| remove_one(&mut left, weight));
            weights.left.get_or_insert(left);
        }
    }
}

fn remove_one(left: &mut BTreeMap<u64, u32>, weight: u64) {
    if let Some(count) = left.get_mut(&weight) {
        *count -= 1;
        if *count == 0 {
            left.remove(&weight);
        }
    }
}

/// The weight of the group member behind `entry`, in thousandths.
pub(super) fn weight_of(snapshot: &Snapshot, entry: &Entry) -> u64 {
    if entry.kind & flag::WEIGHTED == 0 {
        return UNIT_WEIGHT;
    }
    let record = snapshot.relationship(RelationshipNumber(entry.number)).ok().flatten();
    record.as_ref().and_then(Membership::of).map_or(UNIT_WEIGHT, |m| m.weight)
}
