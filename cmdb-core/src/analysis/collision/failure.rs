//! What would happen if changes fail together: a weaker warning than a joint cut, since it takes a failure to come true.
//!
//! What a change only edits stays up while all goes well, so two such changes never cut anything by plan. Should both
//! fail, everything they touch is down. Looked at are pairs that overlap in time and of which at least one would take
//! more than planned with it; three failures at once are not. A pair whose failures lose members of no group in common
//! needs no look: nothing adds up there. Where every change takes down all that it touches anyway, this costs nothing.

use super::alone::{self, Alone};
use super::joint::{Joint, state_in};
use super::{Activity, Calendar, Collision, CollisionKind, Doing, Ground, State, worst_first};
use crate::analysis::impact::Root;
use rayon::prelude::*;

/// Pairs evaluated for one report at most; beyond, it says that it is not complete.
pub const PAIRS_MAX: usize = 20_000;

/// An activity as it is if it fails: a change has all it touches down, an outage stays what it is.
pub fn failed(activity: &Activity) -> Activity {
    match may_fail(activity) {
        false => activity.clone(),
        true => {
            let down = |root: &Root| Root { item: root.item, state: State::Down };
            Activity { roots: activity.roots.iter().map(down).collect(), ..activity.clone() }
        }
    }
}

/// Whether more is down if it fails than if it goes as planned.
pub fn may_fail(activity: &Activity) -> bool {
    activity.doing == Doing::Change && activity.roots.iter().any(|root| root.state != State::Down)
}

/// Pairs that degrade a service or take it down if they fail, and do not as planned, nor either of them failing by
/// itself; and whether all were looked at. `order` is by start.
pub(super) fn of(ground: &Ground<'_>, order: &[usize]) -> (Vec<Collision>, bool) {
    let activities = ground.calendar.activities;
    if !order.iter().any(|at| may_fail(&activities[*at])) {
        return (Vec::new(), true);
    }
    let failing: Vec<Activity> = activities.iter().map(failed).collect();
    let calendar = Calendar { activities: &failing, periods: &[], ..ground.calendar };
    let alone = failing
        .par_iter()
        .enumerate()
        .map_init(Default::default, |scratch, (at, activity)| match may_fail(&activities[at]) {
            true => alone::without_calendar(ground.view, activity, &ground.stakes, scratch),
            false => ground.alone[at].clone(),
        })
        .collect();
    let failing = Ground { view: ground.view, calendar, stakes: ground.stakes.clone(), alone };
    let mut pairs = pairs(ground, &failing, order);
    let whole = pairs.len() <= PAIRS_MAX;
    pairs.truncate(PAIRS_MAX);
    let found = pairs
        .into_par_iter()
        .map_init(
            || (Joint::new(ground), Joint::new(&failing)),
            |(planned, failing), pair| of_pair(planned, failing, pair),
        )
        .flatten()
        .collect();
    (found, whole)
}

/// Pairs that overlap, may fail, and would lose members of a group in common.
fn pairs(ground: &Ground<'_>, failing: &Ground<'_>, order: &[usize]) -> Vec<[u32; 2]> {
    let activities = ground.calendar.activities;
    let mut pairs = Vec::new();
    for (at, newcomer) in order.iter().enumerate() {
        let start_ms = activities[*newcomer].span.start_ms;
        let runs = |other: &&usize| activities[**other].span.end_ms > start_ms;
        for other in order[..at].iter().filter(runs) {
            let either = may_fail(&activities[*newcomer]) || may_fail(&activities[*other]);
            if either && share_group(&failing.alone[*newcomer], &failing.alone[*other]) {
                pairs.push([*newcomer.min(other) as u32, *newcomer.max(other) as u32]);
            }
        }
    }
    pairs
}

/// Both lists are ascending.
fn share_group(a: &Alone, b: &Alone) -> bool {
    let (few, many) = if a.groups.len() < b.groups.len() { (a, b) } else { (b, a) };
    few.groups.iter().any(|group| many.groups.binary_search(group).is_ok())
}

fn of_pair(planned: &mut Joint<'_>, failing: &mut Joint<'_>, pair: [u32; 2]) -> Option<Collision> {
    let ground = failing.ground();
    let [a, b] = pair.map(|at| at as usize);
    let stakes = failing.stakes(&pair);
    let worse = |(stake, state): &&(u32, State)| {
        let single = state_in(ground.alone(a), *stake).max(state_in(ground.alone(b), *stake));
        *state >= State::Degraded && *state > single
    };
    let mut services: Vec<(u32, State)> = stakes.iter().filter(worse).copied().collect();
    services.retain(|(stake, state)| *state > planned.state(&pair, *stake));
    (!services.is_empty()).then(|| Collision {
        kind: CollisionKind::JointFailure,
        activities: vec![a, b],
        period: None,
        span: ground.activity(a).span.common(&ground.activity(b).span),
        items: Vec::new(),
        claims: Vec::new(),
        services: worst_first(ground.view, services),
    })
}
