//! The step that ends every command: what the rules make of what it changed, in the same entry.
//!
//! Only items that the entry touched are looked at, and by value those that refer to them ([`touched`]). An item that
//! refers is then worked out anew for its rule: whatever it and exactly one other have in common is related to it,
//! and what the rule made of it before and does not any more is ended. Rules go by name, and one that ends a
//! relationship has the later ones look at its ends, too; so the outcome depends on the items alone, whatever the
//! order of edits. Graphs without rules pay a look at an empty table.

mod touched;

use super::{MADE_MAX, Resolved, mark};
use crate::command::decider::Decider;
use crate::command::relationship::end;
use crate::error::{Error, Result};
use crate::fact::{Fact, NewRelationship};
use crate::graph::matching::{Side, made_hash};
use crate::graph::{Draft, Records};
use crate::model::relationship::Identity;
use crate::model::{ItemNumber, Relationship, RelationshipNumber, SmolStr};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// What the rules did in one entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    pub made: u64,
    pub ended: u64,
}

impl Settled {
    pub fn add(&mut self, other: Settled) {
        self.made += other.made;
        self.ended += other.ended;
    }
}

/// Brings the relationships of all rules in line with what the entry has changed so far.
///
/// # Errors
/// `rule.made` past [`MADE_MAX`]; `relationship.derived` where the command ended one that would have to be made again.
pub fn settle(decider: &mut Decider<'_>) -> Result<Settled> {
    if !decider.has_recorded() {
        return Ok(Settled::default());
    }
    if decider.draft().settings().rules.is_empty() {
        // From here on nothing is filed, so nothing that is may be relied on.
        decider.draft_mut().uncover();
        return Ok(Settled::default());
    }
    let rules: Vec<Resolved> = {
        let draft = decider.draft();
        draft.settings().rules.values().filter_map(|rule| Resolved::of(draft, rule).ok()).collect()
    };
    let dirty = vec![BTreeSet::new(); rules.len()];
    let mut settling = Settling { decider, rules, dirty, done: Settled::default() };
    settling.cover()?;
    settling.end_unresolved()?;
    settling.look()?;
    for at in 0..settling.rules.len() {
        settling.rule(at)?;
    }
    Ok(settling.done)
}

struct Settling<'a, 'd> {
    decider: &'a mut Decider<'d>,
    /// By name.
    rules: Vec<Resolved>,
    /// Items that refer to others and have to be worked out, by rule.
    dirty: Vec<BTreeSet<u32>>,
    done: Settled,
}

impl Settling<'_, '_> {
    fn draft(&self) -> &Draft {
        self.decider.draft()
    }
    /// Makes everything that the rules look up findable.
    fn cover(&mut self) -> Result<()> {
        let mut sides: Vec<Side> = self.rules.iter().flat_map(Resolved::sides).collect();
        sides.sort_unstable_by_key(|side| (side.class, side.hash("")));
        sides.dedup();
        if self.decider.draft_mut().cover(&sides) {
            return Ok(());
        }
        let mut entries = Vec::new();
        for number in mark::all_made(self.draft(), &|_| true)? {
            if let Some(record) = self.draft().relationship(number)? {
                entries.extend(self.made_entry(number, &record));
            }
        }
        self.draft().matching().file_made(&entries);
        Ok(())
    }
    fn made_entry(&self, number: RelationshipNumber, record: &Relationship) -> Option<(u32, u32)> {
        let name = mark::made_by(self.draft().names(), record)?;
        let rule = self.rules.iter().find(|rule| rule.name == name)?;
        Some((made_hash(name, rule.referrer_of(&record.identity)), number.0))
    }
    /// A rule that the definitions do not fit any more rests: what it made goes.
    fn end_unresolved(&mut self) -> Result<()> {
        if self.draft().changed().schema.is_none() || self.rules.len() == self.draft().settings().rules.len()
        {
            return Ok(());
        }
        let resting: BTreeSet<SmolStr> = {
            let rules = self.draft().settings().rules.keys().cloned();
            rules.filter(|name| self.rules.iter().all(|rule| rule.name != *name)).collect()
        };
        let names = self.draft().names();
        let is_theirs = |r: &Relationship| mark::made_by(names, r).is_some_and(|name| resting.contains(name));
        for number in mark::all_made(self.draft(), &is_theirs)? {
            self.end(number, 0)?;
        }
        Ok(())
    }
    /// Ends a relationship that a rule made; rules from `later` on may want it.
    fn end(&mut self, number: RelationshipNumber, later: usize) -> Result<()> {
        let Some(record) = self.draft().relationship(number)? else { return Ok(()) };
        end(self.decider, number, &record)?;
        self.done.ended += 1;
        self.wanted_by(&record.identity, later);
        Ok(())
    }
    /// Has rules from `first` on look at the ends of a relationship.
    fn wanted_by(&mut self, identity: &Identity, first: usize) {
        for (rule, dirty) in self.rules.iter().zip(&mut self.dirty).skip(first) {
            if rule.kind == identity.kind {
                dirty.insert(rule.referrer_of(identity).0);
            }
        }
    }

    /// Works out every item that refers to others by the rule and may do so otherwise than before.
    fn rule(&mut self, at: usize) -> Result<()> {
        let rule = self.rules[at].clone();
        let mut found = Found::default();
        let mut new: Vec<Identity> = Vec::new();
        for referrer in std::mem::take(&mut self.dirty[at]).into_iter().map(ItemNumber) {
            let mut missing = found.by(self.draft(), &rule, referrer)?;
            for (number, identity) in made_at(self.draft(), &rule, referrer)? {
                let wanted = missing.remove(&rule.found_of(&identity).0);
                if wanted.is_none_or(|wanted| wanted != identity) {
                    self.end(number, at + 1)?;
                }
            }
            for identity in missing.into_values() {
                if self.may_make(&rule, &identity)? {
                    new.push(identity);
                }
            }
            if self.done.made + new.len() as u64 > MADE_MAX as u64 {
                let message = format!("the rules would make more than {MADE_MAX} relationships at once");
                return Err(Error::limit("rule.made", message).hint("import in parts: without --atomic"));
            }
        }
        self.make(&rule, new)
    }
    /// Whether nobody states it nor an earlier rule makes it; a later rule that does gives way.
    fn may_make(&mut self, rule: &Resolved, identity: &Identity) -> Result<bool> {
        if self.decider.ended_by_hand().contains(identity) {
            return Err(mark::made(&rule.name));
        }
        let Some((number, record)) = self.draft().related(identity)? else { return Ok(true) };
        let gives_way = mark::made_by(self.draft().names(), &record).is_some_and(|by| *by > *rule.name);
        if gives_way {
            end(self.decider, number, &record)?;
            self.done.ended += 1;
        }
        Ok(gives_way)
    }
    fn make(&mut self, rule: &Resolved, new: Vec<Identity>) -> Result<()> {
        let Some(last) = new.len().checked_sub(1) else { return Ok(()) };
        let first = self.draft().next_relationship()?.0;
        if u64::from(first) + last as u64 >= u64::from(u32::MAX) {
            let message = format!("a graph holds at most {} relationships", u32::MAX);
            return Err(Error::limit("graph.relationships", message));
        }
        self.done.made += new.len() as u64;
        let numbered = || (first..).map(RelationshipNumber).zip(&new);
        let filed = numbered().map(|(n, identity)| (made_hash(&rule.name, rule.referrer_of(identity)), n.0));
        let filed: Vec<(u32, u32)> = filed.collect();
        let facts = numbered().map(|(relationship, identity)| {
            Fact::Related(NewRelationship::new(relationship, identity, rule.attributes.clone(), rule.origin))
        });
        let facts: Vec<Fact> = facts.collect();
        self.decider.accept_new(facts)?;
        self.draft().matching().file_made(&filed);
        Ok(())
    }
}

/// What the rule has made at an item.
fn made_at(
    draft: &Draft,
    rule: &Resolved,
    referrer: ItemNumber,
) -> Result<Vec<(RelationshipNumber, Identity)>> {
    let mut out = Vec::new();
    for number in draft.matching().made_at(&rule.name, referrer) {
        let number = RelationshipNumber(number);
        let Some(record) = draft.relationship(number)? else { continue };
        if mark::made_by(draft.names(), &record) == Some(&rule.name)
            && rule.referrer_of(&record.identity) == referrer
        {
            out.push((number, record.identity));
        }
    }
    Ok(out)
}

/// Items found by value, looked up once for each rule and value; items do not change while rules are settled.
#[derive(Default)]
struct Found(FxHashMap<SmolStr, Vec<ItemNumber>>);

/// Relationships by the number of the item that was found.
type Wanted = BTreeMap<u32, Identity>;

impl Found {
    /// The relationships that the rule wants at an item.
    fn by(&mut self, draft: &Draft, rule: &Resolved, referrer: ItemNumber) -> Result<Wanted> {
        let mut wanted = Wanted::new();
        let Some(item) = draft.item(referrer)? else { return Ok(wanted) };
        for value in rule.referrer.values(draft.schema(), &item, rule.ignore_case) {
            if !self.0.contains_key(&value) {
                let items = look_up(draft, rule, &value)?;
                self.0.insert(value.clone(), items);
            }
            for found in self.0.get(&value).into_iter().flatten().filter(|found| **found != referrer) {
                wanted.insert(found.0, rule.identity(referrer, *found));
            }
        }
        Ok(wanted)
    }
}

/// Items with the value at the looked-up end; none where there are more than the rule takes.
fn look_up(draft: &Draft, rule: &Resolved, value: &SmolStr) -> Result<Vec<ItemNumber>> {
    let mut out = Vec::new();
    for number in draft.matching().with_value(&rule.named, value).into_iter().map(ItemNumber) {
        let Some(item) = draft.item(number)? else { continue };
        if rule.named.values(draft.schema(), &item, rule.ignore_case).contains(value) {
            if out.len() >= rule.matches_max {
                return Ok(Vec::new());
            }
            out.push(number);
        }
    }
    Ok(out)
}
