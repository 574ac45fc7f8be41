//! Results as text: the formats that every listing command shares.

use crate::args::{Format, Global};
use crate::client::{Client, query};
use crate::failure::Failure;
use crate::output::{at, csv, listed, print, print_line, table};
use serde_json::Value;
use std::io;

/// Prints `answer` in the format asked for; `rows` names its array, `columns` what a table shows of each row.
pub fn rows(global: &Global, answer: &Value, rows: &str, columns: &[&str]) -> io::Result<()> {
    let list = answer[rows].as_array().map(Vec::as_slice).unwrap_or(&[]);
    match global.format() {
        Format::Json => json(answer),
        Format::Ndjson => list.iter().try_for_each(|row| print_line(&row.to_string())),
        Format::Csv => print(&csv(columns, list)),
        // A command that draws graphs does so before it comes here.
        Format::Table | Format::Dot | Format::Mermaid | Format::Graphml | Format::Cytoscape => {
            let header: Vec<&str> = columns.iter().map(|c| c.rsplit('.').next().unwrap_or(c)).collect();
            let cells = list.iter().map(|row| columns.iter().map(|c| listed(at(row, c))).collect()).collect();
            print(&table(&header, cells))
        }
    }
}

/// Pretty JSON on stdout.
pub fn json(value: &Value) -> io::Result<()> {
    print_line(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// JSON if asked for, else what `text` makes of it.
pub fn one(global: &Global, value: &Value, text: impl FnOnce(&Value) -> String) -> io::Result<()> {
    match global.format() {
        Format::Json => json(value),
        Format::Ndjson => print_line(&value.to_string()),
        Format::Csv | Format::Table | Format::Dot | Format::Mermaid | Format::Graphml | Format::Cytoscape => {
            print(&text(value))
        }
    }
}

/// `Class name` of an ItemRef.
pub fn label(item: &Value) -> String {
    let text = |key: &str| item[key].as_str().unwrap_or("").to_owned();
    format!("{} {}", text("class"), text("name"))
}

/// Reads a listing to its end, page by page, into one answer.
pub fn all_pages(
    client: &Client,
    path: &str,
    pairs: &[(&str, Option<String>)],
    rows: &str,
    limit: Option<u64>,
) -> Result<Value, Failure> {
    const PAGE: u64 = 1000;
    let mut cursor: Option<String> = None;
    let mut whole: Option<Value> = None;
    loop {
        let so_far = whole.as_ref().and_then(|w| w[rows].as_array()).map_or(0, Vec::len) as u64;
        let wanted = limit.map_or(PAGE, |limit| limit.saturating_sub(so_far).min(PAGE));
        let mut pairs = pairs.to_vec();
        pairs.push(("limit", Some(wanted.to_string())));
        pairs.push(("cursor", cursor.take()));
        let mut page = client.get(format!("{path}{}", query(&pairs)))?;
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        whole = Some(match whole.take() {
            None => page,
            Some(mut all) => {
                if let (Some(to), Some(from)) = (all[rows].as_array_mut(), page[rows].as_array_mut()) {
                    to.append(from);
                }
                all
            }
        });
        let count = whole.as_ref().and_then(|w| w[rows].as_array()).map_or(0, Vec::len) as u64;
        if cursor.is_none() || limit.is_some_and(|limit| count >= limit) {
            break;
        }
    }
    let mut whole = whole.unwrap_or(Value::Null);
    if limit.is_none()
        && let Some(map) = whole.as_object_mut()
    {
        map.remove("next_cursor");
    }
    Ok(whole)
}
