//! Equality, comparison, order and equivalence: tables for what the language says, and laws over random values.

use super::compare::{Comparison, compare, equals, order};
use super::key::{Key, equivalent};
use super::render::{float_text, to_text};
use super::temporal::{Date, DateTime, Duration, LocalDateTime, LocalTime, Temporal, Time, Zone};
use super::{Edge, Node, Path, Value};
use rustc_hash::FxBuildHasher;
use std::cmp::Ordering;
use std::hash::BuildHasher;
use std::sync::Arc;

/// 2^53 + 1: the first integer no float holds.
const UNREPRESENTABLE: i64 = (1 << 53) + 1;

fn integer(integer: i64) -> Value {
    Value::Integer(integer)
}
fn float(float: f64) -> Value {
    Value::Float(float)
}
fn list(values: &[Value]) -> Value {
    Value::list(values.to_vec())
}
fn map(entries: &[(&str, Value)]) -> Value {
    Value::map(entries.iter().map(|(key, value)| ((*key).into(), value.clone())))
}

#[test]
fn large_integers_are_not_rounded_when_they_meet_floats() {
    let near = UNREPRESENTABLE as f64;
    assert_eq!(equals(&integer(UNREPRESENTABLE), &float(near)), Some(false));
    assert_eq!(order(&integer(UNREPRESENTABLE), &float(near)), Ordering::Greater);
    assert_eq!(equals(&integer(1), &float(1.0)), Some(true));
    assert_eq!(order(&integer(i64::MAX), &float(i64::MAX as f64)), Ordering::Less);
    assert_eq!(order(&integer(i64::MIN), &float(i64::MIN as f64)), Ordering::Equal);
    assert_eq!(order(&integer(i64::MIN), &float(f64::NEG_INFINITY)), Ordering::Greater);
    assert_eq!(order(&integer(-1), &float(-1.5)), Ordering::Greater);
    assert_eq!(order(&integer(-2), &float(-1.5)), Ordering::Less);
}

#[test]
fn nan_equals_nothing_and_is_one_group() {
    let nan = float(f64::NAN);
    assert_eq!(equals(&nan, &nan), Some(false));
    assert_eq!(compare(&nan, &integer(1)), Comparison::Unordered);
    assert_eq!(compare(&nan, &Value::text("a")), Comparison::Unknown);
    assert!(equivalent(&nan, &float(-f64::NAN)));
    assert_eq!(Key(nan.clone()), Key(float(f64::NAN)));
}

#[test]
fn a_difference_outweighs_a_null() {
    let (null, one, two) = (Value::Null, integer(1), integer(2));
    assert_eq!(equals(&list(&[null.clone(), one.clone()]), &list(&[one.clone(), two.clone()])), Some(false));
    assert_eq!(equals(&list(&[null.clone(), one.clone()]), &list(&[two.clone(), one.clone()])), None);
    assert_eq!(equals(&map(&[("k", null.clone())]), &map(&[("l", null.clone())])), Some(false));
    assert_eq!(equals(&map(&[("k", null.clone())]), &map(&[("k", one.clone())])), None);
    assert_eq!(equals(&list(&[]), &map(&[])), Some(false));
}

#[test]
fn kinds_stand_in_the_order_the_language_gives_them() {
    let path = Path { nodes: vec![Node(0), Node(1)], edges: vec![Edge(0)] };
    let ascending = [
        map(&[("a", Value::text("map"))]),
        Value::Node(Node(0)),
        Value::Edge(Edge(0)),
        list(&[Value::text("list")]),
        Value::Path(Arc::new(path)),
        Value::Temporal(Box::new(Temporal::Date(Date { days: 0 }))),
        Value::text("text"),
        Value::Boolean(false),
        Value::Boolean(true),
        float(f64::NEG_INFINITY),
        float(1.5),
        float(f64::NAN),
        Value::Null,
    ];
    for pair in ascending.windows(2) {
        assert_eq!(order(&pair[0], &pair[1]), Ordering::Less, "{} before {}", pair[0], pair[1]);
    }
}

#[test]
fn lists_stand_element_by_element() {
    let ascending = [
        list(&[]),
        list(&[Value::text("a")]),
        list(&[Value::text("a"), integer(1)]),
        list(&[integer(1)]),
        list(&[integer(1), Value::text("a")]),
        list(&[integer(1), Value::Null]),
        list(&[Value::Null, integer(1)]),
        list(&[Value::Null, integer(2)]),
    ];
    for pair in ascending.windows(2) {
        assert_eq!(order(&pair[0], &pair[1]), Ordering::Less, "{} before {}", pair[0], pair[1]);
    }
}

#[test]
fn floats_are_written_as_other_engines_write_them() {
    let table = [
        (1.0, "1.0"),
        (-0.5, "-0.5"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e7, "1.0E7"),
        (1.5e10, "1.5E10"),
        (9_999_999.0, "9999999.0"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (f64::NAN, "NaN"),
        (f64::NEG_INFINITY, "-Infinity"),
    ];
    for (float, text) in table {
        assert_eq!(float_text(float), text);
    }
    assert_eq!(to_text(&Value::Boolean(true)).unwrap(), "true");
    assert_eq!(to_text(&list(&[])), None);
}

#[test]
fn a_value_in_a_message_is_a_literal_and_cut() {
    let value = map(&[("it's", list(&[Value::text("a'b\n"), Value::Null, float(2.0)]))]);
    assert_eq!(value.to_string(), r"{it's: ['a\'b\n', null, 2.0]}");
    let long = super::render::shown(&Value::text(&"é".repeat(1_000)));
    assert!(long.ends_with('…') && long.len() < 210, "{long}");
}

/// A random value from a small pool, so that equal and nearly equal ones meet often.
struct Pool(u64);

impl Pool {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
    fn value(&mut self, depth: u64) -> Value {
        const FLOATS: [f64; 9] =
            [0.0, -0.0, 1.0, 1.5, -2.0, f64::NAN, f64::INFINITY, 9_007_199_254_740_992.0, -9.3e18];
        const INTEGERS: [i64; 7] = [0, 1, -2, UNREPRESENTABLE, UNREPRESENTABLE - 1, i64::MAX, i64::MIN];
        match self.below(if depth == 0 { 9 } else { 11 }) {
            0 => Value::Null,
            1 => Value::Boolean(self.below(2) == 0),
            2 => integer(INTEGERS[self.below(7) as usize]),
            3 | 4 => float(FLOATS[self.below(9) as usize]),
            5 => Value::text(["", "a", "b", "ab"][self.below(4) as usize]),
            6 => Value::Node(Node(self.below(2) as u32)),
            7 => self.path(),
            8 => self.temporal(),
            9 => {
                let length = self.below(4);
                Value::list((0..length).map(|_| self.value(depth - 1)).collect())
            }
            _ => {
                let length = self.below(3) as usize;
                Value::map(["a", "b"].iter().take(length).map(|key| ((*key).into(), self.value(depth - 1))))
            }
        }
    }
    fn path(&mut self) -> Value {
        let hops = self.below(3) as usize;
        let nodes = (0..=hops).map(|_| Node(self.below(2) as u32)).collect();
        Value::Path(Arc::new(Path { nodes, edges: (0..hops).map(|_| Edge(self.below(2) as u32)).collect() }))
    }
    fn temporal(&mut self) -> Value {
        let small = self.below(3) as i64;
        let offset_seconds = [0, 3_600, -3_600][self.below(3) as usize];
        let time = LocalTime { nanoseconds: small * 3_600_000_000_000 };
        let local = LocalDateTime { date: Date { days: self.below(2) as i64 }, time };
        let name = [None, Some("Europe/London".into())][self.below(2) as usize].clone();
        let days = small;
        Value::Temporal(Box::new(match self.below(6) {
            0 => Temporal::Date(local.date),
            1 => Temporal::LocalTime(time),
            2 => Temporal::Time(Time { local: time, offset_seconds }),
            3 => Temporal::LocalDateTime(local),
            4 => Temporal::DateTime(DateTime { local, zone: Zone { offset_seconds, name } }),
            _ => Temporal::Duration(Duration {
                days,
                seconds: self.below(2) as i64 * 86_400,
                ..Duration::default()
            }),
        }))
    }
}

#[test]
fn order_is_total_and_agrees_with_equivalence_and_hashes() {
    let mut pool = Pool(7);
    let hash = |value: &Value| FxBuildHasher.hash_one(Key(value.clone()));
    for _ in 0..60_000 {
        let (a, b, c) = (pool.value(2), pool.value(2), pool.value(2));
        assert_eq!(order(&a, &b), order(&b, &a).reverse(), "{a} and {b}");
        assert_eq!(order(&a, &a), Ordering::Equal, "{a} and itself");
        if order(&a, &b).is_le() && order(&b, &c).is_le() {
            assert!(order(&a, &c).is_le(), "{a}, {b}, {c}");
        }
        assert_eq!(equivalent(&a, &b), order(&a, &b).is_eq(), "{a} and {b}");
        if equivalent(&a, &b) {
            assert_eq!(hash(&a), hash(&b), "{a} and {b} are one group");
        }
        match equals(&a, &b) {
            Some(true) => assert!(equivalent(&a, &b), "{a} and {b} are equal"),
            Some(false) if equivalent(&a, &b) => assert!(format!("{a}").contains("NaN"), "{a} and {b}"),
            _ => {}
        }
        assert_eq!(equals(&a, &b), equals(&b, &a), "{a} and {b}");
        if let Comparison::Ordered(compared) = compare(&a, &b) {
            assert_eq!(compared, order(&a, &b), "{a} and {b}");
        }
    }
}
