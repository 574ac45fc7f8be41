//! What open outages hold down.

use super::change::record::of_class;
use super::fields::{Fields, Related};
use crate::Result;
use crate::analysis::collision::Span;
use crate::analysis::impact::{Root, State};
use crate::graph::{Records, Snapshot};
use crate::model::ItemNumber;

/// An item that a record holds in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub root: Root,
    pub planned: bool,
    /// Dense id of the record.
    pub record: u32,
}

/// An outage as it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct OutageRecord {
    pub item: ItemNumber,
    pub planned: bool,
    pub open: bool,
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

/// Everything held by outages that are open at `now_ms`, by record as created and then by item.
pub fn held(snapshot: &Snapshot, now_ms: i64) -> Result<Vec<Held>> {
    let now = Span { start_ms: now_ms, end_ms: now_ms.saturating_add(1) };
    let mut held = Vec::new();
    for outage in all(snapshot)?.into_iter().filter(|o| o.open && o.span().meets(&now)) {
        let record = snapshot.dense(outage.item);
        held.extend(outage.roots(snapshot).into_iter().map(|root| Held {
            root,
            planned: outage.planned,
            record,
        }));
    }
    Ok(held)
}

/// Outages that meet a span, closed ones included, as created.
pub fn between(snapshot: &Snapshot, span: Span) -> Result<Vec<OutageRecord>> {
    Ok(all(snapshot)?.into_iter().filter(|o| o.span().meets(&span)).collect())
}

fn all(snapshot: &Snapshot) -> Result<Vec<OutageRecord>> {
    let affects = snapshot.names().get("affects");
    let mut out = Vec::new();
    for number in of_class(snapshot, "Outage")? {
        let Some(item) = snapshot.item(number)? else { continue };
        let fields = Fields::of(snapshot, &item);
        let word = fields.text("outage_state").unwrap_or("down");
        let mut affected = Vec::new();
        for (_, r) in snapshot.relationships_at(number)? {
            if r.identity.source == number && Some(r.identity.kind) == affects {
                affected.push(r.identity.target);
            }
        }
        out.push(OutageRecord {
            item: number,
            planned: word == "maintenance",
            open: !snapshot.is_hidden(snapshot.dense(number)),
            state: State::parse(word).filter(|s| *s != State::Up).unwrap_or(State::Down),
            started_ms: fields.time_ms("started_at"),
            ended_ms: fields.time_ms("ended_at"),
            affected,
        });
    }
    Ok(out)
}
