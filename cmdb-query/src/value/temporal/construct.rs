//! Points in time from the fields of a map, from other points in time, and from the clock.
//!
//! Without a value to start from, a field needs the ones above it (`day` needs `month` needs `year`), and what is
//! below the last one given is the smallest possible. With one, every field given replaces that part of it.

use super::clock_time::NANOSECONDS_PER_SECOND;
use super::fields::{DATE_FIELDS, EPOCH_FIELDS, Field, Fields, TIME_FIELDS};
use super::refusal::{invalid, out_of_range};
use super::{Date, DateTime, LocalDateTime, LocalTime, Temporal, Time, Zone};
use crate::error::Result;
use crate::scene::Clock;

mod date;
mod time;

pub use date::date_from;
pub use time::time_from;

/// The kinds of points in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Date,
    LocalTime,
    Time,
    LocalDateTime,
    DateTime,
}

impl Kind {
    pub fn has_date(self) -> bool {
        matches!(self, Kind::Date | Kind::LocalDateTime | Kind::DateTime)
    }
    pub fn has_time(self) -> bool {
        self != Kind::Date
    }
    pub fn has_zone(self) -> bool {
        matches!(self, Kind::Time | Kind::DateTime)
    }
}

impl Temporal {
    pub fn date(&self) -> Option<Date> {
        match self {
            Temporal::Date(date) => Some(*date),
            Temporal::LocalDateTime(moment) => Some(moment.date),
            Temporal::DateTime(moment) => Some(moment.local.date),
            Temporal::LocalTime(_) | Temporal::Time(_) | Temporal::Duration(_) => None,
        }
    }
    pub fn time(&self) -> Option<LocalTime> {
        match self {
            Temporal::LocalTime(time) => Some(*time),
            Temporal::Time(time) => Some(time.local),
            Temporal::LocalDateTime(moment) => Some(moment.time),
            Temporal::DateTime(moment) => Some(moment.local.time),
            Temporal::Date(_) | Temporal::Duration(_) => None,
        }
    }
    pub fn zone(&self) -> Option<Zone> {
        match self {
            Temporal::Time(time) => Some(Zone { offset_seconds: time.offset_seconds, name: None }),
            Temporal::DateTime(moment) => Some(moment.zone.clone()),
            _ => None,
        }
    }
}

fn clock_nanoseconds(clock: Clock) -> i128 {
    i128::from(clock.seconds) * i128::from(NANOSECONDS_PER_SECOND) + i128::from(clock.nanoseconds)
}

/// The clock's moment in a zone.
///
/// # Errors
/// A clock outside the years of the language.
pub fn now(kind: Kind, clock: Clock, zone: &Zone) -> Result<Temporal> {
    let moment = zone.at_instant(clock_nanoseconds(clock)).ok_or_else(|| out_of_range("the clock"))?;
    converted(kind, &Temporal::DateTime(moment))
}

/// The parts of one point in time that another kind has; a missing zone is UTC, a missing time midnight.
///
/// # Errors
/// If the kind needs a date and there is none, or a time alone and there is none.
pub fn converted(kind: Kind, from: &Temporal) -> Result<Temporal> {
    let mut fields = Fields::default();
    match kind {
        Kind::Date => fields.date = Some(from.clone()),
        Kind::LocalTime | Kind::Time => fields.time = Some(from.clone()),
        Kind::LocalDateTime | Kind::DateTime => fields.date_time = Some(from.clone()),
    }
    build(kind, &fields, Clock::default())
}

/// Builds a point in time; the clock is asked if the fields hold a zone alone, and for the offset of a named zone on a
/// time without a date.
///
/// # Errors
/// Fields that the kind does not have, that exclude each other, that miss one above them, or that do not exist in the
/// calendar.
pub fn build(kind: Kind, fields: &Fields, clock: Clock) -> Result<Temporal> {
    if let Some(zone) = fields.zone_alone() {
        return now(kind, clock, zone);
    }
    check_kind(kind, fields)?;
    if fields.any(&EPOCH_FIELDS) {
        return from_epoch(kind, fields);
    }
    let date = if kind.has_date() { date::build(fields)? } else { Date { days: 0 } };
    let time = if kind.has_time() { time::build(kind, fields)? } else { LocalTime::MIDNIGHT };
    let local = LocalDateTime::new(date, time);
    Ok(match kind {
        Kind::Date => Temporal::Date(date),
        Kind::LocalTime => Temporal::LocalTime(time),
        Kind::LocalDateTime => Temporal::LocalDateTime(local),
        Kind::Time => Temporal::Time(zoned_time(time, fields, clock)?),
        Kind::DateTime => {
            let moment = zoned(local, fields).ok_or_else(|| out_of_range("the time"))?;
            Temporal::DateTime(moment)
        }
    })
}

fn check_kind(kind: Kind, fields: &Fields) -> Result<()> {
    let refuse = |what: &str| Err(invalid(format!("{kind:?} has no {what}")));
    if !kind.has_date() && fields.any(&DATE_FIELDS) {
        return refuse("date");
    }
    if !kind.has_time() && (fields.any(&TIME_FIELDS) || fields.time.is_some()) {
        return refuse("time");
    }
    if !kind.has_zone() && fields.zone.is_some() {
        return refuse("time zone");
    }
    if !(kind.has_date() && kind.has_time()) && fields.any(&EPOCH_FIELDS) {
        return refuse("moment since 1970");
    }
    if fields.date_time.is_some() && (fields.date.is_some() || fields.time.is_some()) {
        return Err(invalid("`datetime` cannot be given together with `date` or `time`"));
    }
    Ok(())
}

/// The zone of the time that is started from, and whether there is one.
fn start_zone(fields: &Fields) -> Option<Zone> {
    fields.time.as_ref().or(fields.date_time.as_ref()).and_then(Temporal::zone)
}

/// A zone given on top of a zoned value keeps the instant; on top of anything else it keeps the local time.
fn zoned(local: LocalDateTime, fields: &Fields) -> Option<DateTime> {
    let Some(start) = start_zone(fields) else {
        return fields.zone.as_ref().unwrap_or(&Zone::UTC).at_local(local, None);
    };
    let moment = start.at_local(local, Some(start.offset_seconds))?;
    match &fields.zone {
        Some(zone) => zone.at_instant(moment.instant()),
        None => Some(moment),
    }
}

fn zoned_time(local: LocalTime, fields: &Fields, clock: Clock) -> Result<Time> {
    let given = match &fields.zone {
        Some(zone) => Some(offset_now(zone, clock)?),
        None => None,
    };
    Ok(match (start_zone(fields), given) {
        (Some(start), Some(offset)) => {
            Time { local, offset_seconds: start.offset_seconds }.with_offset(offset)
        }
        (Some(start), None) => Time { local, offset_seconds: start.offset_seconds },
        (None, given) => Time { local, offset_seconds: given.unwrap_or(0) },
    })
}

fn offset_now(zone: &Zone, clock: Clock) -> Result<i32> {
    let moment = zone.at_instant(clock_nanoseconds(clock)).ok_or_else(|| out_of_range("the clock"))?;
    Ok(moment.zone.offset_seconds)
}

fn from_epoch(kind: Kind, fields: &Fields) -> Result<Temporal> {
    let others = fields.any(&DATE_FIELDS)
        || fields.any(&TIME_FIELDS[..3])
        || fields.date.is_some()
        || fields.time.is_some()
        || fields.date_time.is_some();
    let nanoseconds = match (fields.get(Field::EpochSeconds), fields.get(Field::EpochMillis)) {
        _ if others => None,
        (Some(seconds), None) => {
            let fraction = time::nanosecond(fields, false)?.unwrap_or(0);
            Some(i128::from(seconds) * i128::from(NANOSECONDS_PER_SECOND) + i128::from(fraction))
        }
        (None, Some(millis)) if !fields.has(Field::Millisecond) => {
            let fraction = time::nanosecond(fields, true)?.unwrap_or(0);
            Some(i128::from(millis) * 1_000_000 + i128::from(fraction))
        }
        _ => None,
    };
    let Some(nanoseconds) = nanoseconds else {
        return Err(invalid(
            "`epochSeconds` or `epochMillis` goes together with fractions of a second alone",
        ));
    };
    let zone = fields.zone.as_ref().unwrap_or(&Zone::UTC);
    let moment = zone.at_instant(nanoseconds).ok_or_else(|| out_of_range("the moment"))?;
    converted(kind, &Temporal::DateTime(moment))
}
