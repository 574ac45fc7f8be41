//! Assessing a change and handing it in.

use super::fresh::{Fresh, check_proposal};
use super::model;
use super::moves::{Entry, begin, check_note, to};
use super::record::{ChangeRecord, ChangeType};
use super::status::{Status, Verb};
use crate::command::attributes::{Input, Inputs};
use crate::command::program::Program;
use crate::command::{Answer, Decider, Reference, Right};
use crate::error::{Error, Result};
use crate::model::{SmolStr, Value};
use crate::process::calendar::check_freezes;
use crate::process::fields::{get, get_text, map, text, time};
use crate::process::proposal::lay;
use crate::process::queries::Queries;
use std::sync::Arc;

/// Freezes what a change does in its record.
#[derive(Clone, Debug)]
pub struct AssessChange {
    pub change: Reference,
    pub queries: Arc<dyn Queries>,
}

impl Program for AssessChange {
    fn name(&self) -> &'static str {
        "assess change"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        let record = begin(decider, &self.change, Verb::Assess, Right::Edit)?;
        let fresh = Fresh::of(decider)?;
        let assessed = fresh.assess(&record, &*self.queries)?;
        let reason = sentence(&assessed.value);
        let mut attributes = frozen(&assessed.value);
        if !record.approvals.is_empty() {
            attributes.push(("approvals".into(), Input::Clear));
        }
        let entry = Entry { verb: Verb::Assess.word(), reason };
        to(decider, &record, Status::Assessed, entry, attributes)?;
        Ok(Answer::Item(record.item))
    }
}

/// Hands a change in: it is assessed as of now, and waits for its authorities; a standard change has them already.
#[derive(Clone, Debug)]
pub struct SubmitChange {
    pub change: Reference,
    pub note: SmolStr,
    pub queries: Arc<dyn Queries>,
}

impl Program for SubmitChange {
    fn name(&self) -> &'static str {
        "submit change"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        check_note(&self.note)?;
        let record = begin(decider, &self.change, Verb::Submit, Right::Edit)?;
        check_ready(&record)?;
        let fresh = Fresh::of(decider)?;
        check_freezes(&fresh.snapshot, &*self.queries, &record)?;
        let assessed = fresh.assess(&record, &*self.queries)?;
        check_proposal(&record, &assessed.value)?;
        let mut attributes = frozen(&assessed.value);
        attributes.push(("approvals".into(), Input::Clear));
        let mut status = Status::AwaitingApproval;
        let mut reason = self.note.to_string();
        if record.kind == ChangeType::Standard {
            let touched = match record.proposal.as_slice() {
                [] => Vec::new(),
                edits => lay(&fresh.snapshot, edits, &*self.queries)?.touched,
            };
            model::check(&fresh.snapshot, &record, &touched, &*self.queries)?;
            let by = format!("model {}", record.model.as_deref().unwrap_or(""));
            attributes.pop();
            attributes.push(("approvals".into(), authorised_by(&by, &assessed.value, fresh.now_ms)));
            status = Status::Approved;
            reason = format!("authorised by the {by}");
        }
        let entry = Entry { verb: Verb::Submit.word(), reason };
        to(decider, &record, status, entry, attributes)?;
        Ok(Answer::Item(record.item))
    }
}

fn authorised_by(by: &str, assessment: &Value, now_ms: i64) -> Input {
    let vote = map([
        ("by", text(by)),
        ("verdict", text("approved")),
        ("at", Some(time(now_ms))),
        ("assessment", text(get_text(assessment, "digest"))),
    ]);
    Input::Typed(Value::List(vec![vote]))
}

/// What is written when a change is assessed.
pub(super) fn frozen(assessment: &Value) -> Inputs {
    vec![("assessment".into(), Input::Typed(assessment.clone())), ("drift".into(), Input::Clear)]
}

/// The result in a sentence, for the journal.
pub(super) fn sentence(assessment: &Value) -> String {
    let risk = get(assessment, "risk");
    let level = risk.map_or("", |r| get_text(r, "level"));
    let p = risk.and_then(|r| get(r, "probability")).and_then(Value::as_number).unwrap_or(0.0);
    format!("risk {level}: it fails with a probability of {:.1} %", p * 100.0)
}

/// Refuses a change that lacks what a decision needs.
fn check_ready(record: &ChangeRecord) -> Result<()> {
    let mut lacks = Vec::new();
    if record.window.is_none() {
        lacks.push(("/start", "a window: --start and --end"));
    }
    if record.affected.is_empty() && record.proposal.is_empty() {
        lacks.push(("/affects", "what it touches: --affects"));
    }
    if lacks.is_empty() {
        return Ok(());
    }
    let all: Vec<&str> = lacks.iter().map(|(_, what)| *what).collect();
    let message = format!("{} cannot be decided on yet; it lacks {}", record.number, all.join(" and "));
    let mut error = Error::refused("change.incomplete", message).hint("`cmdb change edit` adds it");
    for (pointer, what) in lacks {
        error = error.detail(pointer, what);
    }
    Err(error)
}
