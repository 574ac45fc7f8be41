//! Compose files: services, the networks and volumes they name, and who waits for or calls whom.

use super::kubernetes::addresses;
use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out};
use crate::sniff::{Keys, yaml_has};
use crate::{Sink, records, tree};
use cmdb_core::Result;
use cmdb_core::model::Value;
use serde_json::Value as Json;
use std::collections::BTreeSet;

pub(super) struct Compose;

/// Sections besides the services, the class of what they define, and how a service relates to it.
const SECTIONS: [(&str, &str, &str); 4] = [
    ("networks", "ContainerNetwork", "connects_to"),
    ("volumes", "StorageVolume", "stored_on"),
    ("configs", "ComposeConfig", "uses"),
    ("secrets", "ComposeSecret", "uses"),
];
/// How sure an address in a variable is.
const CONFIDENCE: f64 = 0.8;

impl Format for Compose {
    fn name(&self) -> &'static str {
        "compose"
    }

    fn recognises(&self, head: &[u8], file_name: &str) -> bool {
        let services = match Keys::of(head) {
            Some(keys) => keys.value("services").is_some_and(|v| v.starts_with(b"{")),
            None => yaml_has(head, &["services"]) && !yaml_has(head, &["apiVersion"]),
        };
        // Of the many files with services, those of Compose also say what each one runs.
        let runs = [&b"image:"[..], b"build:", b"\"image\"", b"\"build\""];
        services
            && (file_name.contains("compose") || runs.iter().any(|w| memchr::memmem::find(head, w).is_some()))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("compose", input, sink, |intake, source, file| {
            records::each(intake, source, file, &[], &mut document).map(drop)
        })
    }
}

fn document(intake: &mut Intake<'_>, row: u64, json: Json) -> Result<()> {
    let Some(services) = json.get("services").and_then(Json::as_object) else {
        intake.complain(row, None, "compose.no-services", "the document has no services");
        return Ok(());
    };
    let project = tree::text(&json, "/name").map(|name| format!("{name}/")).unwrap_or_default();
    for (at, (name, service)) in services.iter().enumerate() {
        let id = format!("{project}services/{name}");
        let mut item = Item::new("ContainerWorkload", id.as_str()).name(Some(name.as_str()));
        item.text("image", tree::text(service, "/image"));
        item.set("replicas", service.pointer("/deploy/replicas").and_then(Json::as_i64).map(Value::Integer));
        item.rest("", service, &["image"]);
        intake.item(at as u64 + 1, item)?;
        links(intake, at as u64 + 1, &project, &id, service, &json)?;
    }
    for (section, class, _) in SECTIONS {
        for (at, (name, defined)) in tree::entries(&json, &format!("/{section}")).enumerate() {
            let mut item = Item::new(class, format!("{project}{section}/{name}")).name(Some(name));
            item.rest("", defined, &["content"]);
            if defined.get("content").is_some() {
                item.note("note.secret", format!("{section}.content"));
            }
            intake.item(at as u64 + 1, item)?;
        }
    }
    let known = ["services", "networks", "volumes", "configs", "secrets", "version", "name"];
    for (key, _) in tree::entries(&json, "").filter(|(key, _)| !known.contains(key)) {
        intake.note(row, "note.field", key);
    }
    Ok(())
}

fn links(
    intake: &mut Intake<'_>,
    row: u64,
    project: &str,
    id: &str,
    service: &Json,
    all: &Json,
) -> Result<()> {
    let mut told = BTreeSet::new();
    for needed in names(service.get("depends_on")) {
        let target = format!("{project}services/{needed}");
        if told.insert(("depends_on", target.clone())) {
            intake.relate(row, id, "depends_on", &target)?;
        }
    }
    for called in names(service.get("links")) {
        let target = format!("{project}services/{}", called.split(':').next().unwrap_or(called));
        if told.insert(("calls", target.clone())) {
            intake.relate(row, id, "calls", &target)?;
        }
    }
    for (section, _, relationship) in SECTIONS {
        for name in names(service.get(section)) {
            // `data:/var/lib` mounts the volume data; `./data:/var/lib` a folder, which is no item.
            let name = name.split(':').next().unwrap_or(name);
            let defined = all.get(section).and_then(|s| s.get(name)).is_some();
            let target = format!("{project}{section}/{name}");
            if defined && told.insert((relationship, target.clone())) {
                intake.relate(row, id, relationship, &target)?;
            }
        }
    }
    for (variable, value) in variables(service.get("environment")) {
        let Some(address) = addresses::read(value) else { continue };
        let known = all.get("services").and_then(|s| s.get(&address.service)).is_some();
        let sure = addresses::names_address(variable) || address.port.is_some();
        let target = format!("{project}services/{}", address.service);
        if known && sure && address.namespace.is_none() && told.insert(("calls", target.clone())) {
            let mut attributes = vec![("confidence", Value::Decimal(CONFIDENCE))];
            attributes.extend(address.port.map(|port| ("port", Value::Integer(port.into()))));
            intake.relate_with(row, id, "calls", &target, attributes)?;
        }
    }
    Ok(())
}

/// Names in a list (as texts or as objects with a `source`) or the keys of an object.
fn names(json: Option<&Json>) -> Vec<&str> {
    match json {
        Some(Json::Array(list)) => list
            .iter()
            .filter_map(|one| one.as_str().or_else(|| tree::text(one, "/source")))
            .filter(|name| !name.is_empty())
            .collect(),
        Some(Json::Object(map)) => map.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Variables written as `NAME=value` or as an object.
fn variables(json: Option<&Json>) -> Vec<(&str, &str)> {
    match json {
        Some(Json::Array(list)) => {
            list.iter().filter_map(Json::as_str).filter_map(|pair| pair.split_once('=')).collect()
        }
        Some(Json::Object(map)) => {
            map.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect()
        }
        _ => Vec::new(),
    }
}
