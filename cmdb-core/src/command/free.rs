//! Edits of a graph with an open schema: any labels, any types, any properties, parallel relationships. Bounds hold
//! here as everywhere.

use super::decider::Decider;
use super::item::check_name;
use crate::error::{Error, Result};
use crate::fact::kinds::{ItemEdit, Stated};
use crate::fact::{Fact, NewItem, NewRelationship};
use crate::model::{ItemNumber, Labels, RelationshipNumber, SmolStr, Value};
use crate::schema::symbols;

/// Labels one item may carry.
pub const LABELS_MAX: usize = 64;

/// Properties by name; none clears.
pub type Properties = Vec<(SmolStr, Option<Value>)>;

/// Refuses free edits of a graph whose schema is closed.
fn check_open(decider: &Decider<'_>) -> Result<()> {
    use crate::graph::Records;
    if decider.draft().schema().open {
        return Ok(());
    }
    Err(Error::refused("schema.closed", "the graph has a schema, and this edit does not follow it")
        .hint("`cmdb init --open-schema` makes a graph that takes any label, type and property"))
}

fn labels(decider: &mut Decider<'_>, names: &[SmolStr]) -> Result<Labels> {
    if names.len() > LABELS_MAX {
        return Err(Error::limit("item.labels", format!("an item carries at most {LABELS_MAX} labels")));
    }
    let mut out = Labels::new();
    for name in names {
        let symbol = decider.symbol(name)?;
        if !out.contains(&symbol) {
            out.push(symbol);
        }
    }
    Ok(out)
}

fn stated(decider: &mut Decider<'_>, properties: Properties) -> Result<Vec<Stated>> {
    let mut out = Vec::with_capacity(properties.len());
    for (name, value) in properties {
        if value.as_ref().is_some_and(|v| !v.within_bounds()) {
            let message = format!("\"{name}\" is too long or nested too deep to be stored");
            return Err(Error::limit("value.bounds", message));
        }
        out.push((decider.symbol(&name)?, value));
    }
    Ok(out)
}

/// A new item with any labels.
///
/// # Errors
/// A closed schema, or a bound.
pub fn create(
    decider: &mut Decider<'_>,
    label_names: &[SmolStr],
    name: Option<&str>,
    properties: Properties,
) -> Result<ItemNumber> {
    check_open(decider)?;
    let item = decider.draft().next_item()?;
    let new = NewItem {
        item,
        labels: labels(decider, label_names)?,
        name: check_name(name)?,
        attributes: present(stated(decider, properties)?),
        source: symbols::MANUAL,
        ..NewItem::default()
    };
    decider.accept(Fact::ItemCreated(new))?;
    Ok(item)
}

fn present(stated: Vec<Stated>) -> Vec<(crate::model::Symbol, Value)> {
    stated.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// Another relationship, whatever relationships there are.
///
/// # Errors
/// A closed schema, or a bound.
pub fn relate(
    decider: &mut Decider<'_>,
    kind: &str,
    source: ItemNumber,
    target: ItemNumber,
    properties: Properties,
) -> Result<RelationshipNumber> {
    check_open(decider)?;
    let relationship = decider.draft().next_relationship()?;
    let kind = decider.symbol(kind)?;
    let attributes = present(stated(decider, properties)?);
    let origin = symbols::MANUAL;
    let new = NewRelationship { relationship, kind, source, target, group: None, attributes, origin };
    decider.accept(Fact::Related(new))?;
    Ok(relationship)
}

/// Other properties; the name, too, where one is stated (none clears it).
///
/// # Errors
/// A closed schema, or a bound.
pub fn edit(
    decider: &mut Decider<'_>,
    item: ItemNumber,
    name: Option<Option<SmolStr>>,
    properties: Properties,
) -> Result<()> {
    check_open(decider)?;
    if let Some(name) = &name {
        check_name(name.as_deref())?;
    }
    let edit = ItemEdit { name, attributes: stated(decider, properties)?, ..ItemEdit::default() };
    decider.accept(Fact::ItemEdited { item, edit, source: symbols::MANUAL })
}

/// Other labels.
///
/// # Errors
/// A closed schema, or a bound.
pub fn relabel(decider: &mut Decider<'_>, item: ItemNumber, label_names: &[SmolStr]) -> Result<()> {
    check_open(decider)?;
    let edit = ItemEdit { labels: Some(labels(decider, label_names)?), ..ItemEdit::default() };
    decider.accept(Fact::ItemEdited { item, edit, source: symbols::MANUAL })
}

/// Other properties of a relationship.
///
/// # Errors
/// A closed schema, or a bound.
pub fn edit_relationship(
    decider: &mut Decider<'_>,
    relationship: RelationshipNumber,
    properties: Properties,
) -> Result<()> {
    check_open(decider)?;
    let attributes = stated(decider, properties)?;
    decider.accept(Fact::RelationshipEdited { relationship, attributes, source: symbols::MANUAL })
}
