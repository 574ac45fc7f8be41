//! `cmdb webhook`: who is told about commits.

use super::Outcome;
use crate::args::Global;
use crate::args::webhook::Webhook;
use crate::client::{Body, Client, encode};
use crate::failure::Failure;
use crate::output::{cell, say};
use crate::render;
use serde_json::{Value, json};
use std::process::ExitCode;

const PATH: &str = "/api/v1/webhooks";
const COLUMNS: [&str; 6] = ["name", "state", "position", "behind", "failing_since", "url"];

pub fn run(client: &Client, global: &Global, command: Webhook) -> Outcome {
    match command {
        Webhook::Create { name, url, classes, kinds } => {
            let body = json!({ "name": name, "url": url, "classes": classes, "kinds": kinds });
            secret(global, &client.call("POST", PATH, Body::Json(body))?)
        }
        Webhook::Rotate { name } => {
            let answer = client.call("POST", format!("{}/rotate", path(&name)), Body::Empty)?;
            secret(global, &answer)?;
            if let Some(until) = answer["old_secret_until"].as_str() {
                say(global.quiet, &format!("until {until} the secret before signs along"));
            }
            Ok(ExitCode::SUCCESS)
        }
        Webhook::List => {
            render::rows(global, &client.get(PATH)?, "webhooks", &COLUMNS)?;
            Ok(ExitCode::SUCCESS)
        }
        Webhook::Show { name } => {
            render::one(global, &client.get(path(&name))?, text)?;
            Ok(ExitCode::SUCCESS)
        }
        Webhook::Pause { name } => edit(client, global, &name, &json!({ "paused": true })),
        Webhook::Resume { name, after } => {
            let mut body = json!({ "paused": false });
            if let Some(after) = after {
                body["after"] = after.into();
            }
            edit(client, global, &name, &body)
        }
        Webhook::Remove { name } => {
            client.call("DELETE", path(&name), Body::Empty)?;
            say(global.quiet, &format!("webhook {name} is removed"));
            Ok(ExitCode::SUCCESS)
        }
        Webhook::Deliveries { name } => {
            let answer = client.get(format!("{}/deliveries", path(&name)))?;
            let columns = ["at", "id", "attempt", "arrived", "status", "took_ms", "error"];
            render::rows(global, &answer, "deliveries", &columns)?;
            Ok(ExitCode::SUCCESS)
        }
        Webhook::Test { name } => {
            let answer = client.call("POST", format!("{}/test", path(&name)), Body::Empty)?;
            render::one(global, &answer, |delivery| match delivery["status"].as_u64() {
                Some(status) => format!("the receiver answered {status} after {} ms\n", delivery["took_ms"]),
                None => format!("{}\n", cell(&delivery["error"])),
            })?;
            Ok(if answer["arrived"] == true { ExitCode::SUCCESS } else { ExitCode::from(1) })
        }
    }
}

fn path(name: &str) -> String {
    format!("{PATH}/{}", encode(name))
}

fn edit(client: &Client, global: &Global, name: &str, body: &Value) -> Outcome {
    let answer = client.call("PATCH", path(name), Body::Json(body.clone()))?;
    render::one(global, &answer, text)?;
    Ok(ExitCode::SUCCESS)
}

/// The secret alone on stdout, so that it can be piped to where it is kept.
fn secret(global: &Global, answer: &Value) -> Result<ExitCode, Failure> {
    render::one(global, answer, |a| format!("{}\n", cell(&a["secret"])))?;
    say(
        global.quiet,
        "the secret is shown only this once; give it to the receiver to verify signatures with",
    );
    Ok(ExitCode::SUCCESS)
}

fn text(answer: &Value) -> String {
    let mut out =
        format!("{} is {}: {}\n", cell(&answer["name"]), cell(&answer["state"]), cell(&answer["url"]));
    if let Some(reason) = answer["reason"].as_str() {
        out.push_str(&format!("{reason}; `cmdb webhook resume {}` goes on\n", cell(&answer["name"])));
    }
    out.push_str(&format!("told up to position {}, {} behind\n", answer["position"], answer["behind"]));
    for (label, key) in [("failing since", "failing_since"), ("next try at", "next_try_at")] {
        if let Some(time) = answer[key].as_str() {
            out.push_str(&format!("{label} {time}\n"));
        }
    }
    for (label, key) in [("classes", "classes"), ("kinds", "kinds")] {
        let words: Vec<String> = answer[key].as_array().into_iter().flatten().map(cell).collect();
        if !words.is_empty() {
            out.push_str(&format!("only {label} {}\n", words.join(", ")));
        }
    }
    out
}
