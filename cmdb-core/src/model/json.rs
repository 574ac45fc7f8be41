//! JSON and values, in both directions: what readers of files, bodies and cells share.
//!
//! Integers that fit 64 bits stay integers, other numbers become decimals; null is "no value", and is refused inside
//! a list, where it would shift its neighbours. Times go out as their text and come in as text, for the schema to
//! type.

use super::value::{NESTING_MAX, TEXT_BYTES_MAX};
use super::{SmolStr, Value};
use crate::error::{Error, Result};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::cell::RefCell;
use std::fmt;

/// The value of a JSON document, or none for null.
pub fn to_value(json: &serde_json::Value) -> Result<Option<Value>> {
    let fault = RefCell::new(None);
    let tree = Tree { depth_left: NESTING_MAX, fault: &fault };
    tree.deserialize(json).map_err(|e| {
        let Fault { code, message } =
            fault.take().unwrap_or_else(|| Fault::new("json.syntax", e.to_string()));
        Error::invalid(code, message)
    })
}

/// The value that a text of JSON holds; none where it is no JSON, or none that a value can be.
pub fn from_text(text: &str) -> Option<Value> {
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    to_value(&json).ok()?
}

/// The JSON of a value. Decimals that JSON has no word for (infinite, not a number) and times are text.
pub fn from_value(value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Value::Boolean(b) => Json::Bool(*b),
        Value::Integer(n) => Json::from(*n),
        Value::Decimal(n) if n.is_finite() => Json::from(*n),
        Value::Text(text) => Json::from(text.as_str()),
        Value::List(values) => Json::Array(values.iter().map(from_value).collect()),
        Value::Map(entries) => {
            Json::Object(entries.iter().map(|(k, v)| (k.to_string(), from_value(v))).collect())
        }
        Value::Decimal(_)
        | Value::Date(_)
        | Value::LocalTime(_)
        | Value::Time(_)
        | Value::LocalDateTime(_)
        | Value::DateTime(_)
        | Value::Duration(_) => Json::from(value.to_string()),
    }
}

/// Why a well-formed JSON value cannot be taken.
#[derive(Debug)]
pub struct Fault {
    pub code: &'static str,
    pub message: String,
}

impl Fault {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Fault { code, message: message.into() }
    }
}

/// Where a visitor leaves its fault; serde's own errors carry text only.
pub type FaultSlot = RefCell<Option<Fault>>;

/// Leaves a fault and gives the error that stops the parser.
pub fn refuse<E: de::Error>(slot: &FaultSlot, code: &'static str, message: impl Into<String>) -> E {
    let message = message.into();
    let error = E::custom(&message);
    slot.replace(Some(Fault { code, message }));
    error
}

/// Builds one value, with bounds on depth and length, and no key twice.
#[derive(Clone, Copy)]
pub struct Tree<'f> {
    pub depth_left: usize,
    pub fault: &'f FaultSlot,
}

impl Tree<'_> {
    fn deeper<E: de::Error>(self) -> std::result::Result<Self, E> {
        match self.depth_left.checked_sub(1) {
            Some(depth_left) => Ok(Tree { depth_left, ..self }),
            None => Err(refuse(
                self.fault,
                "json.too-deep",
                format!("values nest deeper than {NESTING_MAX} levels"),
            )),
        }
    }

    pub fn text<E: de::Error>(self, text: &str) -> std::result::Result<SmolStr, E> {
        if text.len() > TEXT_BYTES_MAX {
            let message = format!("a text is longer than {TEXT_BYTES_MAX} bytes");
            return Err(refuse(self.fault, "json.text-too-long", message));
        }
        if text.as_bytes().contains(&0) {
            return Err(refuse(self.fault, "json.nul", "a text contains a NUL character"));
        }
        Ok(SmolStr::new(text))
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E: de::Error>(self) -> std::result::Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_bool<E: de::Error>(self, b: bool) -> std::result::Result<Self::Value, E> {
        Ok(Some(Value::Boolean(b)))
    }
    fn visit_i64<E: de::Error>(self, n: i64) -> std::result::Result<Self::Value, E> {
        Ok(Some(Value::Integer(n)))
    }
    fn visit_u64<E: de::Error>(self, n: u64) -> std::result::Result<Self::Value, E> {
        Ok(Some(i64::try_from(n).map_or(Value::Decimal(n as f64), Value::Integer)))
    }
    fn visit_f64<E: de::Error>(self, n: f64) -> std::result::Result<Self::Value, E> {
        Ok(Some(Value::Decimal(n)))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Self::Value, E> {
        Ok(Some(Value::Text(self.text(text)?)))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Self::Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(inner)? {
            match value {
                Some(value) => values.push(value),
                None => return Err(refuse(self.fault, "json.null-in-list", "a list contains null")),
            }
        }
        Ok(Some(Value::List(values)))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
        let inner = self.deeper()?;
        let mut entries: Vec<(SmolStr, Option<Value>)> = Vec::new();
        while let Some(key) = map.next_key_seed(Key(inner))? {
            entries.push((key, map.next_value_seed(inner)?));
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(refuse(
                self.fault,
                "json.duplicate-key",
                format!("the key \"{}\" stands twice", pair[0].0),
            ));
        }
        Ok(Some(Value::Map(entries.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())))
    }
}

/// Reads the key of an object, with the bounds of a text.
pub struct Key<'f>(pub Tree<'f>);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = SmolStr;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<SmolStr, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = SmolStr;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<SmolStr, E> {
        self.0.text(text)
    }
}
