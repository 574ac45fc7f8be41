//! Calls put together from the spans of all services, which a file holds in any order.

use super::spans::{Peer, Service, Span, SpanId};
use crate::intake::{Intake, Item};
use cmdb_core::model::Value;
use cmdb_core::model::temporal::Instant;
use cmdb_core::{Error, Result};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Spans of one file at most: some 200 bytes are kept of each until the last one is read.
const SPANS_MAX: usize = 4_000_000;
/// Confidence in a dependency that one call showed; each further one halves the doubt, up to [`SURE`].
const ONE_CALL: f64 = 0.8;
const SURE: f64 = 0.99;

/// What is known of all services.
#[derive(Default)]
pub(super) struct Calls {
    services: Vec<(u64, Service)>,
    numbers: HashMap<SmolStr, u32>,
    /// Where each span is handled.
    homes: HashMap<SpanId, u32>,
    /// Spans that have a parent: trace and parent, own service, start.
    children: Vec<(SpanId, u32, i64)>,
    /// Clients that name their peer: the span, its service, the peer, start.
    clients: Vec<(SpanId, u32, Peer, i64)>,
}

/// How often and when one service was seen to call another.
#[derive(Default)]
struct Seen {
    count: u64,
    first_ns: i64,
    last_ns: i64,
}

impl Calls {
    pub fn add(&mut self, row: u64, service: Service, spans: Vec<Span>) -> Result<()> {
        let number = match self.numbers.get(&service.id) {
            Some(known) => *known,
            None => {
                let number = self.services.len() as u32;
                self.numbers.insert(service.id.clone(), number);
                self.services.push((row, service));
                number
            }
        };
        for span in spans {
            if self.homes.len() >= SPANS_MAX {
                let message = format!("a file of traces has at most {SPANS_MAX} spans");
                return Err(Error::limit("traces.too-many-spans", message).hint("cut it by time"));
            }
            if let Some(parent) = span.parent {
                self.children.push(((span.id.0.clone(), parent), number, span.start_ns));
            }
            if let (true, Some(peer)) = (span.is_client, span.peer) {
                self.clients.push((span.id.clone(), number, peer, span.start_ns));
            }
            self.homes.insert(span.id, number);
        }
        Ok(())
    }

    /// Hands over services and calls, in order of their ids.
    pub fn finish(self, intake: &mut Intake<'_>) -> Result<()> {
        let mut calls: BTreeMap<(SmolStr, SmolStr), Seen> = BTreeMap::new();
        let mut answered = HashSet::new();
        let mut orphans = 0;
        for (parent, callee, start_ns) in &self.children {
            match self.homes.get(parent) {
                Some(caller) if caller != callee => {
                    answered.insert(parent.clone());
                    see(&mut calls, self.id(*caller), self.id(*callee), *start_ns);
                }
                Some(_) => {}
                None => orphans += 1,
            }
        }
        let mut peers: BTreeMap<SmolStr, &'static str> = BTreeMap::new();
        for (span, caller, (class, name), start_ns) in &self.clients {
            if answered.contains(span) {
                continue;
            }
            if !self.numbers.contains_key(name) {
                peers.insert(name.clone(), class);
            }
            see(&mut calls, self.id(*caller), name.clone(), *start_ns);
        }
        if orphans > 0 {
            intake.note(0, "note.host", format!("{orphans} spans have a parent that is not in the file"));
        }
        for (row, service) in &self.services {
            let mut item = Item::new("ServiceInstance", service.id.clone()).name(Some(service.name.clone()));
            item.rest("", &service.resource, &["service.name"]);
            intake.item(*row, item)?;
        }
        for (name, class) in peers {
            intake.item(0, Item::new(class, name.clone()).name(Some(name)))?;
        }
        calls.into_iter().try_for_each(|((caller, callee), seen)| {
            intake.relate_with(0, &caller, "calls", &callee, attributes(&seen))
        })
    }

    fn id(&self, number: u32) -> SmolStr {
        self.services.get(number as usize).map(|(_, service)| service.id.clone()).unwrap_or_default()
    }
}

fn see(calls: &mut BTreeMap<(SmolStr, SmolStr), Seen>, caller: SmolStr, callee: SmolStr, start_ns: i64) {
    let seen = calls.entry((caller, callee)).or_default();
    seen.count += 1;
    if start_ns > 0 {
        seen.first_ns = if seen.first_ns == 0 { start_ns } else { seen.first_ns.min(start_ns) };
        seen.last_ns = seen.last_ns.max(start_ns);
    }
}

fn attributes(seen: &Seen) -> Vec<(&'static str, Value)> {
    let doubt = (1.0 - ONE_CALL) * 0.5_f64.powi(seen.count.min(64) as i32 - 1);
    // Two decimals, so that a call more does not change what nobody reads.
    let confidence = ((1.0 - doubt) * 100.0).round() / 100.0;
    let mut out = vec![
        ("observed", Value::Boolean(true)),
        ("confidence", Value::Decimal(confidence.min(SURE))),
        ("call_count", Value::Integer(i64::try_from(seen.count).unwrap_or(i64::MAX))),
    ];
    if seen.last_ns > 0 {
        out.push(("first_seen", Value::DateTime(Instant::from_millis(seen.first_ns / 1_000_000))));
        out.push(("last_seen", Value::DateTime(Instant::from_millis(seen.last_ns / 1_000_000))));
    }
    out
}
