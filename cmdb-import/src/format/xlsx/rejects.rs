//! Rejected rows of a workbook, as a workbook of the same sheets.
//!
//! Cells become the texts that the import read; merged ones are filled in. A cell whose value could not be read is
//! empty and its reason stands in the last column.

use super::cells::{self, Held};
use super::meta::Meta;
use super::sheet::{Merges, merged_regions};
use super::{Book, unreadable};
use crate::COLUMNS_MAX;
use crate::rejects::{REASON_COLUMN, Rejected, RejectedRows, reason, unwritten};
use crate::workbook;
use calamine::Reader as _;
use cmdb_core::Result;
use rust_xlsxwriter::Worksheet;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What a cell holds at most, in characters.
const CELL_CHARS_MAX: usize = 32_767;

/// Texts by column.
type Texts = BTreeMap<u32, String>;

/// Writes every sheet that has rejected rows, with its header and these rows.
pub(super) fn write(
    book: &mut Book<'_>,
    file: &str,
    (meta, merged): (&Meta, bool),
    rejected: &Rejected,
    out: &mut dyn Write,
) -> Result<()> {
    let names: Vec<String> = book.sheets_metadata().iter().map(|sheet| sheet.name.clone()).collect();
    let mut written = workbook::Book::new();
    for name in names {
        let Some(rows) = rejected.get(format!("{file}[{name}]").as_str()) else { continue };
        let merges = if merged { merged_regions(book, file, &name)? } else { Vec::new() };
        let kept = read(book, file, &name, Merges::new(merges), rows)?;
        // A class of its own a sheet has only where its name had to be cut.
        let class = meta.classes.get(&name).map(String::as_str);
        let sheet = written.sheet(&name, class).map_err(unwritten)?;
        fill(sheet, kept, rows).map_err(unwritten)?;
    }
    written.finish_as(meta.own, out).map_err(unwritten)
}

/// The header and the rejected rows, by the number that complaints call them; the header is 0.
fn read(
    book: &mut Book<'_>,
    file: &str,
    name: &str,
    mut merges: Merges,
    rejected: &RejectedRows,
) -> Result<BTreeMap<u64, Texts>> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|e| unreadable(file, &e))?;
    let mut kept: BTreeMap<u64, Texts> = BTreeMap::new();
    let mut first: Option<Texts> = None;
    let mut row: (u32, Texts) = (0, Texts::new());
    let mut take = |(number, mut texts): (u32, Texts)| {
        if let Some(header) = header(&mut first, &texts, kept.contains_key(&0)) {
            let is_this_row = header == texts;
            kept.insert(0, header);
            if is_this_row {
                return;
            }
        }
        if kept.contains_key(&0) {
            merges.fill_texts(number, &mut texts);
            let number = u64::from(number) + 1;
            if rejected.contains_key(&number) {
                kept.insert(number, texts);
            }
        }
    };
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(|e| unreadable(file, &e))? {
        let (number, column) = cell.pos;
        if number != row.0 {
            take(std::mem::replace(&mut row, (number, Texts::new())));
        }
        if let (true, Held::Text(text) | Held::Inexact(text) | Held::Zoneless(text)) =
            ((column as usize) < COLUMNS_MAX, cells::read(&cell.value, cell.formula.is_some()))
        {
            row.1.insert(column, text);
        }
    }
    take(row);
    Ok(kept)
}

/// The header, once it is known: the first row with two texts, or the lone text above another one.
fn header(first: &mut Option<Texts>, texts: &Texts, is_known: bool) -> Option<Texts> {
    if is_known || texts.is_empty() {
        return None;
    }
    match first.take() {
        _ if texts.len() > 1 => Some(texts.clone()),
        Some(lone) => Some(lone),
        None => {
            *first = Some(texts.clone());
            None
        }
    }
}

fn fill(sheet: &mut Worksheet, mut kept: BTreeMap<u64, Texts>, rejected: &RejectedRows) -> io::Result<()> {
    let header = kept.remove(&0).unwrap_or_default();
    // Rows that were rejected before bring the column along; its old reasons go.
    let old = header.iter().find(|(_, text)| *text == REASON_COLUMN).map(|(column, _)| *column);
    let last = header.keys().next_back().map_or(0, |last| last + 1);
    let reasons = old.unwrap_or(last);
    let mut line = |at: u32, mut texts: Texts, last: String| {
        texts.insert(reasons, last);
        texts.into_iter().try_for_each(|(column, text)| {
            let cut: String = text.chars().take(CELL_CHARS_MAX).collect();
            sheet.write_string(at, column as u16, cut).map(drop).map_err(workbook::failed)
        })
    };
    line(0, header, REASON_COLUMN.to_owned())?;
    for (at, (number, texts)) in (1..).zip(kept) {
        line(at, texts, rejected.get(&number).map(|all| reason(all)).unwrap_or_default())?;
    }
    Ok(())
}
