//! GLPI's agent: its own JSON, and the XML of FusionInventory and OCS, of computers and of devices asked over SNMP.
//!
//! A computer's id is its device id without the time at its end, which changes when the agent is installed anew.
//! Sections (memories, network ports, software …) stay lists of the item; virtual machines and databases are items. A
//! partial inventory states only its own sections, so it takes nothing away.

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out, own_class};
use crate::json::walk::KEPT_BYTES_MAX;
use crate::sniff::{Keys, xml_root};
use crate::xml::{self, Element, Met};
use crate::{Sink, Source, records, serial, tree};
use cmdb_core::model::Value;
use cmdb_core::{Error, Result};
use serde_json::Value as Json;

pub(super) struct Glpi;

/// Sections that stand once; every other one is a list, even if it has one element.
const SINGLE: [&str; 9] = [
    "accesslog",
    "bios",
    "hardware",
    "operatingsystem",
    "versionclient",
    "versionprovider",
    "network_device",
    "moduleversion",
    "processnumber",
];
impl Format for Glpi {
    fn name(&self) -> &'static str {
        "glpi"
    }
    fn observes(&self) -> bool {
        true
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        if xml_root(head) == Some("REQUEST") {
            return memchr::memmem::find(head, b"<CONTENT").is_some();
        }
        let Some(keys) = Keys::of(head) else { return false };
        let sections = [
            "bios",
            "hardware",
            "network_device",
            "versionclient",
            "softwares",
            "batteries",
            "accesslog",
            "cartridges",
        ];
        let content = keys.value("content").and_then(Keys::of);
        keys.has("deviceid") && keys.has("content")
            || content.is_some_and(|c| sections.iter().any(|s| c.has(s)))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("glpi", input, sink, |intake, source, file| {
            if source.bytes().trim_ascii_start().starts_with(b"<") {
                return read_xml(intake, source, file);
            }
            records::each(intake, source, file, &[], &mut |intake, row, json| inventory(intake, row, &json))
                .map(drop)
        })
    }
}

/// Reads the XML into the shape of the JSON: lower-case names, sections as lists.
fn read_xml(intake: &mut Intake<'_>, source: Source<'_>, file: &str) -> Result<()> {
    let (mut head, mut content, mut devices) = (serde_json::Map::new(), serde_json::Map::new(), Vec::new());
    let mut kept_bytes = 0;
    let is_record = |path: &str| path.starts_with("REQUEST/") && path != "REQUEST/CONTENT";
    xml::each(source, file, &is_record, &mut |_, met| {
        let Met::Record(element) = met else { return Ok(()) };
        let name = element.name.to_lowercase();
        let json = lower(&element);
        kept_bytes += json.to_string().len();
        if kept_bytes > KEPT_BYTES_MAX {
            return Err(Error::limit(
                "glpi.too-long",
                format!("the inventory is longer than {KEPT_BYTES_MAX} bytes"),
            ));
        }
        match name.as_str() {
            "deviceid" | "query" | "tag" => drop(head.insert(name, json)),
            "device" => devices.push(json),
            name if SINGLE.contains(&name) => drop(content.insert(name.to_owned(), json)),
            name => {
                let list = content.entry(name.to_owned()).or_insert_with(|| Json::Array(Vec::new()));
                if let Json::Array(list) = list {
                    list.push(json);
                }
            }
        }
        Ok(())
    })?;
    head.insert("action".to_owned(), head.get("query").cloned().unwrap_or_default());
    let agent = head.get("deviceid").and_then(Json::as_str).unwrap_or_default().to_owned();
    for (at, found) in devices.iter().enumerate() {
        device(intake, at as u64 + 1, &agent, found)?;
    }
    if devices.is_empty() {
        head.insert("content".to_owned(), Json::Object(content));
        return inventory(intake, 1, &Json::Object(head));
    }
    for section in content.keys() {
        intake.note(0, "note.field", section.as_str());
    }
    Ok(())
}

/// An element with lower-case names, as JSON.
fn lower(element: &Element) -> Json {
    fn rename(json: Json) -> Json {
        match json {
            Json::Object(map) => map.into_iter().map(|(k, v)| (k.to_lowercase(), rename(v))).collect(),
            Json::Array(list) => list.into_iter().map(rename).collect(),
            other => other,
        }
    }
    rename(element.to_json(&["COMPONENT", "PORT", "IP", "CONNECTION", "VLAN", "MAC"]))
}

fn inventory(intake: &mut Intake<'_>, row: u64, json: &Json) -> Result<()> {
    let content = json.get("content").unwrap_or(&Json::Null);
    let Some(id) = tree::text(json, "/deviceid").map(without_time).filter(|id| !id.is_empty()) else {
        intake.complain(row, Some("deviceid"), "glpi.no-id", "the inventory has no deviceid");
        return Ok(());
    };
    let class = match tree::text(json, "/itemtype").unwrap_or("Computer") {
        "Printer" => "Printer".into(),
        other => own_class("Glpi", other),
    };
    let text = |pointers: &[&str]| {
        pointers.iter().find_map(|pointer| tree::text(content, pointer)).map(str::to_owned)
    };
    let name = text(&["/hardware/name", "/network_device/name"]).unwrap_or_else(|| id.to_owned());
    let mut item = Item::new(class, id).name(Some(name));
    let serial = text(&["/bios/ssn", "/network_device/serial", "/bios/msn"]);
    item.text("serial_number", serial.as_deref().and_then(serial::stated));
    item.text("manufacturer", text(&["/bios/smanufacturer", "/network_device/manufacturer"]));
    item.text("model", text(&["/bios/smodel", "/network_device/model"]));
    item.text("asset_tag", text(&["/bios/assettag"]));
    item.text("firmware_version", text(&["/network_device/firmware", "/bios/bversion"]));
    item.text("mac_address", text(&["/network_device/mac"]));
    item.text("ip_address", text(&["/network_device/ips/0"]));
    if !json.get("itemtype").is_some_and(|kind| kind == "Printer") {
        item.text("operating_system", text(&["/operatingsystem/full_name", "/hardware/osname"]));
        let memory = tree::word(content, "/hardware/memory").and_then(|m| m.parse().ok());
        item.set("memory", memory.map(Value::Integer));
    }
    item.rest("", json, &["content", "deviceid"]);
    item.text("deviceid", tree::text(json, "/deviceid"));
    item.rest("", content, &["virtualmachines", "databases_services"]);
    intake.item(row, item)?;
    for (at, machine) in tree::list(content, "/virtualmachines").iter().enumerate() {
        guest(intake, row, id, at, machine)?;
    }
    for (at, database) in tree::list(content, "/databases_services").iter().enumerate() {
        let name = tree::word(database, "/name").unwrap_or_else(|| at.to_string().into());
        let inner = format!("{id}/databases/{name}");
        let mut item = Item::new("Database", inner.as_str()).name(Some(name));
        item.text("version", tree::word(database, "/version"));
        item.text("product", tree::text(database, "/type"));
        item.rest("", database, &["name", "version"]);
        intake.item(row, item)?;
        intake.relate(row, &inner, "runs_on", id)?;
    }
    Ok(())
}

fn guest(intake: &mut Intake<'_>, row: u64, host: &str, at: usize, json: &Json) -> Result<()> {
    let name = tree::word(json, "/name").unwrap_or_else(|| at.to_string().into());
    let key = tree::word(json, "/uuid").unwrap_or_else(|| name.clone());
    let id = format!("{host}/virtualmachines/{key}");
    let is_container = tree::text(json, "/vmtype")
        .is_some_and(|kind| matches!(kind, "docker" | "lxc" | "podman"))
        || tree::text(json, "/image").is_some();
    let mut item = Item::new(if is_container { "ContainerWorkload" } else { "VirtualMachine" }, id.as_str())
        .name(Some(name));
    match is_container {
        true => item.text("image", tree::text(json, "/image")),
        false => item.text("instance_uuid", tree::text(json, "/uuid")),
    }
    item.rest("", json, &["name"]);
    intake.item(row, item)?;
    intake.relate(row, &id, "runs_on", host)
}

/// A device that an agent asked over the network.
fn device(intake: &mut Intake<'_>, row: u64, agent: &str, json: &Json) -> Result<()> {
    let info = json.get("info").unwrap_or(json);
    let key =
        ["/serial", "/mac", "/ip", "/name", "/dnshostname", "/id"].iter().find_map(|p| tree::word(info, p));
    let Some(id) = key else {
        if let Some(error) = tree::text(json, "/error/message") {
            intake.note(row, "note.host", format!("a device did not answer: {error}"));
            return Ok(());
        }
        intake.complain(row, None, "glpi.no-id", "the device has no serial number, address or name");
        return Ok(());
    };
    let kind = tree::text(info, "/type").unwrap_or("").to_lowercase();
    let class = match kind.as_str() {
        "printer" => "Printer",
        "networking" => "NetworkEquipment",
        _ => "UnmanagedDevice",
    };
    let name = ["/name", "/dnshostname", "/netbiosname", "/model"].iter().find_map(|p| tree::word(info, p));
    let mut item = Item::new(class, id.clone()).name(Some(name.unwrap_or(id)));
    let text = |pointer: &str| tree::text(info, pointer);
    item.text("serial_number", text("/serial"));
    item.text("manufacturer", text("/manufacturer"));
    item.text("model", text("/model"));
    item.text("mac_address", text("/mac"));
    item.text("ip_address", text("/ip").or_else(|| text("/ips/ip/0")));
    item.text("firmware_version", text("/firmware"));
    item.text("found_by", Some(agent));
    item.rest("", json, &["info"]);
    if json.get("info").is_some() {
        item.rest("info", info, &[]);
    }
    intake.item(row, item)
}

/// A device id without `-YYYY-MM-DD-hh-mm-ss`.
fn without_time(id: &str) -> &str {
    let parts: Vec<&str> = id.rsplitn(7, '-').collect();
    let is_time = parts.len() == 7
        && parts[..6].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if is_time { parts[6] } else { id }
}
