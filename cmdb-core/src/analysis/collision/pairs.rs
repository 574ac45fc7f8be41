//! What two changes do to each other directly: the comparisons that other tools make, too.

use super::{Collision, CollisionKind, Doing, Ground, State};
use crate::model::SmolStr;

/// Collisions of two activities whose spans meet.
pub(super) fn between(ground: &Ground<'_>, a: usize, b: usize) -> Vec<Collision> {
    let planned = |at: usize| ground.activity(at).doing == Doing::Change;
    if !planned(a) && !planned(b) {
        return Vec::new();
    }
    let mut found = Vec::new();
    found.extend(same_items(ground, a, b));
    found.extend(in_radius(ground, a, b));
    found.extend(in_radius(ground, b, a));
    found.extend(same_claims(ground, a, b));
    found
}

fn pair(ground: &Ground<'_>, kind: CollisionKind, a: usize, b: usize, items: Vec<(u32, State)>) -> Collision {
    Collision {
        kind,
        activities: vec![a.min(b), a.max(b)],
        period: None,
        span: ground.activity(a).span.common(&ground.activity(b).span),
        items,
        claims: Vec::new(),
        services: ground.stakes_of(&[a, b]),
    }
}

fn same_items(ground: &Ground<'_>, a: usize, b: usize) -> Option<Collision> {
    let (ours, theirs) = (&ground.activity(a).roots, &ground.activity(b).roots);
    let shared = ours.iter().filter(|r| theirs.iter().any(|t| t.item == r.item));
    let mut items: Vec<(u32, State)> = shared.map(|r| (r.item, r.state)).collect();
    items.sort_unstable();
    items.dedup_by_key(|(item, _)| *item);
    (!items.is_empty()).then(|| pair(ground, CollisionKind::SameItem, a, b, items))
}

/// Items that `worker` works on and `hitter` leaves degraded or down; those that both work on are another matter.
/// The one that hits comes first.
fn in_radius(ground: &Ground<'_>, hitter: usize, worker: usize) -> Option<Collision> {
    if ground.activity(worker).doing != Doing::Change {
        return None;
    }
    let own = &ground.activity(hitter).roots;
    let hit = &ground.alone[hitter].hit;
    let state = |item: u32| hit.binary_search_by_key(&item, |(i, _)| *i).ok().map(|at| hit[at].1);
    let worked_on = ground.activity(worker).roots.iter().map(|r| r.item);
    let mut items: Vec<(u32, State)> = worked_on
        .filter(|item| own.iter().all(|r| r.item != *item))
        .filter_map(|item| Some((item, state(item)?)))
        .collect();
    items.sort_unstable();
    items.dedup();
    (!items.is_empty()).then(|| Collision {
        activities: vec![hitter, worker],
        ..pair(ground, CollisionKind::Radius, hitter, worker, items)
    })
}

fn same_claims(ground: &Ground<'_>, a: usize, b: usize) -> Option<Collision> {
    let theirs = &ground.activity(b).claims;
    let mut claims: Vec<SmolStr> =
        ground.activity(a).claims.iter().filter(|c| theirs.contains(c)).cloned().collect();
    claims.sort_unstable();
    claims.dedup();
    (!claims.is_empty()).then(|| Collision { claims, ..pair(ground, CollisionKind::Claim, a, b, Vec::new()) })
}

/// Orders that the plan breaks: (what must come first, what begins too early).
pub(super) fn orders(ground: &Ground<'_>) -> Vec<Collision> {
    let mut found = Vec::new();
    for (later, activity) in ground.calendar.activities.iter().enumerate() {
        for earlier in &activity.after {
            let first = ground.activity(*earlier).planned;
            if !first.is_empty() && !activity.planned.is_empty() && activity.planned.start_ms < first.end_ms {
                found.push(Collision {
                    kind: CollisionKind::Order,
                    activities: vec![*earlier, later],
                    period: None,
                    span: activity.planned,
                    items: Vec::new(),
                    claims: Vec::new(),
                    services: ground.stakes_of(&[*earlier, later]),
                });
            }
        }
    }
    found
}
