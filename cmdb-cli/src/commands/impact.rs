//! `cmdb impact`: what a failure or a change does, and why.

use super::{Outcome, graph};
use crate::args::{Format, Global, Impact};
use crate::client::{Body, Client, query};
use crate::failure::Failure;
use crate::output::{print, say, table};
use crate::render;
use serde_json::{Value, json};
use std::fmt::Write;
use std::process::ExitCode;

const PATH: &str = "/api/v1/impact";

pub fn run(client: &Client, global: &Global, args: Impact) -> Outcome {
    if let Some(format) = global.format().graph() {
        return graph::impact(client, global, format, question(&args));
    }
    let answer = ask(client, global, &args)?;
    // Asked before anything is printed: a condition that does not read is no answer.
    let failed = match &args.fail_on {
        Some(expression) => any_matches(client, global, &args, expression)?,
        None => false,
    };
    match global.format() {
        Format::Table => print(&text(&answer, args.why, None))?,
        _ => render::rows(
            global,
            &answer,
            "affected",
            &["state", "depth", "class", "name", "id", "after_minutes"],
        )?,
    }
    if let (true, Some(expression)) = (failed, &args.fail_on) {
        say(global.quiet, &format!("an affected item matches --fail-on \"{expression}\""));
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks for everything, or for `--limit` rows.
pub fn ask(client: &Client, global: &Global, args: &Impact) -> Result<Value, Failure> {
    let mut body = question(args);
    body["limit"] = args.limit.map_or("all".into(), Value::from);
    client.call("POST", path(global), Body::Json(body))
}

fn path(global: &Global) -> String {
    format!("{PATH}{}", query(&[("at", global.at.clone())]))
}

fn question(args: &Impact) -> Value {
    let mut body = json!({ "roots": args.references, "state": args.state });
    let optional = [
        ("include", args.protected.then(|| json!(["protected"]))),
        ("depth", args.depth.map(Value::from)),
        ("types", (!args.types.is_empty()).then(|| args.types.clone().into())),
        ("for_minutes", args.for_minutes.map(Value::from)),
        ("with_current", args.with_current.then(|| true.into())),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            body[key] = value;
        }
    }
    body
}

/// Whether any affected item matches `expression`.
fn any_matches(client: &Client, global: &Global, args: &Impact, expression: &str) -> Result<bool, Failure> {
    let mut body = question(args);
    body["where"] = expression.into();
    body["limit"] = 1.into();
    let answer = client.call("POST", path(global), Body::Json(body))?;
    Ok(answer["affected"].as_array().is_some_and(|rows| !rows.is_empty()))
}

/// The answer as a person reads it.
/// `rows_max` bounds the affected items listed.
pub fn text(answer: &Value, with_why: bool, rows_max: Option<usize>) -> String {
    let mut out = String::new();
    headline(&mut out, answer);
    services(&mut out, answer);
    let affected = answer["affected"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    let shown = &affected[..affected.len().min(rows_max.unwrap_or(usize::MAX))];
    if !affected.is_empty() {
        let rows = shown.iter().map(row).collect();
        let _ = write!(out, "\nAffected items\n{}", table(&["state", "depth", "item", "because"], rows));
        let total = answer["summary"]["total"].as_u64().unwrap_or(0);
        if total > shown.len() as u64 {
            let _ = writeln!(out, "… and {} more", total - shown.len() as u64);
        }
    }
    if with_why {
        shown.iter().for_each(|a| chain(&mut out, a));
    }
    blind_spots(&mut out, answer);
    if answer["complete"] == false {
        out.push_str("\nThe answer is not complete: it was cut by depth or budget.\n");
    }
    out
}

/// The chain of reasons of the most critical service that goes down.
pub fn worst_service(answer: &Value) -> String {
    let mut out = String::new();
    let service = &answer["summary"]["services"][0]["id"];
    let affected = answer["affected"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    if let Some(found) = affected.iter().find(|a| a["id"] == *service) {
        out.push_str("\nProof, for the most critical service");
        chain(&mut out, found);
    }
    out
}

fn headline(out: &mut String, answer: &Value) {
    let roots = answer["roots"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    let named: Vec<String> = roots
        .iter()
        .map(|r| {
            let planned = if r["planned"] == true { ", planned" } else { "" };
            let records = r["records"].as_array().map(Vec::as_slice).unwrap_or(&[]);
            let held: String =
                records.iter().map(|record| format!(", by {}", render::label(record))).collect();
            format!("{} ({}{planned}{held})", render::label(r), r["state"].as_str().unwrap_or(""))
        })
        .collect();
    let _ = writeln!(out, "If this happens: {}", named.join(", "));
    let summary = &answer["summary"];
    let count = |state: &str| summary["by_state"][state].as_u64().unwrap_or(0);
    let _ = writeln!(
        out,
        "{} down, {} degraded, {} at risk (next loss takes them down); {} more are held up by redundancy",
        count("down"),
        count("degraded"),
        count("at_risk"),
        summary["protected"].as_u64().unwrap_or(0)
    );
    let _ = writeln!(
        out,
        "position {}, computed in {} µs",
        answer["position"],
        answer["elapsed_us"].as_u64().unwrap_or(0)
    );
}

fn services(out: &mut String, answer: &Value) {
    let services = answer["summary"]["services"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    if services.is_empty() {
        out.push_str("\nNo business service is affected.\n");
        return;
    }
    let rows = services
        .iter()
        .map(|s| {
            let criticality = s["criticality"].as_i64().map(|c| c.to_string()).unwrap_or_default();
            vec![word(&s["state"]), criticality, s["name"].as_str().unwrap_or("").to_owned()]
        })
        .collect();
    let _ = write!(out, "\nBusiness services\n{}", table(&["state", "criticality", "service"], rows));
}

fn word(state: &Value) -> String {
    state.as_str().unwrap_or("").replace('_', " ")
}

fn row(affected: &Value) -> Vec<String> {
    let first = &affected["why"][0];
    let mut because = String::new();
    if !first.is_null() {
        let relationship = first["relationship"].as_str().unwrap_or("");
        let on = &first["on"];
        let _ = write!(because, "{relationship} {} ({})", render::label(on), word(&first["state"]));
        if let Some(gate) = gate(&first["gate"]) {
            let _ = write!(because, "; {gate}");
        }
    }
    let state = word(&affected["state"]);
    vec![state, affected["depth"].to_string(), render::label(affected), because]
}

fn gate(gate: &Value) -> Option<String> {
    let rule = gate["rule"].as_str()?;
    Some(format!("needs {rule}, {} left", gate["left"]))
}

fn chain(out: &mut String, affected: &Value) {
    let _ = writeln!(out, "\n{} is {} because", render::label(affected), word(&affected["state"]));
    for step in affected["why"].as_array().map(Vec::as_slice).unwrap_or(&[]) {
        let relationship = step["relationship"].as_str().unwrap_or("");
        let on = &step["on"];
        let _ = write!(
            out,
            "  {} {relationship} {}, which is {}",
            render::label(&step["item"]),
            render::label(on),
            word(&step["state"])
        );
        if let Some(text) = gate(&step["gate"]) {
            let lost: Vec<&str> = step["gate"]["lost"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|l| l["name"].as_str())
                .collect();
            let _ = write!(out, " ({text}; lost {})", lost.join(", "));
        }
        out.push('\n');
    }
}

fn blind_spots(out: &mut String, answer: &Value) {
    let spots = answer["blind_spots"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    if spots.is_empty() {
        return;
    }
    out.push_str("\nBlind spots (what this answer cannot know)\n");
    for spot in spots {
        let _ = writeln!(out, "  - {}", spot["message"].as_str().unwrap_or(""));
    }
}
