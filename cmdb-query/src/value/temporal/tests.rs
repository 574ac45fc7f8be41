//! What hangs together across the files of this folder: text and value, difference and sum, order and equality.

use super::between::{Span, between};
use super::compare::{compare, equals, order};
use super::construct::{Kind, converted, now};
use super::fields::Fields;
use super::parse::{
    parse_date, parse_date_time, parse_duration, parse_local_date_time, parse_local_time, parse_time,
};
use super::truncate::{Unit, truncate};
use super::{Date, Duration, LocalDateTime, LocalTime, Temporal, Time, Zone, arithmetic};
use crate::scene::Clock;
use crate::value::Value;
use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A small generator with a fixed start, so that a failure comes again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: i128) -> i128 {
        let mut value = 0_i128;
        for _ in 0..2 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            value = (value << 62) ^ i128::from(self.0 >> 2);
        }
        value.rem_euclid(end)
    }
    fn date(&mut self) -> Date {
        let span = if self.below(4) == 0 { 700_000_000_000 } else { 3_000_000 };
        let days = self.below(span) - span / 2;
        Date::from_days(days.clamp(-365_000_000_000, 365_000_000_000) as i64).unwrap()
    }
    fn time(&mut self) -> LocalTime {
        let step = [1, 1_000, 1_000_000_000, 60_000_000_000][self.below(4) as usize];
        LocalTime { nanoseconds: self.below(86_400_000_000_000 / step) as i64 * step as i64 }
    }
    fn offset(&mut self) -> i32 {
        (self.below(36 * 60 + 1) - 18 * 60) as i32 * 60
    }
    fn zone(&mut self) -> Zone {
        let names = ["Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"];
        match self.below(8) as usize {
            at if at < names.len() => Zone::parse(names[at]).unwrap(),
            _ => Zone { offset_seconds: self.offset(), name: None },
        }
    }
    fn duration(&mut self) -> Duration {
        let part = |chance: &mut Chance, end: i128| (chance.below(end * 2) - end) as i64;
        Duration::new(part(self, 2_000), part(self, 2_000), self.below(1 << 62) - (1 << 61)).unwrap()
    }
    fn temporal(&mut self, kind: i128) -> Temporal {
        let local = LocalDateTime::new(self.date(), self.time());
        match kind {
            0 => Temporal::Date(local.date),
            1 => Temporal::LocalTime(local.time),
            2 => Temporal::Time(Time { local: local.time, offset_seconds: self.offset() }),
            3 => Temporal::LocalDateTime(local),
            4 => {
                let preferred = self.offset();
                Temporal::DateTime(self.zone().at_local(local, Some(preferred)).unwrap())
            }
            _ => Temporal::Duration(self.duration()),
        }
    }
}

fn parse(like: &Temporal, text: &str) -> Option<Temporal> {
    match like {
        Temporal::Date(_) => parse_date(text).map(Temporal::Date),
        Temporal::LocalTime(_) => parse_local_time(text).map(Temporal::LocalTime),
        Temporal::Time(_) => parse_time(text).map(Temporal::Time),
        Temporal::LocalDateTime(_) => parse_local_date_time(text).map(Temporal::LocalDateTime),
        Temporal::DateTime(_) => parse_date_time(text, &Zone::UTC).map(Temporal::DateTime),
        Temporal::Duration(_) => parse_duration(text).map(Temporal::Duration),
    }
}

fn hash(temporal: &Temporal) -> u64 {
    let mut state = DefaultHasher::new();
    temporal.hash(&mut state);
    state.finish()
}

#[test]
fn what_is_written_is_read_back_as_the_same_value() {
    let mut chance = Chance(0x5EED);
    for round in 0..60_000 {
        let value = chance.temporal(round % 6);
        assert_eq!(parse(&value, &value.to_string()), Some(value.clone()), "{value}");
    }
}

#[test]
fn the_order_is_total_and_agrees_with_equality_and_hash() {
    let mut chance = Chance(0x0BDE);
    let mut values: Vec<Temporal> = (0..600).map(|round| chance.temporal(round % 6)).collect();
    values.extend(values.clone().iter().step_by(3).cloned());
    values.sort_by(order);
    for (at, a) in values.iter().enumerate() {
        for b in &values[at..] {
            assert_ne!(order(a, b), Ordering::Greater, "{a} {b}");
            assert_eq!(order(a, b), order(b, a).reverse(), "{a} {b}");
            assert_eq!(order(a, b) == Ordering::Equal, equals(a, b), "{a} {b}");
            assert!(!equals(a, b) || hash(a) == hash(b));
            assert!(compare(a, b).is_none_or(|c| c == order(a, b)));
        }
    }
}

#[test]
fn truncating_twice_is_truncating_once() {
    let units = [
        Unit::Millennium,
        Unit::Century,
        Unit::Decade,
        Unit::Year,
        Unit::WeekYear,
        Unit::Quarter,
        Unit::Month,
        Unit::Week,
        Unit::Day,
        Unit::Hour,
        Unit::Minute,
        Unit::Second,
        Unit::Millisecond,
        Unit::Microsecond,
    ];
    let mut chance = Chance(0x7257);
    for round in 0..20_000 {
        let value = chance.temporal(3);
        let unit = units[round % units.len()];
        let once = truncate(Kind::LocalDateTime, unit, &value, &Fields::default()).unwrap();
        let twice = truncate(Kind::LocalDateTime, unit, &once, &Fields::default()).unwrap();
        assert_eq!(once, twice, "{unit:?} {value}");
        assert_ne!(order(&once, &value), Ordering::Greater, "{unit:?} {value}");
    }
}

#[test]
fn what_lies_between_two_local_times_leads_from_one_to_the_other() {
    let mut chance = Chance(0xBE73);
    for _ in 0..30_000 {
        let (from, to) = (chance.temporal(3), chance.temporal(3));
        for span in [Span::Parts, Span::Seconds] {
            let difference = Temporal::Duration(between(span, &from, &to).unwrap().unwrap());
            let there = arithmetic::add(&from, &difference).unwrap().unwrap();
            assert_eq!(there, Value::Temporal(Box::new(to.clone())), "{from} {to} {difference}");
        }
    }
}

#[test]
fn seconds_between_two_zoned_times_lead_from_one_to_the_other() {
    let mut chance = Chance(0x20E5);
    for _ in 0..20_000 {
        let (from, to) = (chance.temporal(4), chance.temporal(4));
        let seconds = Temporal::Duration(between(Span::Seconds, &from, &to).unwrap().unwrap());
        let Value::Temporal(there) = arithmetic::add(&from, &seconds).unwrap().unwrap() else { panic!() };
        let (Temporal::DateTime(there), Temporal::DateTime(to)) = (&*there, &to) else { panic!() };
        assert_eq!(there.instant(), to.instant());
    }
}

#[test]
fn the_extremes_give_an_error_and_no_panic() {
    let first = Temporal::LocalDateTime(parse_local_date_time("-999999999-01-01T00:00").unwrap());
    let last =
        Temporal::DateTime(parse_date_time("+999999999-12-31T23:59:59.999999999-18:00", &Zone::UTC).unwrap());
    let longest = Duration { months: i64::MAX, days: i64::MAX, seconds: i64::MAX, nanoseconds: 999_999_999 };
    let most = Duration { months: i64::MIN, days: i64::MIN, seconds: i64::MIN, nanoseconds: 0 };
    for duration in [longest, most] {
        let duration = Temporal::Duration(duration);
        for point in [&first, &last] {
            assert!(arithmetic::add(point, &duration).unwrap().is_err());
            assert!(arithmetic::subtract(point, &duration).unwrap().is_err());
        }
        assert!(arithmetic::add(&duration, &duration).unwrap().is_err());
        for factor in [2.0, -3.5, 1e300, 1e17, f64::MAX, f64::INFINITY, f64::NAN] {
            assert!(arithmetic::multiply(&duration, factor).unwrap().is_err(), "{factor}");
        }
        for divisor in [0.0, -0.0, 0.5, 1e-300, f64::MIN_POSITIVE, f64::NAN] {
            assert!(arithmetic::divide(&duration, divisor).unwrap().is_err(), "{divisor}");
        }
        for factor in [1e-300, -1e-9, 0.123_456_789_123_456_78, f64::MIN_POSITIVE, 0.0] {
            let _ = arithmetic::multiply(&duration, factor).unwrap();
        }
        for divisor in [1e300, -1e21, 1e22, 7.0, 123_456.789] {
            let _ = arithmetic::divide(&duration, divisor).unwrap();
        }
        for name in ["nanoseconds", "milliseconds", "microseconds", "years", "minutesOfHour"] {
            assert!(duration.component(name).is_some());
        }
        assert_eq!(parse(&duration, &duration.to_string()), Some(duration));
    }
    assert!(between(Span::Seconds, &first, &last).unwrap().is_ok());
    assert!(now(Kind::DateTime, Clock { seconds: i64::MAX, nanoseconds: 0 }, &Zone::UTC).is_err());
    let early = Clock { seconds: i64::MIN, nanoseconds: 0 };
    assert!(now(Kind::Time, early, &Zone::parse("Europe/Stockholm").unwrap()).is_err());
    assert!(last.component("epochMillis").is_some());
}

#[test]
fn no_text_makes_the_readers_panic() {
    let mut chance = Chance(0xF422);
    let alphabet: Vec<char> = "0123456789-+:.,TWQPYMDHSZ[]/é年 ".chars().collect();
    for round in 0..200_000 {
        let text: String =
            (0..round % 24).map(|_| alphabet[chance.below(alphabet.len() as i128) as usize]).collect();
        for kind in 0..6 {
            let like = chance.temporal(kind);
            if let Some(value) = parse(&like, &text) {
                assert_eq!(parse(&value, &value.to_string()), Some(value));
            }
        }
    }
}

#[test]
fn a_conversion_keeps_the_parts_that_both_have() {
    let moment =
        Temporal::DateTime(parse_date_time("2017-10-29T02:30+01:00[Europe/Stockholm]", &Zone::UTC).unwrap());
    let cases = [
        (Kind::Date, "2017-10-29"),
        (Kind::LocalTime, "02:30"),
        (Kind::Time, "02:30+01:00"),
        (Kind::LocalDateTime, "2017-10-29T02:30"),
        (Kind::DateTime, "2017-10-29T02:30+01:00[Europe/Stockholm]"),
    ];
    for (kind, text) in cases {
        assert_eq!(converted(kind, &moment).unwrap().to_string(), text);
    }
    assert!(converted(Kind::Date, &Temporal::LocalTime(LocalTime::MIDNIGHT)).is_err());
    assert!(converted(Kind::Time, &Temporal::Date(Date { days: 0 })).is_err());
}
