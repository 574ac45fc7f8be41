//! Teams, people and suppliers: who owns, supports and delivers the rest.

use super::draft::{Draft, key};

/// Product and platform teams, with what each looks after.
pub const TEAMS: &[(&str, &str)] = &[
    ("Web Shop", "Storefront, basket and checkout"),
    ("Payments", "Everything that takes or returns money"),
    ("Orders and Logistics", "From the order to the doorstep"),
    ("Store Systems", "Tills, prices and stock in the stores"),
    ("Customer and Loyalty", "Customer data, loyalty, campaigns"),
    ("Finance Systems", "Ledger, treasury, controlling"),
    ("People Systems", "HR, payroll, time"),
    ("Procurement Systems", "Suppliers, purchasing, EDI"),
    ("Data Platform", "Warehouse, lake, reporting"),
    ("Workplace", "Mail, documents, intranet"),
    ("Platform Engineering", "Identity, messaging, observability, delivery"),
    ("Virtualisation", "Hypervisors and clusters"),
    ("Storage and Backup", "Arrays, volumes, backups"),
    ("Network", "Data centre, store and wide area networks"),
    ("Facilities", "Rooms, racks, power, cooling"),
    ("Database Operations", "Production databases"),
];

/// Suppliers with their tier.
const SUPPLIERS: &[(&str, &str)] = &[
    ("Nordlicht Compute", "strategic"),
    ("Arvala Storage", "strategic"),
    ("Kestrel Networks", "strategic"),
    ("Transalp Telecom", "tactical"),
    ("Funkwerk Mobile", "tactical"),
    ("Cirrus Cloud", "strategic"),
    ("Tillmann Kassensysteme", "strategic"),
    ("Voltara Power", "operational"),
    ("Kaltenbach Klimatechnik", "operational"),
    ("Ostsee Colocation", "tactical"),
    ("Main Datacenter", "tactical"),
    ("Signet Trust Services", "commodity"),
];

const FIRST_NAMES: &[&str] = &[
    "Anna", "Bilal", "Clara", "David", "Elif", "Felix", "Greta", "Hannes", "Ines", "Jonas", "Karim", "Lena",
];
const LAST_NAMES: &[&str] =
    &["Albers", "Brandt", "Cordes", "Demir", "Ehlers", "Fuchs", "Gruber", "Hartmann", "Ivanova", "Jansen"];

const PEOPLE_PER_TEAM: usize = 4;

pub fn build(draft: &mut Draft) {
    let company =
        draft.item("Organization", "Hansekontor AG", &[("website", "https://www.hansekontor.example")]);
    for (number, (team, duty)) in TEAMS.iter().enumerate() {
        let on_call = format!("+49 40 5550 {}", 100 + number);
        let team = draft.item("Team", team, &[("description", duty), ("on_call", &on_call)]);
        draft.relate(&team, "belongs_to", &company);
        for seat in 0..PEOPLE_PER_TEAM {
            add_person(draft, number * PEOPLE_PER_TEAM + seat, &team);
        }
    }
    for (supplier, tier) in SUPPLIERS {
        draft.item("Supplier", supplier, &[("tier", tier)]);
    }
}

/// Key of the person who leads a team; services are owned by people, not by groups.
pub fn lead_of(team: &str) -> String {
    let number = TEAMS.iter().position(|(name, _)| *name == team).unwrap_or(0);
    key("Person", &person_name(number * PEOPLE_PER_TEAM))
}

fn add_person(draft: &mut Draft, number: usize, team: &str) {
    let name = person_name(number);
    let email = format!("{}@hansekontor.example", name.to_lowercase().replace(' ', "."));
    let employee = format!("{}", 10_400 + number * 7);
    let title = if number.is_multiple_of(PEOPLE_PER_TEAM) { "Team lead" } else { "Engineer" };
    let attributes = [("email", email.as_str()), ("employee_number", &employee), ("job_title", title)];
    let person = draft.item("Person", &name, &attributes);
    draft.relate(&person, "belongs_to", team);
}

/// Pairs of names do not repeat before all of them are used up.
fn person_name(number: usize) -> String {
    let first = FIRST_NAMES[number % FIRST_NAMES.len()];
    let last = LAST_NAMES[(number + number / FIRST_NAMES.len()) % LAST_NAMES.len()];
    format!("{first} {last}")
}
