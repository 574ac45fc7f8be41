//! How long a service may be down in a calendar month, what of that is used up, and what work would take of it.
//!
//! A service may carry an `availability_target` in percent, measured by calendar month in the zone of its `time_zone`
//! (UTC if it has none). Of the month, time in agreed maintenance windows that cover the service counts neither as
//! promised nor as down. Allowed is the promised time times (100 − target) / 100; it is used up by outages and by what
//! changes that were approved or carried out take down, all taken together on the graph as it is. Service hours are not
//! looked at: a service is promised around the clock.

use super::calendar::period::{self, zone};
use super::change::record::{self, ChangeRecord};
use super::change::status::Status;
use super::fields::{Fields, item_map, map, text};
use super::outage::OutageRecord;
use super::queries::Queries;
use super::schedule::roots_of;
use crate::analysis::collision::{Activity, Calendar, Doing, PeriodKind, Span, picture};
use crate::analysis::impact::State;
use crate::error::Result;
use crate::graph::{Records, Snapshot, View};
use crate::model::{ItemNumber, SmolStr, Value};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::sync::Arc;

/// Months of one stretch of time that are looked at.
pub const MONTHS_MAX: usize = 14;
/// Millionths of a percent in a whole.
const WHOLE: i128 = 100_000_000;
const MINUTE_MS: f64 = 60_000.0;

/// A month of a service that has a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Dense id.
    pub service: u32,
    name: SmolStr,
    /// In percent, as stated.
    target: f64,
    month: Span,
    /// "November 2026".
    label: SmolStr,
    promised_ms: i64,
    pub allowed_ms: i64,
    /// Agreed maintenance, in order and apart.
    agreed: Vec<Span>,
    /// When the service is down, agreed maintenance aside; in order and apart.
    down: Vec<Span>,
}

/// What a month would look like with something more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub used_ms: i64,
    pub more_ms: i64,
    /// Negative beyond what is allowed.
    pub left_ms: i64,
}

impl Cost {
    /// Whether this, and not what was there before, is too much.
    pub fn breaks(&self) -> bool {
        self.more_ms > 0 && self.left_ms < 0
    }
}

impl Account {
    fn used_ms(&self) -> i64 {
        total(&self.down)
    }
    fn with(&self, more_ms: i64) -> Cost {
        let used_ms = self.used_ms();
        Cost { used_ms, more_ms, left_ms: self.allowed_ms - used_ms - more_ms }
    }
    /// What it costs to have the service down for `span`, where it is not down anyway.
    pub fn cost_of(&self, span: Span) -> Cost {
        let taken = without(&without(&[span.common(&self.month)], &self.agreed), &self.down);
        self.with(total(&taken))
    }
    /// "Shop: 60 minutes of downtime are 16.8 more than November 2026 has left (99.9 % allow 43.2, 0 are used)".
    pub fn sentence(&self, cost: &Cost) -> String {
        format!(
            "{}: {} minutes of downtime are {} more than its target of {} % leaves in {} (it allows {}, {} are used)",
            self.name,
            minutes(cost.more_ms),
            minutes(-cost.left_ms),
            self.target,
            self.label,
            minutes(self.allowed_ms),
            minutes(cost.used_ms)
        )
    }
    /// As it is kept in an assessment.
    pub fn value(&self, snapshot: &Snapshot, cost: &Cost) -> Value {
        let decimal = |ms: i64| Some(Value::Decimal(minutes(ms)));
        map([
            ("service", Some(item_map(snapshot, snapshot.number(self.service)))),
            ("month", text(&self.label)),
            ("target", Some(Value::Decimal(self.target))),
            ("promised_minutes", decimal(self.promised_ms)),
            ("allowed_minutes", decimal(self.allowed_ms)),
            ("used_minutes", decimal(cost.used_ms)),
            ("this_change_minutes", decimal(cost.more_ms)),
            ("left_minutes", decimal(cost.left_ms)),
            ("broken", Some(Value::Boolean(cost.breaks()))),
            ("reason", Some(cost).filter(|c| c.breaks()).and_then(|c| text(&self.sentence(c)))),
        ])
    }
}

/// Minutes to the tenth, as people speak of them; what is compared is milliseconds.
fn minutes(ms: i64) -> f64 {
    (ms as f64 / MINUTE_MS * 10.0).round() / 10.0
}

/// What is known of a stretch of time: everything that takes something down in it.
pub struct Books<'a> {
    snapshot: &'a Arc<Snapshot>,
    queries: &'a dyn Queries,
    activities: Vec<Activity>,
}

impl<'a> Books<'a> {
    /// Outages, and changes that were approved or carried out but `but`, as known at `now_ms`.
    pub fn read(
        snapshot: &'a Arc<Snapshot>,
        queries: &'a dyn Queries,
        but: &[ItemNumber],
        now_ms: i64,
    ) -> Result<Books<'a>> {
        let mut activities: Vec<Activity> =
            super::outage::all(snapshot)?.iter().map(|o| of_outage(snapshot, o, now_ms)).collect();
        let changes = record::all(snapshot)?;
        activities.extend(
            changes
                .iter()
                .filter(|c| !but.contains(&c.item))
                .filter_map(|c| Some(of_change(snapshot, c, time_of(c, now_ms)?))),
        );
        Ok(Books { snapshot, queries, activities })
    }
    /// Accounts of the services among `services` that have a target, for each month that `within` meets.
    pub fn accounts(&self, services: &[u32], within: Span) -> Result<Vec<Account>> {
        let mut out = Vec::new();
        for service in services {
            let Some((name, target, zone)) = self.target(*service)? else { continue };
            let agreed = self.agreed(*service, within, &zone)?;
            for (month, label) in months(within, &zone) {
                let agreed: Vec<Span> =
                    merged(agreed.iter().map(|s| s.common(&month)).filter(|s| !s.is_empty()).collect());
                let promised_ms = month.end_ms - month.start_ms - total(&agreed);
                let millionths = (target * 1_000_000.0).round() as i128;
                let allowed_ms = (i128::from(promised_ms) * (WHOLE - millionths) / WHOLE) as i64;
                let down = without(&self.down(&self.activities, *service, month), &agreed);
                let (name, service) = (name.clone(), *service);
                out.push(Account {
                    service,
                    name,
                    target,
                    month,
                    label,
                    promised_ms,
                    allowed_ms,
                    agreed,
                    down,
                });
            }
        }
        Ok(out)
    }
    /// What a change costs in each of these months, everything else going on beside it.
    pub fn costs(&self, accounts: &[Account], change: &ChangeRecord) -> Vec<Cost> {
        let Some(window) = &change.window else { return accounts.iter().map(|a| a.with(0)).collect() };
        let span = Span { start_ms: window.start_ms, end_ms: window.end_ms };
        let mut all = self.activities.clone();
        all.push(of_change(self.snapshot, change, span));
        let with = |account: &Account| {
            let down = without(&self.down(&all, account.service, account.month), &account.agreed);
            account.with(total(&down) - account.used_ms())
        };
        accounts.iter().map(with).collect()
    }
    fn down(&self, activities: &[Activity], service: u32, month: Span) -> Vec<Span> {
        let meeting: Vec<Activity> = activities.iter().filter(|a| a.span.meets(&month)).cloned().collect();
        let calendar = Calendar { activities: &meeting, periods: &[], stakes: &[service] };
        let moments = picture(View::full(self.snapshot), calendar, month);
        let down = |stakes: &[(u32, State)]| stakes.iter().any(|(_, state)| *state == State::Down);
        merged(moments.into_iter().filter(|m| down(&m.stakes)).map(|m| m.span).collect())
    }
    fn target(&self, service: u32) -> Result<Option<(SmolStr, f64, TimeZone)>> {
        let item = self.snapshot.item(self.snapshot.number(service))?.unwrap_or_default();
        let fields = Fields::of(&**self.snapshot, &item);
        let target = fields.number("availability_target").filter(|t| (0.0..=100.0).contains(t));
        let zone = fields.text("time_zone").and_then(|name| zone(name).ok()).unwrap_or(TimeZone::UTC);
        Ok(target.map(|target| (item.name.clone().unwrap_or_default(), target, zone)))
    }
    /// Occurrences of maintenance windows that cover a service, in the months that `within` meets.
    fn agreed(&self, service: u32, within: Span, zone: &TimeZone) -> Result<Vec<Span>> {
        let months = months(within, zone);
        let (Some(first), Some(last)) = (months.first(), months.last()) else { return Ok(Vec::new()) };
        let whole = Span { start_ms: first.0.start_ms, end_ms: last.0.end_ms };
        let mut out = Vec::new();
        for window in period::all(self.snapshot)?.0.iter().filter(|p| p.kind == PeriodKind::Maintenance) {
            let spans = window.spans(whole)?;
            if !spans.is_empty() && window.scope(self.snapshot, self.queries)?.binary_search(&service).is_ok()
            {
                out.extend(spans);
            }
        }
        Ok(merged(out))
    }
}

/// Until now at most: nobody knows how long what is broken stays so.
fn of_outage(snapshot: &Snapshot, outage: &OutageRecord, now_ms: i64) -> Activity {
    let span = outage.span();
    let span =
        if outage.ended_ms.is_none() { Span { end_ms: span.end_ms.min(now_ms), ..span } } else { span };
    activity(Doing::Outage, span, outage.roots(snapshot))
}

fn of_change(snapshot: &Snapshot, change: &ChangeRecord, span: Span) -> Activity {
    activity(Doing::Change, span, roots_of(snapshot, change))
}

fn activity(doing: Doing, span: Span, roots: Vec<crate::analysis::impact::Root>) -> Activity {
    Activity { doing, span, planned: span, roots, claims: Vec::new(), after: Vec::new() }
}

/// When a change takes things down: as planned, or as it was; none for what was not decided on or did not happen here.
fn time_of(change: &ChangeRecord, now_ms: i64) -> Option<Span> {
    let planned = change.window.as_ref().map(|w| Span { start_ms: w.start_ms, end_ms: w.end_ms });
    match change.status {
        Status::Approved | Status::Scheduled => planned,
        Status::Implementing => {
            let start_ms = change.actual_start_ms?;
            let end_ms = planned.map_or(now_ms, |span| span.end_ms.max(now_ms));
            Some(Span { start_ms, end_ms })
        }
        // What came over and done with from another tool says what it likes of its times.
        _ if change.journal.is_empty() => None,
        Status::Implemented | Status::BackedOut | Status::Reviewed | Status::Closed => {
            Some(Span { start_ms: change.actual_start_ms?, end_ms: change.actual_end_ms? })
        }
        Status::Draft
        | Status::Assessed
        | Status::AwaitingApproval
        | Status::Rejected
        | Status::Cancelled => None,
    }
}

/// Calendar months that a stretch of time meets, by the clock of a zone, with their names.
fn months(within: Span, zone: &TimeZone) -> Vec<(Span, SmolStr)> {
    let mut out = Vec::new();
    let Ok(begin) = Timestamp::from_millisecond(within.start_ms) else { return out };
    let mut first = zone.to_datetime(begin).date().first_of_month();
    while out.len() < MONTHS_MAX {
        let Ok(next) = first.checked_add(1.month()) else { break };
        let at = |day: jiff::civil::Date| {
            zone.to_ambiguous_zoned(day.at(0, 0, 0, 0)).compatible().map(|z| z.timestamp().as_millisecond())
        };
        let (Ok(start_ms), Ok(end_ms)) = (at(first), at(next)) else { break };
        if start_ms >= within.end_ms {
            break;
        }
        out.push((Span { start_ms, end_ms }, first.strftime("%B %Y").to_string().into()));
        first = next;
    }
    out
}

fn total(spans: &[Span]) -> i64 {
    spans.iter().map(|s| (s.end_ms - s.start_ms).max(0)).sum()
}

/// The same time in order, apart.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::new();
    for span in spans.into_iter().filter(|s| !s.is_empty()) {
        match out.last_mut().filter(|last| span.start_ms <= last.end_ms) {
            Some(last) => last.end_ms = last.end_ms.max(span.end_ms),
            None => out.push(span),
        }
    }
    out
}

/// What of `spans` lies in none of `holes`, which are in order and apart.
fn without(spans: &[Span], holes: &[Span]) -> Vec<Span> {
    let mut out = Vec::new();
    for span in spans {
        let mut start_ms = span.start_ms;
        for hole in holes.iter().filter(|hole| hole.meets(span)) {
            out.push(Span { start_ms, end_ms: hole.start_ms });
            start_ms = hole.end_ms;
        }
        out.push(Span { start_ms, end_ms: span.end_ms });
    }
    out.retain(|s| !s.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_an_hour_more_when_the_clocks_go_back() {
        let berlin = zone("Europe/Berlin").unwrap();
        let at = |text: &str| {
            crate::process::fields::millis(&crate::model::temporal::Instant::parse(text).unwrap())
        };
        let within = Span { start_ms: at("2026-10-31T23:30:00Z"), end_ms: at("2026-12-01T00:00:00Z") };
        let found = months(within, &berlin);
        assert_eq!(
            found.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>(),
            ["November 2026", "December 2026"]
        );
        let october = months(
            Span { start_ms: at("2026-10-05T00:00:00Z"), end_ms: at("2026-10-06T00:00:00Z") },
            &berlin,
        );
        assert_eq!(october[0].0.end_ms - october[0].0.start_ms, (31 * 24 + 1) * 3_600_000);
    }

    #[test]
    fn time_is_counted_once_and_never_in_a_hole() {
        let span = |start_ms, end_ms| Span { start_ms, end_ms };
        assert_eq!(merged(vec![span(5, 9), span(0, 5), span(20, 20), span(8, 12)]), [span(0, 12)]);
        let left = without(&[span(0, 10), span(20, 30)], &[span(2, 4), span(8, 22), span(30, 40)]);
        assert_eq!(left, [span(0, 2), span(4, 8), span(22, 30)]);
        assert_eq!(total(&left), 14);
    }
}
