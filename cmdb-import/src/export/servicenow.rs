//! ServiceNow: the payload of its Identification and Reconciliation API (`POST /api/now/identifyreconcile`).
//!
//! Relations name their ends by index into `items`, so the indexes are kept: 100,000 items at most, which is also more
//! than one request of theirs should carry. Reads the other way round from the importer of their table exports.

use super::graph::{edges, node_columns, nodes};
use super::text::plain;
use super::{Exporter, Holds, Tables};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;
use std::io::{self, Write};

pub(super) struct ServiceNow;

/// Items of one payload at most.
const ITEMS_MAX: u64 = 100_000;

impl Exporter for ServiceNow {
    fn name(&self) -> &'static str {
        "servicenow"
    }

    fn media(&self) -> &'static str {
        "application/json"
    }

    fn holds(&self) -> Holds {
        Holds::Graph
    }

    fn items_max(&self) -> Option<u64> {
        Some(ITEMS_MAX)
    }

    fn write(&self, tables: &dyn Tables, out: &mut dyn Write) -> io::Result<()> {
        let columns = node_columns(tables);
        let mut indexes: HashMap<String, usize> = HashMap::new();
        out.write_all(b"{\"items\":[")?;
        for (nth, node) in nodes(tables).enumerate() {
            let mut values = Map::new();
            values.insert("name".to_owned(), node.name.into());
            for (column, value) in columns.iter().zip(&node.rest) {
                let Some(value) = value else { continue };
                let text = plain(value);
                if *column == "status" {
                    values.extend(status(&text).map(|code| ("operational_status".to_owned(), code.into())));
                } else {
                    values.insert(field(column), text.into_owned().into());
                }
            }
            let item = json!({
                "className": table(&node.class),
                "internal_id": node.id,
                "values": values,
                "lookup": [],
                "related": [],
                "sys_object_source_info": { "source_name": "cmdb", "source_native_key": node.id },
            });
            line(nth, &item, out)?;
            indexes.insert(node.id, nth);
        }
        out.write_all(b"\n],\"relations\":[")?;
        let mut nth = 0;
        for edge in edges(tables) {
            let ends = (indexes.get(&edge.source), indexes.get(&edge.target));
            let (Some(source), Some(target)) = ends else { continue };
            let (words, reversed) = verb(&edge.kind);
            let (parent, child) = if reversed { (target, source) } else { (source, target) };
            line(nth, &json!({ "parent": parent, "child": child, "type": words }), out)?;
            nth += 1;
        }
        out.write_all(b"\n]}\n")
    }
}

fn line(nth: usize, value: &Json, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(if nth == 0 { "\n" } else { ",\n" }.as_bytes())?;
    serde_json::to_writer(&mut *out, value)?;
    Ok(())
}

/// Their column for an attribute of ours, where they have one of the same meaning.
fn field(attribute: &str) -> String {
    match attribute {
        "description" => "short_description",
        "model" => "model_id",
        "operating_system" => "os",
        "memory" => "ram",
        "disk" => "disk_space",
        "criticality" => "busines_criticality",
        own => own.strip_prefix("servicenow.").unwrap_or(own),
    }
    .to_owned()
}

/// `operational_status` by its code.
fn status(status: &str) -> Option<&'static str> {
    match status {
        "operational" => Some("1"),
        "in_maintenance" => Some("3"),
        "in_stock" => Some("5"),
        "retired" => Some("6"),
        _ => None,
    }
}

/// Their table for a class; classes without one of their own are plain configuration items.
fn table(class: &str) -> &'static str {
    match class {
        "Server" => "cmdb_ci_server",
        "Hypervisor" => "cmdb_ci_esx_server",
        "VirtualMachine" => "cmdb_ci_vm_instance",
        "Workstation" => "cmdb_ci_computer",
        "Application" => "cmdb_ci_business_app",
        "ApplicationInstance" => "cmdb_ci_appl",
        "Database" => "cmdb_ci_db_instance",
        "BusinessService" => "cmdb_ci_service_business",
        "TechnicalService" => "cmdb_ci_service_technical",
        "LoadBalancer" => "cmdb_ci_lb",
        "Switch" => "cmdb_ci_ip_switch",
        "Router" => "cmdb_ci_ip_router",
        "Firewall" => "cmdb_ci_ip_firewall",
        "Rack" => "cmdb_ci_rack",
        "Site" => "cmdb_ci_datacenter",
        "UninterruptiblePowerSupply" => "cmdb_ci_ups",
        "Printer" => "cmdb_ci_printer",
        "StorageArray" => "cmdb_ci_storage_server",
        "StorageVolume" => "cmdb_ci_storage_volume",
        "KubernetesCluster" => "cmdb_ci_kubernetes_cluster",
        _ => "cmdb_ci",
    }
}

/// Their type for a relationship, and whether its ends change places.
fn verb(kind: &str) -> (&'static str, bool) {
    match kind {
        "depends_on" => ("Depends on::Used by", false),
        "runs_on" => ("Runs on::Runs", false),
        "hosted_on" => ("Hosted on::Hosts", false),
        "hosts" => ("Hosted on::Hosts", true),
        "contains" => ("Contains::Contained by", false),
        "connects_to" => ("Connects to::Connected by", false),
        "uses" => ("Uses::Used by", false),
        "powered_by" => ("Powered by::Powers", false),
        "located_in" => ("Located in::Houses", false),
        "provides" => ("Provides::Provided by", false),
        "manages" => ("Managed by::Manages", true),
        "composed_of" => ("Members::Member of", false),
        "member_of" => ("Members::Member of", true),
        _ => ("Related to::Related to", false),
    }
}
