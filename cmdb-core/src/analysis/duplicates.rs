//! Items that may be one thing: pairs that share what identifies things, with a score and the reasons.
//!
//! Nothing is stored for this; the answer is always that of the snapshot. One pass files every item under what may
//! identify it; items that meet under one such value are a pair. Values of no weight (placeholders) are passed over,
//! and so are values that many items share: those identify a batch or a form, not a thing.
//!
//! The score is `1 − Π (1 − w)` over the reasons' weights, the chance that at least one of them is right if each is
//! with its weight and they are independent (noisy-or, as in Fellegi and Sunter's record linkage, simplified).

use crate::error::Result;
use crate::graph::{Records, View};
use crate::model::placeholder::is_placeholder;
use crate::model::{Item, ItemNumber, SmolStr, Symbol, Value};
use crate::schema::{Class, symbols};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// A value that more items share identifies none of them.
pub const SHARED_MAX: usize = 4;
/// Pairs at most in one answer.
pub const PAIRS_MAX: usize = 10_000;
/// A pair below this is none.
pub const SCORE_MIN: f64 = 0.5;

/// Attributes that identify a thing wherever they stand, with how sure they are.
const STRONG: &[(&str, f64)] = &[
    ("serial_number", 0.9),
    ("uuid", 0.95),
    ("instance_uuid", 0.95),
    ("resource_id", 0.95),
    ("fingerprint", 0.95),
    ("asset_tag", 0.7),
    ("mac_address", 0.8),
    ("fqdn", 0.6),
    ("hostname", 0.4),
    ("ip_address", 0.3),
    ("primary_ip", 0.3),
];
/// An attribute that its class identifies by, or that is unique.
const IDENTIFYING: f64 = 0.8;
/// The same name but for case and domain.
const SAME_NAME: f64 = 0.5;

/// Two items that may be one.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    pub items: [ItemNumber; 2],
    /// 0 to 1.
    pub score: f64,
    pub reasons: Vec<String>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Duplicates {
    /// Best score first, at most [`PAIRS_MAX`].
    pub pairs: Vec<Pair>,
    pub pairs_count: u64,
    /// (attribute, value, items) of values that too many items share; the widest first.
    pub shared: Vec<(SmolStr, SmolStr, u64)>,
}

/// Shared values listed.
const SHARED_LISTED_MAX: usize = 100;

/// What an item is filed under: an attribute, or its name for none, and the hash of the value in its plain form.
type Filed = (Option<Symbol>, u64);

/// Finds them all.
pub fn duplicates(view: View<'_>) -> Result<Duplicates> {
    let snapshot = view.snapshot();
    let weights = Weights::of(snapshot);
    let mut filed: FxHashMap<Filed, SmallVec<[u32; 2]>> = FxHashMap::default();
    for dense in snapshot.live_nodes().filter(|dense| !view.is_hidden(*dense)) {
        let number = snapshot.number(dense);
        let Some(item) = snapshot.item(number)? else { continue };
        if !weights.is_thing(snapshot, &item) {
            continue;
        }
        if let Some(name) = item.name.as_deref().and_then(plain_name) {
            filed.entry((None, hash(&name))).or_default().push(number.0);
        }
        for attribute in &item.attributes {
            if weights.of_attribute(&item, attribute.key).is_some()
                && !is_placeholder(&attribute.value)
                && let Some(text) = plain_value(&attribute.value)
            {
                filed.entry((Some(attribute.key), hash(&text))).or_default().push(number.0);
            }
        }
    }
    let mut pairs: BTreeMap<[u32; 2], Vec<(f64, String)>> = BTreeMap::new();
    let mut out = Duplicates::default();
    for ((attribute, _), numbers) in filed.into_iter().filter(|(_, numbers)| numbers.len() > 1) {
        if numbers.len() > SHARED_MAX {
            if let Some(key) = attribute {
                let item = snapshot.item(ItemNumber(numbers[0]))?;
                let value = item.and_then(|i| i.attribute(key).map(ToString::to_string)).unwrap_or_default();
                out.shared.push((snapshot.names().text(key).into(), value.into(), numbers.len() as u64));
            }
            continue;
        }
        for (at, first) in numbers.iter().enumerate() {
            for second in &numbers[at + 1..] {
                let numbers = [*first.min(second), *first.max(second)];
                if let Some(reason) = weights.reason(snapshot, numbers, attribute)? {
                    pairs.entry(numbers).or_default().push(reason);
                }
            }
        }
    }
    let scored = pairs.into_iter().filter_map(|(numbers, reasons)| pair(numbers, reasons));
    out.pairs = scored.collect();
    out.pairs.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.items.cmp(&b.items)));
    out.pairs_count = out.pairs.len() as u64;
    out.pairs.truncate(PAIRS_MAX);
    out.shared.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1))));
    out.shared.truncate(SHARED_LISTED_MAX);
    Ok(out)
}

fn pair(numbers: [u32; 2], mut reasons: Vec<(f64, String)>) -> Option<Pair> {
    reasons.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let score = 1.0 - reasons.iter().map(|(weight, _)| 1.0 - weight).product::<f64>();
    let reasons = reasons.into_iter().map(|(_, reason)| reason).collect();
    (score >= SCORE_MIN).then_some(Pair { items: numbers.map(ItemNumber), score, reasons })
}

/// How much each attribute of each class weighs.
struct Weights {
    by_class: FxHashMap<Symbol, FxHashMap<Symbol, f64>>,
}

impl Weights {
    fn of(records: &dyn Records) -> Weights {
        let weigh = |class: &Class| {
            let weight = |key: &Symbol| {
                let definition = &class.attributes[key];
                let known =
                    STRONG.iter().find(|(name, _)| definition.name == *name).map(|(_, weight)| *weight);
                let alone = class.identification.iter().any(|k| k.len() == 1 && k[0] == definition.name);
                let weight = known.or_else(|| (alone || definition.unique).then_some(IDENTIFYING));
                Some((*key, weight?))
            };
            (class.symbol, class.attributes.keys().filter_map(weight).collect())
        };
        Weights { by_class: records.schema().classes().map(|class| weigh(class)).collect() }
    }
    /// Records and parties have numbers of their own; only what delivers services is a thing here.
    fn is_thing(&self, records: &dyn Records, item: &Item) -> bool {
        item.class().is_some_and(|c| records.schema().is_a(c, symbols::CONFIGURATION_ITEM))
    }
    fn of_attribute(&self, item: &Item, key: Symbol) -> Option<f64> {
        self.by_class.get(&item.class()?)?.get(&key).copied()
    }
    /// Why two items that share a value may be one, unless their classes say that they are not.
    fn reason(
        &self,
        records: &dyn Records,
        numbers: [u32; 2],
        attribute: Option<Symbol>,
    ) -> Result<Option<(f64, String)>> {
        let [Some(first), Some(second)] =
            [records.item(ItemNumber(numbers[0]))?, records.item(ItemNumber(numbers[1]))?]
        else {
            return Ok(None);
        };
        let (Some(one), Some(other)) = (first.class(), second.class()) else { return Ok(None) };
        let schema = records.schema();
        let is_placeholder = one == symbols::PLACEHOLDER || other == symbols::PLACEHOLDER;
        if !(is_placeholder || schema.is_a(one, other) || schema.is_a(other, one)) {
            return Ok(None);
        }
        // One source that knows both under keys of their own says that they are two.
        let knows = |item: &Item, source: &Symbol| item.keys.iter().any(|(s, _)| s == source);
        let told_apart = first.keys.iter().any(|(source, _)| knows(&second, source));
        Ok(match attribute {
            None if told_apart => None,
            None => Some((SAME_NAME, format!("both are called \"{}\"", first.name.as_deref().unwrap_or("")))),
            Some(key) => {
                let weight = self.of_attribute(&first, key).unwrap_or(IDENTIFYING);
                let weight = if told_apart { weight * 0.6 } else { weight };
                let value = first.attribute(key).map(ToString::to_string).unwrap_or_default();
                Some((weight, format!("{} is \"{value}\" in both", records.names().text(key))))
            }
        })
    }
}

fn hash(text: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}

/// A host's name without case and domain.
fn plain_name(name: &str) -> Option<SmolStr> {
    let folded = name.trim().to_lowercase();
    let short = match folded.split_once('.') {
        // Addresses and versions have dots, too.
        Some((host, rest)) if host.starts_with(|c: char| c.is_alphabetic()) && !rest.is_empty() => host,
        _ => folded.as_str(),
    };
    (short.len() > 1).then(|| SmolStr::new(short))
}

fn plain_value(value: &Value) -> Option<SmolStr> {
    let text = match value {
        Value::Text(text) => text.trim().to_lowercase(),
        Value::Integer(number) => number.to_string(),
        _ => return None,
    };
    // Addresses are written with colons, dashes, dots or nothing.
    let plain: String = text.chars().filter(|c| !matches!(c, ':' | '-' | ' ')).collect();
    (plain.len() > 1).then(|| SmolStr::new(plain))
}
