//! The proleptic Gregorian calendar over the whole range of years, ISO weeks and quarters; no clock, no zones.

use super::Date;

pub const YEAR_MAX: i64 = 999_999_999;
pub const YEAR_MIN: i64 = -YEAR_MAX;
pub const DAYS_PER_WEEK: i64 = 7;
pub const MONTHS_PER_YEAR: i64 = 12;

const DAYS_PER_ERA: i64 = 146_097;
const YEARS_PER_ERA: i64 = 400;
/// Days from 0000-03-01 to 1970-01-01.
const DAYS_TO_EPOCH: i64 = 719_468;

/// A date as year, month and day of month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    pub month: i64,
    pub day: i64,
}

/// A date as ISO week-based year, week and day of week (Monday is 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekDate {
    pub year: i64,
    pub week: i64,
    pub day: i64,
}

pub fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub fn days_in_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

pub fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub fn days_in_quarter(year: i64, quarter: i64) -> i64 {
    let first = first_month(quarter);
    (first..first + 3).map(|month| days_in_month(year, month)).sum()
}

/// The first month of a quarter.
pub fn first_month(quarter: i64) -> i64 {
    (quarter - 1) * 3 + 1
}

/// 52 or 53.
pub fn weeks_in_year(week_year: i64) -> i64 {
    let first = Civil { year: week_year, month: 1, day: 1 }.days();
    match day_of_week(first) {
        4 => 53,
        3 if is_leap(week_year) => 53,
        _ => 52,
    }
}

/// Monday is 1, Sunday 7.
pub fn day_of_week(days: i64) -> i64 {
    (days + 3).rem_euclid(DAYS_PER_WEEK) + 1
}

impl Civil {
    /// Days since 1970-01-01, by counting in eras of 400 years that start in March (Howard Hinnant, "chrono-compatible
    /// low-level date algorithms"). Months and days are in range.
    pub fn days(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(YEARS_PER_ERA);
        let year_of_era = year.rem_euclid(YEARS_PER_ERA);
        let day_of_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * DAYS_PER_ERA + day_of_era - DAYS_TO_EPOCH
    }
    pub fn from_days(days: i64) -> Civil {
        let days = days + DAYS_TO_EPOCH;
        let era = days.div_euclid(DAYS_PER_ERA);
        let day_of_era = days.rem_euclid(DAYS_PER_ERA);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = year_of_era + era * YEARS_PER_ERA + i64::from(month <= 2);
        Civil { year, month, day }
    }
    /// The same day of month, or the last one of a shorter month.
    pub fn clamped(self) -> Civil {
        Civil { day: self.day.min(days_in_month(self.year, self.month)), ..self }
    }
    pub fn quarter(self) -> i64 {
        (self.month - 1) / 3 + 1
    }
    /// Months since year 0.
    pub fn month_count(self) -> i64 {
        self.year * MONTHS_PER_YEAR + self.month - 1
    }
}

impl WeekDate {
    pub fn days(self) -> i64 {
        let fourth = Civil { year: self.year, month: 1, day: 4 }.days();
        let first_monday = fourth - (day_of_week(fourth) - 1);
        first_monday + (self.week - 1) * DAYS_PER_WEEK + self.day - 1
    }
    pub fn from_days(days: i64) -> WeekDate {
        let day = day_of_week(days);
        // The Thursday of a week lies in the year that the week belongs to.
        let thursday = days + 4 - day;
        let year = Civil::from_days(thursday).year;
        let first = Civil { year, month: 1, day: 1 }.days();
        WeekDate { year, week: (thursday - first) / DAYS_PER_WEEK + 1, day }
    }
}

impl Date {
    /// None outside the years the language has.
    pub fn from_days(days: i64) -> Option<Date> {
        let first = Civil { year: YEAR_MIN, month: 1, day: 1 }.days();
        let last = Civil { year: YEAR_MAX, month: 12, day: 31 }.days();
        (first..=last).contains(&days).then_some(Date { days })
    }
    /// None for a day that does not exist.
    pub fn from_civil(year: i64, month: i64, day: i64) -> Option<Date> {
        let exists = (YEAR_MIN..=YEAR_MAX).contains(&year)
            && (1..=MONTHS_PER_YEAR).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        exists.then(|| Date { days: Civil { year, month, day }.days() })
    }
    pub fn from_week(year: i64, week: i64, day: i64) -> Option<Date> {
        let exists = (YEAR_MIN..=YEAR_MAX).contains(&year)
            && (1..=weeks_in_year(year)).contains(&week)
            && (1..=DAYS_PER_WEEK).contains(&day);
        if exists { Date::from_days(WeekDate { year, week, day }.days()) } else { None }
    }
    pub fn from_quarter(year: i64, quarter: i64, day: i64) -> Option<Date> {
        let exists = (YEAR_MIN..=YEAR_MAX).contains(&year)
            && (1..=4).contains(&quarter)
            && (1..=days_in_quarter(year, quarter)).contains(&day);
        exists.then(|| Date { days: Civil { year, month: first_month(quarter), day: 1 }.days() + day - 1 })
    }
    pub fn from_ordinal(year: i64, day: i64) -> Option<Date> {
        let exists = (YEAR_MIN..=YEAR_MAX).contains(&year) && (1..=days_in_year(year)).contains(&day);
        exists.then(|| Date { days: Civil { year, month: 1, day: 1 }.days() + day - 1 })
    }
    pub fn civil(self) -> Civil {
        Civil::from_days(self.days)
    }
    pub fn week_date(self) -> WeekDate {
        WeekDate::from_days(self.days)
    }
    pub fn ordinal_day(self) -> i64 {
        self.days - Civil { year: self.civil().year, month: 1, day: 1 }.days() + 1
    }
    pub fn day_of_quarter(self) -> i64 {
        let civil = self.civil();
        self.days - Civil { year: civil.year, month: first_month(civil.quarter()), day: 1 }.days() + 1
    }
    /// The day of month is cut down to the length of the month reached.
    pub fn plus_months(self, months: i64) -> Option<Date> {
        let civil = self.civil();
        let count = civil.month_count().checked_add(months)?;
        let (year, month) = (count.div_euclid(MONTHS_PER_YEAR), count.rem_euclid(MONTHS_PER_YEAR) + 1);
        if !(YEAR_MIN..=YEAR_MAX).contains(&year) {
            return None;
        }
        let day = civil.day.min(days_in_month(year, month));
        Date::from_civil(year, month, day)
    }
    pub fn plus_days(self, days: i64) -> Option<Date> {
        Date::from_days(self.days.checked_add(days)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_civil_dates_agree_over_the_whole_range() {
        let (first, last) = (
            Date::from_civil(YEAR_MIN, 1, 1).unwrap().days,
            Date::from_civil(YEAR_MAX, 12, 31).unwrap().days,
        );
        let step = (last - first) / 200_003;
        for days in (first..=last).step_by(step as usize).chain(-800_000..800_000) {
            let date = Date::from_days(days).unwrap();
            let civil = date.civil();
            assert_eq!(Date::from_civil(civil.year, civil.month, civil.day), Some(date));
            assert_eq!(Date::from_ordinal(civil.year, date.ordinal_day()), Some(date));
            assert_eq!(Date::from_quarter(civil.year, civil.quarter(), date.day_of_quarter()), Some(date));
            let week = date.week_date();
            assert_eq!(WeekDate::days(week), days);
            assert!(week.week <= weeks_in_year(week.year), "{civil:?} {week:?}");
        }
        assert_eq!(Date::from_days(first - 1), None);
        assert_eq!(Date::from_days(last + 1), None);
    }

    #[test]
    fn each_day_follows_the_day_before_in_the_calendar() {
        let mut civil = Civil::from_days(-800_000);
        for days in -799_999..800_000 {
            civil = if civil.day < days_in_month(civil.year, civil.month) {
                Civil { day: civil.day + 1, ..civil }
            } else if civil.month < 12 {
                Civil { month: civil.month + 1, day: 1, ..civil }
            } else {
                Civil { year: civil.year + 1, month: 1, day: 1 }
            };
            assert_eq!(Civil::from_days(days), civil);
        }
    }

    #[test]
    fn no_month_count_overflows() {
        let date = Date::from_civil(2020, 1, 31).unwrap();
        assert_eq!(date.plus_months(i64::MAX), None);
        assert_eq!(date.plus_months(i64::MIN), None);
        assert_eq!(date.plus_days(i64::MAX), None);
        assert_eq!(date.plus_months(1), Date::from_civil(2020, 2, 29));
    }
}
