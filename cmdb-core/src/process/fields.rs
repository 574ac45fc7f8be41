//! Reading a record's attributes by name, and building the maps and lists in which processes keep what they found.

use crate::Result;
use crate::graph::{Draft, Records, Snapshot};
use crate::model::temporal::Instant;
use crate::model::{Item, ItemNumber, Relationship, RelationshipNumber, SmolStr, Value};

/// A state whose relationships can be read item by item: a snapshot, or a draft on the writer.
pub trait Related: Records {
    /// Every relationship at an item, each once, by number.
    fn relationships_at(&self, item: ItemNumber) -> Result<Vec<(RelationshipNumber, Relationship)>>;
}

impl Related for Snapshot {
    fn relationships_at(&self, item: ItemNumber) -> Result<Vec<(RelationshipNumber, Relationship)>> {
        let mut out = Vec::new();
        for (number, _) in self.relationships_of(item) {
            out.extend(self.relationship(number)?.map(|record| (number, record)));
        }
        Ok(out)
    }
}

impl Related for Draft {
    fn relationships_at(&self, item: ItemNumber) -> Result<Vec<(RelationshipNumber, Relationship)>> {
        self.relationships_of(item)
    }
}

/// The attributes of one item, by name.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    records: &'a dyn Records,
    item: &'a Item,
}

impl<'a> Fields<'a> {
    pub fn of(records: &'a dyn Records, item: &'a Item) -> Fields<'a> {
        Fields { records, item }
    }
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.item.attribute(self.records.names().get(name)?)
    }
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.value(name).and_then(Value::as_text)
    }
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.value(name).and_then(Value::as_integer)
    }
    pub fn number(&self, name: &str) -> Option<f64> {
        self.value(name).and_then(Value::as_number)
    }
    pub fn yes(&self, name: &str) -> bool {
        self.value(name) == Some(&Value::Boolean(true))
    }
    pub fn list(&self, name: &str) -> &'a [Value] {
        match self.value(name) {
            Some(Value::List(list)) => list,
            _ => &[],
        }
    }
    /// The texts of a list.
    pub fn texts(&self, name: &str) -> Vec<SmolStr> {
        self.list(name).iter().filter_map(Value::as_text).map(SmolStr::new).collect()
    }
    pub fn instant(&self, name: &str) -> Option<&'a Instant> {
        match self.value(name) {
            Some(Value::DateTime(instant)) => Some(instant),
            _ => None,
        }
    }
    /// Milliseconds since 1970.
    pub fn time_ms(&self, name: &str) -> Option<i64> {
        self.instant(name).map(millis)
    }
    pub fn status(&self) -> &'a str {
        self.item.status.map_or("", |s| self.records.names().text(s))
    }
    pub fn class(&self) -> &'a str {
        self.item.class().map_or("", |c| self.records.names().text(c))
    }
}

/// Milliseconds since 1970.
pub fn millis(instant: &Instant) -> i64 {
    instant.seconds.saturating_mul(1000).saturating_add(i64::from(instant.nanoseconds / 1_000_000))
}

/// A point in time as it is kept in maps and shown.
pub fn time(ms: i64) -> Value {
    Value::Text(Instant::from_millis(ms).to_string().into())
}

/// A map from pairs; what is absent is left out.
pub fn map<const N: usize>(pairs: [(&'static str, Option<Value>); N]) -> Value {
    Value::map(pairs.into_iter().filter_map(|(key, value)| Some((SmolStr::new_static(key), value?))))
}

/// An entry of a map.
pub fn get<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Map(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
        _ => None,
    }
}

/// A text entry of a map; empty where there is none.
pub fn get_text<'v>(value: &'v Value, key: &str) -> &'v str {
    get(value, key).and_then(Value::as_text).unwrap_or("")
}

/// A list entry of a map.
pub fn get_list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    match get(value, key) {
        Some(Value::List(list)) => list,
        _ => &[],
    }
}

pub fn text(text: &str) -> Option<Value> {
    Some(Value::text(text))
}

pub fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Option<Value> {
    Some(Value::List(texts.into_iter().map(Value::text).collect()))
}

pub fn count(n: usize) -> Option<Value> {
    Some(Value::Integer(i64::try_from(n).unwrap_or(i64::MAX)))
}

pub fn list(values: impl IntoIterator<Item = Value>) -> Option<Value> {
    Some(Value::List(values.into_iter().collect()))
}

/// `class:name` and id of an item, as maps keep it.
pub fn item_map(records: &dyn Records, number: ItemNumber) -> Value {
    let item = records.item_or_tombstone(number).ok().flatten();
    let class = item.as_ref().and_then(Item::class).map_or("", |c| records.names().text(c));
    let name = item.as_ref().and_then(|i| i.name.as_deref()).unwrap_or("");
    map([
        ("id", text(&records.id_key().item_id(number).to_string())),
        ("class", text(class)),
        ("name", text(name)),
    ])
}
