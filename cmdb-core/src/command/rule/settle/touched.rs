//! Which items have to be worked out anew because of what an entry changed.

use super::{Resolved, Settling, mark};
use crate::error::Result;
use crate::fact::State;
use crate::graph::matching::Values;
use crate::graph::{Draft, Records};
use crate::model::{Item, ItemNumber, RelationshipNumber, SmolStr, Symbol};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Items looked at together.
const ITEMS_TOGETHER: usize = 1_024;

/// Which ends of which rules a class is at: (rule, whether it is the end that is looked up).
type Ends = FxHashMap<Symbol, Vec<(usize, bool)>>;

/// What touched items mean to the rules.
#[derive(Default)]
struct Touched {
    /// What they can be found by from now on.
    filed: Vec<(u32, u32)>,
    /// Items that refer to others: (rule, item).
    referrers: Vec<(usize, u32)>,
    /// Values that another number of items has now than before: (rule, value).
    values: Vec<(usize, SmolStr)>,
}

impl Settling<'_, '_> {
    /// Notes every item whose relationships may have to be others.
    pub(super) fn look(&mut self) -> Result<()> {
        self.look_at_items()?;
        self.look_at_relationships()?;
        self.look_at_rules()
    }
    fn look_at_items(&mut self) -> Result<()> {
        let touched = touched(self.decider.draft(), &self.rules)?;
        self.draft().matching().file_values(&touched.filed);
        for (rule, item) in touched.referrers {
            self.dirty[rule].insert(item);
        }
        let values: BTreeSet<(usize, SmolStr)> = touched.values.into_iter().collect();
        for (at, value) in values {
            let found = self.draft().matching().with_value(&self.rules[at].referrer, &value);
            self.dirty[at].extend(found);
        }
        Ok(())
    }
    /// What was stated and is not any more leaves its place to a rule; what came back may be made by one.
    fn look_at_relationships(&mut self) -> Result<()> {
        let numbers: Vec<u32> =
            self.draft().changed().relationship_records.iter().map(|(number, _)| *number).collect();
        let mut filed = Vec::new();
        for number in numbers.into_iter().map(RelationshipNumber) {
            let Some(record) = self.draft().relationship_record(number)? else { continue };
            if record.removed || mark::made_by(self.draft().names(), &record).is_some() {
                self.wanted_by(&record.identity, 0);
            }
            filed.extend(self.made_entry(number, &record));
        }
        for identity in self.decider.ended_by_hand().to_vec() {
            self.wanted_by(&identity, 0);
        }
        self.draft().matching().file_made(&filed);
        Ok(())
    }
    /// Rules that are new, and all of them where the definitions are others, are worked out for all there is.
    fn look_at_rules(&mut self) -> Result<()> {
        let new = self.decider.added_rules().to_vec();
        let redefined = self.draft().changed().schema.is_some();
        for at in 0..self.rules.len() {
            if redefined || new.contains(&self.rules[at].name) {
                let rule = &self.rules[at];
                let (draft, class) = (self.decider.draft(), rule.referrer.class);
                let is_one = |number: &u32| {
                    draft.class(ItemNumber(*number)).is_some_and(|c| draft.schema().is_a(c, class))
                };
                self.dirty[at].extend((0..draft.base().counts().item_numbers).filter(is_one));
            }
        }
        if redefined {
            // Items that are of the rule's class no more have what it made of them, too.
            for number in mark::all_made(self.draft(), &|_| true)? {
                if let Some(record) = self.draft().relationship(number)? {
                    self.wanted_by(&record.identity, 0);
                }
            }
        }
        Ok(())
    }
}

/// Reads the items that the entry touched, before and after it.
fn touched(draft: &Draft, rules: &[Resolved]) -> Result<Touched> {
    let changed = draft.changed();
    let new = changed.items..draft.base().counts().item_numbers;
    let known = changed.item_records.iter().map(|(number, before)| (*number, Some(before.as_slice())));
    let all: Vec<(u32, Option<&[u8]>)> = known.chain(new.map(|number| (number, None))).collect();
    let mut ends = Ends::default();
    for (number, before) in &all {
        let before = before.and_then(|bytes| Item::decode_labels(bytes).ok()?.0.first().copied());
        for class in before.into_iter().chain(draft.class(ItemNumber(*number))) {
            ends.entry(class).or_insert_with(|| ends_of(draft, rules, class));
        }
    }
    if ends.values().all(Vec::is_empty) {
        return Ok(Touched::default());
    }
    let parts = all.par_chunks(ITEMS_TOGETHER).map(|part| {
        let mut touched = Touched::default();
        for (number, before) in part {
            touched.see(draft, rules, &ends, *number, *before)?;
        }
        Ok(touched)
    });
    let parts: Vec<Touched> = parts.collect::<Result<_>>()?;
    Ok(parts.into_iter().fold(Touched::default(), Touched::and))
}

fn ends_of(draft: &Draft, rules: &[Resolved], class: Symbol) -> Vec<(usize, bool)> {
    let of_rule = |(at, rule): (usize, &Resolved)| {
        let is_at = |side: crate::graph::matching::Side| draft.schema().is_a(class, side.class);
        [(rule.referrer, false), (rule.named, true)].map(|(side, looked_up)| (is_at(side), (at, looked_up)))
    };
    rules.iter().enumerate().flat_map(of_rule).filter(|(is_at, _)| *is_at).map(|(_, end)| end).collect()
}

impl Touched {
    fn see(
        &mut self,
        draft: &Draft,
        rules: &[Resolved],
        ends: &Ends,
        number: u32,
        before: Option<&[u8]>,
    ) -> Result<()> {
        let of = |class: Option<Symbol>| class.and_then(|c| ends.get(&c)).map_or(&[][..], Vec::as_slice);
        let class_now = draft.class(ItemNumber(number));
        let class_before = match before {
            Some(bytes) => Item::decode_labels(bytes)?.0.first().copied(),
            None => None,
        };
        if of(class_now).is_empty() && of(class_before).is_empty() {
            return Ok(());
        }
        let before = before.map(Item::decode).transpose()?;
        let now = draft.item(ItemNumber(number))?;
        let mut at: Vec<(usize, bool)> = of(class_now).iter().chain(of(class_before)).copied().collect();
        at.sort_unstable();
        at.dedup();
        for (rule, looked_up) in at {
            self.compare(draft, (rule, &rules[rule]), looked_up, number, [before.as_ref(), now.as_ref()]);
        }
        Ok(())
    }
    fn compare(
        &mut self,
        draft: &Draft,
        (at, rule): (usize, &Resolved),
        looked_up: bool,
        number: u32,
        states: [Option<&Item>; 2],
    ) {
        let side = if looked_up { rule.named } else { rule.referrer };
        let [old, new] = states.map(|item| {
            item.map_or_else(Values::new, |item| side.values(draft.schema(), item, rule.ignore_case))
        });
        if old == new {
            return;
        }
        self.filed.extend(new.iter().map(|value| (side.hash(value), number)));
        match looked_up {
            false => self.referrers.push((at, number)),
            true => {
                let only_in = |some: &Values, others: &Values| -> Vec<SmolStr> {
                    some.iter().filter(|value| others.binary_search(value).is_err()).cloned().collect()
                };
                let differing = only_in(&old, &new).into_iter().chain(only_in(&new, &old));
                self.values.extend(differing.map(|value| (at, value)));
            }
        }
    }
    fn and(mut self, other: Touched) -> Touched {
        self.filed.extend(other.filed);
        self.referrers.extend(other.referrers);
        self.values.extend(other.values);
        self
    }
}
