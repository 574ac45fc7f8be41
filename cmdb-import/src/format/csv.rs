//! CSV: `,`, `;` or tab, guessed from the header; a table with `source`, `type` and `target` holds relationships.
//!
//! A row's number is that of its record: the header is row 1, empty lines do not count, and a quoted cell with line
//! breaks is still one row. Cells are taken as they stand, without trimming; only a header's names are trimmed.
//! An empty cell states nothing, so an empty text cannot be told from it; a row of nothing but empty cells is
//! passed over.

use super::{Format, Input, has_extension};
use crate::columns::Columns;
use crate::options::RELATIONSHIP_COLUMNS;
use crate::{COLUMNS_MAX, REASON_COLUMN, ROW_BYTES_MAX, Rejected, RejectedRows, Sink, guard};
use cmdb_core::model::intake::{Complaint, TableKind};
use cmdb_core::model::value::TEXT_BYTES_MAX;
use cmdb_core::{Error, Result};
use records::{Record, Records};
use smol_str::SmolStr;
use std::io::Write;

mod records;
mod rejects;

pub(super) struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn recognises(&self, head: &[u8], file_name: &str) -> bool {
        let first = head.iter().find(|b| !b.is_ascii_whitespace());
        has_extension(file_name, &["csv", "tsv", "txt"])
            || !matches!(first, Some(b'{' | b'[' | b'<' | 0..=31 | 127)) && !head.starts_with(b"PK")
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        let options = input.options;
        let mut records = Records::new(input.source);
        let mut names = header(&input.file, &mut records)?;
        drop_unnamed(&input.file, &mut names, sink);
        // Rejected rows come back with why they were rejected, which is no attribute of theirs.
        names
            .iter_mut()
            .filter(|name| name.as_str() == REASON_COLUMN)
            .for_each(|name| *name = SmolStr::default());
        let columns = Columns::new(input.file.clone(), &names, options)
            .map_err(|name| duplicate(&input.file, &name))?;
        if !options.looking {
            check_columns(&input.file, &columns)?;
        }
        Rows { file: input.file, names, columns, sink }.read(&mut records)
    }

    fn rejects(&self, input: Input<'_>, rejected: &Rejected, out: &mut dyn Write) -> Result<bool> {
        let none = RejectedRows::new();
        let rows = rejected.get(input.file.as_str()).unwrap_or(&none);
        rejects::write(Records::new(input.source), rows, out).map(|()| true)
    }
}

/// Reads the first record. What is wrong with it is wrong with the whole file.
fn header(file: &str, records: &mut Records<'_>) -> Result<Vec<SmolStr>> {
    let record = records.next()?;
    let invalid = |code, message| Err(Error::invalid(code, message));
    match record {
        Record::End => return invalid("csv.empty", format!("\"{file}\" is empty")),
        Record::Whole => {}
        Record::Unclosed => {
            return invalid(
                "csv.unclosed-quote",
                format!("a quote in the header of \"{file}\" is not closed"),
            );
        }
        Record::TooLong { .. } | Record::TooWide => {
            let message = format!(
                "the header of \"{file}\" is longer than {COLUMNS_MAX} columns or {ROW_BYTES_MAX} bytes"
            );
            return Err(Error::limit("csv.header-too-long", message));
        }
    }
    let Some(text) = records.text() else {
        return Err(Error::invalid("csv.not-utf8", format!("the header of \"{file}\" is not UTF-8"))
            .hint("save the file as UTF-8"));
    };
    if text.contains('\0') {
        return invalid("csv.nul", format!("the header of \"{file}\" contains a NUL byte"));
    }
    Ok(records.cells(text).map(|name| SmolStr::new(guard::unguarded(name.trim()))).collect())
}

/// A column without a name cannot be an attribute: it is ignored, with a complaint.
fn drop_unnamed(file: &SmolStr, names: &mut [SmolStr], sink: &mut dyn Sink) {
    for (at, _) in names.iter().enumerate().filter(|(_, name)| name.is_empty()) {
        let message = format!("column {} has no name in the header and is ignored", at + 1);
        sink.complain(Complaint {
            file: file.clone(),
            row: 1,
            column: None,
            code: "csv.unnamed-column",
            message,
        });
    }
}

fn duplicate(file: &str, name: &str) -> Error {
    Error::invalid("csv.duplicate-column", format!("\"{file}\" has two columns \"{name}\""))
        .hint(format!("rename one of them; --map {name}= drops columns of that name"))
}

fn check_columns(file: &str, columns: &Columns) -> Result<()> {
    let has_any = |names: &[&str]| names.iter().any(|name| columns.has(name));
    let (missing, hint) = match columns.kind() {
        TableKind::Relationships => {
            let missing: Vec<&str> =
                RELATIONSHIP_COLUMNS.into_iter().filter(|name| !columns.has(name)).collect();
            (missing.join(", "), "relationships need the columns source, type and target")
        }
        TableKind::Items if has_any(&["class", "name", "id"]) => return Ok(()),
        TableKind::Items => ("class, name or id".to_owned(), "items need a class, a name or an id"),
    };
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::invalid("csv.missing-column", format!("\"{file}\" has no column {missing}"))
        .hint(format!("{hint}; rename columns with --map old=new, add one with --set column=value")))
}

/// The rows below the header.
struct Rows<'a> {
    file: SmolStr,
    /// As written, for complaints.
    names: Vec<SmolStr>,
    columns: Columns,
    sink: &'a mut dyn Sink,
}

impl Rows<'_> {
    fn read(mut self, records: &mut Records<'_>) -> Result<()> {
        let mut row = 1;
        loop {
            row += 1;
            match records.next()? {
                Record::Whole => self.row(row, records)?,
                Record::End => break,
                Record::TooWide => self.ragged(row, &format!("more than {COLUMNS_MAX}")),
                Record::TooLong { field, in_cell: true } => self.cell_too_long(row, field),
                Record::TooLong { .. } => {
                    self.complain(
                        row,
                        None,
                        "csv.row-too-long",
                        format!("the row is longer than {ROW_BYTES_MAX} bytes"),
                    );
                }
                Record::Unclosed => {
                    let message = "a quote in this row is not closed, so that it runs to the end of the file";
                    self.complain(row, None, "csv.unclosed-quote", message.to_owned());
                }
            }
        }
        if row == 2 {
            self.complain(0, None, "csv.no-rows", "the file has a header and no rows".to_owned());
        }
        self.columns.flush(self.sink)
    }

    fn row(&mut self, row: u64, records: &Records<'_>) -> Result<()> {
        let count = records.cell_count();
        if count != self.names.len() {
            self.ragged(row, &count.to_string());
            return Ok(());
        }
        if records.bytes().is_empty() {
            return Ok(());
        }
        if records.bytes().len() > TEXT_BYTES_MAX
            && let Some(field) = records.cell_lengths().position(|length| length > TEXT_BYTES_MAX)
        {
            self.cell_too_long(row, field);
            return Ok(());
        }
        let Some(text) = records.text() else {
            let column = records.first_cell(|cell| std::str::from_utf8(cell).is_err());
            self.complain(row, column, "csv.not-utf8", "the row is not UTF-8".to_owned());
            return Ok(());
        };
        if memchr::memchr(0, text.as_bytes()).is_some() {
            let column = records.first_cell(|cell| cell.contains(&0));
            self.complain(row, column, "csv.nul", "the row contains a NUL byte".to_owned());
            return Ok(());
        }
        self.columns.push(row, records.cells(text), self.sink)
    }

    fn ragged(&mut self, row: u64, count: &str) {
        let message = format!("the row has {count} cells where the header has {}", self.names.len());
        self.complain(row, None, "csv.ragged-row", message);
    }

    fn cell_too_long(&mut self, row: u64, field: usize) {
        let message = format!("the cell is longer than {TEXT_BYTES_MAX} bytes");
        self.complain(row, Some(field), "csv.cell-too-long", message);
    }

    fn complain(&mut self, row: u64, field: Option<usize>, code: &'static str, message: String) {
        let column = field.and_then(|at| self.names.get(at)).filter(|name| !name.is_empty()).cloned();
        self.sink.complain(Complaint { file: self.file.clone(), row, column, code, message });
    }
}
