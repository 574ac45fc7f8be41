//! `cmdb change …`: recording, planning and moving changes.

use super::{Outcome, attributes, board};
use crate::args::change::{Change, ChangePlan, Model, Move, Period, Policy, Vote};
use crate::args::{Format, Global};
use crate::client::{Body, Client, Request, encode, query};
use crate::failure::Failure;
use crate::output::{cell, print, say, table};
use crate::render;
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::process::ExitCode;

mod proposal;
mod report;

const PATH: &str = "/api/v1/changes";

pub fn run(client: &Client, global: &Global, command: Change) -> Outcome {
    match command {
        Change::Conflicts(args) => board::conflicts(client, global, args),
        Change::Plan(args) => board::plan(client, global, args),
        Change::Check(args) => board::check(client, global, args),
        Change::Create(plan) => create(client, global, plan),
        Change::List { status, affects, review_overdue } => {
            let status = (!status.is_empty()).then(|| status.join(","));
            let overdue = review_overdue.then(|| "true".to_owned());
            let at = global.at.clone();
            let pairs = [("status", status), ("affects", affects), ("review_overdue", overdue), ("at", at)];
            list(client, global, &pairs)
        }
        Change::Show { change } => show(client, global, &change),
        Change::Edit { change, plan, add, drop, if_version } => {
            let mut body = body(plan)?;
            body.insert("add".to_owned(), add.into());
            body.insert("drop".to_owned(), drop.into());
            let headers = if_version.map(|v| ("If-Match", format!("\"{v}\""))).into_iter().collect();
            let request =
                Request { method: "PATCH", path: path(&change), headers, body: Body::Json(body.into()) };
            moved(global, &client.send(request)?.json()?)
        }
        Change::Assess { change, replay: true } => replay(client, global, &change),
        Change::Assess { change, replay: false } => {
            let answer = client.call("POST", format!("{}/assess", path(&change)), Body::Empty)?;
            render::one(global, &answer, report::assessment)?;
            Ok(ExitCode::SUCCESS)
        }
        Change::Submit(to) => go(client, global, "submit", &to),
        Change::Approve(vote) => decide(client, global, "approve", &vote),
        Change::Reject(vote) => decide(client, global, "reject", &vote),
        Change::Schedule(to) => go(client, global, "schedule", &to),
        Change::Start(to) => go(client, global, "start", &to),
        Change::Finish { to, outcome } => {
            let body = Body::Json(json!({ "note": to.note, "outcome": outcome }));
            moved(global, &client.call("POST", format!("{}/finish", path(&to.change)), body)?)
        }
        Change::BackOut(to) => go(client, global, "back-out", &to),
        Change::Review(to) => go(client, global, "review", &to),
        Change::Close(to) => go(client, global, "close", &to),
        Change::Cancel(to) => go(client, global, "cancel", &to),
        Change::Unauthorised(period) => {
            let answer = client.get(format!("{PATH}/unauthorised{}", period_query(period)))?;
            let columns = ["at", "actor", "item.class", "item.name", "fields", "position"];
            render::rows(global, &answer, "edits", &columns)?;
            Ok(ExitCode::SUCCESS)
        }
        Change::Accuracy(period) => {
            let answer = client.get(format!("{PATH}/accuracy{}", period_query(period)))?;
            render::one(global, &answer, report::accuracy)?;
            Ok(ExitCode::SUCCESS)
        }
        Change::Policy(command) => policy(client, global, command),
        Change::Model(command) => model(client, global, command),
    }
}

/// Whether a command changes something.
pub fn writes(command: &Change) -> bool {
    !matches!(
        command,
        Change::List { .. }
            | Change::Show { .. }
            | Change::Assess { replay: true, .. }
            | Change::Unauthorised(_)
            | Change::Conflicts(_)
            | Change::Plan(_)
            | Change::Check(_)
            | Change::Accuracy(_)
            | Change::Policy(Policy::Show)
            | Change::Model(Model::List)
    )
}

fn path(change: &str) -> String {
    format!("{PATH}/{}", encode(change))
}

fn create(client: &Client, global: &Global, plan: ChangePlan) -> Outcome {
    let answer = client.call("POST", PATH, Body::Json(body(plan)?.into()))?;
    match global.format() {
        Format::Table | Format::Csv => print(&format!("{}\n", cell(&answer["number"])))?,
        _ => render::one(global, &answer, |_| String::new())?,
    }
    say(global.quiet, &format!("recorded {}: {}", cell(&answer["number"]), cell(&answer["title"])));
    Ok(ExitCode::SUCCESS)
}

fn list(client: &Client, global: &Global, pairs: &[(&str, Option<String>)]) -> Outcome {
    let answer = client.get(format!("{PATH}{}", query(pairs)))?;
    let columns = ["number", "status", "type", "risk", "start", "end", "title"];
    render::rows(global, &answer, "changes", &columns)?;
    Ok(ExitCode::SUCCESS)
}

fn show(client: &Client, global: &Global, change: &str) -> Outcome {
    let answer = client.get(format!("{}{}", path(change), query(&[("at", global.at.clone())])))?;
    render::one(global, &answer, show_text)?;
    Ok(ExitCode::SUCCESS)
}

/// Makes a move that takes a note.
fn go(client: &Client, global: &Global, verb: &str, to: &Move) -> Outcome {
    let body = Body::Json(json!({ "note": to.note }));
    moved(global, &client.call("POST", format!("{}/{verb}", path(&to.change)), body)?)
}

fn decide(client: &Client, global: &Global, verb: &str, vote: &Vote) -> Outcome {
    let headers = vote.if_version.map(|v| ("If-Match", format!("\"{v}\""))).into_iter().collect();
    let body = Body::Json(json!({ "note": vote.to.note }));
    let path = format!("{}/{verb}", path(&vote.to.change));
    moved(global, &client.send(Request { method: "POST", path, headers, body })?.json()?)
}

/// What a move answers.
fn moved(global: &Global, answer: &Value) -> Outcome {
    render::one(global, answer, |a| {
        format!("{} is {}\n{}", cell(&a["number"]), cell(&a["status"]), report::waiting(a))
    })?;
    Ok(ExitCode::SUCCESS)
}

fn period_query(period: Period) -> String {
    query(&[("from", period.from), ("to", period.to)])
}

fn replay(client: &Client, global: &Global, change: &str) -> Outcome {
    let answer = client.get(format!("{}/assessment?replay=true", path(change)))?;
    let same = answer["same"] == true;
    render::one(global, &answer, |a| {
        let digest = cell(&a["assessment"]["digest"]);
        let position = &a["assessment"]["position"];
        match same {
            true => format!("the same bytes again: {digest} at position {position}\n"),
            false => format!("something else than what was frozen as {digest} at position {position}\n"),
        }
    })?;
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn policy(client: &Client, global: &Global, command: Policy) -> Outcome {
    const PATH: &str = "/api/v1/change-policy";
    match command {
        Policy::Show => render::one(global, &client.get(PATH)?, |a| cell(&a["text"]))?,
        Policy::Apply { file } => {
            let text = std::fs::read_to_string(&file)
                .map_err(|e| Failure::usage(format!("{} cannot be read: {e}", file.display())))?;
            let answer = client.call("POST", PATH, Body::Bytes("application/toml", text.into_bytes()))?;
            render::one(global, &answer, |a| format!("version {} is in force\n", a["version"]))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn model(client: &Client, global: &Global, command: Model) -> Outcome {
    let place = |name: &str, verb: &str| {
        format!("/api/v1/change-models/{}/{verb}", encode(&format!("ChangeModel:{name}")))
    };
    let answer = match command {
        Model::Create { name, ci_query, state_max } => {
            let attributes = json!({ "title": name, "ci_query": ci_query, "state_max": state_max });
            let body = json!({ "class": "ChangeModel", "name": name, "attributes": attributes });
            client.call("POST", "/api/v1/items", Body::Json(body))?
        }
        Model::List => {
            let pairs = [("class", Some("ChangeModel".to_owned()))];
            let answer = render::all_pages(client, "/api/v1/items", &pairs, "items", None)?;
            render::rows(global, &answer, "items", &["name", "status", "attributes.ci_query"])?;
            return Ok(ExitCode::SUCCESS);
        }
        Model::Approve { name } => client.call("POST", place(&name, "approve"), Body::Empty)?,
        Model::Withdraw { name } => client.call("POST", place(&name, "withdraw"), Body::Empty)?,
    };
    render::one(global, &answer, |a| format!("{} is {}\n", cell(&a["name"]), cell(&a["status"])))?;
    Ok(ExitCode::SUCCESS)
}

/// The body that states a plan.
fn body(plan: ChangePlan) -> Result<Map<String, Value>, Failure> {
    let mut body = Map::new();
    let texts = [
        ("title", plan.title),
        ("type", plan.kind),
        ("model", plan.model),
        ("state", plan.state),
        ("start", plan.start),
        ("end", plan.end),
        ("time_zone", plan.time_zone),
        ("reason", plan.reason),
        ("benefit", plan.benefit),
        ("implementer", plan.implementer),
    ];
    body.extend(texts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into()))));
    for (key, value) in [("affects", plan.affects), ("follows", plan.follows)] {
        body.extend(value.map(|v| (key.to_owned(), v.into())));
    }
    body.extend(plan.back_out_minutes.map(|m| ("back_out_minutes".to_owned(), m.into())));
    if let Some(file) = plan.proposal {
        match proposal::read(&file)? {
            plan @ Value::Object(_) => body.insert("terraform_plan".to_owned(), plan.to_string().into()),
            edits => body.insert("proposal".to_owned(), edits),
        };
    }
    body.extend(plan.import_plan.map(|id| ("import_plan".to_owned(), id.into())));
    let set = attributes(&plan.set)?;
    // Texts of a command line: the schema reads them by type.
    body.insert("attributes".to_owned(), set.into());
    Ok(body)
}

fn show_text(change: &Value) -> String {
    let text = |key: &str| cell(&change[key]);
    let mut out = format!("{} {}\n", text("number"), text("title"));
    let window = match change["window"].is_object() {
        true => format!("{} to {}", cell(&change["window"]["start"]), cell(&change["window"]["end"])),
        false => "no window yet".to_owned(),
    };
    let rows = [
        ("type", text("type")),
        ("status", text("status")),
        ("window", window),
        ("requester", text("requester")),
        ("implementer", text("implementer")),
        ("review due", text("review_due")),
        ("can be", list_of(&change["moves"])),
    ];
    for (key, value) in rows {
        if !value.is_empty() {
            let _ = writeln!(out, "  {key:<12} {value}");
        }
    }
    for concern in change["concerns"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "  {:<12} {}", "look at", cell(concern));
    }
    let affects = change["affects"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    if !affects.is_empty() {
        let rows = affects.iter().map(|a| vec![cell(&a["state"]), render::label(a)]).collect();
        let _ = write!(out, "\n{}", table(&["state", "touches"], rows));
    }
    if change["attributes"]["assessment"].is_object() {
        out.push('\n');
        out.push_str(&report::assessment(change));
    }
    out.push_str(&report::decisions(change));
    out
}

fn list_of(value: &Value) -> String {
    let words: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    words.join(", ")
}
