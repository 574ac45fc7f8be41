//! Other tools' files, as they are: what each one holds, compared with the counts that an independent script made.
//!
//! The files are read in place; without them the tests say SKIPPED. Every file is also imported into an inventory,
//! twice: no row may be rejected, and the second time nothing may change.

#![expect(clippy::print_stderr, reason = "a run without the real files says so")]

use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

mod aws;
mod calendar;
mod hostile;
mod inventory;
mod machines;
mod netbox;
mod observed;
mod services;
mod software;
mod terraform;

/// The folder of real files, if it is there.
fn data() -> Option<PathBuf> {
    let mut folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    while folder.pop() {
        let found = folder.join("shared/data");
        if found.join("README.md").exists() {
            return Some(found);
        }
    }
    None
}

/// Reads a real file, whose name decides nothing.
fn real(folder: &std::path::Path, file: &str) -> (Kept, Result<()>) {
    let bytes = std::fs::read(folder.join(file)).unwrap();
    let mut kept = Kept::default();
    let outcome = read(file, &mut &bytes[..], &Options::default(), &mut kept);
    (kept, outcome)
}

/// The value of a column in a row, as text.
fn cell<'c>(
    columns: &[smol_str::SmolStr],
    cells: &'c [Cell],
    name: &str,
) -> Option<std::borrow::Cow<'c, str>> {
    match &cells[columns.iter().position(|c| c == name)?] {
        Cell::Empty => None,
        Cell::Text(text) => Some(text.as_str().into()),
        Cell::Typed(value) => Some(value.to_string().into()),
    }
}

/// `class: count`, or the column's values where one is named, in order; then `|` and the relationship types.
fn summary(kept: &Kept, column: &str) -> String {
    let (mut items, mut relationships) = (BTreeMap::new(), BTreeMap::new());
    for batch in &kept.batches {
        let (counts, column) = match batch.table.kind {
            TableKind::Items => (&mut items, column),
            TableKind::Relationships => (&mut relationships, "type"),
        };
        for (_, cells) in batch.iter() {
            let value = cell(&batch.table.columns, cells, column).unwrap_or("-".into()).into_owned();
            *counts.entry(value).or_insert(0) += 1;
        }
    }
    let line = |counts: BTreeMap<String, u64>| {
        counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    format!("{} | {}", line(items), line(relationships)).trim().to_owned()
}

/// How many rows of a kind there are.
fn count(kept: &Kept, kind: TableKind) -> usize {
    kept.batches.iter().filter(|b| b.table.kind == kind).map(|b| b.rows.len()).sum()
}

/// Every item row as a map of its cells.
fn items(kept: &Kept) -> Vec<BTreeMap<String, String>> {
    let mut out = Vec::new();
    for batch in kept.batches.iter().filter(|b| b.table.kind == TableKind::Items) {
        for (_, cells) in batch.iter() {
            let names = batch.table.columns.iter();
            let stated = names.filter_map(|name| {
                Some((name.to_string(), cell(&batch.table.columns, cells, name)?.into_owned()))
            });
            out.push(stated.collect());
        }
    }
    out
}

/// Every relationship as `source type target`.
fn links(kept: &Kept) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for batch in kept.batches.iter().filter(|b| b.table.kind == TableKind::Relationships) {
        for (_, cells) in batch.iter() {
            let part = |name: &str| cell(&batch.table.columns, cells, name).unwrap().into_owned();
            out.insert(format!("{} {} {}", part("source"), part("type"), part("target")));
        }
    }
    out
}

/// Compares the summaries of real files and imports each into an inventory of its own, twice.
fn check_real(column: &str, expected: &[(&str, &str)]) {
    let Some(folder) = data() else {
        eprintln!("SKIPPED: the folder of real files is not there");
        return;
    };
    let mut wrong = Vec::new();
    for (file, expected) in expected {
        let (kept, outcome) = real(&folder, file);
        if let Err(e) = &outcome {
            wrong.push(format!("{file}: {e}"));
        }
        let rejecting: Vec<_> = kept.complaints.iter().filter(|c| !c.is_note()).collect();
        if !rejecting.is_empty() {
            wrong.push(format!("{file}: {rejecting:?}"));
        }
        let got = summary(&kept, column);
        if got != *expected {
            wrong.push(format!("{file}\n  expected {expected}\n  got      {got}"));
        }
        inventory::import_twice(vec![(file, kept)]);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
