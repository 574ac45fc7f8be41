//! Answers as graphs: the export of the items that an answer is about.

use super::Outcome;
use crate::args::{Global, Reach};
use crate::client::{Answer, Body, Client, Request, encode, query};
use crate::failure::Failure;
use crate::output::forgive;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io;
use std::process::ExitCode;

/// Everything reached, with the starts.
pub fn near(client: &Client, global: &Global, format: &str, which: &str, args: &Reach) -> Outcome {
    let types = (!args.types.is_empty()).then(|| args.types.join(","));
    let pairs = [
        ("as", Some(format.to_owned())),
        ("direction", Some(which.to_owned())),
        ("depth", args.depth.map(|d| d.to_string())),
        ("class", args.class.clone()),
        ("types", types),
        ("at", global.at.clone()),
    ];
    export(client, &query(&pairs), args.references.iter().map(String::as_str))
}

/// The items of all paths listed.
pub fn path(client: &Client, global: &Global, format: &str, answer: &Value) -> Outcome {
    let one = [answer["hops"].clone()];
    let paths = answer["paths"].as_array().map(Vec::as_slice).unwrap_or(&one);
    let hops = paths.iter().flat_map(|path| path.as_array().into_iter().flatten());
    let ends = hops.flat_map(|hop| [&hop["source"]["id"], &hop["target"]["id"]]);
    let ids: BTreeSet<&str> = ends.filter_map(Value::as_str).collect();
    let pairs = [("as", Some(format.to_owned())), ("depth", Some("0".to_owned())), ("at", global.at.clone())];
    export(client, &query(&pairs), ids.into_iter())
}

/// The same question as `cmdb impact` asks; its answer carries every item's state.
pub fn impact(client: &Client, global: &Global, format: &str, question: Value) -> Outcome {
    let pairs = [("as", Some(format.to_owned())), ("at", global.at.clone())];
    let path = format!("/api/v1/impact/export{}", query(&pairs));
    let body = Body::Json(question);
    print(client.send(Request { method: "POST", path, headers: Vec::new(), body })?)
}

fn export<'r>(client: &Client, query: &str, references: impl Iterator<Item = &'r str>) -> Outcome {
    let references: String = references.map(|r| format!("&ref={}", encode(r))).collect();
    let path = format!("/api/v1/exports{query}{references}");
    print(client.send(Request { method: "GET", path, headers: Vec::new(), body: Body::Empty })?)
}

/// Copies the answer to stdout as it comes.
fn print(mut answer: Answer) -> Outcome {
    if answer.status != 200 {
        let status = answer.status;
        let unclear = || Failure::unavailable(format!("the server answered {status} and no export"));
        return Err(answer.json().err().unwrap_or_else(unclear));
    }
    forgive(io::copy(&mut answer.body, &mut io::stdout().lock()).map(drop))?;
    Ok(ExitCode::SUCCESS)
}
