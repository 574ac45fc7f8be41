//! `date.truncate(unit, value, fields)` and its siblings.

use super::calendar::first_month;
use super::construct::{Kind, date_from, time_from};
use super::fields::{DATE_FIELDS, Field, Fields, TIME_FIELDS};
use super::refusal::invalid;
use super::{Date, LocalDateTime, LocalTime, Temporal, Time, Zone};
use crate::error::Result;

/// What to cut down to, coarse to fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    Millennium,
    Century,
    Decade,
    Year,
    WeekYear,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
}

const UNITS: [(&str, Unit); 14] = [
    ("millennium", Unit::Millennium),
    ("century", Unit::Century),
    ("decade", Unit::Decade),
    ("year", Unit::Year),
    ("weekYear", Unit::WeekYear),
    ("quarter", Unit::Quarter),
    ("month", Unit::Month),
    ("week", Unit::Week),
    ("day", Unit::Day),
    ("hour", Unit::Hour),
    ("minute", Unit::Minute),
    ("second", Unit::Second),
    ("millisecond", Unit::Millisecond),
    ("microsecond", Unit::Microsecond),
];

impl Unit {
    /// # Errors
    /// A word that is no unit.
    pub fn parse(text: &str) -> Result<Unit> {
        let found = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        found.map(|(_, unit)| *unit).ok_or_else(|| {
            let names: Vec<&str> = UNITS.iter().map(|(name, _)| *name).collect();
            invalid(format!("`{text}` is no unit to truncate to"))
                .hint(format!("units are {}", names.join(", ")))
        })
    }
}

/// Cuts a value down to a unit, as the kind asked for, then sets the fields. A zone among the fields keeps the local
/// time.
///
/// # Errors
/// A unit that the value or the kind does not have, and fields as for construction.
pub fn truncate(kind: Kind, unit: Unit, value: &Temporal, fields: &Fields) -> Result<Temporal> {
    check(kind, unit, value, fields)?;
    let date = match value.date() {
        Some(date) if kind.has_date() => {
            let cut = truncate_date(date, unit).ok_or_else(|| invalid("the date is out of range"))?;
            date_from(fields, Some(cut))?
        }
        _ => Date { days: 0 },
    };
    let cut = truncate_time(value.time().unwrap_or(LocalTime::MIDNIGHT), unit);
    let time = time_from(&kept_fraction(fields, unit, cut), Some(cut))?;
    let local = LocalDateTime::new(date, time);
    let zone = fields.zone.clone().or(value.zone()).unwrap_or(Zone::UTC);
    let zoned = || {
        let moment = zone.at_local(local, Some(zone.offset_seconds));
        moment.ok_or_else(|| invalid("the time is out of range"))
    };
    Ok(match kind {
        Kind::Date => Temporal::Date(date),
        Kind::LocalTime => Temporal::LocalTime(time),
        Kind::LocalDateTime => Temporal::LocalDateTime(local),
        Kind::Time => Temporal::Time(Time { local: time, offset_seconds: zoned()?.zone.offset_seconds }),
        Kind::DateTime => Temporal::DateTime(zoned()?),
    })
}

fn check(kind: Kind, unit: Unit, value: &Temporal, fields: &Fields) -> Result<()> {
    let refuse = |what: String| Err(invalid(what));
    let name = value.kind_name();
    if kind.has_date() && value.date().is_none() {
        return refuse(format!("a {name} has no date"));
    }
    if !kind.has_date() && value.time().is_none() {
        return refuse(format!("a {name} has no time"));
    }
    if unit < Unit::Day && !kind.has_date()
        || unit > Unit::Day && (!kind.has_time() || value.time().is_none())
    {
        return refuse(format!("a {name} cannot be truncated to a {kind:?} by {unit:?}"));
    }
    if fields.date.is_some() || fields.time.is_some() || fields.date_time.is_some() {
        return refuse("a truncated value takes its parts from the value alone".into());
    }
    if !kind.has_date() && fields.any(&DATE_FIELDS)
        || !kind.has_time() && fields.any(&TIME_FIELDS)
        || !kind.has_zone() && fields.zone.is_some()
        || fields.any(&super::fields::EPOCH_FIELDS)
    {
        return refuse(format!("a {kind:?} has no such part"));
    }
    Ok(())
}

fn truncate_date(date: Date, unit: Unit) -> Option<Date> {
    let civil = date.civil();
    let years = |count: i64| Date::from_civil(civil.year.div_euclid(count) * count, 1, 1);
    match unit {
        Unit::Millennium => years(1_000),
        Unit::Century => years(100),
        Unit::Decade => years(10),
        Unit::Year => years(1),
        Unit::WeekYear => Date::from_week(date.week_date().year, 1, 1),
        Unit::Quarter => Date::from_civil(civil.year, first_month(civil.quarter()), 1),
        Unit::Month => Date::from_civil(civil.year, civil.month, 1),
        Unit::Week => date.plus_days(1 - date.week_date().day),
        _ => Some(date),
    }
}

fn truncate_time(time: LocalTime, unit: Unit) -> LocalTime {
    let step = match unit {
        Unit::Hour => 3_600_000_000_000,
        Unit::Minute => 60_000_000_000,
        Unit::Second => 1_000_000_000,
        Unit::Millisecond => 1_000_000,
        Unit::Microsecond => 1_000,
        _ => return LocalTime::MIDNIGHT,
    };
    LocalTime { nanoseconds: time.nanoseconds / step * step }
}

/// Finer fractions are added to the one that was cut to, instead of replacing it.
fn kept_fraction(fields: &Fields, unit: Unit, cut: LocalTime) -> Fields {
    let mut fields = fields.clone();
    if unit == Unit::Millisecond && fields.any(&[Field::Microsecond, Field::Nanosecond]) {
        fields
            .set(Field::Millisecond, fields.get(Field::Millisecond).unwrap_or(cut.nanosecond() / 1_000_000));
    }
    if unit == Unit::Microsecond && fields.has(Field::Nanosecond) && !fields.has(Field::Millisecond) {
        fields.set(Field::Microsecond, fields.get(Field::Microsecond).unwrap_or(cut.nanosecond() / 1_000));
    }
    fields
}
