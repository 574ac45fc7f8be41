//! Who says what of an item, since when, when they last saw it, and how far they are believed.

use crate::api;
use crate::call::Call;
use crate::convert::{item_ref, timestamp};
use crate::reply::Reply;
use crate::route::Route;
use crate::sightings::{confidence, known_by, moment, with_seen};
use cmdb_core::analysis::freshness::DAY_MS;
use cmdb_core::analysis::seen::{Known, Seen, Times};
use cmdb_core::command::resolve;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{Attribute, Item, ItemNumber, Relationship, RelationshipNumber};
use cmdb_core::schema::symbols;
use cmdb_core::{Error, Result};

/// Relationships listed at most; their count is whole.
const RELATIONSHIPS_MAX: usize = 1_000;

pub fn read() -> Route {
    Route::read("/api/v1/items/{ref}/sources", "read_item_sources", answer)
        .summary("Who says what of an item and its relationships: since when, when last seen, with what confidence")
        .text("when", "the moment for which it is said whether the item is stale, RFC 3339; now if not stated")
        .gives::<api::ItemSources>()
}

fn answer(call: Call) -> Result<Reply> {
    let snapshot = call.snapshot()?;
    let number = resolve(&*snapshot, call.path("ref"))?;
    let gone = || Error::not_found("item.unknown", "the item was removed meanwhile");
    let item = snapshot.item(number)?.ok_or_else(gone)?;
    let now_ms = moment(&call, &snapshot)?;
    let shown = with_seen(call.app.cmdb()?, &snapshot, |seen, times| {
        shown(&snapshot, seen, times, number, &item, now_ms)
    })?;
    Ok(Reply::json(&shown).at(snapshot.position()))
}

fn shown(
    snapshot: &Snapshot,
    seen: &Seen<'_>,
    times: &Times<'_>,
    number: ItemNumber,
    item: &Item,
    now_ms: i64,
) -> Result<api::ItemSources> {
    let known = seen.of_item(number.0, item)?;
    let api::ItemRef { id, class, name } = item_ref(snapshot, snapshot.dense(number));
    let days =
        item.class().and_then(|c| snapshot.settings().stale_after(c, snapshot.schema(), snapshot.names()));
    let last_ms = known.first().map(|known| known.last_ms);
    let is_stale = |(days, last): (u32, i64)| last < now_ms.saturating_sub(i64::from(days) * DAY_MS);
    let attribute =
        |a: &Attribute| Ok((snapshot.names().text(a.key).to_owned(), attribute(snapshot, &known, times, a)?));
    let all = snapshot.relationships_of(number);
    let listed = all.iter().take(RELATIONSHIPS_MAX).filter_map(|(number, _)| {
        let record = snapshot.relationship(*number).transpose()?;
        Some(record.and_then(|record| relationship(snapshot, seen, times, *number, &record)))
    });
    Ok(api::ItemSources {
        position: snapshot.position().0,
        id,
        class,
        name,
        first_seen: timestamp(times.of(item.created)?),
        last_seen: last_ms.map(timestamp),
        stale_after_days: days,
        stale: days.zip(last_ms).is_some_and(is_stale),
        attributes: item.attributes.iter().map(attribute).collect::<Result<_>>()?,
        relationships: listed.collect::<Result<_>>()?,
        relationships_count: all.len() as u64,
        sources: known.iter().map(|known| known_by(known, times)).collect::<Result<_>>()?,
    })
}

/// A value that somebody entered was seen when it was entered; one of a source whenever the source named the item.
fn attribute(
    snapshot: &Snapshot,
    known: &[Known],
    times: &Times<'_>,
    attribute: &Attribute,
) -> Result<api::AttributeSource> {
    let source = snapshot.names().text(attribute.source);
    let of = known.iter().find(|known| known.source == source);
    let since = times.of(attribute.at)?;
    let last_ms = match of {
        Some(known) if attribute.source != symbols::MANUAL => known.last_ms.max(since),
        _ => since,
    };
    let belief = of.map_or_else(|| snapshot.settings().belief(source), |known| known.belief);
    Ok(api::AttributeSource {
        source: source.to_owned(),
        since: timestamp(since),
        last_seen: Some(timestamp(last_ms)),
        confidence: confidence(belief.confidence),
    })
}

fn relationship(
    snapshot: &Snapshot,
    seen: &Seen<'_>,
    times: &Times<'_>,
    number: RelationshipNumber,
    record: &Relationship,
) -> Result<api::RelationshipSources> {
    let known = seen.of_relationship(number.0, record)?;
    let own = record.attribute(symbols::CONFIDENCE).and_then(|value| value.as_number());
    let believed = known.iter().map(|known| known.belief.confidence).max().unwrap_or(0);
    let end = |number| item_ref(snapshot, snapshot.dense(number));
    Ok(api::RelationshipSources {
        id: snapshot.relationship_id(number).to_string(),
        kind: snapshot.names().text(record.identity.kind).to_owned(),
        source: end(record.identity.source),
        target: end(record.identity.target),
        first_seen: timestamp(times.of(record.created)?),
        last_seen: known.first().map(|known| timestamp(known.last_ms)),
        confidence: own.unwrap_or_else(|| confidence(believed)),
        sources: known.iter().map(|known| known_by(known, times)).collect::<Result<_>>()?,
    })
}
