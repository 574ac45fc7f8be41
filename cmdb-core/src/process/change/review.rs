//! Looking back: what was predicted beside what came true, and how good the predictions are over time.
//!
//! Predicted are the services that the assessment had degraded or down while the change runs, or if it fails where it
//! did. True is what outages and incidents that meet the time it took say: the services they name, and those that
//! their items take along. A service that suffered unforeseen means a dependency nobody recorded.

use super::approval::uninvolved;
use super::fresh;
use super::moves::{Entry, begin, check_note, to};
use super::policy::Policy;
use super::record::ChangeRecord;
use super::status::{Status, Verb};
use crate::analysis::impact::{Question, Root, Scratch, State, impact};
use crate::command::attributes::{Input, Inputs};
use crate::command::program::Program;
use crate::command::{Answer, Decider, Reference, Right};
use crate::error::Result;
use crate::graph::{Records, Snapshot, View};
use crate::model::{ItemNumber, SmolStr, Value};
use crate::process::fields::{count, get, get_list, get_text, item_map, list, map, text, time};
use crate::process::outage;
use crate::schema::symbols;
use std::collections::BTreeSet;

/// Services listed by name in a review; counts are whole.
const NAMED_MAX: usize = 200;
/// Probability bands of the reliability table: tenths.
const BINS: usize = 10;

/// Notes what came of a change.
#[derive(Clone, Debug)]
pub struct ReviewChange {
    pub change: Reference,
    pub note: SmolStr,
}

impl Program for ReviewChange {
    fn name(&self) -> &'static str {
        "review change"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        check_note(&self.note)?;
        let record = begin(decider, &self.change, Verb::Review, Right::Edit)?;
        // What was carried out first is ratified by somebody who had no hand in it.
        if record.is_emergency() {
            uninvolved(decider.draft(), &record, &decider.context().principal, &[])?;
        }
        let snapshot = fresh::snapshot(decider)?;
        let now_ms = decider.draft().moment().time_ms;
        let by = decider.context().principal.name.clone();
        let review = review(&snapshot, &record, now_ms, &by, &self.note)?;
        let entry = Entry { verb: Verb::Review.word(), reason: self.note.to_string() };
        to(decider, &record, Status::Reviewed, entry, vec![("review".into(), Input::Typed(review))])?;
        Ok(Answer::Item(record.item))
    }
}

/// Ends a change that was looked back upon.
#[derive(Clone, Debug)]
pub struct CloseChange {
    pub change: Reference,
    pub note: SmolStr,
}

impl Program for CloseChange {
    fn name(&self) -> &'static str {
        "close change"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        check_note(&self.note)?;
        let record = begin(decider, &self.change, Verb::Close, Right::Edit)?;
        let entry = Entry { verb: Verb::Close.word(), reason: self.note.to_string() };
        to(decider, &record, Status::Closed, entry, Inputs::new())?;
        Ok(Answer::Item(record.item))
    }
}

/// Whether a change went wrong.
pub fn failed(record: &ChangeRecord) -> bool {
    matches!(record.outcome.as_deref(), Some("failed" | "backed_out"))
}

/// When an emergency that was carried out must have been looked back upon; none for what is not owed.
pub fn due_ms(record: &ChangeRecord, policy: &Policy) -> Option<i64> {
    let owed = record.is_emergency() && matches!(record.status, Status::Implemented | Status::BackedOut);
    let days = i64::from(policy.approval.review_days);
    record.actual_end_ms.filter(|_| owed).map(|end| end.saturating_add(days * 86_400_000))
}

fn review(snapshot: &Snapshot, record: &ChangeRecord, now_ms: i64, by: &str, note: &str) -> Result<Value> {
    let empty = Value::Map(Vec::new());
    let assessment = record.assessment.as_ref().unwrap_or(&empty);
    let predicted = predicted(snapshot, assessment, if failed(record) { "if_it_fails" } else { "during" });
    let (records, actual) = suffered(snapshot, record, assessment, now_ms)?;
    let hit = predicted.intersection(&actual).count();
    let missed: Vec<ItemNumber> = actual.difference(&predicted).copied().collect();
    let unfounded: Vec<ItemNumber> = predicted.difference(&actual).copied().collect();
    let share = |of: usize| (of > 0).then(|| Value::Decimal(hit as f64 / of as f64));
    let probability =
        get(assessment, "risk").and_then(|risk| get(risk, "probability")).and_then(Value::as_number);
    let brier = probability.map(|p| (p - f64::from(u8::from(failed(record)))).powi(2));
    let named = |items: &[ItemNumber]| list(items.iter().take(NAMED_MAX).map(|n| item_map(snapshot, *n)));
    Ok(map([
        ("at", Some(time(now_ms))),
        ("by", text(by)),
        ("note", text(note).filter(|_| !note.is_empty())),
        ("records", named(&records)),
        ("predicted", count(predicted.len())),
        ("actual", count(actual.len())),
        ("precision", share(predicted.len())),
        ("recall", share(actual.len())),
        ("missed", named(&missed)),
        ("unfounded", named(&unfounded)),
        ("proposed_relationships", list(proposed(snapshot, record, &missed))),
        ("probability", probability.map(Value::Decimal)),
        ("failed", Some(Value::Boolean(failed(record)))),
        ("brier", brier.map(Value::Decimal)),
    ]))
}

/// Services the assessment had degraded or down by the change's own doing, on either graph.
fn predicted(snapshot: &Snapshot, assessment: &Value, scenario: &str) -> BTreeSet<ItemNumber> {
    let mut out = BTreeSet::new();
    for graph in ["today", "proposed"] {
        let Some(found) = get(assessment, scenario).and_then(|s| get(s, graph)) else { continue };
        for service in get_list(found, "services") {
            let state = |key: &str| State::parse(get_text(service, key)).unwrap_or_default();
            if state("state") >= State::Degraded && state("state") > state("without_the_change") {
                out.extend(crate::command::resolve(snapshot, get_text(service, "id")).ok());
            }
        }
    }
    out
}

/// What outages and incidents of the time it took say: the records, and the services that suffered.
fn suffered(
    snapshot: &Snapshot,
    record: &ChangeRecord,
    assessment: &Value,
    now_ms: i64,
) -> Result<(Vec<ItemNumber>, BTreeSet<ItemNumber>)> {
    let Some(start) = record.actual_start_ms else { return Ok(Default::default()) };
    let end = record.actual_end_ms.unwrap_or(now_ms).max(start.saturating_add(1));
    // What was down before is not the change's doing.
    let known = get(assessment, "surroundings").map(|s| get_list(s, "held")).unwrap_or(&[]);
    let known: BTreeSet<&str> =
        known.iter().filter_map(|h| get(h, "record")).map(|r| get_text(r, "id")).collect();
    let (mut records, mut roots) = (Vec::new(), Vec::new());
    for outage in
        outage::between(snapshot, crate::analysis::collision::Span { start_ms: start, end_ms: end })?
    {
        if !known.contains(snapshot.item_id(outage.item).to_string().as_str()) {
            records.push(outage.item);
            roots.extend(outage.roots(snapshot));
        }
    }
    Ok((records, services_of(snapshot, &roots)))
}

/// Business services that are degraded or down by these roots.
fn services_of(snapshot: &Snapshot, roots: &[Root]) -> BTreeSet<ItemNumber> {
    if roots.is_empty() {
        return BTreeSet::new();
    }
    let answer = impact(View::full(snapshot), &Question::new(roots), &mut Scratch::default());
    let hit = answer.affected_waves().filter(|w| w.state >= State::Degraded).flat_map(|w| answer.items(w));
    let is_service = |item: &&u32| {
        snapshot.class_of(**item).is_some_and(|c| snapshot.schema().is_a(c, symbols::BUSINESS_SERVICE))
    };
    hit.filter(is_service).map(|item| snapshot.number(*item)).collect()
}

/// Edits that would record what the missed services show: each depends on something the change touched.
fn proposed(snapshot: &Snapshot, record: &ChangeRecord, missed: &[ItemNumber]) -> Vec<Value> {
    let relate = |service: ItemNumber, item: ItemNumber| {
        map([
            ("op", text("relate")),
            ("source", text(&snapshot.item_id(service).to_string())),
            ("type", text("depends_on")),
            ("target", text(&snapshot.item_id(item).to_string())),
            ("source_name", text(&crate::command::reference::label(snapshot, service))),
            ("target_name", text(&crate::command::reference::label(snapshot, item))),
        ])
    };
    let pairs = missed.iter().flat_map(|s| record.affected.iter().map(move |a| relate(*s, a.item)));
    pairs.take(NAMED_MAX).collect()
}

/// How good predictions were: of all changes that were reviewed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Accuracy {
    pub changes: usize,
    /// Mean of (p - o)²; 0 is perfect, 0.25 is what a coin gives.
    pub brier: Option<f64>,
    /// For each tenth of probability: changes, mean probability, share that failed.
    pub reliability: Vec<(usize, f64, f64)>,
    /// Of all services: predicted, suffered, both.
    pub services: (usize, usize, usize),
}

/// Sums up the reviews of changes that ended in a span, in milliseconds since 1970.
pub fn accuracy(records: &[ChangeRecord], from_ms: i64, to_ms: i64) -> Accuracy {
    let mut out = Accuracy { reliability: vec![(0, 0.0, 0.0); BINS], ..Accuracy::default() };
    let mut sum = 0.0;
    let mut scored = 0;
    let ended = |r: &&ChangeRecord| r.actual_end_ms.is_some_and(|at| (from_ms..to_ms).contains(&at));
    for record in records.iter().filter(ended) {
        let Some(review) = &record.review else { continue };
        out.changes += 1;
        let number = |key: &str| get(review, key).and_then(Value::as_integer).unwrap_or(0) as usize;
        let hits = number("actual").saturating_sub(get_list(review, "missed").len());
        out.services.0 += number("predicted");
        out.services.1 += number("actual");
        out.services.2 += hits;
        let Some(p) = get(review, "probability").and_then(Value::as_number) else { continue };
        let failed = f64::from(u8::from(get(review, "failed") == Some(&Value::Boolean(true))));
        sum += (p - failed).powi(2);
        scored += 1;
        let bin = ((p * BINS as f64) as usize).min(BINS - 1);
        let row = &mut out.reliability[bin];
        row.0 += 1;
        row.1 += p;
        row.2 += failed;
    }
    for row in out.reliability.iter_mut().filter(|r| r.0 > 0) {
        row.1 /= row.0 as f64;
        row.2 /= row.0 as f64;
    }
    out.brier = (scored > 0).then(|| sum / f64::from(scored));
    out
}
