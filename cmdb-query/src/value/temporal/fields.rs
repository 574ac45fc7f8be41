//! The map that a temporal value is built from: `{year: 1984, week: 10, time: t, timezone: 'Europe/Stockholm'}`.

use super::refusal::{invalid, wrong_kind};
use super::{Temporal, Zone};
use crate::error::Result;
use crate::value::{SmolStr, Value};
use std::collections::BTreeMap;

/// The numbers a map may give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Year,
    Quarter,
    Month,
    Week,
    DayOfWeek,
    OrdinalDay,
    DayOfQuarter,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
    EpochSeconds,
    EpochMillis,
}

use Field::*;

/// Each name in lower case, with the field in its place in [`Fields`].
const NAMES: [(&str, Field); 18] = [
    ("year", Year),
    ("quarter", Quarter),
    ("month", Month),
    ("week", Week),
    ("dayofweek", DayOfWeek),
    ("weekday", DayOfWeek),
    ("ordinalday", OrdinalDay),
    ("dayofquarter", DayOfQuarter),
    ("quarterday", DayOfQuarter),
    ("day", Day),
    ("hour", Hour),
    ("minute", Minute),
    ("second", Second),
    ("millisecond", Millisecond),
    ("microsecond", Microsecond),
    ("nanosecond", Nanosecond),
    ("epochseconds", EpochSeconds),
    ("epochmillis", EpochMillis),
];

pub const DATE_FIELDS: [Field; 8] = [Year, Quarter, Month, Week, DayOfWeek, OrdinalDay, DayOfQuarter, Day];
pub const TIME_FIELDS: [Field; 6] = [Hour, Minute, Second, Millisecond, Microsecond, Nanosecond];
pub const EPOCH_FIELDS: [Field; 2] = [EpochSeconds, EpochMillis];
const FIELD_COUNT: usize = 16;

/// What a map gave.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    numbers: [Option<i64>; FIELD_COUNT],
    /// Values to start from: the date of one, the time of another, or both of one.
    pub date: Option<Temporal>,
    pub time: Option<Temporal>,
    pub date_time: Option<Temporal>,
    pub zone: Option<Zone>,
}

impl Fields {
    /// # Errors
    /// Unknown names, and values of the wrong kind.
    pub fn read(map: &BTreeMap<SmolStr, Value>) -> Result<Fields> {
        let mut fields = Fields::default();
        for (key, value) in map {
            fields.assign(key, value)?;
        }
        Ok(fields)
    }
    fn assign(&mut self, key: &str, value: &Value) -> Result<()> {
        match key.to_ascii_lowercase().as_str() {
            "date" => self.date = Some(start(key, value)?),
            "time" => self.time = Some(start(key, value)?),
            "datetime" => self.date_time = Some(start(key, value)?),
            "timezone" => self.zone = Some(zone(value)?),
            name => {
                let Some((_, field)) = NAMES.iter().find(|(known, _)| *known == name) else {
                    return Err(invalid(format!("`{key}` is no part of a temporal value")));
                };
                let Value::Integer(number) = value else {
                    return Err(wrong_kind(&format!("an integer for `{key}`"), value));
                };
                self.set(*field, *number);
            }
        }
        Ok(())
    }
    pub fn set(&mut self, field: Field, number: i64) {
        self.numbers[field as usize] = Some(number);
    }
    pub fn get(&self, field: Field) -> Option<i64> {
        self.numbers[field as usize]
    }
    pub fn has(&self, field: Field) -> bool {
        self.get(field).is_some()
    }
    pub fn any(&self, fields: &[Field]) -> bool {
        fields.iter().any(|field| self.has(*field))
    }
    /// The zone, if there is nothing else.
    pub fn zone_alone(&self) -> Option<&Zone> {
        let alone = self.numbers.iter().all(Option::is_none)
            && self.date.is_none()
            && self.time.is_none()
            && self.date_time.is_none();
        self.zone.as_ref().filter(|_| alone)
    }
    /// # Errors
    /// If a field is given without the ones before it.
    pub fn require_order(&self, fields: &[Field]) -> Result<()> {
        let given = fields.iter().take_while(|field| self.has(**field)).count();
        match fields[given..].iter().find(|field| self.has(**field)) {
            Some(field) => {
                Err(invalid(format!("`{}` cannot be given without `{}`", field.name(), fields[given].name())))
            }
            None => Ok(()),
        }
    }
}

impl Field {
    pub fn name(self) -> &'static str {
        match self {
            DayOfWeek => "dayOfWeek",
            OrdinalDay => "ordinalDay",
            DayOfQuarter => "dayOfQuarter",
            EpochSeconds => "epochSeconds",
            EpochMillis => "epochMillis",
            _ => NAMES.iter().find(|(_, field)| *field == self).map_or("", |(name, _)| name),
        }
    }
}

fn start(key: &str, value: &Value) -> Result<Temporal> {
    match value {
        Value::Temporal(temporal) if !matches!(**temporal, Temporal::Duration(_)) => Ok((**temporal).clone()),
        other => Err(wrong_kind(&format!("a point in time for `{key}`"), other)),
    }
}

/// The zone that a text names.
///
/// # Errors
/// Another kind of value, or an unknown zone.
pub fn zone(value: &Value) -> Result<Zone> {
    match value {
        Value::Text(text) => Zone::parse(text).ok_or_else(|| {
            invalid(format!("`{text}` is no time zone"))
                .hint("write an offset such as '+01:00' or a name such as 'Europe/Stockholm'")
        }),
        other => Err(wrong_kind("the name or offset of a time zone", other)),
    }
}
