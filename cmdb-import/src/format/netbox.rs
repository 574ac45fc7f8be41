//! NetBox: answers of its REST interface, old and new, and a dump of its database (`dumpdata`).
//!
//! An item's id is `app.model/number`, as NetBox's own generic references name it. Cables are followed from the port
//! to the device it belongs to; see [`cables`]. Derived rows (cable paths) are left out and said so.

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out};
use crate::sniff::Keys;
use crate::{Sink, records, tree};
use cables::Cables;
use cmdb_core::Result;
use cmdb_core::model::Value;
use serde_json::Value as Json;

mod cables;
mod fields;
mod models;

pub(super) struct NetBox;

impl Format for NetBox {
    fn name(&self) -> &'static str {
        "netbox"
    }

    fn recognises(&self, head: &[u8], file_name: &str) -> bool {
        if let Some(keys) = Keys::of_first(head) {
            let is_dump = keys.has_all(&["model", "pk", "fields"]);
            return is_dump && keys.text("model").is_some_and(models::is_model) || is_object(&keys, head);
        }
        let Some(keys) = Keys::of(head) else { return false };
        let is_page = keys.has_all(&["count", "next", "previous"]) && keys.is_list("results");
        let named = models::of_file_name(file_name).is_some();
        is_page && (names_interface(head) || named) || is_object(&keys, head) || keys.has("id") && named
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("netbox", input, sink, |intake, source, file| {
            let mut cables = Cables::default();
            let by_file = models::of_file_name(file);
            let mut take =
                |intake: &mut Intake<'_>, row, json| record(intake, &mut cables, by_file, row, json);
            let page = records::each(intake, source, file, &["results"], &mut take)?;
            if tree::text(&page, "/next").is_some() {
                intake.note(
                    0,
                    "note.cut-off",
                    "the page is not the last (\"next\" names another); import all of them",
                );
            }
            cables.finish(intake)
        })
    }
}

/// Whether an object's references are links into the interface.
fn is_object(keys: &Keys<'_>, head: &[u8]) -> bool {
    keys.has("id")
        && (keys.text("url").is_some_and(|url| models::of_url(url).is_some()) || names_interface(head))
}

fn names_interface(head: &[u8]) -> bool {
    ["dcim", "circuits", "ipam", "tenancy", "virtualization"]
        .iter()
        .any(|app| memchr::memmem::find(head, format!("/api/{app}/").as_bytes()).is_some())
}

fn record(
    intake: &mut Intake<'_>,
    cables: &mut Cables,
    by_file: Option<&str>,
    row: u64,
    json: Json,
) -> Result<()> {
    let is_dump =
        json.get("model").is_some_and(Json::is_string) && json.get("fields").is_some_and(Json::is_object);
    let model = match is_dump {
        true => tree::text(&json, "/model").map(str::to_owned),
        false => models::of_object(&json).or_else(|| by_file.map(str::to_owned)),
    };
    let number = tree::word(&json, if is_dump { "/pk" } else { "/id" });
    let (Some(model), Some(number)) = (model, number) else {
        let message =
            "the object does not say what it is; name the file after its endpoint, such as dcim_devices.json";
        intake.complain(row, None, "netbox.no-model", message);
        return Ok(());
    };
    let fields = if is_dump { json.get("fields").unwrap_or(&Json::Null) } else { &json };
    match model.as_str() {
        "dcim.cabletermination" => {
            cables.termination(row, fields);
            return Ok(());
        }
        "dcim.cablepath" => {
            intake.note(row, "note.derived", "dcim.cablepath, which NetBox derives from cables,");
            return Ok(());
        }
        "extras.taggeditem" | "tenancy.contactassignment" => return assignment(intake, row, &model, fields),
        _ => {}
    }
    let id = format!("{model}/{number}");
    cables.see(&model, &number, fields);
    let mut item = Item::new(models::class(&model, fields, cables), id.as_str()).name(name(&model, fields));
    item.text("netbox.model", Some(&model));
    describe(&mut item, &model, fields);
    fields::take(intake, &mut item, row, &model, &id, fields)?;
    intake.item(row, item)?;
    cables.links(intake, row, &model, &id, fields)
}

/// A row that only joins two others.
fn assignment(intake: &mut Intake<'_>, row: u64, model: &str, fields: &Json) -> Result<()> {
    let kind = fields.get("content_type").or_else(|| fields.get("object_type")).and_then(models::written);
    let (target, target_model) = match model {
        "extras.taggeditem" => (tree::word(fields, "/tag"), "extras.tag"),
        _ => (fields::number(fields.get("contact")), "tenancy.contact"),
    };
    let (Some(kind), Some(number), Some(target)) = (kind, tree::word(fields, "/object_id"), target) else {
        intake.complain(row, None, "netbox.no-end", format!("the {model} does not say what it joins"));
        return Ok(());
    };
    intake.relate(row, &format!("{kind}/{number}"), "relates_to", &format!("{target_model}/{target}"))
}

fn name(model: &str, fields: &Json) -> Option<String> {
    let pointers = match model {
        "circuits.circuit" => ["/cid", "/display", "/name"],
        "dcim.devicetype" | "dcim.moduletype" => ["/model", "/display", "/name"],
        "ipam.prefix" | "ipam.aggregate" => ["/prefix", "/display", "/name"],
        "ipam.ipaddress" => ["/address", "/display", "/name"],
        "dcim.cable" => ["/label", "/display", "/name"],
        _ => ["/name", "/display", "/display_name"],
    };
    pointers.iter().find_map(|pointer| tree::word(fields, pointer)).map(String::from)
}

fn describe(item: &mut Item, model: &str, fields: &Json) {
    let is_party =
        model.starts_with("tenancy.") || matches!(model, "circuits.provider" | "dcim.manufacturer");
    let status = fields::choice(fields.get("status")).map(|status| status.to_lowercase());
    if !is_party && let Some(status) = status.as_deref() {
        let known = match status {
            "active" | "connected" => Some("operational"),
            "planned" => Some("planned"),
            "staged" | "staging" => Some("in_build"),
            "inventory" => Some("in_stock"),
            "offline" => Some("in_maintenance"),
            "decommissioning" | "decommissioned" | "retired" | "deprovisioning" => Some("retired"),
            _ => None,
        };
        item.set("status", known.map(Value::text));
    }
    let text = |pointer| tree::text(fields, pointer);
    item.text("description", text("/description"));
    match model {
        "dcim.device" | "virtualization.virtualmachine" => {
            item.text("serial_number", text("/serial"));
            item.text("asset_tag", text("/asset_tag"));
            item.text("manufacturer", text("/device_type/manufacturer/name"));
            item.text("model", text("/device_type/model"));
            let address = text("/primary_ip/address").or_else(|| text("/primary_ip4/address"));
            item.text("ip_address", address.map(|a| a.split('/').next().unwrap_or(a)));
            let position = tree::word(fields, "/position").and_then(|p| p.parse::<f64>().ok());
            item.set("rack_position", position.filter(|p| *p >= 1.0).map(|p| Value::Integer(p as i64)));
            if model == "virtualization.virtualmachine" {
                let number = |pointer| tree::word(fields, pointer).and_then(|n| n.parse::<f64>().ok());
                item.set("cpu_count", number("/vcpus").map(|n| Value::Integer(n.ceil() as i64)));
                item.set("memory", number("/memory").map(|n| Value::Integer(n as i64)));
                item.set("disk", number("/disk").map(Value::Decimal));
            }
        }
        "dcim.rack" => {
            item.text("serial_number", text("/serial"));
            item.text("asset_tag", text("/asset_tag"));
            item.set("height", fields.get("u_height").and_then(Json::as_i64).map(Value::Integer));
        }
        "dcim.site" => item.text("address", text("/physical_address")),
        "ipam.prefix" => item.text("cidr", text("/prefix")),
        "circuits.circuit" => item.text("circuit_id", text("/cid")),
        "tenancy.contact" => {
            item.text("email", text("/email"));
            item.text("phone", text("/phone"));
        }
        _ => {}
    }
}
