//! iTop: objects in its XML, as sample data and exports have them.
//!
//! An item's id is its class and number (`Person/3`); configuration items, which refer to each other without saying
//! their class, share `FunctionalCI/28`. Fields that end in `_id` refer; `lnk…` objects only join two others. 0 refers to nothing.

use super::{Format, Input};
use crate::Sink;
use crate::intake::{Intake, Item, lay_out, own_class};
use crate::sniff::xml_root;
use crate::xml::{self, Element, Met};
use cmdb_core::Result;
use cmdb_core::model::Value;
use smol_str::SmolStr;

pub(super) struct ITop;

impl Format for ITop {
    fn name(&self) -> &'static str {
        "itop"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        xml_root(head) == Some("Set")
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("itop", input, sink, |intake, source, file| {
            let is_record = |path: &str| path.starts_with("Set/");
            xml::each(source, file, &is_record, &mut |row, met| match met {
                Met::Opened(_) => Ok(()),
                Met::Record(object) => take(intake, row, &object),
            })
        })
    }
}

/// The class that numbers an object: the configuration items share their numbers, any other class has its own.
fn root(class: &str) -> &str {
    const OWN: [&str; 18] = [
        "Person",
        "Team",
        "Contact",
        "Organization",
        "Location",
        "Software",
        "Service",
        "Subnet",
        "VLAN",
        "Brand",
        "Model",
        "OSFamily",
        "OSVersion",
        "NetworkDeviceType",
        "ContactType",
        "DocumentType",
        "IOSVersion",
        "Typology",
    ];
    if OWN.contains(&class) { class } else { "FunctionalCI" }
}

/// What a field refers to and how; the flag turns the relationship round.
fn reference(field: &str) -> Option<(&'static str, &'static str, bool)> {
    Some(match field {
        "org_id" => ("Organization", "owned_by", false),
        "location_id" => ("Location", "located_in", false),
        "rack_id" | "enclosure_id" => ("FunctionalCI", "located_in", false),
        "powerA_id" | "powerB_id" => ("FunctionalCI", "powered_by", false),
        "system_id" | "virtualhost_id" | "webserver_id" => ("FunctionalCI", "runs_on", false),
        "dbserver_id" => ("FunctionalCI", "contains", true),
        "software_id" => ("Software", "relates_to", false),
        "brand_id" => ("Brand", "relates_to", false),
        "model_id" => ("Model", "relates_to", false),
        "osfamily_id" => ("OSFamily", "relates_to", false),
        "osversion_id" => ("OSVersion", "relates_to", false),
        "networkdevicetype_id" => ("NetworkDeviceType", "relates_to", false),
        "iosversion_id" => ("IOSVersion", "relates_to", false),
        "parent_id" => ("Organization", "belongs_to", false),
        "manager_id" | "person_id" => ("Person", "relates_to", false),
        _ => return None,
    })
}

fn class(class: &str) -> SmolStr {
    SmolStr::new_static(match class {
        "Server" => "Server",
        "VirtualMachine" => "VirtualMachine",
        "Hypervisor" => "Hypervisor",
        "NetworkDevice" => "ITopNetworkDevice",
        "ApplicationSolution" => "Application",
        "BusinessProcess" => "BusinessProcess",
        "DBServer" => "Database",
        "WebServer" | "WebApplication" | "MiddlewareInstance" => "ApplicationInstance",
        "Rack" => "Rack",
        "Location" => "Site",
        "Organization" => "Organization",
        "Person" => "Person",
        "Team" => "Team",
        "Software" => "SoftwarePackage",
        "PC" => "Workstation",
        "Subnet" => "Subnet",
        "PDU" | "PowerSource" => "PowerUnit",
        other => return own_class("ITop", other),
    })
}

fn take(intake: &mut Intake<'_>, row: u64, object: &Element) -> Result<()> {
    let kind = object.name.as_str();
    let Some(number) = object.attribute("id") else {
        intake.complain(row, Some("id"), "itop.no-id", format!("the {kind} has no id"));
        return Ok(());
    };
    if kind.starts_with("lnk") {
        return link(intake, row, object);
    }
    let id = format!("{}/{number}", root(kind));
    let whole = [object.text_of("first_name"), object.text_of("name")]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let mut item = Item::new(class(kind), id.as_str()).name(Some(whole).filter(|name| !name.is_empty()));
    item.text("itop.class", Some(kind));
    let is_ci = root(kind) == "FunctionalCI";
    item.set(
        "status",
        object.text_of("status").filter(|_| is_ci).and_then(|status| match status {
            "production" | "active" | "running" => Some(Value::text("operational")),
            "implementation" => Some(Value::text("in_build")),
            "stock" => Some(Value::text("in_stock")),
            "obsolete" | "inactive" => Some(Value::text("retired")),
            _ => None,
        }),
    );
    item.text("description", object.text_of("description"));
    match class(kind).as_str() {
        "Server" | "VirtualMachine" | "Hypervisor" | "Workstation" | "Rack" | "PowerUnit" => {
            item.text("serial_number", object.text_of("serialnumber"));
            item.text("asset_tag", object.text_of("asset_number"));
            item.text("ip_address", object.text_of("managementip"));
        }
        "Person" | "Team" => {
            item.text("email", object.text_of("email"));
            item.text("phone", object.text_of("phone"));
        }
        "SoftwarePackage" => {
            item.text("vendor", object.text_of("vendor"));
            item.text("version", object.text_of("version"));
        }
        "Site" => {
            item.text("address", object.text_of("address"));
            item.text("country", object.text_of("country"));
        }
        _ => {}
    }
    let mut rest = object.to_json(&[]);
    if let Some(map) = rest.as_object_mut() {
        map.retain(|field, value| {
            let refers = reference(field).is_some();
            let nothing = field.ends_with("_id") && value.as_str() == Some("0");
            !refers && !nothing && !matches!(field.as_str(), "id" | "alias" | "name" | "description")
        });
    }
    item.rest("", &rest, &[]);
    intake.item(row, item)?;
    for field in &object.children {
        let target = field.text.trim();
        let Some((of, relationship, reversed)) = reference(&field.name) else { continue };
        if target.is_empty() || target == "0" {
            continue;
        }
        let relationship = match (root(kind), field.name.as_str()) {
            ("Person" | "Team", "org_id") => "belongs_to",
            (_, "org_id") if root(kind) != "FunctionalCI" => "relates_to",
            ("Person" | "Team", "location_id") => "relates_to",
            _ => relationship,
        };
        let target = format!("{of}/{target}");
        match (relationship, reversed) {
            ("powered_by", _) => {
                let group = [("group", Value::text("power")), ("needs", Value::text("1"))];
                intake.relate_with(row, &id, relationship, &target, group.into())?;
            }
            (_, true) => intake.relate(row, &target, relationship, &id)?,
            (_, false) => intake.relate(row, &id, relationship, &target)?,
        }
    }
    Ok(())
}

/// An object that joins two others: the first two fields that refer.
fn link(intake: &mut Intake<'_>, row: u64, object: &Element) -> Result<()> {
    let ends: Vec<(&str, &str)> = object
        .children
        .iter()
        .filter(|field| field.name.ends_with("_id") && !matches!(field.text.trim(), "" | "0"))
        .map(|field| (field.name.as_str(), field.text.trim()))
        .collect();
    let target_of = |field: &str| match field {
        "applicationsolution_id" | "functionalci_id" | "connectableci_id" | "networkdevice_id" => {
            "FunctionalCI"
        }
        "person_id" => "Person",
        "team_id" => "Team",
        "contact_id" => "Contact",
        _ => "FunctionalCI",
    };
    let [(one, first), (other, second), beside @ ..] = ends.as_slice() else {
        intake.complain(row, None, "itop.no-end", format!("the {} does not name two objects", object.name));
        return Ok(());
    };
    for (field, _) in beside {
        intake.note(row, "note.field", format!("{}.{field}", object.name));
    }
    let relationship = match object.name.as_str() {
        "lnkApplicationSolutionToFunctionalCI" => "depends_on",
        "lnkPersonToTeam" => "belongs_to",
        "lnkConnectableCIToNetworkDevice" => "connects_to",
        "lnkContactToFunctionalCI" => "relates_to",
        _ => "relates_to",
    };
    let (source, target) = (format!("{}/{first}", target_of(one)), format!("{}/{second}", target_of(other)));
    // Whichever field stands first, it is the person who belongs to the team.
    match (*one, relationship) {
        ("team_id", "belongs_to")
        | ("networkdevice_id", "connects_to")
        | ("functionalci_id", "depends_on") => intake.relate(row, &target, relationship, &source),
        _ => intake.relate(row, &source, relationship, &target),
    }
}
