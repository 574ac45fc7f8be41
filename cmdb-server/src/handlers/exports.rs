//! Exports: everything, or a part of it, as files that import again without change or that other tools draw and load.

use crate::call::{Call, parameter};
use crate::convert::types;
use crate::exporting::Selection;
use crate::filter::Filter;
use crate::handlers::items::class_filter;
use crate::reply::Reply;
use crate::route::{Lane, ParamKind, Route};
use cmdb_core::analysis::reach::{Direction, Limits, Question, Scratch, TypeFilter, reach};
use cmdb_core::command::resolve;
use cmdb_core::graph::{Snapshot, View};
use cmdb_core::model::intake::TableKind;
use cmdb_core::{Result, error};
use cmdb_import::export::{Exporter, Holds, exporter, exporters};
use rustc_hash::FxHashSet;
use std::io::Write;
use std::sync::Arc;

pub fn export() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let exporter = wanted(&call, "json")?;
        let kinds = kinds(&call, exporter)?;
        let selection = selection(&call, &snapshot)?;
        reply(exporter, selection, kinds, &snapshot)
    }
    Route::read("/api/v1/exports", "export", handler)
        .summary("Items and relationships as files that import again without change, or as graphs for other tools")
        .text("as", "`json` (default), `ndjson`, `csv` or `xlsx`, which import again; `graphml`, `dot`, `mermaid`, `cytoscape`, `servicenow`")
        .text("kind", "`items` or `relationships`; both if not stated, in a CSV items")
        .text("class", "only items of this class, subclasses included, and relationships between them")
        .text("status", "only items in this status")
        .text("where", "only items for which this expression holds")
        .param("ref", ParamKind::Texts, "only these items and what they are connected with; stated once for each")
        .text("direction", "with `ref`: `dependents` (default), `dependencies` or `both`")
        .number("depth", "with `ref`: steps to follow; 0 for the items alone")
        .text("types", "with `ref`: relationship types to follow, separated by commas")
        .lane(Lane::Stream)
}

/// The format named by `as`.
pub(crate) fn wanted(call: &Call, default: &str) -> Result<&'static dyn Exporter> {
    let name = call.text("as").unwrap_or(default);
    exporter(name).ok_or_else(|| {
        let names: Vec<&str> = exporters().iter().map(|e| e.name()).collect();
        let error = parameter("as", format!("\"{name}\" is none of {}", names.join(", ")));
        match error::did_you_mean(name, names) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    })
}

fn kinds(call: &Call, exporter: &dyn Exporter) -> Result<Vec<TableKind>> {
    Ok(match (call.text("kind"), exporter.holds()) {
        (Some(_), Holds::Graph) => {
            return Err(parameter("kind", format!("{} always holds both kinds", exporter.name())));
        }
        (Some("items"), _) | (None, Holds::OneTable) => vec![TableKind::Items],
        (Some("relationships"), _) => vec![TableKind::Relationships],
        (None, _) => vec![TableKind::Items, TableKind::Relationships],
        (Some(other), _) => {
            return Err(parameter("kind", format!("\"{other}\" is neither items nor relationships")));
        }
    })
}

fn selection(call: &Call, snapshot: &Arc<Snapshot>) -> Result<Selection> {
    let near = near(call, snapshot)?;
    let only_class = call.text("status").is_none() && call.text("where").is_none();
    if near.is_none() && only_class {
        return Ok(Selection::of_class(snapshot.clone(), class_filter(call, snapshot)?));
    }
    let filter = Filter::read(call, snapshot)?;
    let numbers = match near {
        None => filter.numbers(snapshot)?,
        Some(near) if filter.is_trivial() => near.into_iter().collect(),
        Some(near) => filter.numbers(snapshot)?.into_iter().filter(|n| near.contains(n)).collect(),
    };
    Ok(Selection::of_items(snapshot.clone(), numbers))
}

/// Numbers of the items named by `ref` and of what they are connected with; none where no item is named.
fn near(call: &Call, snapshot: &Snapshot) -> Result<Option<FxHashSet<u32>>> {
    let references = call.texts("ref");
    if let (true, Some(name)) = (
        references.is_empty(),
        ["direction", "depth", "types"].into_iter().find(|name| call.text(name).is_some()),
    ) {
        return Err(parameter(name, format!("{name} goes with ref, which names where to begin")));
    }
    if references.is_empty() {
        return Ok(None);
    }
    let directions: &[Direction] = match call.text("direction").unwrap_or("dependents") {
        "dependents" => &[Direction::Dependents],
        "dependencies" => &[Direction::Dependencies],
        "both" => &[Direction::Dependents, Direction::Dependencies],
        other => {
            let message = format!("\"{other}\" is none of dependents, dependencies, both");
            return Err(parameter("direction", message));
        }
    };
    let starts = references.iter().map(|r| Ok(snapshot.dense(resolve(snapshot, r)?)));
    let starts: Vec<u32> = starts.collect::<Result<_>>()?;
    let wanted = call.text("types").map(|_| types(snapshot, call.words("types"))).transpose()?;
    let types = wanted.map(TypeFilter::of);
    let depth_max = call.number("depth")?;
    let mut found: FxHashSet<u32> = starts.iter().map(|start| snapshot.number(*start).0).collect();
    // No step at all finds the starts alone.
    for direction in directions.iter().filter(|_| depth_max != Some(0)) {
        let question = Question { starts: &starts, direction: *direction, depth_max, types: types.as_ref() };
        let limits = Limits { steps_max: None, cancelled: &call.cancelled };
        Scratch::with(|scratch| {
            let reached = reach(View::full(snapshot), &question, &limits, scratch);
            found.extend(reached.order.iter().map(|dense| snapshot.number(*dense).0));
        });
    }
    Ok(Some(found))
}

/// The selection in the format, written while it is sent.
pub(crate) fn reply(
    exporter: &'static dyn Exporter,
    selection: Selection,
    kinds: Vec<TableKind>,
    snapshot: &Snapshot,
) -> Result<Reply> {
    selection.check(exporter)?;
    let write = move |out: &mut dyn Write| selection.write(exporter, &kinds, out);
    Ok(Reply::written(exporter.media(), write).at(snapshot.position()))
}
