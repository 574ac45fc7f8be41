//! Gathering what the log knows about an import, and taking the import back with it.

use super::seen::standing;
use super::{Cmdb, Receipt};
use crate::command::undo::{RECORDS_MAX, TRACE_STALE, Touched, Trace, UndoImport, UndoReport, refuse_undone};
use crate::command::{Command, Context};
use crate::error::{Error, Kind, Result};
use crate::fact::{Fact, ImportTrail};
use crate::graph::{Records, Snapshot, Undo};
use crate::model::{Item, Position, Relationship, SmolStr};
use crate::schema::SchemaEdit;
use crate::store::{CommitLog, Store, log};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How often an undo is prepared anew because somebody edited meanwhile.
const ATTEMPTS: usize = 5;

/// How an import is taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UndoOptions {
    /// Keeps what stands on the import instead of refusing.
    pub keep_later: bool,
    /// Says what would happen and keeps nothing.
    pub dry_run: bool,
}

impl Cmdb {
    /// Takes an import back. The receipt is none for a dry run.
    ///
    /// # Errors
    /// `import.unknown`, `import.undone`, and `import.stands-on` with the list of later edits and relationships that
    /// stand on it.
    pub fn undo_import(
        &self,
        context: Context,
        id: &str,
        options: UndoOptions,
    ) -> Result<(Option<Receipt>, UndoReport)> {
        let mut attempt = 1;
        loop {
            let done = self.try_undo(context.clone(), id, options);
            match done {
                Err(e) if e.code() == TRACE_STALE && attempt < ATTEMPTS => attempt += 1,
                done => return done,
            }
        }
    }

    fn try_undo(
        &self,
        context: Context,
        id: &str,
        options: UndoOptions,
    ) -> Result<(Option<Receipt>, UndoReport)> {
        let snapshot = self.snapshot();
        let trail = trail(&snapshot, id)?;
        let trace = Arc::new(gather(&*self.store()?, &snapshot, trail)?);
        let report = Arc::new(Mutex::new(UndoReport::default()));
        let command = UndoImport { trace, keep_later: options.keep_later, report: report.clone() };
        let command = Command::UndoImport(command);
        let receipt = match options.dry_run {
            true => self.dry_run(&context, command).map(|_| None)?,
            false => Some(self.submit(context, command)?),
        };
        let report = report.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok((receipt, report))
    }
}

fn trail(snapshot: &Snapshot, id: &str) -> Result<ImportTrail> {
    let settings = snapshot.settings();
    match settings.trails.get(id) {
        Some(trail) => refuse_undone(trail).map(|()| trail.clone()),
        None if settings.imports.contains_key(id) => {
            let message = format!("import {id} was made before imports left a trail to take them back by");
            Err(Error::refused("import.no-trail", message)
                .hint("`cmdb diff` with the position before it shows what it did"))
        }
        None => {
            let known = settings.trails.keys().map(SmolStr::as_str);
            let near = crate::error::did_you_mean(id, known);
            Err(Error::not_found("import.unknown", format!("there is no import \"{id}\""))
                .hint(near.unwrap_or_else(|| "`cmdb imports` lists them".to_owned())))
        }
    }
}

/// Reads every entry of the import, oldest first.
fn gather(store: &Store, snapshot: &Snapshot, trail: ImportTrail) -> Result<Trace> {
    let mut trace = Trace { trail, ..Trace::default() };
    if let Some((_, last)) = trace.trail.entries.last() {
        for observed in [false, true] {
            let key = (trace.trail.source.clone(), observed);
            trace.seen.extend(standing(store, snapshot.settings(), &key, *last)?);
        }
    }
    let positions: Vec<Position> = trace.trail.positions().collect();
    let mut next: Option<(Position, Undo)> = None;
    for position in positions {
        let undo = match next.take().filter(|(at, _)| *at == position) {
            Some((_, undo)) => undo,
            None => store.undo(position)?,
        };
        // The numbers given out when the entry was made are those the next entry began with.
        let after = Position(position.0 + 1);
        let (items, relationships) = if after > snapshot.position() {
            let counts = snapshot.counts();
            (counts.item_numbers, counts.relationship_numbers)
        } else {
            let following = store.undo(after)?;
            let given = (following.items, following.relationships);
            next = Some((after, following));
            given
        };
        let Undo { items: first_item, relationships: first_relationship, .. } = undo;
        add(&mut trace.items, first_item..items);
        add(&mut trace.relationships, first_relationship..relationships);
        if undo.schema.is_some() {
            trace.edits.extend(schema_edits(store, position)?);
            trace.schema.get_or_insert(undo.schema.unwrap_or_default());
        }
        let written = |bytes: &[u8]| Item::decode(bytes).map(|item| item.updated);
        found(&mut trace.items, &trace.trail, undo.item_records, written)?;
        let written = |bytes: &[u8]| Relationship::decode(bytes).map(|record| record.updated);
        found(&mut trace.relationships, &trace.trail, undo.relationship_records, written)?;
    }
    let written = |bytes: &[u8]| Item::decode(bytes).map(|item| item.updated);
    let now = |number: u32| snapshot.item_bytes(number);
    let earlier = |undo: Undo| undo.item_records;
    as_left(store, &trace.trail, &mut trace.items, &now, &written, &earlier)?;
    let written = |bytes: &[u8]| Relationship::decode(bytes).map(|record| record.updated);
    let now = |number: u32| snapshot.relationship_bytes(number);
    let earlier = |undo: Undo| undo.relationship_records;
    as_left(store, &trace.trail, &mut trace.relationships, &now, &written, &earlier)?;
    Ok(trace)
}

fn add(records: &mut Touched, made: std::ops::Range<u32>) {
    match records.made.last_mut() {
        _ if made.is_empty() => {}
        Some(last) if last.end == made.start => last.end = made.end,
        _ => records.made.push(made),
    }
}

/// Takes over the records that one entry found.
fn found(
    records: &mut Touched,
    trail: &ImportTrail,
    found: Vec<(u32, Vec<u8>)>,
    written: impl Fn(&[u8]) -> Result<Position>,
) -> Result<()> {
    for (number, record) in found {
        let is_ours = records.has_made(number);
        if (is_ours || records.before.contains_key(&number)) && !trail.contains(written(&record)?) {
            records.between.insert(number);
        }
        if is_ours {
            continue;
        }
        records.before.entry(number).or_insert(record);
        if records.before.len() > RECORDS_MAX {
            let message = format!("the import changed more than {RECORDS_MAX} records");
            return Err(Error::limit("import.undo-records", message)
                .hint("restore a backup made before it, or import the earlier files again"));
        }
    }
    Ok(())
}

fn schema_edits(store: &Store, position: Position) -> Result<Vec<SchemaEdit>> {
    let Some(entry) = store.read(Position(position.0 - 1), 1)?.into_iter().next() else {
        return Ok(Vec::new());
    };
    let edit = |fact| match fact {
        Fact::SchemaEdited(edit) => Some(edit),
        _ => None,
    };
    Ok(log::facts(store, &entry)?.into_iter().filter_map(edit).collect())
}

/// For records that somebody wrote after the import: how the import left them, found by walking back from what they
/// are now. Each entry on the way is read once, newest first.
fn as_left<'s>(
    store: &Store,
    trail: &ImportTrail,
    records: &mut Touched,
    now: &dyn Fn(u32) -> Option<&'s [u8]>,
    written: &dyn Fn(&[u8]) -> Result<Position>,
    earlier: &dyn Fn(Undo) -> Vec<(u32, Vec<u8>)>,
) -> Result<()> {
    let touched = records.made.iter().cloned().flatten().chain(records.before.keys().copied());
    let mut waiting: BTreeMap<Position, Vec<u32>> = BTreeMap::new();
    for number in touched {
        let Some(bytes) = now(number) else { continue };
        let position = written(bytes)?;
        if !trail.contains(position) {
            waiting.entry(position).or_default().push(number);
        }
    }
    while let Some((position, numbers)) = waiting.pop_last() {
        let before: FxHashMap<u32, Vec<u8>> = earlier(store.undo(position)?).into_iter().collect();
        for number in numbers {
            let Some(record) = before.get(&number) else {
                let message = format!("entry {position} wrote a record that it does not know from before");
                return Err(
                    Error::new(Kind::Corrupt, "store.undo-chain", message).hint("run `cmdb verify --full`")
                );
            };
            match written(record)? {
                at if trail.contains(at) => drop(records.after.insert(number, record.clone())),
                at => waiting.entry(at).or_default().push(number),
            }
        }
    }
    Ok(())
}
