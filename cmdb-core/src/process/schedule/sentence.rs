//! A collision in one sentence that a board can act on.

use super::{Planned, Schedule};
use crate::analysis::collision::failure::{failed, may_fail};
use crate::analysis::collision::{Activity, Collision, CollisionKind, Reason, reason};
use crate::analysis::impact::{GateProof, Scratch, State};
use crate::error::Result;
use crate::graph::View;
use crate::graph::link::UNIT_WEIGHT;
use crate::model::temporal::Instant;

/// Items and takers named in one sentence.
const NAMED_MAX: usize = 4;

/// Says what happens and why.
pub fn sentence(schedule: &Schedule, collision: &Collision, scratch: &mut Scratch) -> Result<String> {
    let number = |place: usize| schedule.planned[place].number();
    let items = || items(schedule, &collision.items);
    let first = collision.activities.first().copied().unwrap_or(0);
    let last = collision.activities.last().copied().unwrap_or(0);
    Ok(match collision.kind {
        CollisionKind::JointCut | CollisionKind::JointMargin => joint(schedule, collision, scratch)?,
        CollisionKind::JointFailure => joint_failure(schedule, collision, scratch)?,
        CollisionKind::SameItem => format!("{} and {} both work on {}", number(first), number(last), items()),
        CollisionKind::Radius => {
            format!(
                "{} works on {}, which {} leaves {}",
                number(last),
                items(),
                taker(schedule, first),
                states(collision)
            )
        }
        CollisionKind::Order => {
            format!("{} must follow {} and begins before that is over", number(last), number(first))
        }
        CollisionKind::Claim => {
            format!("{} and {} both need {}", number(first), number(last), collision.claims.join(", "))
        }
        CollisionKind::Freeze | CollisionKind::OutsideWindow => of_period(schedule, collision, number(first)),
    })
}

fn of_period(schedule: &Schedule, collision: &Collision, number: &str) -> String {
    let period = collision.period.and_then(|at| schedule.calendar.get(at));
    let (code, title) = period.map_or(("", ""), |p| (p.number.as_str(), p.title.as_str()));
    let touched = with_states(schedule, &collision.items);
    match collision.kind {
        CollisionKind::Freeze => format!(
            "{number} falls into {code} \"{title}\" ({}), which protects {touched}",
            time(collision.span.start_ms)
        ),
        _ => format!("{number} lies outside of {code} \"{title}\", the window agreed for {touched}"),
    }
}

fn joint(schedule: &Schedule, collision: &Collision, scratch: &mut Scratch) -> Result<String> {
    let Some((service, state)) = collision.services.first().copied() else { return Ok(String::new()) };
    let view = View::full(&schedule.snapshot);
    let why = reason(view, &schedule.activities, &collision.activities, service, scratch)?;
    let effect = effect(schedule.snapshot.name_of(service), state);
    Ok(match why {
        Some(why) => format!("{}; {effect}", gate(schedule, &why, |activity| activity)),
        None => format!("{}: {effect}", takers(schedule, &collision.activities)),
    })
}

fn effect(name: &str, state: State) -> String {
    match state {
        State::AtRisk => format!("together they leave {name} without reserve"),
        State::Degraded => format!("together they degrade {name}"),
        State::Down | State::Up => format!("together they take {name} down"),
    }
}

/// The same for changes that harm nobody unless they fail.
fn joint_failure(schedule: &Schedule, collision: &Collision, scratch: &mut Scratch) -> Result<String> {
    let Some((service, state)) = collision.services.first().copied() else { return Ok(String::new()) };
    let places = &collision.activities;
    let all: Vec<usize> = (0..places.len()).collect();
    let activities: Vec<Activity> = places.iter().map(|p| failed(&schedule.activities[*p])).collect();
    let why = reason(View::full(&schedule.snapshot), &activities, &all, service, scratch)?;
    let fails: Vec<usize> = places.iter().copied().filter(|p| may_fail(&schedule.activities[*p])).collect();
    let condition = match fails.as_slice() {
        [one] => format!("if {} fails", taker(schedule, *one)),
        _ => "if both fail".to_owned(),
    };
    let effect = effect(schedule.snapshot.name_of(service), state);
    Ok(match why {
        Some(why) => format!("{}; {condition}, {effect}", gate(schedule, &why, |at| places[at])),
        None => format!("{}: {condition}, {effect}", takers(schedule, places)),
    })
}

/// "app needs 2 of 3: CHG-000001 takes app1 (by esx1), CHG-000002 takes app2".
fn gate(schedule: &Schedule, why: &Reason, place: impl Fn(usize) -> usize) -> String {
    let name = |item: u32| schedule.snapshot.name_of(item);
    let mut parts: Vec<String> = Vec::new();
    for taken in &why.taken {
        let by = if taken.by == taken.member { String::new() } else { format!(" (by {})", name(taken.by)) };
        let verb = match taken.state {
            State::Down | State::Up => "takes",
            State::Degraded => "degrades",
            State::AtRisk => "weakens",
        };
        parts.push(format!("{} {verb} {}{by}", taker(schedule, place(taken.activity)), name(taken.member)));
    }
    let more = parts.len().saturating_sub(NAMED_MAX);
    parts.truncate(NAMED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{} of {} needs {}: {}{more}", why.gate.group, name(why.item), rule(&why.gate), parts.join(", "))
}

fn rule(gate: &GateProof) -> String {
    let plain = |weight: u64| weight as f64 / UNIT_WEIGHT as f64;
    match gate.counted {
        true => format!("{} of {}", plain(gate.needed), plain(gate.of)),
        false => format!("a weight of {} of {}", plain(gate.needed), plain(gate.of)),
    }
}

fn taker(schedule: &Schedule, place: usize) -> String {
    match &schedule.planned[place] {
        planned @ (Planned::Change(_) | Planned::Trial) => planned.number().to_owned(),
        Planned::Outage(outage) if outage.is_incident => format!("incident {}", outage.number),
        Planned::Outage(outage) => format!("outage {}", outage.number),
    }
}

fn takers(schedule: &Schedule, places: &[usize]) -> String {
    places.iter().map(|p| taker(schedule, *p)).collect::<Vec<_>>().join(" and ")
}

fn items(schedule: &Schedule, items: &[(u32, State)]) -> String {
    named(items, |(item, _)| schedule.snapshot.name_of(*item).to_owned())
}

fn with_states(schedule: &Schedule, items: &[(u32, State)]) -> String {
    named(items, |(item, state)| match state {
        State::Up => schedule.snapshot.name_of(*item).to_owned(),
        state => format!("{} ({})", schedule.snapshot.name_of(*item), state.word().replace('_', " ")),
    })
}

fn named(items: &[(u32, State)], name: impl Fn(&(u32, State)) -> String) -> String {
    let mut names: Vec<String> = items.iter().take(NAMED_MAX).map(name).collect();
    if items.len() > NAMED_MAX {
        names.push(format!("{} more", items.len() - NAMED_MAX));
    }
    names.join(", ")
}

/// The worst state among a collision's items.
fn states(collision: &Collision) -> &'static str {
    collision.items.iter().map(|(_, state)| *state).max().unwrap_or(State::Down).word()
}

fn time(ms: i64) -> String {
    Instant::from_millis(ms).to_string()
}
