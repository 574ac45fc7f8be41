//! Search over names and attributes.

use crate::api;
use crate::call::{Call, parameter};
use crate::convert::item_ref;
use crate::handlers::items::class_filter;
use crate::reply::Reply;
use crate::route::Route;
use crate::search::{Hit, Query};
use cmdb_core::Result;
use std::time::Instant;

/// Items of one answer where no limit is stated, and at most.
const LIMIT_DEFAULT: usize = 20;
const LIMIT_MAX: usize = 1_000;
/// Longest text, in bytes.
const TEXT_BYTES_MAX: usize = 256;

pub fn search() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let text = call.required("q")?.trim();
        if text.is_empty() || text.len() > TEXT_BYTES_MAX {
            return Err(parameter("q", format!("q has 1 to {TEXT_BYTES_MAX} bytes")));
        }
        let class = class_filter(&call, &snapshot)?;
        let limit = call.number("limit")?.unwrap_or(LIMIT_DEFAULT).min(LIMIT_MAX);
        let started = Instant::now();
        let query = Query { text, class: class.as_ref(), limit: limit + 1 };
        let mut hits = call.app.search.search(call.app.cmdb()?, &snapshot, &query)?;
        let complete = hits.len() <= limit;
        hits.truncate(limit);
        let found = |hit: Hit| {
            let api::ItemRef { id, class, name } = item_ref(&snapshot, snapshot.dense(hit.item));
            let (attribute, value) = hit.attribute.unzip();
            api::FoundItem { id, class, name, matched: hit.matched.word(), attribute, value }
        };
        let items = hits.into_iter().map(found).collect();
        let elapsed_us = started.elapsed().as_micros() as u64;
        let position = snapshot.position();
        Ok(Reply::json(&api::Found { position: position.0, items, complete, elapsed_us }).at(position))
    }
    Route::read("/api/v1/search", "search", handler)
        .summary("Items by part of a name or of a text attribute, tolerant of typing errors, best first")
        .text("q", "what to look for; several words must all be there")
        .text("class", "items of this class, subclasses included")
        .number("limit", "items; 20 if not stated, at most 1000")
        .gives::<api::Found>()
}
