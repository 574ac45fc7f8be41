//! Moving a change on: what each move writes, and the journal in which it is noted.

use super::create::by_id;
use super::record::ChangeRecord;
use super::status::{Status, Verb};
use crate::command::attributes::{Input, Inputs};
use crate::command::item::EditItem;
use crate::command::program::Program;
use crate::command::{Answer, Decider, Reference, Right, access, resolve};
use crate::error::{Error, Result};
use crate::model::{SmolStr, Value};
use crate::process::fields::{list, map, text, time};

/// Entries of a journal; the oldest go first.
const JOURNAL_MAX: usize = 500;
/// The longest note with a move, in bytes.
pub const NOTE_BYTES_MAX: usize = 4096;

/// A note for the journal.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub verb: &'static str,
    pub reason: String,
}

/// Writes what the process owns: a status, attributes, or both.
pub(super) fn write(
    decider: &mut Decider<'_>,
    record: &ChangeRecord,
    status: Option<Status>,
    attributes: Inputs,
) -> Result<()> {
    let edit = EditItem {
        item: by_id(decider.draft(), record.item),
        if_version: None,
        name: None,
        class: None,
        status: status.map(|s| s.word().into()),
        attributes,
    };
    decider.in_process(|decider| edit.decide(decider)).map(drop)
}

/// Moves a change to a status and notes it.
pub(super) fn to(
    decider: &mut Decider<'_>,
    record: &ChangeRecord,
    status: Status,
    entry: Entry,
    mut attributes: Inputs,
) -> Result<()> {
    attributes.push(("journal".into(), journal(decider, record, status, &entry, None)));
    write(decider, record, Some(status), attributes)
}

/// Voids what was decided: the change is a draft again, the votes are kept in the journal.
pub(super) fn void(
    decider: &mut Decider<'_>,
    record: &ChangeRecord,
    entry: Entry,
    mut attributes: Inputs,
) -> Result<()> {
    let votes = list(record.approvals.iter().cloned()).filter(|_| !record.approvals.is_empty());
    attributes.push(("journal".into(), journal(decider, record, Status::Draft, &entry, votes)));
    attributes.push(("approvals".into(), Input::Clear));
    attributes.push(("drift".into(), Input::Clear));
    write(decider, record, Some(Status::Draft), attributes)
}

fn journal(
    decider: &Decider<'_>,
    record: &ChangeRecord,
    status: Status,
    entry: &Entry,
    voided: Option<Value>,
) -> Input {
    let note = map([
        ("at", Some(time(decider.draft().moment().time_ms))),
        ("by", text(&decider.context().principal.name)),
        ("verb", text(entry.verb)),
        ("from", text(record.status.word())),
        ("to", text(status.word())),
        ("reason", text(&entry.reason).filter(|_| !entry.reason.is_empty())),
        ("voided", voided),
    ]);
    let skipped = record.journal.len().saturating_sub(JOURNAL_MAX - 1);
    let entries = record.journal.iter().skip(skipped).cloned().chain([note]);
    Input::Typed(Value::List(entries.collect()))
}

/// The change a move is about, if it may be made now.
pub(super) fn begin(
    decider: &Decider<'_>,
    change: &Reference,
    verb: Verb,
    right: Right,
) -> Result<ChangeRecord> {
    access::check(&decider.context().principal, right)?;
    let number = resolve(decider.draft(), &change.0)?;
    let record = ChangeRecord::read(decider.draft(), number)?;
    verb.check(&record.number, record.status, record.is_emergency())?;
    Ok(record)
}

pub(super) fn check_note(note: &str) -> Result<()> {
    if note.len() > NOTE_BYTES_MAX {
        return Err(Error::limit("change.note", format!("a note has at most {NOTE_BYTES_MAX} bytes")));
    }
    Ok(())
}

/// Ends a change before it was begun.
#[derive(Clone, Debug)]
pub struct CancelChange {
    pub change: Reference,
    pub note: SmolStr,
}

impl Program for CancelChange {
    fn name(&self) -> &'static str {
        "cancel change"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        check_note(&self.note)?;
        let record = begin(decider, &self.change, Verb::Cancel, Right::Edit)?;
        let entry = Entry { verb: Verb::Cancel.word(), reason: self.note.to_string() };
        to(decider, &record, Status::Cancelled, entry, Inputs::new())?;
        Ok(Answer::Item(record.item))
    }
}
