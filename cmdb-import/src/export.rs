//! Rows back into files that [`crate::read`] takes without change.
//!
//! The caller says which columns there are and in what order; for items `id`, `class`, `name`, `status` and then
//! attributes, for relationships `source`, `type`, `target` and then attributes. Lists and maps stand in a CSV as
//! JSON. Two things a CSV cannot say: an empty text (it reads as "not stated") and a NUL character.

use crate::{guard, json};
use cmdb_core::model::Value;
use cmdb_core::model::intake::TableKind;
use csv::{QuoteStyle, WriterBuilder};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::io::{self, Write};

/// One row: a value, or none where it is not stated, for each column.
pub type Row = Vec<Option<Value>>;

/// Writes a header and the rows as CSV, with commas and `\n`; texts that a spreadsheet would run are guarded.
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

/// Writes one object a line, in the API's shape.
pub fn write_ndjson(
    kind: TableKind,
    columns: &[&str],
    rows: impl Iterator<Item = Row>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for row in rows {
        serde_json::to_writer(&mut *out, &object(kind, columns, &row))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// The rows of one kind for [`write_json`].
pub struct Section<'a> {
    pub kind: TableKind,
    pub columns: &'a [&'a str],
    pub rows: &'a mut dyn Iterator<Item = Row>,
}

/// Writes `{"items": […], "relationships": […]}` with the sections given, one element a line.
pub fn write_json(sections: &mut [Section<'_>], out: &mut dyn Write) -> io::Result<()> {
    for (at, section) in sections.iter_mut().enumerate() {
        let name = match section.kind {
            TableKind::Items => "items",
            TableKind::Relationships => "relationships",
        };
        write!(out, "{}\"{name}\":[", if at == 0 { "{" } else { "," })?;
        for (nth, row) in (&mut *section.rows).enumerate() {
            out.write_all(if nth == 0 { "\n" } else { ",\n" }.as_bytes())?;
            serde_json::to_writer(&mut *out, &object(section.kind, section.columns, &row))?;
        }
        out.write_all(b"\n]")?;
    }
    out.write_all(if sections.is_empty() { "{}\n" } else { "}\n" }.as_bytes())
}

/// One row in the API's shape: attributes apart, what is not stated left out.
pub fn object(kind: TableKind, columns: &[&str], row: &[Option<Value>]) -> Json {
    let own: &[&str] = match kind {
        TableKind::Items => &["id", "class", "name", "status"],
        TableKind::Relationships => &["type", "source", "target"],
    };
    let (mut object, mut attributes) = (Map::new(), Map::new());
    for (column, value) in columns.iter().zip(row) {
        let Some(value) = value else { continue };
        let into = if own.contains(column) { &mut object } else { &mut attributes };
        into.insert((*column).to_owned(), json::from_value(value));
    }
    object.insert("attributes".to_owned(), Json::Object(attributes));
    Json::Object(object)
}

fn cell(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Text(text) => guard::guarded(text),
        Value::List(_) | Value::Map(_) => Cow::Owned(json::from_value(value).to_string()),
        Value::Boolean(_)
        | Value::Integer(_)
        | Value::Decimal(_)
        | Value::Date(_)
        | Value::LocalTime(_)
        | Value::Time(_)
        | Value::LocalDateTime(_)
        | Value::DateTime(_)
        | Value::Duration(_) => Cow::Owned(value.to_string()),
    }
}
