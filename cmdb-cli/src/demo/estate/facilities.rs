//! Two data centres with rooms, racks, two power feeds and a network in which everything is there twice.

use super::draft::{Draft, key};

/// Racks of each data centre; hypervisors are in the first eight.
const RACKS: usize = 10;

pub struct DataCentre {
    pub code: &'static str,
    pub site: String,
    pub racks: Vec<Rack>,
    /// Subnets by purpose: production, staging and test.
    pub subnet_production: String,
    pub subnet_staging: String,
    pub load_balancers: Vec<String>,
    pub borders: Vec<String>,
}

/// A rack with its two power units and its two switches.
pub struct Rack {
    pub key: String,
    pub power: Vec<String>,
    pub switches: Vec<String>,
}

impl Rack {
    /// Puts a piece of hardware into the rack, on both power feeds and both switches.
    pub fn mount(&self, draft: &mut Draft, hardware: &str) {
        draft.relate(hardware, "located_in", &self.key);
        draft.group(hardware, "powered_by", &self.power, "power", "1");
        draft.group(hardware, "connects_to", &self.switches, "uplink", "1");
    }
}

pub fn build(draft: &mut Draft) -> Vec<DataCentre> {
    let frankfurt = build_centre(draft, "fra1", "Frankfurt 1", "Hanauer Landstrasse 310, Frankfurt", 20);
    let hamburg = build_centre(draft, "ham1", "Hamburg 1", "Wendenstrasse 251, Hamburg", 40);
    draft.relate(&frankfurt.site, "supplied_by", &key("Supplier", "Main Datacenter"));
    draft.relate(&hamburg.site, "supplied_by", &key("Supplier", "Ostsee Colocation"));
    vec![frankfurt, hamburg]
}

fn build_centre(draft: &mut Draft, code: &'static str, name: &str, address: &str, net: u8) -> DataCentre {
    let attributes = [("kind", "data_centre"), ("address", address), ("country", "DE"), ("criticality", "1")];
    let site = draft.item("Site", name, &attributes);
    draft.relate(&site, "owned_by", &key("Team", "Facilities"));
    let rooms: Vec<String> = ["a", "b"].iter().map(|room| add_room(draft, code, room, &site)).collect();
    let feeds: Vec<String> = ["a", "b"].iter().map(|feed| add_supply(draft, code, feed, &site)).collect();
    let spines: Vec<String> = (1..=2)
        .map(|number| add_device(draft, "Switch", &format!("sw-{code}-spine-{number}"), &feeds))
        .collect();
    let racks = (1..=RACKS).map(|number| add_rack(draft, code, number, &rooms, &feeds, &spines)).collect();
    let borders = add_pair(draft, "Router", &format!("rt-{code}-border"), &feeds, &spines);
    let firewalls = add_pair(draft, "Firewall", &format!("fw-{code}-edge"), &feeds, &borders);
    let load_balancers = add_pair(draft, "LoadBalancer", &format!("lb-{code}"), &feeds, &firewalls);
    for line in 1..=2 {
        add_line(draft, code, line, &borders[line - 1]);
    }
    let subnet_production = add_subnet(draft, code, "prod", net, &spines);
    let subnet_staging = add_subnet(draft, code, "staging", net + 1, &spines);
    DataCentre { code, site, racks, subnet_production, subnet_staging, load_balancers, borders }
}

fn add_room(draft: &mut Draft, code: &str, room: &str, site: &str) -> String {
    let key_room = draft.item("Room", &format!("{code} room {room}"), &[]);
    draft.relate(&key_room, "located_in", site);
    let kind = ("Kaltenbach", "CRAC 60");
    let coolers: Vec<String> = (1..=2)
        .map(|number| {
            let name = format!("crac-{code}-{room}{number}");
            draft.hardware("CoolingUnit", &name, kind, &[("cooling_power", "60"), ("availability", "0.999")])
        })
        .collect();
    draft.group(&key_room, "depends_on", &coolers, "cooling", "1");
    key_room
}

/// The supply of a feed stands outside the rooms, so that losing a room leaves the other one its power.
fn add_supply(draft: &mut Draft, code: &str, feed: &str, site: &str) -> String {
    let attributes = [("rated_power", "200"), ("runtime", "15"), ("availability", "0.9998")];
    let name = format!("ups-{code}-{feed}");
    let supply = draft.hardware("UninterruptiblePowerSupply", &name, ("Voltara", "U200"), &attributes);
    draft.relate(&supply, "located_in", site);
    draft.relate(&supply, "owned_by", &key("Team", "Facilities"));
    draft.relate(&supply, "supplied_by", &key("Supplier", "Voltara Power"));
    supply
}

fn add_rack(
    draft: &mut Draft,
    code: &str,
    number: usize,
    rooms: &[String],
    feeds: &[String],
    spines: &[String],
) -> Rack {
    let name = format!("{code}-r{number:02}");
    let rack = draft.item("Rack", &name, &[("height", "42")]);
    draft.relate(&rack, "located_in", &rooms[(number - 1) / 5]);
    let mut power = Vec::new();
    let mut switches = Vec::new();
    for (feed, supply) in ["a", "b"].iter().zip(feeds) {
        let attributes = [("rated_power", "11"), ("availability", "0.9999"), ("restore_minutes", "30")];
        let unit =
            draft.hardware("PowerUnit", &format!("pdu-{name}-{feed}"), ("Voltara", "P11"), &attributes);
        draft.relate(&unit, "powered_by", supply);
        draft.relate(&unit, "located_in", &rack);
        let switch = draft.hardware(
            "Switch",
            &format!("sw-{name}-{feed}"),
            ("Kestrel", "L48"),
            &[("port_count", "48"), ("bandwidth", "25000"), ("availability", "0.9995")],
        );
        draft.relate(&switch, "powered_by", &unit);
        draft.relate(&switch, "located_in", &rack);
        draft.relate(&switch, "owned_by", &key("Team", "Network"));
        draft.group(&switch, "connects_to", spines, "spine", "1");
        power.push(unit);
        switches.push(switch);
    }
    Rack { key: rack, power, switches }
}

/// A device of the core stands between the rooms, on both feeds.
fn add_device(draft: &mut Draft, class: &'static str, name: &str, feeds: &[String]) -> String {
    let attributes = [("criticality", "1"), ("availability", "0.9995"), ("restore_minutes", "60")];
    let device = draft.hardware(class, name, ("Kestrel", "Core 9"), &attributes);
    draft.group(&device, "powered_by", feeds, "power", "1");
    draft.relate(&device, "owned_by", &key("Team", "Network"));
    draft.relate(&device, "supplied_by", &key("Supplier", "Kestrel Networks"));
    device
}

fn add_pair(
    draft: &mut Draft,
    class: &'static str,
    stem: &str,
    feeds: &[String],
    towards: &[String],
) -> Vec<String> {
    let mut pair = Vec::new();
    for number in 1..=2 {
        let device = add_device(draft, class, &format!("{stem}-{number}"), feeds);
        draft.group(&device, "connects_to", towards, "path", "1");
        pair.push(device);
    }
    pair
}

/// A line to the carrier: the border routers are its users, but one line less stops neither of them.
fn add_line(draft: &mut Draft, code: &str, line: usize, border: &str) {
    let name = format!("wan-{code}-{line}");
    let circuit_id = format!("TA-{}", 700_000 + draft.below(90_000));
    let attributes = [("circuit_id", circuit_id.as_str()), ("bandwidth", "10000"), ("availability", "0.999")];
    let circuit = draft.item("NetworkCircuit", &name, &attributes);
    draft.relate(&circuit, "supplied_by", &key("Supplier", "Transalp Telecom"));
    draft.relate_with(border, "connects_to", &circuit, &[("effect", "soft")]);
}

fn add_subnet(draft: &mut Draft, code: &str, purpose: &str, net: u8, spines: &[String]) -> String {
    let (cidr, vlan) = (format!("10.{net}.0.0/16"), format!("{}", u32::from(net) * 10));
    let subnet = draft.item("Subnet", &format!("{code}-{purpose}"), &[("cidr", &cidr), ("vlan", &vlan)]);
    draft.group(&subnet, "depends_on", spines, "spine", "1");
    draft.relate(&subnet, "owned_by", &key("Team", "Network"));
    subnet
}
