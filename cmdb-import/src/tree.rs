//! A foreign document as a JSON tree, whatever it was written in: reading one within bounds, looking into it, and
//! turning its parts into attribute values without losing any.

use crate::json::entries::Refusal;
use crate::json::{Fault, FaultSlot, refuse};
use cmdb_core::model::Value;
use cmdb_core::model::value::{NESTING_MAX, TEXT_BYTES_MAX};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use smol_str::SmolStr;
use std::cell::RefCell;
use std::fmt;

/// Nodes of one element or YAML document at most.
pub(crate) const NODES_MAX: usize = 500_000;

/// Reads one element of a JSON text. The parser itself stops at a depth of 128.
pub(crate) fn from_json(element: &[u8]) -> Result<Json, Refusal> {
    let slot = RefCell::new(None);
    let Ok(text) = std::str::from_utf8(element) else {
        return Err(Refusal::Fault {
            fault: Fault::new("json.not-utf8", "the value is not UTF-8"),
            key: None,
        });
    };
    let mut parser = serde_json::Deserializer::from_str(text);
    let read = TreeSeed::new(&slot).deserialize(&mut parser).and_then(|tree| parser.end().map(|()| tree));
    read.map_err(|e| match slot.take() {
        Some(fault) => Refusal::Fault { fault, key: None },
        None => Refusal::Syntax { line: e.line() as u64, column: e.column() as u64, message: bare(&e) },
    })
}

fn bare(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

/// Builds a tree with at most [`NODES_MAX`] nodes and no key twice.
#[derive(Clone, Copy)]
pub(crate) struct Tree<'f> {
    nodes: &'f RefCell<usize>,
    fault: &'f FaultSlot,
}

impl<'f> TreeSeed<'f> {
    fn new(fault: &'f FaultSlot) -> Self {
        TreeSeed { fault, nodes: RefCell::new(0) }
    }
}

pub(crate) struct TreeSeed<'f> {
    fault: &'f FaultSlot,
    nodes: RefCell<usize>,
}

impl<'de> DeserializeSeed<'de> for TreeSeed<'_> {
    type Value = Json;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        Tree { nodes: &self.nodes, fault: self.fault }.deserialize(from)
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Json;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        *self.nodes.borrow_mut() += 1;
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
    fn visit_none<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        from.deserialize_any(self)
    }
    fn visit_bool<E>(self, b: bool) -> Result<Json, E> {
        Ok(Json::Bool(b))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Json, E> {
        Ok(Json::from(n))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Json, E> {
        Ok(Json::from(n))
    }
    fn visit_i128<E>(self, n: i128) -> Result<Json, E> {
        Ok(Json::from(n.to_string()))
    }
    fn visit_u128<E>(self, n: u128) -> Result<Json, E> {
        Ok(Json::from(n.to_string()))
    }
    /// What JSON has no number for (infinite, not a number) is text.
    fn visit_f64<E>(self, n: f64) -> Result<Json, E> {
        Ok(serde_json::Number::from_f64(n).map_or_else(|| Json::from(n.to_string()), Json::Number))
    }
    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::from(text))
    }
    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::String(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self)? {
            self.check()?;
            values.push(value);
        }
        Ok(Json::Array(values))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut entries = serde_json::Map::new();
        while let Some(key) = map.next_key::<String>()? {
            self.check()?;
            let value = map.next_value_seed(self)?;
            if entries.contains_key(&key) {
                let message = format!("the key \"{key}\" stands twice");
                return Err(refuse(self.fault, "json.duplicate-key", message));
            }
            entries.insert(key, value);
        }
        Ok(Json::Object(entries))
    }
}

impl Tree<'_> {
    fn check<E: serde::de::Error>(self) -> Result<(), E> {
        if *self.nodes.borrow() <= NODES_MAX {
            return Ok(());
        }
        let message = format!("the value has more than {NODES_MAX} parts");
        Err(refuse(self.fault, "json.too-many-parts", message))
    }
}

/// A tree read by a deserialiser that takes types only, such as YAML's.
pub(crate) struct Whole(pub Json);

impl<'de> serde::Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let slot = RefCell::new(None);
        TreeSeed::new(&slot).deserialize(from).map(Whole)
    }
}

/// The text at a JSON pointer, if there is one and it is not empty.
pub(crate) fn text<'j>(json: &'j Json, pointer: &str) -> Option<&'j str> {
    json.pointer(pointer).and_then(Json::as_str).filter(|text| !text.is_empty())
}

/// A text, number or boolean at a JSON pointer, as text.
pub(crate) fn word(json: &Json, pointer: &str) -> Option<SmolStr> {
    match json.pointer(pointer)? {
        Json::String(text) if !text.is_empty() => Some(SmolStr::new(text)),
        Json::Number(n) => Some(SmolStr::from(n.to_string())),
        Json::Bool(b) => Some(SmolStr::from(b.to_string())),
        _ => None,
    }
}

/// The elements of the list at a JSON pointer; none where there is no list.
pub(crate) fn list<'j>(json: &'j Json, pointer: &str) -> &'j [Json] {
    json.pointer(pointer).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// The entries of the object at a JSON pointer; none where there is no object.
pub(crate) fn entries<'j>(json: &'j Json, pointer: &str) -> impl Iterator<Item = (&'j str, &'j Json)> {
    let object = json.pointer(pointer).and_then(Json::as_object);
    object.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// Why a part of a document is not kept as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unkept {
    /// Null, or a list or object without anything in it: nothing is lost.
    Nothing,
    TooLong,
    Nul,
}

/// The attribute value of a part of a document. Nulls inside a list become empty texts, so that their neighbours keep
/// their places; what nests deeper than a value may is kept as JSON text.
pub(crate) fn to_value(json: &Json) -> Result<Value, Unkept> {
    match json {
        Json::Null => Err(Unkept::Nothing),
        Json::Array(list) if list.is_empty() => Err(Unkept::Nothing),
        Json::Object(map) if map.is_empty() => Err(Unkept::Nothing),
        other => inner_value(other, NESTING_MAX),
    }
}

fn inner_value(json: &Json, depth_left: usize) -> Result<Value, Unkept> {
    Ok(match json {
        Json::Null => Value::text(""),
        Json::Bool(b) => Value::Boolean(*b),
        Json::Number(n) => number(n),
        Json::String(text) => kept_text(text)?,
        Json::Array(_) | Json::Object(_) if depth_left == 0 => kept_text(&json.to_string())?,
        Json::Array(list) => {
            Value::List(list.iter().map(|one| inner_value(one, depth_left - 1)).collect::<Result<_, _>>()?)
        }
        Json::Object(map) => {
            let kept = map.iter().filter(|(_, one)| !one.is_null());
            let read =
                |(key, one): (&String, &Json)| Ok((SmolStr::new(key), inner_value(one, depth_left - 1)?));
            Value::map(kept.map(read).collect::<Result<Vec<_>, _>>()?)
        }
    })
}

/// Integers of more than 64 bits are kept as text, exactly.
fn number(n: &serde_json::Number) -> Value {
    match (n.as_i64(), n.as_u64(), n.as_f64()) {
        (Some(n), _, _) => Value::Integer(n),
        (None, Some(n), _) => Value::text(&n.to_string()),
        (None, None, Some(n)) => Value::Decimal(n),
        (None, None, None) => Value::text(&n.to_string()),
    }
}

fn kept_text(text: &str) -> Result<Value, Unkept> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Unkept::TooLong);
    }
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Err(Unkept::Nul);
    }
    Ok(Value::text(text))
}
