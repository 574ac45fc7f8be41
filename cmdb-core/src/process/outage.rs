//! Outages and incidents: what is down or degraded now, and when something was.
//!
//! Both hold the items that their `affects` relationships lead to in a state, from their start to their end where
//! these are stated, for as long as their lifecycle calls them live. An incident that states no `outage_state` holds
//! nothing.

use super::change::record::of_class;
use super::fields::Fields;
use super::record::{AFFECTS, NewRecord, find, settle, targets, texts};
use crate::analysis::collision::Span;
use crate::analysis::impact::{Root, State};
use crate::command::attributes::Input;
use crate::command::program::Program;
use crate::command::{Answer, Decider, Reference, Right, access};
use crate::error::{Error, Result};
use crate::graph::{Records, Snapshot};
use crate::model::temporal::Instant;
use crate::model::{ItemNumber, SmolStr, Value};

pub const OUTAGE: &str = "Outage";
pub const INCIDENT: &str = "Incident";
/// The word for planned downtime; it propagates as down.
pub const MAINTENANCE: &str = "maintenance";
/// Statuses of an incident in which nothing is broken any more.
const OVER: &[&str] = &["resolved", "closed", "cancelled"];

/// An item that a record holds in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub root: Root,
    pub planned: bool,
    /// Dense id of the record.
    pub record: u32,
}

/// An outage or incident as it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct OutageRecord {
    pub item: ItemNumber,
    pub number: SmolStr,
    pub title: SmolStr,
    pub is_incident: bool,
    /// Whether it lasts, by its status.
    pub open: bool,
    pub planned: bool,
    pub state: State,
    pub started_ms: Option<i64>,
    pub ended_ms: Option<i64>,
    pub affected: Vec<ItemNumber>,
}

impl OutageRecord {
    /// From its start, or ever, to its end, or as long as it lasts. One that is over and states no end took no time.
    pub fn span(&self) -> Span {
        let start_ms = self.started_ms.unwrap_or(i64::MIN);
        let lasting = if self.open { i64::MAX } else { start_ms };
        Span { start_ms, end_ms: self.ended_ms.unwrap_or(lasting) }
    }
    /// What it forces.
    pub fn roots(&self, snapshot: &Snapshot) -> Vec<Root> {
        self.affected.iter().map(|n| Root { item: snapshot.dense(*n), state: self.state }).collect()
    }
}

/// Everything held by outages and incidents that are open at `now_ms`, by record as created and then by item.
pub fn held(snapshot: &Snapshot, now_ms: i64) -> Result<Vec<Held>> {
    let now = Span { start_ms: now_ms, end_ms: now_ms.saturating_add(1) };
    let mut held = Vec::new();
    for outage in all(snapshot)?.into_iter().filter(|o| o.open && o.span().meets(&now)) {
        let record = snapshot.dense(outage.item);
        let roots = outage.roots(snapshot).into_iter();
        held.extend(roots.map(|root| Held { root, planned: outage.planned, record }));
    }
    Ok(held)
}

/// Outages and incidents that meet a span, closed ones included, as created.
pub fn between(snapshot: &Snapshot, span: Span) -> Result<Vec<OutageRecord>> {
    Ok(all(snapshot)?.into_iter().filter(|o| o.span().meets(&span)).collect())
}

/// All outages and incidents that hold something, as created.
pub fn all(snapshot: &Snapshot) -> Result<Vec<OutageRecord>> {
    let mut numbers = of_class(snapshot, OUTAGE)?;
    numbers.extend(of_class(snapshot, INCIDENT)?);
    numbers.sort_unstable();
    numbers.dedup();
    let mut out = Vec::new();
    for number in numbers {
        out.extend(read(snapshot, number)?);
    }
    Ok(out)
}

/// Reads an outage or an incident; nothing if it holds nothing in a state.
pub fn read(snapshot: &Snapshot, number: ItemNumber) -> Result<Option<OutageRecord>> {
    let Some(item) = snapshot.item(number)? else { return Ok(None) };
    let fields = Fields::of(snapshot, &item);
    let is_incident = super::record::is_a(snapshot, number, INCIDENT);
    let word = match (fields.text("outage_state"), is_incident) {
        (Some(word), _) => word,
        (None, true) => return Ok(None),
        (None, false) => State::Down.word(),
    };
    let name = item.name.clone().unwrap_or_default();
    let hidden = snapshot.is_hidden(snapshot.dense(number));
    Ok(Some(OutageRecord {
        item: number,
        number: fields.text("number").map_or_else(|| name.clone(), SmolStr::new),
        title: fields.text("title").map_or(name, SmolStr::new),
        is_incident,
        open: !(hidden || is_incident && OVER.contains(&fields.status())),
        planned: word == MAINTENANCE,
        // A catalogue of somebody's own may have other words; an outage is an outage.
        state: State::parse(word).filter(|s| *s != State::Up).unwrap_or(State::Down),
        started_ms: fields.time_ms("started_at"),
        ended_ms: fields.time_ms("ended_at"),
        affected: targets(snapshot, number, AFFECTS)?,
    }))
}

/// Notes that something is down, degraded or broken.
#[derive(Clone, Debug, Default)]
pub struct Open {
    pub incident: bool,
    pub title: SmolStr,
    /// REFs of the items concerned.
    pub affects: Vec<SmolStr>,
    /// `down`, `degraded` or `maintenance`; of an incident, none if it only has symptoms.
    pub state: Option<SmolStr>,
    /// Now if not stated.
    pub started_at: Option<Instant>,
    /// Urgency and the like, by attribute.
    pub attributes: crate::command::attributes::Inputs,
}

/// The series of outages and of incidents.
pub const OUTAGES: &str = "OUT";
pub const INCIDENTS: &str = "INC";

impl Program for Open {
    fn name(&self) -> &'static str {
        if self.incident { "open incident" } else { "open outage" }
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        access::check(&decider.context().principal, Right::Edit)?;
        if self.affects.is_empty() {
            let message = "an outage or incident concerns at least one item";
            return Err(Error::invalid("outage.affects", message).detail("/affects", message));
        }
        let mut attributes =
            texts([("title", Some(self.title.as_str())), ("outage_state", self.state.as_deref())]);
        let now = Instant::from_millis(decider.draft().moment().time_ms);
        let started = self.started_at.clone().unwrap_or(now);
        attributes.push(("started_at".into(), Input::Typed(Value::DateTime(started))));
        attributes.extend(self.attributes.iter().cloned());
        let (class, series) = if self.incident { (INCIDENT, INCIDENTS) } else { (OUTAGE, OUTAGES) };
        let affects = self.affects.clone();
        let record = NewRecord { class, series, attributes, affects, relates_to: Vec::new() };
        Ok(Answer::Item(record.create(decider)?))
    }
}

/// Notes that it is over.
#[derive(Clone, Debug)]
pub struct Close {
    pub incident: bool,
    pub record: Reference,
    /// Now if not stated.
    pub ended_at: Option<Instant>,
}

impl Program for Close {
    fn name(&self) -> &'static str {
        if self.incident { "resolve incident" } else { "close outage" }
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        access::check(&decider.context().principal, Right::Edit)?;
        let (class, list, status) = match self.incident {
            true => (INCIDENT, "cmdb incident list", "resolved"),
            false => (OUTAGE, "cmdb outage list", "closed"),
        };
        let number = find(decider.draft(), &self.record.0, class, list)?;
        let item = decider.draft().item(number)?.unwrap_or_default();
        let fields = Fields::of(decider.draft(), &item);
        if fields.status() == status {
            let message = format!("{} is {status} already", item.name.as_deref().unwrap_or(""));
            return Err(Error::refused("outage.closed", message));
        }
        let now = Instant::from_millis(decider.draft().moment().time_ms);
        let ended = self.ended_at.clone().unwrap_or(now);
        if fields
            .instant("started_at")
            .is_some_and(|start| super::fields::millis(start) > super::fields::millis(&ended))
        {
            let message = "it ends before it began";
            return Err(Error::invalid("outage.ended", message).detail("/ended_at", message));
        }
        let attributes = vec![("ended_at".into(), Input::Typed(Value::DateTime(ended)))];
        settle(decider, number, status, attributes)?;
        Ok(Answer::Item(number))
    }
}
