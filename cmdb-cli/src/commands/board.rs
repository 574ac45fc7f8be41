//! Collisions, the pack for a change advisory board, the planner, and the gate for pipelines.

use super::Outcome;
use crate::args::board::{Cab, Check, Conflicts, Plan};
use crate::args::{Format, Global};
use crate::client::{Body, Client, Request, encode, query};
use crate::failure::Failure;
use crate::output::{cell, count, counted, print, say, table};
use crate::render;
use serde_json::{Value, json};
use std::fmt::Write;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

/// A plan file at most.
const PLAN_BYTES_MAX: u64 = 64 << 20;

fn rows<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn words(word: &Value) -> String {
    cell(word).replace('_', " ")
}

pub fn conflicts(client: &Client, global: &Global, args: Conflicts) -> Outcome {
    let pairs = [("at", global.at.clone()), ("from", args.from), ("to", args.to)];
    let path = match &args.change {
        Some(change) => format!("/api/v1/changes/{}/conflicts", encode(change)),
        None => "/api/v1/changes/conflicts".to_owned(),
    };
    let answer = client.get(format!("{path}{}", query(&pairs)))?;
    for unread in rows(&answer, "unread") {
        say(global.quiet, &format!("left out: {}", cell(unread)));
    }
    match global.format() {
        Format::Table => print(&conflicts_text(&answer))?,
        _ => render::rows(global, &answer, "conflicts", &["kind", "number", "start", "end", "reason"])?,
    }
    Ok(ExitCode::SUCCESS)
}

fn conflicts_text(answer: &Value) -> String {
    let all = rows(answer, "conflicts");
    let mut out = match answer["number"].as_str() {
        Some(number) => format!("{number} collides {}\n", count(all.len() as u64, "time")),
        None => {
            let (found, among) = (count(all.len() as u64, "collision"), &answer["compared"]);
            format!("{found} among changes and outages; {among} compared\n")
        }
    };
    for conflict in all {
        let when = match (conflict["start"].as_str(), conflict["end"].as_str()) {
            (Some(start), Some(end)) => format!("{start} to {end}"),
            (Some(start), None) => format!("from {start}"),
            _ => String::new(),
        };
        let _ = writeln!(out, "\n{}  {when}\n  {}", words(&conflict["kind"]), cell(&conflict["reason"]));
        let services: Vec<String> = rows(conflict, "services")
            .iter()
            .take(5)
            .map(|s| format!("{} {}", cell(&s["name"]), words(&s["state"])))
            .collect();
        if !services.is_empty() {
            let _ = writeln!(out, "  at stake: {}", services.join(", "));
        }
    }
    if answer["complete"] == false {
        out.push_str("\nNot complete: some larger combinations were not looked at.\n");
    }
    out
}

pub fn cab(client: &Client, global: &Global, args: Cab) -> Outcome {
    let ending = args.out.as_deref().and_then(Path::extension).and_then(|e| e.to_str());
    let by_ending = ending.and_then(|e| match e {
        "md" => Some("markdown"),
        "html" => Some("html"),
        "ics" => Some("ics"),
        "json" => Some("json"),
        _ => None,
    });
    let by_flag = (global.format() == Format::Json).then_some("json");
    let format = args.as_format.as_deref().or(by_ending).or(by_flag).unwrap_or("markdown").to_owned();
    let pairs = [
        ("from", args.from),
        ("to", args.to),
        ("time_zone", Some(args.zone)),
        ("format", Some(format)),
        ("at", global.at.clone()),
    ];
    let path = format!("/api/v1/cab{}", query(&pairs));
    let mut answer = client.send(Request { method: "GET", path, headers: Vec::new(), body: Body::Empty })?;
    if !(200..300).contains(&answer.status) {
        answer.json()?;
        return Err(Failure::unavailable("the server gave no pack"));
    }
    let mut text = String::new();
    answer.body.read_to_string(&mut text)?;
    match &args.out {
        Some(file) => {
            std::fs::write(file, text)?;
            say(global.quiet, &format!("wrote {}", file.display()));
        }
        None => print(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

pub fn plan(client: &Client, global: &Global, args: Plan) -> Outcome {
    let body = json!({
        "changes": args.changes, "items": args.items, "query": args.query, "state": args.state,
        "tolerate_below": args.tolerate_below, "wave_max": args.wave_max, "with_current": args.with_current,
        "from": args.from, "to": args.to, "minutes": args.minutes,
    });
    let path = format!("/api/v1/changes/plan{}", query(&[("at", global.at.clone())]));
    let answer = client.call("POST", path, Body::Json(body))?;
    render::one(global, &answer, plan_text)?;
    let possible = rows(&answer, "impossible").is_empty();
    Ok(if possible { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Number of a change, or name of an item.
fn task(task: &Value) -> String {
    match task["number"].as_str() {
        Some(number) => format!("{number} {}", cell(&task["title"])),
        None => render::label(task),
    }
}

fn plan_text(answer: &Value) -> String {
    let waves = rows(answer, "waves");
    let fewest = if answer["exact"] == true { " (no plan has fewer)" } else { "" };
    let (tasks, in_waves) = (counted(&answer["tasks"], "task"), count(waves.len() as u64, "wave"));
    let mut out = format!("{tasks} in {in_waves}{fewest}\n");
    for (at, wave) in waves.iter().enumerate() {
        let tasks = rows(wave, "tasks");
        let _ = writeln!(out, "\nwave {}: {}", at + 1, count(tasks.len() as u64, "task"));
        for t in tasks.iter().take(20) {
            let _ = writeln!(out, "  {}", task(t));
        }
        if tasks.len() > 20 {
            let _ = writeln!(out, "  … and {} more", tasks.len() - 20);
        }
        let services: Vec<String> = rows(wave, "services")
            .iter()
            .take(5)
            .map(|s| format!("{} {}", cell(&s["name"]), words(&s["state"])))
            .collect();
        let left =
            if services.is_empty() { "every service as it is".to_owned() } else { services.join(", ") };
        let _ = writeln!(out, "  leaves {left}");
        windows(&mut out, wave);
    }
    for wait in rows(answer, "waits").iter().take(10) {
        let _ = writeln!(out, "\n{} waits: {}", task(&wait["task"]), cell(&wait["reason"]));
    }
    for impossible in rows(answer, "impossible") {
        let _ = writeln!(
            out,
            "\nno safe place for {}: {}",
            task(&impossible["task"]),
            cell(&impossible["reason"])
        );
        if !rows(impossible, "windows").is_empty() {
            out.push_str("  if it has to be done all the same, best first:\n");
        }
        windows(&mut out, impossible);
    }
    out
}

/// Windows with what speaks against them.
fn windows(out: &mut String, of: &Value) {
    for window in rows(of, "windows") {
        let reasons: Vec<String> = rows(window, "reasons").iter().map(cell).collect();
        let verdict = if reasons.is_empty() { "free".to_owned() } else { reasons.join("; ") };
        let _ = writeln!(out, "  {} to {}: {verdict}", cell(&window["start"]), cell(&window["end"]));
    }
}

pub fn check(client: &Client, global: &Global, args: Check) -> Outcome {
    let plan = args.plan.as_deref().map(read_plan).transpose()?;
    let body = json!({
        "change": args.change, "plan": plan, "update_state": args.update_state, "fail_on": args.fail_on,
        "with_current": args.with_current, "fail_on_conflicts": args.fail_on_conflicts,
    });
    let path = format!("/api/v1/changes/check{}", query(&[("at", global.at.clone())]));
    let answer = client.call("POST", path, Body::Json(body))?;
    if let Some(file) = &args.report {
        std::fs::write(file, cell(&answer["report"]))?;
    }
    render::one(global, &answer, |a| cell(&a["report"]))?;
    Ok(if answer["passed"] == true { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn read_plan(file: &Path) -> Result<String, Failure> {
    let unread = |e: std::io::Error| Failure::usage(format!("{} cannot be read: {e}", file.display()));
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(unread)?;
    opened.take(PLAN_BYTES_MAX + 1).read_to_string(&mut text).map_err(unread)?;
    match text.len() as u64 > PLAN_BYTES_MAX {
        true => Err(Failure::usage(format!("{} is longer than {PLAN_BYTES_MAX} bytes", file.display()))),
        false => Ok(text),
    }
}

pub fn saved(client: &Client, global: &Global, command: crate::args::calendar::SavedQuery) -> Outcome {
    use crate::args::calendar::SavedQuery;
    const PATH: &str = "/api/v1/saved-queries";
    let at = query(&[("at", global.at.clone())]);
    match command {
        SavedQuery::Save { name, text, description, invariant } => {
            let body =
                json!({ "name": name, "query": text, "description": description, "invariant": invariant });
            let answer = client.call("POST", PATH, Body::Json(body))?;
            render::one(global, &answer, |a| format!("saved {}\n", cell(&a["name"])))?;
        }
        SavedQuery::List => {
            let answer = client.get(format!("{PATH}{at}"))?;
            render::rows(global, &answer, "queries", &["name", "invariant", "description", "query"])?;
        }
        SavedQuery::Remove { name } => {
            client.call("DELETE", format!("{PATH}/{}", encode(&name)), Body::Empty)?;
            say(global.quiet, &format!("{name} is forgotten"));
        }
        SavedQuery::Check => {
            let answer = client.get(format!("/api/v1/invariants{at}"))?;
            render::one(global, &answer, invariants_text)?;
            return Ok(if answer["hold"] == true { ExitCode::SUCCESS } else { ExitCode::from(1) });
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The text of a saved query.
pub fn saved_text(client: &Client, global: &Global, name: &str) -> Result<String, Failure> {
    let at = query(&[("at", global.at.clone())]);
    let answer = client.get(format!("/api/v1/saved-queries/{}{at}", encode(name)))?;
    Ok(cell(&answer["query"]))
}

fn invariants_text(answer: &Value) -> String {
    let row = |i: &Value| {
        let verdict = match (i["holds"] == true, i["error"].as_str()) {
            (true, _) => "holds".to_owned(),
            (false, Some(error)) => error.to_owned(),
            (false, None) => format!("{} rows, such as {}", i["rows"], i["first"][0]),
        };
        vec![cell(&i["name"]), verdict, cell(&i["description"])]
    };
    table(&["invariant", "verdict", "description"], rows(answer, "invariants").iter().map(row).collect())
}
