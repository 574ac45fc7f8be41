//! `SHOW PROCEDURES|FUNCTIONS|INDEXES|CONSTRAINTS|DATABASES`: rows about the language and the graph, projected as any.

use super::{Output, Request, Store, Summary};
use crate::check::shown;
use crate::error::Result;
use crate::execute::batch::Source;
use crate::execute::{Run, build};
use crate::function::{self, Call};
use crate::graph::{Graph, Index};
use crate::plan::Planner;
use crate::procedure::{Field, Procedures, Signature};
use crate::scene::Budget;
use crate::syntax::tree::{Show, Yields};
use crate::value::{SmolStr, Value};
use std::cell::Cell;

pub(super) fn run(
    request: &Request<'_>,
    show: &Show,
    columns: Vec<SmolStr>,
    mut store: Store<'_>,
    output: &mut dyn Output,
) -> Result<Summary> {
    let graph: &dyn Graph = match &store {
        Store::Read(graph) => *graph,
        Store::Write(sink) => sink.as_graph(),
    };
    let all = shown(&show.what).map(|shown| (shown.what, shown.columns, shown.default_columns));
    let (what, names, defaults) = all.unwrap_or(("", &[], 0));
    let found = match what {
        "PROCEDURES" => procedures(request.procedures),
        "FUNCTIONS" => functions(),
        "INDEXES" => indexes(&graph.indexes()),
        "CONSTRAINTS" => constraints(&graph.indexes()),
        _ => databases(names.len()),
    };
    let yielded: Vec<(usize, SmolStr)> = match &show.yields {
        Yields::None => names.iter().take(defaults).map(SmolStr::new).enumerate().collect(),
        Yields::Star => names.iter().map(SmolStr::new).enumerate().collect(),
        Yields::Items(items) => {
            let chosen = items.iter().filter_map(|item| {
                let at = names.iter().position(|name| *name == item.field.name)?;
                Some((at, item.alias.as_ref().unwrap_or(&item.field).name.clone()))
            });
            chosen.collect()
        }
    };
    let planner = Planner::new(graph, request.procedures, request.text, false);
    let rows = found.into_iter().map(|row| yielded.iter().map(|(at, _)| row[*at].clone()).collect());
    let scope = yielded.iter().map(|(_, name)| name.clone()).collect();
    let planned = planner.shown(scope, show.condition.as_ref(), show.returns.as_ref())?;
    let (chance, budget) = (Cell::new(request.chance), Budget::new(request.limits, request.cancelled));
    let mut run = Run {
        store: store.lent(),
        parameters: request.parameters,
        clock: request.clock,
        chance: &chance,
        budget: &budget,
        stats: Default::default(),
        doomed: Vec::new(),
        counted: None,
    };
    output.columns(&columns)?;
    let mut source = Source::new(build(&planned.plan, false), planned.plan.width);
    source.reset(&mut run, &[Value::list(rows.map(Value::list).collect())])?;
    let mut count = 0;
    while source.advance(&mut run)? {
        count += 1;
        // The argument, a list of all rows, lies before the columns.
        output.row(run.graph(), &source.row()[source.row().len() - columns.len()..])?;
    }
    Ok(Summary { columns, rows: count, ..Summary::default() })
}

fn text(text: &str) -> Value {
    Value::text(text)
}

fn texts(all: &[SmolStr]) -> Value {
    Value::list(all.iter().cloned().map(Value::Text).collect())
}

fn fields(fields: &[Field]) -> String {
    fields.iter().map(|field| format!("{} :: {}", field.name, field.kind)).collect::<Vec<_>>().join(", ")
}

fn field_maps(fields: &[Field]) -> Value {
    let map = |field: &Field| {
        let default = field.default.as_ref().map(|value| ("default".into(), value.clone()));
        let entries = [
            ("name".into(), Value::Text(field.name.clone())),
            ("type".into(), Value::Text(field.kind.clone())),
        ];
        Value::map(entries.into_iter().chain(default))
    };
    Value::list(fields.iter().map(map).collect())
}

fn procedures(procedures: &Procedures) -> Vec<Vec<Value>> {
    let mut all: Vec<&Signature> = procedures.iter().map(|procedure| procedure.signature()).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let row = |it: &Signature| {
        let signature = format!("{}({}) :: ({})", it.name, fields(&it.inputs), fields(&it.outputs));
        vec![
            Value::Text(it.name.clone()),
            Value::Text(it.description.clone()),
            text("READ"),
            text(&signature),
            field_maps(&it.inputs),
            field_maps(&it.outputs),
        ]
    };
    all.into_iter().map(row).collect()
}

fn functions() -> Vec<Vec<Value>> {
    let mut all: Vec<_> = function::families().iter().flat_map(|family| family.iter()).collect();
    all.sort_by_key(|function| function.name);
    let row = |it: &function::Function| {
        let aggregating = matches!(it.call, Call::Aggregate(_));
        let category = if aggregating { "Aggregating" } else { "Scalar" };
        let aggregating = Value::Boolean(aggregating);
        vec![text(it.name), text(category), text(it.description), text(it.signature), aggregating]
    };
    all.into_iter().map(row).collect()
}

fn entity(index: &Index) -> Value {
    text(if index.on_relationships { "RELATIONSHIP" } else { "NODE" })
}

fn indexes(all: &[Index]) -> Vec<Vec<Value>> {
    let row = |(id, it): (usize, &Index)| {
        vec![
            Value::Integer(id as i64 + 1),
            Value::Text(it.name.clone()),
            text("ONLINE"),
            Value::Float(100.0),
            text("RANGE"),
            entity(it),
            texts(&it.labels),
            texts(&it.properties),
            text("range-1.0"),
            if it.unique { Value::Text(it.name.clone()) } else { Value::Null },
        ]
    };
    all.iter().enumerate().map(row).collect()
}

fn constraints(all: &[Index]) -> Vec<Vec<Value>> {
    let row = |(id, it): (usize, &Index)| {
        let kind = if it.on_relationships { "RELATIONSHIP_UNIQUENESS" } else { "UNIQUENESS" };
        vec![
            Value::Integer(id as i64 + 1),
            Value::Text(it.name.clone()),
            text(kind),
            entity(it),
            texts(&it.labels),
            texts(&it.properties),
            Value::Text(it.name.clone()),
        ]
    };
    all.iter().enumerate().filter(|(_, index)| index.unique).map(row).collect()
}

/// There is one database, and it is called as tools expect.
fn databases(width: usize) -> Vec<Vec<Value>> {
    let mut row = vec![
        text("neo4j"),
        text("standard"),
        text("read-write"),
        text("localhost"),
        text("primary"),
        Value::Boolean(true),
        text("online"),
        Value::Boolean(true),
        Value::Boolean(true),
    ];
    row.resize(width, Value::Null);
    vec![row]
}
