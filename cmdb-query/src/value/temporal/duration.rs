//! Durations from amounts of units, and how fractions carry from months to days to seconds.

use super::Duration;
use super::clock_time::{NANOSECONDS_PER_SECOND, SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE};
use super::decimal::{Decimal, ONE, scientific};
use super::refusal::{invalid, out_of_range, wrong_kind};
use crate::error::Result;
use crate::value::{SmolStr, Value};
use std::collections::BTreeMap;

/// A twelfth of the mean Gregorian year of 365.2425 days: what a fraction of a month is a fraction of.
pub const SECONDS_PER_MONTH: i64 = 2_629_746;

const MONTH: i128 = SECONDS_PER_MONTH as i128 * SECOND;
const DAY: i128 = SECONDS_PER_DAY as i128 * SECOND;
const SECOND: i128 = NANOSECONDS_PER_SECOND as i128;

/// The most decimal places of a factor that count.
const FACTOR_PLACES: i32 = 20;
/// Whatever a duration holds, divided by more than this there is nothing left of it.
const DIVISOR_MAX: i128 = 1_000_000_000_000_000_000_000;

/// Amounts as `numerator / denominator`, before fractions are carried down.
#[derive(Clone, Copy, Debug)]
struct Parts {
    months: i128,
    days: i128,
    seconds: i128,
    nanoseconds: i128,
    denominator: i128,
}

/// What a duration is made of, in the units people write.
#[derive(Clone, Copy, Debug, Default)]
pub struct Amounts {
    pub months: Decimal,
    pub days: Decimal,
    pub seconds: Decimal,
    /// Below one second each way, in nanoseconds.
    pub nanoseconds: Decimal,
}

impl Duration {
    /// None beyond what 64-bit seconds hold.
    pub fn new(months: i64, days: i64, nanoseconds: i128) -> Option<Duration> {
        let seconds = i64::try_from(nanoseconds.div_euclid(SECOND)).ok()?;
        Some(Duration { months, days, seconds, nanoseconds: nanoseconds.rem_euclid(SECOND) as i32 })
    }
    /// The part in seconds, in nanoseconds.
    pub fn total_nanoseconds(self) -> i128 {
        i128::from(self.seconds) * SECOND + i128::from(self.nanoseconds)
    }
    pub fn negated(self) -> Option<Duration> {
        Duration::new(self.months.checked_neg()?, self.days.checked_neg()?, -self.total_nanoseconds())
    }
    pub fn plus(self, other: Duration) -> Option<Duration> {
        Duration::new(
            self.months.checked_add(other.months)?,
            self.days.checked_add(other.days)?,
            self.total_nanoseconds() + other.total_nanoseconds(),
        )
    }
    /// Each part times the factor; fractions carry down. None for what is no number or too large.
    pub fn times(self, factor: f64) -> Option<Duration> {
        if !factor.is_finite() {
            return None;
        }
        let (mut mantissa, mut exponent) = scientific(factor.abs())?;
        while exponent < -FACTOR_PLACES {
            (mantissa, exponent) = (mantissa / 10, exponent + 1);
        }
        let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
        let (up, down) = if exponent < 0 { (mantissa, power) } else { (mantissa.checked_mul(power)?, 1) };
        self.scaled(if factor < 0.0 { -up } else { up }, down)
    }
    /// Each part divided; fractions carry down. None for zero, for what is no number, and for too large a result.
    pub fn divided(self, divisor: f64) -> Option<Duration> {
        if divisor == 0.0 || divisor.is_nan() {
            return None;
        }
        if divisor.abs() > DIVISOR_MAX as f64 {
            return Some(Duration::default());
        }
        let (mantissa, exponent) = scientific(divisor.abs())?;
        let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
        let (up, down) = if exponent < 0 { (power, mantissa) } else { (1, mantissa.checked_mul(power)?) };
        self.scaled(if divisor < 0.0 { -up } else { up }, down)
    }
    fn scaled(self, numerator: i128, denominator: i128) -> Option<Duration> {
        // A negative second count with its positive fraction would carry two ways; both in one sign carry alike.
        let (seconds, nanoseconds) = (self.total_nanoseconds() / SECOND, self.total_nanoseconds() % SECOND);
        let part = |amount: i128| amount.checked_mul(numerator);
        Parts {
            months: part(i128::from(self.months))?,
            days: part(i128::from(self.days))?,
            seconds: part(seconds)?,
            nanoseconds: part(nanoseconds)?,
            denominator,
        }
        .carry()
    }
}

impl Parts {
    /// Whole months stay months and whole days days; what is left of a month goes to the days, what is left of a day
    /// to the seconds. Below a nanosecond it is dropped.
    fn carry(self) -> Option<Duration> {
        let one = self.denominator;
        let month_rest = (self.months % one).checked_mul(MONTH)?;
        let day_rest = (self.days % one).checked_mul(DAY)?.checked_add(month_rest)?;
        let day = one.checked_mul(DAY)?;
        let (days, rest) = same_sign(self.days / one + day_rest / day, day_rest % day, day);
        let second_rest = (self.seconds % one).checked_mul(SECOND)?;
        let rest = rest.checked_add(second_rest)?.checked_add(self.nanoseconds)?;
        let nanoseconds = (self.seconds / one).checked_mul(SECOND)?.checked_add(rest / one)?;
        Duration::new(i64::try_from(self.months / one).ok()?, i64::try_from(days).ok()?, nanoseconds)
    }
}

/// `whole + rest / unit` with both of one sign.
fn same_sign(whole: i128, rest: i128, unit: i128) -> (i128, i128) {
    match (whole.signum(), rest.signum()) {
        (1, -1) => (whole - 1, rest + unit),
        (-1, 1) => (whole + 1, rest - unit),
        _ => (whole, rest),
    }
}

impl Amounts {
    pub fn duration(self) -> Option<Duration> {
        Parts {
            months: self.months.0,
            days: self.days.0,
            seconds: self.seconds.0,
            nanoseconds: self.nanoseconds.0,
            denominator: ONE,
        }
        .carry()
    }
    /// Adds an amount of a unit; None if the unit is unknown or the sum too large.
    pub fn add(&mut self, unit: &str, amount: Decimal) -> Option<()> {
        let (total, factor) = match unit {
            "years" => (&mut self.months, 12),
            "quarters" => (&mut self.months, 3),
            "months" => (&mut self.months, 1),
            "weeks" => (&mut self.days, 7),
            "days" => (&mut self.days, 1),
            "hours" => (&mut self.seconds, SECONDS_PER_HOUR),
            "minutes" => (&mut self.seconds, SECONDS_PER_MINUTE),
            "seconds" => (&mut self.seconds, 1),
            "milliseconds" => return self.add_fraction(amount, 1_000),
            "microseconds" => return self.add_fraction(amount, 1_000_000),
            "nanoseconds" => return self.add_fraction(amount, NANOSECONDS_PER_SECOND),
            _ => return None,
        };
        *total = total.plus(amount.times(factor)?)?;
        Some(())
    }
    /// Whole seconds go to the seconds at once, so that a count of milliseconds since 1970 fits.
    fn add_fraction(&mut self, amount: Decimal, per_second: i64) -> Option<()> {
        let second = ONE * i128::from(per_second);
        self.seconds = self.seconds.plus(Decimal(amount.0 / second * ONE))?;
        let rest = Decimal(amount.0 % second).times(NANOSECONDS_PER_SECOND / per_second)?;
        self.nanoseconds = self.nanoseconds.plus(rest)?;
        Some(())
    }
}

const UNITS: [&str; 11] = [
    "years",
    "quarters",
    "months",
    "weeks",
    "days",
    "hours",
    "minutes",
    "seconds",
    "milliseconds",
    "microseconds",
    "nanoseconds",
];

/// `duration({days: 1.5, …})`.
///
/// # Errors
/// Unknown units, amounts that are no numbers, sums that are too large, and a map without any unit.
pub fn from_map(map: &BTreeMap<SmolStr, Value>) -> Result<Duration> {
    if map.is_empty() {
        return Err(invalid(format!("a duration needs at least one of {}", UNITS.join(", "))));
    }
    let mut amounts = Amounts::default();
    for (key, value) in map {
        let Some(unit) = UNITS.iter().find(|unit| key.eq_ignore_ascii_case(unit)) else {
            let message = format!("`{key}` is no unit of a duration");
            return Err(invalid(message).hint(format!("units are {}", UNITS.join(", "))));
        };
        let amount = match value {
            Value::Integer(amount) => Some(Decimal::from_integer(*amount)),
            Value::Float(amount) => Decimal::from_float(*amount),
            other => return Err(wrong_kind(&format!("a number of {unit}"), other)),
        };
        amount.and_then(|amount| amounts.add(unit, amount)).ok_or_else(|| out_of_range("the duration"))?;
    }
    amounts.duration().ok_or_else(|| out_of_range("the duration"))
}
