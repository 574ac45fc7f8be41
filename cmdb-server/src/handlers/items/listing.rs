//! The list of items: filters, order, fields, pages.

use crate::api;
use crate::call::Call;
use crate::convert::Convert;
use crate::cursor::Page;
use crate::filter::Filter;
use crate::reply::Reply;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::ItemNumber;
use cmdb_core::{Error, Result};
use order::{First, Order};
use serde_json::Value as Json;
use std::io::Write;
use std::sync::Arc;

mod order;

pub fn list(call: Call) -> Result<Reply> {
    let page = call.page()?;
    let snapshot = call.snapshot_of(&page)?;
    let filter = Filter::read(&call, &snapshot)?;
    let fields: Option<Vec<String>> =
        call.text("fields").map(|_| call.words("fields").into_iter().map(str::to_owned).collect());
    // A page of a sorted list needs what comes before its end in order, and of the rest only how many there are.
    let end = page.limit.map_or(usize::MAX, |limit| (page.offset as usize).saturating_add(limit));
    let first = match call.text("sort") {
        Some(sort) => Order::read(&snapshot, sort)?.first(&snapshot, &filter, end)?,
        None if filter.is_trivial() => return unfiltered(&call, snapshot, &page, fields),
        None => First::all(filter.numbers(&snapshot)?),
    };
    match page.limit {
        None => Ok(streamed(&call, snapshot, first.numbers, fields)),
        Some(limit) => paged(&call, &snapshot, &page, limit, &first, fields.as_deref()),
    }
}

/// Everything in order of creation: a page costs what it shows. Its offset is a number, not a count.
fn unfiltered(
    call: &Call,
    snapshot: Arc<Snapshot>,
    page: &Page,
    fields: Option<Vec<String>>,
) -> Result<Reply> {
    let first = u32::try_from(page.offset).unwrap_or(u32::MAX);
    let mut numbers =
        (first..snapshot.counts().item_numbers).filter(|n| !snapshot.is_gone(snapshot.dense(ItemNumber(*n))));
    let Some(limit) = page.limit else {
        let all = numbers.collect();
        return Ok(streamed(call, snapshot, all, fields));
    };
    let convert = Convert::new(&snapshot, call.app.cmdb()?);
    let shown: Vec<u32> = numbers.by_ref().take(limit).collect();
    let items: Vec<Json> =
        shown.iter().map(|n| row(&convert, *n, fields.as_deref())).collect::<Result<_>>()?;
    let more = numbers.next().filter(|_| limit > 0);
    let next_cursor = more.map(|n| page.cursor(snapshot.position(), u64::from(n)));
    let next = call.next_url(&next_cursor);
    let (position, count) = (snapshot.position(), Some(u64::from(snapshot.counts().items)));
    Ok(Reply::json(&api::Items { position: position.0, count, items, next_cursor })
        .next_page(next)
        .at(position))
}

fn paged(
    call: &Call,
    snapshot: &Snapshot,
    page: &Page,
    limit: usize,
    first: &First,
    fields: Option<&[String]>,
) -> Result<Reply> {
    let convert = Convert::new(snapshot, call.app.cmdb()?);
    let shown = first.numbers.iter().skip(page.offset as usize).take(limit);
    let items: Vec<Json> = shown.map(|n| row(&convert, *n, fields)).collect::<Result<_>>()?;
    let next_cursor = page.next(snapshot.position(), items.len(), first.count);
    let next = call.next_url(&next_cursor);
    let (position, count) = (snapshot.position().0, Some(first.count));
    Ok(Reply::json(&api::Items { position, count, items, next_cursor })
        .next_page(next)
        .at(snapshot.position()))
}

/// Every item, written while it is sent.
fn streamed(call: &Call, snapshot: Arc<Snapshot>, numbers: Vec<u32>, fields: Option<Vec<String>>) -> Reply {
    let (app, position) = (call.app.clone(), snapshot.position());
    Reply::written("application/json", move |out: &mut dyn Write| {
        let cmdb = app.cmdb().map_err(std::io::Error::other)?;
        let convert = Convert::new(&snapshot, cmdb);
        write!(out, "{{\"position\":{position},\"count\":{},\"items\":[", numbers.len())?;
        for (at, number) in numbers.iter().enumerate() {
            out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
            let row = row(&convert, *number, fields.as_deref()).map_err(std::io::Error::other)?;
            serde_json::to_writer(&mut *out, &row)?;
        }
        out.write_all(b"\n],\"next_cursor\":null}\n")
    })
    .at(position)
}

fn row(convert: &Convert<'_>, number: u32, fields: Option<&[String]>) -> Result<Json> {
    let gone = || Error::corrupt("store.item", "an item that exists has no record");
    let item = convert.snapshot.item(ItemNumber(number))?.ok_or_else(gone)?;
    let whole = serde_json::to_value(convert.item(ItemNumber(number), &item)?).unwrap_or_default();
    let Some(fields) = fields else { return Ok(whole) };
    let mut out = serde_json::Map::new();
    for field in fields {
        let value = whole.get(field).or_else(|| whole.get("attributes").and_then(|a| a.get(field)));
        out.insert(field.clone(), value.cloned().unwrap_or(Json::Null));
    }
    Ok(Json::Object(out))
}
