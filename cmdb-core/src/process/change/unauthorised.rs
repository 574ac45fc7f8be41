//! Edits of controlled items that no change covers. The log is read backwards; an edit is covered if a change that was
//! being carried out here at that time touches the item. What is controlled is the policy's.

use super::policy::Policy;
use super::record::ChangeRecord;
use crate::command::rule::mark;
use crate::error::Result;
use crate::graph::{Records, Snapshot, Undo};
use crate::model::{Item, ItemNumber, Position, Relationship, RelationshipNumber, SmolStr, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};

/// Entries of the log looked at for one answer.
pub const ENTRIES_MAX: u64 = 20_000;
/// Findings listed in one answer; the count is whole.
pub const FINDINGS_MAX: usize = 10_000;

/// One entry of the log with what it takes to walk it back.
#[derive(Debug)]
pub struct Logged {
    pub position: Position,
    pub time_ms: i64,
    pub actor: SmolStr,
    pub message: SmolStr,
    pub undo: Undo,
}

/// An edit that no change covers.
#[derive(Clone, Debug, PartialEq)]
pub struct Unauthorised {
    pub position: Position,
    pub time_ms: i64,
    pub actor: SmolStr,
    pub message: SmolStr,
    pub item: ItemNumber,
    /// What was edited: attributes, `name`, `status`, `class`, or types of relationships.
    pub fields: Vec<SmolStr>,
}

/// Finds unauthorised edits among entries, newest first, that end at the state of `snapshot`.
///
/// # Errors
/// What reading the log gives.
pub fn find(
    snapshot: &Snapshot,
    records: &[ChangeRecord],
    policy: &Policy,
    entries: impl Iterator<Item = Result<Logged>>,
) -> Result<Vec<Unauthorised>> {
    let mut search = Search::of(snapshot, records, policy);
    let mut out = Vec::new();
    for entry in entries {
        search.entry(&entry?, &mut out)?;
    }
    Ok(out)
}

struct Search<'a> {
    snapshot: &'a Snapshot,
    records: &'a [ChangeRecord],
    policy: &'a Policy,
    classes: FxHashSet<Symbol>,
    /// Records as they were before the entries looked at so far.
    earlier: FxHashMap<u32, Item>,
    earlier_relationships: FxHashMap<u32, Relationship>,
}

impl<'a> Search<'a> {
    fn of(snapshot: &'a Snapshot, records: &'a [ChangeRecord], policy: &'a Policy) -> Search<'a> {
        let named = |name: &SmolStr| snapshot.names().get(name);
        let roots: Vec<Symbol> = policy.controlled.classes.iter().filter_map(named).collect();
        let schema = snapshot.schema();
        let controlled = |c: &Symbol| roots.iter().any(|root| schema.is_a(*c, *root));
        let classes = schema.classes().map(|c| c.symbol).filter(controlled).collect();
        let (earlier, earlier_relationships) = Default::default();
        Search { snapshot, records, policy, classes, earlier, earlier_relationships }
    }
    fn entry(&mut self, entry: &Logged, out: &mut Vec<Unauthorised>) -> Result<()> {
        let mut edited: FxHashMap<ItemNumber, Vec<SmolStr>> = FxHashMap::default();
        for (number, bytes) in &entry.undo.item_records {
            let before = Item::decode(bytes)?;
            let after = match self.earlier.remove(number) {
                Some(item) => Some(item),
                None => self.snapshot.item_or_tombstone(ItemNumber(*number))?,
            };
            if let Some(after) = after.filter(|_| self.is_controlled(&before)) {
                let fields = self.differences(&before, &after);
                if !fields.is_empty() {
                    edited.entry(ItemNumber(*number)).or_default().extend(fields);
                }
            }
            self.earlier.insert(*number, before);
        }
        for (number, bytes) in &entry.undo.relationship_records {
            let before = Relationship::decode(bytes)?;
            self.related(entry, &before, &mut edited)?;
            self.earlier_relationships.insert(*number, before);
        }
        let mut made = entry.undo.relationships;
        while let Some(record) = self.as_left(made)? {
            if record.created != entry.position {
                break;
            }
            self.related(entry, &record, &mut edited)?;
            made += 1;
        }
        let mut edited: Vec<_> = edited.into_iter().collect();
        edited.sort();
        for (item, mut fields) in edited {
            if self.covered(item, entry.time_ms) {
                continue;
            }
            fields.sort();
            fields.dedup();
            let (actor, message) = (entry.actor.clone(), entry.message.clone());
            out.push(Unauthorised {
                position: entry.position,
                time_ms: entry.time_ms,
                actor,
                message,
                item,
                fields,
            });
        }
        Ok(())
    }
    /// A relationship as the entry looked at left it: what ended later has lost what it said of itself.
    fn as_left(&mut self, number: u32) -> Result<Option<Relationship>> {
        match self.earlier_relationships.remove(&number) {
            Some(record) => Ok(Some(record)),
            None => self.snapshot.relationship_or_tombstone(RelationshipNumber(number)),
        }
    }
    /// A relationship that carries impact edits its dependent, unless that came with the same import.
    fn related(
        &self,
        entry: &Logged,
        record: &Relationship,
        edited: &mut FxHashMap<ItemNumber, Vec<SmolStr>>,
    ) -> Result<()> {
        let Some(kind) = self.snapshot.schema().relationship_type(record.identity.kind) else {
            return Ok(());
        };
        // What a rule makes follows from an edit that is counted itself.
        if !kind.carries_impact() || mark::made_by(self.snapshot.names(), record).is_some() {
            return Ok(());
        }
        let (source, target) = (record.identity.source, record.identity.target);
        let dependent = if kind.source_suffers() { source } else { target };
        let item = match self.earlier.get(&dependent.0) {
            Some(item) => Some(item.clone()),
            None => self.snapshot.item_or_tombstone(dependent)?,
        };
        let trails = self.snapshot.settings().trails.values();
        let run = trails.filter(|t| t.contains(entry.position)).find_map(|t| t.entries.first());
        let since = run.map_or(entry.position, |(first, _)| *first);
        if item.is_some_and(|item| item.created < since && self.is_controlled(&item)) {
            edited.entry(dependent).or_default().push(kind.definition.name.clone());
        }
        Ok(())
    }
    fn is_controlled(&self, item: &Item) -> bool {
        let status = item.status.map_or("", |s| self.snapshot.names().text(s));
        !item.removed
            && item.class().is_some_and(|c| self.classes.contains(&c))
            && self.policy.controlled.statuses.iter().any(|s| s == status)
    }
    fn differences(&self, before: &Item, after: &Item) -> Vec<SmolStr> {
        let names = self.snapshot.names();
        let mut out: Vec<SmolStr> = Vec::new();
        let whole = [
            ("name", before.name != after.name),
            ("class", before.labels != after.labels),
            ("status", before.status != after.status),
            ("removed", before.removed != after.removed),
        ];
        out.extend(
            whole.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| SmolStr::new_static(name)),
        );
        let keys = before.attributes.iter().chain(&after.attributes).map(|a| a.key);
        let differs = |key: &Symbol| !after.removed && before.attribute(*key) != after.attribute(*key);
        let differing = keys.filter(differs).map(|key| SmolStr::new(names.text(key)));
        out.extend(differing.filter(|name| !self.policy.controlled.uncontrolled_attributes.contains(name)));
        out
    }
    /// Until when a change covers edits: the end of its time with that for backing out, whatever it goes on to do;
    /// without a window, as long as its review may take.
    fn last_ms(&self, change: &ChangeRecord) -> i64 {
        let days = i64::from(self.policy.approval.review_days);
        let unplanned = || change.actual_start_ms.unwrap_or(0).saturating_add(days * 86_400_000);
        change.padded().map_or_else(unplanned, |(_, end)| end)
    }
    fn covered(&self, item: ItemNumber, at_ms: i64) -> bool {
        self.records.iter().any(|change| {
            // What came over and done with from another tool says what it likes of its times.
            let known = !change.journal.is_empty();
            let begun = known && change.actual_start_ms.is_some_and(|start| start <= at_ms);
            let lasted = change.actual_end_ms.is_none_or(|end| at_ms <= end) && at_ms <= self.last_ms(change);
            let affects = change.affected.iter().any(|a| a.item == item);
            begun && lasted && (affects || touches(self.snapshot, change, item))
        })
    }
}

/// Whether a planned edit names the item.
fn touches(snapshot: &Snapshot, change: &ChangeRecord, item: ItemNumber) -> bool {
    use crate::process::fields::get_text;
    let names = |edit: &crate::model::Value, key: &str| {
        let reference = get_text(edit, key);
        !reference.is_empty() && crate::command::resolve(snapshot, reference).is_ok_and(|n| n == item)
    };
    change.proposal.iter().any(|edit| ["item", "source", "target"].iter().any(|key| names(edit, key)))
}
