//! `cmdb imports` and `cmdb undo`: what was imported, and taking it back.

use super::Outcome;
use crate::args::Global;
use crate::client::{Body, Client, Request, encode, query};
use crate::output::cell;
use crate::render;
use serde_json::Value;
use std::fmt::Write;
use std::process::ExitCode;

pub fn list(client: &Client, global: &Global, plans: bool) -> Outcome {
    if plans {
        let answer = client.get("/api/v1/import-plans")?;
        let columns = ["id", "at", "expires_at", "by", "source", "files", "applicable"];
        render::rows(global, &answer, "plans", &columns)?;
    } else {
        let answer = client.get("/api/v1/imports")?;
        let counts = ["created", "updated", "unchanged", "rejected"];
        let columns: Vec<&str> = ["import", "at", "by", "source", "files", "state"]
            .into_iter()
            .chain(counts)
            .chain(["position"])
            .collect();
        render::rows(global, &answer, "imports", &columns)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What `cmdb undo` is told.
pub struct Undo {
    pub import: String,
    pub keep_later: bool,
    pub dry_run: bool,
    pub message: Option<String>,
}

pub fn undo(client: &Client, global: &Global, undo: &Undo) -> Outcome {
    let flag = |on: bool| on.then(|| "true".to_owned());
    let pairs = [("keep_later", flag(undo.keep_later)), ("dry_run", flag(undo.dry_run))];
    let request = Request {
        method: "POST",
        path: format!("/api/v1/imports/{}/undo{}", encode(&undo.import), query(&pairs)),
        headers: undo.message.clone().map(|m| ("X-CMDB-Message", m)).into_iter().collect(),
        body: Body::Empty,
    };
    let answer = client.send(request)?.json()?;
    render::one(global, &answer, |answer| taken_back(answer, "import"))?;
    Ok(ExitCode::SUCCESS)
}

/// What an undo of `what` did.
pub(super) fn taken_back(answer: &Value, what: &str) -> String {
    let mut out = String::new();
    for kind in ["items", "relationships"] {
        let counters = &answer[kind];
        let _ = writeln!(
            out,
            "{kind}: {} removed, {} restored, {} kept",
            counters["removed"], counters["restored"], counters["kept"]
        );
    }
    let listed = |value: &Value| value.as_array().map(Vec::as_slice).unwrap_or(&[]).to_vec();
    for (key, said) in [("removed", "taken back"), ("kept", "still used")] {
        for definition in listed(&answer["definitions"][key]) {
            let _ = writeln!(out, "{} {said}", cell(&definition));
        }
    }
    for kept in listed(&answer["kept"]) {
        let _ = writeln!(out, "kept {}: {}", cell(&kept["what"]), cell(&kept["reason"]));
    }
    let import = cell(&answer["import"]);
    let closing = match &answer["applied"] {
        Value::Bool(true) => format!("{what} {import} taken back at position {}", answer["position"]),
        _ => format!("dry run: nothing was changed; `cmdb undo {import}` does this"),
    };
    let _ = writeln!(out, "\n{closing}");
    out
}
