//! NDJSON: one object a line. A row's number is its line; a line that cannot be read is a complaint.

use super::{Format, Input, has_extension};
use crate::json::entries::{self, Refusal};
use crate::json::rows::Rows;
use crate::rejects::{REASON_COLUMN, Rejected, reason, unwritten};
use crate::{ROW_BYTES_MAX, Sink, Source};
use cmdb_core::Result;
use std::io::Write;

pub(super) struct Ndjson;

impl Format for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    /// By the name, or by a first line that is a whole object and not a JSON export; a file called `.json` must also
    /// have a second such line.
    fn recognises(&self, head: &[u8], file_name: &str) -> bool {
        if has_extension(file_name, &["ndjson", "jsonl"]) {
            return true;
        }
        let mut lines = head.split(|&b| b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default();
        let several = lines.next().is_some_and(|line| line.starts_with(b"{"));
        let is_section = |key: &str| matches!(key, "items" | "relationships");
        !has_extension(file_name, &["csv", "tsv"])
            && (several || !has_extension(file_name, &["json"]))
            && first.starts_with(b"{")
            && entries::read(first).is_ok_and(|keys| !keys.iter().any(|(key, _)| is_section(key)))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        let mut rows = Rows::new(input.file, None, input.options, sink);
        let mut lines = Lines { source: input.source, pending: 0 };
        let mut row = 0;
        while let Some(line) = lines.next()? {
            row += 1;
            match line {
                Line::TooLong => {
                    let message = format!("the line is longer than {ROW_BYTES_MAX} bytes");
                    rows.complain(row, None, "json.object-too-long", message);
                }
                Line::Whole(bytes) if bytes.trim_ascii().is_empty() => {}
                Line::Whole(bytes) => match entries::read(bytes) {
                    Ok(mut entries) => {
                        // Rejected rows come back with why they were rejected, which is no attribute of theirs.
                        entries.retain(|(key, _)| key != REASON_COLUMN);
                        rows.push(row, bytes.len(), entries)?;
                    }
                    Err(Refusal::Fault { fault, key }) => rows.complain(row, key, fault.code, fault.message),
                    Err(Refusal::Syntax { column, message, .. }) => {
                        let message = format!("the line is not valid JSON at column {column}: {message}");
                        rows.complain(row, None, "json.syntax", message);
                    }
                },
            }
        }
        rows.flush()
    }

    fn rejects(&self, input: Input<'_>, rejected: &Rejected, out: &mut dyn Write) -> Result<bool> {
        let Some(rejected) = rejected.get(input.file.as_str()) else { return Ok(true) };
        let mut lines = Lines { source: input.source, pending: 0 };
        let last = rejected.keys().next_back().copied().unwrap_or(0);
        for row in 1..=last {
            let Some(line) = lines.next()? else { break };
            let (Some(reasons), Line::Whole(bytes)) = (rejected.get(&row), line) else { continue };
            write_reject(bytes.trim_ascii(), &reason(reasons), out).map_err(unwritten)?;
        }
        Ok(true)
    }
}

/// The line with one more field; one that is no object becomes the text of such a field.
fn write_reject(line: &[u8], reason: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let mut object = match serde_json::from_slice(line) {
        Ok(serde_json::Value::Object(object)) => object,
        _ => serde_json::Map::from_iter([("line".to_owned(), String::from_utf8_lossy(line).into())]),
    };
    object.insert(REASON_COLUMN.to_owned(), reason.into());
    writeln!(out, "{}", serde_json::Value::Object(object))
}

enum Line<'s> {
    Whole(&'s [u8]),
    /// Longer than a row may be; it was stepped over.
    TooLong,
}

struct Lines<'a> {
    source: Source<'a>,
    /// Bytes of the line handed out last, to be stepped over next.
    pending: usize,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<Line<'_>>> {
        self.source.consume(std::mem::take(&mut self.pending));
        let (mut seen, mut too_long) = (0, false);
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.source.bytes()[seen..]) {
                return Ok(Some(self.found(seen + at, 1, too_long)));
            }
            seen = self.source.bytes().len();
            if seen > ROW_BYTES_MAX {
                too_long = true;
                self.source.consume(seen);
                seen = 0;
            }
            if !self.source.more()? {
                let ended = seen == 0 && !too_long;
                return Ok(if ended { None } else { Some(self.found(seen, 0, too_long)) });
            }
        }
    }

    fn found(&mut self, length: usize, line_break: usize, too_long: bool) -> Line<'_> {
        self.pending = length + line_break;
        if too_long || length > ROW_BYTES_MAX {
            Line::TooLong
        } else {
            Line::Whole(&self.source.bytes()[..length])
        }
    }
}
