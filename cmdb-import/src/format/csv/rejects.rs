//! Rejected rows of a CSV file, as a CSV file with the same delimiter.

use super::records::{Record, Records};
use crate::guard::guarded;
use crate::rejects::{REASON_COLUMN, RejectedRows, reason, unwritten};
use cmdb_core::Result;
use std::borrow::Cow;
use std::io::Write;

/// Writes the header and the rejected rows. A row too long to be kept is there with its reason alone.
pub(super) fn write(mut records: Records<'_>, rejected: &RejectedRows, out: &mut dyn Write) -> Result<()> {
    let delimiter = char::from(records.delimiter());
    let Record::Whole = records.next()? else { return Ok(()) };
    let width = records.cell_count();
    // Rows that were rejected before bring the column along; its old reasons go.
    let old = records.first_cell(|cell| cell == REASON_COLUMN.as_bytes());
    line(&records, old, width, REASON_COLUMN, delimiter, out)?;
    let last = rejected.keys().next_back().copied().unwrap_or(0);
    for row in 2..=last {
        let read = records.next()?;
        if read == Record::End {
            break;
        }
        if let Some(reasons) = rejected.get(&row) {
            line(&records, old, width, &reason(reasons), delimiter, out)?;
        }
    }
    Ok(())
}

fn line(
    records: &Records<'_>,
    left_out: Option<usize>,
    width: usize,
    last: &str,
    delimiter: char,
    out: &mut dyn Write,
) -> Result<()> {
    // What is not UTF-8 has no cells that could be cut out of a text.
    let cells: Vec<&str> = records.text().map(|text| records.cells(text).collect()).unwrap_or_default();
    let missing = width.saturating_sub(cells.len());
    let kept = cells.iter().enumerate().filter(|(at, _)| Some(*at) != left_out).map(|(_, cell)| *cell);
    let reason = guarded(last);
    let all = kept.chain(std::iter::repeat_n("", missing)).chain([&*reason]);
    let written: Vec<Cow<'_, str>> = all.map(|cell| quoted(cell, delimiter)).collect();
    writeln!(out, "{}", written.join(&delimiter.to_string())).map_err(unwritten)
}

fn quoted(cell: &str, delimiter: char) -> Cow<'_, str> {
    match cell.contains([delimiter, '"', '\n', '\r']) {
        true => Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\""))),
        false => Cow::Borrowed(cell),
    }
}
