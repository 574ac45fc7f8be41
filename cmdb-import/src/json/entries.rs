//! One JSON object as a list of keys and values, in the order of the file.

use super::{Fault, FaultSlot, Key, Tree, refuse};
use crate::COLUMNS_MAX;
use cmdb_core::model::Value;
use cmdb_core::model::value::NESTING_MAX;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};
use smol_str::SmolStr;
use std::cell::RefCell;
use std::fmt;

/// What one object says; null is none. A key may still stand twice.
pub(crate) type Entries = Vec<(SmolStr, Option<Value>)>;

/// Why one element could not be read.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It is not JSON: the place is a 1-based line and column within the element.
    Syntax { line: u64, column: u64, message: String },
    /// It is JSON and cannot be taken; `key` is where.
    Fault { fault: Fault, key: Option<SmolStr> },
}

/// Reads one element.
pub(crate) fn read(element: &[u8]) -> Result<Entries, Refusal> {
    let refused = |fault, key| Refusal::Fault { fault, key };
    let Ok(text) = std::str::from_utf8(element) else {
        return Err(refused(Fault::new("json.not-utf8", "the object is not UTF-8"), None));
    };
    let (slot, key) = (RefCell::new(None), RefCell::new(None));
    let mut parser = serde_json::Deserializer::from_str(text);
    let read =
        Object { fault: &slot, key: &key }.deserialize(&mut parser).and_then(|o| parser.end().map(|()| o));
    read.map_err(|e| match slot.take() {
        Some(fault) => refused(fault, key.take()),
        None if e.is_data() => {
            refused(Fault::new("json.not-an-object", "the element is not an object"), None)
        }
        None => Refusal::Syntax { line: e.line() as u64, column: e.column() as u64, message: bare(&e) },
    })
}

/// The parser's message without its own "at line 1 column 2".
fn bare(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

struct Object<'f> {
    fault: &'f FaultSlot,
    /// The key being read, for the complaint.
    key: &'f RefCell<Option<SmolStr>>,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = Entries;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Entries, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let tree = Tree { depth_left: NESTING_MAX, fault: self.fault };
        let mut entries = Entries::new();
        while let Some(key) = map.next_key_seed(Key(tree))? {
            self.key.replace(Some(key.clone()));
            let depth_left = NESTING_MAX + usize::from(key == "attributes");
            let value = map.next_value_seed(Tree { depth_left, ..tree })?;
            if entries.len() == COLUMNS_MAX {
                return Err(too_many(self.fault));
            }
            entries.push((key, value));
            self.key.replace(None);
        }
        Ok(entries)
    }
}

fn too_many<E: de::Error>(fault: &FaultSlot) -> E {
    refuse(fault, "json.too-many-keys", format!("the object has more than {COLUMNS_MAX} keys"))
}
