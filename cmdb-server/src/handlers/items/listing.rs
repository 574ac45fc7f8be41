//! The list of items: filters, order, fields, pages.

use crate::api;
use crate::call::{Call, parameter};
use crate::convert::Convert;
use crate::cursor::Page;
use crate::filter::Filter;
use crate::reply::Reply;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{Item, ItemNumber, Symbol, Value};
use cmdb_core::{Error, Result, error};
use rayon::prelude::*;
use serde_json::Value as Json;
use std::cmp::Ordering;
use std::io::Write;
use std::sync::Arc;

pub fn list(call: Call) -> Result<Reply> {
    let page = call.page()?;
    let snapshot = call.snapshot_of(&page)?;
    let filter = Filter::read(&call, &snapshot)?;
    let fields: Option<Vec<String>> =
        call.text("fields").map(|_| call.words("fields").into_iter().map(str::to_owned).collect());
    let numbers = match call.text("sort") {
        Some(sort) => sorted(&snapshot, &filter, &Order::read(&snapshot, sort)?)?,
        None if filter.is_trivial() => return unfiltered(&call, snapshot, &page, fields),
        None => filter.numbers(&snapshot)?,
    };
    match page.limit {
        None => Ok(streamed(&call, snapshot, numbers, fields)),
        Some(limit) => paged(&call, &snapshot, &page, limit, &numbers, fields.as_deref()),
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
    numbers: &[u32],
    fields: Option<&[String]>,
) -> Result<Reply> {
    let convert = Convert::new(snapshot, call.app.cmdb()?);
    let shown = numbers.iter().skip(page.offset as usize).take(limit);
    let items: Vec<Json> = shown.map(|n| row(&convert, *n, fields)).collect::<Result<_>>()?;
    let next_cursor = page.next(snapshot.position(), items.len(), numbers.len() as u64);
    let next = call.next_url(&next_cursor);
    let (position, count) = (snapshot.position().0, Some(numbers.len() as u64));
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

/// What items are sorted by.
struct Order {
    by: By,
    reversed: bool,
}

enum By {
    Class,
    Name,
    Status,
    Created,
    Updated,
    Attribute(Symbol),
}

/// What one item is sorted by; items without it come last.
#[derive(PartialEq)]
enum Key {
    Text(String),
    Number(f64),
    Missing,
}

impl Order {
    fn read(snapshot: &Snapshot, sort: &str) -> Result<Order> {
        let (reversed, name) = sort.strip_prefix('-').map_or((false, sort), |name| (true, name));
        let by = match name {
            "class" => By::Class,
            "name" => By::Name,
            "status" => By::Status,
            "created_at" => By::Created,
            "updated_at" => By::Updated,
            attribute => By::Attribute(snapshot.names().get(attribute).ok_or_else(|| {
                let known = snapshot.schema().classes().flat_map(|c| c.attributes.values());
                let error = parameter("sort", format!("\"{attribute}\" is no attribute to sort by"));
                match error::did_you_mean(attribute, known.map(|a| a.name.as_str())) {
                    Some(hint) => error.hint(hint),
                    None => error,
                }
            })?),
        };
        Ok(Order { by, reversed })
    }
    fn key(&self, snapshot: &Snapshot, item: &Item) -> Key {
        let text = |symbol: Option<Symbol>| {
            symbol.map_or(Key::Missing, |s| Key::Text(snapshot.names().text(s).into()))
        };
        match &self.by {
            By::Class => text(item.class()),
            By::Name => item.name.as_ref().map_or(Key::Missing, |n| Key::Text(n.to_string())),
            By::Status => text(item.status),
            By::Created => Key::Number(item.created.0 as f64),
            By::Updated => Key::Number(item.updated.0 as f64),
            By::Attribute(key) => match item.attribute(*key) {
                None => Key::Missing,
                Some(value) => value.as_number().map_or_else(|| Key::Text(text_of(value)), Key::Number),
            },
        }
    }
    fn compare(&self, a: &Key, b: &Key) -> Ordering {
        let ordered = match (a, b) {
            (Key::Missing, Key::Missing) => Ordering::Equal,
            (Key::Missing, _) => return Ordering::Greater,
            (_, Key::Missing) => return Ordering::Less,
            (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
            (Key::Text(a), Key::Text(b)) => a.cmp(b),
            (Key::Number(_), Key::Text(_)) => Ordering::Less,
            (Key::Text(_), Key::Number(_)) => Ordering::Greater,
        };
        if self.reversed { ordered.reverse() } else { ordered }
    }
}

fn text_of(value: &Value) -> String {
    value.to_string()
}

fn sorted(snapshot: &Snapshot, filter: &Filter, order: &Order) -> Result<Vec<u32>> {
    let key =
        |number: u32, item: Option<&Item>| (item.map_or(Key::Missing, |i| order.key(snapshot, i)), number);
    let mut keyed = filter.collect(snapshot, key, true)?;
    keyed.par_sort_by(|a, b| order.compare(&a.0, &b.0).then(a.1.cmp(&b.1)));
    Ok(keyed.into_iter().map(|(_, number)| number).collect())
}
