//! `cmdb import`: files in, a report out.

use super::{Outcome, follow, pair};
use crate::args::{Global, Import, ImportCommand};
use crate::client::{Body, Client, Request, Upload, encode, query};
use crate::failure::Failure;
use crate::output::table;
use crate::render;
use serde_json::Value;
use std::fmt::Write;
use std::process::ExitCode;

mod plan;
mod rejects;

/// Rejected rows that a terminal is given.
const REJECTED_SHOWN_MAX: usize = 100;

pub fn run(client: &Client, global: &Global, args: Import) -> Outcome {
    if let Some(ImportCommand::Apply { plan, message }) = args.command {
        return apply(client, global, &plan, message);
    }
    if let Some(folder) = args.files.iter().find(|f| f.is_dir()) {
        return Err(Failure::usage(format!("{} is a folder; import takes files", folder.display()))
            .hint(format!("name them, such as {}", folder.join("*.csv").display())));
    }
    if let Some(missing) = args.files.iter().find(|f| !f.is_file()) {
        return Err(Failure::usage(format!("there is no file {}", missing.display())));
    }
    if args.guess_map {
        return guess(client, global, &args);
    }
    let mut report = follow::to_the_end(client, global, client.send(request(&args)?)?)?;
    if let Some(path) = &args.rejects {
        rejects::write(path, &mut report, global.quiet)?;
    }
    ended(global, &report)
}

/// Takes what a plan says.
fn apply(client: &Client, global: &Global, plan: &str, message: Option<String>) -> Outcome {
    let request = Request {
        method: "POST",
        path: format!("/api/v1/imports/{}/apply", encode(plan)),
        headers: headers(message),
        body: Body::Empty,
    };
    ended(global, &follow::to_the_end(client, global, client.send(request)?)?)
}

/// Long work is followed rather than waited for.
fn headers(message: Option<String>) -> Vec<(&'static str, String)> {
    let prefer = ("Prefer", "respond-async".to_owned());
    std::iter::once(prefer).chain(message.map(|m| ("X-CMDB-Message", m))).collect()
}

fn ended(global: &Global, report: &Value) -> Outcome {
    render::one(global, report, text)?;
    let rejected = report["rejected"].as_array().map_or(0, Vec::len);
    Ok(if rejected > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Prints a profile guessed from the file.
fn guess(client: &Client, global: &Global, args: &Import) -> Outcome {
    let mut pairs = vec![("as", args.as_kind.clone())];
    for set in &args.set {
        pair(set)?;
        pairs.push(("set", Some(set.clone())));
    }
    let answer = client.send(Request {
        method: "POST",
        path: format!("/api/v1/imports/guess{}", query(&pairs)),
        headers: Vec::new(),
        body: Body::Files(Upload { files: args.files.clone() }),
    })?;
    let guess = answer.json()?;
    render::one(global, &guess, |guess| guess["profile"].as_str().unwrap_or_default().to_owned())?;
    Ok(ExitCode::SUCCESS)
}

fn request(args: &Import) -> Result<Request, Failure> {
    let flag = |on: bool| on.then(|| "true".to_owned());
    let empty = match args.empty.as_str() {
        "keep" => None,
        "clear" => Some("clear".to_owned()),
        other => return Err(Failure::usage(format!("--empty {other} is neither keep nor clear"))),
    };
    let mut pairs = vec![
        ("as", args.as_kind.clone()),
        ("source", args.source.clone()),
        ("map", args.map.as_deref().map(mapping).transpose()?),
        ("define_missing", flag(args.define_missing)),
        ("dry_run", flag(args.dry_run)),
        ("atomic", flag(args.atomic)),
        ("empty", empty),
        ("missing", args.missing.clone()),
        ("missing_after", args.missing_after.map(|n| n.to_string())),
        ("max_remove", args.max_remove.clone()),
        ("rejects", flag(args.rejects.is_some())),
        ("resume", args.resume.clone()),
    ];
    for set in &args.set {
        pair(set)?;
        pairs.push(("set", Some(set.clone())));
    }
    Ok(Request {
        method: "POST",
        path: format!("/api/v1/imports{}", query(&pairs)),
        headers: headers(args.message.clone()),
        body: Body::Files(Upload { files: args.files.clone() }),
    })
}

/// A profile's text: a file's content, or the pairs themselves.
pub(super) fn mapping(profile: &str) -> Result<String, Failure> {
    let is_file = !profile.contains('=') || profile.ends_with(".toml");
    match (is_file, std::fs::read_to_string(profile)) {
        (true, Ok(text)) => Ok(text),
        (true, Err(e)) => Err(Failure::usage(format!("the mapping {profile} cannot be read: {e}"))),
        (false, _) => Ok(profile.to_owned()),
    }
}

fn text(report: &Value) -> String {
    let mut out = String::new();
    let count = |report: &Value, key: &str| report[key].as_u64().unwrap_or(0).to_string();
    let row = |what: &str, counters: &Value| {
        let keys = ["created", "updated", "unchanged", "removed"];
        std::iter::once(what.to_owned()).chain(keys.iter().map(|k| count(counters, k))).collect()
    };
    let rows = vec![row("items", report), row("relationships", &report["relationships"])];
    let _ = write!(out, "{}", table(&["", "created", "updated", "unchanged", "removed"], rows));
    let derived = |key: &str| report["derived"][key].as_u64().unwrap_or(0);
    if derived("made") + derived("ended") > 0 {
        let made = crate::output::count(derived("made"), "relationship");
        let _ = writeln!(out, "rules made {made} of it and ended {}", derived("ended"));
    }
    let listed = |key: &str| report[key].as_array().map(Vec::as_slice).unwrap_or(&[]).to_vec();
    let unresolved = listed("unresolved");
    if !unresolved.is_empty() {
        let names: Vec<String> = unresolved.iter().take(10).map(crate::output::cell).collect();
        let more = if unresolved.len() > 10 { ", …" } else { "" };
        let total = report["unresolved_count"].as_u64().unwrap_or(unresolved.len() as u64);
        let _ = writeln!(
            out,
            "\n{} in no file and not in the graph, kept as placeholders: {}{more}",
            crate::output::count(total, "reference"),
            names.join(", ")
        );
    }
    let assumed = listed("assumed");
    if !assumed.is_empty() {
        let _ = writeln!(out, "\nassumed");
        for one in &assumed {
            let _ = writeln!(out, "  - {}", crate::output::cell(one));
        }
    }
    let rejected = listed("rejected");
    if !rejected.is_empty() {
        let rows = rejected
            .iter()
            .take(REJECTED_SHOWN_MAX)
            .map(|r| ["file", "row", "column", "message"].map(|k| crate::output::cell(&r[k])).to_vec());
        let total = report["rejected_count"].as_u64().unwrap_or(rejected.len() as u64);
        let _ = write!(
            out,
            "\n{} rejected\n{}",
            crate::output::count(total, "row"),
            table(&["file", "row", "column", "reason"], rows.collect())
        );
        let more = total.saturating_sub(REJECTED_SHOWN_MAX as u64);
        if more > 0 {
            let _ = writeln!(
                out,
                "and {more} more: --rejects FILE writes the rows with their reasons, --json lists them"
            );
        }
    }
    if !report["plan"].is_null() {
        plan::text(&mut out, &report["plan"]);
    }
    let closing = match (&report["dry_run"], &report["applied"]) {
        (Value::Bool(true), _) => plan::closing(&report["plan"]),
        (_, Value::Bool(false)) => "nothing was imported: mend the rows listed and import again".to_owned(),
        _ => format!("import {} at position {}", crate::output::cell(&report["import"]), report["position"]),
    };
    let _ = writeln!(out, "\n{closing}");
    out
}
