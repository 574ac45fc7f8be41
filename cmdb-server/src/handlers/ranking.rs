//! The most critical items: how much hangs on each.

use crate::api;
use crate::call::{Call, parameter};
use crate::convert::item_ref;
use crate::handlers::items::class_filter;
use crate::rankings::Weighting;
use crate::reply::Reply;
use crate::route::{Lane, Route};
use crate::window::window;
use cmdb_core::{Error, Kind, Result};
use std::time::Instant;

pub fn ranking() -> Route {
    // The first question after the graph moved may take seconds, so it takes no place of the quick ones.
    Route::read("/api/v1/ranking", "ranking", answer)
        .summary("Items by how many others, and how many business services, depend on each, directly or not")
        .text("by", "`items` (default) or `services`: what counts first")
        .text("class", "items of this class, subclasses included")
        .paged()
        .gives::<api::Ranked>()
        .lane(Lane::Stream)
}

fn answer(call: Call) -> Result<Reply> {
    let page = call.page()?;
    let take = page.limit.ok_or_else(|| {
        Error::limit("request.limit", "the ranking comes in pages").hint("follow the cursors")
    })?;
    let weighting = match call.text("by") {
        None | Some("items") => Weighting::Items,
        Some("services") => Weighting::Services,
        Some(other) => {
            return Err(parameter("by", format!("the ranking is by items or by services, not \"{other}\"")));
        }
    };
    let snapshot = call.snapshot_of(&page)?;
    let class = class_filter(&call, &snapshot)?;
    let started = Instant::now();
    let gone = || Error::new(Kind::Unavailable, "request.cancelled", "nobody waits for the answer");
    let table = call.app.rankings.of(&snapshot, &call.cancelled).ok_or_else(gone)?;
    let order = table.order(&snapshot, weighting);
    let keep = |item: u32| class.as_ref().is_none_or(|c| c.holds(snapshot.class_of(item)));
    let filter = class.as_ref().map(|_| &keep as &dyn Fn(u32) -> bool);
    let count = if class.is_some() { order.iter().filter(|i| keep(**i)).count() } else { order.len() } as u64;
    // Items of one rank are ordered by class and name.
    let rank = |item: u32| table.rank(item, weighting);
    let waves = order.chunk_by(|a, b| rank(*a) == rank(*b)).map(|equal| (equal, ()));
    let item = |(item, ()): (u32, ())| {
        let api::ItemRef { id, class, name } = item_ref(&snapshot, item);
        let (dependents, services) = table.rank(item, Weighting::Items);
        api::RankedItem { id, class, name, dependents, services }
    };
    let items: Vec<_> = window(&snapshot, waves, page.offset, take, filter).into_iter().map(item).collect();
    let next_cursor = page.next(snapshot.position(), items.len(), count);
    let next = call.next_url(&next_cursor);
    let elapsed_us = started.elapsed().as_micros() as u64;
    let position = snapshot.position();
    let answer = api::Ranked { position: position.0, count, items, next_cursor, elapsed_us };
    Ok(Reply::json(&answer).next_page(next).at(position))
}
