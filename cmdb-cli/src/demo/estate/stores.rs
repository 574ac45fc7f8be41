//! Sixty stores, all alike: a router on two lines, a switch, a server and the tills.
//!
//! Tills go on selling when the data centres are away; that is why a store calls them softly.

use super::draft::{Draft, key};
use super::people::lead_of;
use super::platform::Platform;
use super::software::application_of;

const CITIES: &[&str] = &[
    "Berlin",
    "Bremen",
    "Dortmund",
    "Dresden",
    "Essen",
    "Erfurt",
    "Freiburg",
    "Göttingen",
    "Hannover",
    "Kassel",
    "Kiel",
    "Köln",
    "Leipzig",
    "Lübeck",
    "Mainz",
    "München",
    "Münster",
    "Nürnberg",
    "Rostock",
    "Stuttgart",
];
const PLACES: &[&str] = &["Bahnhof", "Hauptstrasse", "Marktplatz"];

pub fn build(draft: &mut Draft, platform: &Platform) {
    let borders: Vec<String> =
        platform.centres.iter().flat_map(|centre| centre.borders.iter().cloned()).collect();
    let mut servers = Vec::new();
    for (number, place) in
        PLACES.iter().flat_map(|place| CITIES.iter().map(move |city| (city, place))).enumerate()
    {
        servers.push(add_store(draft, 101 + number, place, &borders));
    }
    add_service(draft, &servers);
}

fn add_store(draft: &mut Draft, number: usize, (city, place): (&&str, &&str), borders: &[String]) -> String {
    let name = format!("Store {number} {city} {place}");
    let site = draft.item("Site", &name, &[("kind", "store"), ("country", "DE"), ("criticality", "3")]);
    draft.relate(&site, "owned_by", &key("Team", "Store Systems"));
    let router = add_router(draft, number, &site, borders);
    let switch =
        draft.hardware("Switch", &format!("sw-s{number}"), ("Kestrel", "L24"), &[("port_count", "24")]);
    draft.relate(&switch, "located_in", &site);
    draft.relate(&switch, "supported_by", &key("Team", "Network"));
    let server = add_server(draft, number, &site, &switch, &router);
    let radio = draft.hardware("WirelessAccessPoint", &format!("ap-s{number}"), ("Kestrel", "W6"), &[]);
    draft.relate(&radio, "located_in", &site);
    draft.relate(&radio, "connects_to", &switch);
    for till in 1..=3 + draft.below(4) {
        add_till(draft, &format!("till-s{number}-{till:02}"), &site, &switch, &server);
    }
    server
}

/// The store's router has a line of the carrier and, for bad days, a mobile one.
fn add_router(draft: &mut Draft, number: usize, site: &str, borders: &[String]) -> String {
    let router = draft.hardware("Router", &format!("rt-s{number}"), ("Kestrel", "B2"), &[]);
    draft.relate(&router, "located_in", site);
    draft.relate(&router, "supported_by", &key("Team", "Network"));
    let kinds = [("fibre", "Transalp Telecom", "500", "false"), ("lte", "Funkwerk Mobile", "80", "true")];
    for (kind, supplier, bandwidth, standby) in kinds {
        let name = format!("wan-s{number}-{kind}");
        let attributes = [("bandwidth", bandwidth), ("availability", "0.998")];
        let circuit = draft.item("NetworkCircuit", &name, &attributes);
        draft.relate(&circuit, "supplied_by", &key("Supplier", supplier));
        draft.group(&circuit, "connects_to", borders, "head-end", "1");
        let attributes = [("group", "wan"), ("needs", "1"), ("standby", standby)];
        draft.relate_with(&router, "connects_to", &circuit, &attributes);
    }
    router
}

fn add_server(draft: &mut Draft, number: usize, site: &str, switch: &str, router: &str) -> String {
    let attributes = [("memory", "32768"), ("cpu_count", "8"), ("operating_system", "Debian 12")];
    let server = draft.hardware("Server", &format!("pos-gw-s{number}"), ("Nordlicht", "E4"), &attributes);
    draft.relate(&server, "located_in", site);
    draft.relate(&server, "connects_to", switch);
    draft.relate_with(&server, "connects_to", router, &[("effect", "soft")]);
    draft.relate_with(&server, "calls", &application_of("pos-central"), &[("effect", "soft")]);
    draft.relate(&server, "owned_by", &key("Team", "Store Systems"));
    draft.relate(&server, "supplied_by", &key("Supplier", "Tillmann Kassensysteme"));
    server
}

fn add_till(draft: &mut Draft, name: &str, site: &str, switch: &str, server: &str) {
    let till = draft.hardware("PointOfSaleTerminal", name, ("Tillmann", "K7"), &[]);
    draft.relate(&till, "located_in", site);
    draft.relate(&till, "connects_to", switch);
    draft.relate(&till, "depends_on", server);
    draft.relate(&till, "supported_by", &key("Team", "Store Systems"));
    draft.relate(&till, "supplied_by", &key("Supplier", "Tillmann Kassensysteme"));
}

fn add_service(draft: &mut Draft, servers: &[String]) {
    let attributes = [("criticality", "1"), ("rto_minutes", "30"), ("rpo_minutes", "0")];
    let service = draft.item("BusinessService", "Store Point of Sale", &attributes);
    draft.group(&service, "depends_on", servers, "stores", "90%");
    draft.relate(&service, "depends_on", &application_of("pos-central"));
    draft.relate(&service, "depends_on", &application_of("prices"));
    for slug in ["payment-gw", "loyalty"] {
        draft.relate_with(&service, "depends_on", &application_of(slug), &[("effect", "soft")]);
    }
    draft.relate_with(&service, "owned_by", &lead_of("Store Systems"), &[("role", "service_owner")]);
    draft.relate(&service, "part_of", &key("BusinessCapability", "Sell in Stores"));
}
