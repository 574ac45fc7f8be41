//! Which changes collide: of one change, or of all.

use crate::api::calendar::{Conflict, Conflicts, Participant, ServiceAtStake};
use crate::call::{Call, now_ms};
use crate::convert::{item_ref, timestamp};
use crate::queries::LanguageQueries;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::analysis::collision::{Collision, Span};
use cmdb_core::analysis::impact::Scratch;
use cmdb_core::command::resolve;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::ItemNumber;
use cmdb_core::process::change::ChangeRecord;
use cmdb_core::process::schedule::{Planned, Schedule, sentence};
use cmdb_core::schema::symbols;
use cmdb_core::{Error, Result};
use cmdb_import::json;
use std::time::Instant;

/// Collisions of one answer at most.
const CONFLICTS_MAX: usize = 5_000;

pub fn all() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let started = Instant::now();
        let schedule = Schedule::read(
            &snapshot,
            &*LanguageQueries::over(call.app.cmdb()?),
            span_asked(&call)?,
            now_ms(),
        )?;
        answer(&schedule, None, started)
    }
    Route::read("/api/v1/changes/conflicts", "list_conflicts", handler)
        .summary("Collisions of all changes that are not closed, rejected or cancelled, drafts included")
        .text("from", "only changes whose window ends after this time")
        .text("to", "only changes whose window begins before this time")
        .gives::<Conflicts>()
}

pub fn of_change() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let started = Instant::now();
        let change = ChangeRecord::read(&*snapshot, resolve(&*snapshot, call.path("ref"))?)?;
        let never = Span { start_ms: 0, end_ms: 0 };
        let within = change.occupied(now_ms()).map_or(never, |(start_ms, end_ms)| Span { start_ms, end_ms });
        let schedule =
            Schedule::read(&snapshot, &*LanguageQueries::over(call.app.cmdb()?), Some(within), now_ms())?;
        answer(&schedule, Some((change.item, change.number.to_string())), started)
    }
    Route::read("/api/v1/changes/{ref}/conflicts", "read_conflicts", handler)
        .summary("What a change collides with: other changes, outages, freezes and maintenance windows")
        .gives::<Conflicts>()
}

/// The time between `from` and `to`, if either is stated.
pub(super) fn span_asked(call: &Call) -> Result<Option<Span>> {
    let time = |name: &str| {
        let read = |text: &str| {
            let message = format!("{name} \"{text}\" is no time with an offset");
            let time = cmdb_core::model::temporal::Instant::parse(text);
            time.map(|t| cmdb_core::process::fields::millis(&t))
                .ok_or_else(|| crate::call::parameter(name, message))
        };
        call.text(name).map(read).transpose()
    };
    let (from, to) = (time("from")?, time("to")?);
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let span = Span { start_ms: from.unwrap_or(i64::MIN), end_ms: to.unwrap_or(i64::MAX) };
    if span.is_empty() {
        return Err(crate::call::parameter("to", "to is not after from".to_owned()));
    }
    Ok(Some(span))
}

fn answer(schedule: &Schedule, of: Option<(ItemNumber, String)>, started: Instant) -> Result<Reply> {
    let report = schedule.collisions();
    let place = of.as_ref().and_then(|(item, _)| schedule.place(*item));
    let mut collisions: Vec<&Collision> = match &of {
        Some(_) => {
            report.collisions.iter().filter(|c| place.is_some_and(|p| c.activities.contains(&p))).collect()
        }
        None => report.collisions.iter().collect(),
    };
    collisions.sort_by_key(|c| (c.kind, c.span.start_ms));
    let complete = report.complete && collisions.len() <= CONFLICTS_MAX;
    collisions.truncate(CONFLICTS_MAX);
    let elapsed_us = started.elapsed().as_micros() as u64;
    let snapshot = &schedule.snapshot;
    let id = |item: ItemNumber| snapshot.item_id(item).to_string();
    let answer = Conflicts {
        change: of.as_ref().map(|(item, _)| id(*item)),
        number: of.map(|(_, number)| number),
        position: snapshot.position().0,
        complete,
        compared: schedule.activities.len() as u64,
        conflicts: conflicts(schedule, &collisions, place)?,
        unread: schedule.unread.clone(),
        elapsed_us,
    };
    Ok(Reply::json(&answer).at(snapshot.position()))
}

/// Collisions as they are answered, each seen from the activity at `place` or from outside.
pub(crate) fn conflicts(
    schedule: &Schedule,
    collisions: &[&Collision],
    place: Option<usize>,
) -> Result<Vec<Conflict>> {
    let mut scratch = Scratch::default();
    collisions.iter().map(|c| conflict(schedule, c, place, &mut scratch)).collect()
}

fn conflict(
    schedule: &Schedule,
    collision: &Collision,
    place: Option<usize>,
    scratch: &mut Scratch,
) -> Result<Conflict> {
    let snapshot = &schedule.snapshot;
    let mut with: Vec<Participant> =
        schedule.others(collision, place).into_iter().filter_map(|p| participant(snapshot, p)).collect();
    if let Some(period) = collision.period.and_then(|at| schedule.calendar.get(at)) {
        let (number, title) = (period.number.as_str(), period.title.as_str());
        with.push(named(snapshot, period.item, number, title));
    }
    let known = |ms: i64| (ms != i64::MIN && ms != i64::MAX).then(|| timestamp(ms));
    let first = with.first().ok_or_else(|| {
        Error::new(cmdb_core::Kind::Internal, "conflict.empty", "a collision without participants")
    })?;
    Ok(Conflict {
        change: first.id.clone(),
        number: first.number.clone(),
        kind: collision.kind.word(),
        reason: sentence(schedule, collision, scratch)?,
        services: collision.services.iter().map(|s| at_stake(snapshot, *s)).collect::<Result<_>>()?,
        with,
        start: known(collision.span.start_ms),
        end: known(collision.span.end_ms),
    })
}

fn participant(snapshot: &Snapshot, planned: &Planned) -> Option<Participant> {
    Some(named(snapshot, planned.item()?, planned.number(), planned.title()))
}

fn named(snapshot: &Snapshot, item: ItemNumber, number: &str, title: &str) -> Participant {
    Participant {
        id: snapshot.item_id(item).to_string(),
        class: snapshot.class_name(snapshot.dense(item)).to_owned(),
        number: number.to_owned(),
        title: title.to_owned(),
    }
}

/// A service with its state and criticality.
pub(crate) fn at_stake(
    snapshot: &Snapshot,
    (item, state): (u32, cmdb_core::analysis::impact::State),
) -> Result<ServiceAtStake> {
    let record = snapshot.item(snapshot.number(item))?;
    let criticality = record.as_ref().and_then(|r| r.attribute(symbols::CRITICALITY)).map(json::from_value);
    Ok(ServiceAtStake { item: item_ref(snapshot, item), state: state.word(), criticality })
}
