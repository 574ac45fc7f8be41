//! Finding items by the values that rules compare, and relationships by the item a rule made them at.
//!
//! Like the index of names this holds *candidates*: every number that ever had the value while this process ran, to
//! be checked against whoever's own state. So one table serves every position and every draft, and what a refused
//! draft left in it costs a look. It is empty without rules; with the first one, or with the first entry after a
//! start, the items of the rules' classes are read once.

use super::index::{Candidates, Index};
use crate::model::placeholder::is_placeholder;
use crate::model::{Item, ItemNumber, SmolStr, Symbol, Value};
use crate::schema::Schema;
use smallvec::SmallVec;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Values of one item that a rule compares; elements of a list beyond are left out.
pub const VALUES_MAX: usize = 1_000;

/// What of an item a rule compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    Name,
    Attribute(Symbol),
    /// The key by which this source knows it.
    Key(Symbol),
}

/// Items of a class and its subclasses, and what of them is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Side {
    pub class: Symbol,
    pub field: Field,
}

/// Values as they are compared, ascending, each once.
pub type Values = SmallVec<[SmolStr; 1]>;

impl Side {
    /// What the item states here; nothing where it is removed or of another class. What nobody filled in is no value.
    pub fn values(&self, schema: &Schema, item: &Item, ignore_case: bool) -> Values {
        let mut out = Values::new();
        if item.removed || !item.class().is_some_and(|class| schema.is_a(class, self.class)) {
            return out;
        }
        let mut add = |text: SmolStr| {
            if !is_placeholder(&Value::Text(text.clone())) {
                out.push(if ignore_case { folded(&text) } else { text });
            }
        };
        match self.field {
            Field::Name => item.name.iter().cloned().for_each(&mut add),
            Field::Key(source) => {
                item.keys.iter().filter(|(s, _)| *s == source).for_each(|(_, key)| add(key.clone()));
            }
            Field::Attribute(key) => match item.attribute(key) {
                None => {}
                Some(Value::List(all)) => all.iter().take(VALUES_MAX).map(text).for_each(&mut add),
                Some(one) => add(text(one)),
            },
        }
        out.sort_unstable();
        out.dedup();
        out
    }
    /// The hash under which an item with this value is filed; of every spelling the same.
    pub fn hash(&self, value: &str) -> u32 {
        let (tag, symbol) = match self.field {
            Field::Name => (0, 0),
            Field::Attribute(attribute) => (1, attribute.0),
            Field::Key(source) => (2, source.0),
        };
        xxh3_64_with_seed(folded(value).as_bytes(), tag << 32 | u64::from(symbol)) as u32
    }
}

fn text(value: &Value) -> SmolStr {
    match value {
        Value::Text(text) => text.clone(),
        other => SmolStr::new(other.to_string()),
    }
}

fn folded(text: &str) -> SmolStr {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// See the module.
#[derive(Debug, Default)]
pub struct Matching {
    values: Index,
    made: Index,
}

impl Matching {
    /// Files items under hashes of [`Side::hash`].
    pub fn file_values(&self, entries: &[(u32, u32)]) {
        self.values.insert_all(entries);
    }
    /// Items that may have the value.
    pub fn with_value(&self, side: &Side, value: &str) -> Candidates {
        self.values.candidates(side.hash(value))
    }
    /// Files relationships that a rule made at an item.
    pub fn file_made(&self, entries: &[(u32, u32)]) {
        self.made.insert_all(entries);
    }
    /// Relationships that a rule may have made at an item.
    pub fn made_at(&self, mark: &str, item: ItemNumber) -> Candidates {
        self.made.candidates(made_hash(mark, item))
    }
    pub fn bytes(&self) -> usize {
        self.values.bytes() + self.made.bytes()
    }
}

/// The hash under which a relationship is filed that the rule of this name made at the item.
pub fn made_hash(rule: &str, item: ItemNumber) -> u32 {
    xxh3_64_with_seed(rule.as_bytes(), u64::from(item.0)) as u32
}

/// What is filed of one line of states: a draft that writes goes on filing it, and whoever does not starts anew.
#[derive(Clone, Debug, Default)]
pub struct Covered {
    /// Under other definitions other items are of a class.
    pub schema: Option<Arc<Schema>>,
    pub sides: Vec<Side>,
    pub made: bool,
}

impl Covered {
    pub fn covers(&self, schema: &Arc<Schema>, side: &Side) -> bool {
        self.schema.as_ref().is_some_and(|known| Arc::ptr_eq(known, schema)) && self.sides.contains(side)
    }
}
