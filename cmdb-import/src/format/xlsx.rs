//! Excel workbooks: a sheet for each class, and sheets of relationships.
//!
//! The first row with something in two columns is the header. A sheet without a `class` column holds the class it is
//! named after; a sheet with a source, a relation and a target holds relationships. Sheets that are hidden or begin
//! with `_` are left out. What Excel does to data is told, not guessed at: formulas that were never computed, error
//! values and numbers of more than 15 digits.

use super::{Format, Input, has_extension};
use crate::{Options, Rejected, Sink, Source};
use calamine::{Reader, SheetType, SheetVisible};
use cmdb_core::{Error, Result};
use std::io::{Cursor, Write};

mod cells;
mod header;
mod meta;
mod package;
mod rejects;
mod sheet;

pub(super) struct Xlsx;

/// A workbook being read.
type Book<'b> = calamine::Xlsx<Cursor<&'b [u8]>>;

/// The longest file that is read; it is held in memory.
const FILE_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Sheets of one workbook at most.
const SHEETS_MAX: usize = 1_000;

impl Format for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn recognises(&self, head: &[u8], file_name: &str) -> bool {
        let has = |part: &[u8]| memchr::memmem::find(head, part).is_some();
        let zip = head.starts_with(b"PK\x03\x04");
        zip && (has(b"[Content_Types].xml")
            || has(b"xl/")
            || has_extension(file_name, &["xlsx", "xlsm", "ods"]))
            || head.starts_with(OLD_OFFICE)
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        let Input { file, source, options } = input;
        let bytes = whole(source, &file)?;
        let (mut book, package) = opened(&bytes, &file)?;
        read_book(&mut book, &file, package, options, sink)
    }

    fn rejects(&self, input: Input<'_>, rejected: &Rejected, out: &mut dyn Write) -> Result<bool> {
        let bytes = whole(input.source, &input.file)?;
        let (mut book, package) = opened(&bytes, &input.file)?;
        let meta = meta::read(&mut book, &input.file)?;
        rejects::write(&mut book, &input.file, (&meta, package.merged), rejected, out).map(|()| true)
    }
}

/// Opens a workbook, once its package was looked over.
fn opened<'b>(bytes: &'b [u8], file: &str) -> Result<(Book<'b>, package::Package)> {
    if bytes.starts_with(OLD_OFFICE) {
        let message = format!("\"{file}\" is an old Excel file (.xls) or protected with a password");
        return Err(Error::invalid("xlsx.not-a-workbook", message)
            .hint("open it in a spreadsheet and save it as .xlsx without a password"));
    }
    let package = package::check(bytes, file)?;
    let book = Book::new(Cursor::new(bytes)).map_err(|e| unreadable(file, &e))?;
    Ok((book, package))
}

/// What an OLE compound file begins with: Excel before 2007, and anything with a password.
const OLD_OFFICE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

fn whole(mut source: Source<'_>, file: &str) -> Result<Vec<u8>> {
    while source.more()? {
        if source.bytes().len() > FILE_BYTES_MAX {
            let message = format!("\"{file}\" is longer than {FILE_BYTES_MAX} bytes");
            return Err(Error::limit("xlsx.file-too-long", message).hint("save its sheets as CSV"));
        }
    }
    Ok(source.bytes().to_vec())
}

fn read_book(
    book: &mut Book<'_>,
    file: &str,
    package: package::Package,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<()> {
    let sheets = book.sheets_metadata().to_vec();
    if sheets.len() > SHEETS_MAX {
        let message = format!("\"{file}\" has {} sheets; at most {SHEETS_MAX} are read", sheets.len());
        return Err(Error::limit("xlsx.too-many-sheets", message));
    }
    let mut reading = sheet::Reading::new(file, package, meta::read(book, file)?, options);
    let mut later = Vec::new();
    for sheet in sheets.iter().filter(|s| s.typ == SheetType::WorkSheet && !s.name.starts_with('_')) {
        if sheet.visible != SheetVisible::Visible {
            reading.note_sheet(&sheet.name, sink);
        } else if header::is_relations_sheet(&sheet.name) {
            later.push(&sheet.name);
        } else {
            reading.read(book, &sheet.name, sink)?;
        }
    }
    // Relationships name items by the keys they have in this workbook, so those are read first.
    later.into_iter().try_for_each(|name| reading.read(book, name, sink))?;
    if reading.tables == 0 {
        let message = format!("no sheet of \"{file}\" has a header with a column name or id");
        return Err(Error::invalid("xlsx.no-table", message)
            .hint("name the columns as the attributes, or guess a profile: cmdb import FILE --guess-map"));
    }
    Ok(())
}

fn unreadable(file: &str, error: &calamine::XlsxError) -> Error {
    let hint = match error {
        calamine::XlsxError::Password => "save it without a password",
        _ => "open it in a spreadsheet and save it again as .xlsx",
    };
    Error::invalid("xlsx.unreadable", format!("\"{file}\" is not a workbook that can be read: {error}"))
        .hint(hint)
}
