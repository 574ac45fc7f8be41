//! One object a line, each in the API's shape; items before relationships.

use super::{Exporter, Holds, Tables, object};
use std::io::{self, Write};

pub(super) struct Ndjson;

impl Exporter for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn media(&self) -> &'static str {
        "application/x-ndjson"
    }

    fn holds(&self) -> Holds {
        Holds::Tables
    }

    fn write(&self, tables: &dyn Tables, out: &mut dyn Write) -> io::Result<()> {
        for kind in tables.kinds() {
            let columns = tables.columns(*kind);
            for row in tables.rows(*kind) {
                serde_json::to_writer(&mut *out, &object(*kind, &columns, &row))?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }
}
