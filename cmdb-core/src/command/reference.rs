//! REF: how users name one item.

use crate::error::{Error, Kind, Result};
use crate::graph::Records;
use crate::model::{Item, ItemId, ItemNumber, SmolStr, Symbol, Value};
use std::fmt;

/// A REF as written: id · `source#key` · `class:attribute=value` · `class:name` · a unique name, tried in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference(pub SmolStr);

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Candidates that an ambiguous reference lists.
const LISTED_MAX: usize = 8;

/// The one item that `reference` names.
///
/// # Errors
/// `not-found`, with near names, or `invalid` (`reference.ambiguous`), with the candidates.
pub fn resolve(records: &dyn Records, reference: &str) -> Result<ItemNumber> {
    let found = find_by(records, reference, AnyAttribute::Scanned)?;
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(unknown(records, reference)),
        many => Err(ambiguous(records, reference, many)),
    }
}

/// Whether attributes without an index name an item, too: every item is looked at.
#[derive(Clone, Copy, PartialEq)]
enum AnyAttribute {
    Scanned,
    Refused,
}

/// All items that `reference` names, found by indexes alone: for imports, which have many.
pub(crate) fn find(records: &dyn Records, reference: &str) -> Result<Vec<ItemNumber>> {
    find_by(records, reference, AnyAttribute::Refused)
}

fn find_by(records: &dyn Records, reference: &str, any: AnyAttribute) -> Result<Vec<ItemNumber>> {
    if let Ok(id) = reference.parse::<uuid::Uuid>()
        && let Some(number) = records.item_by_id(ItemId(id))
    {
        return Ok(vec![number]);
    }
    if let Some((source, key)) = reference.split_once('#')
        && let Some(source) = records.names().get(source)
        && let Some(number) = records.keyed(source, key)
    {
        return Ok(vec![number]);
    }
    if let Some((class, rest)) = reference.split_once(':')
        && let Some(class) = records.names().get(class).filter(|c| records.schema().class(*c).is_some())
    {
        let is_a = |n: &ItemNumber| -> Result<bool> {
            let of_class = records.item(*n)?.and_then(|item| item.class());
            Ok(of_class.is_some_and(|c| records.schema().is_a(c, class)))
        };
        let mut found = Vec::new();
        if let Some((attribute, value)) = rest.split_once('=') {
            found = by_attribute(records, class, attribute, value, any)?;
        }
        let names = [Some(rest), rest.strip_prefix("name=")];
        for name in names.into_iter().flatten().filter(|_| found.is_empty()).collect::<Vec<_>>() {
            for number in records.named(name, usize::MAX) {
                if is_a(&number)? {
                    found.push(number);
                }
                if found.len() > LISTED_MAX {
                    break;
                }
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(records.named(reference, LISTED_MAX + 1))
}

fn by_attribute(
    records: &dyn Records,
    class: Symbol,
    attribute: &str,
    value: &str,
    any: AnyAttribute,
) -> Result<Vec<ItemNumber>> {
    let Some(symbol) = records.names().get(attribute) else { return Ok(Vec::new()) };
    let Some(class) = records.schema().class(class) else { return Ok(Vec::new()) };
    let Some(definition) = class.attributes.get(&symbol) else { return Ok(Vec::new()) };
    if !class.indexed(symbol) && any == AnyAttribute::Refused {
        let message = format!("\"{attribute}\" does not identify a {}", class.definition.name);
        return Err(Error::invalid("reference.not-identifying", message).hint(
            "identifying and unique attributes name an item; `cmdb list --where` finds by any attribute",
        ));
    }
    let value = crate::schema::read::from_text(definition, value)
        .map_err(|e| Error::invalid("reference.value", format!("{attribute}: {e}")))?;
    if !class.indexed(symbol) {
        return scan(records, class.symbol, symbol, &value);
    }
    let mut found = Vec::new();
    for number in records.with_attribute(symbol, &value) {
        let of_class = records.item(number)?.and_then(|item| item.class());
        if of_class.is_some_and(|c| records.schema().is_a(c, class.symbol)) {
            found.push(number);
        }
    }
    Ok(found)
}

/// Items of a class with this value of an attribute, as many as are listed and one more.
fn scan(records: &dyn Records, class: Symbol, attribute: Symbol, value: &Value) -> Result<Vec<ItemNumber>> {
    let mut found = Vec::new();
    let numbers = (0..).take_while(|n| records.item_bytes(*n).is_some()).map(ItemNumber);
    for number in numbers.filter(|n| records.class(*n).is_some_and(|c| records.schema().is_a(c, class))) {
        if records.item(number)?.is_some_and(|item| item.attribute(attribute) == Some(value)) {
            found.push(number);
        }
        if found.len() > LISTED_MAX {
            break;
        }
    }
    Ok(found)
}

/// `class:name` of an item, which users can paste back.
pub fn label(records: &dyn Records, number: ItemNumber) -> String {
    match records.item_or_tombstone(number) {
        Ok(Some(item)) => {
            let class = item.class().map_or("", |c| records.names().text(c));
            format!("{class}:{}", item.name.as_deref().unwrap_or("(nameless)"))
        }
        _ => format!("item {number}"),
    }
}

pub(crate) fn ambiguous(records: &dyn Records, reference: &str, many: &[ItemNumber]) -> Error {
    let listed: Vec<String> = many
        .iter()
        .take(LISTED_MAX)
        .map(|n| format!("{} ({})", label(records, *n), records.id_key().item_id(*n)))
        .collect();
    let more = if many.len() > LISTED_MAX { " and more" } else { "" };
    let message = format!("\"{reference}\" names several items: {}{more}", listed.join(", "));
    let mut error = Error::invalid("reference.ambiguous", message).hint("use class:name or the id");
    for one in listed {
        error = error.detail("", one);
    }
    error
}

fn unknown(records: &dyn Records, reference: &str) -> Error {
    let name = reference.split_once(':').map_or(reference, |(_, name)| name);
    let missing = |message: String| Error::new(Kind::NotFound, "item.unknown", message);
    if let Some(renamed) = records.formerly_named(name).first() {
        let now = label(records, *renamed);
        return missing(format!("\"{reference}\" was renamed to {now}")).hint(format!("use \"{now}\""));
    }
    let error = missing(format!("there is no item \"{reference}\""));
    if let Some(meant) = class_meant(records, reference) {
        return error.hint(format!("did you mean \"{meant}\"?"));
    }
    match crate::error::did_you_mean(name, near(records, name).iter().map(String::as_str)) {
        Some(hint) => error.hint(hint),
        None => error.hint("`cmdb search TEXT` finds items by part of their name"),
    }
}

/// The reference with the class spelled as it is, where that is all that is wrong with it.
fn class_meant(records: &dyn Records, reference: &str) -> Option<String> {
    let (class, rest) = reference.split_once(':')?;
    let known = records.schema().classes().map(|c| c.definition.name.as_str());
    let meant = crate::error::nearest(class, known).into_iter().next().filter(|near| *near != class)?;
    let spelled = format!("{meant}:{rest}");
    find(records, &spelled).is_ok_and(|found| !found.is_empty()).then_some(spelled)
}

/// Names at most that are compared without regard to case; a name is sought by index otherwise.
const NAMES_COMPARED_MAX: u32 = 100_000;

/// Existing names that differ from `name` in case alone, among the first of the graph.
fn in_other_case(records: &dyn Records, name: &str) -> Vec<String> {
    let folded = name.to_lowercase();
    let same = |known: &str| match known.is_ascii() {
        true => known.eq_ignore_ascii_case(name),
        false => known.to_lowercase() == folded,
    };
    let items = (0..NAMES_COMPARED_MAX).map_while(|n| records.item_bytes(n));
    let names =
        items.filter(|bytes| !Item::is_removed(bytes)).filter_map(|b| Item::decode_name(b).ok().flatten());
    names.filter(|known| same(known)).take(LISTED_MAX).map(|known| known.to_string()).collect()
}

/// Existing names equal but for case, else those one edit away from `name`: each possible edit is one look-up, so
/// this costs the same at a hundred thousand items and at ten million.
fn near(records: &dyn Records, name: &str) -> Vec<String> {
    let in_other_case = in_other_case(records, name);
    if !in_other_case.is_empty() {
        return in_other_case;
    }
    let chars: Vec<char> = name.chars().take(40).collect();
    let mut tries: Vec<String> = vec![name.to_lowercase(), name.to_uppercase()];
    let join = |chars: &[char]| chars.iter().collect::<String>();
    for at in 0..chars.len() {
        let mut less = chars.clone();
        less.remove(at);
        tries.push(join(&less));
        if at + 1 < chars.len() {
            let mut swapped = chars.clone();
            swapped.swap(at, at + 1);
            tries.push(join(&swapped));
        }
    }
    let alphabet: Vec<char> = ('a'..='z').chain('0'..='9').chain(['-', '_', '.', ' ']).collect();
    for at in 0..=chars.len() {
        for &c in &alphabet {
            let mut more = chars.clone();
            more.insert(at, c);
            tries.push(join(&more));
            if at < chars.len() {
                let mut other = chars.clone();
                other[at] = c;
                tries.push(join(&other));
            }
        }
    }
    tries.retain(|t| t != name && !records.named(t, 1).is_empty());
    tries.sort();
    tries.dedup();
    tries.truncate(LISTED_MAX);
    tries
}
