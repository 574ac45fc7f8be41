//! Tables as sheets: cells that read back as what they were.
//!
//! Texts stay texts, whatever they look like: a serial number keeps its leading zeros, and nothing is a formula.

use super::{Book, failed};
use crate::options::RELATIONSHIP_COLUMNS;
use crate::{guard, json};
use cmdb_core::model::Value;
use rust_xlsxwriter::{ExcelDateTime, Format, Note, Worksheet};
use std::io;

/// The longest text that a cell holds.
const TEXT_CHARS_MAX: usize = 32_767;
/// Rows of a sheet below its header.
const ROWS_MAX: usize = 1_048_575;
/// Integers that a double holds with every digit Excel shows.
const EXACT_MAX: i64 = 1_000_000_000_000_000;

impl Book {
    /// One table, on as many sheets as its rows need, with the columns that any row uses.
    pub fn table(
        &mut self,
        name: &str,
        class: Option<&str>,
        columns: &[String],
        rows: &[Vec<Option<Value>>],
    ) -> io::Result<()> {
        let is_used = |at: usize| rows.iter().any(|row| row.get(at).is_some_and(Option::is_some));
        let is_end = |name: &str| class.is_none() && RELATIONSHIP_COLUMNS.contains(&name);
        let used: Vec<usize> =
            (0..columns.len()).filter(|at| is_end(&columns[*at]) || is_used(*at)).collect();
        for part in rows.chunks(ROWS_MAX) {
            let (header, text, date) = (self.header.clone(), self.text.clone(), self.date.clone());
            let sheet = self.sheet(name, class)?;
            for (to, from) in used.iter().enumerate() {
                let to = to as u16;
                sheet.set_column_format(to, &text).map_err(failed)?;
                sheet.write_string_with_format(0, to, columns[*from].as_str(), &header).map_err(failed)?;
            }
            sheet.set_freeze_panes(1, 0).map_err(failed)?;
            for (number, row) in part.iter().enumerate() {
                for (to, from) in used.iter().enumerate() {
                    if let Some(value) = row.get(*from).and_then(Option::as_ref) {
                        cell(sheet, number as u32 + 1, to as u16, value, &text, &date)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    value: &Value,
    text: &Format,
    date: &Format,
) -> io::Result<()> {
    let written = match value {
        Value::Integer(n) if n.abs() < EXACT_MAX => sheet.write_number(row, column, *n as f64),
        Value::Decimal(n) if n.is_finite() && n.abs() < EXACT_MAX as f64 => {
            sheet.write_number(row, column, *n)
        }
        Value::Boolean(b) => sheet.write_boolean(row, column, *b),
        Value::Date(day) if (1901..=9999).contains(&day.year()) => {
            let (year, month, day) = (day.year() as u16, day.month() as u8, day.day() as u8);
            let day = ExcelDateTime::from_ymd(year, month, day).map_err(failed)?;
            sheet.write_datetime_with_format(row, column, &day, date)
        }
        Value::Text(written) if written.is_empty() => return Ok(()),
        Value::Text(written) => return self::text(sheet, row, column, &quoted(written), text),
        Value::List(_) | Value::Map(_) => {
            let json = json::from_value(value).to_string();
            if json.chars().count() > TEXT_CHARS_MAX {
                return left_out(sheet, row, column, value.kind_name());
            }
            return self::text(sheet, row, column, &json, text);
        }
        Value::Integer(_)
        | Value::Decimal(_)
        | Value::Date(_)
        | Value::LocalTime(_)
        | Value::Time(_)
        | Value::LocalDateTime(_)
        | Value::DateTime(_)
        | Value::Duration(_) => return self::text(sheet, row, column, &value.to_string(), text),
    };
    written.map(drop).map_err(failed)
}

/// What processes keep with their records may be longer than a cell and is nothing that people fill in: the cell says
/// nothing, and a note there says why.
fn left_out(sheet: &mut Worksheet, row: u32, column: u16, kind: &str) -> io::Result<()> {
    let message = format!(
        "left out: {kind} of more than {TEXT_CHARS_MAX} characters in JSON; an export as ndjson has it"
    );
    sheet.insert_note(row, column, &Note::new(message)).map(drop).map_err(failed)
}

/// A text in a workbook is no formula; only one that would lose its own `'` on the way in gets another.
fn quoted(text: &str) -> String {
    if guard::unguarded(text) == text { text.to_owned() } else { guard::guarded(text).into_owned() }
}

fn text(sheet: &mut Worksheet, row: u32, column: u16, text: &str, format: &Format) -> io::Result<()> {
    if text.chars().count() > TEXT_CHARS_MAX {
        let message = format!(
            "a text of {} characters in row {} of the sheet \"{}\" is longer than a workbook's {TEXT_CHARS_MAX}; export as ndjson",
            text.chars().count(),
            row + 1,
            sheet.name(),
        );
        return Err(io::Error::other(message));
    }
    sheet.write_string_with_format(row, column, text, format).map(drop).map_err(failed)
}
