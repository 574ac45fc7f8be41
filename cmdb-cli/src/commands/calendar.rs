//! Freezes, maintenance windows, outages and incidents on the command line.

use super::{Outcome, attributes};
use crate::args::Global;
use crate::args::calendar::{Exception, Freeze, Incident, NewOutage, NewPeriod, Outage, OutageEnd, Window};
use crate::client::{Body, Client, encode, query};
use crate::failure::Failure;
use crate::output::{cell, counted, say};
use crate::render;
use serde_json::{Value, json};
use std::process::ExitCode;

const FREEZES: &str = "/api/v1/freezes";
const WINDOWS: &str = "/api/v1/maintenance-windows";
const EXCEPTIONS: &str = "/api/v1/freeze-exceptions";

pub fn freeze(client: &Client, global: &Global, command: Freeze) -> Outcome {
    match command {
        Freeze::Create(new) => create(client, global, FREEZES, new),
        Freeze::List => list(client, global, FREEZES),
        Freeze::Show { freeze } => show(client, global, FREEZES, &freeze),
        Freeze::Remove { freeze } => remove(client, global, FREEZES, &freeze),
        Freeze::Exception(command) => exception(client, global, command),
    }
}

pub fn window(client: &Client, global: &Global, command: Window) -> Outcome {
    match command {
        Window::Create(new) => create(client, global, WINDOWS, new),
        Window::List => list(client, global, WINDOWS),
        Window::Show { window } => show(client, global, WINDOWS, &window),
        Window::Remove { window } => remove(client, global, WINDOWS, &window),
    }
}

/// Whether a command changes something.
pub fn freeze_writes(command: &Freeze) -> bool {
    !matches!(command, Freeze::List | Freeze::Show { .. } | Freeze::Exception(Exception::List))
}

/// Whether a command changes something.
pub fn window_writes(command: &Window) -> bool {
    !matches!(command, Window::List | Window::Show { .. })
}

fn create(client: &Client, global: &Global, path: &str, new: NewPeriod) -> Outcome {
    let body = json!({
        "title": new.title, "start": new.start, "end": new.end, "time_zone": new.zone,
        "scope": new.scope, "on": new.items, "recurrence": new.repeat, "left_out": new.except,
        "description": new.description,
    });
    let answer = client.call("POST", path, Body::Json(body))?;
    render::one(global, &answer, period)?;
    Ok(ExitCode::SUCCESS)
}

fn list(client: &Client, global: &Global, path: &str) -> Outcome {
    let mut answer = client.get(format!("{path}{}", query(&[("at", global.at.clone())])))?;
    for unread in answer["unread"].as_array().into_iter().flatten() {
        say(global.quiet, &format!("left out: {}", cell(unread)));
    }
    for row in answer["periods"].as_array_mut().into_iter().flatten() {
        let next = cell(&row["next"][0]["start"]);
        row["next_start"] = if next.is_empty() { "over".into() } else { next.into() };
    }
    let columns = ["number", "title", "start", "end", "time_zone", "recurrence", "next_start", "scope"];
    render::rows(global, &answer, "periods", &columns)?;
    Ok(ExitCode::SUCCESS)
}

fn show(client: &Client, global: &Global, path: &str, reference: &str) -> Outcome {
    let at = query(&[("at", global.at.clone())]);
    let answer = client.get(format!("{path}/{}{at}", encode(reference)))?;
    render::one(global, &answer, period)?;
    Ok(ExitCode::SUCCESS)
}

fn remove(client: &Client, global: &Global, path: &str, reference: &str) -> Outcome {
    client.call("DELETE", format!("{path}/{}", encode(reference)), Body::Empty)?;
    say(global.quiet, &format!("{reference} is no longer in force"));
    Ok(ExitCode::SUCCESS)
}

fn period(answer: &Value) -> String {
    let text = |key: &str| cell(&answer[key]);
    let mut out = format!("{} {}\n", text("number"), text("title"));
    out += &format!("  {} to {} {}\n", text("start"), text("end"), text("time_zone"));
    if !answer["recurrence"].is_null() {
        out += &format!("  repeats {}\n", text("recurrence"));
    }
    let what = match (answer["everything"] == true, answer["scope"].as_str()) {
        (true, _) => "everything".to_owned(),
        (false, Some(scope)) => scope.to_owned(),
        (false, None) => {
            let names = answer["on"].as_array().into_iter().flatten().map(|item| cell(&item["name"]));
            names.collect::<Vec<_>>().join(", ")
        }
    };
    out += &format!("  about {what} ({})\n", counted(&answer["covers"], "item"));
    for next in answer["next"].as_array().into_iter().flatten() {
        out += &format!("  next {} to {}\n", cell(&next["start"]), cell(&next["end"]));
    }
    out
}

fn exception(client: &Client, global: &Global, command: Exception) -> Outcome {
    let decide = |exception: &str, verb: &str| {
        client.call("POST", format!("{EXCEPTIONS}/{}/{verb}", encode(exception)), Body::Empty)
    };
    let answer = match command {
        Exception::Request { freeze, change, reason } => {
            let body = json!({ "freeze": freeze, "change": change, "reason": reason });
            client.call("POST", EXCEPTIONS, Body::Json(body))?
        }
        Exception::Approve { exception } => decide(&exception, "approve")?,
        Exception::Reject { exception } => decide(&exception, "reject")?,
        Exception::List => {
            let answer = client.get(format!("{EXCEPTIONS}{}", query(&[("at", global.at.clone())])))?;
            let columns =
                ["number", "status", "freeze.name", "change.name", "requested_by", "decided_by", "reason"];
            render::rows(global, &answer, "exceptions", &columns)?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    render::one(global, &answer, |a| {
        let name = |key: &str| cell(&a[key]["name"]);
        format!(
            "{} is {}: {} in spite of {}\n",
            cell(&a["number"]),
            cell(&a["status"]),
            name("change"),
            name("freeze")
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

pub fn outage(client: &Client, global: &Global, command: Outage) -> Outcome {
    match command {
        Outage::Open(new) => open(client, global, "/api/v1/outages", new),
        Outage::Close(end) => close(client, global, "/api/v1/outages", "close", end),
        Outage::List { open } => list_outages(client, global, "/api/v1/outages", open),
    }
}

pub fn incident(client: &Client, global: &Global, command: Incident) -> Outcome {
    match command {
        Incident::Open(new) => open(client, global, "/api/v1/incidents", new),
        Incident::Resolve(end) => close(client, global, "/api/v1/incidents", "resolve", end),
        Incident::List { open } => list_outages(client, global, "/api/v1/incidents", open),
    }
}

fn open(client: &Client, global: &Global, path: &str, new: NewOutage) -> Outcome {
    let body = json!({
        "title": new.title, "affects": new.affects, "state": new.state, "started_at": new.start,
        "attributes": attributes(&new.set)?,
    });
    told(global, client.call("POST", path, Body::Json(body)))
}

fn close(client: &Client, global: &Global, path: &str, verb: &str, end: OutageEnd) -> Outcome {
    let path = format!("{path}/{}/{verb}", encode(&end.record));
    told(global, client.call("POST", path, Body::Json(json!({ "ended_at": end.end }))))
}

fn told(global: &Global, answer: Result<Value, Failure>) -> Outcome {
    render::one(global, &answer?, |a| {
        let names = a["affects"].as_array().into_iter().flatten().map(|item| cell(&item["name"]));
        let held = match a["state"].as_str() {
            Some(state) => format!(" ({state})"),
            None => String::new(),
        };
        let affected = names.collect::<Vec<_>>().join(", ");
        format!("{} {} is {}: {affected}{held}\n", cell(&a["number"]), cell(&a["title"]), cell(&a["status"]))
    })?;
    Ok(ExitCode::SUCCESS)
}

fn list_outages(client: &Client, global: &Global, path: &str, open: bool) -> Outcome {
    let pairs = [("at", global.at.clone()), ("open", open.then(|| "true".to_owned()))];
    let mut answer = client.get(format!("{path}{}", query(&pairs)))?;
    for row in answer["outages"].as_array_mut().into_iter().flatten() {
        let names = row["affects"].as_array().into_iter().flatten().map(|item| cell(&item["name"]));
        row["items"] = names.collect::<Vec<_>>().join(", ").into();
    }
    let columns = ["number", "status", "state", "started_at", "ended_at", "items", "title"];
    render::rows(global, &answer, "outages", &columns)?;
    Ok(ExitCode::SUCCESS)
}
