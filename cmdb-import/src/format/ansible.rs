//! Ansible facts: what `setup` gathered of one host, as `--tree` and fact caches write it; the file is named after the
//! host. A host that could not be reached is said, and nothing else changes about it.

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out};
use crate::sniff::Keys;
use crate::{Sink, records, tree};
use cmdb_core::Result;
use cmdb_core::model::Value;
use serde_json::Value as Json;

pub(super) struct Ansible;

/// What firmware and tools write where nobody entered anything.
const NO_SERIALS: [&str; 9] = [
    "na",
    "n/a",
    "none",
    "0",
    "0123456789",
    "to be filled by o.e.m.",
    "not specified",
    "default string",
    "system serial number",
];

impl Format for Ansible {
    fn name(&self) -> &'static str {
        "ansible"
    }
    fn observes(&self) -> bool {
        true
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let Some(keys) = Keys::of(head) else { return false };
        let failed =
            keys.has("changed") && keys.has("msg") && (keys.has("unreachable") || keys.has("failed"));
        keys.has("ansible_facts")
            || failed
            || keys.names().filter(|name| name.starts_with("ansible_")).count() > 2
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        let name = input.file.rsplit(['/', '\\']).next().unwrap_or_default();
        let host = name.strip_suffix(".json").unwrap_or(name).to_owned();
        lay_out("ansible", input, sink, |intake, source, file| {
            let mut take = |intake: &mut Intake<'_>, row, json| facts(intake, row, &host, json);
            records::each(intake, source, file, &[], &mut take).map(drop)
        })
    }
}

fn facts(intake: &mut Intake<'_>, row: u64, host: &str, json: Json) -> Result<()> {
    let facts = json.get("ansible_facts").unwrap_or(&json);
    let gathered = facts.as_object().is_some_and(|map| map.keys().any(|key| key.starts_with("ansible_")));
    if !gathered {
        let why = tree::text(&json, "/msg").unwrap_or("no facts");
        let how = if json.get("unreachable") == Some(&Json::Bool(true)) { "unreachable" } else { "failed" };
        intake.note(row, "note.host", format!("{host} was {how} and is left as it is: {}", why.trim()));
        return Ok(());
    }
    let text = |pointer| tree::text(facts, pointer);
    let real = |pointer| text(pointer).filter(|t| !NO_SERIALS.contains(&t.trim().to_lowercase().as_str()));
    let mut item = Item::new("Server", host).name(Some(host));
    item.text("fqdn", text("/ansible_fqdn").filter(|name| !name.starts_with("localhost")));
    let address = text("/ansible_default_ipv4/address")
        .or_else(|| text("/ansible_all_ipv4_addresses/0"))
        .or_else(|| text("/ansible_ip_addresses/0"));
    item.text("ip_address", address);
    item.text("mac_address", text("/ansible_default_ipv4/macaddress"));
    let system = text("/ansible_os_name").map(str::to_owned).or_else(|| {
        let version = text("/ansible_distribution_version").unwrap_or("");
        Some(format!("{} {version}", text("/ansible_distribution")?))
    });
    item.text("operating_system", system);
    item.text("serial_number", real("/ansible_product_serial"));
    item.text("manufacturer", real("/ansible_system_vendor"));
    item.text("model", real("/ansible_product_name"));
    let whole = |pointer| facts.pointer(pointer).and_then(Json::as_i64);
    let memory =
        whole("/ansible_memtotal_mb").or_else(|| whole("/ansible_totalmem").map(|bytes| bytes / 1_048_576));
    item.set("memory", memory.map(Value::Integer));
    item.set("cpu_count", whole("/ansible_processor_vcpus").map(Value::Integer));
    item.rest("", facts, &["module_setup"]);
    if json.get("ansible_facts").is_some() {
        item.rest("", &json, &["ansible_facts", "changed"]);
    }
    intake.item(row, item)
}
