//! The minimal sets of activities behind a joint effect.
//!
//! A set is to blame for a service's state if the state is milder without any one of its members. For one newcomer
//! and what runs when it begins, the cluster it belongs to is evaluated once. For each service it reaches, the result
//! is followed back to the activities it leans on, usually two or three; among those all smaller sets are tried,
//! smallest first. What never matters to the service is never tried.

use super::joint::{Joint, Set, state_in};
use super::{Collision, CollisionKind, Doing, Ground, Span, State, worst_first};
use crate::analysis::impact::Impact;
use crate::graph::adjacency::Gate;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Sets looked at for one service and state before only one more is searched for and the report says so.
const SETS_TRIED_MAX: usize = 4_096;

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
    let tracks = Tracks::new(ground, &cluster, &answer);
    let (mut found, mut whole) = (Found::new(), true);
    for (stake, worst) in candidates {
        let milder = state_in(&alone.stakes, stake);
        for level in State::ALL.into_iter().filter(|l| *l > milder && *l <= worst) {
            let others = tracks.leans_on(stake, level);
            if others.binary_search(&newcomer).is_ok() {
                let others: Set = others.into_iter().filter(|a| *a != newcomer).collect();
                whole &= minimal_sets(joint, newcomer, &others, (stake, level), &mut found);
            }
        }
    }
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
fn minimal_sets(
    joint: &mut Joint<'_>,
    newcomer: u32,
    others: &[u32],
    goal: (u32, State),
    found: &mut Found,
) -> bool {
    let (stake, level) = goal;
    // Sets that need no more looking: with the newcomer they are found, or they do it without it.
    let mut settled: Vec<Set> = Vec::new();
    let mut tried = 0;
    for size in 1..=others.len() {
        let mut places: Vec<usize> = (0..size).collect();
        loop {
            let part: Set = places.iter().map(|p| others[*p]).collect();
            tried += 1;
            if tried > SETS_TRIED_MAX {
                one_more(joint, newcomer, others, goal, found);
                return false;
            }
            if !settled.iter().any(|s| s.iter().all(|a| part.contains(a))) {
                if joint.state(&part, stake) >= level {
                    settled.push(part);
                } else {
                    let whole = with(&part, newcomer);
                    let state = joint.state(&whole, stake);
                    if state >= level {
                        settled.push(part);
                        note(found, whole, stake, state);
                    }
                }
            }
            if !next_combination(&mut places, others.len()) {
                break;
            }
        }
        if size == 1 && settled.len() == others.len() {
            break;
        }
    }
    true
}

/// Where there are too many sets to try: one minimal set, by leaving out what is not needed.
fn one_more(joint: &mut Joint<'_>, newcomer: u32, others: &[u32], goal: (u32, State), found: &mut Found) {
    let (stake, level) = goal;
    let mut kept: Set = Set::from_slice(others);
    for other in others {
        let fewer: Set = kept.iter().copied().filter(|a| a != other).collect();
        if joint.state(&with(&fewer, newcomer), stake) >= level {
            kept = fewer;
        }
    }
    if !kept.is_empty() && joint.state(&kept, stake) < level {
        let whole = with(&kept, newcomer);
        let state = joint.state(&whole, stake);
        note(found, whole, stake, state);
    }
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
    states: FxHashMap<u32, State>,
    forced: FxHashMap<u32, Vec<(State, u32)>>,
}

impl<'a> Tracks<'a> {
    fn new(ground: &'a Ground<'a>, cluster: &[u32], answer: &Impact) -> Tracks<'a> {
        let mut states = FxHashMap::default();
        for wave in answer.affected_waves() {
            states.extend(answer.items(wave).iter().map(|item| (*item, wave.state)));
        }
        let mut forced: FxHashMap<u32, Vec<(State, u32)>> = FxHashMap::default();
        for activity in cluster {
            for root in &ground.activity(*activity as usize).roots {
                forced.entry(root.item).or_default().push((root.state, *activity));
            }
        }
        Tracks { ground, states, forced }
    }
    fn state(&self, item: u32) -> State {
        self.states.get(&item).copied().unwrap_or(State::Up)
    }
    /// Activities without which a stake might be better than `level`, ascending. Whether an item reaches a level
    /// depends only on dependencies at that level or worse; a soft one counts only when it is down.
    fn leans_on(&self, stake: u32, level: State) -> Set {
        let mut found = Set::new();
        let mut seen: FxHashSet<(u32, State)> = FxHashSet::default();
        let mut open = vec![(stake, level)];
        while let Some((item, level)) = open.pop() {
            if self.state(item) < level || !seen.insert((item, level)) {
                continue;
            }
            let forced = self.forced.get(&item).into_iter().flatten();
            found.extend(forced.filter(|(state, _)| *state >= level).map(|(_, activity)| *activity));
            for entry in self.ground.view.snapshot().dependencies().row(item).entries() {
                match entry.gate() {
                    Gate::Soft if level <= State::Degraded => open.push((entry.other(), State::Down)),
                    Gate::Soft => {}
                    Gate::Hard | Gate::Group => open.push((entry.other(), level)),
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
