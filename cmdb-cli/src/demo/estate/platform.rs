//! What software is placed on: hypervisors, clusters, storage arrays and Kubernetes in the cloud.
//!
//! Placement is where redundancy is won or lost, so the builder of the software says where each machine goes.

use super::draft::{Draft, key};
use super::facilities::DataCentre;

/// Racks with production hosts, racks with hosts for everything else, and the old rack.
const RACKS_PRODUCTION: usize = 6;
const RACKS_HOSTS: usize = 8;
const RACK_OLD: usize = 9;
const HOSTS_PER_RACK: usize = 6;
const ARRAYS: usize = 5;
const DATASTORES: usize = 6;
const ZONES: [&str; 3] = ["a", "b", "c"];

pub const FRANKFURT: usize = 0;
pub const HAMBURG: usize = 1;

pub struct Platform {
    pub centres: Vec<DataCentre>,
    pub clusters: Vec<String>,
    pub arrays: Vec<String>,
    pub kubernetes: Vec<String>,
    pub backup: String,
    cursor: usize,
}

/// Where a machine goes.
#[derive(Clone, Copy)]
pub struct Spot {
    pub centre: usize,
    /// Number of the storage array of that data centre, from one.
    pub array: usize,
    pub host: Host,
}

#[derive(Clone, Copy)]
pub enum Host {
    /// The next production rack in turn: neighbours never share a rack.
    Production,
    /// The next host for staging and tests.
    Staging,
    /// One host by rack and slot.
    Fixed(usize, usize),
}

pub fn build(draft: &mut Draft, centres: Vec<DataCentre>) -> Platform {
    let backup =
        draft.item("BackupSystem", "backup-ham1-vault", &[("capacity", "900000"), ("retention", "35")]);
    draft.relate(&backup, "owned_by", &key("Team", "Storage and Backup"));
    centres[HAMBURG].racks[RACK_OLD].mount(draft, &backup);
    let mut clusters = Vec::new();
    let mut arrays = Vec::new();
    for centre in &centres {
        clusters.extend(add_hosts(draft, centre));
        arrays.extend((1..=ARRAYS).map(|number| add_array(draft, centre, number, &backup)));
    }
    for number in 1..=2 {
        let pair = [array_key("fra1", number), array_key("ham1", number)];
        draft.relate_with(&pair[0], "replicates_to", &pair[1], &[("mode", "asynchronous")]);
    }
    let kubernetes = add_cloud(draft);
    Platform { centres, clusters, arrays, kubernetes, backup, cursor: 0 }
}

impl Platform {
    /// Adds a virtual machine at a spot.
    pub fn machine(&mut self, draft: &mut Draft, name: &str, spot: Spot, environment: &str) -> String {
        let code = self.centres[spot.centre].code;
        let (rack, slot) = self.next_host(spot.host);
        let memory = ["8192", "16384", "32768"][draft.below(3) as usize];
        let system = ["Debian 12", "Debian 13", "RHEL 9"][draft.below(3) as usize];
        let attributes = [
            ("environment", environment),
            ("memory", memory),
            ("cpu_count", "4"),
            ("operating_system", system),
            ("availability", "0.999"),
            ("restore_minutes", "20"),
        ];
        let machine = draft.item("VirtualMachine", name, &attributes);
        draft.relate(&machine, "runs_on", &host_key(code, rack, slot));
        let datastore = 1 + self.cursor % DATASTORES;
        draft.relate(
            &machine,
            "stored_on",
            &key("StorageVolume", &datastore_name(code, spot.array, datastore)),
        );
        let centre = &self.centres[spot.centre];
        let production = environment == "production";
        let subnet = if production { &centre.subnet_production } else { &centre.subnet_staging };
        draft.relate(&machine, "connects_to", subnet);
        draft.relate(&machine, "owned_by", &key("Team", "Platform Engineering"));
        if production {
            draft.relate(&machine, "protected_by", &self.backup);
        }
        machine
    }

    fn next_host(&mut self, host: Host) -> (usize, usize) {
        self.cursor += 1;
        match host {
            Host::Fixed(rack, slot) => (rack, slot),
            Host::Production => {
                (1 + self.cursor % RACKS_PRODUCTION, 1 + (self.cursor / RACKS_PRODUCTION) % HOSTS_PER_RACK)
            }
            Host::Staging => {
                let racks = RACKS_HOSTS - RACKS_PRODUCTION;
                (RACKS_PRODUCTION + 1 + self.cursor % racks, 1 + (self.cursor / racks) % HOSTS_PER_RACK)
            }
        }
    }
}

/// Key of a storage array; database volumes lie on it directly.
pub fn array_key(code: &str, number: usize) -> String {
    key("StorageArray", &format!("san-{code}-{number:02}"))
}

fn host_key(code: &str, rack: usize, slot: usize) -> String {
    key("Hypervisor", &format!("esx-{code}-r{rack:02}-{slot:02}"))
}

fn datastore_name(code: &str, array: usize, number: usize) -> String {
    format!("ds-{code}-{array:02}-{number:02}")
}

/// Adds a data centre's hypervisors, three racks to a production cluster, two to staging, one old.
fn add_hosts(draft: &mut Draft, centre: &DataCentre) -> Vec<String> {
    let mut clusters = Vec::new();
    let plan = [("prod-1", 1..=3), ("prod-2", 4..=RACKS_PRODUCTION), ("staging", 7..=RACKS_HOSTS)];
    for (purpose, racks) in plan {
        let cluster = add_cluster(draft, &format!("cl-{}-{purpose}", centre.code));
        for rack in racks {
            for slot in 1..=HOSTS_PER_RACK {
                let host = add_host(draft, centre.code, rack, slot);
                centre.racks[rack - 1].mount(draft, &host);
                draft.relate_with(&cluster, "composed_of", &host, &[("group", "hosts"), ("needs", "75%")]);
            }
        }
        clusters.push(cluster);
    }
    clusters.push(add_old_hosts(draft, centre));
    clusters
}

/// The old rack: two switches and two feeds like the others, but its hosts have one power supply each.
fn add_old_hosts(draft: &mut Draft, centre: &DataCentre) -> String {
    let cluster = add_cluster(draft, &format!("cl-{}-legacy", centre.code));
    let rack = &centre.racks[RACK_OLD - 1];
    for slot in 1..=4 {
        let host = add_host(draft, centre.code, RACK_OLD, slot);
        draft.relate(&host, "located_in", &rack.key);
        draft.relate(&host, "powered_by", &rack.power[0]);
        draft.group(&host, "connects_to", &rack.switches, "uplink", "1");
        draft.relate_with(&cluster, "composed_of", &host, &[("group", "hosts"), ("needs", "50%")]);
    }
    cluster
}

fn add_cluster(draft: &mut Draft, name: &str) -> String {
    let cluster = draft.item("HypervisorCluster", name, &[("version", "8.0")]);
    draft.relate(&cluster, "owned_by", &key("Team", "Virtualisation"));
    cluster
}

fn add_host(draft: &mut Draft, code: &str, rack: usize, slot: usize) -> String {
    let position = format!("{}", 2 + slot * 2);
    let attributes = [
        ("memory", "1048576"),
        ("cpu_count", "64"),
        ("rack_position", position.as_str()),
        ("availability", "0.998"),
        ("restore_minutes", "60"),
        ("environment", "production"),
    ];
    let name = format!("esx-{code}-r{rack:02}-{slot:02}");
    let host = draft.hardware("Hypervisor", &name, ("Nordlicht", "N64"), &attributes);
    draft.relate(&host, "owned_by", &key("Team", "Virtualisation"));
    draft.relate(&host, "supplied_by", &key("Supplier", "Nordlicht Compute"));
    host
}

/// An array stands in every second rack, so that no rack holds two.
fn add_array(draft: &mut Draft, centre: &DataCentre, number: usize, backup: &str) -> String {
    let name = format!("san-{}-{number:02}", centre.code);
    let attributes = [
        ("capacity", "320000"),
        ("firmware_version", "6.4.2"),
        ("criticality", "1"),
        ("availability", "0.9995"),
        ("restore_minutes", "40"),
    ];
    let array = draft.hardware("StorageArray", &name, ("Arvala", "A900"), &attributes);
    centre.racks[number * 2 - 1].mount(draft, &array);
    draft.relate(&array, "owned_by", &key("Team", "Storage and Backup"));
    draft.relate(&array, "supplied_by", &key("Supplier", "Arvala Storage"));
    for datastore in 1..=DATASTORES {
        let name = datastore_name(centre.code, number, datastore);
        let volume = draft.item("StorageVolume", &name, &[("capacity", "40960"), ("raid_level", "RAID 6")]);
        draft.relate(&volume, "stored_on", &array);
        draft.relate(&volume, "protected_by", backup);
    }
    array
}

fn add_cloud(draft: &mut Draft) -> Vec<String> {
    let supplier = key("Supplier", "Cirrus Cloud");
    let provider = [("provider", "Cirrus Cloud")];
    let region = draft.item("CloudRegion", "eu-central", &provider);
    draft.relate(&region, "supplied_by", &supplier);
    let account = draft.item("CloudAccount", "hansekontor-production", &provider);
    draft.relate(&account, "owned_by", &key("Team", "Platform Engineering"));
    let mut clusters = Vec::new();
    for letter in ZONES {
        let zone = draft.item("CloudZone", &format!("eu-central-{letter}"), &provider);
        draft.relate(&zone, "located_in", &region);
        let attributes = [("version", "1.33"), ("environment", "production"), ("availability", "0.9995")];
        let cluster = draft.item("KubernetesCluster", &format!("k8s-euc-{letter}"), &attributes);
        draft.relate(&cluster, "hosted_on", &zone);
        draft.relate(&cluster, "part_of", &account);
        draft.relate(&cluster, "owned_by", &key("Team", "Platform Engineering"));
        clusters.push(cluster);
    }
    clusters
}
