//! Which items nobody has seen for longer than holds for their class.
//!
//! An item was last seen when any of its sources last named it, or when somebody last entered something about it. A
//! source that says itself when it saw an item is taken at its word, however new its run. Items that are not live
//! are left out.

use super::seen::{Known, Seen};
use crate::error::Result;
use crate::graph::{Records, View};
use crate::model::{Item, ItemNumber, SmolStr, Symbol};
use crate::schema::symbols;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

pub const DAY_MS: i64 = 86_400_000;

/// What is asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Question<'q> {
    /// Milliseconds since 1970: what is stale then, if nothing is seen until then.
    pub when_ms: i64,
    /// Only items of this class and its subclasses.
    pub class: Option<Symbol>,
    /// Judged by what this source alone has seen, of the items that it knows.
    pub source: Option<&'q str>,
    /// Instead of what the rules say, for every class that one lets become stale.
    pub days: Option<u32>,
}

/// An item that is stale.
#[derive(Clone, Debug, PartialEq)]
pub struct Stale {
    /// Dense id.
    pub item: u32,
    pub last_ms: i64,
    pub until_ms: i64,
    /// Who saw it last: an index into [`Freshness::sources`].
    pub source: u32,
    /// Days that hold for its class.
    pub days: u32,
}

/// How many of so many are stale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub stale: u64,
    pub items: u64,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Freshness {
    pub all: Share,
    /// Of classes that can become stale.
    pub by_class: BTreeMap<Symbol, Share>,
    pub sources: Vec<SmolStr>,
    /// Stale items by who saw them last.
    pub by_source: BTreeMap<SmolStr, u64>,
    /// Every stale item, the one not seen for longest first.
    pub items: Vec<Stale>,
}

/// Looks at every live item of the classes asked for.
///
/// # Errors
/// A damaged record, or a time that cannot be read.
pub fn freshness(view: View<'_>, seen: &Seen<'_>, question: &Question<'_>) -> Result<Freshness> {
    let snapshot = view.snapshot();
    let newest = newest(seen, question.source);
    let mut days_of: FxHashMap<Symbol, Option<u32>> = FxHashMap::default();
    let mut answer = Freshness::default();
    let mut sources: BTreeMap<SmolStr, u32> = BTreeMap::new();
    for dense in snapshot.live_nodes().filter(|dense| !view.is_hidden(*dense)) {
        let Some(class) = snapshot.class_of(dense) else { continue };
        let days = *days_of.entry(class).or_insert_with(|| days(view, question, class));
        let Some(days) = days else { continue };
        let cutoff_ms = question.when_ms.saturating_sub(i64::from(days) * DAY_MS);
        let number = snapshot.number(dense);
        let is_fresh = newest[number.0 as usize] >= cutoff_ms && says_nothing(view, number)?;
        let last = match is_fresh {
            true => None,
            false => match last_seen(seen, number, question.source)? {
                None => continue,
                Some(last) => Some(last).filter(|last| last.last_ms < cutoff_ms),
            },
        };
        answer.count(class, last.is_some());
        let Some(Known { source, last_ms, until_ms, .. }) = last else { continue };
        *answer.by_source.entry(source.clone()).or_default() += 1;
        let next = sources.len() as u32;
        let source = *sources.entry(source).or_insert(next);
        answer.items.push(Stale { item: dense, last_ms, until_ms, source, days });
    }
    answer.sources = vec![SmolStr::default(); sources.len()];
    sources.into_iter().for_each(|(name, at)| answer.sources[at as usize] = name);
    answer.items.sort_by_key(|stale| (stale.last_ms, snapshot.number(stale.item)));
    Ok(answer)
}

impl Freshness {
    fn count(&mut self, class: Symbol, stale: bool) {
        for share in [&mut self.all, self.by_class.entry(class).or_default()] {
            share.items += 1;
            share.stale += u64::from(stale);
        }
    }
}

/// Days after which items of a class are stale, if they are asked for.
fn days(view: View<'_>, question: &Question<'_>, class: Symbol) -> Option<u32> {
    let snapshot = view.snapshot();
    let schema = snapshot.schema();
    if question.class.is_some_and(|asked| !schema.is_a(class, asked)) {
        return None;
    }
    let days = snapshot.settings().stale_after(class, schema, snapshot.names())?;
    Some(question.days.unwrap_or(days))
}

/// For each item number when any run, or one of the source asked for, last named it; eight bytes a number.
fn newest(seen: &Seen<'_>, source: Option<&str>) -> Vec<i64> {
    let mut newest = vec![i64::MIN; seen.snapshot().counts().item_numbers as usize];
    let asked = seen.sighted().values().filter(|s| source.is_none_or(|source| s.source == source));
    for run in asked.flat_map(|s| &s.runs) {
        for number in run.items.iter() {
            // At a past position later items have no number yet.
            if let Some(at) = newest.get_mut(number as usize) {
                *at = run.at_ms.max(*at);
            }
        }
    }
    for (winner, parts) in seen.parts() {
        let named = parts.iter().filter_map(|part| newest.get(*part as usize)).copied().max();
        if let Some(at) = newest.get_mut(*winner as usize) {
            *at = named.unwrap_or(i64::MIN).max(*at);
        }
    }
    newest
}

/// Whether no source says itself when it saw the item.
fn says_nothing(view: View<'_>, number: ItemNumber) -> Result<bool> {
    match view.snapshot().item_bytes(number.0) {
        Some(bytes) => Ok(Item::find_attribute(bytes, symbols::LAST_SEEN)?.is_none()),
        None => Ok(true),
    }
}

fn last_seen(seen: &Seen<'_>, number: ItemNumber, source: Option<&str>) -> Result<Option<Known>> {
    let Some(item) = seen.snapshot().item(number)? else { return Ok(None) };
    let known = seen.of_item(number.0, &item)?;
    Ok(known.into_iter().find(|known| source.is_none_or(|source| known.source == source)))
}
