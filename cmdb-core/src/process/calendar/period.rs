//! Freezes and maintenance windows as they are read and recorded.

use super::recurrence::{Recurrence, occurrences};
use crate::analysis::collision::{PeriodKind, Span};
use crate::command::attributes::Input;
use crate::command::program::Program;
use crate::command::{Answer, Decider, Reference, Right, access};
use crate::error::{Error, Result};
use crate::graph::Snapshot;
use crate::model::temporal::Instant;
use crate::model::{ItemNumber, SmolStr, Value};
use crate::process::change::fresh;
use crate::process::fields::{Fields, Related};
use crate::process::queries::Queries;
use crate::process::record::{self, AFFECTS, NewRecord, find, settle, targets, texts};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::sync::Arc;

pub const FREEZE: &str = "Freeze";
pub const WINDOW: &str = "MaintenanceWindow";
/// The series of freezes and of maintenance windows.
pub const FREEZES: &str = "FRZ";
pub const WINDOWS: &str = "MWD";
/// The longest single occurrence, in days.
const DAYS_MAX: i64 = 366;

/// A freeze or a maintenance window.
#[derive(Clone, Debug, PartialEq)]
pub struct CalendarPeriod {
    pub item: ItemNumber,
    pub number: SmolStr,
    pub title: SmolStr,
    pub kind: PeriodKind,
    /// Query text or the name of a saved query.
    pub scope: Option<SmolStr>,
    /// Items named one by one.
    pub named: Vec<ItemNumber>,
    /// Local times of the first occurrence.
    pub first: (DateTime, DateTime),
    pub zone: TimeZone,
    pub recurrence: Option<SmolStr>,
    rule: Option<Recurrence>,
    pub left_out: Vec<DateTime>,
}

impl CalendarPeriod {
    /// Reads a period.
    ///
    /// # Errors
    /// What of it does not read; it may have been imported.
    pub fn read(state: &impl Related, number: ItemNumber) -> Result<CalendarPeriod> {
        let item = state.item(number)?.unwrap_or_default();
        let fields = Fields::of(state, &item);
        let name = item.name.clone().unwrap_or_default();
        let lacks = |what: &str| Error::invalid("calendar.times", format!("{name} has no {what}"));
        let zone = zone_named(fields.text("time_zone"), fields.instant("starts_at"))?;
        let start = fields.instant("starts_at").ok_or_else(|| lacks("starts_at"))?;
        let end = fields.instant("ends_at").ok_or_else(|| lacks("ends_at"))?;
        let local = |text: &SmolStr| {
            text.parse::<DateTime>().map_err(|_| {
                Error::invalid(
                    "calendar.left-out",
                    format!("\"{text}\" is no local time such as 2026-12-26T22:00"),
                )
            })
        };
        let recurrence = fields.text("recurrence").filter(|r| !r.trim().is_empty());
        let kind =
            if record::is_a(state, number, FREEZE) { PeriodKind::Freeze } else { PeriodKind::Maintenance };
        let period = CalendarPeriod {
            item: number,
            number: fields.text("number").map_or_else(|| name.clone(), SmolStr::new),
            title: fields.text("title").map_or_else(|| name.clone(), SmolStr::new),
            kind,
            scope: fields.text("scope").filter(|s| !s.trim().is_empty()).map(SmolStr::new),
            named: targets(state, number, AFFECTS)?,
            first: (local_time(start, &zone)?, local_time(end, &zone)?),
            zone,
            recurrence: recurrence.map(SmolStr::new),
            rule: recurrence.map(Recurrence::parse).transpose()?,
            left_out: fields.texts("left_out").iter().map(local).collect::<Result<_>>()?,
        };
        period.check()
    }
    fn check(self) -> Result<CalendarPeriod> {
        let (start, end) = self.first;
        let days = start.until(end).ok().map_or(0, |length| i64::from(length.get_days()));
        if end <= start || days > DAYS_MAX {
            let message =
                format!("{} must end after it begins and last at most {DAYS_MAX} days", self.number);
            return Err(Error::invalid("calendar.times", message.clone()).detail("/end", message));
        }
        if self.kind == PeriodKind::Maintenance && self.scope.is_none() && self.named.is_empty() {
            let message = "a maintenance window needs a scope: a query, or items";
            return Err(Error::invalid("calendar.scope", message)
                .detail("/scope", message)
                .hint("--scope 'MATCH (s:Server) RETURN s' or --on REF"));
        }
        Ok(self)
    }
    /// Whether it is about everything there is.
    pub fn is_universal(&self) -> bool {
        self.scope.is_none() && self.named.is_empty()
    }
    /// Its occurrences that meet `within`, in order.
    pub fn spans(&self, within: Span) -> Result<Vec<Span>> {
        occurrences(self.first, &self.zone, self.rule.as_ref(), &self.left_out, within)
    }
    /// The items it is about, by dense id, ascending.
    ///
    /// # Errors
    /// Its query does not read or passes a limit.
    pub fn scope(&self, snapshot: &Arc<Snapshot>, queries: &dyn Queries) -> Result<Vec<u32>> {
        let mut items: Vec<u32> = match self.is_universal() {
            true => snapshot.live_nodes().collect(),
            false => self.named.iter().map(|n| snapshot.dense(*n)).collect(),
        };
        if let Some(scope) = &self.scope {
            let text = super::saved::text_of(snapshot, scope)?;
            let found = queries.items(snapshot, &text).map_err(|e| {
                let message = format!("the scope of {}: {}", self.number, e.message());
                Error::invalid("calendar.scope", message).caused_by(e)
            })?;
            items.extend(found.into_iter().map(|n| snapshot.dense(n)));
        }
        items.sort_unstable();
        items.dedup();
        Ok(items)
    }
}

/// All open freezes and windows that read, as created, and what is wrong with the others.
pub fn all(snapshot: &Snapshot) -> Result<(Vec<CalendarPeriod>, Vec<Error>)> {
    let (mut periods, mut unread) = (Vec::new(), Vec::new());
    for class in [FREEZE, WINDOW] {
        for number in record::open_of(snapshot, class)? {
            match CalendarPeriod::read(snapshot, number) {
                Ok(period) => periods.push(period),
                Err(e) => unread.push(e),
            }
        }
    }
    periods.sort_by_key(|p| p.item);
    Ok((periods, unread))
}

fn zone_named(name: Option<&str>, instant: Option<&Instant>) -> Result<TimeZone> {
    let name = name.or_else(|| instant.and_then(|i| i.zone.as_deref())).unwrap_or("UTC");
    zone(name)
}

/// A time zone by its IANA name.
///
/// # Errors
/// `calendar.time-zone`.
pub fn zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name).map_err(|_| {
        let message = format!("\"{name}\" is no IANA time zone");
        Error::invalid("calendar.time-zone", message.clone())
            .detail("/time_zone", message)
            .hint("such as Europe/Berlin or UTC")
    })
}

fn local_time(instant: &Instant, zone: &TimeZone) -> Result<DateTime> {
    let time = jiff::Timestamp::new(instant.seconds, instant.nanoseconds);
    let time = time.map_err(|_| Error::invalid("calendar.times", format!("{instant} is out of range")))?;
    Ok(zone.to_datetime(time))
}

/// A time as people write it: with an offset, or local to `zone`.
///
/// # Errors
/// `calendar.times`.
pub fn moment(text: &str, zone: &TimeZone) -> Result<Instant> {
    if let Some(instant) = Instant::parse(text) {
        return Ok(instant);
    }
    let unread = || {
        Error::invalid("calendar.times", format!("\"{text}\" is no time"))
            .hint("2026-12-20T22:00+01:00, or 2026-12-20T22:00 together with a time zone")
    };
    let local = text.parse::<DateTime>().map_err(|_| unread())?;
    let zoned = zone.to_ambiguous_zoned(local).compatible().map_err(|_| unread())?;
    Instant::parse(&zoned.to_string()).ok_or_else(unread)
}

/// Records a freeze or a maintenance window.
#[derive(Clone, Debug)]
pub struct CreatePeriod {
    pub kind: PeriodKind,
    pub title: SmolStr,
    pub scope: Option<SmolStr>,
    /// REFs of items it is about.
    pub on: Vec<SmolStr>,
    pub start: SmolStr,
    pub end: SmolStr,
    pub time_zone: SmolStr,
    pub recurrence: Option<SmolStr>,
    /// Local starts that do not take place.
    pub left_out: Vec<SmolStr>,
    pub description: Option<SmolStr>,
}

impl Program for CreatePeriod {
    fn name(&self) -> &'static str {
        match self.kind {
            PeriodKind::Freeze => "create freeze",
            PeriodKind::Maintenance => "create maintenance window",
        }
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        // What keeps others from working is set by those who may decide on their work.
        access::check(&decider.context().principal, Right::Approve)?;
        let (class, series) = match self.kind {
            PeriodKind::Freeze => (FREEZE, FREEZES),
            PeriodKind::Maintenance => (WINDOW, WINDOWS),
        };
        let zone = zone(&self.time_zone)?;
        // The text that a saved query has now: whoever edits that later does not edit what was decided here.
        let scope = match self.scope.as_deref().filter(|s| !s.trim().is_empty()) {
            Some(scope) => Some(super::saved::text_of(&*fresh::snapshot(decider)?, scope)?),
            None => None,
        };
        let mut attributes = texts([
            ("title", Some(self.title.as_str())),
            ("scope", scope.as_deref()),
            ("time_zone", Some(self.time_zone.as_str())),
            ("recurrence", self.recurrence.as_deref()),
            ("description", self.description.as_deref()),
        ]);
        for (name, text) in [("starts_at", &self.start), ("ends_at", &self.end)] {
            attributes.push((name.into(), Input::Typed(Value::DateTime(moment(text, &zone)?))));
        }
        if !self.left_out.is_empty() {
            let starts = self.left_out.iter().map(|t| Value::Text(t.clone())).collect();
            attributes.push(("left_out".into(), Input::Typed(Value::List(starts))));
        }
        let affects = self.on.clone();
        let item =
            NewRecord { class, series, attributes, affects, relates_to: Vec::new() }.create(decider)?;
        CalendarPeriod::read(decider.draft(), item)?;
        Ok(Answer::Item(item))
    }
}

/// Ends a freeze or a maintenance window for good; its record stays.
#[derive(Clone, Debug)]
pub struct RemovePeriod {
    pub kind: PeriodKind,
    pub period: Reference,
    pub queries: Arc<dyn Queries>,
}

impl Program for RemovePeriod {
    fn name(&self) -> &'static str {
        match self.kind {
            PeriodKind::Freeze => "lift freeze",
            PeriodKind::Maintenance => "remove maintenance window",
        }
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        access::check(&decider.context().principal, Right::Approve)?;
        let (class, list) = match self.kind {
            PeriodKind::Freeze => (FREEZE, "cmdb freeze list"),
            PeriodKind::Maintenance => (WINDOW, "cmdb window list"),
        };
        let number = find(decider.draft(), &self.period.0, class, list)?;
        // One that does not read holds nothing back.
        if self.kind == PeriodKind::Freeze
            && let Ok(freeze) = CalendarPeriod::read(decider.draft(), number)
        {
            let by = decider.context().principal.name.clone();
            super::check::refuse_own_lift(&fresh::snapshot(decider)?, &*self.queries, &freeze, &by)?;
        }
        settle(decider, number, "closed", Vec::new())?;
        Ok(Answer::Item(number))
    }
}
