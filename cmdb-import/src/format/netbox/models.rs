//! What a NetBox object is: its model, from wherever that is said, and the class it becomes.

use super::cables::Cables;
use super::fields;
use crate::intake::own_class;
use crate::tree;
use serde_json::Value as Json;
use smol_str::SmolStr;

const APPS: [&str; 10] =
    ["circuits", "dcim", "extras", "ipam", "tenancy", "virtualization", "wireless", "vpn", "users", "core"];

/// Whether a dump's model is one of NetBox's.
pub(super) fn is_model(text: &str) -> bool {
    text.split_once('.').is_some_and(|(app, _)| APPS.contains(&app))
}

/// A model as generic references write it: `dcim.interface` or `["dcim", "interface"]`.
pub(super) fn written(json: &Json) -> Option<String> {
    match json {
        Json::String(text) if is_model(text) => Some(text.clone()),
        Json::Array(parts) => match parts.as_slice() {
            [Json::String(app), Json::String(model)] => Some(format!("{app}.{model}")),
            _ => None,
        },
        _ => None,
    }
}

/// The model of an endpoint in a link: `/api/dcim/device-types/3/` → `dcim.devicetype`.
pub(super) fn of_url(url: &str) -> Option<String> {
    let (_, path) = url.split_once("/api/")?;
    let mut parts = path.split('/');
    let (app, endpoint) = (parts.next()?, parts.next()?);
    APPS.contains(&app).then(|| of_endpoint(app, endpoint))
}

fn of_endpoint(app: &str, endpoint: &str) -> String {
    let plural: String = endpoint.chars().filter(|c| !matches!(c, '-' | '_')).collect();
    let singular = match plural.as_str() {
        "virtualchassis" => "virtualchassis",
        p if p.ends_with("sses") || p.ends_with("ixes") => &p[..p.len() - 2],
        p if p.ends_with("ies") => return format!("{app}.{}y", &p[..p.len() - 3]),
        p => p.strip_suffix('s').unwrap_or(p),
    };
    match (app, singular) {
        ("virtualization", "interface") => "virtualization.vminterface".to_owned(),
        (app, model) => format!("{app}.{model}"),
    }
}

/// Old answers of some endpoints say nothing about themselves; their files are named `dcim_manufacturers.json`.
pub(super) fn of_file_name(file: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 12] = [
        ("circuits_circuit_type", "circuits.circuittype"),
        ("circuits_provider", "circuits.provider"),
        ("dcim_manufacturer", "dcim.manufacturer"),
        ("dcim_device_role", "dcim.devicerole"),
        ("dcim_rack_role", "dcim.rackrole"),
        ("dcim_platform", "dcim.platform"),
        ("dcim_region", "dcim.region"),
        ("dcim_site", "dcim.site"),
        ("tenancy_tenant_group", "tenancy.tenantgroup"),
        ("tenancy_tenant", "tenancy.tenant"),
        ("tenancy_contact", "tenancy.contact"),
        ("virtualization_cluster_type", "virtualization.clustertype"),
    ];
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file).replace('-', "_");
    KNOWN.iter().find(|(start, _)| name.starts_with(start)).map(|(_, model)| *model)
}

/// The model of a REST object: by its own link, else by the fields that only one model has.
pub(super) fn of_object(json: &Json) -> Option<String> {
    const BY_FIELDS: [(&str, &[&str]); 15] = [
        ("dcim.cable", &["termination_a_type", "termination_b_type"]),
        ("dcim.cable", &["a_terminations", "b_terminations"]),
        ("dcim.device", &["device_type", "site"]),
        ("dcim.devicetype", &["manufacturer", "model", "u_height"]),
        ("dcim.powerport", &["device", "power_outlet"]),
        ("dcim.interface", &["device", "form_factor"]),
        ("dcim.interface", &["device", "mgmt_only"]),
        ("dcim.rack", &["site", "u_height"]),
        ("dcim.site", &["physical_address", "slug"]),
        ("circuits.circuittermination", &["circuit", "term_side"]),
        ("circuits.circuit", &["cid", "provider"]),
        ("circuits.provider", &["slug", "noc_contact"]),
        ("tenancy.tenant", &["slug", "group", "custom_fields"]),
        ("virtualization.virtualmachine", &["cluster", "vcpus"]),
        ("ipam.prefix", &["prefix", "vrf", "is_pool"]),
    ];
    let has = |fields: &[&str]| fields.iter().all(|field| json.get(field).is_some());
    tree::text(json, "/url")
        .and_then(of_url)
        .or_else(|| BY_FIELDS.iter().find(|(_, fields)| has(fields)).map(|(model, _)| (*model).to_owned()))
}

/// The class of an object; a device's is told by its role, since NetBox has one model for all of them.
pub(super) fn class(model: &str, fields: &Json, cables: &Cables) -> SmolStr {
    SmolStr::new_static(match model {
        "dcim.device" => {
            let role = ["role", "device_role"].iter().find_map(|field| fields.get(*field));
            let name = role.and_then(|role| {
                let named =
                    tree::text(role, "/name").or_else(|| tree::text(role, "/slug")).map(str::to_owned);
                named.or_else(|| cables.role(fields::number(Some(role))?.as_str()).map(str::to_owned))
            });
            return of_role(name.as_deref().unwrap_or(""));
        }
        "virtualization.virtualmachine" => "VirtualMachine",
        "virtualization.cluster" => "HypervisorCluster",
        "dcim.site" => "Site",
        "dcim.location" => "Room",
        "dcim.rack" => "Rack",
        "dcim.powerfeed" => "PowerUnit",
        "circuits.circuit" => "NetworkCircuit",
        "circuits.provider" | "dcim.manufacturer" => "Supplier",
        "tenancy.tenant" => "Organization",
        "tenancy.contact" => "Person",
        "ipam.prefix" => "Subnet",
        "dcim.devicetype" => "DeviceType",
        "dcim.devicerole" => "DeviceRole",
        "virtualization.vminterface" => "VirtualInterface",
        "dcim.interface" => "NetworkInterface",
        "ipam.ipaddress" => "IpAddress",
        "ipam.vlan" => "Vlan",
        other => return own_class("NetBox", &words(other.split_once('.').map_or(other, |(_, model)| model))),
    })
}

/// The words of a model's name, which NetBox writes together: `powerporttemplate` → `power port template`.
fn words(model: &str) -> String {
    const WORDS: [&str; 22] = [
        "circuit",
        "cluster",
        "console",
        "contact",
        "custom",
        "device",
        "front",
        "interface",
        "module",
        "power",
        "provider",
        "rack",
        "rear",
        "route",
        "site",
        "tenant",
        "virtual",
        "vlan",
        "port",
        "bay",
        "server",
        "ip",
    ];
    let mut out = String::new();
    let mut rest = model;
    while let Some(word) = WORDS.iter().find(|word| rest.starts_with(**word)) {
        out.push_str(word);
        out.push(' ');
        rest = &rest[word.len()..];
    }
    out + rest
}

/// The class of a device by the words in its role's name.
fn of_role(role: &str) -> SmolStr {
    const WORDS: [(&str, &str); 16] = [
        ("patch", "PatchPanel"),
        ("firewall", "Firewall"),
        ("load balanc", "LoadBalancer"),
        ("load-balanc", "LoadBalancer"),
        ("access point", "WirelessAccessPoint"),
        ("access-point", "WirelessAccessPoint"),
        ("wireless", "WirelessAccessPoint"),
        ("switch", "Switch"),
        ("spine", "Switch"),
        ("leaf", "Switch"),
        ("router", "Router"),
        ("pdu", "PowerUnit"),
        ("ups", "UninterruptiblePowerSupply"),
        ("hypervisor", "Hypervisor"),
        ("storage", "StorageArray"),
        ("server", "Server"),
    ];
    let role = role.to_lowercase();
    SmolStr::new_static(
        WORDS.iter().find(|(word, _)| role.contains(word)).map_or("Device", |(_, class)| class),
    )
}
