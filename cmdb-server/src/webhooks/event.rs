//! What a receiver is told: a commit as a CloudEvent (1.0, structured JSON), thin: who, when, and which items, without
//! their values. Whoever needs those asks the API, with rights of its own.

use crate::convert::{ClassSet, item_ref, timestamp};
use cmdb_core::Result;
use cmdb_core::fact::Fact;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::webhook::Webhook;
use cmdb_core::model::{ItemNumber, LogId, Position, RelationshipNumber};
use cmdb_core::store::Header;
use rustc_hash::FxHashMap;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Items that one event lists; it says if there are more.
pub const ITEMS_MAX: usize = 500;

/// Which commits a webhook is about.
pub struct Wanted<'a> {
    webhook: &'a Webhook,
    classes: Vec<ClassSet>,
}

impl<'a> Wanted<'a> {
    pub fn of(snapshot: &Snapshot, webhook: &'a Webhook) -> Result<Wanted<'a>> {
        let classes = webhook.classes.iter().map(|name| ClassSet::named(snapshot, name));
        Ok(Wanted { webhook, classes: classes.collect::<Result<_>>()? })
    }
    /// The items of one fact that count, or none if the fact does not.
    fn touched(&self, snapshot: &Snapshot, fact: &Fact) -> Result<Option<Vec<ItemNumber>>> {
        if !self.webhook.kinds.is_empty() && !self.webhook.kinds.iter().any(|kind| kind == fact.kind()) {
            return Ok(None);
        }
        let mut items = items_of(snapshot, fact)?;
        if self.classes.is_empty() {
            return Ok(Some(items));
        }
        let holds = |number: &ItemNumber| {
            let class = snapshot.class_of(snapshot.dense(*number));
            self.classes.iter().any(|set| set.holds(class))
        };
        items.retain(holds);
        Ok((!items.is_empty()).then_some(items))
    }
    /// The event of a commit; none for one that the webhook is not about. Names are today's.
    pub fn event(
        &self,
        snapshot: &Snapshot,
        log: LogId,
        position: Position,
        header: &Header,
        facts: &[Fact],
    ) -> Result<Option<Json>> {
        let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
        let mut items: FxHashMap<ItemNumber, &str> = FxHashMap::default();
        let mut order: Vec<ItemNumber> = Vec::new();
        for fact in facts {
            let Some(touched) = self.touched(snapshot, fact)? else { continue };
            *kinds.entry(fact.kind()).or_default() += 1;
            for number in touched {
                let known = items.get(&number).copied();
                if known.is_none() {
                    order.push(number);
                }
                items.insert(number, heavier(known, change(fact)));
            }
        }
        if kinds.is_empty() {
            return Ok(None);
        }
        let listed = order.iter().take(ITEMS_MAX).map(|number| {
            let item = item_ref(snapshot, snapshot.dense(*number));
            json!({ "id": item.id, "class": item.class, "name": item.name, "change": items[number] })
        });
        let data = json!({
            "position": position.0,
            "at": timestamp(header.time_ms),
            "actor": header.actor,
            "message": header.message,
            "kinds": kinds,
            "items": listed.collect::<Vec<_>>(),
            "items_count": order.len(),
            "complete": order.len() <= ITEMS_MAX,
        });
        let id = format!("{log}-{position}");
        Ok(Some(envelope(&id, log, "cmdb.commit", Some(position), &timestamp(header.time_ms), data)))
    }
}

/// An event that says nothing but that it arrived.
pub fn test_event(log: LogId, id: &str, now_ms: i64) -> Json {
    let data = json!({ "message": "a test of the webhook; nothing has happened" });
    envelope(id, log, "cmdb.test", None, &timestamp(now_ms), data)
}

fn envelope(id: &str, log: LogId, kind: &str, position: Option<Position>, time: &str, data: Json) -> Json {
    let mut event = json!({
        "specversion": "1.0",
        "id": id,
        "source": format!("/cmdb/{log}"),
        "type": kind,
        "time": time,
        "datacontenttype": "application/json",
        "data": data,
    });
    if let Some(position) = position {
        event["subject"] = format!("log/{position}").into();
    }
    event
}

fn items_of(snapshot: &Snapshot, fact: &Fact) -> Result<Vec<ItemNumber>> {
    let ends = |number: RelationshipNumber| -> Result<Vec<ItemNumber>> {
        let record = snapshot.relationship_or_tombstone(number)?;
        Ok(record.map(|r| vec![r.identity.source, r.identity.target]).unwrap_or_default())
    };
    Ok(match fact {
        Fact::ItemCreated(new) => vec![new.item],
        Fact::ItemEdited { item, .. }
        | Fact::ItemRemoved { item }
        | Fact::ItemRestored { item, .. }
        | Fact::Purged { item, .. } => vec![*item],
        Fact::Related(new) => vec![new.source, new.target],
        Fact::RelationshipEdited { relationship, .. }
        | Fact::RelationshipRestored { relationship, .. }
        | Fact::Unrelated { relationship } => ends(*relationship)?,
        _ => Vec::new(),
    })
}

/// What a fact did to the items it is about.
fn change(fact: &Fact) -> &'static str {
    match fact {
        Fact::ItemCreated(_) => "created",
        Fact::ItemRemoved { .. } => "removed",
        Fact::Related(_)
        | Fact::RelationshipEdited { .. }
        | Fact::RelationshipRestored { .. }
        | Fact::Unrelated { .. } => "relationships",
        _ => "edited",
    }
}

/// An item that was created and then edited in one commit was created.
fn heavier<'w>(known: Option<&'w str>, new: &'w str) -> &'w str {
    let weight =
        |word: &str| ["relationships", "edited", "created", "removed"].iter().position(|w| *w == word);
    match known {
        Some(known) if weight(known) >= weight(new) => known,
        _ => new,
    }
}
