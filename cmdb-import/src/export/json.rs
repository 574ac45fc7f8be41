//! `{"items": […], "relationships": […]}`, one element a line, each in the API's shape.

use super::{Exporter, Holds, Tables, object};
use cmdb_core::model::intake::TableKind;
use std::io::{self, Write};

pub(super) struct Json;

impl Exporter for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn media(&self) -> &'static str {
        "application/json"
    }

    fn holds(&self) -> Holds {
        Holds::Tables
    }

    fn write(&self, tables: &dyn Tables, out: &mut dyn Write) -> io::Result<()> {
        for (at, kind) in tables.kinds().iter().enumerate() {
            let name = match kind {
                TableKind::Items => "items",
                TableKind::Relationships => "relationships",
            };
            write!(out, "{}\"{name}\":[", if at == 0 { "{" } else { "," })?;
            let columns = tables.columns(*kind);
            for (nth, row) in tables.rows(*kind).enumerate() {
                out.write_all(if nth == 0 { "\n" } else { ",\n" }.as_bytes())?;
                serde_json::to_writer(&mut *out, &object(*kind, &columns, &row))?;
            }
            out.write_all(b"\n]")?;
        }
        out.write_all(if tables.kinds().is_empty() { "{}\n" } else { "}\n" }.as_bytes())
    }
}
