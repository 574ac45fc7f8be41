//! CSV with commas and `\n`; texts that a spreadsheet would run are guarded, and the guard comes off on the way in.
//!
//! Lists and maps stand in a cell as JSON. Two things a CSV cannot say: an empty text (it reads as "not stated") and
//! a NUL character.

use super::text::plain;
use super::{Exporter, Holds, Row, Tables};
use crate::guard;
use cmdb_core::model::Value;
use csv::{QuoteStyle, WriterBuilder};
use std::borrow::Cow;
use std::io::{self, Write};

pub(super) struct Csv;

impl Exporter for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn media(&self) -> &'static str {
        "text/csv; charset=utf-8"
    }

    fn holds(&self) -> Holds {
        Holds::OneTable
    }

    fn write(&self, tables: &dyn Tables, out: &mut dyn Write) -> io::Result<()> {
        let Some(kind) = tables.kinds().first().copied() else { return Ok(()) };
        write_csv(&tables.columns(kind), tables.rows(kind), out)
    }
}

/// Writes one table, whatever its columns mean.
pub fn write_csv(columns: &[&str], rows: impl Iterator<Item = Row>, out: &mut dyn Write) -> io::Result<()> {
    // Quoted only where another delimiter could be guessed from it.
    let odd = columns.iter().any(|name| name.contains([';', '\t', '\u{feff}']));
    let style = if odd { QuoteStyle::Always } else { QuoteStyle::Necessary };
    let mut header = WriterBuilder::new().quote_style(style).from_writer(&mut *out);
    header.write_record(columns.iter().map(|name| guard::guarded(name).into_owned()))?;
    header.flush()?;
    drop(header);
    let mut writer = csv::Writer::from_writer(out);
    for row in rows {
        for value in &row {
            writer.write_field(value.as_ref().map_or(Cow::Borrowed(""), cell).as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()
}

/// A text that a spreadsheet would run is guarded; nothing else could be one.
fn cell(value: &Value) -> Cow<'_, str> {
    match plain(value) {
        Cow::Borrowed(text) => guard::guarded(text),
        made => made,
    }
}
