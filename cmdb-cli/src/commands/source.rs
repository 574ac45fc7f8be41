//! `cmdb source`: sources that are imported again and again.

use super::{Outcome, follow, pair};
use crate::args::Global;
use crate::args::source::{NewSource, Source};
use crate::client::{Body, Client, Request, encode, query};
use crate::failure::Failure;
use crate::output::{cell, count, say, table};
use crate::render;
use serde_json::{Map, Value, json};
use std::process::ExitCode;

const PATH: &str = "/api/v1/sources";

pub fn run(client: &Client, global: &Global, command: Source) -> Outcome {
    match command {
        Source::Add(new) => {
            let answer = client.call("POST", PATH, Body::Json(body(&new)?))?;
            render::one(global, &answer, text)?;
            say(
                global.quiet,
                &format!(
                    "a running `cmdb serve` looks at it by itself; `cmdb source run {}` does so now",
                    new.name
                ),
            );
        }
        Source::List => {
            let columns = ["name", "state", "every_seconds", "next_run_at", "path", "url"];
            render::rows(global, &client.get(PATH)?, "sources", &columns)?;
        }
        Source::Show { name } => render::one(global, &client.get(path(&name))?, text)?,
        Source::Run { name, dry_run, again } => return run_now(client, global, &name, dry_run, again),
        Source::Pause { name } => edit(client, global, &name, true)?,
        Source::Resume { name } => edit(client, global, &name, false)?,
        Source::Remove { name } => {
            client.call("DELETE", path(&name), Body::Empty)?;
            say(global.quiet, &format!("{name} is looked at no more; what it has imported stays"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn path(name: &str) -> String {
    format!("{PATH}/{}", encode(name))
}

fn edit(client: &Client, global: &Global, name: &str, paused: bool) -> Result<(), Failure> {
    let answer = client.call("PATCH", path(name), Body::Json(json!({ "paused": paused })))?;
    Ok(render::one(global, &answer, text)?)
}

fn body(new: &NewSource) -> Result<Value, Failure> {
    let pairs = |list: &[String]| -> Result<Map<String, Value>, Failure> {
        list.iter().map(|text| pair(text).map(|(k, v)| (k.to_owned(), v.into()))).collect()
    };
    let mut body = json!({
        "name": new.name,
        "every": new.every,
        "set": pairs(&new.set)?,
        "headers": pairs(&new.header)?,
        "each": new.each,
        "define_missing": new.define_missing,
    });
    if let Some(path) = &new.path {
        // The server has another folder to begin in than whoever types this.
        let absolute = std::path::absolute(path)?;
        body["path"] = absolute.to_string_lossy().into();
    }
    if let Some(map) = &new.map {
        body["map"] = super::import::mapping(map)?.into();
    }
    if let Some(after) = new.missing_after {
        body["missing_after"] = after.into();
    }
    let texts = [
        ("url", &new.url),
        ("format", &new.as_format),
        ("missing", &new.missing),
        ("max_remove", &new.max_remove),
    ];
    for (key, value) in texts {
        if let Some(value) = value {
            body[key] = value.as_str().into();
        }
    }
    Ok(body)
}

fn run_now(client: &Client, global: &Global, name: &str, dry_run: bool, again: bool) -> Outcome {
    let flag = |on: bool| on.then(|| "true".to_owned());
    let pairs = [("dry_run", flag(dry_run)), ("again", flag(again))];
    let path = format!("{}/run{}", path(name), query(&pairs));
    let headers = vec![("Prefer", "respond-async".to_owned())];
    let sent = client.send(Request { method: "POST", path, headers, body: Body::Empty })?;
    let run = follow::to_the_end(client, global, sent)?;
    render::one(global, &run, |run| run_text(run, dry_run))?;
    Ok(if run["rejected"].as_u64().unwrap_or(0) > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn run_text(run: &Value, dry_run: bool) -> String {
    if run["ended"] == "unchanged" {
        return "nothing new; --again imports it all the same\n".to_owned();
    }
    let mut out = format!("{}{}\n", if dry_run { "would be " } else { "" }, counted(run));
    for rejected in run["report"]["rejected"].as_array().into_iter().flatten() {
        let (file, row) = (cell(&rejected["file"]), cell(&rejected["row"]));
        let column = rejected["column"].as_str().map_or_else(String::new, |name| format!(", {name}"));
        out.push_str(&format!("{file} row {row}{column}: {}\n", cell(&rejected["message"])));
    }
    out
}

/// What became of the rows, in one line.
fn counted(run: &Value) -> String {
    let counts = |what: &str, counts: &Value| {
        format!(
            "{} {what} created, {} updated, {} unchanged",
            counts["created"], counts["updated"], counts["unchanged"]
        )
    };
    let items = counts("items", &run["items"]);
    let relationships = counts("relationships", &run["relationships"]);
    format!("{items}; {relationships}; {} rejected", count(run["rejected"].as_u64().unwrap_or(0), "row"))
}

fn text(source: &Value) -> String {
    let from = cell(if source["path"].is_null() { &source["url"] } else { &source["path"] });
    let mut out = format!("{} is {}: {from}\n", cell(&source["name"]), cell(&source["state"]));
    out.push_str(&format!("every {} s", source["every_seconds"]));
    match source["next_run_at"].as_str() {
        Some(time) => out.push_str(&format!(", next at {time}\n")),
        None => out.push('\n'),
    }
    if source["missing"] == "note" {
        out.push_str("what it does not name any more is noted\n");
    }
    if source["missing"] == "retire" {
        let runs = count(source["missing_after"].as_u64().unwrap_or(1), "run");
        let share = cell(&source["max_remove"]);
        out.push_str(&format!("what {runs} did not name is retired, at most {share} of what it knows\n"));
    }
    let runs = source["runs"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    if !runs.is_empty() {
        let header = ["at", "ended", "rows", "trend", "created", "updated", "rejected", "import", ""];
        out.push_str(&format!(
            "
{}",
            table(&header, runs.iter().map(row).collect())
        ));
    }
    out
}

fn row(run: &Value) -> Vec<String> {
    let sum = |key: &str| {
        let of = |what: &str| run[what][key].as_u64().unwrap_or(0);
        (of("items") + of("relationships")).to_string()
    };
    let trend = run["trend_percent"].as_f64().map_or_else(String::new, |p| format!("{p:+} %"));
    let repeated = run["repeated"].as_u64().filter(|n| *n > 0).map(|n| format!("(and {n} times before) "));
    vec![
        cell(&run["at"]),
        cell(&run["ended"]),
        cell(&run["rows"]),
        trend,
        sum("created"),
        sum("updated"),
        cell(&run["rejected"]),
        cell(&run["import"]),
        format!("{}{}", repeated.unwrap_or_default(), cell(&run["message"])),
    ]
}
