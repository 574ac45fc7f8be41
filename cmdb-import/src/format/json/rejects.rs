//! Rejected objects of a JSON file, as a JSON file of the same shape.

use crate::json::scan::{Scanned, Scanner};
use crate::rejects::{REASON_COLUMN, Rejected, RejectedRows, reason, unwritten};
use cmdb_core::Result;
use serde_json::{Map, Value};
use std::io::{self, Write};

/// Writes the array, or the object of arrays, with the rejected objects alone. Those too long to be read are left out.
pub(super) fn write(
    scanner: &mut Scanner<'_>,
    file: &str,
    rejected: &Rejected,
    out: &mut dyn Write,
) -> Result<()> {
    match scanner.peek()? {
        Some(b'[') => array(scanner, rejected.get(file), out)?,
        Some(b'{') => sections(scanner, file, rejected, out)?,
        _ => return Ok(()),
    }
    writeln!(out).map_err(unwritten)
}

fn sections(scanner: &mut Scanner<'_>, file: &str, rejected: &Rejected, out: &mut dyn Write) -> Result<()> {
    scanner.expect(b'{')?;
    out.write_all(b"{").map_err(unwritten)?;
    let mut written = 0;
    while scanner.peek()? != Some(b'}') {
        let key = match scanner.value()? {
            Scanned::Whole(b"\"items\"") => "items",
            Scanned::Whole(b"\"relationships\"") => "relationships",
            _ => "",
        };
        scanner.expect(b':')?;
        let rows = rejected.get(format!("{file}#{key}").as_str());
        if let (Some(b'['), Some(rows)) = (scanner.peek()?, rows) {
            let comma = if written > 0 { "," } else { "" };
            write!(out, "{comma}\n\"{key}\": ").map_err(unwritten)?;
            array(scanner, Some(rows), out)?;
            written += 1;
        } else {
            scanner.value()?;
        }
        if !scanner.take(b',')? {
            break;
        }
    }
    out.write_all(b"\n}").map_err(unwritten)
}

fn array(scanner: &mut Scanner<'_>, rejected: Option<&RejectedRows>, out: &mut dyn Write) -> Result<()> {
    scanner.expect(b'[')?;
    out.write_all(b"[").map_err(unwritten)?;
    let (mut row, mut written) = (0, 0);
    if !scanner.take(b']')? {
        loop {
            row += 1;
            if let (Scanned::Whole(bytes), Some(reasons)) =
                (scanner.value()?, rejected.and_then(|rows| rows.get(&row)))
            {
                out.write_all(if written > 0 { b",\n" } else { b"\n" }).map_err(unwritten)?;
                object(bytes.trim_ascii(), &reason(reasons), out).map_err(unwritten)?;
                written += 1;
            }
            if !scanner.take(b',')? {
                break;
            }
        }
        scanner.expect(b']')?;
    }
    out.write_all(b"\n]").map_err(unwritten)
}

/// The object as it stood with one more field, so that its numbers keep their digits; what is no object becomes the
/// value of such a field.
fn object(bytes: &[u8], reason: &str, out: &mut dyn Write) -> io::Result<()> {
    let reason = Value::from(reason);
    let Some(inside) = bytes.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")) else {
        out.write_all(b"{\"value\":")?;
        out.write_all(bytes)?;
        return write!(out, ",\"{REASON_COLUMN}\":{reason}}}");
    };
    match serde_json::from_slice::<Map<String, Value>>(bytes) {
        // It was rejected before; its old reasons go.
        Ok(mut object) if object.contains_key(REASON_COLUMN) => {
            object.insert(REASON_COLUMN.to_owned(), reason);
            write!(out, "{}", Value::Object(object))
        }
        _ => {
            let comma = if inside.trim_ascii().is_empty() { "" } else { "," };
            out.write_all(b"{")?;
            out.write_all(inside)?;
            write!(out, "{comma}\"{REASON_COLUMN}\":{reason}}}")
        }
    }
}
