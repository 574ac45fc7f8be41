//! What an assessment needs to know of the calendar: the collisions of one change, as they are kept in its record.

use super::{Schedule, sentence};
use crate::analysis::collision::{CollisionKind, Span};
use crate::analysis::impact::Scratch;
use crate::error::Result;
use crate::graph::Snapshot;
use crate::model::Value;
use crate::process::change::ChangeRecord;
use crate::process::fields::{item_map, list, map, text, texts};
use crate::process::queries::Queries;
use std::sync::Arc;

/// Collisions kept with one assessment.
const KEPT_MAX: usize = 100;

/// The collisions of a change, worst first, each a map of kind, reason, numbers and services; and whether it lies
/// outside of an agreed maintenance window, as known at `now_ms`. A change without a window collides with nothing
/// until it is begun.
pub fn collisions_of(
    snapshot: &Arc<Snapshot>,
    queries: &dyn Queries,
    change: &ChangeRecord,
    now_ms: i64,
) -> Result<(Vec<Value>, bool)> {
    let Some((start_ms, end_ms)) = change.occupied(now_ms) else { return Ok((Vec::new(), false)) };
    let schedule = Schedule::read(snapshot, queries, Some(Span { start_ms, end_ms }), now_ms)?;
    let report = schedule.collisions();
    let place = schedule.place(change.item);
    let mut found = schedule.collisions_of(&report, change.item);
    found.sort_by_key(|c| (c.kind, c.span.start_ms));
    let outside = found.iter().any(|c| c.kind == CollisionKind::OutsideWindow);
    let mut scratch = Scratch::default();
    let mut kept = Vec::new();
    for collision in found.iter().filter(|c| c.kind != CollisionKind::OutsideWindow).take(KEPT_MAX) {
        let others = schedule.others(collision, place);
        let period = collision.period.and_then(|at| schedule.calendar.get(at));
        let numbers = others.iter().map(|p| p.number()).chain(period.map(|p| p.number.as_str()));
        let service = |(item, state): &(u32, crate::analysis::impact::State)| {
            let number = snapshot.number(*item);
            map([("item", Some(item_map(&**snapshot, number))), ("state", text(state.word()))])
        };
        kept.push(map([
            ("kind", text(collision.kind.word())),
            ("reason", text(&sentence(&schedule, collision, &mut scratch)?)),
            ("with", texts(numbers)),
            ("services", list(collision.services.iter().take(KEPT_MAX).map(service))),
        ]));
    }
    Ok((kept, outside))
}
