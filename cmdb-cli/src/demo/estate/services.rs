//! What the business buys from IT: business services with their offerings and capabilities, and the technical
//! services underneath.

use super::company::{SERVICES, ServiceSpec};
use super::draft::{Draft, key};
use super::people::lead_of;
use super::platform::Platform;
use super::software::application_of;

/// Capabilities and the team whose services realise them.
const CAPABILITIES: &[(&str, &str)] = &[
    ("Sell Online", "Web Shop"),
    ("Take Payment", "Payments"),
    ("Fulfil Orders", "Orders and Logistics"),
    ("Sell in Stores", "Store Systems"),
    ("Know the Customer", "Customer and Loyalty"),
    ("Manage Money", "Finance Systems"),
    ("Manage People", "People Systems"),
    ("Buy Goods", "Procurement Systems"),
    ("Decide on Data", "Data Platform"),
    ("Work Together", "Workplace"),
];

/// Technical services that are applications of the platform teams.
const TECHNICAL: &[(&str, &str, &[&str])] = &[
    ("Identity and Access", "Platform Engineering", &["identity", "directory", "secrets-vault"]),
    ("Integration", "Platform Engineering", &["message-bus", "api-gateway"]),
    ("Observability", "Platform Engineering", &["monitoring", "log-platform"]),
    ("Name Services", "Network", &["dns"]),
    ("Backup and Restore", "Storage and Backup", &["backup-control"]),
    ("Certificates", "Platform Engineering", &["cert-authority"]),
    ("Software Delivery", "Platform Engineering", &["deploy-pipeline"]),
    ("File Transfer", "Platform Engineering", &["file-transfer"]),
    ("IT Service Desk", "Workplace", &["service-desk"]),
];

pub fn build(draft: &mut Draft, platform: &Platform) {
    for (capability, _) in CAPABILITIES {
        draft.item("BusinessCapability", capability, &[]);
    }
    for service in SERVICES {
        add_service(draft, service);
    }
    for (name, team, applications) in TECHNICAL {
        let service = add_technical(draft, name, team);
        for slug in *applications {
            draft.relate(&service, "depends_on", &application_of(slug));
        }
    }
    let storage = add_technical(draft, "Block Storage", "Storage and Backup");
    draft.group(&storage, "depends_on", &platform.arrays, "arrays", "80%");
    let virtualisation = add_technical(draft, "Virtualisation", "Virtualisation");
    draft.group(&virtualisation, "depends_on", &platform.clusters, "clusters", "75%");
    let containers = add_technical(draft, "Container Platform", "Platform Engineering");
    draft.group(&containers, "depends_on", &platform.kubernetes, "zones", "2");
}

fn add_service(draft: &mut Draft, spec: &ServiceSpec) {
    let criticality = spec.criticality.to_string();
    let (rto, rpo) = match spec.criticality {
        1 => ("60", "5"),
        2 => ("240", "15"),
        3 => ("480", "60"),
        _ => ("2880", "1440"),
    };
    let attributes = [("criticality", criticality.as_str()), ("rto_minutes", rto), ("rpo_minutes", rpo)];
    let service = draft.item("BusinessService", spec.name, &attributes);
    for slug in spec.needs {
        draft.relate(&service, "depends_on", &application_of(slug));
    }
    for slug in spec.enriched_by {
        draft.relate_with(&service, "depends_on", &application_of(slug), &[("effect", "soft")]);
    }
    draft.relate_with(&service, "owned_by", &lead_of(spec.team), &[("role", "service_owner")]);
    draft.relate_with(&service, "supported_by", &key("Team", spec.team), &[("support_tier", "2")]);
    if let Some((capability, _)) = CAPABILITIES.iter().find(|(_, team)| *team == spec.team) {
        draft.relate(&service, "part_of", &key("BusinessCapability", capability));
    }
    if spec.criticality <= 2 {
        add_offering(draft, spec, &service);
    }
}

fn add_offering(draft: &mut Draft, spec: &ServiceSpec, service: &str) {
    let level = if spec.criticality == 1 { "platinum" } else { "gold" };
    let attributes = [("support_level", level), ("service_hours", "Mon-Sun 00:00-24:00")];
    let offering = draft.item("ServiceOffering", &format!("{} {level}", spec.name), &attributes);
    draft.relate(&offering, "depends_on", service);
}

fn add_technical(draft: &mut Draft, name: &str, team: &str) -> String {
    let service = draft.item("TechnicalService", name, &[("criticality", "2")]);
    draft.relate(&service, "owned_by", &key("Team", team));
    draft.relate(&service, "supported_by", &key("Team", team));
    service
}
