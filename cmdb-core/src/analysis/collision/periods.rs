//! Freezes that a change runs into, and maintenance windows that it misses.

use super::{Collision, CollisionKind, Doing, Ground, PeriodKind, State};

/// Collisions of one change with the calendar's periods.
pub(super) fn of(ground: &Ground<'_>, at: usize) -> Vec<Collision> {
    let activity = ground.activity(at);
    if activity.doing != Doing::Change || activity.planned.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<Collision> = ground.alone[at]
        .frozen
        .iter()
        .filter_map(|(period, items)| frozen(ground, at, *period, items))
        .collect();
    found.extend(outside(ground, at));
    found
}

fn frozen(ground: &Ground<'_>, at: usize, period: usize, items: &[(u32, State)]) -> Option<Collision> {
    let (freeze, planned) = (&ground.calendar.periods[period], ground.activity(at).planned);
    if freeze.excepted.contains(&at) {
        return None;
    }
    let span = freeze.spans.iter().find(|span| span.meets(&planned))?;
    Some(Collision {
        kind: CollisionKind::Freeze,
        activities: vec![at],
        period: Some(period),
        span: span.common(&planned),
        items: items.to_vec(),
        claims: Vec::new(),
        services: ground.stakes_of(&[at]),
    })
}

/// Items worked on, and services degraded or taken down, that have maintenance windows of which none holds the whole
/// change. One collision for each window that is the first to be missed.
fn outside(ground: &Ground<'_>, at: usize) -> Vec<Collision> {
    let activity = ground.activity(at);
    let roots = activity.roots.iter().map(|r| (r.item, r.state));
    let hit = ground.alone[at].stakes.iter().copied().filter(|(_, state)| *state >= State::Degraded);
    let mut touched: Vec<(u32, State)> = roots.chain(hit).collect();
    touched.sort_unstable();
    touched.dedup_by_key(|(item, _)| *item);
    let mut found: Vec<Collision> = Vec::new();
    for (item, state) in touched {
        let covers = |period: &&(usize, &super::Period)| period.1.scope.binary_search(&item).is_ok();
        let windows: Vec<(usize, &super::Period)> = ground
            .calendar
            .periods
            .iter()
            .enumerate()
            .filter(|(_, p)| p.kind == PeriodKind::Maintenance)
            .filter(|p| covers(&p))
            .collect();
        let fits = |period: &super::Period| period.spans.iter().any(|span| span.contains(&activity.planned));
        let Some((first, _)) = windows.first() else { continue };
        if windows.iter().any(|(_, period)| fits(period) || period.excepted.contains(&at)) {
            continue;
        }
        match found.iter_mut().find(|c| c.period == Some(*first)) {
            Some(known) => known.items.push((item, state)),
            None => found.push(Collision {
                kind: CollisionKind::OutsideWindow,
                activities: vec![at],
                period: Some(*first),
                span: activity.planned,
                items: vec![(item, state)],
                claims: Vec::new(),
                services: ground.stakes_of(&[at]),
            }),
        }
    }
    found
}
