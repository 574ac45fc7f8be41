//! `cmdb duplicates`, `merge` and `unmerge`: two records of one thing.

use super::{Outcome, imports};
use crate::args::{Format, Global};
use crate::client::{Body, Client, encode};
use crate::output::{cell, counted, print, table};
use crate::render;
use serde_json::{Value, json};
use std::fmt::Write;
use std::process::ExitCode;

pub fn duplicates(client: &Client, global: &Global, limit: u64) -> Outcome {
    let answer = client.get(format!("/api/v1/merge-candidates?limit={limit}"))?;
    match global.format() {
        Format::Table => print(&text(&answer))?,
        _ => render::rows(global, &answer, "candidates", &["score", "items", "reasons"])?,
    }
    Ok(ExitCode::SUCCESS)
}

fn text(answer: &Value) -> String {
    let listed = |value: &Value| value.as_array().map(Vec::as_slice).unwrap_or(&[]).to_vec();
    let row = |c: &Value| {
        let reasons: Vec<String> = listed(&c["reasons"]).iter().map(cell).collect();
        let score = format!("{:.0} %", c["score"].as_f64().unwrap_or(0.0) * 100.0);
        vec![score, render::label(&c["items"][0]), render::label(&c["items"][1]), reasons.join("; ")]
    };
    let rows: Vec<_> = listed(&answer["candidates"]).iter().map(row).collect();
    if rows.is_empty() {
        return "no two items look like one\n".to_owned();
    }
    let mut out = table(&["score", "item", "and", "because"], rows);
    for shared in listed(&answer["shared"]) {
        let (attribute, value) = (cell(&shared["attribute"]), cell(&shared["value"]));
        let items = counted(&shared["items"], "item");
        let _ = writeln!(out, "{attribute} \"{value}\" is shared by {items} and tells nothing");
    }
    let _ = writeln!(out, "\n{} in all; `cmdb merge A B` makes A part of B", answer["count"]);
    out
}

pub fn merge(client: &Client, global: &Global, reference: &str, into: &str) -> Outcome {
    let path = format!("/api/v1/items/{}/merge", encode(reference));
    let answer = client.call("POST", path, Body::Json(json!({ "into": into })))?;
    render::one(global, &answer, |a| {
        format!(
            "{reference} is now part of {} ({}); `cmdb unmerge {}` takes them apart\n",
            render::label(&a["item"]),
            cell(&a["item"]["id"]),
            cell(&a["merge"])
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

pub fn unmerge(client: &Client, global: &Global, merge: &str) -> Outcome {
    let answer = client.call("POST", format!("/api/v1/merges/{}/undo", encode(merge)), Body::Empty)?;
    render::one(global, &answer, |answer| imports::taken_back(answer, "merge"))?;
    Ok(ExitCode::SUCCESS)
}
