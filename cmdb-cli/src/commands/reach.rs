//! `dependents`, `dependencies`, `path`.

use super::{Outcome, graph};
use crate::args::{Format, Global, Reach};
use crate::client::{Client, encode, query};
use crate::output::{count, print};
use crate::render;
use serde_json::Value;
use std::fmt::Write;
use std::process::ExitCode;

/// References as repeated query parameters.
fn references(refs: &[String]) -> String {
    refs.iter().map(|r| format!("ref={}", encode(r))).collect::<Vec<_>>().join("&")
}

fn list(values: &[String]) -> Option<String> {
    (!values.is_empty()).then(|| values.join(","))
}

pub fn run(client: &Client, global: &Global, which: &str, args: Reach) -> Outcome {
    if let Some(format) = global.format().graph() {
        return graph::near(client, global, format, which, &args);
    }
    let path = format!("/api/v1/{which}?{}", references(&args.references));
    let pairs = [
        ("depth", args.depth.map(|d| d.to_string())),
        ("class", args.class.clone()),
        ("types", list(&args.types)),
        ("at", global.at.clone()),
    ];
    let answer = pages(client, &path, &pairs, args.limit)?;
    match global.format() {
        Format::Table => print(&text(&answer, which))?,
        _ => render::rows(global, &answer, "items", &["depth", "class", "name", "id"])?,
    }
    Ok(ExitCode::SUCCESS)
}

fn pages(
    client: &Client,
    path: &str,
    pairs: &[(&str, Option<String>)],
    limit: Option<u64>,
) -> Result<Value, crate::failure::Failure> {
    let rest = query(pairs);
    let joined = if rest.is_empty() { path.to_owned() } else { format!("{path}&{}", &rest[1..]) };
    let wanted = limit.map_or_else(|| "all".to_owned(), |l| l.to_string());
    client.get(format!("{joined}&limit={wanted}"))
}

fn text(answer: &Value, which: &str) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} {which}", answer["count"]);
    if let Some(by_class) = answer["by_class"].as_object() {
        let mut counts: Vec<(&String, u64)> =
            by_class.iter().map(|(c, n)| (c, n.as_u64().unwrap_or(0))).collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let _ = writeln!(
            out,
            "{}",
            counts.iter().map(|(c, n)| format!("{n} {c}")).collect::<Vec<_>>().join(", ")
        );
    }
    let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    if !items.is_empty() {
        let rows = items.iter().map(|i| {
            let text = |key: &str| crate::output::cell(&i[key]);
            vec![text("depth"), text("class"), text("name")]
        });
        let _ = write!(out, "\n{}", crate::output::table(&["depth", "class", "name"], rows.collect()));
    }
    if answer["complete"] == false {
        out.push_str("\nNot complete: there is more beyond the depth asked for.\n");
    }
    out
}

pub fn path(
    client: &Client,
    global: &Global,
    ends: [&str; 2],
    all: bool,
    limit: Option<u64>,
    types: &[String],
) -> Outcome {
    let pairs = [
        ("from", Some(ends[0].to_owned())),
        ("to", Some(ends[1].to_owned())),
        ("all", all.then(|| "true".to_owned())),
        ("limit", limit.map(|l| l.to_string())),
        ("types", list(types)),
        ("at", global.at.clone()),
    ];
    let answer = client.get(format!("/api/v1/path{}", query(&pairs)))?;
    match global.format() {
        format if format.graph().is_some() && answer["length"].is_u64() => {
            return graph::path(client, global, format.graph().unwrap_or_default(), &answer);
        }
        Format::Table => print(&path_text(&answer, ends))?,
        _ => render::rows(global, &answer, "hops", &["source.name", "relationship", "target.name"])?,
    }
    Ok(if answer["length"].is_null() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn path_text(answer: &Value, ends: [&str; 2]) -> String {
    let Some(length) = answer["length"].as_u64() else {
        return format!("{} does not depend on {}\n", ends[0], ends[1]);
    };
    let steps = count(length, "step");
    let mut out = format!("{} depends on {} over {steps}\n", ends[0], ends[1]);
    let one = [answer["hops"].clone()];
    let paths = answer["paths"].as_array().map(Vec::as_slice).unwrap_or(&one);
    for (i, hops) in paths.iter().enumerate() {
        if paths.len() > 1 {
            let _ = writeln!(out, "\npath {}", i + 1);
        }
        for hop in hops.as_array().into_iter().flatten() {
            let relationship = hop["relationship"].as_str().unwrap_or("");
            let _ = writeln!(
                out,
                "  {} {relationship} {}",
                render::label(&hop["source"]),
                render::label(&hop["target"])
            );
        }
    }
    out
}
