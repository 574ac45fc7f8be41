//! What was found about a change, frozen in its record: scenarios, surroundings, proposal and risk, with the position
//! and the rules they were found by. Worked out again from the record it gives the same bytes.

use super::outlook::{Scenario, Surroundings, When, plain, scenario};
use super::policy::Policy;
use super::record::{self, ChangeRecord};
use super::risk::{Circumstances, comparable, judge, staleness};
use super::status::Status;
use crate::analysis::collision::Span;
use crate::analysis::impact::{Scratch, State};
use crate::error::{Error, Kind, Result};
use crate::graph::{Records, Snapshot};
use crate::model::{ItemNumber, Position, SmolStr, Value};
use crate::process::fields::{count, get, get_list, get_text, item_map, list, map, text, time};
use crate::process::proposal::{Proposed, lay, margins};
use crate::process::queries::Queries;
use crate::process::schedule::collisions_of;
use crate::process::service_level::{Account, Books, Cost};
use std::sync::Arc;

/// The version of the computations themselves; goes up when the same inputs would give another answer.
pub const RULES: i64 = 3;

/// What an assessment is made of.
pub struct Inputs<'a> {
    pub snapshot: &'a Arc<Snapshot>,
    pub change: ItemNumber,
    pub policy: &'a Policy,
    pub queries: &'a dyn Queries,
    /// Milliseconds since 1970: for what is open now, and what was seen lately.
    pub as_of_ms: i64,
    /// Collisions found by the calendar, each a map.
    pub collisions: &'a [Value],
    pub outside_window: bool,
}

/// A change assessed.
#[derive(Clone, Debug)]
pub struct Assessed {
    /// What is kept in the record.
    pub value: Value,
    pub risk_level: usize,
    /// Everything the change reaches on either graph, ascending: what a later commit must touch to alter this.
    pub reached: Vec<ItemNumber>,
    /// Services with their states, worst scenario of both graphs, the change's own doing.
    pub services: Vec<super::outlook::Service>,
}

/// Assesses a change on a state.
///
/// # Errors
/// `change.nothing` for one that touches nothing and edits nothing.
pub fn assess(inputs: &Inputs<'_>) -> Result<Assessed> {
    let snapshot = inputs.snapshot;
    let record = ChangeRecord::read(&**snapshot, inputs.change)?;
    if record.affected.is_empty() && record.proposal.is_empty() {
        let message =
            format!("{} touches no item and edits nothing; there is nothing to assess", record.number);
        return Err(Error::refused("change.nothing", message)
            .hint("`cmdb change edit --affects REF …` says what it touches"));
    }
    let mut around = Surroundings::of(snapshot, &record, inputs.as_of_ms)?;
    let proposed = match record.proposal.as_slice() {
        [] => None,
        edits => Some(lay(snapshot, edits, inputs.queries)?),
    };
    around.gone.extend(proposed.iter().flat_map(|p| p.ending.iter().copied()));
    let graphs = [Some(&**snapshot), proposed.as_ref().map(|p| &*p.snapshot)];
    let mut scratch = Scratch::default();
    let mut found: [Vec<Option<Scenario>>; 3] = Default::default();
    for (at, when) in [When::During, When::IfItFails, When::After].into_iter().enumerate() {
        for graph in graphs {
            let one = graph.map(|g| scenario(g, &record, &around, when, &mut scratch)).transpose()?;
            found[at].push(one);
        }
    }
    let [during, fails, after] = &found;
    let mut reached: Vec<ItemNumber> =
        during.iter().chain(fails).flatten().flat_map(|s| s.reached.iter().copied()).collect();
    reached.extend(record.affected.iter().map(|a| a.item));
    reached.extend(proposed.iter().flat_map(|p| p.touched.iter().copied()));
    reached.sort_unstable();
    reached.dedup();
    let all = record::all(snapshot)?;
    let rules = &inputs.policy.risk;
    let compared = comparable(snapshot, &record, &all, rules.comparable_max);
    let (judged, stale) = staleness(snapshot, &reached, inputs.as_of_ms, rules.stale_days)?;
    let budgets = budgets(snapshot, inputs, &record, during[0].as_ref())?;
    let broken = budgets.iter().find(|(_, cost)| cost.breaks()).map(|(account, _)| account.service);
    let circumstances = Circumstances {
        budget_broken: broken.map(|service| snapshot.number(service)),
        outside_window: inputs.outside_window,
        // That two might fail at once makes neither of them fail.
        collisions: inputs.collisions.iter().filter(|c| get_text(c, "kind") != "joint_failure").count(),
        judged,
        stale,
    };
    let on_graphs: Vec<&Scenario> = fails.iter().flatten().collect();
    let risk = judge(snapshot, &record, &on_graphs, &compared, &circumstances, rules);
    let minutes = record.window.as_ref().map(|w| (w.end_ms - w.start_ms) / 60_000);
    let shown = |scenarios: &[Option<Scenario>]| -> Result<Value> {
        let one = |at: usize| -> Result<Option<Value>> {
            let (Some(scenario), Some(graph)) = (&scenarios[at], graphs[at]) else { return Ok(None) };
            scenario.value(graph, minutes).map(Some)
        };
        Ok(map([("today", one(0)?), ("proposed", one(1)?)]))
    };
    let complete = found.iter().flatten().flatten().all(|s| s.complete);
    let body = map([
        ("rules", Some(Value::Integer(RULES))),
        ("policy", Some(Value::Integer(i64::from(inputs.policy.version)))),
        ("position", Some(Value::Integer(snapshot.position().0 as i64))),
        ("as_of", Some(time(inputs.as_of_ms))),
        ("plan", text(&plan_digest(&**snapshot, &record))),
        ("affects", list(record.affected.iter().map(|a| affected(snapshot, a)))),
        ("window", record.window.as_ref().map(|w| window(w, &record))),
        ("surroundings", Some(around.value(snapshot))),
        ("during", Some(shown(during)?)),
        ("if_it_fails", Some(shown(fails)?)),
        ("after", Some(shown(after)?)),
        ("proposal", proposed.as_ref().map(|p| proposal(snapshot, &record, p)).transpose()?),
        ("collisions", list(inputs.collisions.iter().cloned())),
        ("budgets", list(budgets.iter().map(|(account, cost)| account.value(snapshot, cost)))),
        ("outside_window", Some(Value::Boolean(inputs.outside_window))),
        ("reaches", count(reached.len())),
        ("complete", Some(Value::Boolean(complete))),
        ("risk", Some(risk.value())),
    ]);
    let services = during.iter().chain(fails).flatten().flat_map(|s| s.services.iter().cloned()).collect();
    Ok(Assessed { value: with_digest(body), risk_level: risk.level, reached, services })
}

/// What the change takes of the downtime that services with a target may have, for those that it takes down.
fn budgets(
    snapshot: &Arc<Snapshot>,
    inputs: &Inputs<'_>,
    record: &ChangeRecord,
    during: Option<&Scenario>,
) -> Result<Vec<(Account, Cost)>> {
    let (Some(window), Some(during)) = (&record.window, during) else { return Ok(Vec::new()) };
    let down = during.services.iter().filter(|s| s.state == State::Down).take(BUDGETS_MAX);
    let down: Vec<u32> = down.map(|s| snapshot.dense(s.item)).collect();
    if down.is_empty() {
        return Ok(Vec::new());
    }
    let books = Books::read(snapshot, inputs.queries, &[record.item], inputs.as_of_ms)?;
    let span = Span { start_ms: window.start_ms, end_ms: window.end_ms };
    let accounts = books.accounts(&down, span)?;
    let costs = books.costs(&accounts, record);
    Ok(accounts.into_iter().zip(costs).collect())
}

/// Services that are down of which the budget is looked at, worst and most critical first.
const BUDGETS_MAX: usize = 50;

/// Assesses a change on a state as of a time, with what the calendar says.
pub fn assess_now(
    snapshot: &Arc<Snapshot>,
    change: ItemNumber,
    policy: &Policy,
    queries: &dyn Queries,
    as_of_ms: i64,
) -> Result<Assessed> {
    let record = ChangeRecord::read(&**snapshot, change)?;
    let (found, outside_window) = collisions_of(snapshot, queries, &record, as_of_ms)?;
    // What nobody has decided on yet must not unsettle what was: anybody can draft a change.
    let all = record::all(snapshot)?;
    let decided = |number: &str| {
        all.iter().any(|c| {
            c.number == number
                && matches!(c.status, Status::Approved | Status::Scheduled | Status::Implementing)
        })
    };
    let counts = |collision: &Value| {
        let mut with = get_list(collision, "with").iter().filter_map(Value::as_text);
        get_text(collision, "kind") == "freeze" || with.any(decided)
    };
    let collisions: Vec<Value> = found.into_iter().filter(counts).collect();
    assess(&Inputs { snapshot, change, policy, queries, as_of_ms, collisions: &collisions, outside_window })
}

fn affected(snapshot: &Snapshot, affected: &record::Affected) -> Value {
    map([("item", Some(item_map(snapshot, affected.item))), ("state", text(affected.effect.word()))])
}

fn window(window: &record::Window, record: &ChangeRecord) -> Value {
    map([
        ("start", Some(time(window.start_ms))),
        ("end", Some(time(window.end_ms))),
        ("padded_end", record.padded().map(|(_, end)| time(end))),
        ("time_zone", window.zone.as_deref().and_then(text)),
    ])
}

/// What the planned edits come to: which are refused, and whose redundancy they alter.
fn proposal(today: &Snapshot, record: &ChangeRecord, proposed: &Proposed) -> Result<Value> {
    let touched = proposed.touched.iter().take(NAMED_MAX).map(|n| item_map(&*proposed.snapshot, *n));
    let before = margins(today, &proposed.touched)?;
    let after = margins(&proposed.snapshot, &proposed.touched)?;
    let known = |row: &(ItemNumber, SmolStr, u64, u64)| before.iter().find(|b| b.0 == row.0 && b.1 == row.1);
    let altered = after.iter().filter(|row| known(row) != Some(row)).take(NAMED_MAX).map(|row| {
        let was = known(row);
        map([
            ("item", Some(item_map(&*proposed.snapshot, row.0))),
            ("group", text(&row.1)),
            ("needed_before", was.map(|w| plain(w.2))),
            ("there_before", was.map(|w| plain(w.3))),
            ("needed", Some(plain(row.2))),
            ("there", Some(plain(row.3))),
        ])
    });
    Ok(map([
        ("edits", count(record.proposal.len())),
        ("refused", list(proposed.refused.iter().map(super::super::proposal::Refusal::value))),
        ("touches", list(touched)),
        ("touches_count", count(proposed.touched.len())),
        ("redundancy", list(altered)),
    ]))
}

/// Items named in a proposal's result; counts are whole.
const NAMED_MAX: usize = 200;

/// What was planned, in one word: two plans with the same word have the same scope, window, states and edits.
pub fn plan_digest(records: &dyn Records, record: &ChangeRecord) -> String {
    let affects = record.affected.iter().map(|a| affected_word(records, a));
    let plan = map([
        ("affects", list(affects)),
        ("kind", text(record.kind.word())),
        ("model", record.model.as_deref().and_then(text)),
        ("start", record.window.as_ref().map(|w| Value::Integer(w.start_ms))),
        ("end", record.padded().map(|(_, end)| Value::Integer(end))),
        ("implementer", record.implementer.as_deref().and_then(text)),
        ("proposal", list(record.proposal.iter().cloned())),
    ]);
    digest(&plan)
}

fn affected_word(records: &dyn Records, affected: &record::Affected) -> Value {
    Value::Text(format!("{}={}", records.id_key().item_id(affected.item), affected.effect.word()).into())
}

/// BLAKE3 over the stored form of a value.
pub fn digest(value: &Value) -> String {
    let bytes = postcard::to_stdvec(value).unwrap_or_default();
    blake3::hash(&bytes).to_hex().to_string()
}

fn with_digest(body: Value) -> Value {
    let word = digest(&body);
    match body {
        Value::Map(entries) => {
            Value::map(entries.into_iter().chain([(SmolStr::new_static("digest"), Value::Text(word.into()))]))
        }
        other => other,
    }
}

/// What was frozen, and what working it out again gave.
#[derive(Debug)]
pub struct Replayed {
    pub frozen: Value,
    pub again: Value,
}

impl Replayed {
    pub fn is_same(&self) -> bool {
        let bytes = |v: &Value| postcard::to_stdvec(v).unwrap_or_default();
        self.frozen == self.again && bytes(&self.frozen) == bytes(&self.again)
    }
}

/// Works a frozen assessment out again; `at` gives the state at a position.
///
/// # Errors
/// `change.not-assessed`; `change.rules` if the computations have moved on since.
pub fn replay(
    record: &ChangeRecord,
    at: impl Fn(Position) -> Result<Arc<Snapshot>>,
    queries: &dyn Queries,
) -> Result<Replayed> {
    let frozen = record.assessment.clone().ok_or_else(|| {
        Error::refused("change.not-assessed", format!("{} was not assessed yet", record.number))
            .hint("`cmdb change assess` does it")
    })?;
    let integer = |key: &str| get(&frozen, key).and_then(Value::as_integer).unwrap_or(-1);
    if integer("rules") != RULES {
        let message =
            format!("the assessment was made by rules {}; these are rules {RULES}", integer("rules"));
        return Err(Error::refused("change.rules", message).hint("assess it again"));
    }
    let damaged =
        || Error::new(Kind::Corrupt, "change.assessment", "the assessment does not say when it was made");
    let position = Position(u64::try_from(integer("position")).map_err(|_| damaged())?);
    let as_of = crate::model::temporal::Instant::parse(get_text(&frozen, "as_of")).ok_or_else(damaged)?;
    let snapshot = at(position)?;
    let version = u32::try_from(integer("policy")).map_err(|_| damaged())?;
    let policy = Policy::of_version(snapshot.settings(), version)?;
    let collisions = get_list(&frozen, "collisions").to_vec();
    let again = assess(&Inputs {
        snapshot: &snapshot,
        change: record.item,
        policy: &policy,
        queries,
        as_of_ms: crate::process::fields::millis(&as_of),
        collisions: &collisions,
        outside_window: get(&frozen, "outside_window") == Some(&Value::Boolean(true)),
    })?;
    Ok(Replayed { frozen, again: again.value })
}
