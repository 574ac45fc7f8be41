//! `cmdb rule`: attributes that make relationships.

use super::{Outcome, pair};
use crate::args::Global;
use crate::args::rule::{NewRule, Rule};
use crate::client::{Body, Client, encode};
use crate::failure::Failure;
use crate::output::{cell, count, say};
use crate::render::{self, label};
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::process::ExitCode;

const PATH: &str = "/api/v1/rules";

pub fn run(client: &Client, global: &Global, command: Rule) -> Outcome {
    match command {
        Rule::Add(new) => {
            let path = if new.dry_run { format!("{PATH}?dry_run=true") } else { PATH.to_owned() };
            let answer = client.call("POST", path, Body::Json(body(&new)?))?;
            render::one(global, &answer, text)?;
        }
        Rule::List => {
            let columns = ["name", "reads", "one", "state", "by"];
            render::rows(global, &client.get(PATH)?, "rules", &columns)?;
        }
        Rule::Show { name } => {
            render::one(global, &client.get(format!("{PATH}/{}", encode(&name)))?, text)?;
        }
        Rule::Remove { name } => {
            client.call("DELETE", format!("{PATH}/{}", encode(&name)), Body::Empty)?;
            say(global.quiet, &format!("{name} is taken back, and what it made with it"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn body(new: &NewRule) -> Result<Value, Failure> {
    let mut attributes = Map::new();
    let mut group = Value::Null;
    for text in &new.pairs {
        match pair(text)? {
            ("group", name) => group = name.into(),
            (key, value) => drop(attributes.insert(key.to_owned(), value.into())),
        }
    }
    Ok(json!({
        "name": new.name,
        "source": end(&new.source)?,
        "type": new.r#type,
        "target": end(&new.target)?,
        "one": new.one,
        "ignore_case": new.ignore_case,
        "group": group,
        "attributes": attributes,
    }))
}

/// `Class.attribute` or `Class#source`; the first dot or hash parts them.
fn end(text: &str) -> Result<Value, Failure> {
    let parts = text.find(['.', '#']).map(|at| (&text[..at], &text[at..at + 1], &text[at + 1..]));
    match parts {
        Some((class, ".", attribute)) if !class.is_empty() && !attribute.is_empty() => {
            Ok(json!({ "class": class, "attribute": attribute }))
        }
        Some((class, "#", source)) if !class.is_empty() && !source.is_empty() => {
            Ok(json!({ "class": class, "key_of": source }))
        }
        _ => Err(Failure::usage(format!("\"{text}\" is no end of a rule"))
            .hint("write it as Class.attribute, Class.name or Class#SOURCE")),
    }
}

fn text(report: &Value) -> String {
    let rule = &report["rule"];
    let mut out = format!("{} is {}: {}\n", cell(&rule["name"]), cell(&rule["state"]), cell(&rule["reads"]));
    if let Some(reason) = rule["reason"].as_str() {
        let _ = writeln!(out, "it rests because {reason}");
    }
    let number = |key: &str| report[key].as_u64().unwrap_or(0);
    let _ = writeln!(out, "makes {}", count(number("made"), "relationship"));
    if number("stated") > 0 {
        let _ =
            writeln!(out, "{} stated otherwise, and so not made", count(number("stated"), "relationship"));
    }
    for found in report["unmatched"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "{}: nobody has \"{}\"", label(&found["item"]), cell(&found["value"]));
    }
    more(&mut out, report, "unmatched");
    for found in report["ambiguous"].as_array().into_iter().flatten() {
        let items: Vec<String> = found["items"].as_array().into_iter().flatten().map(label).collect();
        let listed = if found["items_count"].as_u64() > Some(items.len() as u64) { ", …" } else { "" };
        let referrers = count(found["referrers"].as_u64().unwrap_or(0), "item");
        let value = cell(&found["value"]);
        let _ = writeln!(
            out,
            "\"{value}\" is of {}: {}{listed}; nothing is made for the {referrers} with it",
            count(found["items_count"].as_u64().unwrap_or(0), "item"),
            items.join(", "),
        );
    }
    more(&mut out, report, "ambiguous");
    if report["dry_run"] == true {
        out.push_str("dry run: nothing was changed\n");
    }
    out
}

fn more(out: &mut String, report: &Value, key: &str) {
    let listed = report[key].as_array().map_or(0, Vec::len) as u64;
    let all = report[format!("{key}_count")].as_u64().unwrap_or(0);
    if all > listed {
        let _ = writeln!(out, "… and {} more", all - listed);
    }
}
