//! What a change does while it runs, if it fails, and once it is done: for each business service its state, why, what
//! margin is left, and what hangs on it. On the graph as it is and, where edits are planned, as it will be.
//!
//! A change is judged in its surroundings: what open outages hold down and what other changes take down in its window
//! counts. The set of running changes is taken at each instant at which it differs; per service the worst counts.

use super::membership::owners;
use super::record::{self, ChangeRecord};
use super::status::Status;
use crate::analysis::criticality::{criticality, standing};
use crate::analysis::impact::{Explainer, Impact, Question, Root, Scratch, State, impact};
use crate::command::reference::label;
use crate::error::Result;
use crate::graph::link::UNIT_WEIGHT;
use crate::graph::{Records, Snapshot, View};
use crate::model::{ItemNumber, SmolStr, Value};
use crate::process::fields::{Fields, count, item_map, list, map, text, time};
use crate::process::outage::{self, Held};
use crate::schema::symbols;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// Different sets of running changes looked at in one window; beyond, they are taken together, and the answer says that
/// it is not complete.
pub const INSTANTS_MAX: usize = 64;
/// Services listed for one scenario, worst and most critical first; counts are always whole.
pub const SERVICES_MAX: usize = 500;
/// Services proved for one scenario; the others are listed with their state alone.
pub const PROVED_MAX: usize = 100;

/// A business service that one scenario affects.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    pub item: ItemNumber,
    pub state: State,
    /// Its state were the change not made: what outages and other changes do by themselves.
    pub without: State,
    pub criticality: Option<i64>,
    why: Vec<Value>,
    gates: Vec<Value>,
}

/// One scenario on one graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scenario {
    /// State worst first, then the most critical, then by name.
    pub services: Vec<Service>,
    /// Affected items by state, at the worst instant of each; the change's own items included.
    counts: [usize; 4],
    pub complete: bool,
    /// Everything reached, by number: what a later commit must touch to alter this.
    pub reached: Vec<ItemNumber>,
}

/// The surroundings of a change.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub held: Vec<Held>,
    /// Other changes that were approved and whose time meets this one's; of two that wait for approval, the
    /// one that is decided on second has to reckon with the first.
    pub others: Vec<ChangeRecord>,
    /// What is no longer there once the change is done, because its planned edits end it.
    pub gone: Vec<ItemNumber>,
    as_of_ms: i64,
}

impl Surroundings {
    /// What else is down in the window of `record`, as known at `as_of_ms`.
    pub fn of(snapshot: &Snapshot, record: &ChangeRecord, as_of_ms: i64) -> Result<Surroundings> {
        let held = outage::held(snapshot, as_of_ms)?;
        let (start, end) = own_time(record, as_of_ms);
        let meets = |other: &ChangeRecord| {
            let decided = matches!(other.status, Status::Approved | Status::Scheduled | Status::Implementing);
            let occupied = other.occupied(as_of_ms);
            other.item != record.item && decided && occupied.is_some_and(|(s, e)| s < end && start < e)
        };
        let mut others = record::all(snapshot)?;
        others.retain(meets);
        Ok(Surroundings { held, others, gone: Vec::new(), as_of_ms })
    }
    /// The distinct sets of other changes that run at some time of the window, each by index. What there is beyond
    /// [`INSTANTS_MAX`] sets is taken together, which makes it worse and hides nothing.
    fn running(&self, record: &ChangeRecord) -> (Vec<Vec<usize>>, bool) {
        let (start, end) = own_time(record, self.as_of_ms);
        let inside = |at: &i64| (start..end).contains(at);
        let occupied = |other: &ChangeRecord| other.occupied(self.as_of_ms);
        let ends = self.others.iter().filter_map(occupied).flat_map(|(s, e)| [s, e]);
        let instants: BTreeSet<i64> = ends.filter(inside).chain([start]).collect();
        let at = |instant: i64| -> Vec<usize> {
            let runs = |other: &ChangeRecord| occupied(other).is_some_and(|(s, e)| (s..e).contains(&instant));
            (0..self.others.len()).filter(|i| runs(&self.others[*i])).collect()
        };
        let mut sets: Vec<Vec<usize>> = instants.into_iter().map(at).collect();
        sets.sort();
        sets.dedup();
        let complete = sets.len() <= INSTANTS_MAX;
        if !complete {
            let beyond: BTreeSet<usize> = sets.drain(INSTANTS_MAX - 1..).flatten().collect();
            sets.push(beyond.into_iter().collect());
        }
        (sets, complete)
    }
    pub fn value(&self, snapshot: &Snapshot) -> Value {
        let held = self.held.iter().map(|held| {
            map([
                ("record", Some(item_map(snapshot, snapshot.number(held.record)))),
                ("item", Some(item_map(snapshot, snapshot.number(held.root.item)))),
                ("state", text(held.root.state.word())),
            ])
        });
        let others = self.others.iter().map(|other| {
            let (start, end) = other.occupied(self.as_of_ms).unwrap_or_default();
            map([
                ("number", text(&other.number)),
                ("start", Some(time(start))),
                ("padded_end", Some(time(end))),
                ("affects", list(other.affected.iter().map(|a| item_map(snapshot, a.item)))),
            ])
        });
        map([("held", list(held)), ("changes", list(others))])
    }
}

/// When a change is carried out; one without a window, such as an emergency, now.
fn own_time(record: &ChangeRecord, as_of_ms: i64) -> (i64, i64) {
    record.occupied(as_of_ms).unwrap_or((as_of_ms, as_of_ms.saturating_add(1)))
}

/// What is done to the change's own items in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// While it runs as planned.
    During,
    /// It goes wrong: everything it touches is down.
    IfItFails,
    /// It is done, and everything it touched is back but what it ends.
    After,
}

impl When {
    fn roots(self, snapshot: &Snapshot, record: &ChangeRecord) -> Vec<Root> {
        let exists = |n: ItemNumber| n.0 < snapshot.nodes();
        let affected = record.affected.iter().filter(|a| exists(a.item));
        let state = |a: &record::Affected| match self {
            When::During => a.effect.state(),
            When::IfItFails => Some(State::Down),
            When::After => None,
        };
        affected.filter_map(|a| Some(Root { item: snapshot.dense(a.item), state: state(a)? })).collect()
    }
}

/// Works out one scenario on one graph.
pub fn scenario(
    snapshot: &Snapshot,
    record: &ChangeRecord,
    around: &Surroundings,
    when: When,
    scratch: &mut Scratch,
) -> Result<Scenario> {
    let mut own = when.roots(snapshot, record);
    if when == When::After {
        let gone = around.gone.iter().filter(|n| n.0 < snapshot.nodes());
        own.extend(gone.map(|n| Root { item: snapshot.dense(*n), state: State::Down }));
    }
    let (sets, complete) = match when {
        // Other changes are over, as far as anybody knows.
        When::After => (vec![Vec::new()], true),
        When::During | When::IfItFails => around.running(record),
    };
    let mut out = Scenario { complete, ..Scenario::default() };
    let mut services: FxHashMap<ItemNumber, Service> = FxHashMap::default();
    let mut worst: FxHashMap<u32, State> = FxHashMap::default();
    for set in sets {
        let mut surrounding: Vec<Root> = around.held.iter().map(|h| h.root).collect();
        surrounding.retain(|r| r.item < snapshot.nodes());
        surrounding.extend(set.iter().flat_map(|i| When::During.roots(snapshot, &around.others[*i])));
        let without = states(snapshot, &surrounding, scratch);
        let roots: Vec<Root> = own.iter().chain(&surrounding).copied().collect();
        let question = Question::new(&roots);
        let view = View::full(snapshot);
        let answer = impact(view, &question, scratch);
        out.complete &= answer.complete;
        note_worst(&answer, &mut worst);
        let explainer = Explainer::new(view, &question, &answer);
        let mut found = affected_services(snapshot, &answer);
        found.sort_by_cached_key(|&(item, state)| standing(snapshot, item, state));
        for (rank, (item, state)) in found.into_iter().enumerate() {
            let number = snapshot.number(item);
            if services.get(&number).is_some_and(|known| known.state >= state) {
                continue;
            }
            let (why, gates) = match rank < PROVED_MAX {
                true => proof(snapshot, &explainer, item)?,
                false => Default::default(),
            };
            let without = without.get(&item).copied().unwrap_or_default();
            let criticality = criticality(snapshot, item)?;
            services.insert(number, Service { item: number, state, without, criticality, why, gates });
        }
    }
    for state in worst.values() {
        out.counts[*state as usize] += 1;
    }
    out.reached = worst.keys().map(|item| snapshot.number(*item)).collect();
    out.reached.sort_unstable();
    out.services = services.into_values().collect();
    out.services.sort_by_cached_key(|s| standing(snapshot, snapshot.dense(s.item), s.state));
    Ok(out)
}

fn states(snapshot: &Snapshot, roots: &[Root], scratch: &mut Scratch) -> FxHashMap<u32, State> {
    if roots.is_empty() {
        return FxHashMap::default();
    }
    let answer = impact(View::full(snapshot), &Question::new(roots), scratch);
    let of = |w: &crate::analysis::impact::Wave| (answer.items(w).to_vec(), w.state);
    let waves: Vec<(Vec<u32>, State)> = answer.affected_waves().map(of).collect();
    waves.into_iter().flat_map(|(items, state)| items.into_iter().map(move |i| (i, state))).collect()
}

fn note_worst(answer: &Impact, worst: &mut FxHashMap<u32, State>) {
    for wave in &answer.waves {
        for item in answer.items(wave) {
            let known = worst.entry(*item).or_default();
            *known = (*known).max(wave.state);
        }
    }
}

fn affected_services(snapshot: &Snapshot, answer: &Impact) -> Vec<(u32, State)> {
    let schema = snapshot.schema();
    let classes: FxHashSet<_> = schema
        .classes()
        .filter(|c| schema.is_a(c.symbol, symbols::BUSINESS_SERVICE))
        .map(|c| c.symbol)
        .collect();
    let is_service = |item: &u32| snapshot.class_of(*item).is_some_and(|c| classes.contains(&c));
    let waves = answer.affected_waves();
    waves.flat_map(|w| answer.items(w).iter().copied().filter(is_service).map(|i| (i, w.state))).collect()
}

/// The chain of reasons, and the gates that lost something.
fn proof(snapshot: &Snapshot, explainer: &Explainer<'_>, item: u32) -> Result<(Vec<Value>, Vec<Value>)> {
    let name = |item: u32| label(snapshot, snapshot.number(item));
    let mut why = Vec::new();
    for step in explainer.chain(item)? {
        let record = snapshot.relationship(step.relationship)?;
        let kind = record.map(|r| snapshot.names().text(r.identity.kind).to_owned()).unwrap_or_default();
        why.push(map([
            ("item", text(&name(step.item))),
            ("relationship", text(&kind)),
            ("on", text(&name(step.on))),
            ("state", text(step.state.word())),
        ]));
    }
    let gates = explainer.gates(item)?;
    let gates = gates.iter().map(|gate| {
        map([
            ("group", text(&gate.group)),
            ("needed", Some(plain(gate.needed))),
            ("left", Some(plain(gate.left))),
            ("of", Some(plain(gate.of))),
            ("margin", Some(plain_difference(gate.left, gate.needed))),
            ("state", text(gate.state.word())),
            ("lost", list(gate.lost.iter().map(|i| Value::Text(name(*i).into())))),
        ])
    });
    Ok((why, gates.collect()))
}

/// A weight as people state it.
pub(super) fn plain(thousandths: u64) -> Value {
    match thousandths % UNIT_WEIGHT {
        0 => Value::Integer((thousandths / UNIT_WEIGHT) as i64),
        _ => Value::Decimal(thousandths as f64 / UNIT_WEIGHT as f64),
    }
}

fn plain_difference(a: u64, b: u64) -> Value {
    let thousandths = a as i64 - b as i64;
    match thousandths % UNIT_WEIGHT as i64 {
        0 => Value::Integer(thousandths / UNIT_WEIGHT as i64),
        _ => Value::Decimal(thousandths as f64 / UNIT_WEIGHT as f64),
    }
}

impl Scenario {
    /// As it is kept in the record; `minutes` is how long the window lasts.
    pub fn value(&self, snapshot: &Snapshot, minutes: Option<i64>) -> Result<Value> {
        let mut services = Vec::new();
        for service in self.services.iter().take(SERVICES_MAX) {
            services.push(service.value(snapshot, minutes)?);
        }
        let by_state = [State::AtRisk, State::Degraded, State::Down]
            .into_iter()
            .filter(|s| self.counts[*s as usize] > 0)
            .map(|s| (SmolStr::new_static(s.word()), Value::Integer(self.counts[s as usize] as i64)));
        Ok(map([
            ("services", list(services)),
            ("services_count", count(self.services.len())),
            ("items_by_state", Some(Value::map(by_state))),
            ("complete", Some(Value::Boolean(self.complete))),
        ]))
    }
}

impl Service {
    /// Whether the change makes it worse than it would be anyhow.
    pub fn is_worse(&self) -> bool {
        self.state > self.without
    }
    fn value(&self, snapshot: &Snapshot, minutes: Option<i64>) -> Result<Value> {
        let item = snapshot.item(self.item)?.unwrap_or_default();
        let fields = Fields::of(snapshot, &item);
        let per_hour = fields.number("cost_per_hour").or_else(|| fields.number("revenue_per_hour"));
        let hours = minutes.filter(|_| self.state == State::Down).map(|m| m as f64 / 60.0);
        let owners = owners(snapshot, self.item)?;
        Ok(map([
            ("id", text(&snapshot.item_id(self.item).to_string())),
            ("class", text(fields.class())),
            ("name", text(item.name.as_deref().unwrap_or(""))),
            ("state", text(self.state.word())),
            ("without_the_change", text(self.without.word())),
            ("criticality", self.criticality.map(Value::Integer)),
            ("users", fields.integer("users").map(Value::Integer)),
            ("cost_per_hour", per_hour.map(Value::Decimal)),
            ("cost", per_hour.zip(hours).map(|(rate, hours)| Value::Decimal(cents(rate * hours)))),
            ("owner", owners.first().and_then(|(name, _)| text(name))),
            ("why", list(self.why.iter().cloned())),
            ("gates", list(self.gates.iter().cloned())),
        ]))
    }
}

/// Money to the cent.
fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}
