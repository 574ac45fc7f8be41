//! Three states of one record, and the fourth they give: what the import changed and nobody changed since is as it
//! was before; everything else is as it is now.

use super::{Trace, is_identified_by_name};
use crate::command::import::plan::{attribute_fields, item_fields};
use crate::command::reference::label;
use crate::error::Result;
use crate::graph::{Draft, Records};
use crate::model::item::Attribute;
use crate::model::placeholder::is_placeholder;
use crate::model::{Item, ItemNumber, Relationship, SmolStr, Symbol};

/// What an item becomes, and the fields that stay because somebody changed them after the import did.
pub(super) struct MergedItem {
    pub item: Item,
    pub standing: Vec<SmolStr>,
}

pub(super) struct MergedRelationship {
    pub relationship: Relationship,
    pub standing: Vec<SmolStr>,
}

/// `before` the import, as it `left` it, and `now`.
pub(super) fn item(draft: &Draft, before: &Item, left: &Item, now: &Item) -> MergedItem {
    let mut merged = MergedItem { item: now.clone(), standing: Vec::new() };
    // A removed record lost its fields with the removal; it comes back whole.
    if now.removed {
        let (version, updated) = (now.version, now.updated);
        merged.item = Item { version, updated, ..before.clone() };
        return merged;
    }
    let mut stands = |name: &'static str| merged.standing.push(SmolStr::new_static(name));
    match part(&before.labels, &left.labels, &now.labels) {
        Part::Back => merged.item.labels = before.labels.clone(),
        Part::Stands => stands("class"),
        Part::AsItIs => {}
    }
    match part(&before.name, &left.name, &now.name) {
        Part::Back => merged.item.name = before.name.clone(),
        Part::Stands => stands("name"),
        Part::AsItIs => {}
    }
    match part(&before.status, &left.status, &now.status) {
        Part::Back => merged.item.status = before.status,
        Part::Stands => stands("status"),
        Part::AsItIs => {}
    }
    if now.former_names == left.former_names {
        merged.item.former_names = before.former_names.clone();
    }
    if now.claims == left.claims {
        merged.item.claims = before.claims.clone();
    }
    merged.item.keys.retain(|key| before.keys.contains(key) || !left.keys.contains(key));
    let standing = attributes(draft, [&before.attributes, &left.attributes], &mut merged.item.attributes);
    merged.standing.extend(standing);
    merged
}

/// The same for a relationship, whose identity never changes.
pub(super) fn relationship(
    draft: &Draft,
    before: &Relationship,
    left: &Relationship,
    now: &Relationship,
) -> MergedRelationship {
    let mut relationship = now.clone();
    if now.removed {
        relationship = Relationship { version: now.version, updated: now.updated, ..before.clone() };
        return MergedRelationship { relationship, standing: Vec::new() };
    }
    let standing = attributes(draft, [&before.attributes, &left.attributes], &mut relationship.attributes);
    MergedRelationship { relationship, standing }
}

enum Part {
    /// The import changed it and nobody since.
    Back,
    /// The import changed it, and somebody after it.
    Stands,
    AsItIs,
}

fn part<T: PartialEq>(before: &T, left: &T, now: &T) -> Part {
    match (before == left, left == now) {
        (true, _) => Part::AsItIs,
        (false, true) => Part::Back,
        // Somebody took it back by hand.
        (false, false) if before == now => Part::AsItIs,
        (false, false) => Part::Stands,
    }
}

/// Lays what was before over `now` where only the import changed it; names of the attributes that stand.
fn attributes(draft: &Draft, [before, left]: [&Vec<Attribute>; 2], now: &mut Vec<Attribute>) -> Vec<SmolStr> {
    let find = |list: &[Attribute], key: Symbol| {
        list.binary_search_by_key(&key, |a| a.key).ok().map(|at| list[at].clone())
    };
    let mut keys: Vec<Symbol> = before.iter().chain(left).map(|a| a.key).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut standing = Vec::new();
    for key in keys {
        let was = find(before, key);
        let value = |attribute: Option<Attribute>| attribute.map(|a| a.value);
        match part(&value(was.clone()), &value(find(left, key)), &value(find(now, key))) {
            Part::AsItIs => {}
            Part::Stands => standing.push(SmolStr::new(draft.names().text(key))),
            Part::Back => {
                now.retain(|a| a.key != key);
                if let Some(was) = was {
                    let at = now.partition_point(|a| a.key < key);
                    now.insert(at, was);
                }
            }
        }
    }
    standing
}

/// Names of the fields in which two states of an item differ.
pub(super) fn changed(draft: &Draft, left: &Item, now: &Item) -> Vec<SmolStr> {
    let mut names: Vec<SmolStr> =
        item_fields(draft, Some(left), Some(now)).into_iter().map(|field| field.name).collect();
    if left.keys != now.keys {
        names.push("key".into());
    }
    names
}

/// The same for attributes alone.
pub(super) fn fields(draft: &Draft, left: &[Attribute], now: &[Attribute]) -> Vec<SmolStr> {
    let mut fields = Vec::new();
    attribute_fields(draft, left, now, &mut fields);
    fields.into_iter().map(|field| field.name).collect()
}

/// Whether the other item had this name when the restored one had it, too: two of a name are nothing new then.
fn shared_before(draft: &Draft, trace: &Trace, other: ItemNumber, name: &str) -> Result<bool> {
    if let Some(before) = trace.items.before.get(&other.0) {
        return Ok(Item::decode_name(before)? == Some(name) && !Item::is_removed(before));
    }
    let first = trace.trail.entries.first().map(|(first, _)| *first);
    Ok(draft.item(other)?.is_some_and(|item| first.is_some_and(|first| item.created < first)))
}

/// The same of a value: a serial number that two items shared before may be shared again.
fn held_before(draft: &Draft, trace: &Trace, other: ItemNumber, value: &Attribute) -> Result<bool> {
    if let Some(before) = trace.items.before.get(&other.0) {
        let before = Item::decode(before)?;
        return Ok(!before.removed && before.attribute(value.key) == Some(&value.value));
    }
    let Some((first, _)) = trace.trail.entries.first() else { return Ok(false) };
    let stated =
        draft.item(other)?.and_then(|i| i.attributes.iter().find(|a| a.key == value.key).map(|a| a.at));
    Ok(stated.is_some_and(|at| at < *first))
}

/// Why a restored item cannot stay so: its name or a unique value belongs to another one by now.
pub(super) fn taken_since(
    draft: &Draft,
    trace: &Trace,
    number: ItemNumber,
    earlier: &Item,
) -> Result<Option<String>> {
    let Some(item) = draft.item(number)? else { return Ok(None) };
    if let Some(name) = item.name.as_deref().filter(|_| earlier.removed || item.name != earlier.name)
        && !draft.schema().open
        && is_identified_by_name(draft.base(), &item)
    {
        let same = |other: &ItemNumber| *other != number && draft.class(*other) == item.class();
        for other in draft.named(name, usize::MAX).into_iter().filter(same) {
            if !shared_before(draft, trace, other, name)? {
                return Ok(Some(format!("its former name \"{name}\" belongs to another item by now")));
            }
        }
    }
    let Some(class) = item.class().and_then(|c| draft.schema().class(c)) else { return Ok(None) };
    for attribute in &item.attributes {
        let is_unique = class.attributes.get(&attribute.key).is_some_and(|d| d.unique);
        if !is_unique
            || is_placeholder(&attribute.value)
            || earlier.attribute(attribute.key) == Some(&attribute.value)
        {
            continue;
        }
        let others = draft.with_attribute(attribute.key, &attribute.value);
        for other in others.into_iter().filter(|n| *n != number) {
            if held_before(draft, trace, other, attribute)? {
                continue;
            }
            let key = draft.names().text(attribute.key);
            let message = format!("{key} \"{}\" belongs to {} by now", attribute.value, label(draft, other));
            return Ok(Some(message));
        }
    }
    Ok(None)
}
