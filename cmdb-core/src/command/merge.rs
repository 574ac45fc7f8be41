//! Merging two records of one thing, and taking the merge apart again.
//!
//! The loser's relationships, keys and what the winner does not know go to the winner; the loser is removed and its
//! id names the winner from then on. A merge leaves a trail like an import, so un-merging is an undo that keeps what
//! was edited since: each side is again what it was, and edits made after the merge stay with the winner.

use super::Answer;
use super::decider::Decider;
use super::reference::{Reference, label, resolve};
use super::relationship::{unmet, unmet_groups};
use super::rule::mark;
use crate::error::{Error, Result};
use crate::fact::kinds::ItemEdit;
use crate::fact::{Alias, Fact, ImportTrail, NewRelationship, Setting, Stated};
use crate::graph::Records;
use crate::model::relationship::Identity;
use crate::model::{Item, ItemNumber, Relationship, RelationshipNumber, SmolStr, Symbol, Value};
use crate::schema::{Class, read, symbols};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Relationships that one merge moves at most.
pub const MOVED_MAX: usize = 100_000;

/// Says that two items are one: `winner` stays.
#[derive(Clone, Debug)]
pub struct MergeItems {
    pub loser: Reference,
    pub winner: Reference,
    /// Names the merge; what it is taken apart by.
    pub id: SmolStr,
}

impl MergeItems {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let loser = resolve(decider.draft(), &self.loser.0)?;
        let winner = resolve(decider.draft(), &self.winner.0)?;
        if loser == winner {
            let message = format!("\"{}\" and \"{}\" name the same item", self.loser, self.winner);
            return Err(Error::invalid("merge.same-item", message));
        }
        let (lost, kept) = (whole(decider, loser)?, whole(decider, winner)?);
        let class = common_class(decider, [loser, winner], [&lost, &kept])?;
        let moved = decider.draft().relationships_of(loser)?;
        if moved.len() > MOVED_MAX {
            let message =
                format!("a merge moves at most {MOVED_MAX} relationships; this one has {}", moved.len());
            return Err(Error::limit("merge.relationships", message).hint("merge the other way round"));
        }
        let mut dependents = BTreeSet::new();
        for (number, record) in moved {
            move_relationship(decider, [loser, winner], number, &record)?;
            dependents.extend([record.identity.source, record.identity.target]);
        }
        // A unique value can go to the winner only once the loser has it no more.
        decider.accept(Fact::ItemRemoved { item: loser })?;
        hand_over(decider, winner, (&lost, &kept), &class)?;
        refuse_unmet(decider, &dependents, winner)?;
        let moment = decider.draft().moment();
        let mut trail = ImportTrail {
            id: self.id.clone(),
            source: SmolStr::new_static("merge"),
            by: decider.context().principal.name.clone(),
            at_ms: moment.time_ms,
            finished: true,
            ..ImportTrail::default()
        };
        trail.note(moment.position);
        decider.accept(Fact::Set(Setting::Trail(trail)))?;
        let alias = Alias { loser, winner, merge: self.id, is_over: false };
        decider.accept(Fact::Set(Setting::Alias(alias)))?;
        Ok(Answer::Item(winner))
    }
}

fn whole(decider: &Decider<'_>, number: ItemNumber) -> Result<Item> {
    let gone = || Error::not_found("item.unknown", "the item was removed");
    decider.draft().item(number)?.ok_or_else(gone)
}

/// The more specific of two classes of one line; others are not one thing.
fn common_class(decider: &Decider<'_>, numbers: [ItemNumber; 2], items: [&Item; 2]) -> Result<Arc<Class>> {
    let draft = decider.draft();
    let [loser, winner] = items.map(|item| item.class().unwrap_or(symbols::PLACEHOLDER));
    let class = match (loser, winner) {
        (symbols::PLACEHOLDER, class) | (class, symbols::PLACEHOLDER) => class,
        (loser, winner) if draft.schema().is_a(winner, loser) => winner,
        (loser, winner) if draft.schema().is_a(loser, winner) => loser,
        _ => {
            let [loser, winner] = numbers.map(|n| label(draft, n));
            let message = format!("{loser} and {winner} are of unrelated classes");
            return Err(Error::refused("merge.classes", message)
                .hint("change the class of one of them first: `cmdb set REF class=…`"));
        }
    };
    let undefined = || Error::refused("class.undefined", "the items' class is not defined");
    draft.schema().class(class).cloned().ok_or_else(undefined)
}

/// Ends the loser's relationship and states it of the winner, unless that has it already or it joined the two.
fn move_relationship(
    decider: &mut Decider<'_>,
    [loser, winner]: [ItemNumber; 2],
    number: RelationshipNumber,
    record: &Relationship,
) -> Result<()> {
    decider.accept(Fact::Unrelated { relationship: number })?;
    if mark::made_by(decider.draft().names(), record).is_some() {
        // The rule makes it of the winner, if it is to be.
        return Ok(());
    }
    let now = |end: ItemNumber| if end == loser { winner } else { end };
    let identity = &record.identity;
    let identity =
        Identity { source: now(identity.source), target: now(identity.target), ..identity.clone() };
    let origin = record.attributes.first().map_or(symbols::MANUAL, |a| a.source);
    if identity.source == identity.target {
        return Ok(());
    }
    if let Some((known, of_winner)) = decider.draft().related(&identity)? {
        if mark::made_by(decider.draft().names(), &of_winner).is_some() {
            let stated = record.attributes.iter().map(|a| (a.key, Some(a.value.clone()))).collect();
            mark::declare(decider, known, &of_winner, stated, origin)?;
        }
        return Ok(());
    }
    let relationship = decider.draft().next_relationship()?;
    decider.accept(Fact::Related(NewRelationship {
        relationship,
        kind: identity.kind,
        source: identity.source,
        target: identity.target,
        group: identity.group,
        attributes: record.attributes.iter().map(|a| (a.key, a.value.clone())).collect(),
        origin,
    }))
}

/// Gives the winner the loser's keys and whatever it does not know itself, each under the source that said it.
fn hand_over(
    decider: &mut Decider<'_>,
    winner: ItemNumber,
    (lost, kept): (&Item, &Item),
    class: &Class,
) -> Result<()> {
    let mut edits: BTreeMap<Symbol, ItemEdit> = BTreeMap::new();
    let fits = |key: Symbol, value: &Value| {
        class.attributes.get(&key).is_some_and(|d| read::from_value(d, value.clone()).is_ok())
    };
    for attribute in &lost.attributes {
        if kept.attribute(attribute.key).is_none() && fits(attribute.key, &attribute.value) {
            let stated: Stated = (attribute.key, Some(attribute.value.clone()));
            edits.entry(attribute.source).or_default().attributes.push(stated);
        }
    }
    if kept.class() != Some(class.symbol) {
        edits.entry(symbols::MANUAL).or_default().labels = Some([class.symbol].into_iter().collect());
    }
    for (source, edit) in edits {
        decider.accept(Fact::ItemEdited { item: winner, edit, source })?;
    }
    for (source, key) in &lost.keys {
        let edit = ItemEdit { key: Some(key.clone()), ..ItemEdit::default() };
        decider.accept(Fact::ItemEdited { item: winner, edit, source: *source })?;
    }
    Ok(())
}

/// Two members of a group that become one may leave it with too few.
fn refuse_unmet(decider: &Decider<'_>, items: &BTreeSet<ItemNumber>, winner: ItemNumber) -> Result<()> {
    let draft = decider.draft();
    for number in items.iter().chain([&winner]).filter(|n| draft.exists(**n)) {
        if let Some((group, wanted, given)) = unmet_groups(draft, *number)?.into_iter().next() {
            return Err(unmet(draft, *number, &group, wanted, given));
        }
    }
    Ok(())
}
