//! Which item a row is about.
//!
//! An internal id wins, then the key by which the row's source knows the item, then the class's identification keys in
//! their order. A row that comes with a key of its source which nobody knows yet may still be about an item that
//! another source told of: it is found by what identifies it, but never by its name alone, and never if its own
//! source knows that item under another key. Values that identify nothing are passed over. Where keys fit several
//! items, or point at different ones, nothing is decided: the row is a conflict.

use super::{Columns, Plan, Row, Wrong, text};
use crate::command::import::{Report, Seen};
use crate::error::Result;
use crate::graph::Records;
use crate::model::intake::{Batch, Cell};
use crate::model::placeholder::is_placeholder;
use crate::model::{Item, ItemId, ItemNumber, SmolStr, Symbol, Value};
use crate::schema::Class;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// One identification key, its parts by symbol.
#[derive(Clone, Debug)]
pub(super) struct Key {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Name,
    /// An attribute, or none where the graph has never heard its name.
    Attribute(SmolStr, Option<Symbol>),
}

impl Key {
    /// A name alone is what people call a thing, not what it is.
    fn is_name(&self) -> bool {
        self.parts == [Part::Name]
    }
}

/// What is known of the item that a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    No,
    /// By an id: ours or its source's.
    ById(ItemNumber),
    /// By an identification key.
    ByKey(ItemNumber),
    /// By a key (which of the plan's) that other rows of this import have, too, under other names: two rows that call
    /// themselves differently are two things, whatever they share.
    Shared(usize),
}

/// The class's identification keys, by default its name.
pub(super) fn keys_of(records: &impl Records, class: &Class) -> Vec<Key> {
    let part = |name: &SmolStr| match name.as_str() {
        "name" => Part::Name,
        other => Part::Attribute(name.clone(), records.names().get(other)),
    };
    match class.identification.is_empty() {
        true => vec![Key { parts: vec![Part::Name] }],
        false => {
            class.identification.iter().map(|key| Key { parts: key.iter().map(part).collect() }).collect()
        }
    }
}

/// See the module. `seen` are the items that earlier rows of the import are about.
pub(super) fn identify(
    records: &impl Records,
    source: Symbol,
    plan: &Plan,
    row: &Row,
    seen: &Seen,
) -> Result<std::result::Result<Known, Wrong>> {
    if let Some(key) = &row.key {
        if key.len() == 36
            && let Ok(id) = key.parse::<uuid::Uuid>()
            && let Some(number) = records.item_by_id(ItemId(id))
        {
            return Ok(Ok(Known::ById(number)));
        }
        if let Some(number) = records.keyed(source, key) {
            return Ok(Ok(Known::ById(number)));
        }
    }
    let elsewhere = row.key.as_ref().map(|_| source);
    for (at, key) in plan.keys.iter().enumerate().filter(|(_, key)| elsewhere.is_none() || !key.is_name()) {
        let Some(found) = by_key(records, plan, row, key, elsewhere)? else { continue };
        let is_other_row = |n: &ItemNumber| seen.has(n.0) && is_called_otherwise(records, *n, row);
        let number = match found.as_slice() {
            [] => continue,
            all if all.iter().all(is_other_row) => return Ok(Ok(Known::Shared(at))),
            [one] => *one,
            many => match called_the_same(records, many, row).as_slice() {
                [one] => *one,
                _ => return Ok(Err(ambiguous(records, key, many))),
            },
        };
        return Ok(match other_by_later_key(records, plan, row, (at, number), elsewhere)? {
            None => Ok(Known::ByKey(number)),
            Some((other, later)) => Err(contradiction(records, [key, later], [number, other])),
        });
    }
    let named = plan.attributes.iter().any(|(_, s, _)| row.attributes.iter().any(|(k, _)| k == s));
    if row.name.is_none() && row.key.is_none() && !named {
        let message = "the row states neither id nor name".to_owned();
        return Ok(Err((Some("name".into()), "item.no-key", message)));
    }
    Ok(Ok(Known::No))
}

/// Items that agree on every part of `key`; none where the row lacks a part. A name counts within the very class,
/// anything else within classes of one line. With `elsewhere` items that this source knows are left out.
fn by_key(
    records: &impl Records,
    plan: &Plan,
    row: &Row,
    key: &Key,
    elsewhere: Option<Symbol>,
) -> Result<Option<Vec<ItemNumber>>> {
    let mut found: Option<Vec<ItemNumber>> = None;
    for part in &key.parts {
        let matching = match part {
            Part::Name => {
                let Some(name) = &row.name else { return Ok(None) };
                records.named(name, usize::MAX)
            }
            Part::Attribute(_, symbol) => {
                let stated = symbol.and_then(|s| row.attributes.iter().find(|(k, _)| *k == s));
                let Some((symbol, Some(value))) = stated else { return Ok(None) };
                if is_placeholder(value) {
                    return Ok(None);
                }
                records.with_attribute(*symbol, value)
            }
        };
        let own = plan.class.symbol;
        let fits = |n: &ItemNumber| match (records.class(*n), key.is_name()) {
            (Some(class), true) => class == own,
            (Some(class), false) => records.schema().is_a(class, own) || records.schema().is_a(own, class),
            (None, _) => false,
        };
        let matching = matching.into_iter().filter(fits);
        found = Some(match found {
            None => matching.collect(),
            Some(before) => matching.filter(|n| before.contains(n)).collect(),
        });
    }
    let mut found = found.unwrap_or_default();
    if let Some(source) = elsewhere {
        let mut strange = Vec::with_capacity(found.len());
        for number in found {
            let item = records.item(number)?;
            if item.is_some_and(|item: Item| item.keys.iter().all(|(s, _)| *s != source)) {
                strange.push(number);
            }
        }
        found = strange;
    }
    Ok(Some(found))
}

/// Those of several items that have the row's name.
fn called_the_same(records: &impl Records, many: &[ItemNumber], row: &Row) -> Vec<ItemNumber> {
    many.iter().copied().filter(|n| row.name.is_some() && !is_called_otherwise(records, *n, row)).collect()
}

/// Whether the row states another name than the item has.
fn is_called_otherwise(records: &impl Records, number: ItemNumber, row: &Row) -> bool {
    let bytes = records.item_bytes(number.0);
    let name = bytes.and_then(|b| Item::decode_name(b).ok().flatten());
    row.name.is_some() && row.name.as_deref() != name
}

/// An item other than `number` that a later key points at, without doubt; a name does not count.
fn other_by_later_key<'p>(
    records: &impl Records,
    plan: &'p Plan,
    row: &Row,
    (at, number): (usize, ItemNumber),
    elsewhere: Option<Symbol>,
) -> Result<Option<(ItemNumber, &'p Key)>> {
    for key in plan.keys[at + 1..].iter().filter(|key| !key.is_name()) {
        let found = by_key(records, plan, row, key, elsewhere)?.unwrap_or_default();
        if let [other] = found.as_slice()
            && *other != number
        {
            return Ok(Some((*other, key)));
        }
    }
    Ok(None)
}

fn ambiguous(records: &impl Records, key: &Key, many: &[ItemNumber]) -> Wrong {
    let listed: Vec<String> = many.iter().take(3).map(|n| label_of(records, *n)).collect();
    let more = if many.len() > listed.len() { ", …" } else { "" };
    let message = format!(
        "the row matches {} items by {}: {}{more}; state an id to tell them apart, or merge them",
        many.len(),
        words(key),
        listed.join(", ")
    );
    (Some(column(key)), "item.ambiguous", message)
}

fn contradiction(records: &impl Records, [key, later]: [&Key; 2], [one, other]: [ItemNumber; 2]) -> Wrong {
    let message = format!(
        "{} is that of {} and {} that of {}; merge them if they are one (`cmdb merge`), or mend the row",
        words(key),
        label_of(records, one),
        words(later),
        label_of(records, other)
    );
    (Some(column(later)), "item.conflicting-keys", message)
}

fn label_of(records: &impl Records, number: ItemNumber) -> String {
    match records.item(number) {
        Ok(Some(item)) => {
            let class = item.class().map_or("", |c| records.names().text(c));
            format!("{class}:{}", item.name.as_deref().unwrap_or("(nameless)"))
        }
        _ => format!("item {number}"),
    }
}

/// Whether a rejection says that nobody knows which item the row is about.
pub(super) fn is_conflict(code: &str) -> bool {
    matches!(code, "item.ambiguous" | "item.conflicting-keys")
}

fn column(key: &Key) -> SmolStr {
    match &key.parts[0] {
        Part::Name => SmolStr::new_static("name"),
        Part::Attribute(name, _) => name.clone(),
    }
}

fn words(key: &Key) -> String {
    let words = key.parts.iter().map(|part| match part {
        Part::Name => "name",
        Part::Attribute(name, _) => name.as_str(),
    });
    words.collect::<Vec<_>>().join(" and ")
}

/// `serial_number "X"` of a row, for the report.
pub(super) fn shared_key_text(plan: &Plan, key: usize, row: &Row) -> String {
    let value = |part: &Part| match part {
        Part::Name => row.name.as_ref().map(ToString::to_string),
        Part::Attribute(_, symbol) => {
            let stated = row.attributes.iter().find(|(k, _)| Some(*k) == *symbol);
            stated.and_then(|(_, v)| v.as_ref().map(Value::to_string))
        }
    };
    let key = &plan.keys[key];
    let values: Vec<String> = key.parts.iter().filter_map(value).collect();
    format!("{} \"{}\"", words(key), values.join(" "))
}

/// Notes values in identifying columns that identify nothing.
pub(super) fn note_placeholders(
    report: &mut Report,
    batch: &Batch,
    columns: &Columns,
    plans: &FxHashMap<SmolStr, Arc<Plan>>,
) {
    let identifying: FxHashMap<&SmolStr, Vec<(usize, &SmolStr)>> = plans
        .iter()
        .map(|(class, plan)| (class, identifying_columns(plan)))
        .filter(|(_, columns)| !columns.is_empty())
        .collect();
    let Some(class_column) = columns.class.filter(|_| !identifying.is_empty()) else { return };
    for (_, cells) in batch.iter() {
        let class = cells.get(class_column).and_then(text);
        let columns = class.and_then(|class| identifying.get(&class));
        for (at, name) in columns.into_iter().flatten() {
            let value = match cells.get(*at) {
                Some(Cell::Text(value)) => Value::Text(value.clone()),
                Some(Cell::Typed(value)) => value.clone(),
                _ => continue,
            };
            if is_placeholder(&value) {
                report.placeholder_key(name, &value.to_string());
            }
        }
    }
}

/// Columns of attributes that stand in a key, each with its name.
fn identifying_columns(plan: &Plan) -> Vec<(usize, &SmolStr)> {
    let stands_in_key = |symbol: &Symbol| {
        let mut parts = plan.keys.iter().flat_map(|key| &key.parts);
        parts.any(|part| matches!(part, Part::Attribute(_, Some(s)) if s == symbol))
    };
    let identifying = plan.attributes.iter().filter(|(_, symbol, _)| stands_in_key(symbol));
    identifying.map(|(at, _, definition)| (*at, &definition.name)).collect()
}
