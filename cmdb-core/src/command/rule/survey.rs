//! What a rule makes of a state, and what it makes nothing of: values that nobody has, and values that too many have.

use super::{Resolved, mark};
use crate::error::Result;
use crate::graph::{Records, Snapshot};
use crate::model::rule::Rule;
use crate::model::{Item, ItemNumber, SmolStr};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Findings of each kind that are listed; counts are whole.
pub const LISTED_MAX: usize = 100;
/// Items that a listed value names at most.
pub const NAMED_MAX: usize = 10;

/// What a rule comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleReport {
    /// Relationships that it makes.
    pub made: u64,
    /// Relationships that it would make, were they not stated by somebody or made by an earlier rule.
    pub stated: u64,
    /// Items that state a value which nobody has, the first [`LISTED_MAX`].
    pub unmatched: Vec<Unmatched>,
    pub unmatched_count: u64,
    /// Values that more items have than the rule takes, by value, the first [`LISTED_MAX`].
    pub ambiguous: Vec<Ambiguous>,
    pub ambiguous_count: u64,
}

/// An item whose value nobody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    pub item: ItemNumber,
    pub value: SmolStr,
}

/// A value that tells nothing because it does not tell which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguous {
    pub value: SmolStr,
    /// Items that have it where it is looked up, the first [`NAMED_MAX`].
    pub items: Vec<ItemNumber>,
    pub items_count: u64,
    /// Items that refer by it.
    pub referrers: u64,
}

/// Looks at all items of both ends; memory follows the items of the looked-up end.
///
/// # Errors
/// Where the definitions do not fit the rule any more, why.
pub fn survey(snapshot: &Snapshot, rule: &Rule) -> Result<RuleReport> {
    let rule = Resolved::of(snapshot, rule)?;
    let mut named: FxHashMap<SmolStr, Vec<ItemNumber>> = FxHashMap::default();
    for (number, values) in stated(snapshot, &rule, true)? {
        for value in values {
            named.entry(value).or_default().push(number);
        }
    }
    let mut report = RuleReport::default();
    let mut ambiguous: BTreeMap<SmolStr, u64> = BTreeMap::new();
    for (referrer, values) in stated(snapshot, &rule, false)? {
        let mut found: Vec<ItemNumber> = Vec::new();
        for value in values {
            match named.get(&value).map_or(&[][..], Vec::as_slice) {
                [] => report.unmatched(referrer, value),
                items if items.len() > rule.matches_max => *ambiguous.entry(value).or_default() += 1,
                items => found.extend(items),
            }
        }
        found.sort_unstable();
        found.dedup();
        for item in found.into_iter().filter(|item| *item != referrer) {
            let known = snapshot.related(&rule.identity(referrer, item))?;
            let by = known.as_ref().and_then(|(_, record)| mark::made_by(snapshot.names(), record));
            match by == Some(&rule.name) {
                true => report.made += 1,
                false => report.stated += 1,
            }
        }
    }
    report.ambiguous_count = ambiguous.len() as u64;
    for (value, referrers) in ambiguous.into_iter().take(LISTED_MAX) {
        let all = named.remove(&value).unwrap_or_default();
        let items_count = all.len() as u64;
        let items = all.into_iter().take(NAMED_MAX).collect();
        report.ambiguous.push(Ambiguous { value, items, items_count, referrers });
    }
    Ok(report)
}

impl RuleReport {
    fn unmatched(&mut self, item: ItemNumber, value: SmolStr) {
        self.unmatched_count += 1;
        if self.unmatched.len() < LISTED_MAX {
            self.unmatched.push(Unmatched { item, value });
        }
    }
}

/// Items of one end with what they state, by number; those that state nothing are left out.
fn stated(
    snapshot: &Snapshot,
    rule: &Resolved,
    looked_up: bool,
) -> Result<Vec<(ItemNumber, crate::graph::matching::Values)>> {
    let side = if looked_up { rule.named } else { rule.referrer };
    let read = |number: u32| -> Result<Option<_>> {
        let number = ItemNumber(number);
        if !snapshot.class(number).is_some_and(|class| snapshot.schema().is_a(class, side.class)) {
            return Ok(None);
        }
        let item: Option<Item> = snapshot.item(number)?;
        let values = item.map(|item| side.values(snapshot.schema(), &item, rule.ignore_case));
        Ok(values.filter(|values| !values.is_empty()).map(|values| (number, values)))
    };
    (0..snapshot.counts().item_numbers).into_par_iter().filter_map(|n| read(n).transpose()).collect()
}
