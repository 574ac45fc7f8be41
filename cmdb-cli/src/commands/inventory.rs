//! Listing, showing and editing items and relationships.

use super::{Outcome, attributes, pair};
use crate::args::{Format, Global};
use crate::client::{Body, Client, Request, encode, query};
use crate::failure::Failure;
use crate::output::{cell, print, say, table};
use crate::render;
use serde_json::{Value, json};
use std::fmt::Write;
use std::process::ExitCode;

/// Options of `list`.
pub struct List {
    pub class: Option<String>,
    pub filter: Option<String>,
    pub sort: Option<String>,
    pub fields: Option<String>,
    pub limit: Option<u64>,
}

pub fn list(client: &Client, global: &Global, list: List) -> Outcome {
    let columns: Vec<String> = match &list.fields {
        Some(fields) => fields.split(',').map(|f| f.trim().to_owned()).collect(),
        None => ["class", "name", "status", "id"].map(str::to_owned).to_vec(),
    };
    let pairs = [
        ("class", list.class),
        ("where", list.filter),
        ("sort", list.sort),
        ("fields", list.fields),
        ("at", global.at.clone()),
    ];
    let answer = render::all_pages(client, "/api/v1/items", &pairs, "items", list.limit)?;
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    render::rows(global, &answer, "items", &columns)?;
    Ok(ExitCode::SUCCESS)
}

pub fn search(client: &Client, global: &Global, text: &str, limit: u64) -> Outcome {
    let pairs = [("q", Some(text.to_owned())), ("limit", Some(limit.to_string())), ("at", global.at.clone())];
    let answer = client.get(format!("/api/v1/search{}", query(&pairs)))?;
    render::rows(global, &answer, "items", &["class", "name", "id"])?;
    Ok(ExitCode::SUCCESS)
}

fn item_path(reference: &str) -> String {
    format!("/api/v1/items/{}", encode(reference))
}

pub fn show(client: &Client, global: &Global, reference: &str, sources: bool) -> Outcome {
    let at = query(&[("at", global.at.clone())]);
    let mut item = client.get(format!("{}{at}", item_path(reference)))?;
    let id = item["id"].as_str().unwrap_or("").to_owned();
    let path = format!("{}/relationships", item_path(&id));
    let pairs = [("at", global.at.clone())];
    let relationships = render::all_pages(client, &path, &pairs, "relationships", None)?;
    item["relationships"] = relationships["relationships"].clone();
    if sources {
        let known = client.get(format!("{}/sources{at}", item_path(&id)))?;
        item["sources"] = known;
    }
    render::one(global, &item, |item| match sources {
        true => format!("{}{}", show_text(item, true), sources_text(&item["sources"])),
        false => show_text(item, false),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn show_text(item: &Value, sources: bool) -> String {
    let mut out = format!("{}\n", render::label(item));
    let mut rows: Vec<Vec<String>> = Vec::new();
    for key in ["id", "status", "version", "created_at", "updated_at"] {
        rows.push(vec![key.to_owned(), cell(&item[key]), String::new()]);
    }
    for (name, value) in item["attributes"].as_object().into_iter().flatten() {
        let source = &item["provenance"][name]["source"];
        rows.push(vec![name.clone(), cell(value), format!("from {}", cell(source))]);
        for claim in item["claims"][name].as_array().into_iter().flatten().filter(|_| sources) {
            let said = format!("  {} says", cell(&claim["source"]));
            rows.push(vec![String::new(), cell(&claim["value"]), said]);
        }
    }
    if sources {
        let keys: Vec<String> = item["keys"].as_array().into_iter().flatten().map(cell).collect();
        rows.push(vec!["known as".to_owned(), keys.join(", "), String::new()]);
    }
    let _ = write!(out, "{}", table(&["attribute", "value", "source"], rows));
    let relationships = item["relationships"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    if !relationships.is_empty() {
        let rows = relationships.iter().map(|r| {
            let attributes = r["attributes"].as_object().into_iter().flatten();
            let shown: Vec<String> = attributes.map(|(k, v)| format!("{k}={}", cell(v))).collect();
            vec![render::label(&r["source"]), cell(&r["type"]), render::label(&r["target"]), shown.join(" ")]
        });
        let _ = write!(out, "\n{}", table(&["source", "type", "target", ""], rows.collect()));
    }
    out
}

/// Who knows the item and its relationships, since when and how well.
fn sources_text(known: &Value) -> String {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let stale = if known["stale"] == true { ", stale" } else { "" };
    let mut out = format!(
        "\nfirst seen {}, last seen {}{stale}\n",
        cell(&known["first_seen"]),
        cell(&known["last_seen"])
    );
    let columns = ["source", "kind", "first seen", "last seen", "confidence"];
    let row =
        |s: &Value| ["source", "kind", "first_seen", "last_seen", "confidence"].map(|k| cell(&s[k])).to_vec();
    let _ = write!(out, "{}", table(&columns, list(&known["sources"]).iter().map(row).collect()));
    let attributes = known["attributes"].as_object().into_iter().flatten();
    let row = |(name, a): (&String, &Value)| {
        let rest = ["source", "since", "last_seen", "confidence"].map(|k| cell(&a[k]));
        [&[name.clone()][..], &rest].concat()
    };
    let rows: Vec<_> = attributes.map(row).collect();
    if !rows.is_empty() {
        let columns = ["attribute", "source", "since", "last seen", "confidence"];
        let _ = write!(out, "\n{}", table(&columns, rows));
    }
    let row = |r: &Value| {
        let what =
            format!("{} {} {}", render::label(&r["source"]), cell(&r["type"]), render::label(&r["target"]));
        let by: Vec<String> = list(&r["sources"]).iter().map(|s| cell(&s["source"])).collect();
        vec![what, by.join(", "), cell(&r["first_seen"]), cell(&r["last_seen"]), cell(&r["confidence"])]
    };
    let rows: Vec<_> = list(&known["relationships"]).iter().map(row).collect();
    if !rows.is_empty() {
        let columns = ["relationship", "sources", "first seen", "last seen", "confidence"];
        let _ = write!(out, "\n{}", table(&columns, rows));
    }
    out
}

fn done(global: &Global, answer: &Value, text: String) -> Outcome {
    match global.format() {
        Format::Table | Format::Csv => say(global.quiet, &text),
        _ => render::one(global, answer, |_| String::new())?,
    }
    Ok(ExitCode::SUCCESS)
}

pub fn create(client: &Client, global: &Global, class: &str, pairs: &[String]) -> Outcome {
    let mut attributes = attributes(pairs)?;
    let mut body = json!({ "class": class });
    for key in ["name", "status"] {
        if let Some(value) = attributes.remove(key) {
            body[key] = value;
        }
    }
    body["attributes"] = attributes.into();
    let item = client.call("POST", "/api/v1/items", Body::Json(body))?;
    match global.format() {
        Format::Table => print(&format!("{}\n", cell(&item["id"])))?,
        _ => render::one(global, &item, |_| String::new())?,
    }
    say(global.quiet, &format!("created {}", render::label(&item)));
    Ok(ExitCode::SUCCESS)
}

pub fn set(
    client: &Client,
    global: &Global,
    reference: &str,
    pairs: &[String],
    if_version: Option<u32>,
) -> Outcome {
    let mut attributes = attributes(pairs)?;
    let mut body = json!({});
    for key in ["name", "status", "class"] {
        match attributes.remove(key) {
            Some(Value::Null) => return Err(Failure::usage(format!("{key} cannot be cleared"))),
            Some(value) => body[key] = value,
            None => {}
        }
    }
    body["attributes"] = attributes.into();
    let headers = if_version.map(|v| ("If-Match", format!("\"{v}\""))).into_iter().collect();
    let request = Request { method: "PATCH", path: item_path(reference), headers, body: Body::Json(body) };
    let item = client.send(request)?.json()?;
    done(global, &item, format!("{} is at version {}", render::label(&item), item["version"]))
}

pub fn relate(client: &Client, global: &Global, ends: [&str; 3], pairs: &[String]) -> Outcome {
    let body =
        json!({ "source": ends[0], "type": ends[1], "target": ends[2], "attributes": attributes(pairs)? });
    let answer = client.call("POST", "/api/v1/relationships", Body::Json(body))?;
    done(global, &answer, format!("{} {} {}", ends[0], ends[1], ends[2]))
}

pub fn unrelate(client: &Client, global: &Global, ends: [&str; 3], pairs: &[String]) -> Outcome {
    let mut group = None;
    for text in pairs {
        match pair(text)? {
            ("group", value) => group = Some(value.to_owned()),
            (other, _) => {
                let message = format!("\"{other}\" does not name a relationship; only group=NAME does");
                return Err(Failure::usage(message));
            }
        }
    }
    let pairs = [
        ("source", Some(ends[0].to_owned())),
        ("type", Some(ends[1].to_owned())),
        ("target", Some(ends[2].to_owned())),
        ("group", group),
    ];
    let answer = client.call("DELETE", format!("/api/v1/relationships{}", query(&pairs)), Body::Empty)?;
    done(global, &answer, format!("{} no longer {} {}", ends[0], ends[1], ends[2]))
}

pub fn remove(client: &Client, global: &Global, reference: &str, cascade: bool) -> Outcome {
    let cascade = query(&[("cascade", cascade.then(|| "true".to_owned()))]);
    let answer = client.call("DELETE", format!("{}{cascade}", item_path(reference)), Body::Empty)?;
    done(global, &answer, format!("removed {reference}"))
}

pub fn history(client: &Client, global: &Global, reference: &str, limit: u64) -> Outcome {
    let pairs = [("limit", Some(limit.to_string())), ("at", global.at.clone())];
    let answer = client.get(format!("{}/history{}", item_path(reference), query(&pairs)))?;
    match global.format() {
        Format::Table => print(&history_text(&answer))?,
        _ => render::rows(global, &answer, "entries", &["position", "at", "actor", "message"])?,
    }
    Ok(ExitCode::SUCCESS)
}

fn history_text(answer: &Value) -> String {
    let mut out = String::new();
    for entry in answer["entries"].as_array().into_iter().flatten() {
        let text = |key: &str| cell(&entry[key]);
        let _ = writeln!(out, "{} {} {} {}", text("position"), text("at"), text("actor"), text("message"));
        for change in entry["changes"].as_array().into_iter().flatten() {
            let field = cell(&change["field"]);
            let _ = writeln!(out, "    {field}: {} → {}", cell(&change["before"]), cell(&change["after"]));
        }
        for change in entry["relationships"].as_array().into_iter().flatten() {
            let r = &change["relationship"];
            let (source, target) = (render::label(&r["source"]), render::label(&r["target"]));
            let _ = writeln!(out, "    {}: {source} {} {target}", cell(&change["what"]), cell(&r["type"]));
        }
    }
    out
}
