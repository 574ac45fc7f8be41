//! What people call their columns, and how names are compared.

/// A name in lower case, its words parted by single spaces: `Serial No.`, `serialNo` and `SERIAL_NO` are one.
pub(super) fn plain(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_alphanumeric() {
            let begins = c.is_uppercase() && before.is_lowercase();
            if begins && !out.ends_with(' ') {
                out.push(' ');
            }
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        before = c;
    }
    out.trim_end().to_owned()
}

/// A name as an attribute is written: `cost_centre`.
pub(super) fn snake(name: &str) -> String {
    plain(name).replace(' ', "_")
}

/// What a plain header means: an attribute or one of the columns that are none.
pub(super) fn meaning(plain: &str) -> Option<&'static str> {
    SYNONYMS.iter().find(|(_, words)| words.contains(&plain)).map(|(to, _)| *to)
}

/// A relationship that a plain header means: its type and the class of the other end.
pub(super) fn link(plain: &str) -> Option<(&'static str, &'static str)> {
    LINKS.iter().find(|(words, ..)| words.contains(&plain)).map(|(_, kind, class)| (*kind, *class))
}

/// The status that a plain word means.
pub(super) fn status(plain: &str) -> Option<&'static str> {
    STATUSES.iter().find(|(_, words)| words.contains(&plain)).map(|(status, _)| *status)
}

const SYNONYMS: [(&str, &[&str]); 24] = [
    (
        "name",
        &[
            "name",
            "hostname",
            "host name",
            "host",
            "computer name",
            "computer",
            "device name",
            "device",
            "server name",
            "server",
            "ci name",
            "ci",
            "asset name",
            "machine",
            "machine name",
            "node",
            "node name",
            "vm name",
            "vm",
            "system name",
            "rechnername",
            "gerätename",
            "servername",
            "nom",
        ],
    ),
    (
        "id",
        &[
            "id",
            "key",
            "ci id",
            "sys id",
            "asset id",
            "object id",
            "identifier",
            "record id",
            "primary key",
            "device id",
            "uid",
        ],
    ),
    (
        "class",
        &[
            "class",
            "type",
            "ci type",
            "ci class",
            "asset type",
            "device type",
            "category",
            "kind",
            "object type",
            "typ",
            "klasse",
        ],
    ),
    (
        "status",
        &[
            "status",
            "state",
            "lifecycle",
            "life cycle",
            "operational status",
            "install status",
            "lifecycle status",
            "zustand",
        ],
    ),
    (
        "serial_number",
        &[
            "serial number",
            "serial",
            "serial no",
            "serialnumber",
            "s n",
            "sn",
            "service tag",
            "seriennummer",
            "serial num",
            "serialno",
        ],
    ),
    (
        "asset_tag",
        &[
            "asset tag",
            "assettag",
            "inventory number",
            "inventory no",
            "asset number",
            "asset no",
            "inventarnummer",
            "tag number",
        ],
    ),
    ("manufacturer", &["manufacturer", "vendor", "make", "brand", "hersteller", "maker", "fabricant"]),
    (
        "model",
        &["model", "product", "model name", "product name", "modell", "hardware model", "machine type"],
    ),
    ("firmware_version", &["firmware", "firmware version", "bios version", "bios", "fw"]),
    (
        "ip_address",
        &[
            "ip address",
            "ip",
            "ipv4",
            "ip addr",
            "ipaddress",
            "primary ip",
            "ip adresse",
            "management ip",
            "mgmt ip",
        ],
    ),
    (
        "mac_address",
        &["mac address", "mac", "macaddress", "mac addr", "hardware address", "physical address"],
    ),
    ("fqdn", &["fqdn", "dns name", "dns", "full name", "fully qualified domain name"]),
    (
        "warranty_until",
        &[
            "warranty until",
            "warranty end",
            "warranty expiration",
            "warranty expires",
            "warranty",
            "garantie bis",
            "end of warranty",
        ],
    ),
    ("memory", &["memory", "ram", "main memory", "arbeitsspeicher", "memory size", "ram size"]),
    (
        "cpu_count",
        &[
            "cpu count",
            "cpus",
            "cpu",
            "cores",
            "vcpu",
            "vcpus",
            "cpu cores",
            "number of cpus",
            "processors",
            "core count",
        ],
    ),
    ("cpu_speed", &["cpu speed", "clock", "clock rate", "cpu frequency"]),
    ("disk", &["disk", "disk space", "disk size", "storage", "hdd", "disk capacity", "festplatte"]),
    (
        "operating_system",
        &["operating system", "os", "os name", "os version", "betriebssystem", "platform", "système"],
    ),
    ("environment", &["environment", "env", "stage", "umgebung"]),
    (
        "description",
        &[
            "description",
            "comment",
            "comments",
            "notes",
            "note",
            "remark",
            "remarks",
            "beschreibung",
            "bemerkung",
            "short description",
        ],
    ),
    ("criticality", &["criticality", "business criticality", "importance", "kritikalität", "tier"]),
    ("version", &["version", "release", "software version"]),
    ("rack_position", &["rack position", "rack unit", "u position", "position", "he"]),
    ("power_draw", &["power draw", "power", "watt", "power consumption", "leistung"]),
];

const LINKS: [(&[&str], &str, &str); 12] = [
    (
        &["runs on", "hypervisor", "esx host", "esxi host", "vm host", "host server", "parent host"],
        "runs_on",
        "Hypervisor",
    ),
    (&["cluster", "cluster name", "vcenter cluster"], "runs_on", "HypervisorCluster"),
    (&["site", "location", "standort", "campus", "office", "branch", "lieu"], "located_in", "Site"),
    (&["building", "gebäude"], "located_in", "Building"),
    (&["room", "server room", "raum", "salle"], "located_in", "Room"),
    (&["rack", "cabinet", "schrank"], "located_in", "Rack"),
    (
        &["data center", "data centre", "datacenter", "datacentre", "dc", "rechenzentrum"],
        "located_in",
        "DataCentre",
    ),
    (&["depends on", "dependencies", "dependency", "requires", "needs"], "depends_on", ""),
    (&["application", "application name", "app", "used by application"], "provides", "Application"),
    (&["connected to", "switch", "uplink", "connects to"], "connects_to", "Switch"),
    (
        &["owner team", "owning team", "team", "owned by team", "support group", "assignment group"],
        "owned_by",
        "Team",
    ),
    (
        &["owner", "owned by", "responsible", "contact", "verantwortlich", "managed by", "system owner"],
        "owned_by",
        "Person",
    ),
];

const STATUSES: [(&str, &[&str]); 7] = [
    (
        "operational",
        &[
            "operational",
            "live",
            "active",
            "production",
            "in production",
            "in use",
            "installed",
            "running",
            "up",
            "online",
            "deployed",
            "in service",
            "enabled",
            "aktiv",
            "in betrieb",
            "prod",
            "1",
        ],
    ),
    (
        "planned",
        &["planned", "ordered", "on order", "pending install", "geplant", "reserved", "staged", "staging"],
    ),
    (
        "in_build",
        &["in build", "building", "in progress", "under construction", "being built", "provisioning"],
    ),
    ("in_stock", &["in stock", "stock", "spare", "inventory", "available", "lager", "in storage", "storage"]),
    (
        "in_maintenance",
        &["in maintenance", "maintenance", "repair", "in repair", "broken", "failed", "wartung", "defekt"],
    ),
    (
        "retired",
        &[
            "retired",
            "decommissioned",
            "decommissioning",
            "inactive",
            "offline",
            "end of life",
            "eol",
            "out of service",
            "ausser betrieb",
        ],
    ),
    ("disposed", &["disposed", "scrapped", "sold", "destroyed", "stolen", "lost", "missing", "verschrottet"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_spellings_are_one() {
        for name in ["Serial No.", "serialNo", "SERIAL_NO", " serial-no "] {
            assert_eq!(plain(name), "serial no", "{name}");
        }
        assert_eq!(
            (snake("Cost Centre"), meaning("seriennummer")),
            ("cost_centre".to_owned(), Some("serial_number"))
        );
    }
}
