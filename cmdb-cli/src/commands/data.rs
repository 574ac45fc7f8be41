//! Baselines, differences, the log.

use super::Outcome;
use crate::args::{Baseline, Format, Global};
use crate::client::{Body, Client, encode, query};
use crate::output::{cell, print};
use crate::render;
use serde_json::{Value, json};
use std::fmt::Write;
use std::process::ExitCode;

pub fn baseline(client: &Client, global: &Global, command: Baseline) -> Outcome {
    match command {
        Baseline::List => {
            let answer = client.get("/api/v1/baselines")?;
            render::rows(
                global,
                &answer,
                "baselines",
                &["name", "position", "created_at", "by", "approved_by", "note"],
            )?;
        }
        Baseline::Create { name, position, note } => {
            let mut body = json!({ "name": name, "note": note });
            if let Some(position) = position {
                body["position"] = position.into();
            }
            let answer = client.call("POST", "/api/v1/baselines", Body::Json(body))?;
            render::one(global, &answer, |a| {
                format!("baseline {} is position {}\n", cell(&a["name"]), a["position"])
            })?;
        }
        Baseline::Approve { name } => {
            let path = format!("/api/v1/baselines/{}/approve", encode(&name));
            let answer = client.call("POST", path, Body::Empty)?;
            render::one(global, &answer, |a| {
                format!("{} approved by {}\n", cell(&a["name"]), cell(&a["approved_by"]))
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub fn diff(client: &Client, global: &Global, a: &str, b: &str) -> Outcome {
    let pairs = [("a", Some(a.to_owned())), ("b", Some(b.to_owned()))];
    let answer = client.get(format!("/api/v1/diff{}", query(&pairs)))?;
    match global.format() {
        Format::Table => print(&diff_text(&answer))?,
        _ => render::rows(global, &answer, "items", &["what", "class", "name", "id"])?,
    }
    Ok(ExitCode::SUCCESS)
}

fn diff_text(answer: &Value) -> String {
    let mut out = String::new();
    for item in answer["items"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "{} {}", cell(&item["what"]), render::label(item));
        for change in item["changes"].as_array().into_iter().flatten() {
            let _ = writeln!(
                out,
                "    {}: {} → {}",
                cell(&change["field"]),
                cell(&change["before"]),
                cell(&change["after"])
            );
        }
    }
    for change in answer["relationships"].as_array().into_iter().flatten() {
        let r = &change["relationship"];
        let (source, target) = (render::label(&r["source"]), render::label(&r["target"]));
        let _ = writeln!(out, "{} {source} {} {target}", cell(&change["what"]), cell(&r["type"]));
    }
    if out.is_empty() { "no difference\n".to_owned() } else { out }
}

pub fn log(client: &Client, global: &Global, limit: u64) -> Outcome {
    let pairs = [("limit", Some(limit.to_string())), ("at", global.at.clone())];
    let answer = client.get(format!("/api/v1/log{}", query(&pairs)))?;
    render::rows(global, &answer, "entries", &["position", "at", "actor", "message", "facts"])?;
    Ok(ExitCode::SUCCESS)
}
