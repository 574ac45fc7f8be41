//! `cmdb ansible-inventory`: an inventory script is one line that calls it.

use super::Outcome;
use crate::args::Global;
use crate::args::outputs::AnsibleInventory;
use crate::client::{Client, query};
use crate::output::say;
use crate::render;
use std::process::ExitCode;

pub fn run(client: &Client, global: &Global, asked: &AnsibleInventory) -> Outcome {
    let group_by = (!asked.group_by.is_empty()).then(|| asked.group_by.join(","));
    let pairs = [
        ("host", asked.host.clone()),
        ("class", asked.class.clone()),
        ("where", asked.filter.clone()),
        ("group_by", group_by),
        ("at", global.at.clone()),
    ];
    let inventory = client.get(format!("/api/v1/ansible/inventory{}", query(&pairs)))?;
    for note in inventory["_meta"]["cmdb_notes"].as_array().into_iter().flatten() {
        say(global.quiet, note.as_str().unwrap_or_default());
    }
    render::json(&inventory)?;
    Ok(ExitCode::SUCCESS)
}
