//! Many new records at once: what their facts do is worked out side by side and taken over in order.

use super::super::overlay::Run;
use super::{Draft, NO_CLASS, item_hash, living_relationship_hash, texts};
use crate::error::{Error, Kind, Result};
use crate::fact::{Fact, Write, apply};
use crate::graph::adjacency::ITEMS_MAX;
use crate::graph::ends::fingerprint;
use crate::model::{Item, ItemNumber, Relationship};

/// What some facts about new records do, worked out and not yet done.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    first_item: u32,
    items: Run,
    /// By item: class, and whether it is live.
    columns: Vec<(u32, bool)>,
    /// (text, item number).
    texts: Vec<(u32, u32)>,
    first_relationship: u32,
    relationships: Run,
    /// (fingerprint of type and ends, number).
    linked: Vec<(u32, u32)>,
    /// Of those with a group: number, and both ends.
    grouped: Vec<(u32, [u32; 2])>,
    hash: u128,
}

impl Draft {
    /// Works out what facts that create items or relationships do. Their numbers follow on one another.
    pub(crate) fn stage(&self, facts: Vec<Fact>) -> Result<Staged> {
        let mut staged = Staged::default();
        for fact in facts {
            let mut wrong = false;
            apply(self, self.at, fact, |write| match write {
                Write::Item(number, item) => staged.item(self, number, &item),
                Write::Relationship(number, record) => staged.relationship(number.0, record),
                _ => wrong = true,
            })?;
            if wrong {
                return Err(misplaced());
            }
        }
        Ok(staged)
    }
    /// Does what was worked out, in this order.
    pub(crate) fn take(&mut self, parts: Vec<Staged>) -> Result<()> {
        let mut linked = Vec::with_capacity(parts.iter().map(|part| part.linked.len()).sum());
        for mut part in parts {
            linked.append(&mut part.linked);
            self.take_part(part)?;
        }
        self.linked.extend(&linked);
        Ok(())
    }
    fn take_part(&mut self, staged: Staged) -> Result<()> {
        let (items, relationships) = (staged.items.len() as u32, staged.relationships.len() as u32);
        let counts = &mut self.snap.counts;
        let follows = |first: u32, many: u32, next: u32| many == 0 || first == next;
        if !follows(staged.first_item, items, counts.item_numbers)
            || !follows(staged.first_relationship, relationships, counts.relationship_numbers)
        {
            return Err(misplaced());
        }
        let too_many = |what: &str| Error::limit("graph.full", format!("a graph cannot hold more {what}"));
        if u64::from(counts.item_numbers) + u64::from(items) > u64::from(ITEMS_MAX) {
            return Err(too_many("items"));
        }
        counts.item_numbers += items;
        counts.relationship_numbers = counts
            .relationship_numbers
            .checked_add(relationships)
            .ok_or_else(|| too_many("relationships"))?;
        counts.items += items;
        counts.relationships += relationships;
        self.snap.state_hash = self.snap.state_hash.wrapping_add(staged.hash);
        self.items.append(&staged.items);
        self.relationships.append(&staged.relationships);
        for (number, (class, live)) in (staged.first_item..).zip(staged.columns) {
            self.set_columns(ItemNumber(number), class, live, false);
        }
        self.own.reserve(staged.texts.len());
        for (hash, number) in staged.texts {
            self.own.entry(hash).or_default().push(number);
        }
        for (number, ends) in staged.grouped {
            ends.into_iter().for_each(|end| self.grouped.entry(end).or_default().push(number));
        }
        Ok(())
    }
    /// Whether something was filed under this hash since the draft began.
    pub(crate) fn filed(&self, hash: u32) -> bool {
        self.own.contains_key(&hash)
    }
}

impl Staged {
    fn item(&mut self, draft: &Draft, number: ItemNumber, item: &Item) {
        if self.items.len() == 0 {
            self.first_item = number.0;
        }
        let live = draft.snap.schema.is_live_in(item.class(), item.status, &draft.snap.names);
        self.columns.push((item.class().map_or(NO_CLASS, |c| c.0), live));
        let found_by = texts(item, &draft.snap.schema, None);
        self.texts.extend(found_by.into_iter().map(|hash| (hash, number.0)));
        let bytes = item.encode();
        self.hash = self.hash.wrapping_add(item_hash(number.0, &bytes));
        self.items.push(&bytes);
    }
    fn relationship(&mut self, number: u32, record: Relationship) {
        if self.relationships.len() == 0 {
            self.first_relationship = number;
        }
        let bytes = record.encode();
        self.hash = self.hash.wrapping_add(living_relationship_hash(number, &bytes));
        self.relationships.push(&bytes);
        let identity = &record.identity;
        self.linked.push((fingerprint(identity.kind, identity.source, identity.target), number));
        if identity.group.is_some() {
            self.grouped.push((number, [identity.source.0, identity.target.0]));
        }
    }
}

fn misplaced() -> Error {
    Error::new(Kind::Internal, "graph.staged", "staged facts do not follow on what the draft holds")
}
