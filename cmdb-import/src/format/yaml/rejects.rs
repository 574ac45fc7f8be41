//! Rejected records of a YAML file, as a YAML file of the same shape: each record a block, what nests in it as JSON,
//! which YAML reads.

use crate::rejects::{REASON_COLUMN, Rejected, RejectedRows, reason, unwritten};
use crate::yaml::Documents;
use cmdb_core::Result;
use serde_json::Value as Json;
use std::io::{self, Write};

/// Writes the rejected records of every document. Documents that do not parse hold no records.
pub(super) fn write(
    mut documents: Documents<'_>,
    file: &str,
    rejected: &Rejected,
    out: &mut dyn Write,
) -> Result<()> {
    while let Some(document) = documents.next()? {
        let Ok(json) = document.json else { continue };
        let of_file = rejected.get(file);
        let written = match &json {
            Json::Array(records) => list(records, of_file, "", out),
            Json::Object(map) if map.contains_key("items") || map.contains_key("relationships") => {
                ["items", "relationships"].iter().try_for_each(|key| {
                    let rows = rejected.get(format!("{file}#{key}").as_str());
                    match (map.get(*key), rows) {
                        (Some(Json::Array(records)), Some(_)) => {
                            writeln!(out, "{key}:").and_then(|()| list(records, rows, "  ", out))
                        }
                        _ => Ok(()),
                    }
                })
            }
            single => match of_file.and_then(|rows| rows.get(&document.number)) {
                Some(reasons) => {
                    writeln!(out, "---").and_then(|()| record(single, &reason(reasons), ["", ""], out))
                }
                None => Ok(()),
            },
        };
        written.map_err(unwritten)?;
    }
    Ok(())
}

fn list(records: &[Json], rows: Option<&RejectedRows>, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    for (row, json) in (1..).zip(records) {
        if let Some(reasons) = rows.and_then(|rows| rows.get(&row)) {
            let leads = [format!("{indent}- "), format!("{indent}  ")];
            record(json, &reason(reasons), [&leads[0], &leads[1]], out)?;
        }
    }
    Ok(())
}

/// A record, with `leads` before its first line and before each other one; what is no record becomes the value of a
/// field.
fn record(json: &Json, reason: &str, leads: [&str; 2], out: &mut dyn Write) -> io::Result<()> {
    let fields: Vec<(&str, &Json)> = match json {
        Json::Object(map) => map.iter().map(|(key, value)| (key.as_str(), value)).collect(),
        other => vec![("value", other)],
    };
    let reason = Json::from(reason);
    let kept = fields.into_iter().filter(|(key, _)| *key != REASON_COLUMN);
    let leads = std::iter::once(leads[0]).chain(std::iter::repeat(leads[1]));
    for ((key, value), lead) in kept.chain([(REASON_COLUMN, &reason)]).zip(leads) {
        writeln!(out, "{lead}{}: {value}", Json::from(key))?;
    }
    Ok(())
}
