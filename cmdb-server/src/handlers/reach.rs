//! What depends on some items, and what they depend on.

use crate::api;
use crate::call::{Call, parameter};
use crate::convert::{ClassSet, by_class_name, item_ref, types};
use crate::cursor::Page;
use crate::handlers::items::class_filter;
use crate::rankings::make_soon;
use crate::reply::Reply;
use crate::route::{Lane, ParamKind, Route};
use crate::window::window;
use cmdb_core::Result;
use cmdb_core::analysis::reach::{self, Direction, Limits, Question, Reached, Scratch, TypeFilter};
use cmdb_core::command::resolve;
use cmdb_core::graph::{Records, Snapshot, View};
use cmdb_core::model::Symbol;
use rayon::prelude::*;
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

pub fn dependents() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        answer(call, Direction::Dependents)
    }
    route("/api/v1/dependents", "dependents", handler)
        .summary("Everything that depends on the items, directly or not, along types that carry impact")
}

pub fn dependencies() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        answer(call, Direction::Dependencies)
    }
    route("/api/v1/dependencies", "dependencies", handler)
        .summary("Everything the items depend on, directly or not, along types that carry impact")
}

fn route(path: &'static str, id: &'static str, handler: crate::route::Handler) -> Route {
    Route::read(path, id, handler)
        .param("ref", ParamKind::Texts, "REF of a start; several give the union")
        .number("depth", "steps to follow")
        .text("class", "count and list only items of this class, subclasses included")
        .text("types", "relationship types to follow, separated by commas")
        .text("method", "`traverse` bypasses any table of precomputed counts")
        .text("fields", "`id` lists ids alone, which is quickest for long lists")
        .paged()
        .gives::<api::Reached>()
        .lane(Lane::Read)
}

/// Items written to one block of a full list, and by one core at a time.
const BLOCK_ITEMS: usize = 65_536;
const PART_ITEMS: usize = 8_192;
/// Room for one row, as a guess.
const ROW_BYTES: usize = 112;

struct Asked {
    starts: Vec<u32>,
    direction: Direction,
    depth_max: Option<u32>,
    types: Option<TypeFilter>,
    class: Option<ClassSet>,
}

impl Asked {
    fn read(call: &Call, snapshot: &Snapshot, direction: Direction) -> Result<Asked> {
        let mut starts = Vec::new();
        call.required("ref")?;
        for reference in call.texts("ref") {
            starts.push(snapshot.dense(resolve(snapshot, reference)?));
        }
        let words = call.words("types");
        let types = call.text("types").map(|_| types(snapshot, words)).transpose()?;
        let class = class_filter(call, snapshot)?;
        let depth_max = call.number("depth")?;
        Ok(Asked { starts, direction, depth_max, types: types.map(TypeFilter::of), class })
    }
    /// Whether the table of all counts holds the answer: everything that depends on one item.
    fn is_in_table(&self) -> bool {
        let filtered = self.depth_max.is_some() || self.types.is_some() || self.class.is_some();
        self.direction == Direction::Dependents && self.starts.len() == 1 && !filtered
    }
    fn question(&self) -> Question<'_> {
        let (direction, depth_max) = (self.direction, self.depth_max);
        Question { starts: &self.starts, direction, depth_max, types: self.types.as_ref() }
    }
}

fn answer(call: Call, direction: Direction) -> Result<Reply> {
    let page = call.page()?;
    let snapshot = call.snapshot_of(&page)?;
    let asked = Asked::read(&call, &snapshot, direction)?;
    if let Some(answer) = counted(&call, &snapshot, &asked, &page)? {
        return Ok(Reply::json(&answer).at(snapshot.position()));
    }
    let ids_only = call.text("fields").is_some_and(|f| f == "id");
    if page.limit.is_none() {
        return Ok(streamed(snapshot, asked, ids_only));
    }
    let answer = Scratch::with(|scratch| {
        let started = Instant::now();
        let limits = Limits { steps_max: None, cancelled: &call.cancelled };
        let reached = reach::reach(View::full(&snapshot), &asked.question(), &limits, scratch);
        let elapsed_us = started.elapsed().as_micros() as u64;
        shown(&snapshot, &asked, &page, reached, elapsed_us)
    });
    let next = call.next_url(&answer.next_cursor);
    Ok(Reply::json(&answer).next_page(next).at(snapshot.position()))
}

/// Counts alone, from the table of all of them if there is one for this graph; a search finds the same.
fn counted(
    call: &Call,
    snapshot: &Arc<Snapshot>,
    asked: &Asked,
    page: &Page,
) -> Result<Option<api::Reached>> {
    let by_table = match call.text("method") {
        None => page.limit == Some(0) && asked.is_in_table(),
        Some("traverse") => false,
        Some(other) => {
            return Err(parameter("method", format!("the only method is traverse, not \"{other}\"")));
        }
    };
    let [start] = asked.starts[..] else { return Ok(None) };
    if !by_table {
        return Ok(None);
    }
    let started = Instant::now();
    let Some(table) = call.app.rankings.known(snapshot) else {
        make_soon(&call.app, snapshot);
        return Ok(None);
    };
    let reached = table.counts(snapshot, start).map(|(count, classes)| api::Reached {
        position: snapshot.position().0,
        complete: true,
        count,
        by_class: by_class_name(snapshot, classes),
        items: Vec::new(),
        next_cursor: None,
        elapsed_us: started.elapsed().as_micros() as u64,
    });
    Ok(reached)
}

fn waves<'r>(reached: &Reached<'r>) -> impl Iterator<Item = (&'r [u32], u32)> + use<'r> {
    let (order, waves) = (reached.order, reached.waves);
    let starts = std::iter::once(0).chain(waves.iter().copied());
    starts
        .zip(waves)
        .zip(1..)
        .map(move |((start, end), depth)| (&order[start as usize..*end as usize], depth))
}

fn shown(
    snapshot: &Snapshot,
    asked: &Asked,
    page: &Page,
    reached: Reached<'_>,
    elapsed_us: u64,
) -> api::Reached {
    let keep = |item: u32| asked.class.as_ref().is_none_or(|c| c.holds(snapshot.class_of(item)));
    let filter: Option<&dyn Fn(u32) -> bool> = asked.class.as_ref().map(|_| &keep as &dyn Fn(u32) -> bool);
    let classes = reach::by_class(snapshot, reached.order.iter().copied().filter(|i| keep(*i)));
    let count: u64 = classes.iter().map(|(_, count)| u64::from(*count)).sum();
    let rows = window(snapshot, waves(&reached), page.offset, page.limit.unwrap_or(0), filter);
    let item = |(item, depth): (u32, u32)| {
        let api::ItemRef { id, class, name } = item_ref(snapshot, item);
        api::ReachedItem { id, class, name, depth }
    };
    let items: Vec<_> = rows.into_iter().map(item).collect();
    let next_cursor = page.next(snapshot.position(), items.len(), count);
    let (position, complete) = (snapshot.position().0, reached.complete);
    api::Reached {
        position,
        complete,
        count,
        by_class: by_class_name(snapshot, classes),
        items,
        next_cursor,
        elapsed_us,
    }
}

/// The whole list, written while it is sent, nearest first; within a depth in no particular but a fixed order.
fn streamed(snapshot: Arc<Snapshot>, asked: Asked, ids_only: bool) -> Reply {
    let position = snapshot.position();
    Reply::written("application/json", move |out: &mut dyn Write| {
        let started = Instant::now();
        Scratch::with(|scratch| {
            let reached = reach::reach(View::full(&snapshot), &asked.question(), &Limits::none(), scratch);
            let elapsed_us = started.elapsed().as_micros() as u64;
            write_all(out, &snapshot, &asked, reached, ids_only, elapsed_us)
        })
    })
    .at(position)
}

fn write_all(
    out: &mut dyn Write,
    snapshot: &Snapshot,
    asked: &Asked,
    reached: Reached<'_>,
    ids_only: bool,
    elapsed_us: u64,
) -> std::io::Result<()> {
    let keep = |item: u32| asked.class.as_ref().is_none_or(|c| c.holds(snapshot.class_of(item)));
    let classes = reach::by_class(snapshot, reached.order.iter().copied().filter(|i| keep(*i)));
    let count: u64 = classes.iter().map(|(_, count)| u64::from(*count)).sum();
    let rows = Rows::new(snapshot, &classes, ids_only)?;
    let by_class = serde_json::to_string(&by_class_name(snapshot, classes))?;
    let (position, complete) = (snapshot.position(), reached.complete);
    write!(
        out,
        "{{\"position\":{position},\"complete\":{complete},\"count\":{count},\"by_class\":{by_class},"
    )?;
    out.write_all(b"\"items\":[")?;
    let mut first = true;
    for (wave, depth) in waves(&reached) {
        let end = rows.end(depth);
        for block in wave.chunks(BLOCK_ITEMS) {
            let part = |items: &[u32]| {
                let mut out = Vec::with_capacity(items.len() * ROW_BYTES);
                for item in items.iter().filter(|item| keep(**item)) {
                    rows.write(&mut out, *item, &end);
                }
                out
            };
            // A chain has a million waves of one item; those are not worth another thread.
            let parts: Vec<Vec<u8>> = match block.len() > PART_ITEMS {
                true => block.par_chunks(PART_ITEMS).map(part).collect(),
                false => vec![part(block)],
            };
            for part in parts {
                // The very first item has no comma before it.
                out.write_all(part.get(usize::from(first)..).unwrap_or(&[]))?;
                first &= part.is_empty();
            }
        }
    }
    write!(out, "\n],\"next_cursor\":null,\"elapsed_us\":{elapsed_us}}}")
}

/// Writes rows of a full list: what does not change from row to row is rendered once.
struct Rows<'a> {
    snapshot: &'a Snapshot,
    /// By class symbol: what stands between id and name.
    classes: Vec<Vec<u8>>,
    ids_only: bool,
}

impl Rows<'_> {
    fn new<'a>(
        snapshot: &'a Snapshot,
        classes: &[(Option<Symbol>, u32)],
        ids_only: bool,
    ) -> std::io::Result<Rows<'a>> {
        let between = |name: &str| -> std::io::Result<Vec<u8>> {
            Ok(format!("\",\"class\":{},\"name\":", serde_json::to_string(name)?).into_bytes())
        };
        let mut texts = Vec::new();
        for class in classes.iter().filter_map(|(class, _)| *class) {
            texts.resize(texts.len().max(class.0 as usize + 1), Vec::new());
            texts[class.0 as usize] = between(snapshot.names().text(class))?;
        }
        texts.push(between("")?);
        Ok(Rows { snapshot, classes: texts, ids_only })
    }
    /// What ends the rows of a wave.
    fn end(&self, depth: u32) -> Vec<u8> {
        if self.ids_only { b"\"}".to_vec() } else { format!(",\"depth\":{depth}}}").into_bytes() }
    }
    /// One item without an allocation.
    fn write(&self, out: &mut Vec<u8>, item: u32, end: &[u8]) {
        let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
        let id = self.snapshot.item_id(self.snapshot.number(item)).0.hyphenated().encode_lower(&mut id);
        out.extend_from_slice(b",\n{\"id\":\"");
        out.extend_from_slice(id.as_bytes());
        if !self.ids_only {
            let class = self.snapshot.class_of(item).map_or(usize::MAX, |class| class.0 as usize);
            // The last text is that of no class.
            out.extend_from_slice(&self.classes[class.min(self.classes.len() - 1)]);
            write_text(out, self.snapshot.name_of(item));
        }
        out.extend_from_slice(end);
    }
}

/// A JSON string. Most names need no escape.
fn write_text(out: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|b| b < 0x20 || b == b'"' || b == b'\\') {
        // Writing text to memory cannot fail.
        let _ = serde_json::to_writer(out, text);
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}
