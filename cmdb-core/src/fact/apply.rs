//! What each fact does: facts in, writes out.

use super::kinds::{Fact, ItemEdit, NewItem, NewRelationship, Stated};
use super::setting::Setting;
use crate::error::{Error, Result};
use crate::model::item::{Attribute, FORMER_NAMES_MAX};
use crate::model::{IdKey, Item, ItemNumber, Position, Relationship, RelationshipNumber, SmolStr, Symbol};
use crate::schema::SchemaEdit;

/// When a fact is applied: position and time of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub position: Position,
    pub time_ms: i64,
}

/// What applying a fact needs to read. Implementers answer for the state just before the fact.
pub trait State {
    /// The item's record, a removed one included.
    fn item_record(&self, number: ItemNumber) -> Result<Option<Item>>;
    /// The relationship's record, a removed one included.
    fn relationship_record(&self, number: RelationshipNumber) -> Result<Option<Relationship>>;
}

/// One change of the state; tables and graph both follow it.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    Founded {
        id_key: IdKey,
        open_schema: bool,
    },
    Name(SmolStr),
    Schema(SchemaEdit),
    /// All definitions there are from here on.
    SchemaWhole(SchemaEdit),
    Item(ItemNumber, Item),
    Relationship(RelationshipNumber, Relationship),
    Setting(Setting),
}

/// Turns one fact into writes, handed to `write` in order.
///
/// # Errors
/// Only `corrupt`: a fact names something that its own log never created.
pub fn apply(state: &impl State, at: Moment, fact: Fact, mut write: impl FnMut(Write)) -> Result<()> {
    match fact {
        Fact::Founded { id_key, open_schema } => write(Write::Founded { id_key, open_schema }),
        Fact::NamesAdded { first: _, names } => names.into_iter().for_each(|name| write(Write::Name(name))),
        Fact::SchemaEdited(edit) => write(Write::Schema(edit)),
        Fact::ItemCreated(new) => write(Write::Item(new.item, created(new, at))),
        Fact::ItemEdited { item, edit, source } => {
            let before = existing(state, item)?;
            write(Write::Item(item, edited(before, edit, source, at)));
        }
        Fact::ItemRemoved { item } => write(Write::Item(item, removed(existing(state, item)?, at))),
        Fact::Related(new) => write(Write::Relationship(new.relationship, related(new, at))),
        Fact::RelationshipEdited { relationship, attributes, source } => {
            let mut after = existing_relationship(state, relationship)?;
            for (key, value) in attributes {
                match value {
                    Some(value) => after.set(Attribute { key, value, source, at: at.position }),
                    None => after.unset(key),
                };
            }
            touch(&mut after, at);
            write(Write::Relationship(relationship, after));
        }
        Fact::Unrelated { relationship } => {
            let mut after = existing_relationship(state, relationship)?;
            after.attributes.clear();
            after.removed = true;
            touch(&mut after, at);
            write(Write::Relationship(relationship, after));
        }
        Fact::Set(setting) => write(Write::Setting(setting)),
        Fact::Continued { .. } | Fact::Purged { .. } => {}
        Fact::ItemRestored { item, record } => {
            let version = existing(state, item)?.version + 1;
            let record = Item::decode(&record)?;
            write(Write::Item(item, Item { version, updated: at.position, removed: false, ..record }));
        }
        Fact::RelationshipRestored { relationship, record } => {
            let version = existing_relationship(state, relationship)?.version + 1;
            let record = Relationship::decode(&record)?;
            let after = Relationship { version, updated: at.position, removed: false, ..record };
            write(Write::Relationship(relationship, after));
        }
        Fact::ItemClaimed { item, attributes, source } => {
            let mut after = existing(state, item)?;
            for (key, value) in attributes {
                match value {
                    Some(value) => after.claim(Attribute { key, value, source, at: at.position }),
                    None => after.disclaim(key, source),
                }
            }
            after.version += 1;
            after.updated = at.position;
            write(Write::Item(item, after));
        }
        Fact::SchemaReplaced(whole) => write(Write::SchemaWhole(whole)),
    }
    Ok(())
}

fn existing(state: &impl State, number: ItemNumber) -> Result<Item> {
    state.item_record(number)?.ok_or_else(|| dangling("item", number.0))
}

fn existing_relationship(state: &impl State, number: RelationshipNumber) -> Result<Relationship> {
    state.relationship_record(number)?.ok_or_else(|| dangling("relationship", number.0))
}

fn dangling(what: &str, number: u32) -> Error {
    Error::corrupt("log.dangling", format!("an entry names {what} {number}, which no entry created"))
        .hint("run `cmdb verify --full`, then restore from the newest backup")
}

fn created(new: NewItem, at: Moment) -> Item {
    let mut attributes: Vec<Attribute> = new
        .attributes
        .into_iter()
        .map(|(key, value)| Attribute { key, value, source: new.source, at: at.position })
        .collect();
    attributes.sort_by_key(|a| a.key);
    attributes.dedup_by_key(|a| a.key);
    Item {
        name: new.name,
        labels: new.labels,
        status: new.status,
        keys: new.key.map(|key| (new.source, key)).into_iter().collect(),
        attributes,
        version: 1,
        created: at.position,
        updated: at.position,
        former_names: Vec::new(),
        removed: false,
        claims: Vec::new(),
    }
}

fn edited(mut item: Item, edit: ItemEdit, source: Symbol, at: Moment) -> Item {
    if let Some(name) = edit.name {
        let former = std::mem::replace(&mut item.name, name);
        item.former_names.extend(former);
        let excess = item.former_names.len().saturating_sub(FORMER_NAMES_MAX);
        item.former_names.drain(..excess);
    }
    if let Some(labels) = edit.labels {
        item.labels = labels;
    }
    if let Some(status) = edit.status {
        item.status = status;
    }
    if let Some(key) = edit.key {
        item.add_key(source, key);
    }
    set_all(&mut item, edit.attributes, source, at.position);
    item.version += 1;
    item.updated = at.position;
    item
}

/// What another source said stays with the item as its claim; a source that takes its own value back lets the newest
/// claim show.
fn set_all(item: &mut Item, attributes: Vec<Stated>, source: Symbol, at: Position) {
    for (key, value) in attributes {
        let shown =
            item.attributes.binary_search_by_key(&key, |a| a.key).ok().map(|i| item.attributes[i].clone());
        item.disclaim(key, source);
        match (value, shown) {
            (Some(value), Some(shown)) if shown.source != source && shown.value != value => {
                item.claim(shown);
                item.set(Attribute { key, value, source, at });
            }
            (Some(value), _) => {
                item.set(Attribute { key, value, source, at });
            }
            (None, shown) => {
                item.unset(key);
                let newest = item.claims.iter().filter(|c| c.key == key).max_by_key(|c| c.at).cloned();
                if let Some(next) = newest.filter(|_| shown.is_some_and(|s| s.source == source)) {
                    item.disclaim(key, next.source);
                    item.set(next);
                }
            }
        }
    }
}

/// What stays of a removed item: its name and class, so that history can still tell what it was.
fn removed(item: Item, at: Moment) -> Item {
    Item {
        attributes: Vec::new(),
        keys: Vec::new(),
        claims: Vec::new(),
        version: item.version + 1,
        updated: at.position,
        removed: true,
        ..item
    }
}

fn related(new: NewRelationship, at: Moment) -> Relationship {
    let identity = new.identity();
    let mut attributes: Vec<Attribute> = new
        .attributes
        .into_iter()
        .map(|(key, value)| Attribute { key, value, source: new.origin, at: at.position })
        .collect();
    attributes.sort_by_key(|a| a.key);
    attributes.dedup_by_key(|a| a.key);
    Relationship {
        identity,
        attributes,
        version: 1,
        created: at.position,
        updated: at.position,
        removed: false,
    }
}

fn touch(relationship: &mut Relationship, at: Moment) {
    relationship.version += 1;
    relationship.updated = at.position;
}
