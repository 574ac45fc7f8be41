//! The date among the fields: by month, by week, by quarter or by day of the year.

use crate::error::Result;
use crate::value::temporal::calendar::{Civil, WeekDate, YEAR_MAX, YEAR_MIN, first_month, weeks_in_year};
use crate::value::temporal::fields::{Field, Fields};
use crate::value::temporal::refusal::invalid;
use crate::value::temporal::{Date, Temporal};

/// The ways to name a day of a year, coarse to fine.
const WAYS: [&[Field]; 4] = [
    &[Field::Month, Field::Day],
    &[Field::Week, Field::DayOfWeek],
    &[Field::Quarter, Field::DayOfQuarter],
    &[Field::OrdinalDay],
];

/// # Errors
/// See [`super::build`].
pub fn build(fields: &Fields) -> Result<Date> {
    let start = match fields.date.as_ref().or(fields.date_time.as_ref()) {
        Some(value) => Some(value.date().ok_or_else(|| no_date(value))?),
        None => None,
    };
    date_from(fields, start)
}

fn no_date(value: &Temporal) -> crate::Error {
    invalid(format!("a {} has no date", value.kind_name()))
}

/// The date that the fields make of `start`, or of nothing.
///
/// # Errors
/// Two ways mixed, a way that misses its coarser part, or a day that does not exist.
pub fn date_from(fields: &Fields, start: Option<Date>) -> Result<Date> {
    let mut ways = WAYS.iter().filter(|way| fields.any(way));
    let way = ways.next();
    if let (Some(one), Some(other)) = (way, ways.next()) {
        let (one, other) = (one[0].name(), other[0].name());
        return Err(invalid(format!("a date by `{one}` cannot also be given by `{other}`")));
    }
    let base = match start {
        Some(start) => start,
        None => smallest(fields, way.copied())?,
    };
    if fields.get(Field::Year).is_some_and(|year| !(YEAR_MIN..=YEAR_MAX).contains(&year)) {
        return Err(invalid("the year is beyond 999999999"));
    }
    let date = match way.map(|way| way[0]) {
        None => Some(with_year(base, fields)),
        Some(Field::Month) => by_month(with_year(base, fields).civil(), fields),
        Some(Field::Week) => by_week(base, fields),
        Some(Field::Quarter) => by_quarter(with_year(base, fields).civil(), fields),
        Some(_) => fields
            .get(Field::OrdinalDay)
            .and_then(|day| Date::from_ordinal(with_year(base, fields).civil().year, day)),
    };
    date.ok_or_else(|| invalid("there is no such date"))
}

/// The first day of the year, checked to have every coarser field that the finer ones need.
fn smallest(fields: &Fields, way: Option<&[Field]>) -> Result<Date> {
    let mut order = vec![Field::Year];
    order.extend(way.unwrap_or_default());
    fields.require_order(&order)?;
    let Some(year) = fields.get(Field::Year) else {
        return Err(invalid("`year` is missing"));
    };
    let by_week = way.is_some_and(|way| way[0] == Field::Week);
    let first = if by_week { Date::from_week(year, 1, 1) } else { Date::from_civil(year, 1, 1) };
    // In the very first year the first week begins before the calendar does.
    first
        .or(Date::from_civil(year, 1, 4).filter(|_| by_week))
        .ok_or_else(|| invalid("the year is beyond 999999999"))
}

fn with_year(date: Date, fields: &Fields) -> Date {
    let civil = date.civil();
    Date { days: Civil { year: fields.get(Field::Year).unwrap_or(civil.year), ..civil }.clamped().days() }
}

fn by_month(base: Civil, fields: &Fields) -> Option<Date> {
    let month = fields.get(Field::Month).unwrap_or(base.month);
    let clamped = Civil { month, ..base }.clamped();
    Date::from_civil(base.year, month, fields.get(Field::Day).unwrap_or(clamped.day))
}

/// `year` is the week-based year where a week is given.
fn by_week(base: Date, fields: &Fields) -> Option<Date> {
    let Some(week) = fields.get(Field::Week) else {
        let start = with_year(base, fields).week_date();
        let day = fields.get(Field::DayOfWeek)?;
        return Date::from_week(start.year, start.week, day);
    };
    let WeekDate { year, day, .. } = base.week_date();
    let year = fields.get(Field::Year).unwrap_or(year);
    let day = fields.get(Field::DayOfWeek).unwrap_or(day);
    if week > weeks_in_year(year) { None } else { Date::from_week(year, week, day) }
}

/// A new quarter keeps the month's place in the quarter.
fn by_quarter(base: Civil, fields: &Fields) -> Option<Date> {
    let quarter = fields.get(Field::Quarter).unwrap_or(base.quarter());
    if let Some(day) = fields.get(Field::DayOfQuarter) {
        return Date::from_quarter(base.year, quarter, day);
    }
    if !(1..=4).contains(&quarter) {
        return None;
    }
    let month = first_month(quarter) + (base.month - 1) % 3;
    let civil = Civil { month, ..base }.clamped();
    Date::from_civil(civil.year, civil.month, civil.day)
}
