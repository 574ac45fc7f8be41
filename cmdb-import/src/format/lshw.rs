//! lshw's JSON: one machine, with its parts kept inside it as a list a class of hardware.
//!
//! The machine's id is its serial number, else the board's, else the name lshw gives it.

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out};
use crate::sniff::Keys;
use crate::{Sink, records, serial, tree};
use cmdb_core::Result;
use cmdb_core::model::Value;
use serde_json::Value as Json;
use std::collections::BTreeMap;

pub(super) struct Lshw;

impl Format for Lshw {
    fn name(&self) -> &'static str {
        "lshw"
    }
    fn observes(&self) -> bool {
        true
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let keys = Keys::of(head).or_else(|| Keys::of_first(head));
        keys.is_some_and(|k| {
            k.has_all(&["id", "class"]) && (k.has("claimed") || k.has("handle") || k.has("capabilities"))
        })
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("lshw", input, sink, |intake, source, file| {
            records::each(intake, source, file, &[], &mut machine).map(drop)
        })
    }
}

/// A part of the machine without the parts inside it, and the place where it sits.
fn walk<'j>(json: &'j Json, place: &str, out: &mut Vec<(String, &'j Json)>) {
    let here = match place {
        "" => tree::text(json, "/id").unwrap_or("system").to_owned(),
        place => format!("{place}/{}", tree::text(json, "/id").unwrap_or("?")),
    };
    for child in tree::list(json, "/children") {
        walk(child, &here, out);
    }
    out.push((here, json));
}

fn machine(intake: &mut Intake<'_>, row: u64, json: Json) -> Result<()> {
    let serial = |json: &Json| tree::text(json, "/serial").and_then(serial::stated).map(str::to_owned);
    let name = tree::word(&json, "/id");
    let board = tree::list(&json, "/children").iter().find(|child| tree::text(child, "/id") == Some("core"));
    let own = serial(&json).or_else(|| board.and_then(serial));
    let Some(id) = own.clone().or_else(|| name.as_ref().map(ToString::to_string)) else {
        intake.complain(row, None, "lshw.no-id", "the machine has neither a serial number nor an id");
        return Ok(());
    };
    let mut item = Item::new("Server", id).name(name);
    item.text("serial_number", own);
    item.text("manufacturer", tree::text(&json, "/vendor"));
    item.text("model", tree::text(&json, "/product"));
    let mut parts = Vec::new();
    walk(&json, "", &mut parts);
    parts.pop();
    parts.sort_by(|a, b| a.0.cmp(&b.0));
    let of = |class: &'static str| {
        parts.iter().filter(move |(_, part)| tree::text(part, "/class") == Some(class)).map(|(_, part)| *part)
    };
    let memory = of("memory")
        .find(|m| tree::text(m, "/id").is_some_and(|id| id.starts_with("memory")))
        .and_then(|m| m.get("size")?.as_i64());
    item.set("memory", memory.map(|bytes| Value::Integer(bytes / 1_048_576)));
    item.set("cpu_count", Some(Value::Integer(of("processor").count() as i64)));
    item.text("mac_address", of("network").find_map(|n| tree::text(n, "/serial")));
    let firmware = of("memory").find(|m| tree::text(m, "/id") == Some("firmware"));
    item.text("firmware_version", firmware.and_then(|f| tree::text(f, "/version")));
    item.rest("", &json, &["children", "id"]);
    let mut by_class: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
    for (place, part) in &parts {
        let mut part = (*part).clone();
        if let Json::Object(map) = &mut part {
            map.remove("children");
            map.insert("place".to_owned(), Json::from(place.as_str()));
        }
        by_class
            .entry(
                tree::text(&part, "/class").map_or("other", |class| {
                    CLASSES.iter().find(|c| **c == class).copied().unwrap_or("other")
                }),
            )
            .or_default()
            .push(part);
    }
    item.rest(
        "hardware",
        &Json::Object(by_class.into_iter().map(|(k, v)| (k.to_owned(), Json::Array(v))).collect()),
        &[],
    );
    intake.item(row, item)
}

/// lshw's own classes of hardware.
const CLASSES: [&str; 20] = [
    "system",
    "bridge",
    "memory",
    "processor",
    "address",
    "storage",
    "disk",
    "tape",
    "bus",
    "network",
    "display",
    "input",
    "printer",
    "multimedia",
    "communication",
    "power",
    "volume",
    "generic",
    "battery",
    "security",
];
