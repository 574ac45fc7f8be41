//! However the rows of an import are cut into batches and parts, in sight or out of it, the same comes out.

use super::support::*;
use cmdb_core::command::Command;
use cmdb_core::command::import::{Import, ImportOptions, ImportPart, Report, Shared};
use cmdb_core::engine::Cmdb;
use cmdb_core::model::Position;
use cmdb_core::model::intake::{Batch, Cell, Table, TableKind};
use cmdb_core::schema::SchemaEdit;
use cmdb_core::store::CommitLog;
use std::sync::Arc;

fn table(kind: TableKind, columns: &[&str]) -> Arc<Table> {
    Arc::new(Table { file: "rows.csv".into(), kind, columns: columns.iter().map(|c| (*c).into()).collect() })
}

fn cell(text: String) -> Cell {
    if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) }
}

/// Rows full of the same keys, names, unique values and ends, unknown ones, and some that cannot be taken.
pub(super) fn rows(random: &mut Random, items: usize, links: usize) -> [(Arc<Table>, Vec<Vec<Cell>>); 2] {
    let mut one_of = |words: &[&str]| words[random.below(words.len())].to_owned();
    let item_rows = (0..items)
        .map(|n| {
            let class = one_of(&["Server", "Server", "Application", "Nonsense", ""]);
            let id = match n % 3 {
                0 => String::new(),
                _ => format!("k{}", one_of(&["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"])),
            };
            let name = one_of(&["", "a", "b", "c", "d", "e", "f", "k3", "k5"]);
            let serial = one_of(&["", "", "", "s1", "s2", "s3", "s4"]);
            let status = one_of(&["", "", "operational", "retired", "odd"]);
            let cpus = one_of(&["", "4", "8", "many"]);
            [class, id, name, serial, status, cpus].map(cell).to_vec()
        })
        .collect();
    let ends = ["k1", "k2", "k3", "k4", "k5", "k6", "a", "b", "unknown", "stranger", ""];
    let link_rows = (0..links)
        .map(|_| {
            let kind = one_of(&["depends_on", "depends_on", "feeds", "documents", "nonsense"]);
            let group = one_of(&["", "", "", "g", "h"]);
            let needs =
                if group.is_empty() { one_of(&["", "", "1"]) } else { one_of(&["", "1", "2", "50%"]) };
            [one_of(&ends), kind, one_of(&ends), group, needs].map(cell).to_vec()
        })
        .collect();
    [
        (
            table(TableKind::Items, &["class", "id", "name", "serial_number", "status", "cpu_count"]),
            item_rows,
        ),
        (table(TableKind::Relationships, &["source", "type", "target", "group", "needs"]), link_rows),
    ]
}

/// The rows in batches of `size`.
pub(super) fn batches(rows: &[(Arc<Table>, Vec<Vec<Cell>>); 2], size: usize) -> Vec<Batch> {
    let mut out = Vec::new();
    for (table, rows) in rows {
        for (at, rows) in rows.chunks(size).enumerate() {
            let first = (at * size) as u64 + 2;
            let numbers = (first..).take(rows.len()).collect();
            out.push(Batch { table: table.clone(), rows: numbers, cells: rows.concat() });
        }
    }
    out
}

pub(super) fn import() -> Shared {
    named("imp-1")
}

fn named(id: &str) -> Shared {
    let options = ImportOptions { source: "scan".into(), id: id.into(), ..ImportOptions::default() };
    Import::new(options).shared()
}

pub(super) fn part(import: &Shared, batches: Vec<Batch>, last: bool, unseen: bool) -> Command {
    let (import, define) = (import.clone(), SchemaEdit::default());
    Command::Import(ImportPart { import, define, batches, last, unseen })
}

fn report(import: &Shared) -> String {
    let report: Report = import.lock().unwrap().report.clone();
    format!(
        "{:?} {:?} {:?} {} {:?}",
        report.items, report.relationships, report.rejected, report.rejected_count, report.unresolved
    )
}

fn tail(cmdb: &Cmdb) -> Position {
    cmdb.store().unwrap().tail().unwrap().0
}

fn everything(cmdb: &Cmdb) -> String {
    let snapshot = cmdb.snapshot();
    format!(
        "{:?} {:?} {:?} {}",
        snapshot.counts(),
        dump(&snapshot),
        adjacency(&snapshot),
        snapshot.state_hash()
    )
}

#[test]
fn rows_worked_out_side_by_side_are_the_rows_taken_one_by_one() {
    for seed in 0..times("CMDB_IMPORT_CASES", 60) as u64 {
        let rows = rows(&mut Random(seed), 40, 60);
        let mut outcomes = Vec::new();
        for size in [1, 7, 1000] {
            let dir = tempfile::tempdir().unwrap();
            let cmdb = create(folder(dir.path()));
            let import = import();
            cmdb.submit(numbered(1), part(&import, batches(&rows, size), true, false)).unwrap();
            // And once more, when everything is known.
            let again = named("imp-2");
            cmdb.submit(numbered(2), part(&again, batches(&rows, size), true, false)).unwrap();
            outcomes.push((report(&import), report(&again), everything(&cmdb)));
        }
        assert_eq!(outcomes[0], outcomes[1], "seed {seed}, batches of 7");
        assert_eq!(outcomes[0], outcomes[2], "seed {seed}, one batch");
    }
}

#[test]
fn parts_taken_out_of_sight_are_the_parts_taken_in_sight() {
    for seed in 0..times("CMDB_IMPORT_CASES", 40) as u64 {
        let rows = rows(&mut Random(1000 + seed), 60, 90);
        let mut outcomes = Vec::new();
        for (unseen, interrupted) in [(false, false), (true, false), (true, true)] {
            let dir = tempfile::tempdir().unwrap();
            let cmdb = create(folder(dir.path()));
            cmdb.submit(numbered(1), server("a", &[])).unwrap();
            let import = import();
            for (at, batch) in batches(&rows, 11).into_iter().enumerate() {
                cmdb.submit(numbered(10 + at as u64), part(&import, vec![batch], false, unseen)).unwrap();
                if interrupted && at % 4 == 2 {
                    // Refused, so that the log stays the same; what was out of sight is seen from here on.
                    assert!(cmdb.submit(numbered(999), server("", &[])).is_err());
                    assert_eq!(cmdb.snapshot().position(), tail(&cmdb));
                }
            }
            cmdb.reorder().unwrap();
            cmdb.submit(numbered(500), part(&import, Vec::new(), true, false)).unwrap();
            let seen = (report(&import), everything(&cmdb));
            let findings = cmdb.verify(&Default::default()).unwrap().findings;
            assert!(findings.is_empty(), "seed {seed}: {findings:?}");
            drop(cmdb);
            assert_eq!(everything(&Cmdb::open(folder(dir.path())).unwrap()), seen.1, "after a restart");
            outcomes.push(seen);
        }
        assert_eq!(outcomes[0], outcomes[1], "seed {seed}");
        assert_eq!(outcomes[0], outcomes[2], "seed {seed}, interrupted");
    }
}

#[test]
fn a_part_out_of_sight_survives_whatever_ends_the_import() {
    let dir = tempfile::tempdir().unwrap();
    let cmdb = create(folder(dir.path()));
    let rows = rows(&mut Random(5), 60, 90);
    let import = import();
    let position = cmdb.snapshot().position();
    for (at, batch) in batches(&rows, 30).into_iter().enumerate() {
        cmdb.submit(numbered(10 + at as u64), part(&import, vec![batch], false, true)).unwrap();
    }
    assert_eq!(cmdb.snapshot().position(), position, "nothing is seen yet");
    let stored = tail(&cmdb);
    assert!(stored > position);
    drop(cmdb);
    let cmdb = Cmdb::open(folder(dir.path())).unwrap();
    assert_eq!(cmdb.snapshot().position(), stored);
    assert!(cmdb.verify(&Default::default()).unwrap().findings.is_empty());
}
