//! `query`: one query in the openCypher-compatible language, its rows printed; `shell` is many of them.

mod shell;
mod show;

use super::{Outcome, board, pair};
use crate::args::{Format, Global, Query};
use crate::client::{Body, Client, Request};
use crate::failure::Failure;
use crate::output::{forgive, say};
use serde_json::{Map, Value, json};
use std::io::{self, IsTerminal, Read};
use std::path::Path;
use std::process::ExitCode;

pub use shell::run as shell;

/// The longest query read from a file or stdin, in bytes.
const TEXT_BYTES_MAX: u64 = 1 << 20;
/// Characters shown of a line in which something is wrong.
const SHOWN: usize = 100;

pub fn run(client: &Client, global: &Global, mut args: Query) -> Outcome {
    if let Some(command) = args.saved_queries.take() {
        return board::saved(client, global, command);
    }
    let text = match &args.saved {
        Some(name) => board::saved_text(client, global, name)?,
        None => text_of(&args)?,
    };
    let mut body = json!({ "query": text, "parameters": parameters(&args.param)? });
    body["at"] = global.at.clone().into();
    body["read_only"] = args.read_only.into();
    body["timeout_ms"] = args.timeout_ms.into();
    body["max_rows"] = args.max_rows.into();
    ask(client, global, &text, body).map(|()| ExitCode::SUCCESS)
}

/// Sends a query and prints what comes back.
fn ask(client: &Client, global: &Global, text: &str, body: Value) -> Result<(), Failure> {
    if global.format() == Format::Ndjson {
        return lines(client, text, body);
    }
    let answer = client.call("POST", "/api/v1/query", Body::Json(body)).map_err(|e| pointed(text, e))?;
    if let Some(problem) = answer.get("error") {
        let status = problem["status"].as_u64().unwrap_or(500) as u16;
        return Err(pointed(text, Failure::Problem { status, problem: problem.clone() }));
    }
    show::answer(global, &answer)?;
    Ok(())
}

/// Rows as they come, one object a line.
fn lines(client: &Client, text: &str, body: Value) -> Result<(), Failure> {
    let headers = vec![("Accept", "application/x-ndjson".to_owned())];
    let request = Request { method: "POST", path: "/api/v1/query".into(), headers, body: Body::Json(body) };
    let mut answer = client.send(request)?;
    if !(200..300).contains(&answer.status) {
        return answer.json().map(drop).map_err(|e| pointed(text, e));
    }
    forgive(io::copy(&mut answer.body, &mut io::stdout().lock()).map(drop))?;
    Ok(())
}

fn text_of(args: &Query) -> Result<String, Failure> {
    let read = |mut from: Box<dyn Read>, what: &str| -> Result<String, Failure> {
        let mut text = String::new();
        let unread = |e: io::Error| Failure::usage(format!("{what} cannot be read: {e}"));
        from.by_ref().take(TEXT_BYTES_MAX + 1).read_to_string(&mut text).map_err(unread)?;
        match text.len() as u64 > TEXT_BYTES_MAX {
            true => Err(Failure::usage(format!("{what} is longer than {TEXT_BYTES_MAX} bytes"))),
            false => Ok(text),
        }
    };
    match (&args.text, &args.file) {
        (Some(text), None) if text != "-" => Ok(text.clone()),
        (None, Some(file)) => read(open(file)?, &file.display().to_string()),
        (Some(_), None) => read(Box::new(io::stdin()), "stdin"),
        (None, None) if !io::stdin().is_terminal() => read(Box::new(io::stdin()), "stdin"),
        _ => Err(Failure::usage("there is no query")
            .hint("cmdb query 'MATCH (s:Server) RETURN s.name', --file FILE, or `cmdb shell`")),
    }
}

fn open(file: &Path) -> Result<Box<dyn Read>, Failure> {
    let unread = |e: io::Error| Failure::usage(format!("{} cannot be read: {e}", file.display()));
    Ok(Box::new(std::fs::File::open(file).map_err(unread)?))
}

/// `k=v`: JSON where it reads as such, else text.
fn parameters(pairs: &[String]) -> Result<Map<String, Value>, Failure> {
    let mut out = Map::new();
    for text in pairs {
        let (key, value) = pair(text)?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        out.insert(key.to_owned(), value);
    }
    Ok(out)
}

/// Shows the place in the query that a problem names, above the problem itself.
fn pointed(text: &str, failure: Failure) -> Failure {
    if let Failure::Problem { problem, .. } = &failure
        && let Some((line, column)) = problem["errors"][0]["pointer"].as_str().and_then(place)
        && let Some(source) = text.lines().nth(line.saturating_sub(1))
    {
        say(false, &excerpt(line, source, column.saturating_sub(1)));
    }
    failure
}

/// The line with a caret under its place; of a long one, what is around that.
fn excerpt(number: usize, source: &str, at: usize) -> String {
    let characters: Vec<char> = source.chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
    let from = if characters.len() > SHOWN { at.saturating_sub(SHOWN / 2) } else { 0 };
    let until = characters.len().min(from + SHOWN);
    let mut shown: String = characters.get(from..until).unwrap_or_default().iter().collect();
    if until < characters.len() {
        shown.push('…');
    }
    let before = if from > 0 { "…" } else { "" };
    let indent = " ".repeat(at - from + before.chars().count());
    format!("{number:>4} | {before}{shown}\n     | {indent}^")
}

/// `line 2, column 7`.
fn place(pointer: &str) -> Option<(usize, usize)> {
    let (line, column) = pointer.strip_prefix("line ")?.split_once(", column ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn the_caret_stands_under_the_place_also_in_a_long_line() {
        assert_eq!(excerpt(2, "RETURN\tm", 7), "   2 | RETURN m\n     |        ^");
        let long = format!("RETURN {}x, 1", "1 + ".repeat(100));
        let shown = excerpt(1, &long, 407);
        let (source, caret) = shown.split_once('\n').expect("two lines");
        let column = caret.chars().position(|c| c == '^').expect("a caret");
        assert_eq!(source.chars().nth(column), Some('x'));
        assert!(source.chars().count() < 120, "{source}");
    }
}
