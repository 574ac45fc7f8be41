//! The gate for pipelines: what a change or a Terraform plan would do, the invariants it would break, and a verdict.

use crate::api::calendar::{Conflict, InvariantResult, ServiceAtStake};
use crate::api::gate::{CheckAnswer, CheckQuestion, CheckedItem, CheckedRoot};
use crate::call::{Call, now_ms};
use crate::convert::item_ref;
use crate::expression::{Expression, Vocabulary};
use crate::handlers::conflicts::{at_stake, conflicts};
use crate::handlers::impact::answer::AffectedFields;
use crate::plan_file::{self, Planned};
use crate::queries::LanguageQueries;
use crate::reply::Reply;
use crate::route::{Lane, Route};
use crate::{gate_report, invariants};
use cmdb_core::analysis::collision::{Span, stakes};
use cmdb_core::analysis::impact::{Explainer, Impact, Question, Root, State, impact};
use cmdb_core::command::{Right, resolve};
use cmdb_core::graph::{Records, Snapshot, View};
use cmdb_core::model::Value;
use cmdb_core::process::change::ChangeRecord;
use cmdb_core::process::outage::held;
use cmdb_core::process::proposal::lay;
use cmdb_core::process::queries::Queries;
use cmdb_core::process::schedule::{Schedule, roots_of};
use cmdb_core::{Error, Result};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Affected items that are written out.
const MATCHED_SHOWN: usize = 100;

pub fn check() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let question: CheckQuestion = call.json()?;
        let snapshot = call.snapshot()?;
        let answer = answer(&call, &snapshot, &question)?;
        Ok(Reply::json(&answer).at(snapshot.position()))
    }
    Route::post("/api/v1/changes/check", "check_change", Right::Read, handler)
        .summary(
            "Whether a change or a Terraform plan passes: impact, invariants on the proposal, collisions",
        )
        .text("at", "position, time or baseline to check on")
        .takes::<CheckQuestion>()
        .gives::<CheckAnswer>()
        .lane(Lane::Read)
}

/// What is checked, gathered.
struct Asked {
    roots: Vec<Root>,
    shown: Vec<CheckedRoot>,
    unknown: Vec<String>,
    /// The state as it will be.
    proposed: Arc<Snapshot>,
    refused: Vec<String>,
    change: Option<ChangeRecord>,
}

fn wrong(pointer: &str, message: impl Into<String>) -> Error {
    let message = message.into();
    Error::invalid("check.question", message.clone()).detail(pointer, message)
}

fn asked(snapshot: &Arc<Snapshot>, queries: &dyn Queries, question: &CheckQuestion) -> Result<Asked> {
    if question.change.is_none() && question.plan.is_none() {
        return Err(wrong("", "there is nothing to check").hint("name a change, hand in a plan, or both"));
    }
    let read = |r: &String| ChangeRecord::read(&**snapshot, resolve(&**snapshot, r)?);
    let change = question.change.as_ref().map(read).transpose()?;
    let mut edits: Vec<Value> = change.iter().flat_map(|c| c.proposal.iter().cloned()).collect();
    let (mut roots, mut shown, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for (root, affected) in change.iter().flat_map(|c| roots_of(snapshot, c).into_iter().zip(&c.affected)) {
        let item = item_ref(snapshot, root.item);
        shown.push(CheckedRoot { item, state: affected.effect.word(), action: None });
        roots.push(root);
    }
    if let Some(plan) = &question.plan {
        let update = update_state(question.update_state.as_deref())?;
        let planned = plan_file::read(snapshot, plan)?;
        for Planned { item, action } in &planned.known {
            let state = action.state(update);
            roots.push(Root { item: *item, state });
            let word = if state == State::Up { "edited" } else { state.word() };
            shown.push(CheckedRoot {
                item: item_ref(snapshot, *item),
                state: word,
                action: Some(action.word()),
            });
        }
        edits.extend(planned.removals(snapshot));
        unknown = planned.unknown;
    }
    let (proposed, refused) = match edits.is_empty() {
        true => (snapshot.clone(), Vec::new()),
        false => {
            let proposed = lay(snapshot, &edits, queries)?;
            (proposed.snapshot, proposed.refused.into_iter().map(|r| r.message).collect())
        }
    };
    Ok(Asked { roots, shown, unknown, proposed, refused, change })
}

fn update_state(word: Option<&str>) -> Result<State> {
    match word {
        None => Ok(State::Degraded),
        Some("maintenance") => Ok(State::Down),
        Some(word) => State::parse(word).ok_or_else(|| {
            wrong(
                "/update_state",
                format!("\"{word}\" is no state: up, at_risk, degraded, down or maintenance"),
            )
        }),
    }
}

fn answer(call: &Call, snapshot: &Arc<Snapshot>, question: &CheckQuestion) -> Result<CheckAnswer> {
    let cmdb = call.app.cmdb()?;
    let queries = LanguageQueries::over(cmdb);
    let vocabulary = Vocabulary { snapshot, classes: None, affected: true };
    let condition =
        question.fail_on.as_deref().map(|text| Expression::read(text, &vocabulary)).transpose()?;
    let asked = asked(snapshot, &*queries, question)?;
    let mut roots = asked.roots.clone();
    if question.with_current {
        roots.extend(held(snapshot, now_ms())?.into_iter().map(|h| h.root));
    }
    let view = View::full(snapshot);
    let core_question = Question::new(&roots);
    let impact = call.app.with_scratch(|scratch| impact(view, &core_question, scratch));
    let explainer = Explainer::new(view, &core_question, &impact);
    let (matched, matched_count) = matched(snapshot, &impact, &explainer, condition.as_ref())?;
    let invariants = invariants::check(cmdb, &asked.proposed)?;
    let conflicts = conflicts_of(snapshot, &*queries, asked.change.as_ref())?;
    let failures = failures(question, &asked, matched_count, &invariants, &conflicts);
    let mut answer = CheckAnswer {
        position: snapshot.position().0,
        passed: failures.is_empty(),
        failures,
        roots: asked.shown,
        unknown: asked.unknown,
        by_state: by_state(&impact),
        services: services(snapshot, &impact)?,
        matched,
        matched_count,
        invariants,
        conflicts,
        report: String::new(),
    };
    let title = asked.change.map(|c| format!("{} {}", c.number, c.title));
    answer.report = gate_report::write(&answer, title.as_deref(), question.fail_on.as_deref());
    Ok(answer)
}

fn failures(
    question: &CheckQuestion,
    asked: &Asked,
    matched: u64,
    invariants: &[InvariantResult],
    conflicts: &[Conflict],
) -> Vec<String> {
    let mut out: Vec<String> =
        asked.refused.iter().map(|r| format!("a planned edit would be refused: {r}")).collect();
    if let (Some(condition), 1..) = (&question.fail_on, matched) {
        let items = if matched == 1 { "1 affected item matches" } else { "affected items match" };
        let count = if matched == 1 { String::new() } else { format!("{matched} ") };
        out.push(format!("{count}{items} {condition}"));
    }
    for invariant in invariants.iter().filter(|i| !i.holds) {
        out.push(match &invariant.error {
            Some(error) => format!("the invariant {} could not be asked: {error}", invariant.name),
            None => format!("the invariant {} would be broken: {} rows", invariant.name, invariant.rows),
        });
    }
    if question.fail_on_conflicts && !conflicts.is_empty() {
        out.push(format!("it collides with what is planned: {} collisions", conflicts.len()));
    }
    out
}

fn by_state(impact: &Impact) -> BTreeMap<&'static str, u64> {
    let states = [State::Down, State::Degraded, State::AtRisk].into_iter();
    states.map(|s| (s.word(), impact.count(s) as u64)).filter(|(_, count)| *count > 0).collect()
}

fn services(snapshot: &Snapshot, impact: &Impact) -> Result<Vec<ServiceAtStake>> {
    let stakes = stakes(View::full(snapshot));
    let waves = impact.affected_waves();
    let all = waves.flat_map(|wave| impact.items(wave).iter().map(|item| (*item, wave.state)));
    let mut hit: Vec<(u32, State)> = all.filter(|(item, _)| stakes.binary_search(item).is_ok()).collect();
    hit.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| snapshot.name_of(a.0).cmp(snapshot.name_of(b.0))));
    hit.into_iter().map(|s| at_stake(snapshot, s)).collect()
}

fn matched(
    snapshot: &Snapshot,
    impact: &Impact,
    explainer: &Explainer<'_>,
    condition: Option<&Expression>,
) -> Result<(Vec<CheckedItem>, u64)> {
    let Some(condition) = condition else { return Ok((Vec::new(), 0)) };
    let (mut out, mut count) = (Vec::new(), 0);
    for wave in impact.affected_waves() {
        for item in impact.items(wave) {
            let Some(record) = snapshot.item(snapshot.number(*item))? else { continue };
            if condition.holds(&AffectedFields { snapshot, item: &record, wave }) {
                count += 1;
                if out.len() < MATCHED_SHOWN {
                    let because = because(snapshot, explainer, *item)?;
                    out.push(CheckedItem {
                        item: item_ref(snapshot, *item),
                        state: wave.state.word(),
                        because,
                    });
                }
            }
        }
    }
    Ok((out, count))
}

/// The first step of the proof in words.
fn because(snapshot: &Snapshot, explainer: &Explainer<'_>, item: u32) -> Result<String> {
    let Some(step) = explainer.step(item)? else { return Ok("it is touched itself".to_owned()) };
    let on = format!("{} is {}", snapshot.name_of(step.on), step.state.word().replace('_', " "));
    Ok(match step.gate {
        Some(gate) => {
            let plain = |weight: u64| weight as f64 / cmdb_core::graph::link::UNIT_WEIGHT as f64;
            format!(
                "{on}; {} needs {} of {}, {} left",
                gate.group,
                plain(gate.needed),
                plain(gate.of),
                plain(gate.left)
            )
        }
        None => on,
    })
}

fn conflicts_of(
    snapshot: &Arc<Snapshot>,
    queries: &dyn Queries,
    change: Option<&ChangeRecord>,
) -> Result<Vec<Conflict>> {
    let Some((change, (start_ms, end_ms))) = change.and_then(|c| Some((c, c.occupied(now_ms())?))) else {
        return Ok(Vec::new());
    };
    let schedule = Schedule::read(snapshot, queries, Some(Span { start_ms, end_ms }), now_ms())?;
    let report = schedule.collisions();
    let found = schedule.collisions_of(&report, change.item);
    let found: Vec<_> = found.iter().collect();
    conflicts(&schedule, &found, schedule.place(change.item))
}
