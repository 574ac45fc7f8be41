//! Dates, times and durations of the language: nanoseconds, years of nine digits, IANA zones.

pub mod arithmetic;
pub mod between;
pub mod calendar;
mod clock_time;
pub mod compare;
mod component;
pub mod construct;
mod decimal;
pub mod duration;
pub mod fields;
pub mod parse;
mod parse_duration;
pub mod refusal;
mod render;
#[cfg(test)]
mod tests;
pub mod truncate;
pub mod zone;

use smol_str::SmolStr;

/// Days since 1970-01-01 in the proleptic Gregorian calendar; years −999,999,999 to 999,999,999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    pub days: i64,
}

/// Nanoseconds since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime {
    pub nanoseconds: i64,
}

/// An offset from UTC in seconds, with the IANA name where one was given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Zone {
    pub offset_seconds: i32,
    pub name: Option<SmolStr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Time {
    pub local: LocalTime,
    pub offset_seconds: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDateTime {
    pub date: Date,
    pub time: LocalTime,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    pub local: LocalDateTime,
    pub zone: Zone,
}

/// Months, days and seconds, which do not convert into each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Duration {
    pub months: i64,
    pub days: i64,
    pub seconds: i64,
    /// 0 to 999,999,999, whatever the sign of `seconds`.
    pub nanoseconds: i32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Temporal {
    Date(Date),
    LocalTime(LocalTime),
    Time(Time),
    LocalDateTime(LocalDateTime),
    DateTime(DateTime),
    Duration(Duration),
}

impl Temporal {
    pub fn kind_name(&self) -> &'static str {
        match self {
            Temporal::Date(_) => "Date",
            Temporal::LocalTime(_) => "LocalTime",
            Temporal::Time(_) => "Time",
            Temporal::LocalDateTime(_) => "LocalDateTime",
            Temporal::DateTime(_) => "DateTime",
            Temporal::Duration(_) => "Duration",
        }
    }
}
