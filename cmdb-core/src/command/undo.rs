//! Taking an import back: a new entry after which the content is what it was before the import.
//!
//! Every record that the import touched is compared three ways: as it was before, as the import left it, as it is
//! now. What the import changed and nobody has changed since becomes again what it was. What somebody has changed
//! since *stands on* the import: the undo is refused and lists it, or keeps it and takes back the rest. Things stand
//! on a new item, too, if they are relationships that the import did not make.

mod definitions;
mod merge;

use super::Answer;
use super::decider::Decider;
use super::reference::label;
use super::rule::mark;
use crate::error::{Error, Kind, Result};
use crate::fact::{Alias, Fact, ImportTrail, Setting, Sightings};
use crate::graph::{Draft, Records, Snapshot};
use crate::model::{Item, ItemNumber, Position, Relationship, RelationshipNumber, SmolStr};
use crate::schema::{SchemaEdit, symbols};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Older records at most that one undo holds in memory.
pub const RECORDS_MAX: usize = 10_000_000;
/// What stands on an import, as far as it is listed; the count is whole.
pub const LISTED_MAX: usize = 1_000;

/// What the log knows about an import: gathered outside of the decision, since entries never change.
#[derive(Debug, Default)]
pub struct Trace {
    pub trail: ImportTrail,
    pub items: Touched,
    pub relationships: Touched,
    /// Definitions as they were, encoded, where the import changed them, and its edits of them.
    pub schema: Option<Vec<u8>>,
    pub edits: Vec<SchemaEdit>,
    /// What its source had seen before it noted its own.
    pub seen: Vec<Sightings>,
}

/// One kind of records: what the import made, and what it found.
#[derive(Debug, Default)]
pub struct Touched {
    /// Numbers of the records that it made.
    pub made: Vec<Range<u32>>,
    /// Records that were there, as they were before it; by number.
    pub before: FxHashMap<u32, Vec<u8>>,
    /// As it left them, for those that somebody wrote later.
    pub after: FxHashMap<u32, Vec<u8>>,
    /// Written by somebody else between its entries.
    pub between: FxHashSet<u32>,
}

impl Touched {
    /// Whether the import made the record; ranges ascend.
    pub fn has_made(&self, number: u32) -> bool {
        let at = self.made.partition_point(|range| range.end <= number);
        self.made.get(at).is_some_and(|range| range.contains(&number))
    }
    fn made(&self) -> impl Iterator<Item = u32> + '_ {
        self.made.iter().cloned().flatten()
    }
    fn found(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.before.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }
}

/// How many records of one kind became what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    pub removed: u64,
    pub restored: u64,
    /// Left as they are because something stands on them.
    pub kept: u64,
}

/// Something that stands on the import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub item: Option<ItemNumber>,
    /// What it is, as users name it.
    pub what: String,
    pub reason: String,
}

/// What an undo did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoReport {
    pub items: Undone,
    pub relationships: Undone,
    /// The first [`LISTED_MAX`].
    pub standing: Vec<Standing>,
    pub standing_count: u64,
    /// Definitions that came with the import: those taken back, and those still used.
    pub definitions_removed: Vec<String>,
    pub definitions_kept: Vec<String>,
}

impl UndoReport {
    fn stands(&mut self, item: Option<ItemNumber>, what: String, reason: String) {
        self.standing_count += 1;
        if self.standing.len() < LISTED_MAX {
            self.standing.push(Standing { item, what, reason });
        }
    }
}

/// Takes an import back.
#[derive(Clone, Debug)]
pub struct UndoImport {
    pub trace: Arc<Trace>,
    /// Keeps what stands on it instead of refusing.
    pub keep_later: bool,
    /// Filled in by the decision.
    pub report: Arc<Mutex<UndoReport>>,
}

/// A trace that does not know of the newest edits; whoever gathered it gathers it again.
pub(crate) const TRACE_STALE: &str = "import.trace-stale";

impl UndoImport {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let id = self.trace.trail.id.clone();
        let trail = decider.draft().settings().trails.get(&id).cloned().unwrap_or_default();
        refuse_undone(&trail)?;
        if trail.entries != self.trace.trail.entries {
            return Err(trace_stale());
        }
        let mut undoing = Undoing { trace: &self.trace, decider, report: UndoReport::default() };
        undoing.take_back()?;
        let report = undoing.report;
        let refused = (!self.keep_later && report.standing_count > 0).then(|| stands_on(&id, &report));
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = report;
        if let Some(refused) = refused {
            return Err(refused);
        }
        let undone = Some(decider.draft().moment().position);
        forget_seen(decider, &self.trace)?;
        decider.accept(Fact::Set(Setting::Trail(ImportTrail { undone, ..trail })))?;
        let mut aliases = decider.draft().settings().aliases.values();
        if let Some(alias) = aliases.find(|alias| alias.merge == id).cloned() {
            decider.accept(Fact::Set(Setting::Alias(Alias { is_over: true, ..alias })))?;
        }
        Ok(Answer::Name(id))
    }
}

/// What the import named was last named by whichever run named it before.
fn forget_seen(decider: &mut Decider<'_>, trace: &Trace) -> Result<()> {
    for observed in [false, true] {
        let sightings = &decider.draft().settings().sightings;
        let Some(now) = sightings.get(&(trace.trail.source.clone(), observed)) else { continue };
        let mut seen = Sightings::clone(now);
        let before = trace.seen.iter().find(|before| before.observed == observed);
        if seen.forget(&trace.trail.id, before) {
            decider.accept(Fact::Set(Setting::Sightings(seen)))?;
        }
    }
    Ok(())
}

/// Refuses what was undone before.
pub fn refuse_undone(trail: &ImportTrail) -> Result<()> {
    let Some(position) = trail.undone else { return Ok(()) };
    Err(Error::refused("import.undone", format!("the import was taken back before, by entry {position}"))
        .hint("import its files again to have it back"))
}

fn trace_stale() -> Error {
    Error::new(Kind::Stale, TRACE_STALE, "the inventory changed while the undo was being prepared")
        .hint("try again")
}

/// Standing things that a refusal spells out.
const REFUSED_LISTED_MAX: usize = 100;

fn stands_on(id: &str, report: &UndoReport) -> Error {
    let count = report.standing_count;
    let (things, stand) = if count == 1 { ("thing", "stands") } else { ("things", "stand") };
    let message = format!("{count} {things} {stand} on import {id}; nothing was taken back");
    let error = Error::refused("import.stands-on", message)
        .hint("--keep-later keeps these and takes back the rest; `cmdb history REF` shows who edited what");
    let listed = report.standing.iter().take(REFUSED_LISTED_MAX);
    listed.fold(error, |error, s| error.detail("", format!("{}: {}", s.what, s.reason)))
}

struct Undoing<'a, 'd> {
    trace: &'a Trace,
    decider: &'a mut Decider<'d>,
    report: UndoReport,
}

impl Undoing<'_, '_> {
    fn take_back(&mut self) -> Result<()> {
        // Relationships first: an item that one of them is kept at is kept, too.
        let pending = Pending::of(self.decider.draft())?;
        for number in self.trace.relationships.made() {
            self.made_relationship(RelationshipNumber(number))?;
        }
        for number in self.trace.items.made() {
            self.made_item(ItemNumber(number), &pending)?;
        }
        let mut restored = Vec::new();
        for number in self.trace.items.found() {
            restored.extend(self.found_item(ItemNumber(number))?);
        }
        self.put_back_taken(restored)?;
        for number in self.trace.relationships.found() {
            self.found_relationship(RelationshipNumber(number))?;
        }
        definitions::take_back(self.trace, self.decider, &mut self.report)
    }

    fn made_relationship(&mut self, number: RelationshipNumber) -> Result<()> {
        let Some(now) = self.decider.draft().relationship(number)? else { return Ok(()) };
        let left = self.as_left(&self.trace.relationships, number.0, now.updated)?;
        let left = left.map(Relationship::decode).transpose()?;
        let later = left.map(|left| merge::fields(self.decider.draft(), &left.attributes, &now.attributes));
        let between = self.trace.relationships.between.contains(&number.0);
        if between || later.as_ref().is_some_and(|fields| !fields.is_empty()) {
            self.report.relationships.kept += 1;
            let what = relationship_label(self.decider.draft(), &now);
            let reason = edited_reason(now.updated, &later.unwrap_or_default());
            self.report.stands(Some(now.identity.source), what, reason);
            return Ok(());
        }
        self.report.relationships.removed += 1;
        self.decider.accept(Fact::Unrelated { relationship: number })
    }

    fn made_item(&mut self, number: ItemNumber, pending: &Pending) -> Result<()> {
        let draft = self.decider.draft();
        let Some(bytes) = draft.item_bytes(number.0).filter(|b| !Item::is_removed(b)) else { return Ok(()) };
        let now = Item::decode(bytes)?;
        let left = self.as_left(&self.trace.items, number.0, now.updated)?.map(Item::decode).transpose()?;
        let later = left.map(|left| merge::changed(draft, &left, &now)).unwrap_or_default();
        let related = self.related_later(number, pending)?;
        if later.is_empty() && related.is_empty() && !self.trace.items.between.contains(&number.0) {
            self.report.items.removed += 1;
            for relationship in self.made_by_rules(number, pending)? {
                self.decider.accept(Fact::Unrelated { relationship })?;
            }
            return self.decider.accept(Fact::ItemRemoved { item: number });
        }
        self.report.items.kept += 1;
        let what = label(draft, number);
        if !later.is_empty() || related.is_empty() {
            let reason = edited_reason(now.updated, &later);
            self.report.stands(Some(number), what.clone(), reason);
        }
        for reason in related {
            self.report.stands(Some(number), what.clone(), reason);
        }
        Ok(())
    }

    /// Relationships at an item, as the draft has them.
    fn at(&self, number: ItemNumber, pending: &Pending) -> Vec<RelationshipNumber> {
        let base = self.decider.draft().base();
        let settled = base.relationships_of(number).into_iter().map(|(relationship, _)| relationship);
        settled.chain(pending.at(number)).collect()
    }
    /// Those that rules made: they go with the item.
    fn made_by_rules(&self, number: ItemNumber, pending: &Pending) -> Result<Vec<RelationshipNumber>> {
        let draft = self.decider.draft();
        let mut out = Vec::new();
        for relationship in self.at(number, pending) {
            let record = draft.relationship(relationship)?;
            if record.is_some_and(|record| mark::made_by(draft.names(), &record).is_some()) {
                out.push(relationship);
            }
        }
        out.sort_unstable();
        out.dedup();
        Ok(out)
    }
    /// Relationships at an item that the import made which are still there: others' and those that are kept.
    fn related_later(&self, number: ItemNumber, pending: &Pending) -> Result<Vec<String>> {
        let draft = self.decider.draft();
        let mut reasons = Vec::new();
        for relationship in self.at(number, pending) {
            if let Some(record) = draft.relationship(relationship)?
                && mark::made_by(draft.names(), &record).is_none()
            {
                let (ours, label) =
                    (self.trace.relationships.has_made(relationship.0), relationship_label(draft, &record));
                let told = if ours { "is kept" } else { "was made by somebody else" };
                reasons.push(format!("{label} {told}"));
            }
        }
        reasons.dedup();
        Ok(reasons)
    }

    /// Makes an item what it was, but for what was changed since; what it was restored from.
    fn found_item(&mut self, number: ItemNumber) -> Result<Option<(ItemNumber, Vec<u8>)>> {
        let draft = self.decider.draft();
        let Some(now) = draft.item_or_tombstone(number)? else { return Ok(None) };
        let before = Item::decode(&self.trace.items.before[&number.0])?;
        let left = self.as_left(&self.trace.items, number.0, now.updated)?;
        let left = match left {
            Some(left) => Item::decode(left)?,
            None => now.clone(),
        };
        // Whoever removed it since, or brought it back, has the last word.
        if now.removed != left.removed || (now.removed && before.removed) {
            return Ok(None);
        }
        if self.trace.items.between.contains(&number.0) {
            self.report.items.kept += 1;
            let reason = "it was edited by somebody else while the import ran".to_owned();
            self.report.stands(Some(number), label(draft, number), reason);
            return Ok(None);
        }
        let merged = merge::item(draft, &before, &left, &now);
        if !merged.standing.is_empty() {
            self.report.items.kept += 1;
            let reason = edited_reason(now.updated, &merged.standing);
            self.report.stands(Some(number), label(draft, number), reason);
        }
        if merged.item == now {
            return Ok(None);
        }
        if merged.standing.is_empty() {
            self.report.items.restored += 1;
        }
        let earlier = now.encode();
        self.decider.accept(Fact::ItemRestored { item: number, record: merged.item.encode() })?;
        Ok(Some((number, earlier)))
    }

    /// Items whose old name or unique value somebody else has taken meanwhile stay as they are.
    fn put_back_taken(&mut self, restored: Vec<(ItemNumber, Vec<u8>)>) -> Result<()> {
        for (number, earlier) in restored {
            let Some(taken) =
                merge::taken_since(self.decider.draft(), self.trace, number, &Item::decode(&earlier)?)?
            else {
                continue;
            };
            self.report.items.kept += 1;
            self.report.items.restored = self.report.items.restored.saturating_sub(1);
            let what = label(self.decider.draft(), number);
            self.report.stands(Some(number), what, taken);
            self.decider.accept(Fact::ItemRestored { item: number, record: earlier })?;
        }
        Ok(())
    }

    fn found_relationship(&mut self, number: RelationshipNumber) -> Result<()> {
        let draft = self.decider.draft();
        let Some(now) = draft.relationship_or_tombstone(number)? else { return Ok(()) };
        let before = Relationship::decode(&self.trace.relationships.before[&number.0])?;
        let left = self.as_left(&self.trace.relationships, number.0, now.updated)?;
        let left = match left {
            Some(left) => Relationship::decode(left)?,
            None => now.clone(),
        };
        if now.removed != left.removed || (now.removed && before.removed) {
            return Ok(());
        }
        let identity = &now.identity;
        if now.removed && draft.related(identity)?.is_some() {
            // A rule, or somebody, has made it anew.
            return Ok(());
        }
        let ends_live = draft.exists(identity.source) && draft.exists(identity.target);
        let mut standing = Vec::new();
        if now.removed && !ends_live {
            standing.push("an end of it is gone".into());
        }
        if self.trace.relationships.between.contains(&number.0) {
            standing.push("edited while the import ran".into());
        }
        let merged = merge::relationship(draft, &before, &left, &now);
        if is_of_former_rule(draft, &merged.relationship) {
            // Nobody states it, and nothing makes it any more.
            return if now.removed {
                Ok(())
            } else {
                self.decider.accept(Fact::Unrelated { relationship: number })
            };
        }
        let is_blocked = !standing.is_empty();
        standing.extend(merged.standing);
        if !standing.is_empty() {
            self.report.relationships.kept += 1;
            let what = relationship_label(draft, &now);
            let reason = edited_reason(now.updated, &standing);
            self.report.stands(Some(identity.source), what, reason);
        }
        if is_blocked || merged.relationship == now {
            return Ok(());
        }
        if standing.is_empty() {
            self.report.relationships.restored += 1;
        }
        let record = merged.relationship.encode();
        self.decider.accept(Fact::RelationshipRestored { relationship: number, record })
    }

    /// The record as the import left it, where somebody wrote it later; none where nobody did.
    fn as_left<'t>(&self, records: &'t Touched, number: u32, updated: Position) -> Result<Option<&'t [u8]>> {
        let mine = self.trace.trail.contains(updated) || updated == self.decider.draft().moment().position;
        match (mine, records.after.get(&number)) {
            (true, _) => Ok(None),
            (false, Some(left)) => Ok(Some(left)),
            (false, None) => Err(trace_stale()),
        }
    }
}

/// Relationships that the draft wrote and its base's adjacency does not know, by either end.
struct Pending(FxHashMap<u32, Vec<RelationshipNumber>>);

impl Pending {
    fn of(draft: &Draft) -> Result<Pending> {
        let mut by_end: FxHashMap<u32, Vec<RelationshipNumber>> = FxHashMap::default();
        for number in draft.written_relationships() {
            if let Some(record) = draft.relationship(number)? {
                by_end.entry(record.identity.source.0).or_default().push(number);
                by_end.entry(record.identity.target.0).or_default().push(number);
            }
        }
        Ok(Pending(by_end))
    }
    fn at(&self, number: ItemNumber) -> impl Iterator<Item = RelationshipNumber> + '_ {
        self.0.get(&number.0).into_iter().flatten().copied()
    }
}

/// Whether a rule made it that was taken back since.
fn is_of_former_rule(draft: &Draft, record: &Relationship) -> bool {
    mark::made_by(draft.names(), record).is_some_and(|rule| !draft.settings().rules.contains_key(rule))
}

fn edited_reason(at: Position, fields: &[SmolStr]) -> String {
    match fields {
        [] => format!("edited since, by entry {at}"),
        fields => format!("{} edited since, last by entry {at}", fields.join(", ")),
    }
}

fn relationship_label(draft: &Draft, record: &Relationship) -> String {
    let identity = &record.identity;
    let kind = draft.names().text(identity.kind);
    format!("{} {kind} {}", label(draft, identity.source), label(draft, identity.target))
}

/// Whether an undo may take definitions back: only administrators change the schema.
fn may_define(decider: &Decider<'_>) -> bool {
    super::access::check(&decider.context().principal, super::Right::Administer).is_ok()
}

/// The default identification: class and name together.
fn is_identified_by_name(snapshot: &Snapshot, item: &Item) -> bool {
    let class = item.class().and_then(|c| snapshot.schema().class(c));
    class.is_some_and(|c| {
        c.identification.is_empty() || c.identification.iter().any(|key| key.len() == 1 && key[0] == "name")
    }) && item.class() != Some(symbols::PLACEHOLDER)
}
