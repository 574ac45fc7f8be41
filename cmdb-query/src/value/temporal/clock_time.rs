//! Times of day and points in local time as nanoseconds.

use super::{Date, LocalDateTime, LocalTime};

pub const NANOSECONDS_PER_SECOND: i64 = 1_000_000_000;
pub const SECONDS_PER_MINUTE: i64 = 60;
pub const SECONDS_PER_HOUR: i64 = 3_600;
pub const SECONDS_PER_DAY: i64 = 86_400;
pub const NANOSECONDS_PER_DAY: i64 = SECONDS_PER_DAY * NANOSECONDS_PER_SECOND;

impl LocalTime {
    pub const MIDNIGHT: LocalTime = LocalTime { nanoseconds: 0 };

    /// None for a time that does not exist; there are no leap seconds and no hour 24.
    pub fn from_parts(hour: i64, minute: i64, second: i64, nanosecond: i64) -> Option<LocalTime> {
        let exists = (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
            && (0..NANOSECONDS_PER_SECOND).contains(&nanosecond);
        exists.then(|| {
            let seconds = hour * SECONDS_PER_HOUR + minute * SECONDS_PER_MINUTE + second;
            LocalTime { nanoseconds: seconds * NANOSECONDS_PER_SECOND + nanosecond }
        })
    }
    pub fn hour(self) -> i64 {
        self.second_of_day() / SECONDS_PER_HOUR
    }
    pub fn minute(self) -> i64 {
        self.second_of_day() % SECONDS_PER_HOUR / SECONDS_PER_MINUTE
    }
    pub fn second(self) -> i64 {
        self.second_of_day() % SECONDS_PER_MINUTE
    }
    pub fn second_of_day(self) -> i64 {
        self.nanoseconds / NANOSECONDS_PER_SECOND
    }
    pub fn nanosecond(self) -> i64 {
        self.nanoseconds % NANOSECONDS_PER_SECOND
    }
    /// Goes round the clock.
    pub fn plus_nanoseconds(self, nanoseconds: i128) -> LocalTime {
        let sum = i128::from(self.nanoseconds) + nanoseconds % i128::from(NANOSECONDS_PER_DAY);
        LocalTime { nanoseconds: sum.rem_euclid(i128::from(NANOSECONDS_PER_DAY)) as i64 }
    }
}

impl LocalDateTime {
    pub fn new(date: Date, time: LocalTime) -> LocalDateTime {
        LocalDateTime { date, time }
    }
    /// Nanoseconds since 1970-01-01T00:00 local time.
    pub fn nanoseconds(self) -> i128 {
        i128::from(self.date.days) * i128::from(NANOSECONDS_PER_DAY) + i128::from(self.time.nanoseconds)
    }
    /// None outside the years the language has.
    pub fn from_nanoseconds(nanoseconds: i128) -> Option<LocalDateTime> {
        let day = i128::from(NANOSECONDS_PER_DAY);
        let date = Date::from_days(i64::try_from(nanoseconds.div_euclid(day)).ok()?)?;
        let time = LocalTime { nanoseconds: nanoseconds.rem_euclid(day) as i64 };
        Some(LocalDateTime { date, time })
    }
    /// Seconds since 1970-01-01T00:00 local time.
    pub fn seconds(self) -> i64 {
        self.date.days * SECONDS_PER_DAY + self.time.second_of_day()
    }
    pub fn plus_nanoseconds(self, nanoseconds: i128) -> Option<LocalDateTime> {
        LocalDateTime::from_nanoseconds(self.nanoseconds().checked_add(nanoseconds)?)
    }
}
