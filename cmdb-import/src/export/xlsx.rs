//! Excel workbooks: a sheet for each class with the columns that it uses, and a sheet of relationships.
//!
//! What a workbook cannot say: an empty text, a NUL character, and a text of more than 32,767 characters, which ends
//! the export. A list or a map that is longer in JSON is left out, and a note in its cell says so.

use super::{Exporter, Holds, Row, Tables};
use crate::workbook::{Book, RELATIONS};
use cmdb_core::model::intake::TableKind;
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(super) struct Xlsx;

/// Items at most: the workbook is put together in memory, some 100 bytes a cell.
const ITEMS_MAX: u64 = 200_000;

impl Exporter for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn media(&self) -> &'static str {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    }

    fn holds(&self) -> Holds {
        Holds::Tables
    }

    fn items_max(&self) -> Option<u64> {
        Some(ITEMS_MAX)
    }

    fn write(&self, tables: &dyn Tables, out: &mut dyn Write) -> io::Result<()> {
        let mut book = Book::new();
        for kind in tables.kinds() {
            let columns: Vec<String> = tables.columns(*kind).into_iter().map(str::to_owned).collect();
            match kind {
                TableKind::Items => items(&mut book, &columns, tables.rows(*kind))?,
                TableKind::Relationships => {
                    book.table(RELATIONS, None, &columns, &tables.rows(*kind).collect::<Vec<_>>())?
                }
            }
        }
        book.finish(out)
    }
}

/// A sheet for each class, in order of their names.
fn items(book: &mut Book, columns: &[String], rows: impl Iterator<Item = Row>) -> io::Result<()> {
    let at = columns.iter().position(|column| column == "class");
    let mut classes: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for mut row in rows {
        let class = at.and_then(|at| row.get_mut(at)?.take());
        let class = class.and_then(|class| class.as_text().map(str::to_owned)).unwrap_or_default();
        classes.entry(class).or_default().push(row);
    }
    classes.into_iter().try_for_each(|(class, rows)| book.table(&class, Some(&class), columns, &rows))
}
