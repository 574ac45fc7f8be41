//! The effect of several activities at once.
//!
//! Hard and soft links pass on the maximum of what reaches them, so effects that meet only there simply lie over each
//! other. Only a gate makes more of two losses than the worse of them. Hence: split a set into clusters whose members
//! meet at a group; effects of clusters that share no group are independent, and their union is the least fixpoint of
//! the whole (each gate sees one cluster, every other rule takes the maximum). A cluster's joint effect may reach
//! groups that none of its members reached; then clusters are joined again until nothing more meets.

use super::alone::{groups_of, stakes_of};
use super::culprits::Seen;
use super::{Ground, State};
use crate::analysis::impact::{Impact, Question, Root, Scratch, impact};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::rc::Rc;

/// Places of activities, ascending.
pub(in crate::analysis) type Set = SmallVec<[u32; 6]>;

/// Effects remembered by one thread at most; then it starts afresh.
const MEMO_MAX: usize = 1 << 12;

/// What a set does to the stakes, and the groups it reaches.
#[derive(Debug, Default)]
pub(in crate::analysis) struct Effect {
    /// By dense id; only what is not up.
    pub stakes: Vec<(u32, State)>,
    pub groups: Vec<u32>,
}

pub(in crate::analysis) fn state_in(stakes: &[(u32, State)], stake: u32) -> State {
    stakes.binary_search_by_key(&stake, |(item, _)| *item).map_or(State::Up, |at| stakes[at].1)
}

/// One thread's evaluator: scratch memory, and what it has worked out so far.
pub(in crate::analysis) struct Joint<'a> {
    ground: &'a Ground<'a>,
    scratch: Scratch,
    memo: FxHashMap<Set, Rc<Effect>>,
    /// What sets do to the stakes.
    together: FxHashMap<Set, Rc<Vec<(u32, State)>>>,
    /// By group: (round, cluster) that reached it last.
    owners: Vec<(u32, u32)>,
    round: u32,
    /// Lent to whoever follows an effect back.
    pub(super) seen: Seen,
}

impl<'a> Joint<'a> {
    pub fn new(ground: &'a Ground<'a>) -> Joint<'a> {
        let owners = vec![(0, 0); ground.view.snapshot().group_rows()];
        Joint {
            ground,
            scratch: Scratch::default(),
            memo: FxHashMap::default(),
            together: FxHashMap::default(),
            owners,
            round: 0,
            seen: Seen::default(),
        }
    }
    pub fn ground(&self) -> &'a Ground<'a> {
        self.ground
    }
    /// The state that a set leaves a stake in.
    pub fn state(&mut self, set: &[u32], stake: u32) -> State {
        match set {
            [] => State::Up,
            [one] => state_in(&self.ground.alone[*one as usize].stakes, stake),
            _ => state_in(&self.stakes(set), stake),
        }
    }
    /// What a set of two or more does to the stakes, by dense id.
    pub fn stakes(&mut self, set: &[u32]) -> Rc<Vec<(u32, State)>> {
        if let Some(known) = self.together.get(set) {
            return known.clone();
        }
        let ground = self.ground;
        let groups = set.iter().map(|one| ground.alone[*one as usize].groups.as_slice());
        let leaders = self.meet(groups);
        let meets = leaders.iter().enumerate().any(|(at, leader)| at != *leader);
        let all = match meets {
            // As one, without a look at what else it might meet.
            true => {
                let answer = self.impact(set);
                let stakes = stakes_of(&answer, &ground.stakes);
                self.scratch.recycle(answer);
                stakes
            }
            false => {
                let each = set.iter().flat_map(|one| ground.alone[*one as usize].stakes.iter().copied());
                let mut all: Vec<(u32, State)> = each.collect();
                all.sort_unstable_by_key(|(item, state)| (*item, std::cmp::Reverse(*state)));
                all.dedup_by_key(|(item, _)| *item);
                all
            }
        };
        if self.together.len() >= MEMO_MAX {
            self.together.clear();
        }
        let all = Rc::new(all);
        self.together.insert(Set::from_slice(set), all.clone());
        all
    }
    /// The clusters of a set, each with its effect.
    pub fn clusters(&mut self, set: &[u32]) -> Vec<(Set, Rc<Effect>)> {
        let mut clusters: Vec<(Set, Rc<Effect>)> =
            set.iter().map(|one| (Set::from_slice(&[*one]), self.effect(&[*one]))).collect();
        loop {
            let leaders = self.meet(clusters.iter().map(|(_, effect)| effect.groups.as_slice()));
            let mut joined: Vec<(usize, Set)> = Vec::new();
            for (at, (members, _)) in clusters.iter().enumerate() {
                match joined.iter_mut().find(|(leader, _)| *leader == leaders[at]) {
                    Some((_, set)) => set.extend_from_slice(members),
                    None => joined.push((leaders[at], members.clone())),
                }
            }
            if joined.len() == clusters.len() {
                return clusters;
            }
            clusters = joined
                .into_iter()
                .map(|(_, mut set)| {
                    set.sort_unstable();
                    let effect = self.effect(&set);
                    (set, effect)
                })
                .collect();
        }
    }
    /// For each of some, by the groups that they reach, the first one that it meets, directly or by way of others.
    fn meet<'g>(&mut self, reached: impl ExactSizeIterator<Item = &'g [u32]>) -> Vec<usize> {
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.owners.fill((0, 0));
            self.round = 1;
        }
        let mut leaders: Vec<usize> = (0..reached.len()).collect();
        for (at, groups) in reached.enumerate() {
            for group in groups {
                let Some(owner) = self.owners.get_mut(*group as usize) else { continue };
                if owner.0 == self.round {
                    let (a, b) = (leader(&leaders, owner.1 as usize), leader(&leaders, at));
                    leaders[a.max(b)] = a.min(b);
                }
                *owner = (self.round, at as u32);
            }
        }
        (0..leaders.len()).map(|at| leader(&leaders, at)).collect()
    }
    /// The effect of a set taken as one.
    fn effect(&mut self, set: &[u32]) -> Rc<Effect> {
        if let Some(known) = self.memo.get(set) {
            return known.clone();
        }
        let effect = Rc::new(match set {
            [one] => {
                let alone = &self.ground.alone[*one as usize];
                Effect { stakes: alone.stakes.clone(), groups: alone.groups.clone() }
            }
            _ => {
                let answer = self.impact(set);
                let effect = Effect {
                    stakes: stakes_of(&answer, &self.ground.stakes),
                    groups: groups_of(self.ground.view.snapshot(), &answer),
                };
                self.scratch.recycle(answer);
                effect
            }
        });
        if self.memo.len() >= MEMO_MAX {
            self.memo.clear();
        }
        self.memo.insert(Set::from_slice(set), effect.clone());
        effect
    }
    /// The whole impact of a set.
    pub fn impact(&mut self, set: &[u32]) -> Impact {
        let roots: Vec<Root> =
            set.iter().flat_map(|a| self.ground.activity(*a as usize).roots.iter().copied()).collect();
        impact(self.ground.view, &Question::new(&roots), &mut self.scratch)
    }
}

fn leader(leaders: &[usize], mut at: usize) -> usize {
    while leaders[at] != at {
        at = leaders[at];
    }
    at
}
