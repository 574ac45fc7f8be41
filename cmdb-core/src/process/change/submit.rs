//! Assessing a change and handing it in.

use super::approval::is_nameless_token;
use super::fresh::{Fresh, check_proposal};
use super::moves::{Entry, begin, check_note, to};
use super::record::{AFFECTED_MAX, ChangeRecord, ChangeType, Effect};
use super::status::{Status, Verb};
use super::{create, model};
use crate::command::attributes::{Input, Inputs};
use crate::command::program::Program;
use crate::command::{Answer, Decider, Reference, Right};
use crate::error::{Error, Kind, Result};
use crate::graph::Records;
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
        let record = cover_proposal(decider, record, &*self.queries)?;
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
        let mut record = begin(decider, &self.change, Verb::Submit, Right::Edit)?;
        check_ready(&record)?;
        let answers = answered_for(decider, &mut record)?;
        let record = cover_proposal(decider, record, &*self.queries)?;
        let fresh = Fresh::of(decider)?;
        check_freezes(&fresh.snapshot, &*self.queries, &record, None)?;
        let assessed = fresh.assess(&record, &*self.queries)?;
        check_proposal(&record, &assessed.value)?;
        let mut attributes = frozen(&assessed.value);
        attributes.extend(answers);
        attributes.push(("approvals".into(), Input::Clear));
        let mut status = Status::AwaitingApproval;
        let mut reason = self.note.to_string();
        if record.kind == ChangeType::Standard {
            let touched = match record.proposal.as_slice() {
                [] => Vec::new(),
                edits => lay(&fresh.snapshot, edits, &*self.queries)?.touched,
            };
            model::check(&fresh.snapshot, &record, &touched, &*self.queries)?;
            model::check_company(&record, &assessed.value)?;
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

/// Whoever hands in what only a token without a user has planned answers for it, as one of its authors.
///
/// # Errors
/// `change.no-person`: such a token hands nothing in, for whoever holds it might be the one who approves.
fn answered_for(decider: &Decider<'_>, record: &mut ChangeRecord) -> Result<Inputs> {
    let by = &decider.context().principal.name;
    if is_nameless_token(by) {
        let message = format!("\"{by}\" stands for nobody, and somebody has to answer for a change");
        return Err(Error::new(Kind::Denied, "change.no-person", message).hint(
            "hand it in with a token of a user (`cmdb token create --user NAME`), or let a person hand it in",
        ));
    }
    if !record.authors.iter().chain([&record.requester]).all(|name| is_nameless_token(name)) {
        return Ok(Inputs::new());
    }
    record.authors.push(by.clone());
    let authors = record.authors.iter().cloned().map(Value::Text).collect();
    Ok(vec![("authors".into(), Input::Typed(Value::List(authors)))])
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

/// Adds to what a change touches all that its planned edits work on, and says of what they end that it is down; so
/// that whoever looks at what it touches sees everything.
pub(super) fn cover_proposal(
    decider: &mut Decider<'_>,
    record: ChangeRecord,
    queries: &dyn Queries,
) -> Result<ChangeRecord> {
    if record.proposal.is_empty() {
        return Ok(record);
    }
    let proposed = lay(&super::fresh::snapshot(decider)?, &record.proposal, queries)?;
    let mut added = 0;
    for item in &proposed.worked_on {
        let is_record = super::super::record::is_a(decider.draft(), *item, "Record");
        let least = if proposed.ending.contains(item) { Effect::Down } else { Effect::Edited };
        let known = record.affected.iter().find(|a| a.item == *item).map(|a| a.effect);
        let enough = known.is_some_and(|effect| effect >= least || effect.state() == least.state());
        if is_record || enough {
            continue;
        }
        added += 1;
        if record.affected.len() + added > AFFECTED_MAX {
            let message =
                format!("the planned edits of {} touch more than {AFFECTED_MAX} items", record.number);
            return Err(Error::limit("change.affects", message).hint("split it into several changes"));
        }
        let id = decider.draft().id_key().item_id(*item);
        create::affect(decider, record.item, &format!("{id}={}", least.word()))?;
    }
    ChangeRecord::read(decider.draft(), record.item)
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
