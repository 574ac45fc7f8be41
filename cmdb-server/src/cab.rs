//! The pack for a change advisory board: put together here, written down in [`markdown`], [`html`] and [`ics`].

mod attention;
pub mod concerns;
pub mod html;
pub mod ics;
mod lifted;
pub mod markdown;
pub mod words;

use crate::api::cab::{
    AgendaItem, CabPack, CabSummary, CalendarRow, CollisionGroup, Finding, LastPeriod, ServicePicture,
};
use crate::api::calendar::{Occurrence, Participant, ServiceAtStake};
use crate::call::now_ms;
use crate::convert::timestamp;
use crate::handlers::changes::reports::edits_between;
use crate::handlers::conflicts::{at_stake, conflicts};
use cmdb_core::analysis::collision::{Collision, CollisionKind, Moment, Report, Span, picture};
use cmdb_core::analysis::impact::{Question, Scratch, State, impact};
use cmdb_core::graph::{Records, Snapshot, View};
use cmdb_core::model::{ItemNumber, Value};
use cmdb_core::process::change::drift::is_of_plan;
use cmdb_core::process::change::policy::Policy;
use cmdb_core::process::change::record::{self as change, ChangeRecord};
use cmdb_core::process::change::status::Status;
use cmdb_core::process::fields::{get, get_text};
use cmdb_core::process::outage;
use cmdb_core::process::queries::Queries;
use cmdb_core::process::schedule::{Planned, Schedule, roots_of};
use cmdb_core::{Cmdb, Result};
use concerns::concerns;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Collisions of one kind that are written out.
const CONFLICTS_SHOWN: usize = 50;
/// Services of one change that are written out.
const SERVICES_SHOWN: usize = 10;
/// Entries of the log with unauthorised edits, and edits of one of them, that are named.
const FINDINGS_SHOWN: usize = 30;
const EDITS_SHOWN: usize = 5;
/// Items of one change that are named.
const AFFECTS_SHOWN: usize = 8;

/// Puts the pack for `period` together.
///
/// # Errors
/// More changes than can be compared; damage.
pub fn pack(cmdb: &Cmdb, snapshot: &Arc<Snapshot>, queries: &dyn Queries, period: Span) -> Result<CabPack> {
    let schedule = Schedule::read(snapshot, queries, Some(period), now_ms())?;
    let report = schedule.collisions();
    let moments = picture(View::full(snapshot), schedule.as_calendar(), period);
    let policy = Policy::in_force(snapshot.settings())?;
    let agenda = agenda(&schedule, &report, &policy)?;
    let joint_picture = services(&schedule, &moments)?;
    let summary = summary(&schedule, &report, &agenda, &joint_picture);
    let everything = change::all(snapshot)?;
    let mut unread = schedule.unread.clone();
    let since_ms = period.start_ms.saturating_sub(period.end_ms - period.start_ms);
    let mut pack = CabPack {
        position: snapshot.position().0,
        from: timestamp(period.start_ms),
        to: timestamp(period.end_ms),
        attention: Vec::new(),
        summary,
        collisions: groups(&schedule, &report)?,
        complete: report.complete,
        agenda,
        joint_picture,
        calendar: calendar(&schedule, period),
        calendar_edits: lifted::edits(cmdb, &schedule, queries, period, since_ms)?,
        emergencies: emergencies(&schedule, &everything, &policy)?,
        unauthorised: unauthorised(cmdb, since_ms, &mut unread),
        last_period: last_period(snapshot, &everything, period)?,
        unread,
    };
    pack.attention = attention::attention(&pack);
    Ok(pack)
}

fn summary(
    schedule: &Schedule,
    report: &Report,
    agenda: &[AgendaItem],
    services: &[ServicePicture],
) -> CabSummary {
    let cuts = report.collisions.iter().filter(|c| c.kind == CollisionKind::JointCut).count() as u64;
    let in_state = |state: State| services.iter().filter(|s| s.service.state == state.word()).count() as u64;
    CabSummary {
        changes: agenda.len() as u64,
        to_decide: agenda.iter().filter(|a| a.to_decide).count() as u64,
        joint_cuts: cuts,
        other_collisions: report.collisions.len() as u64 - cuts,
        services_down: in_state(State::Down),
        services_degraded: in_state(State::Degraded),
        services_at_risk: in_state(State::AtRisk),
        open_outages: (schedule.planned.len() - agenda.len()) as u64,
    }
}

fn groups(schedule: &Schedule, report: &Report) -> Result<Vec<CollisionGroup>> {
    let mut out = Vec::new();
    for kind in CollisionKind::ALL {
        let mut of_kind: Vec<&Collision> = report.collisions.iter().filter(|c| c.kind == kind).collect();
        // What nobody has handed in yet must not push out of sight what is about to happen.
        let drafts =
            |c: &&Collision| c.activities.iter().filter(|place| is_draft(&schedule.planned[**place])).count();
        of_kind.sort_by_key(drafts);
        if !of_kind.is_empty() {
            let shown = &of_kind[..of_kind.len().min(CONFLICTS_SHOWN)];
            out.push(CollisionGroup {
                kind: kind.word(),
                title: title(kind),
                count: of_kind.len() as u64,
                conflicts: conflicts(schedule, shown, None)?,
            });
        }
    }
    Ok(out)
}

fn is_draft(planned: &Planned) -> bool {
    planned.change().is_some_and(|c| matches!(c.status, Status::Draft | Status::Assessed))
}

fn title(kind: CollisionKind) -> &'static str {
    match kind {
        CollisionKind::JointCut => "Harmless alone, dangerous together",
        CollisionKind::Freeze => "In a freeze",
        CollisionKind::SameItem => "On the same item",
        CollisionKind::Radius => "On what another change takes down",
        CollisionKind::Order => "In the wrong order",
        CollisionKind::JointMargin => "Together without reserve",
        CollisionKind::JointFailure => "Dangerous together if they fail",
        CollisionKind::Claim => "Same person or resource",
        CollisionKind::OutsideWindow => "Outside of the agreed window",
    }
}

fn agenda(schedule: &Schedule, report: &Report, policy: &Policy) -> Result<Vec<AgendaItem>> {
    let mut items = Vec::new();
    for (place, planned) in schedule.planned.iter().enumerate() {
        let Some(change) = planned.change() else { continue };
        let mut item = agenda_item(&schedule.snapshot, schedule.stakes(), policy, change)?;
        for collision in report.collisions.iter().filter(|c| c.activities.contains(&place)) {
            *item.collisions.entry(collision.kind.word()).or_default() += 1;
        }
        items.push(item);
    }
    items.sort_by(|a, b| weight(b).cmp(&weight(a)).then(a.start.cmp(&b.start)).then(a.number.cmp(&b.number)));
    Ok(items)
}

/// What is dangerous in company first, then by assessed risk, then by what it does by itself. A change that was not
/// assessed comes before those of low risk: nobody has looked.
fn weight(item: &AgendaItem) -> (bool, usize, Option<State>) {
    const NOT_ASSESSED: usize = 1;
    let levels = ["low", "not assessed", "moderate", "high", "very_high"];
    let level = item.risk.as_deref().and_then(|risk| levels.iter().position(|l| *l == risk));
    let cuts = item.collisions.contains_key(CollisionKind::JointCut.word());
    (cuts, level.unwrap_or(NOT_ASSESSED), item.services.first().and_then(|s| State::parse(s.state)))
}

fn agenda_item(
    snapshot: &Snapshot,
    stakes: &[u32],
    policy: &Policy,
    record: &ChangeRecord,
) -> Result<AgendaItem> {
    let assessed = record.assessment.as_ref().filter(|_| is_of_plan(snapshot, record));
    let risk = assessed.and_then(|a| get(a, "risk"));
    let level = risk.map(|r| get_text(r, "level").to_owned()).filter(|l| !l.is_empty());
    let probability = risk.and_then(|r| get(r, "probability")).and_then(Value::as_number);
    let named = |a: &change::Affected| {
        let name = snapshot.name_of(snapshot.dense(a.item));
        format!("{name} ({})", a.effect.word())
    };
    let mut affects: Vec<String> = record.affected.iter().take(AFFECTS_SHOWN).map(named).collect();
    if record.affected.len() > AFFECTS_SHOWN {
        affects.push(format!("{} more", record.affected.len() - AFFECTS_SHOWN));
    }
    Ok(AgendaItem {
        id: snapshot.item_id(record.item).to_string(),
        number: record.number.to_string(),
        title: record.title.to_string(),
        kind: record.kind.word(),
        status: record.status.word(),
        start: record.window.as_ref().map(|w| timestamp(w.start_ms)),
        end: record.window.as_ref().map(|w| timestamp(w.end_ms)),
        requester: record.requester.to_string(),
        implementer: record.implementer.as_ref().map(ToString::to_string),
        affects,
        risk: level,
        failure_probability: probability,
        services: services_of(snapshot, stakes, record)?,
        concerns: concerns(snapshot, record, policy, now_ms()),
        collisions: BTreeMap::new(),
        to_decide: record.status == Status::AwaitingApproval,
    })
}

/// What a change does to services by itself, worst first.
fn services_of(snapshot: &Snapshot, stakes: &[u32], record: &ChangeRecord) -> Result<Vec<ServiceAtStake>> {
    let view = View::full(snapshot);
    let roots = roots_of(snapshot, record);
    let answer = impact(view, &Question::new(&roots), &mut Scratch::default());
    let waves = answer.affected_waves();
    let hit = waves.flat_map(|wave| answer.items(wave).iter().map(|item| (*item, wave.state)));
    let mut hit: Vec<(u32, State)> = hit.filter(|(item, _)| stakes.binary_search(item).is_ok()).collect();
    hit.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| snapshot.name_of(a.0).cmp(snapshot.name_of(b.0))));
    hit.truncate(SERVICES_SHOWN);
    hit.into_iter().map(|service| at_stake(snapshot, service)).collect()
}

fn services(schedule: &Schedule, moments: &[Moment]) -> Result<Vec<ServicePicture>> {
    let mut worst: BTreeMap<u32, (State, &Moment)> = BTreeMap::new();
    let mut minutes: BTreeMap<u32, BTreeMap<&'static str, u64>> = BTreeMap::new();
    for moment in moments {
        for (item, state) in &moment.stakes {
            let lasts = (moment.span.end_ms - moment.span.start_ms).unsigned_abs() / 60_000;
            *minutes.entry(*item).or_default().entry(state.word()).or_default() += lasts;
            let known = worst.entry(*item).or_insert((*state, moment));
            if *state > known.0 {
                *known = (*state, moment);
            }
        }
    }
    let mut out = Vec::new();
    for (item, (state, moment)) in worst {
        out.push(ServicePicture {
            service: at_stake(&schedule.snapshot, (item, state))?,
            start: timestamp(moment.span.start_ms),
            end: timestamp(moment.span.end_ms),
            by: by(schedule, moment, item),
            minutes: minutes.remove(&item).unwrap_or_default(),
        });
    }
    let rank = |s: &ServicePicture| State::parse(s.service.state);
    let criticality =
        |s: &ServicePicture| s.service.criticality.as_ref().and_then(|c| c.as_i64()).unwrap_or(9);
    out.sort_by(|a, b| {
        let by_state = rank(b).cmp(&rank(a)).then(criticality(a).cmp(&criticality(b)));
        by_state.then_with(|| a.service.item.name.cmp(&b.service.item.name))
    });
    Ok(out)
}

/// What of a moment has to do with a service: whatever reaches it by itself, redundancy or not.
fn by(schedule: &Schedule, moment: &Moment, service: u32) -> Vec<String> {
    let view = View::full(&schedule.snapshot);
    let mut scratch = Scratch::default();
    let reaches = |place: &&usize| {
        let answer = impact(view, &Question::new(&schedule.activities[**place].roots), &mut scratch);
        answer.order.contains(&service)
    };
    let reaching: Vec<&usize> = moment.running.iter().filter(reaches).collect();
    reaching.into_iter().map(|place| schedule.planned[*place].number().to_string()).collect()
}

fn calendar(schedule: &Schedule, period: Span) -> Vec<CalendarRow> {
    let rows = schedule.calendar.iter().zip(&schedule.periods).filter_map(|(record, resolved)| {
        let spans = record.spans(period).unwrap_or_default();
        let occurrence = |s: &Span| Occurrence { start: timestamp(s.start_ms), end: timestamp(s.end_ms) };
        (!spans.is_empty()).then(|| CalendarRow {
            period: participant(&schedule.snapshot, record.item, &record.number, &record.title),
            occurrences: spans.iter().map(occurrence).collect(),
            covers: resolved.scope.len() as u64,
        })
    });
    rows.collect()
}

fn participant(snapshot: &Snapshot, item: ItemNumber, number: &str, title: &str) -> Participant {
    Participant {
        id: snapshot.item_id(item).to_string(),
        class: snapshot.class_name(snapshot.dense(item)).to_owned(),
        number: number.to_owned(),
        title: title.to_owned(),
    }
}

fn emergencies(schedule: &Schedule, all: &[ChangeRecord], policy: &Policy) -> Result<Vec<AgendaItem>> {
    let begun = |c: &&ChangeRecord| {
        c.is_emergency()
            && matches!(
                c.status,
                Status::Implementing | Status::Implemented | Status::BackedOut | Status::Reviewed
            )
    };
    all.iter().filter(begun).map(|c| agenda_item(&schedule.snapshot, schedule.stakes(), policy, c)).collect()
}

/// Edits of controlled items that no change covers, since the period before began; by entry of the log.
fn unauthorised(cmdb: &Cmdb, since_ms: i64, unread: &mut Vec<String>) -> Vec<Finding> {
    let edits = match edits_between(cmdb, since_ms, i64::MAX) {
        Ok(edits) => edits,
        Err(e) => {
            unread.push(format!("unauthorised changes were not looked for: {}", e.message()));
            return Vec::new();
        }
    };
    let mut out: Vec<Finding> = Vec::new();
    for edit in &edits.found {
        let name = edits.snapshot.name_of(edits.snapshot.dense(edit.item));
        let fields: Vec<&str> = edit.fields.iter().map(|f| f.as_str()).collect();
        let what = format!("{name} ({})", fields.join(", "));
        if let Some(same) = out.last_mut().filter(|f| f.position == edit.position.0) {
            same.count += 1;
            if same.edits.len() < EDITS_SHOWN {
                same.edits.push(what);
            }
            continue;
        }
        if out.len() >= FINDINGS_SHOWN {
            unread.push(format!(
                "more unauthorised edits than the {FINDINGS_SHOWN} newest entries listed; `cmdb change unauthorised` lists all {}",
                edits.found.len()
            ));
            break;
        }
        out.push(Finding {
            position: edit.position.0,
            at: timestamp(edit.time_ms),
            by: edit.actor.to_string(),
            count: 1,
            edits: vec![what],
        });
    }
    out
}

fn last_period(snapshot: &Snapshot, all: &[ChangeRecord], period: Span) -> Result<LastPeriod> {
    let length = period.end_ms.saturating_sub(period.start_ms);
    let last = Span { start_ms: period.start_ms.saturating_sub(length), end_ms: period.start_ms };
    let ended = |c: &&ChangeRecord| {
        let end = c.actual_end_ms.or(c.window.as_ref().map(|w| w.end_ms));
        c.outcome.is_some() && end.is_some_and(|end| last.start_ms <= end && end < last.end_ms)
    };
    let ended: Vec<&ChangeRecord> = all.iter().filter(ended).collect();
    let mut by_outcome = BTreeMap::new();
    for record in &ended {
        *by_outcome.entry(record.outcome.as_deref().unwrap_or("").to_owned()).or_default() += 1;
    }
    let bad = ended.iter().filter(|c| c.outcome.as_deref() != Some("successful"));
    let number = |record: &&ChangeRecord, key: &str| {
        record.review.as_ref().and_then(|r| get(r, key)).and_then(Value::as_number)
    };
    let mean = |key: &str| {
        let known: Vec<f64> = ended.iter().filter_map(|c| number(c, key)).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    Ok(LastPeriod {
        from: timestamp(last.start_ms),
        to: timestamp(last.end_ms),
        changes: ended.len() as u64,
        by_outcome,
        not_successful: bad.map(|c| participant(snapshot, c.item, &c.number, &c.title)).collect(),
        reviewed: ended.iter().filter(|c| c.review.is_some()).count() as u64,
        precision: mean("precision"),
        recall: mean("recall"),
        brier: mean("brier"),
        outages: outage::between(snapshot, last)?.iter().filter(|o| o.started_ms.is_some()).count() as u64,
    })
}
