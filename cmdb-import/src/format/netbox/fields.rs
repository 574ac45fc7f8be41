//! The fields of a NetBox object: references become relationships, choices their value, the rest attributes.

use super::models;
use crate::intake::{Intake, Item};
use crate::tree;
use cmdb_core::Result;
use serde_json::Value as Json;
use smol_str::SmolStr;

/// How a field refers: its target where the value is only a number, the relationship, and whether it is turned round.
struct Reference {
    field: &'static str,
    target: &'static str,
    relationship: &'static str,
    reversed: bool,
}

const fn to(field: &'static str, target: &'static str, relationship: &'static str) -> Reference {
    Reference { field, target, relationship, reversed: false }
}

const fn of(field: &'static str, target: &'static str) -> Reference {
    Reference { field, target, relationship: "contains", reversed: true }
}

/// Where two models use one field for different targets, [`target`] decides.
const REFERENCES: [Reference; 42] = [
    to("site", "dcim.site", "located_in"),
    to("location", "dcim.location", "located_in"),
    to("rack", "dcim.rack", "located_in"),
    to("region", "dcim.region", "located_in"),
    to("tenant", "tenancy.tenant", "owned_by"),
    to("device_type", "dcim.devicetype", "relates_to"),
    to("module_type", "dcim.moduletype", "relates_to"),
    to("role", "dcim.devicerole", "relates_to"),
    to("device_role", "dcim.devicerole", "relates_to"),
    to("platform", "dcim.platform", "relates_to"),
    to("manufacturer", "dcim.manufacturer", "supplied_by"),
    to("provider", "circuits.provider", "supplied_by"),
    to("provider_network", "circuits.providernetwork", "depends_on"),
    to("type", "circuits.circuittype", "relates_to"),
    to("group", "dcim.sitegroup", "part_of"),
    to("parent", "dcim.region", "part_of"),
    to("parent_device", "dcim.device", "located_in"),
    to("cluster", "virtualization.cluster", "runs_on"),
    to("virtual_chassis", "dcim.virtualchassis", "member_of"),
    to("master", "dcim.device", "relates_to"),
    of("device", "dcim.device"),
    of("virtual_machine", "virtualization.virtualmachine"),
    of("circuit", "circuits.circuit"),
    to("module", "dcim.module", "part_of"),
    to("module_bay", "dcim.modulebay", "located_in"),
    to("rear_port", "dcim.rearport", "depends_on"),
    to("power_port", "dcim.powerport", "powered_by"),
    to("power_panel", "dcim.powerpanel", "powered_by"),
    to("lag", "dcim.interface", "part_of"),
    to("bridge", "dcim.interface", "relates_to"),
    to("untagged_vlan", "ipam.vlan", "relates_to"),
    to("tagged_vlans", "ipam.vlan", "relates_to"),
    to("vlan", "ipam.vlan", "part_of"),
    to("vrf", "ipam.vrf", "part_of"),
    to("rir", "ipam.rir", "relates_to"),
    to("import_targets", "ipam.routetarget", "relates_to"),
    to("export_targets", "ipam.routetarget", "relates_to"),
    to("nat_inside", "ipam.ipaddress", "relates_to"),
    to("connected_interface", "dcim.interface", "cabled_to"),
    to("oob_ip", "ipam.ipaddress", "relates_to"),
    to("primary_ip4", "ipam.ipaddress", "relates_to"),
    to("primary_ip6", "ipam.ipaddress", "relates_to"),
];

/// Fields that a database keeps for itself, or that say again what another one says.
const UNKEPT: [&str; 6] = ["_name", "_nodes", "_path", "lft", "rght", "tree_id"];

/// Emits the references and gives the rest to the item.
pub(super) fn take(
    intake: &mut Intake<'_>,
    item: &mut Item,
    row: u64,
    model: &str,
    id: &str,
    fields: &Json,
) -> Result<()> {
    let mut rest = serde_json::Map::new();
    for (field, value) in tree::entries(fields, "") {
        if UNKEPT.contains(&field) {
            intake.note(row, "note.derived", field);
            continue;
        }
        let reference = REFERENCES
            .iter()
            .find(|r| r.field == field)
            .filter(|_| model != "dcim.cable" || field == "tenant");
        if let Some(reference) = reference {
            let values = match value {
                Json::Array(values) => values.as_slice(),
                one => std::slice::from_ref(one),
            };
            for one in values {
                refer(intake, row, model, id, reference, one)?;
            }
        }
        let is_number = reference.is_some()
            && (value.is_number() || value.as_array().is_some_and(|l| l.iter().all(Json::is_number)));
        if !is_number {
            rest.insert(field.to_owned(), plain(value));
        }
    }
    item.rest("", &Json::Object(rest), &["id", "name", "description"]);
    let assigned = fields.get("assigned_object_type").and_then(models::written);
    if let (Some(kind), Some(number)) = (assigned, number(fields.get("assigned_object_id"))) {
        intake.relate(row, id, "relates_to", &format!("{kind}/{number}"))?;
    }
    Ok(())
}

fn refer(
    intake: &mut Intake<'_>,
    row: u64,
    model: &str,
    id: &str,
    reference: &Reference,
    one: &Json,
) -> Result<()> {
    let Some(number) = number(Some(one)) else { return Ok(()) };
    // `circuits.circuit.type` and `virtualization.cluster.type` refer, `dcim.cable.type` is a word.
    let stated = tree::text(one, "/url").and_then(models::of_url);
    let target = stated.unwrap_or_else(|| target(model, reference).to_owned());
    let other = format!("{target}/{number}");
    let relationship = match (model, reference.field) {
        ("dcim.device", "cluster") => "member_of",
        ("virtualization.virtualmachine", "device") => return intake.relate(row, id, "runs_on", &other),
        ("ipam.vlan" | "ipam.prefix" | "ipam.vlangroup", "site") => "part_of",
        (model, "parent") if model.starts_with("tenancy.contact") => "relates_to",
        (model, "group") if model.starts_with("tenancy.") => "relates_to",
        ("dcim.location", "parent") => "located_in",
        _ => reference.relationship,
    };
    match reference.reversed {
        true => intake.relate(row, &other, relationship, id),
        false => intake.relate(row, id, relationship, &other),
    }
}

/// The target of a reference that is a bare number.
fn target(model: &str, reference: &Reference) -> &'static str {
    match (model, reference.field) {
        ("virtualization.cluster", "type") => "virtualization.clustertype",
        ("virtualization.cluster", "group") => "virtualization.clustergroup",
        ("tenancy.tenant", "group") => "tenancy.tenantgroup",
        ("tenancy.contact", "group") => "tenancy.contactgroup",
        ("ipam.vlan", "group") => "ipam.vlangroup",
        ("ipam.vlan" | "ipam.prefix" | "ipam.iprange", "role") => "ipam.role",
        ("dcim.rack", "role") => "dcim.rackrole",
        ("dcim.sitegroup", "parent") => "dcim.sitegroup",
        ("dcim.location", "parent") => "dcim.location",
        ("dcim.interface", "parent") => "dcim.interface",
        ("virtualization.vminterface", "parent" | "bridge") => "virtualization.vminterface",
        ("tenancy.tenantgroup", "parent") => "tenancy.tenantgroup",
        ("tenancy.contactgroup", "parent") => "tenancy.contactgroup",
        ("dcim.frontporttemplate", "rear_port") => "dcim.rearporttemplate",
        ("dcim.poweroutlettemplate", "power_port") => "dcim.powerporttemplate",
        _ => reference.target,
    }
}

/// The number that a reference names, whether it is a bare one or a nested object.
pub(super) fn number(json: Option<&Json>) -> Option<SmolStr> {
    match json? {
        Json::Number(n) => Some(SmolStr::from(n.to_string())),
        Json::Object(object) => match object.get("id")? {
            // A choice may have an id too; only references have a link or a name.
            Json::Number(n) if !object.contains_key("value") => Some(SmolStr::from(n.to_string())),
            _ => None,
        },
        _ => None,
    }
}

/// The word of a choice: its value where that is a text, else its label, since old servers number them.
pub(super) fn choice(json: Option<&Json>) -> Option<&str> {
    match json? {
        Json::String(text) => Some(text.as_str()),
        object => tree::text(object, "/value").or_else(|| tree::text(object, "/label")),
    }
}

/// A value without NetBox's wrappings: a choice is its word, a reference the name of what it refers to.
fn plain(json: &Json) -> Json {
    match json {
        Json::Object(object) if object.contains_key("value") && object.contains_key("label") => {
            choice(Some(json)).map_or(Json::Null, Json::from)
        }
        Json::Object(object) if object.contains_key("id") && object.len() > 1 => {
            let names = ["/name", "/display", "/address", "/cid", "/model", "/label", "/slug"];
            match names.iter().find_map(|pointer| tree::text(json, pointer)) {
                Some(name) => Json::from(name),
                None => json.clone(),
            }
        }
        other => other.clone(),
    }
}
