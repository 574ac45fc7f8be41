//! Printing: tables that fit the terminal, and data for other programs.

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;
use std::io::{self, IsTerminal, Write};

/// Text that cannot steer a terminal: control and direction characters are shown, not obeyed.
pub fn clean(text: &str) -> String {
    let steers = |c: char| c.is_control() && c != '\n' && c != '\t';
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if steers(c) || turns(c) { '\u{fffd}' } else { c }).collect()
}

/// Writes to stdout; a reader that went away (`| head`) is no error.
pub fn print(text: &str) -> io::Result<()> {
    forgive(io::stdout().lock().write_all(text.as_bytes()))
}

pub fn print_line(text: &str) -> io::Result<()> {
    print(&format!("{text}\n"))
}

/// Ends the program quietly where the reader closed the pipe.
pub fn forgive(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        other => other,
    }
}

/// A line of talk on stderr, unless it is closed.
pub fn say(quiet: bool, text: &str) {
    if !quiet {
        let _ = writeln!(io::stderr(), "{}", clean(text));
    }
}

/// Columns a terminal has that does not say how many.
const WIDTH_UNKNOWN: u16 = 80;

/// A table with a header of our own words.
pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let header: Vec<String> = header.iter().map(|h| h.to_uppercase()).collect();
    table_under(&header, rows)
}

/// A table with a header as given.
pub fn table_under<S: AsRef<str>>(header: &[S], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if !io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    if table.width() == Some(0) {
        table.set_width(WIDTH_UNKNOWN);
    }
    table.set_header(header.iter().map(|h| clean(h.as_ref())));
    for row in rows {
        table.add_row(row.into_iter().map(|cell| clean(&cell)));
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// `1 thing`, `2 things`; `1 entry`, `2 entries`.
pub fn count(number: u64, thing: &str) -> String {
    match (number, thing.strip_suffix('y')) {
        (1, _) => format!("1 {thing}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {thing}s"),
    }
}

/// The same of a number in an answer.
pub fn counted(number: &Value, thing: &str) -> String {
    count(number.as_u64().unwrap_or(0), thing)
}

/// A value as a cell of a table: names in a list one after the other.
pub fn listed(value: &Value) -> String {
    match value.as_array() {
        Some(all) if all.iter().all(Value::is_string) => all.iter().map(cell).collect::<Vec<_>>().join(", "),
        _ => cell(value),
    }
}

/// A JSON value as a table cell or CSV cell shows it.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(map) if map.contains_key("name") && map.contains_key("class") => cell(&map["name"]),
        other => other.to_string(),
    }
}

/// Rows of objects as CSV; columns in the order given.
pub fn csv(columns: &[&str], rows: &[Value]) -> String {
    csv_cells(columns, rows.iter().map(|row| columns.iter().map(|c| cell(at(row, c))).collect()))
}

/// Rows of cells as CSV.
pub fn csv_cells(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let quote = |text: String| match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    };
    let header: Vec<String> = columns.iter().map(|c| quote((*c).to_owned())).collect();
    let mut out = header.join(",") + "\n";
    for row in rows {
        let cells: Vec<String> = row.into_iter().map(|c| quote(guard(c))).collect();
        out.push_str(&cells.join(","));
        out.push('\n');
    }
    out
}

/// `a.b` reads field `b` of field `a`.
pub fn at<'a>(row: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(row, |value, key| &value[key])
}

/// A spreadsheet must not run what somebody put into a name.
fn guard(text: String) -> String {
    let number = text.parse::<f64>().is_ok();
    if !number && text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}
