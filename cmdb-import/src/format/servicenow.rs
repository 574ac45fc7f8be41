//! ServiceNow: table exports of configuration items and of `cmdb_rel_ci`, as the Table API and JSON exports write them.
//!
//! An item's id is its `sys_id`. A relation reads from left to right, `parent verb child`; its type must be exported
//! with its name (`sysparm_display_value=all` or `true`), because a bare sys_id says nothing.

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out, own_class};
use crate::sniff::Keys;
use crate::{Sink, records, tree};
use cmdb_core::Result;
use cmdb_core::model::Value;
use serde_json::Value as Json;
use smol_str::SmolStr;

pub(super) struct ServiceNow;

impl Format for ServiceNow {
    fn name(&self) -> &'static str {
        "servicenow"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let Some(keys) = Keys::of(head) else { return false };
        let list = ["result", "records"].iter().find_map(|key| keys.value(key));
        let first = list.and_then(Keys::of_first);
        first.is_some_and(|f| {
            f.has("sys_id") || f.has_all(&["parent", "child", "type"]) || f.has("sys_class_name")
        })
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("servicenow", input, sink, |intake, source, file| {
            records::each(intake, source, file, &["result", "records"], &mut record).map(drop)
        })
    }
}

fn record(intake: &mut Intake<'_>, row: u64, json: Json) -> Result<()> {
    let is_relation = ["parent", "child", "type"].iter().all(|field| json.get(*field).is_some());
    if is_relation && value(&json, "sys_class_name").is_none_or(|class| class == "cmdb_rel_ci") {
        return relation(intake, row, &json);
    }
    let (Some(id), Some(class)) = (value(&json, "sys_id"), value(&json, "sys_class_name")) else {
        intake.complain(
            row,
            None,
            "servicenow.no-id",
            "the record has no sys_id or no sys_class_name; export both",
        );
        return Ok(());
    };
    let mut item =
        Item::new(class_of(class), id).name(shown(&json, "name").or_else(|| shown(&json, "number")));
    item.set("status", status(&json).map(Value::text));
    item.text("servicenow.class", Some(class));
    for (attribute, field) in [
        ("description", "short_description"),
        ("serial_number", "serial_number"),
        ("asset_tag", "asset_tag"),
        ("manufacturer", "manufacturer"),
        ("model", "model_id"),
        ("ip_address", "ip_address"),
        ("mac_address", "mac_address"),
        ("fqdn", "fqdn"),
        ("operating_system", "os"),
        ("cpu_count", "cpu_count"),
        ("memory", "ram"),
    ] {
        if fits(&item, class, attribute) {
            item.text(attribute, shown(&json, field));
        }
    }
    let mut fields = serde_json::Map::new();
    for (field, _) in tree::entries(&json, "") {
        fields.extend(shown(&json, field).map(|text| (field.to_owned(), Json::from(text))));
    }
    item.rest("", &Json::Object(fields), &["name", "sys_id", "sys_class_name"]);
    intake.item(row, item)
}

fn relation(intake: &mut Intake<'_>, row: u64, json: &Json) -> Result<()> {
    let (Some(parent), Some(child)) = (value(json, "parent"), value(json, "child")) else {
        intake.complain(row, None, "servicenow.no-end", "the relation has no parent or no child");
        return Ok(());
    };
    let Some(verbs) = shown(json, "type").filter(|text| text.contains("::")) else {
        let message = "the relation's type is a sys_id, which does not say what it means; export with sysparm_display_value=all";
        intake.complain(row, Some("type"), "servicenow.no-type", message);
        return Ok(());
    };
    let verb = verbs.split("::").next().unwrap_or(verbs).trim().to_lowercase();
    let (relationship, reversed) = match verb.as_str() {
        "depends on" | "provided by" => ("depends_on", false),
        "runs on" | "virtualized by" | "instantiated by" => ("runs_on", false),
        "hosted on" => ("hosted_on", false),
        "contains" => ("contains", false),
        "connects to" => ("connects_to", false),
        "uses" => ("uses", false),
        "powered by" => ("powered_by", false),
        "located in" => ("located_in", false),
        "provides" => ("provides", false),
        "managed by" => ("manages", true),
        "manages" => ("manages", false),
        "runs" | "virtualizes" => ("runs_on", true),
        "hosts" => ("hosts", false),
        "used by" => ("depends_on", true),
        "exchanges data with" | "related to" | "relates to" => ("relates_to", false),
        "members" | "cluster of" => {
            let group = [("group", Value::text("members")), ("needs", Value::text("1"))];
            return intake.relate_with(row, parent, "composed_of", child, group.into());
        }
        "member of" => ("member_of", false),
        other => {
            let own = other.split_whitespace().collect::<Vec<_>>().join("_");
            return intake.relate(row, parent, &own, child);
        }
    };
    let (source, target) = if reversed { (child, parent) } else { (parent, child) };
    intake.relate(row, source, relationship, target)
}

/// The stored value of a field, however it is wrapped.
fn value<'j>(json: &'j Json, field: &str) -> Option<&'j str> {
    let found = json.get(field)?;
    let text = found.as_str().or_else(|| found.get("value")?.as_str());
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// The field as a person reads it: a reference by its name where the export has one.
fn shown<'j>(json: &'j Json, field: &str) -> Option<&'j str> {
    let found = json.get(field)?;
    let text = found
        .as_str()
        .or_else(|| found.get("display_value")?.as_str())
        .or_else(|| found.get("value")?.as_str());
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn status(json: &Json) -> Option<&'static str> {
    let word = value(json, "operational_status").map(str::to_lowercase).unwrap_or_default();
    let installed = value(json, "install_status").map(str::to_lowercase).unwrap_or_default();
    match (word.as_str(), installed.as_str()) {
        ("6" | "retired", _) | (_, "7" | "retired") => Some("retired"),
        ("1" | "operational", _) => Some("operational"),
        ("2" | "non-operational" | "3" | "repair in progress", _) => Some("in_maintenance"),
        ("5" | "ready", _) | (_, "6" | "in stock") => Some("in_stock"),
        _ => None,
    }
}

fn class_of(class: &str) -> SmolStr {
    let short = class.strip_prefix("cmdb_ci_").unwrap_or(class);
    SmolStr::new_static(match short {
        s if s.ends_with("_server") && !s.starts_with("app_") && !s.starts_with("web_") => "Server",
        "server" => "Server",
        "esx_server" | "hyper_v_server" => "Hypervisor",
        "vm_instance" | "vmware_instance" | "vm_object" | "ec2_instance" => "VirtualMachine",
        "computer" | "pc_hardware" => "Workstation",
        "business_app" | "application" => "Application",
        "appl" | "app_server" | "web_server" | "appl_dot_net" | "app_server_tomcat" => "ApplicationInstance",
        s if s.starts_with("db_") && s.ends_with("_instance") => "Database",
        "database" | "db_instance" | "db_catalog" => "Database",
        "service" | "service_business" | "service_auto" | "service_discovered" => "BusinessService",
        "service_technical" => "TechnicalService",
        "lb" | "lb_appliance" | "lb_bigip" => "LoadBalancer",
        "ip_switch" => "Switch",
        "ip_router" => "Router",
        "ip_firewall" => "Firewall",
        "rack" => "Rack",
        "datacenter" => "Site",
        "ups" => "UninterruptiblePowerSupply",
        "printer" => "Printer",
        "storage_server" | "storage_array" => "StorageArray",
        "storage_volume" => "StorageVolume",
        "kubernetes_cluster" => "KubernetesCluster",
        other => return own_class("ServiceNow", other),
    })
}

/// Whether the class of the catalogue has an attribute; a class of ServiceNow's own takes any.
fn fits(_: &Item, class: &str, attribute: &str) -> bool {
    let hardware = ["serial_number", "asset_tag", "manufacturer", "model", "mac_address"];
    let computes = ["operating_system", "cpu_count", "memory"];
    match class_of(class).as_str() {
        "Server" | "Hypervisor" | "VirtualMachine" | "Workstation" => true,
        "Printer" => attribute != "os",
        "Switch"
        | "Router"
        | "Firewall"
        | "LoadBalancer"
        | "Rack"
        | "Site"
        | "UninterruptiblePowerSupply"
        | "StorageArray"
        | "StorageVolume"
        | "KubernetesCluster" => !computes.contains(&attribute),
        "Application" | "ApplicationInstance" | "Database" => {
            !hardware.contains(&attribute) && !computes.contains(&attribute)
        }
        _ => attribute == "description",
    }
}
