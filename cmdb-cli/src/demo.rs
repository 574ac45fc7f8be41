//! `cmdb demo`: a believable company, one prepared change, and the answer to what it does.

mod changes;
mod estate;

use crate::args::{Global, Impact};
use crate::client::Client;
use crate::commands::{self, Outcome};
use crate::failure::Failure;
use crate::folder;
use crate::output::{cell, print, say};
use cmdb_core::Cmdb;
use cmdb_core::command::Command;
use cmdb_core::command::import::{Import, ImportOptions, ImportPart};
use cmdb_core::graph::Records;
use cmdb_core::model::intake::{BATCH_ROWS_MAX, Batch, Cell, Table, TableKind};
use cmdb_core::schema::SchemaEdit;
use cmdb_core::store::Location;
use estate::Estate;
use jiff::Zoned;
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// The folder unless `--data` says otherwise.
const FOLDER: &str = "./cmdb-demo";
/// Whose keys the demo's items carry; also how a demo folder is recognised.
const SOURCE: &str = "demo";
/// The same text as the default of `--data`.
const DEFAULT_DATA: &str = "./cmdb-data";

pub fn run(global: &Global, listen: SocketAddr, no_serve: bool) -> Outcome {
    if global.server.is_some() {
        return Err(Failure::usage("demo makes a folder of its own; leave --server out"));
    }
    let data =
        if global.data == Path::new(DEFAULT_DATA) { PathBuf::from(FOLDER) } else { global.data.clone() };
    let global = Global { data: data.clone(), ..global.clone() };
    let location = Location::Folder(data.clone());
    let estate = estate::estate();
    let cmdb = match location.exists() {
        true => opened(&data, location)?,
        false => {
            let cmdb = Arc::new(folder::create(location, false)?);
            fill(&cmdb, &estate)?;
            changes::record(&cmdb, &estate, Zoned::now().date())?;
            let shared = || Failure::unavailable("the demo's folder is still in use");
            Arc::into_inner(cmdb).ok_or_else(shared)?
        }
    };
    let counts = cmdb.snapshot().counts();
    let what = format!("{} items and {} relationships", counts.items, counts.relationships);
    say(global.quiet, &format!("{}: the demo company, {what}", data.display()));
    let client = Client::over(cmdb)?;
    answer(&client, &global, &estate)?;
    dangerous_pair(&client, &global)?;
    // The folder is opened again by the server, which wants it for itself.
    drop(client);
    if no_serve {
        return Ok(ExitCode::SUCCESS);
    }
    let location = Location::Folder(data.clone());
    commands::serve::run(&global, &data, listen, None, move || Cmdb::open(location))
}

/// A folder that already holds the demo is used as it is; one with other data is left alone.
fn opened(data: &Path, location: Location) -> Result<Cmdb, Failure> {
    let cmdb = Cmdb::open(location)?;
    let is_demo = cmdb.snapshot().settings().imports.values().any(|run| run.source == SOURCE);
    if is_demo {
        return Ok(cmdb);
    }
    let message = format!("{} holds other data, and the demo does not mix with it", data.display());
    Err(Failure::Other { code: 3, message, hint: Some("name a new folder: cmdb --data DIR demo".to_owned()) })
}

/// Asks for the impact of the prepared change and prints it with its story.
fn answer(client: &Client, global: &Global, estate: &Estate) -> Result<(), Failure> {
    let change = &estate.change;
    let references = change.roots.iter().map(|(reference, state)| format!("{reference}={state}")).collect();
    let question = Impact {
        references,
        state: "down".to_owned(),
        depth: None,
        types: Vec::new(),
        with_current: false,
        for_minutes: None,
        fail_on: None,
        limit: None,
        protected: false,
        why: false,
    };
    let answer = commands::impact::ask(client, global, &question)?;
    print(&format!("\n{}\n{}\n\n", change.title, change.story))?;
    print(&commands::impact::text(&answer, false, Some(12)))?;
    print(&commands::impact::worst_service(&answer))?;
    let root = change.roots.first().map_or("", |(reference, _)| reference);
    print(&format!(
        "\nAsk more: cmdb --data {} impact '{root}' --why · dependents REF · show REF · path A B\n",
        global.data.display()
    ))?;
    Ok(())
}

/// Points at changes of the calendar that are harmless alone and a cut together.
fn dangerous_pair(client: &Client, global: &Global) -> Result<(), Failure> {
    let answer = client.get("/api/v1/changes/conflicts")?;
    let all = answer["conflicts"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    let cuts: Vec<&Value> = all.iter().filter(|c| c["kind"] == "joint_cut").collect();
    let Some(cut) = cuts.first() else { return Ok(()) };
    let (compared, data) = (&answer["compared"], global.data.display());
    print(&format!(
        "\nAmong {compared} changes of the coming quarter {} combinations are harmless alone and a cut together. \
         The first, {}:\n  {}\n",
        cuts.len(),
        cell(&cut["start"]),
        cell(&cut["reason"])
    ))?;
    print(&format!(
        "See them all: cmdb --data {data} change conflicts · the board's pack: cmdb --data {data} cab --from {} \
         --as html --out cab.html\n",
        cell(&cut["start"])
    ))?;
    Ok(())
}

/// Imports the estate as one atomic run.
fn fill(cmdb: &Cmdb, estate: &Estate) -> Result<(), Failure> {
    let import = Import::new(ImportOptions {
        source: SOURCE.into(),
        id: "demo".into(),
        files: vec!["demo estate".into()],
        atomic: true,
        ..ImportOptions::default()
    });
    let shared = import.shared();
    let mut batches = items(estate);
    batches.extend(relationships(estate));
    let part = ImportPart {
        import: shared.clone(),
        define: SchemaEdit::default(),
        batches,
        last: true,
        unseen: false,
    };
    cmdb.submit(folder::local_context()?, Command::Import(part)).map_err(|e| {
        let report =
            shared.lock().map(|i| i.report.rejected.first().map(|r| r.message.clone())).unwrap_or(None);
        Failure::Other { code: 70, message: format!("the demo estate was refused: {e}"), hint: report }
    })?;
    Ok(())
}

fn items(estate: &Estate) -> Vec<Batch> {
    let names: BTreeSet<&str> =
        estate.items.iter().flat_map(|i| i.attributes.iter().map(|(name, _)| *name)).collect();
    let columns: Vec<&str> = ["class", "id", "name"].into_iter().chain(names).collect();
    let rows = estate.items.iter().map(|item| {
        let fixed = [("class", item.class), ("id", &item.key), ("name", &item.name)];
        cells(&columns, fixed.iter().copied().chain(item.attributes.iter().map(|(k, v)| (*k, v.as_str()))))
    });
    batches(TableKind::Items, &columns, rows.collect())
}

fn relationships(estate: &Estate) -> Vec<Batch> {
    let all = &estate.relationships;
    let names: BTreeSet<&str> = all.iter().flat_map(|r| r.attributes.iter().map(|(name, _)| *name)).collect();
    let columns: Vec<&str> = ["source", "type", "target"].into_iter().chain(names).collect();
    let rows = all.iter().map(|r| {
        let fixed = [("source", r.source.as_str()), ("type", r.kind), ("target", r.target.as_str())];
        cells(&columns, fixed.into_iter().chain(r.attributes.iter().map(|(k, v)| (*k, v.as_str()))))
    });
    batches(TableKind::Relationships, &columns, rows.collect())
}

fn cells<'a>(columns: &[&str], values: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Cell> {
    let mut row = vec![Cell::Empty; columns.len()];
    for (name, value) in values {
        if let Some(at) = columns.iter().position(|c| *c == name) {
            row[at] = Cell::Text(value.into());
        }
    }
    row
}

fn batches(kind: TableKind, columns: &[&str], rows: Vec<Vec<Cell>>) -> Vec<Batch> {
    let columns = columns.iter().map(|c| (*c).into()).collect();
    let table = Arc::new(Table { file: "demo estate".into(), kind, columns });
    rows.chunks(BATCH_ROWS_MAX)
        .enumerate()
        .map(|(i, rows)| Batch {
            table: table.clone(),
            rows: (0..rows.len()).map(|row| (i * BATCH_ROWS_MAX + row + 1) as u64).collect(),
            cells: rows.concat(),
        })
        .collect()
}
