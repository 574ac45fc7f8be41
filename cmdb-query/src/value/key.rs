//! Values as keys of DISTINCT, grouping, UNION and joins: null is the same as null, NaN as NaN, `1` as `1.0`.

use super::Value;
use super::compare::order;
use super::temporal::compare as temporal;
use std::hash::{Hash, Hasher};

/// A value that is equal to another one if they are equivalent.
#[derive(Clone, Debug, Default)]
pub struct Key(pub Value);

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        equivalent(&self.0, &other.0)
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(&self.0, state);
    }
}

/// Whether two values are the same to DISTINCT.
pub fn equivalent(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Temporal(a), Value::Temporal(b)) => temporal::equals(a, b),
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equivalent(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().zip(b.iter()).all(|((ka, a), (kb, b))| ka == kb && equivalent(a, b))
        }
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Path(a), Value::Path(b)) => a == b,
        _ => order(left, right).is_eq(),
    }
}

/// Feeds a value so that equivalent ones hash alike.
pub fn hash<H: Hasher>(value: &Value, state: &mut H) {
    match value {
        Value::Null => state.write_u8(0),
        Value::Boolean(boolean) => (1_u8, boolean).hash(state),
        Value::Integer(integer) => (2_u8, integer).hash(state),
        Value::Float(float) => hash_float(*float, state),
        Value::Text(text) => (4_u8, text.as_str()).hash(state),
        Value::List(values) => {
            (5_u8, values.len()).hash(state);
            values.iter().for_each(|value| hash(value, state));
        }
        Value::Map(entries) => {
            (6_u8, entries.len()).hash(state);
            for (key, value) in entries.iter() {
                key.hash(state);
                hash(value, state);
            }
        }
        Value::Node(node) => (7_u8, node).hash(state),
        Value::Edge(edge) => (8_u8, edge).hash(state),
        Value::Path(path) => (9_u8, path).hash(state),
        Value::Temporal(temporal) => (10_u8, temporal).hash(state),
    }
}

/// A whole float hashes as the integer it equals, and all NaNs alike.
fn hash_float<H: Hasher>(float: f64, state: &mut H) {
    let whole = float as i64;
    if super::compare::integer_with_float(whole, float) == Some(std::cmp::Ordering::Equal) {
        return (2_u8, whole).hash(state);
    }
    let bits = if float.is_nan() { f64::NAN.to_bits() } else { float.to_bits() };
    (3_u8, bits).hash(state);
}
