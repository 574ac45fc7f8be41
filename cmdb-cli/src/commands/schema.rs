//! `schema list|show|apply|upgrade`.

use super::Outcome;
use crate::args::schema::Schema;
use crate::args::{Format, Global};
use crate::client::{Body, Client, encode, query};
use crate::failure::Failure;
use crate::output::{cell, print, say, table};
use crate::render;
use serde_json::Value;
use std::fmt::Write;
use std::process::ExitCode;

pub fn run(global: &Global, command: Schema) -> Outcome {
    let at = query(&[("at", global.at.clone())]);
    match command {
        Schema::List => {
            let client = Client::reading(global)?;
            let classes = client.get(format!("/api/v1/classes{at}"))?;
            let types = client.get(format!("/api/v1/relationship-types{at}"))?;
            let mut all = classes;
            all["relationship_types"] = types["relationship_types"].clone();
            match global.format() {
                Format::Table => print(&list_text(&all))?,
                _ => render::rows(global, &all, "classes", &["name", "parent", "abstract", "description"])?,
            }
        }
        Schema::Show { name } => {
            let client = Client::reading(global)?;
            let class = client.get(format!("/api/v1/classes/{}{at}", encode(&name)));
            let found = match class {
                Err(Failure::Problem { status: 404, problem }) => {
                    let kind = client.get(format!("/api/v1/relationship-types/{}{at}", encode(&name)));
                    kind.map_err(|_| Failure::Problem { status: 404, problem })?
                }
                other => other?,
            };
            render::one(global, &found, show_text)?;
        }
        Schema::Apply { file } => {
            let text = std::fs::read(&file)
                .map_err(|e| Failure::usage(format!("{} cannot be read: {e}", file.display())))?;
            let client = Client::writing(global)?;
            let answer = client.call("POST", "/api/v1/schema", Body::Bytes("application/toml", text))?;
            match global.format() {
                Format::Table | Format::Csv => say(
                    global.quiet,
                    &format!("applied {} at position {}", file.display(), answer["position"]),
                ),
                _ => render::json(&answer)?,
            }
        }
        Schema::Upgrade => {
            let client = Client::writing(global)?;
            let answer = client.call("POST", "/api/v1/schema/upgrade", Body::Empty)?;
            render::one(global, &answer, upgrade_text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn upgrade_text(answer: &Value) -> String {
    if answer["changed"] != true {
        return "the schema has everything that this version brings\n".to_owned();
    }
    let mut out = format!("upgraded at position {}\n", answer["position"]);
    for (key, what) in
        [("classes", "classes"), ("relationship_types", "relationship types"), ("lifecycles", "lifecycles")]
    {
        let names: Vec<String> = answer[key].as_array().into_iter().flatten().map(cell).collect();
        if !names.is_empty() {
            let _ = writeln!(out, "  {what}: {}", names.join(", "));
        }
    }
    out
}

fn list_text(all: &Value) -> String {
    let texts = |list: &Value, keys: &[&str]| -> Vec<Vec<String>> {
        let rows = list.as_array().map(Vec::as_slice).unwrap_or(&[]);
        rows.iter().map(|row| keys.iter().map(|k| cell(&row[*k])).collect()).collect()
    };
    let mut out = table(
        &["class", "parent", "description"],
        texts(&all["classes"], &["name", "parent", "description"]),
    );
    let types = texts(&all["relationship_types"], &["name", "inverse", "suffers", "description"]);
    let _ = write!(out, "\n{}", table(&["relationship type", "inverse", "suffers", "description"], types));
    out
}

fn show_text(found: &Value) -> String {
    let mut out = format!("{}: {}\n", cell(&found["name"]), cell(&found["description"]));
    for key in ["parent", "lifecycle", "inverse", "source", "target", "suffers", "identification"] {
        if !found[key].is_null() {
            let _ = writeln!(out, "{key}: {}", cell(&found[key]));
        }
    }
    let rows = found["attributes"].as_array().into_iter().flatten().map(|a| {
        let required = if a["required"] == true { "required" } else { "" };
        let kind = match a["values"].as_array().filter(|v| !v.is_empty()) {
            Some(values) => values.iter().map(cell).collect::<Vec<_>>().join(" | "),
            None => cell(&a["type"]),
        };
        vec![cell(&a["name"]), kind, cell(&a["unit"]), required.to_owned(), cell(&a["description"])]
    });
    let _ = write!(out, "\n{}", table(&["attribute", "type", "unit", "", "description"], rows.collect()));
    out
}
