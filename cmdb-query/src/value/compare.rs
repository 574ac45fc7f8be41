//! The three ways two values are compared: `=` (may be unknown), `<` (may be unknown), and the order of ORDER BY, in which
//! every value has a place. Equivalence, for DISTINCT and grouping, is in `value/key`.

use super::temporal::compare as temporal;
use super::{Path, Value};
use std::cmp::Ordering;

/// The language's `=`: None where a null makes it unknown.
pub fn equals(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Integer(a), Value::Integer(b)) => Some(a == b),
        (Value::Text(a), Value::Text(b)) => Some(a == b),
        (Value::Boolean(a), Value::Boolean(b)) => Some(a == b),
        (Value::Float(a), Value::Float(b)) => Some(a == b),
        (Value::Integer(a), Value::Float(b)) | (Value::Float(b), Value::Integer(a)) => {
            Some(integer_with_float(*a, *b) == Some(Ordering::Equal))
        }
        (Value::List(a), Value::List(b)) if a.len() == b.len() => all_equal(a.iter().zip(b.iter())),
        (Value::Map(a), Value::Map(b)) if a.keys().eq(b.keys()) => all_equal(a.values().zip(b.values())),
        (Value::Node(a), Value::Node(b)) => Some(a == b),
        (Value::Edge(a), Value::Edge(b)) => Some(a == b),
        (Value::Path(a), Value::Path(b)) => Some(a == b),
        (Value::Temporal(a), Value::Temporal(b)) => Some(temporal::equals(a, b)),
        _ => Some(false),
    }
}

/// Every pair equal; a pair that differs for certain outweighs one that is unknown.
fn all_equal<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut result = Some(true);
    for (a, b) in pairs {
        match equals(a, b) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => result = None,
        }
    }
    result
}

/// What `<`, `<=`, `>` and `>=` see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Ordered(Ordering),
    /// Two numbers of which one is not a number: every comparison is false.
    Unordered,
    /// Kinds that do not compare, or a null: every comparison is null.
    Unknown,
}

/// Compares as `<` and its kin do.
pub fn compare(left: &Value, right: &Value) -> Comparison {
    let of_numbers = |order: Option<Ordering>| order.map_or(Comparison::Unordered, Comparison::Ordered);
    match (left, right) {
        (Value::Integer(a), Value::Integer(b)) => Comparison::Ordered(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => of_numbers(a.partial_cmp(b)),
        (Value::Integer(a), Value::Float(b)) => of_numbers(integer_with_float(*a, *b)),
        (Value::Float(a), Value::Integer(b)) => of_numbers(integer_with_float(*b, *a).map(Ordering::reverse)),
        (Value::Text(a), Value::Text(b)) => Comparison::Ordered(a.cmp(b)),
        (Value::Boolean(a), Value::Boolean(b)) => Comparison::Ordered(a.cmp(b)),
        (Value::List(a), Value::List(b)) => compare_lists(a, b),
        (Value::Temporal(a), Value::Temporal(b)) => {
            temporal::compare(a, b).map_or(Comparison::Unknown, Comparison::Ordered)
        }
        _ => Comparison::Unknown,
    }
}

/// The first pair that is not equal decides; where all are equal, the shorter list is the lesser.
fn compare_lists(left: &[Value], right: &[Value]) -> Comparison {
    for (a, b) in left.iter().zip(right) {
        match compare(a, b) {
            Comparison::Ordered(Ordering::Equal) => {}
            // Kinds without an order, such as nodes, may still be equal.
            Comparison::Unknown if equals(a, b) == Some(true) => {}
            decided => return decided,
        }
    }
    Comparison::Ordered(left.len().cmp(&right.len()))
}

/// Without rounding: a float holds no integer beyond 2^53 exactly. None beside NaN.
pub fn integer_with_float(integer: i64, float: f64) -> Option<Ordering> {
    /// 2^63, the first float beyond every integer.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() {
        return None;
    }
    if float >= BEYOND {
        return Some(Ordering::Less);
    }
    if float < -BEYOND {
        return Some(Ordering::Greater);
    }
    let whole = float.trunc();
    let fraction_against_zero = (float - whole).partial_cmp(&0.0)?;
    Some(integer.cmp(&(whole as i64)).then(fraction_against_zero.reverse()))
}

/// The order of ORDER BY, min and max: maps, nodes, relationships, lists, paths, temporal values, strings, booleans, numbers,
/// NaN, null. A total order up to equivalence: `1` and `1.0` are in the same place.
pub fn order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::Integer(_) | Value::Float(_), Value::Integer(_) | Value::Float(_)) => {
            order_numbers(left, right)
        }
        (Value::List(a), Value::List(b)) => order_lists(a, b),
        (Value::Map(a), Value::Map(b)) => a
            .len()
            .cmp(&b.len())
            .then_with(|| a.keys().cmp(b.keys()))
            .then_with(|| order_pairs(a.values().zip(b.values()))),
        (Value::Node(a), Value::Node(b)) => a.cmp(b),
        (Value::Edge(a), Value::Edge(b)) => a.cmp(b),
        (Value::Path(a), Value::Path(b)) => order_paths(a, b),
        (Value::Temporal(a), Value::Temporal(b)) => temporal::order(a, b),
        _ => rank(left).cmp(&rank(right)),
    }
}

fn order_lists(left: &[Value], right: &[Value]) -> Ordering {
    order_pairs(left.iter().zip(right)).then(left.len().cmp(&right.len()))
}

fn order_pairs<'a>(mut pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Ordering {
    pairs.find_map(|(a, b)| Some(order(a, b)).filter(|o| o.is_ne())).unwrap_or(Ordering::Equal)
}

fn order_numbers(left: &Value, right: &Value) -> Ordering {
    match compare(left, right) {
        Comparison::Ordered(order) => order,
        // One or both are NaN, which stands behind every number.
        Comparison::Unordered | Comparison::Unknown => is_nan(left).cmp(&is_nan(right)),
    }
}

fn is_nan(value: &Value) -> bool {
    matches!(value, Value::Float(float) if float.is_nan())
}

/// As lists of nodes and relationships in turn.
fn order_paths(left: &Path, right: &Path) -> Ordering {
    let steps = |path: &Path| path.nodes.first().copied();
    steps(left).cmp(&steps(right)).then_with(|| {
        let left_hops = left.edges.iter().zip(left.nodes.iter().skip(1));
        let right_hops = right.edges.iter().zip(right.nodes.iter().skip(1));
        left_hops.cmp(right_hops)
    })
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Map(_) => 0,
        Value::Node(_) => 1,
        Value::Edge(_) => 2,
        Value::List(_) => 3,
        Value::Path(_) => 4,
        Value::Temporal(_) => 5,
        Value::Text(_) => 6,
        Value::Boolean(_) => 7,
        Value::Integer(_) | Value::Float(_) => 8,
        Value::Null => 9,
    }
}
