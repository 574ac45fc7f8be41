//! Rows of a query as tables, JSON and CSV; plans as indented trees.

use crate::args::{Format, Global};
use crate::output::{print, say, table_under};
use crate::render;
use serde_json::Value;
use std::fmt::Write;
use std::io;

pub fn answer(global: &Global, answer: &Value) -> io::Result<()> {
    let columns: Vec<&str> = strings(&answer["columns"]);
    let rows = answer["rows"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    match global.format() {
        Format::Json => return render::json(answer),
        Format::Ndjson => {}
        Format::Csv => print(&crate::output::csv_cells(&columns, rows.iter().map(cells)))?,
        _ if columns.is_empty() => {}
        Format::Table | Format::Dot | Format::Mermaid | Format::Graphml | Format::Cytoscape => {
            print(&table_under(&columns, rows.iter().map(cells).collect()))?
        }
    }
    if answer["plan"].is_object() {
        let mut text = String::new();
        plan(&answer["plan"], 0, &mut text);
        // Among CSV it would be taken for rows.
        match global.format() {
            Format::Csv => say(global.quiet, text.trim_end()),
            _ => print(&text)?,
        }
    }
    say(global.quiet, &talk(answer, rows.len()));
    Ok(())
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn cells(row: &Value) -> Vec<String> {
    row.as_array().into_iter().flatten().map(cell).collect()
}

/// Elements of the graph as the language writes them, the rest as JSON.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => format!("[{}]", values.iter().map(element).collect::<Vec<_>>().join(", ")),
        Value::Object(map) if map.contains_key("labels") && map.contains_key("properties") => {
            format!("(:{} {})", text(&value["class"]), text(&value["name"]))
        }
        Value::Object(map) if map.contains_key("type") && map.contains_key("source") => {
            format!("[:{}]", text(&value["type"]))
        }
        Value::Object(map) if map.contains_key("nodes") && map.contains_key("relationships") => path(value),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| format!("{key}: {}", element(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Inside a list or map, where an empty place would not be seen.
fn element(value: &Value) -> String {
    if value.is_null() { "null".to_owned() } else { cell(value) }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn path(path: &Value) -> String {
    let nodes = path["nodes"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    let edges = path["relationships"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    let mut out = nodes.first().map(cell).unwrap_or_default();
    for (edge, pair) in edges.iter().zip(nodes.windows(2)) {
        let forward = edge["source"] == pair[0]["id"];
        let (before, after) = if forward { ("-", "->") } else { ("<-", "-") };
        let _ = write!(out, "{before}{}{after}{}", cell(edge), cell(&pair[1]));
    }
    out
}

fn plan(operator: &Value, depth: usize, out: &mut String) {
    let (name, details) = (text(&operator["operator"]), text(&operator["details"]));
    // The row every plan starts from says nothing.
    if name == "Argument" {
        return;
    }
    let estimate = operator["estimated_rows"].as_f64().unwrap_or(0.0);
    let rows = match (operator["rows"].as_u64(), operator["steps"].as_u64()) {
        (Some(rows), Some(steps)) => format!("rows: {rows} of about {estimate:.0}, steps: {steps}"),
        _ => format!("rows: about {estimate:.0}"),
    };
    let space = if details.is_empty() { "" } else { " " };
    let _ = writeln!(out, "{:indent$}{name}{space}{details}  ({rows})", "", indent = depth * 2);
    for input in operator["inputs"].as_array().into_iter().flatten() {
        plan(input, depth + 1, out);
    }
}

/// `relationships_created` as "1 relationship created".
fn changed(what: &str, count: u64) -> String {
    let what = what.replace('_', " ");
    let Some((things, done)) = what.split_once(' ').filter(|_| count == 1) else {
        return format!("{count} {what}");
    };
    let one = match things {
        "properties" => "property",
        "indexes" => "index",
        plural => plural.trim_end_matches('s'),
    };
    format!("1 {one} {done}")
}

/// What is said beside the rows.
fn talk(answer: &Value, rows: usize) -> String {
    let milliseconds = answer["elapsed_us"].as_f64().unwrap_or(0.0) / 1000.0;
    let mut out = match (answer["plan"].is_object(), rows) {
        (true, 0) => format!("{milliseconds:.1} ms"),
        (_, 1) => format!("1 row, {milliseconds:.1} ms"),
        _ => format!("{rows} rows, {milliseconds:.1} ms"),
    };
    for (what, count) in answer["stats"].as_object().into_iter().flatten() {
        let _ = write!(out, ", {}", changed(what, count.as_u64().unwrap_or(0)));
    }
    for notice in strings(&answer["notices"]) {
        let _ = write!(out, "\nnotice: {notice}");
    }
    out
}
