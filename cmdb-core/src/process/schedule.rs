//! Everything that is planned, broken, frozen or allowed in a stretch of time, as one calendar to look for collisions in.

mod sentence;
mod surroundings;

use super::calendar::{CalendarPeriod, exception, period};
use super::change::ChangeRecord;
use super::change::record as change;
use super::outage::{self, OutageRecord};
use super::queries::Queries;
use crate::analysis::collision::{
    ACTIVITIES_MAX, Activity, Calendar, Collision, Doing, Period, Report, Span, collisions, stakes,
};
use crate::analysis::impact::{Root, State};
use crate::error::{Error, Result};
use crate::graph::{Snapshot, View};
use crate::model::ItemNumber;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

pub use sentence::sentence;
pub use surroundings::collisions_of;

/// Whose activity it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Planned {
    Change(Box<ChangeRecord>),
    Outage(OutageRecord),
    /// Something that is only tried out.
    Trial,
}

/// How a sentence calls what is only tried out.
const TRIAL: &str = "this";

impl Planned {
    pub fn item(&self) -> Option<ItemNumber> {
        match self {
            Planned::Change(change) => Some(change.item),
            Planned::Outage(outage) => Some(outage.item),
            Planned::Trial => None,
        }
    }
    pub fn number(&self) -> &str {
        match self {
            Planned::Change(change) => &change.number,
            Planned::Outage(outage) => &outage.number,
            Planned::Trial => TRIAL,
        }
    }
    pub fn title(&self) -> &str {
        match self {
            Planned::Change(change) => &change.title,
            Planned::Outage(outage) => &outage.title,
            Planned::Trial => "",
        }
    }
    pub fn change(&self) -> Option<&ChangeRecord> {
        match self {
            Planned::Change(change) => Some(change),
            Planned::Outage(_) | Planned::Trial => None,
        }
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub snapshot: Arc<Snapshot>,
    /// What is compared, by place in `activities`.
    pub planned: Vec<Planned>,
    pub activities: Vec<Activity>,
    /// The records of `periods`, by place.
    pub calendar: Vec<CalendarPeriod>,
    pub periods: Vec<Period>,
    stakes: OnceLock<Vec<u32>>,
    /// Calendar entries that could not be read, each in a sentence.
    pub unread: Vec<String>,
}

impl Schedule {
    /// Open changes whose time meets `within`, or all that have a time, drafts included, with what stands beside them;
    /// as known at `now_ms`.
    ///
    /// # Errors
    /// More activities than can be compared.
    pub fn read(
        snapshot: &Arc<Snapshot>,
        queries: &dyn Queries,
        within: Option<Span>,
        now_ms: i64,
    ) -> Result<Schedule> {
        let changes = open_changes(snapshot, within, now_ms)?;
        let hull = hull(changes.iter().filter_map(|c| span_of(c, now_ms)));
        Schedule::of(snapshot, queries, changes, hull, now_ms)
    }
    /// What stands in a stretch of time in which something is to be tried out.
    pub fn within(
        snapshot: &Arc<Snapshot>,
        queries: &dyn Queries,
        within: Span,
        now_ms: i64,
    ) -> Result<Schedule> {
        Schedule::of(snapshot, queries, open_changes(snapshot, Some(within), now_ms)?, within, now_ms)
    }
    fn of(
        snapshot: &Arc<Snapshot>,
        queries: &dyn Queries,
        changes: Vec<ChangeRecord>,
        hull: Span,
        now_ms: i64,
    ) -> Result<Schedule> {
        let mut planned: Vec<Planned> = changes.into_iter().map(|c| Planned::Change(Box::new(c))).collect();
        planned.extend(outage::between(snapshot, hull)?.into_iter().filter(|o| o.open).map(Planned::Outage));
        if planned.len() > ACTIVITIES_MAX {
            let message =
                format!("{} changes and outages; at most {ACTIVITIES_MAX} can be compared", planned.len());
            return Err(Error::limit("schedule.activities", message).hint("ask for a shorter time"));
        }
        let mut schedule = Schedule {
            snapshot: snapshot.clone(),
            activities: activities(snapshot, &planned, now_ms),
            planned,
            calendar: Vec::new(),
            periods: Vec::new(),
            stakes: OnceLock::new(),
            unread: Vec::new(),
        };
        schedule.read_calendar(queries, hull)?;
        Ok(schedule)
    }
    fn read_calendar(&mut self, queries: &dyn Queries, hull: Span) -> Result<()> {
        let (records, unread) = period::all(&self.snapshot)?;
        self.unread.extend(unread.iter().map(|e| e.message().to_owned()));
        let exceptions = exception::all(&self.snapshot)?;
        for record in records {
            let read =
                record.spans(hull).and_then(|spans| Ok((spans, record.scope(&self.snapshot, queries)?)));
            match read {
                Ok((spans, scope)) => {
                    let excepted = self.excepted(&exceptions, record.item);
                    self.periods.push(Period { kind: record.kind, spans, scope, excepted });
                    self.calendar.push(record);
                }
                Err(e) => self.unread.push(e.message().to_owned()),
            }
        }
        Ok(())
    }
    fn excepted(&self, exceptions: &[exception::ExceptionRecord], freeze: ItemNumber) -> Vec<usize> {
        let given =
            |change: &ChangeRecord| exceptions.iter().any(|e| e.lets(&*self.snapshot, freeze, change));
        (0..self.planned.len()).filter(|at| self.planned[*at].change().is_some_and(given)).collect()
    }
    /// Takes records out, for they are about to be planned anew.
    pub fn leave_out(&mut self, records: &[ItemNumber]) {
        let out = |planned: &Planned| planned.item().is_some_and(|item| records.contains(&item));
        for (planned, activity) in self.planned.iter().zip(&mut self.activities) {
            if out(planned) {
                // An activity without time collides with nothing, and places stay what they are.
                activity.span = Span { start_ms: 0, end_ms: 0 };
                activity.planned = activity.span;
            }
        }
    }
    /// The part of this schedule that meets `span`, with something tried out in it; its place.
    pub fn with_trial(&self, roots: &[Root], span: Span) -> (Schedule, usize) {
        let kept: Vec<usize> =
            (0..self.activities.len()).filter(|at| self.activities[*at].span.meets(&span)).collect();
        let trial = Activity {
            doing: Doing::Change,
            span,
            planned: span,
            roots: roots.to_vec(),
            claims: Vec::new(),
            after: Vec::new(),
        };
        let activity = |at: &usize| Activity { after: Vec::new(), ..self.activities[*at].clone() };
        let excepted = |period: &Period| Period { excepted: Vec::new(), ..period.clone() };
        let schedule = Schedule {
            snapshot: self.snapshot.clone(),
            planned: kept.iter().map(|at| self.planned[*at].clone()).chain([Planned::Trial]).collect(),
            activities: kept.iter().map(activity).chain([trial]).collect(),
            calendar: self.calendar.clone(),
            periods: self.periods.iter().map(excepted).collect(),
            stakes: OnceLock::from(self.stakes().to_vec()),
            unread: Vec::new(),
        };
        (schedule, kept.len())
    }
    /// The services that count, by dense id, ascending. Looked for when first asked: where nothing is planned nobody asks.
    pub fn stakes(&self) -> &[u32] {
        self.stakes.get_or_init(|| stakes(View::full(&self.snapshot)))
    }
    pub fn as_calendar(&self) -> Calendar<'_> {
        Calendar { activities: &self.activities, periods: &self.periods, stakes: self.stakes() }
    }
    /// Everything that collides.
    pub fn collisions(&self) -> Report {
        if self.activities.is_empty() {
            return Report { collisions: Vec::new(), complete: true };
        }
        collisions(View::full(&self.snapshot), self.as_calendar())
    }
    /// Where a record stands among the activities.
    pub fn place(&self, record: ItemNumber) -> Option<usize> {
        self.planned.iter().position(|p| p.item() == Some(record))
    }
    /// Collisions that a record is part of.
    pub fn collisions_of(&self, report: &Report, record: ItemNumber) -> Vec<Collision> {
        let Some(place) = self.place(record) else { return Vec::new() };
        report.collisions.iter().filter(|c| c.activities.contains(&place)).cloned().collect()
    }
    /// What a collision is about besides `place`: records, first the one to name.
    pub fn others<'a>(&'a self, collision: &'a Collision, place: Option<usize>) -> Vec<&'a Planned> {
        collision.activities.iter().filter(|a| Some(**a) != place).map(|a| &self.planned[*a]).collect()
    }
}

fn span_of(change: &ChangeRecord, now_ms: i64) -> Option<Span> {
    change.occupied(now_ms).map(|(start_ms, end_ms)| Span { start_ms, end_ms })
}

/// Changes that are not over and have a time, one that meets `within` where that is stated.
fn open_changes(snapshot: &Snapshot, within: Option<Span>, now_ms: i64) -> Result<Vec<ChangeRecord>> {
    let in_time = |c: &ChangeRecord| {
        c.status.is_open() && span_of(c, now_ms).is_some_and(|s| within.is_none_or(|w| w.meets(&s)))
    };
    Ok(change::all(snapshot)?.into_iter().filter(in_time).collect())
}

/// The least span that holds all.
fn hull(spans: impl Iterator<Item = Span>) -> Span {
    let join =
        |a: Span, b: Span| Span { start_ms: a.start_ms.min(b.start_ms), end_ms: a.end_ms.max(b.end_ms) };
    spans.reduce(join).unwrap_or(Span { start_ms: 0, end_ms: 0 })
}

fn activities(snapshot: &Snapshot, planned: &[Planned], now_ms: i64) -> Vec<Activity> {
    let places: BTreeMap<ItemNumber, usize> =
        planned.iter().enumerate().filter_map(|(at, p)| Some((p.item()?, at))).collect();
    let of_outage = |outage: &OutageRecord| Activity {
        doing: Doing::Outage,
        span: outage.span(),
        planned: outage.span(),
        roots: outage.roots(snapshot),
        claims: Vec::new(),
        after: Vec::new(),
    };
    let activity = |planned: &Planned| match planned {
        Planned::Change(change) => Some(of_change(snapshot, change, &places, now_ms)),
        Planned::Outage(outage) => Some(of_outage(outage)),
        Planned::Trial => None,
    };
    planned.iter().filter_map(activity).collect()
}

/// What a change does to the items it touches.
pub fn roots_of(snapshot: &Snapshot, change: &ChangeRecord) -> Vec<Root> {
    let state = |a: &super::change::Affected| a.effect.state().unwrap_or(State::Up);
    change.affected.iter().map(|a| Root { item: snapshot.dense(a.item), state: state(a) }).collect()
}

fn of_change(
    snapshot: &Snapshot,
    change: &ChangeRecord,
    places: &BTreeMap<ItemNumber, usize>,
    now_ms: i64,
) -> Activity {
    let never = Span { start_ms: 0, end_ms: 0 };
    let window = change.window.as_ref();
    let planned = window.map_or(never, |w| Span { start_ms: w.start_ms, end_ms: w.end_ms });
    let claims = change.implementer.iter().chain(&change.resources).cloned().collect();
    let after = change.follows.iter().filter_map(|item| places.get(item).copied()).collect();
    Activity {
        doing: Doing::Change,
        span: span_of(change, now_ms).unwrap_or(never),
        planned,
        roots: roots_of(snapshot, change),
        claims,
        after,
    }
}
