//! osquery's result logs, a result a line: what each host answered, as one machine with a list for each query.
//!
//! A machine's id is its host identifier. A snapshot replaces what the query said before, a differential result adds to
//! it and takes out again the rows that were removed.

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out};
use crate::json::scan::Scanner;
use crate::json::walk::{Element, Step, Walker, walk_all};
use crate::sniff::Keys;
use crate::{Sink, serial, tree};
use cmdb_core::model::Value;
use cmdb_core::{Error, Result};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

pub(super) struct Osquery;

/// Rows of all hosts and queries kept until the log is read.
const ROWS_MAX: usize = 500_000;

impl Format for Osquery {
    fn name(&self) -> &'static str {
        "osquery"
    }
    fn observes(&self) -> bool {
        true
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        Keys::of(head).is_some_and(|keys| {
            let holds = keys.has("columns") || keys.has("snapshot") || keys.has("diffResults");
            keys.has_all(&["name", "hostIdentifier"]) && holds
        })
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("osquery", input, sink, |intake, source, file| {
            let mut scanner = Scanner::new(source, file.clone());
            let mut log = Log::default();
            walk_all(&mut scanner, file, &mut Whole, &mut |json| log.result(intake, json))?;
            log.hosts.iter().try_for_each(|(id, host)| machine(intake, id, host))
        })
    }
}

/// Takes each document as a whole.
struct Whole;

impl Walker for Whole {
    fn step(&mut self, place: &str, is_list: bool) -> Step {
        if place.is_empty() && !is_list { Step::Enter } else { Step::Take }
    }
    fn element(&mut self, _: Element<'_>) -> Result<()> {
        Ok(())
    }
}

/// Query → rows.
type Answers = BTreeMap<String, Vec<Json>>;

#[derive(Default)]
struct Log {
    hosts: BTreeMap<String, Host>,
    rows: usize,
    line: u64,
}

#[derive(Default)]
struct Host {
    /// Of the first result.
    line: u64,
    answers: Answers,
}

impl Log {
    fn result(&mut self, intake: &mut Intake<'_>, mut json: Json) -> Result<()> {
        self.line += 1;
        let (Some(query), Some(id)) = (tree::word(&json, "/name"), tree::word(&json, "/hostIdentifier"))
        else {
            intake.complain(
                self.line,
                None,
                "osquery.not-a-result",
                "a result has no name or no hostIdentifier",
            );
            return Ok(());
        };
        let host = self.hosts.entry(id.to_string()).or_default();
        if host.line == 0 {
            host.line = self.line;
        }
        let known = host.answers.entry(query.to_string()).or_default();
        if let Some(snapshot) = json.get_mut("snapshot") {
            known.clear();
            known.extend(rows(snapshot.take()));
        }
        if let Some(columns) = json.get_mut("columns") {
            let row = columns.take();
            match tree::text(&json, "/action") {
                Some("removed") => known.retain(|one| *one != row),
                _ => known.push(row),
            }
        }
        let mut batch = |kind: &str| json.pointer_mut(kind).map(Json::take).map(rows).unwrap_or_default();
        let (added, removed) = (batch("/diffResults/added"), batch("/diffResults/removed"));
        known.retain(|one| !removed.contains(one));
        known.extend(added);
        self.rows += known.len();
        if self.rows > ROWS_MAX {
            let message = format!("the log holds more than {ROWS_MAX} rows");
            return Err(Error::limit("osquery.too-many-rows", message).hint("cut it by host or by time"));
        }
        Ok(())
    }
}

fn rows(json: Json) -> Vec<Json> {
    match json {
        Json::Array(rows) => rows,
        _ => Vec::new(),
    }
}

fn machine(intake: &mut Intake<'_>, id: &str, host: &Host) -> Result<()> {
    let all = || host.answers.values().flatten();
    // Queries are named by their users; a table is told by its columns.
    let row = |columns: [&str; 2]| all().find(|row| columns.iter().all(|column| row.get(*column).is_some()));
    let system = row(["hardware_serial", "hardware_model"]).unwrap_or(&Json::Null);
    let name = ["/hostname", "/computer_name"].iter().find_map(|name| tree::text(system, name));
    let mut item = Item::new("Server", id).name(name.or(Some(id)));
    item.text("serial_number", tree::text(system, "/hardware_serial").and_then(serial::stated));
    item.text("manufacturer", tree::text(system, "/hardware_vendor"));
    item.text("model", tree::text(system, "/hardware_model"));
    let number = |field: &str| tree::word(system, field)?.parse::<i64>().ok().filter(|n| *n > 0);
    item.set("memory", number("/physical_memory").map(|bytes| Value::Integer(bytes / 1_048_576)));
    item.set("cpu_count", number("/cpu_logical_cores").map(Value::Integer));
    if let Some(system) = row(["name", "platform_like"]).or_else(|| row(["platform", "major"])) {
        let parts = [tree::text(system, "/name"), tree::text(system, "/version")];
        item.text("operating_system", Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" ")));
    }
    let addresses = all().filter(|row| row.get("interface").is_some());
    let address = addresses.filter_map(|row| tree::text(row, "/address")).find(|text| is_own(text));
    item.text("ip_address", address);
    let lists = host.answers.iter().filter(|(_, rows)| !rows.is_empty());
    let lists: Map<String, Json> =
        lists.map(|(query, rows)| (query.clone(), Json::Array(rows.clone()))).collect();
    item.rest("results", &Json::Object(lists), &[]);
    intake.item(host.line, item)
}

/// Whether an address is one by which others know the machine.
fn is_own(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok_and(|address| match address {
        std::net::IpAddr::V4(v4) => !v4.is_loopback() && !v4.is_link_local(),
        std::net::IpAddr::V6(v6) => !v6.is_loopback() && !v6.is_unicast_link_local(),
    })
}
