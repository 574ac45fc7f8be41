//! `cmdb precedence`: which source's word counts.

use super::Outcome;
use crate::args::Global;
use crate::client::{Body, Client};
use crate::render;
use serde_json::json;
use std::process::ExitCode;

/// What the command line says of a rule.
pub struct Rule {
    pub sources: Vec<String>,
    pub class: Option<String>,
    pub attribute: Option<String>,
    pub clear: bool,
}

pub fn run(client: &Client, global: &Global, rule: Rule) -> Outcome {
    let path = "/api/v1/precedence";
    let answer = match rule.sources.is_empty() && !rule.clear {
        true => client.get(path)?,
        false => {
            let body = json!({ "class": rule.class, "attribute": rule.attribute, "sources": rule.sources });
            client.call("POST", path, Body::Json(body))?
        }
    };
    render::rows(global, &answer, "rules", &["class", "attribute", "sources"])?;
    Ok(ExitCode::SUCCESS)
}
