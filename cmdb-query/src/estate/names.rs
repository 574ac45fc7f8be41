//! Names between the language and the inventory: symbols pass through unchanged, and a few properties that are no
//! attributes have symbols of their own beyond all names.

use crate::graph::Symbol;
use cmdb_core::graph::Records;
use cmdb_core::model;

/// Properties that are kept apart from the attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    Name,
    Status,
    Id,
    Class,
    /// A relationship's redundancy group.
    Group,
}

const OWN: [(Own, &str); 5] = [
    (Own::Name, "name"),
    (Own::Status, "status"),
    (Own::Id, "id"),
    (Own::Class, "class"),
    (Own::Group, "group"),
];
const OWN_FIRST: u32 = u32::MAX - OWN.len() as u32;

/// What a property key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Own(Own),
    Attribute(model::Symbol),
}

/// The own property of this name, if it has that meaning here: with an open schema only the name has.
pub fn own(name: &str, open: bool) -> Option<Own> {
    let found = OWN.iter().find(|(_, text)| *text == name).map(|(own, _)| *own);
    found.filter(|own| !open || *own == Own::Name)
}

/// The symbol of a property key.
pub fn key(records: &impl Records, name: &str) -> Option<Symbol> {
    if let Some(own) = own(name, records.schema().open) {
        let at = OWN.iter().position(|(o, _)| *o == own)?;
        return Some(Symbol(OWN_FIRST + at as u32));
    }
    records.names().get(name).map(outer)
}

pub fn key_of(symbol: Symbol) -> Key {
    match symbol.0.checked_sub(OWN_FIRST).and_then(|at| OWN.get(at as usize)) {
        Some((own, _)) => Key::Own(*own),
        None => Key::Attribute(inner(symbol)),
    }
}

pub fn text<R: Records>(records: &R, symbol: Symbol) -> &str {
    match symbol.0.checked_sub(OWN_FIRST).and_then(|at| OWN.get(at as usize)) {
        Some((_, text)) => text,
        None => records.names().text(inner(symbol)),
    }
}

/// A label: a defined class, or with an open schema any name.
pub fn label(records: &impl Records, name: &str) -> Option<Symbol> {
    let symbol = records.names().get(name)?;
    (records.schema().open || records.schema().class(symbol).is_some()).then_some(outer(symbol))
}

/// A relationship type: as the catalogue writes it, or in upper snake case.
pub fn kind(records: &impl Records, name: &str) -> Option<Symbol> {
    let schema = records.schema();
    let exact = records.names().get(name).filter(|s| schema.open || schema.relationship_type(*s).is_some());
    let folded = || {
        let is_upper = !name.chars().any(char::is_lowercase);
        let symbol = records.names().get(&name.to_lowercase()).filter(|_| is_upper)?;
        schema.relationship_type(symbol).map(|_| symbol)
    };
    exact.or_else(|| if schema.open { None } else { folded() }).map(outer)
}

pub fn outer(symbol: model::Symbol) -> Symbol {
    Symbol(symbol.0)
}

pub fn inner(symbol: Symbol) -> model::Symbol {
    model::Symbol(symbol.0)
}
