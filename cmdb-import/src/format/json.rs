//! JSON: an array of objects, or an object with `items`, `relationships` or both, each an array of objects.
//!
//! A row's number is the 1-based place of its element in its array. An object that says something impossible is a
//! complaint; broken JSON ends the reading, because nothing after it can be trusted.

use super::{Format, Input, has_extension};
use crate::json::entries::{self, Refusal};
use crate::json::rows::Rows;
use crate::json::scan::{Scanned, Scanner};
use crate::{Options, REASON_COLUMN, ROW_BYTES_MAX, Rejected, Sink};
use cmdb_core::model::intake::TableKind;
use cmdb_core::{Error, Result};
use smol_str::SmolStr;
use std::io::Write;

mod rejects;

pub(super) struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn recognises(&self, head: &[u8], file_name: &str) -> bool {
        let first = head.iter().find(|b| !b.is_ascii_whitespace());
        has_extension(file_name, &["json"])
            || (matches!(first, Some(b'{' | b'['))
                && !has_extension(file_name, &["csv", "tsv", "yaml", "yml"]))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        let Input { file, source, options } = input;
        let mut scanner = Scanner::new(source, file.clone());
        match scanner.peek()? {
            None => return Err(Error::invalid("json.empty", format!("\"{file}\" is empty"))),
            Some(b'[') => array(&mut scanner, Rows::new(file.clone(), None, options, sink))?,
            Some(b'{') => sections(&mut scanner, &file, options, sink)?,
            Some(_) => return Err(scanner.syntax(1, 1, "expected `[` or `{`")),
        }
        match scanner.peek()? {
            None => Ok(()),
            Some(_) => Err(scanner.syntax(1, 1, "expected the end of the file")),
        }
    }

    fn rejects(&self, input: Input<'_>, rejected: &Rejected, out: &mut dyn Write) -> Result<bool> {
        let mut scanner = Scanner::new(input.source, input.file.clone());
        rejects::write(&mut scanner, &input.file, rejected, out).map(|()| true)
    }
}

/// Reads `{"items": […], "relationships": […]}`; other keys are stepped over.
fn sections(scanner: &mut Scanner<'_>, file: &str, options: &Options, sink: &mut dyn Sink) -> Result<()> {
    let mut found = false;
    scanner.expect(b'{')?;
    while scanner.peek()? != Some(b'}') {
        let (key, kind) = match scanner.value()? {
            Scanned::Whole(b"\"items\"") => ("items", Some(TableKind::Items)),
            Scanned::Whole(b"\"relationships\"") => ("relationships", Some(TableKind::Relationships)),
            Scanned::Whole([b'"', ..]) => ("", None),
            _ => return Err(scanner.syntax(1, 1, "expected a key")),
        };
        scanner.expect(b':')?;
        match (scanner.peek()?, kind) {
            (Some(b'['), Some(_)) => {
                found = true;
                array(scanner, Rows::new(SmolStr::from(format!("{file}#{key}")), kind, options, sink))?;
            }
            _ => {
                scanner.value()?;
            }
        }
        if !scanner.take(b',')? {
            break;
        }
    }
    scanner.expect(b'}')?;
    if found {
        return Ok(());
    }
    Err(Error::invalid(
        "json.no-rows",
        format!("\"{file}\" has neither an array \"items\" nor \"relationships\""),
    )
    .hint("write an array of objects, {\"items\": […], \"relationships\": […]}, or one object a line"))
}

fn array(scanner: &mut Scanner<'_>, mut rows: Rows<'_>) -> Result<()> {
    scanner.expect(b'[')?;
    let mut row = 0;
    if !scanner.take(b']')? {
        loop {
            row += 1;
            element(scanner, &mut rows, row)?;
            if !scanner.take(b',')? {
                break;
            }
        }
        scanner.expect(b']')?;
    }
    rows.flush()
}

fn element(scanner: &mut Scanner<'_>, rows: &mut Rows<'_>, row: u64) -> Result<()> {
    let (length, read) = match scanner.value()? {
        Scanned::Whole(bytes) => (bytes.len(), entries::read(bytes)),
        Scanned::TooLong => {
            rows.complain(
                row,
                None,
                "json.object-too-long",
                format!("the object is longer than {ROW_BYTES_MAX} bytes"),
            );
            return Ok(());
        }
    };
    match read {
        Ok(mut entries) => {
            // Rejected rows come back with why they were rejected, which is no attribute of theirs.
            entries.retain(|(key, _)| key != REASON_COLUMN);
            rows.push(row, length, entries)
        }
        Err(Refusal::Fault { fault, key }) => {
            rows.complain(row, key, fault.code, fault.message);
            Ok(())
        }
        Err(Refusal::Syntax { line, column, message }) => Err(scanner.syntax(line, column, &message)),
    }
}
