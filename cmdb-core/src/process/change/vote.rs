//! Approving and rejecting a change.

use super::approval::{self, Ballot, Required};
use super::fresh::{Fresh, check_proposal};
use super::moves::{self, Entry, begin, check_note, to};
use super::policy::OnDrift;
use super::record::ChangeRecord;
use super::status::{Status, Verb};
use super::submit::{cover_proposal, frozen};
use crate::command::attributes::{Input, Inputs};
use crate::command::program::Program;
use crate::command::{Answer, Decider, Reference, Right};
use crate::error::{Error, Kind, Result};
use crate::model::{SmolStr, Value};
use crate::process::queries::Queries;
use std::sync::Arc;

/// Agrees to a change; with the last authority it is approved.
#[derive(Clone, Debug)]
pub struct ApproveChange {
    pub change: Reference,
    /// Only if the record is still the version that was read.
    pub if_version: Option<u32>,
    pub note: SmolStr,
    pub queries: Arc<dyn Queries>,
}

impl Program for ApproveChange {
    fn name(&self) -> &'static str {
        "approve change"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        check_note(&self.note)?;
        let mut record = begin(decider, &self.change, Verb::Approve, Right::Approve)?;
        check_read(&record, self.if_version)?;
        let fresh = Fresh::of(decider)?;
        let mut attributes = Inputs::new();
        if record.status == Status::AwaitingApproval {
            check_drift(&fresh, &record, &*self.queries)?;
        } else {
            // An emergency is decided on as it stands.
            record = cover_proposal(decider, record, &*self.queries)?;
            let fresh = Fresh::of(decider)?;
            let assessed = fresh.assess(&record, &*self.queries)?;
            check_proposal(&record, &assessed.value)?;
            attributes = frozen(&assessed.value);
            record.assessment = Some(assessed.value);
        }
        let by = decider.context().principal.clone();
        let draft = decider.draft();
        let ballot = Ballot {
            by: &by,
            now_ms: fresh.now_ms,
            verdict: "approved",
            note: &self.note,
            queries: &*self.queries,
        };
        let vote = approval::vote(draft, &record, &fresh.policy, ballot)?;
        record.approvals.push(vote);
        attributes.push(("approvals".into(), Input::Typed(Value::List(record.approvals.clone()))));
        let missing = fresh.missing(&record)?;
        let emergency_begins = record.status != Status::AwaitingApproval;
        match missing.as_slice() {
            [] => {
                let entry = Entry { verb: Verb::Approve.word(), reason: self.note.to_string() };
                to(decider, &record, Status::Approved, entry, attributes)?;
            }
            missing if emergency_begins => {
                let entry = Entry { verb: Verb::Approve.word(), reason: still(missing) };
                to(decider, &record, Status::AwaitingApproval, entry, attributes)?;
            }
            _ => moves::write(decider, &record, None, attributes)?,
        }
        Ok(Answer::Item(record.item))
    }
}

/// Refuses a vote on another version than was read.
fn check_read(record: &ChangeRecord, expected: Option<u32>) -> Result<()> {
    match expected.filter(|expected| *expected != record.version) {
        None => Ok(()),
        Some(expected) => {
            let (number, version) = (&record.number, record.version);
            let message = format!(
                "{number} is at version {version}, and version {expected} was read; nothing was decided"
            );
            Err(Error::new(Kind::Stale, "change.version", message)
                .hint(format!("`cmdb change show {number}`, then decide on what it says")))
        }
    }
}

fn still(missing: &[Required]) -> String {
    let names: Vec<&str> = missing.iter().map(|r| r.authority.as_str()).collect();
    format!("still to agree: {}", names.join(", "))
}

/// Refuses to decide on an impact that is no longer what would happen.
pub(super) fn check_drift(fresh: &Fresh, record: &ChangeRecord, queries: &dyn Queries) -> Result<()> {
    let drift = fresh.drift(record, queries)?;
    let tolerated = drift.is_none() || !drift.is_worse() || fresh.policy.approval.on_drift == OnDrift::Flag;
    if tolerated {
        return Ok(());
    }
    let message = format!("what {} does is no longer what was assessed: {}", record.number, drift.sentence());
    Err(Error::refused("change.drifted", message)
        .hint("`cmdb change edit` or `assess` it, and submit it again"))
}

/// Decides against a change.
#[derive(Clone, Debug)]
pub struct RejectChange {
    pub change: Reference,
    /// Only if the record is still the version that was read.
    pub if_version: Option<u32>,
    pub note: SmolStr,
    pub queries: Arc<dyn Queries>,
}

impl Program for RejectChange {
    fn name(&self) -> &'static str {
        "reject change"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        check_note(&self.note)?;
        let mut record = begin(decider, &self.change, Verb::Reject, Right::Approve)?;
        check_read(&record, self.if_version)?;
        let fresh = Fresh::of(decider)?;
        let by = decider.context().principal.clone();
        let draft = decider.draft();
        let ballot = Ballot {
            by: &by,
            now_ms: fresh.now_ms,
            verdict: "rejected",
            note: &self.note,
            queries: &*self.queries,
        };
        let vote = approval::vote(draft, &record, &fresh.policy, ballot)?;
        record.approvals.push(vote);
        let attributes = vec![("approvals".into(), Input::Typed(Value::List(record.approvals.clone())))];
        let entry = Entry { verb: Verb::Reject.word(), reason: self.note.to_string() };
        to(decider, &record, Status::Rejected, entry, attributes)?;
        Ok(Answer::Item(record.item))
    }
}
