//! Scheduling a change, beginning it, ending it, backing it out.

use super::approval::expired;
use super::fresh::Fresh;
use super::moves::{Entry, begin, check_note, to};
use super::record::{ChangeRecord, ChangeType};
use super::status::{Status, Verb};
use super::vote::check_drift;
use super::{delivery, model};
use crate::command::attributes::{Input, Inputs};
use crate::command::program::Program;
use crate::command::{Answer, Decider, Reference, Right};
use crate::error::{Error, Kind, Result};
use crate::fact::{Baseline, Fact, Setting};
use crate::graph::Records;
use crate::model::temporal::Instant;
use crate::model::{Position, SmolStr, Value};
use crate::process::calendar::check_freezes;
use crate::process::fields::{map, text, time};
use crate::process::proposal::lay;
use crate::process::queries::Queries;
use std::sync::Arc;

/// Everything that must hold before an approved change may go on.
fn check_approved(
    fresh: &Fresh,
    record: &ChangeRecord,
    queries: &dyn Queries,
    begins_ms: Option<i64>,
) -> Result<()> {
    check_freezes(&fresh.snapshot, queries, record, begins_ms)?;
    if record.kind == ChangeType::Standard {
        let touched = match record.proposal.as_slice() {
            [] => Vec::new(),
            edits => lay(&fresh.snapshot, edits, queries)?.touched,
        };
        model::check(&fresh.snapshot, record, &touched, queries)?;
    } else {
        let missing = fresh.missing(record)?;
        if !missing.is_empty() {
            let names: Vec<&str> = missing.iter().map(|r| r.authority.as_str()).collect();
            let message = format!("{} lacks the agreement of {}", record.number, names.join(", "));
            return Err(Error::refused("change.unapproved", message)
                .hint("`cmdb change edit` it and submit it again"));
        }
    }
    if expired(record, &fresh.policy, fresh.now_ms) {
        let days = fresh.policy.approval.valid_days;
        let message = format!("the approval of {} is older than {days} days", record.number);
        return Err(Error::refused("change.approval-expired", message)
            .hint("`cmdb change edit` it and submit it again"));
    }
    check_drift(fresh, record, queries)
}

/// Puts an approved change on the schedule.
#[derive(Clone, Debug)]
pub struct ScheduleChange {
    pub change: Reference,
    pub note: SmolStr,
    pub queries: Arc<dyn Queries>,
}

impl Program for ScheduleChange {
    fn name(&self) -> &'static str {
        "schedule change"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        check_note(&self.note)?;
        let record = begin(decider, &self.change, Verb::Schedule, Right::Edit)?;
        let fresh = Fresh::of(decider)?;
        let over = record.padded().is_none_or(|(_, end)| end <= fresh.now_ms);
        if over {
            let message = format!("the window of {} is over or was never stated", record.number);
            return Err(Error::refused("change.window", message).hint("`cmdb change edit --start … --end …`"));
        }
        check_approved(&fresh, &record, &*self.queries, None)?;
        let entry = Entry { verb: Verb::Schedule.word(), reason: self.note.to_string() };
        to(decider, &record, Status::Scheduled, entry, Inputs::new())?;
        Ok(Answer::Item(record.item))
    }
}

/// Begins a change: the state before it gets a name.
#[derive(Clone, Debug)]
pub struct StartChange {
    pub change: Reference,
    pub note: SmolStr,
    pub queries: Arc<dyn Queries>,
}

impl Program for StartChange {
    fn name(&self) -> &'static str {
        "start change"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        check_note(&self.note)?;
        let record = begin(decider, &self.change, Verb::Start, Right::Edit)?;
        let fresh = Fresh::of(decider)?;
        check_window(&record, fresh.now_ms)?;
        check_order(decider, &record)?;
        check_approved(&fresh, &record, &*self.queries, Some(fresh.now_ms))?;
        let before = fresh.snapshot.position();
        let baseline = name_state(decider, &record, before, "before")?;
        let delivery = map([
            ("baseline", text(&baseline)),
            ("from", Some(Value::Integer(before.0 as i64))),
            ("started_by", text(&decider.context().principal.name)),
        ]);
        let attributes =
            vec![("actual_start".into(), now(fresh.now_ms)), ("delivery".into(), Input::Typed(delivery))];
        let entry = Entry { verb: Verb::Start.word(), reason: self.note.to_string() };
        to(decider, &record, Status::Implementing, entry, attributes)?;
        Ok(Answer::Item(record.item))
    }
}

fn now(ms: i64) -> Input {
    Input::Typed(Value::DateTime(Instant::from_millis(ms)))
}

/// Names a position after the change.
fn name_state(
    decider: &mut Decider<'_>,
    record: &ChangeRecord,
    position: Position,
    when: &str,
) -> Result<SmolStr> {
    let mut name = SmolStr::new(format!("{}-{when}", record.number));
    let taken = |name: &SmolStr| decider.draft().settings().baselines.contains_key(name);
    if taken(&name) {
        name = format!("{name}-{position}").into();
    }
    let baseline = Baseline {
        name: name.clone(),
        position,
        created_ms: decider.draft().moment().time_ms,
        by: decider.context().principal.name.clone(),
        note: format!("{when} {}", record.number).into(),
        approved_by: None,
    };
    decider.accept(Fact::Set(Setting::Baseline(baseline)))?;
    Ok(name)
}

/// A change runs in its window, which is what was decided on; an emergency does not wait for one.
fn check_window(record: &ChangeRecord, now_ms: i64) -> Result<()> {
    let Some((start, end)) = record.padded().filter(|_| !record.is_emergency()) else { return Ok(()) };
    if (start..end).contains(&now_ms) {
        return Ok(());
    }
    let when = if now_ms < start { "has not begun" } else { "is over" };
    let message = format!(
        "the window of {} {when}: {} to {}",
        record.number,
        Instant::from_millis(start),
        Instant::from_millis(end)
    );
    Err(Error::refused("change.window", message)
        .hint("wait for it, or `cmdb change edit --start … --end …` and have it decided on again"))
}

/// What it follows must have ended.
fn check_order(decider: &Decider<'_>, record: &ChangeRecord) -> Result<()> {
    for other in &record.follows {
        let Ok(other) = ChangeRecord::read(decider.draft(), *other) else { continue };
        let ended = matches!(other.status, Status::Implemented | Status::Reviewed | Status::Closed);
        if !ended {
            let message =
                format!("{} follows {}, which is {}", record.number, other.number, other.status.word());
            return Err(Error::refused("change.order", message)
                .hint(format!("finish {} first, or edit what it follows", other.number)));
        }
    }
    Ok(())
}

/// How a change ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Successful,
    WithIssues,
    Failed,
    BackedOut,
}

impl Ending {
    pub fn word(self) -> &'static str {
        match self {
            Ending::Successful => "successful",
            Ending::WithIssues => "successful_with_issues",
            Ending::Failed => "failed",
            Ending::BackedOut => "backed_out",
        }
    }
    /// Reads the word of an ending that is no back-out.
    pub fn parse(word: &str) -> Result<Ending> {
        let all = [Ending::Successful, Ending::WithIssues, Ending::Failed];
        all.into_iter().find(|e| e.word() == word).ok_or_else(|| {
            let message = format!("\"{word}\" is no outcome: {}", all.map(Ending::word).join(", "));
            Error::invalid("change.outcome", message).hint("`cmdb change back-out` notes that it was undone")
        })
    }
}

/// Ends carrying out, or undoes it.
#[derive(Clone, Debug)]
pub struct EndChange {
    pub change: Reference,
    pub note: SmolStr,
    pub ending: Ending,
    /// What was done, as read from the log up to this position.
    pub delivered: delivery::Delivered,
}

impl Program for EndChange {
    fn name(&self) -> &'static str {
        if self.ending == Ending::BackedOut { "back out change" } else { "finish change" }
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        check_note(&self.note)?;
        let (verb, status) = match self.ending {
            Ending::BackedOut => (Verb::BackOut, Status::BackedOut),
            _ => (Verb::Finish, Status::Implemented),
        };
        let record = begin(decider, &self.change, verb, Right::Edit)?;
        let before = Position(decider.draft().moment().position.0 - 1);
        if self.delivered.upto != before {
            return Err(Error::new(
                Kind::Stale,
                "change.moved",
                "the inventory moved while the change was ended",
            )
            .hint("try again"));
        }
        let now_ms = decider.draft().moment().time_ms;
        let after = name_state(decider, &record, before, "after")?;
        let ended = [
            ("after".into(), Value::Text(after)),
            ("ended_by".into(), Value::Text(decider.context().principal.name.clone())),
            ("ended_at".into(), time(now_ms)),
        ];
        let delivery = match self.delivered.value.clone() {
            Value::Map(entries) => Value::map(entries.into_iter().chain(ended)),
            other => other,
        };
        let attributes = vec![
            ("actual_end".into(), now(now_ms)),
            ("outcome".into(), Input::Text(self.ending.word().into())),
            ("delivery".into(), Input::Typed(delivery)),
        ];
        let entry = Entry { verb: verb.word(), reason: self.note.to_string() };
        to(decider, &record, status, entry, attributes)?;
        Ok(Answer::Item(record.item))
    }
}
