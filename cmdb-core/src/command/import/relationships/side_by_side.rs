//! Rows that state relationships nobody knows, or nothing new of one, between items that are known, worked out side by
//! side.
//!
//! Looking an end up by its key is a handful of cache misses and nothing else. A row is worked out against the draft
//! as it was before its batch and is taken that way only if no row before it in the batch states the same type and
//! ends; every other row, and every row with something wrong with it, is taken one by one. The ends of a row do not
//! change while its batch is taken, since rows of relationships create nothing but placeholders for unknown keys.

use super::{Plan, Reading, Stop, Taking, check_ends, check_group, news, read_attributes, related, text};
use crate::command::decider::Decider;
use crate::error::{Error, Result};
use crate::fact::{Fact, Stated};
use crate::graph::{Draft, Records};
use crate::model::intake::{Batch, Cell};
use crate::model::relationship::Identity;
use crate::model::{ItemNumber, RelationshipNumber, Symbol};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::borrow::Cow;

/// Rows worked out together.
const ROWS_TOGETHER: usize = 256;

/// A relationship to be made, or one of which a row says nothing new.
pub(super) struct Made<'p> {
    plan: &'p Plan,
    identity: Identity,
    attributes: Vec<Stated>,
    /// The one that is known, and whether the row states as many attributes as it has.
    known: Option<(RelationshipNumber, bool)>,
}

impl Made<'_> {
    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }
}

/// The ends of a row that its source knows by their keys.
pub(super) type Known = [Option<ItemNumber>; 2];

/// For each row its known ends, and its relationship if nothing is wrong with it and it changes no other.
pub(super) fn made<'p>(
    draft: &Draft,
    reading: &Reading<'p>,
    batch: &Batch,
    empty_clears: bool,
) -> Vec<(Known, Option<Made<'p>>)> {
    let width = batch.table.columns.len().max(1);
    let parts: Vec<Vec<_>> = batch
        .cells
        .par_chunks(width * ROWS_TOGETHER)
        .map(|cells| made_together(draft, reading, &cells.chunks(width).collect::<Vec<_>>(), empty_clears))
        .collect();
    parts.into_iter().flatten().collect()
}

fn made_together<'p>(
    draft: &Draft,
    reading: &Reading<'p>,
    rows: &[&[Cell]],
    empty_clears: bool,
) -> Vec<(Known, Option<Made<'p>>)> {
    let ends = [reading.columns.source, reading.columns.target];
    let keys = rows.iter().flat_map(|cells| ends.map(|column| cells.get(column).and_then(key)));
    let keys: Vec<Option<Cow<'_, str>>> = keys.collect();
    let keys: Vec<Option<&str>> = keys.iter().map(|key| key.as_deref()).collect();
    let known: Vec<Known> =
        draft.keyed_together(reading.origin, &keys).chunks_exact(2).map(|ends| [ends[0], ends[1]]).collect();
    let is_linked = rows.iter().zip(&known).map(|(cells, known)| {
        let ([Some(source), Some(target)], Ok(plan)) = (*known, reading.plan(draft, cells)) else {
            return true;
        };
        !draft.linked(plan.kind.symbol, source, target).is_empty()
    });
    let is_linked: Vec<bool> = is_linked.collect();
    let one = |((cells, known), is_linked): ((&&[Cell], &Known), bool)| {
        let made = make(draft, reading, cells, *known, empty_clears);
        (*known, if is_linked { made.and_then(|made| said(draft, made)) } else { made })
    };
    rows.iter().zip(&known).zip(is_linked).map(one).collect()
}

fn key(cell: &Cell) -> Option<Cow<'_, str>> {
    match cell {
        Cell::Empty => None,
        Cell::Text(key) => Some(Cow::Borrowed(key)),
        Cell::Typed(value) => Some(Cow::Owned(value.to_string())),
    }
}

/// The relationship of a row whose ends no other of its type joins.
fn make<'p>(
    draft: &Draft,
    reading: &Reading<'p>,
    cells: &[Cell],
    known: Known,
    empty_clears: bool,
) -> Option<Made<'p>> {
    let [Some(source), Some(target)] = known else { return None };
    let plan = reading.plan(draft, cells).ok()?;
    if reading.rule(plan, cells).is_some() {
        return None;
    }
    let group = reading.columns.group.and_then(|c| cells.get(c)).and_then(text);
    check_group(&plan.kind, group.as_deref()).ok()?;
    let attributes = read_attributes(reading.table, plan, cells, empty_clears).ok()?;
    check_ends(draft, &plan.kind, source, target).ok()?;
    let identity = Identity { kind: plan.kind.symbol, source, target, group };
    Some(Made { plan, identity, attributes, known: None })
}

/// The same as one that is known, where it says nothing new of it.
fn said<'p>(draft: &Draft, made: Made<'p>) -> Option<Made<'p>> {
    let (number, known) = draft.related(&made.identity).ok()??;
    let as_many = made.attributes.len() == known.attributes.len();
    let is_said = news(draft, &known, made.attributes.clone()).is_empty();
    is_said.then_some(Made { known: Some((number, as_many)), ..made })
}

/// Relationships of the batch that are decided and not yet accepted.
#[derive(Default)]
pub(super) struct Waiting {
    facts: Vec<Fact>,
    /// Type and ends of every row of the batch so far.
    seen: FxHashSet<(Symbol, ItemNumber, ItemNumber)>,
}

impl Waiting {
    /// Whether no row of the batch stated these ends before.
    pub(super) fn is_new(&self, made: &Made<'_>) -> bool {
        let identity = &made.identity;
        !self.seen.contains(&(identity.kind, identity.source, identity.target))
    }
    /// Notes a row that was taken by itself.
    pub(super) fn taken(&mut self, identity: &Identity) {
        self.seen.insert((identity.kind, identity.source, identity.target));
    }
    pub(super) fn push(
        &mut self,
        taking: &mut Taking<'_, '_, '_>,
        row: u64,
        made: Made<'_>,
    ) -> std::result::Result<(), Stop> {
        let Made { plan, identity, attributes, known } = made;
        if let Some((number, as_many)) = known {
            taking.note_ends(&identity);
            taking.check_needs(row, plan, &identity, &attributes)?;
            self.taken(&identity);
            taking.take_unchanged(number, as_many)?;
            taking.note_group(row, plan, &identity, number);
            return Ok(());
        }
        taking.check_needs(row, plan, &identity, &attributes)?;
        let next = taking.decider.draft().next_relationship()?;
        let number = next.0.checked_add(self.facts.len() as u32).filter(|n| *n < u32::MAX);
        let number = number.map(RelationshipNumber).ok_or_else(full)?;
        self.taken(&identity);
        self.facts.push(related(number, &identity, attributes, taking.reading.origin));
        taking.import.relationships_seen.mark(number.0);
        taking.note_ends(&identity);
        taking.import.notes.relationship(number, &taking.reading.table.file, row);
        taking.import.report.relationships.created += 1;
        taking.note_group(row, plan, &identity, number);
        Ok(())
    }
    pub(super) fn accept(&mut self, decider: &mut Decider<'_>) -> Result<()> {
        match self.facts.is_empty() {
            true => Ok(()),
            false => decider.accept_new(std::mem::take(&mut self.facts)),
        }
    }
}

fn full() -> Error {
    Error::limit("graph.relationships", format!("a graph holds at most {} relationships", u32::MAX))
}
