//! What is missing about a change, or has changed since it was decided on: in sentences, for the board's pack and for
//! whoever looks at the change itself.

use super::words::shown;
use cmdb_core::graph::Snapshot;
use cmdb_core::model::Value;
use cmdb_core::process::change::drift::is_of_plan;
use cmdb_core::process::change::policy::Policy;
use cmdb_core::process::change::record::ChangeRecord;
use cmdb_core::process::change::review;
use cmdb_core::process::change::status::{Status, Verb};
use cmdb_core::process::fields::{get_list, get_text};

const HOUR_MS: i64 = 3_600_000;

/// The concerns of one change, what is most urgent first.
pub fn concerns(snapshot: &Snapshot, record: &ChangeRecord, policy: &Policy, now_ms: i64) -> Vec<String> {
    let mut out = Vec::new();
    out.extend(overdue(record, now_ms));
    if review::due_ms(record, policy).is_some_and(|due| due < now_ms) {
        out.push("its review is overdue".to_owned());
    }
    if record.drift.is_some() {
        out.push("the impact is no longer the one that was approved".to_owned());
    }
    out.extend(broken_budgets(record));
    out.extend(own_words(record));
    out.extend(rejected(record));
    if record.affected.is_empty() {
        out.push("names nothing that it touches".to_owned());
    }
    if record.status.is_ahead() && !is_of_plan(snapshot, record) {
        out.push("not assessed as it is planned now".to_owned());
    }
    if record.status.is_ahead() {
        out.extend(untested(record).into_iter().map(str::to_owned));
    }
    out
}

/// A change that goes on after its time; what is edited since is covered by nothing.
pub fn overdue(record: &ChangeRecord, now_ms: i64) -> Option<String> {
    let (_, end) = record.padded().filter(|_| record.status == Status::Implementing)?;
    let late = now_ms.saturating_sub(end);
    let how_long = match late / HOUR_MS {
        _ if late <= 0 => return None,
        0 => format!("{} minutes", late / 60_000),
        hours => format!("{hours} hours"),
    };
    Some(format!(
        "still running {how_long} after its time with that for backing out; it covers no edit since"
    ))
}

fn broken_budgets(record: &ChangeRecord) -> Vec<String> {
    let budgets = record.assessment.as_ref().map(|a| get_list(a, "budgets")).unwrap_or(&[]);
    budgets.iter().map(|b| shown(get_text(b, "reason"))).filter(|reason| !reason.is_empty()).collect()
}

/// Votes that count by what the voter, or somebody with a hand in the change, wrote down themselves.
fn own_words(record: &ChangeRecord) -> Vec<String> {
    let own = record.approvals.iter().filter(|vote| !get_text(vote, "own_word").is_empty());
    own.map(|vote: &Value| {
        let (by, word) = (shown(get_text(vote, "by")), shown(get_text(vote, "own_word")));
        format!("{by} speaks for the owner by what {word} wrote down")
    })
    .collect()
}

fn rejected(record: &ChangeRecord) -> Option<String> {
    let entry = record.journal.iter().rev().find(|e| get_text(e, "verb") == Verb::Reject.word())?;
    let reason = Some(shown(get_text(entry, "reason"))).filter(|r| !r.is_empty());
    let was = format!("was rejected before by {}", shown(get_text(entry, "by")));
    Some(reason.map_or_else(|| was.clone(), |reason| format!("{was}: {reason}")))
}

fn untested(record: &ChangeRecord) -> Vec<&'static str> {
    let mut out = Vec::new();
    if !record.tested {
        out.push("no test evidence");
    }
    if record.back_out_minutes == 0 {
        out.push("no time for backing out");
    } else if !record.back_out_tested {
        out.push("backing out was not tried");
    }
    out
}
