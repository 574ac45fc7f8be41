//! The minimal sets of activities behind a joint effect.
//!
//! A set is to blame for a service's state if the state is milder without any one of its members. For one newcomer
//! and what runs when it begins, the cluster it belongs to is evaluated once, and each other with the newcomer. For a
//! service that suffers by more than two together, the result is followed back to the activities it leans on, usually
//! two or three; among those the minimal sets are looked for. What never matters to the service is never tried.

use super::joint::{Joint, Set, state_in};
use super::{Collision, CollisionKind, Doing, Ground, Span, State, worst_first};
use crate::analysis::impact::Impact;
use crate::graph::adjacency::Gate;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Sets of a big group looked at by size for one service and state before the report says that it is not complete.
const SETS_TRIED_MAX: usize = 2_048;
/// Ways to avoid the known minimal sets that are followed before sets are tried by size.
const AVOIDED_MAX: usize = 256;

/// Minimal sets found, each with the services it is to blame for.
type Found = BTreeMap<Set, BTreeMap<u32, State>>;

/// Joint collisions of which `newcomer` is the last to begin; and whether all were found.
pub(super) fn of(joint: &mut Joint<'_>, running: &[usize], newcomer: usize) -> (Vec<Collision>, bool) {
    let ground = joint.ground();
    if running.is_empty() {
        return (Vec::new(), true);
    }
    let mut set: Set = running.iter().chain([&newcomer]).map(|a| *a as u32).collect();
    set.sort_unstable();
    let newcomer = newcomer as u32;
    let clusters = joint.clusters(&set);
    let Some((cluster, effect)) = clusters.into_iter().find(|(c, _)| c.contains(&newcomer)) else {
        return (Vec::new(), true);
    };
    if cluster.len() < 2 {
        return (Vec::new(), true);
    }
    let alone = &ground.alone[newcomer as usize];
    let touched =
        |stake: &u32| alone.held.binary_search(stake).is_ok() || state_in(&alone.stakes, *stake) != State::Up;
    let candidates: Vec<(u32, State)> = effect
        .stakes
        .iter()
        .copied()
        .filter(|(stake, state)| *state > state_in(&alone.stakes, *stake) && touched(stake))
        .collect();
    if candidates.is_empty() {
        return (Vec::new(), true);
    }
    let answer = joint.impact(&cluster);
    let mut tracks = Tracks::new(ground, &cluster, &answer, std::mem::take(&mut joint.seen));
    let others: Set = cluster.iter().copied().filter(|a| *a != newcomer).collect();
    let (mut found, mut whole) = (Found::new(), true);
    for (stake, worst) in candidates {
        let milder = state_in(&alone.stakes, stake);
        for level in State::ALL.into_iter().filter(|l| *l > milder && *l <= worst) {
            whole &= minimal_sets(joint, newcomer, &others, (stake, level), &mut tracks, &mut found);
        }
    }
    joint.seen = tracks.seen;
    (found.into_iter().filter_map(|(set, services)| collision(ground, &set, services)).collect(), whole)
}

fn collision(ground: &Ground<'_>, set: &Set, services: BTreeMap<u32, State>) -> Option<Collision> {
    let planned = |a: &u32| ground.activity(*a as usize).doing == Doing::Change;
    if !set.iter().any(planned) {
        return None;
    }
    let spans = set.iter().map(|a| ground.activity(*a as usize).span);
    let whole = Span { start_ms: i64::MIN, end_ms: i64::MAX };
    let services = worst_first(ground.view, services.into_iter().collect());
    let worst = services.first().map_or(State::Up, |(_, state)| *state);
    let kind = if worst >= State::Degraded { CollisionKind::JointCut } else { CollisionKind::JointMargin };
    Some(Collision {
        kind,
        activities: set.iter().map(|a| *a as usize).collect(),
        period: None,
        span: spans.fold(whole, |all, span| all.common(&span)),
        items: Vec::new(),
        claims: Vec::new(),
        services,
    })
}

/// Finds every minimal set of `newcomer` and some of `others` that brings a stake to a level or beyond; whether all
/// were looked at.
///
/// More that is broken never makes anything better, so what matters is which sets of others are *enough* beside the
/// newcomer and minimal at that. Most often one other is, or all that are left are not; then as many sets are tried as
/// there are others. Else every further minimal set avoids a member of each known one (Reiter's hitting sets); and
/// where there are too many ways to avoid them, as in a big group of equals, sets are tried by size.
fn minimal_sets(
    joint: &mut Joint<'_>,
    newcomer: u32,
    others: &[u32],
    goal: (u32, State),
    tracks: &mut Tracks<'_>,
    found: &mut Found,
) -> bool {
    let (stake, level) = goal;
    let enough = |joint: &mut Joint<'_>, part: &[u32]| joint.state(&with(part, newcomer), stake) >= level;
    let (single, mut rest): (Vec<u32>, Vec<u32>) = others.iter().partition(|other| enough(joint, &[**other]));
    let mut minimal: Vec<Set> = single.iter().map(|one| Set::from_slice(&[*one])).collect();
    let mut whole = true;
    if rest.len() > 1 && enough(joint, &rest) {
        // Only now is it worth knowing what matters to this stake.
        let matters = tracks.leans_on(stake, level);
        let has_part = |activity: &u32| matters.binary_search(activity).is_ok();
        rest.retain(has_part);
        if has_part(&newcomer) {
            let larger = match avoiding(&rest, &mut |part| enough(joint, part)) {
                Some(larger) => larger,
                None => {
                    let (larger, all) = by_size(&rest, &mut |part| enough(joint, part));
                    whole = all;
                    larger
                }
            };
            minimal.extend(larger);
        }
    }
    for part in minimal {
        // What does it without the newcomer is not the newcomer's doing.
        if joint.state(&part, stake) < level {
            let set = with(&part, newcomer);
            let state = joint.state(&set, stake);
            note(found, set, stake, state);
        }
    }
    whole
}

/// All minimal sets among `all`, which are enough together, while no single one is; none where there are too many ways
/// to avoid those that are known.
fn avoiding(all: &[u32], enough: &mut dyn FnMut(&[u32]) -> bool) -> Option<Vec<Set>> {
    let mut known: Vec<Set> = Vec::new();
    let mut seen: FxHashSet<Set> = FxHashSet::default();
    let mut open = vec![Set::new()];
    while let Some(avoided) = open.pop() {
        let reused = known.iter().find(|set| !set.iter().any(|a| avoided.contains(a))).cloned();
        let set = match reused {
            Some(set) => set,
            None => {
                let left: Set = all.iter().copied().filter(|a| !avoided.contains(a)).collect();
                if !enough(&left) {
                    continue;
                }
                let set = shrunk(left, enough);
                known.push(set.clone());
                set
            }
        };
        for member in set {
            let mut next = avoided.clone();
            next.push(member);
            next.sort_unstable();
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
        if seen.len() > AVOIDED_MAX {
            return None;
        }
    }
    Some(known)
}

/// A minimal set within one that is enough.
fn shrunk(mut set: Set, enough: &mut dyn FnMut(&[u32]) -> bool) -> Set {
    let mut at = 0;
    while at < set.len() {
        let mut fewer = set.clone();
        fewer.remove(at);
        match enough(&fewer) {
            true => set = fewer,
            false => at += 1,
        }
    }
    set
}

/// Minimal sets of two and more by size, and whether all were looked at; where not, the last one was found by leaving
/// out what is not needed.
fn by_size(all: &[u32], enough: &mut dyn FnMut(&[u32]) -> bool) -> (Vec<Set>, bool) {
    let mut settled: Vec<Set> = Vec::new();
    let mut tried = 0;
    for size in 2..=all.len() {
        let mut places: Vec<usize> = (0..size).collect();
        loop {
            let part: Set = places.iter().map(|p| all[*p]).collect();
            tried += 1;
            if tried > SETS_TRIED_MAX {
                let one = shrunk(Set::from_slice(all), enough);
                if !settled.contains(&one) {
                    settled.push(one);
                }
                return (settled, false);
            }
            let contains = |set: &Set| set.iter().all(|a| part.contains(a));
            if !settled.iter().any(contains) && enough(&part) {
                settled.push(part);
            }
            if !next_combination(&mut places, all.len()) {
                break;
            }
        }
    }
    (settled, true)
}

fn note(found: &mut Found, set: Set, stake: u32, state: State) {
    let services = found.entry(set).or_default();
    let known = services.entry(stake).or_insert(state);
    *known = state.max(*known);
}

fn with(part: &[u32], newcomer: u32) -> Set {
    let mut whole = Set::from_slice(part);
    whole.push(newcomer);
    whole.sort_unstable();
    whole
}

/// The next choice of as many places below `n`, in lexicographic order.
fn next_combination(places: &mut [usize], n: usize) -> bool {
    let size = places.len();
    for at in (0..size).rev() {
        if places[at] < n - size + at {
            places[at] += 1;
            for later in at + 1..size {
                places[later] = places[later - 1] + 1;
            }
            return true;
        }
    }
    false
}

/// The joint impact of a cluster, to be followed back.
struct Tracks<'a> {
    ground: &'a Ground<'a>,
    /// By item: its state, and whether an activity forces one on it.
    items: Vec<(State, bool)>,
    forced: FxHashMap<u32, Vec<(State, u32)>>,
    seen: Seen,
    open: Vec<(u32, State)>,
}

/// Which items were looked at at which level; kept from one search to the next.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// By item and level: the round that looked at it last.
    rounds: Vec<[u32; State::ALL.len()]>,
    round: u32,
}

impl Seen {
    fn begin(&mut self, nodes: usize) {
        self.round = self.round.wrapping_add(1);
        if self.round == 0 || self.rounds.len() != nodes {
            self.rounds = vec![Default::default(); nodes];
            self.round = 1;
        }
    }
    /// Marks; whether it was not marked before.
    fn mark(&mut self, item: u32, level: State) -> bool {
        let round = &mut self.rounds[item as usize][level as usize];
        std::mem::replace(round, self.round) != self.round
    }
}

impl<'a> Tracks<'a> {
    fn new(ground: &'a Ground<'a>, cluster: &[u32], answer: &Impact, seen: Seen) -> Tracks<'a> {
        let mut items = vec![(State::Up, false); ground.view.snapshot().nodes() as usize];
        for wave in answer.affected_waves() {
            answer.items(wave).iter().for_each(|item| items[*item as usize].0 = wave.state);
        }
        let mut forced: FxHashMap<u32, Vec<(State, u32)>> = FxHashMap::default();
        for activity in cluster {
            for root in &ground.activity(*activity as usize).roots {
                items[root.item as usize].1 = true;
                forced.entry(root.item).or_default().push((root.state, *activity));
            }
        }
        Tracks { ground, items, forced, seen, open: Vec::new() }
    }
    /// Activities without which a stake might be better than `level`, ascending. Whether an item reaches a level
    /// depends only on dependencies at that level or worse; a soft one counts only when it is down.
    fn leans_on(&mut self, stake: u32, level: State) -> Set {
        let mut found = Set::new();
        self.seen.begin(self.items.len());
        self.open.push((stake, level));
        while let Some((item, level)) = self.open.pop() {
            if !self.seen.mark(item, level) {
                continue;
            }
            if self.items[item as usize].1 {
                let forced = self.forced.get(&item).into_iter().flatten();
                found.extend(forced.filter(|(state, _)| *state >= level).map(|(_, activity)| *activity));
            }
            for entry in self.ground.view.snapshot().dependencies().row(item).entries() {
                let level = match entry.gate() {
                    Gate::Soft if level <= State::Degraded => State::Down,
                    Gate::Soft => continue,
                    Gate::Hard | Gate::Group => level,
                };
                if self.items[entry.other() as usize].0 >= level {
                    self.open.push((entry.other(), level));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
