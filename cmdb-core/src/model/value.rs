//! Attribute values.

use super::temporal::{Duration, Instant, OffsetTime};
use jiff::civil;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// The longest text of one value, in bytes.
pub const TEXT_BYTES_MAX: usize = 65_536;
/// How deep lists and maps may nest.
pub const NESTING_MAX: usize = 16;

/// What an attribute can hold. There is no null: an attribute without a value is absent.
///
/// Stored with `postcard`, so the order of the variants is part of the file format: append only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    Boolean(bool),
    Integer(i64),
    /// Never NaN when the schema is closed.
    Decimal(f64),
    Text(SmolStr),
    Date(civil::Date),
    LocalTime(civil::Time),
    Time(OffsetTime),
    LocalDateTime(civil::DateTime),
    DateTime(Instant),
    Duration(Duration),
    List(Vec<Value>),
    /// Entries sorted by key, keys distinct.
    Map(Vec<(SmolStr, Value)>),
}

impl Value {
    pub fn text(text: &str) -> Value {
        Value::Text(SmolStr::new(text))
    }
    /// A map with its keys sorted; of equal keys the last one stays.
    pub fn map(entries: impl IntoIterator<Item = (SmolStr, Value)>) -> Value {
        let sorted: std::collections::BTreeMap<SmolStr, Value> = entries.into_iter().collect();
        Value::Map(sorted.into_iter().collect())
    }
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Value::Integer(n) => Some(*n),
            _ => None,
        }
    }
    /// Integers and decimals as a number.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Integer(n) => Some(*n as f64),
            Value::Decimal(n) => Some(*n),
            _ => None,
        }
    }
    /// The word for this kind of value in messages.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Value::Boolean(_) => "boolean",
            Value::Integer(_) => "integer",
            Value::Decimal(_) => "decimal",
            Value::Text(_) => "text",
            Value::Date(_) => "date",
            Value::LocalTime(_) => "local time",
            Value::Time(_) => "time",
            Value::LocalDateTime(_) => "local datetime",
            Value::DateTime(_) => "datetime",
            Value::Duration(_) => "duration",
            Value::List(_) => "list",
            Value::Map(_) => "map",
        }
    }
    /// Whether texts are short enough and nesting shallow enough to be stored.
    pub fn within_bounds(&self) -> bool {
        self.bounded(NESTING_MAX)
    }
    fn bounded(&self, depth_left: usize) -> bool {
        match self {
            Value::Text(text) => text.len() <= TEXT_BYTES_MAX,
            Value::List(values) => depth_left > 0 && values.iter().all(|v| v.bounded(depth_left - 1)),
            Value::Map(entries) => depth_left > 0 && entries.iter().all(|(_, v)| v.bounded(depth_left - 1)),
            _ => true,
        }
    }
}

impl fmt::Display for Value {
    /// The value as a CSV cell shows it; lists and maps in JSON-like brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Boolean(b) => write!(f, "{b}"),
            Value::Integer(n) => write!(f, "{n}"),
            Value::Decimal(n) if n.fract() == 0.0 && n.abs() < 1e15 => write!(f, "{n:.1}"),
            Value::Decimal(n) => write!(f, "{n}"),
            Value::Text(text) => f.write_str(text),
            Value::Date(v) => write!(f, "{v}"),
            Value::LocalTime(v) => write!(f, "{v}"),
            Value::Time(v) => write!(f, "{v}"),
            Value::LocalDateTime(v) => write!(f, "{v}"),
            Value::DateTime(v) => write!(f, "{v}"),
            Value::Duration(v) => write!(f, "{v}"),
            Value::List(values) => {
                f.write_str("[")?;
                for (i, v) in values.iter().enumerate() {
                    write!(f, "{}{v}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Value::Map(entries) => {
                f.write_str("{")?;
                for (i, (k, v)) in entries.iter().enumerate() {
                    write!(f, "{}{k}: {v}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("}")
            }
        }
    }
}
