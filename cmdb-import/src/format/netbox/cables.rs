//! Cables: from a port to the device it belongs to, so that devices, and not only ports, are joined.
//!
//! A power port is powered by what its cable ends at; a cable between a device of the network and any other says that
//! the other reaches the network through it; every other cable says only that the two are joined.

use super::{fields, models};
use crate::intake::Intake;
use crate::tree;
use cmdb_core::Result;
use cmdb_core::model::Value;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Ports and cable ends remembered; cables beyond join only what they name themselves.
const REMEMBERED_MAX: usize = 4_000_000;

/// One end of a cable.
#[derive(Clone)]
struct End {
    /// `dcim.interface`.
    port: String,
    number: String,
    /// Where the object says it itself.
    owner: Option<String>,
}

#[derive(Default)]
pub(super) struct Cables {
    /// `dcim.interface/7` → `dcim.device/3`.
    owners: HashMap<String, String>,
    roles: HashMap<String, String>,
    network: HashSet<String>,
    /// Cable → (row, its ends A and B).
    ends: BTreeMap<String, (u64, [Vec<End>; 2])>,
    told: HashSet<(String, String, &'static str)>,
}

impl Cables {
    /// The name of a role that stood earlier in a dump.
    pub fn role(&self, number: &str) -> Option<&str> {
        self.roles.get(number).map(String::as_str)
    }

    /// Remembers what a port belongs to, what a role is called and which devices are of the network.
    pub fn see(&mut self, model: &str, number: &str, fields: &Json) {
        if self.owners.len() >= REMEMBERED_MAX {
            return;
        }
        if model == "dcim.devicerole" {
            let name = tree::text(fields, "/name").unwrap_or_default();
            self.roles.insert(number.to_owned(), name.to_owned());
        }
        if model == "dcim.device" {
            let class = models::class(model, fields, self);
            if matches!(
                class.as_str(),
                "Switch" | "Router" | "Firewall" | "LoadBalancer" | "WirelessAccessPoint"
            ) {
                self.network.insert(format!("dcim.device/{number}"));
            }
        } else if let Some(owner) = owner(fields) {
            self.owners.insert(format!("{model}/{number}"), owner);
        }
    }

    /// A row of the table that joins cables and ports.
    pub fn termination(&mut self, row: u64, fields: &Json) {
        let cable = fields::number(fields.get("cable"));
        let kind = fields.get("termination_type").and_then(models::written);
        let (Some(cable), Some(port), Some(number)) = (cable, kind, tree::word(fields, "/termination_id"))
        else {
            return;
        };
        let side = usize::from(tree::text(fields, "/cable_end") == Some("B"));
        let end = End { port, number: number.to_string(), owner: None };
        self.join(row, &cable, side, end);
    }

    fn join(&mut self, row: u64, cable: &str, side: usize, end: End) {
        if self.ends.len() < REMEMBERED_MAX {
            let (_, ends) =
                self.ends.entry(format!("dcim.cable/{cable}")).or_insert_with(|| (row, Default::default()));
            ends[side].push(end);
        }
    }

    /// What an object of the REST interface says about its cable: both generations, and ports that name the far end.
    pub fn links(
        &mut self,
        intake: &mut Intake<'_>,
        row: u64,
        model: &str,
        id: &str,
        json: &Json,
    ) -> Result<()> {
        if model == "dcim.cable" {
            let cable = id.rsplit('/').next().unwrap_or(id).to_owned();
            for (side, letter) in ["a", "b"].into_iter().enumerate() {
                let kind = json.get(format!("termination_{letter}_type")).and_then(models::written);
                let number = tree::word(json, &format!("/termination_{letter}_id"));
                if let (Some(port), Some(number)) = (kind, number) {
                    let owner = json.get(format!("termination_{letter}")).and_then(owner);
                    self.join(row, &cable, side, End { port, number: number.to_string(), owner });
                }
                for end in tree::list(json, &format!("/{letter}_terminations")) {
                    let kind = end.get("object_type").and_then(models::written);
                    if let (Some(port), Some(number)) = (kind, tree::word(end, "/object_id")) {
                        let owner = end.get("object").and_then(owner);
                        self.join(row, &cable, side, End { port, number: number.to_string(), owner });
                    }
                }
            }
        }
        let far = json.get("power_outlet").and_then(owner);
        if let (Some(near), Some(far)) = (owner(json), far) {
            self.power(intake, row, &near, &far)?;
        }
        Ok(())
    }

    fn power(&mut self, intake: &mut Intake<'_>, row: u64, near: &str, far: &str) -> Result<()> {
        if !self.told.insert((near.to_owned(), far.to_owned(), "powered_by")) {
            return Ok(());
        }
        let group = [("group", Value::text("power")), ("needs", Value::text("1"))];
        intake.relate_with(row, near, "powered_by", far, group.into())
    }

    /// Joins what the cables join, now that every port is known.
    pub fn finish(mut self, intake: &mut Intake<'_>) -> Result<()> {
        for (cable, (row, [a, b])) in std::mem::take(&mut self.ends) {
            for end in a.iter().chain(&b) {
                intake.relate(row, &cable, "relates_to", &format!("{}/{}", end.port, end.number))?;
            }
            for (one, other) in a.iter().flat_map(|one| b.iter().map(move |other| (one, other))) {
                self.pair(intake, row, one, other)?;
            }
        }
        Ok(())
    }

    fn pair(&mut self, intake: &mut Intake<'_>, row: u64, one: &End, other: &End) -> Result<()> {
        let (near, far) = (self.owner_of(one), self.owner_of(other));
        let feeds = |end: &End| matches!(end.port.as_str(), "dcim.poweroutlet" | "dcim.powerfeed");
        match (one.port.as_str(), other.port.as_str()) {
            ("dcim.powerport", _) if feeds(other) => return self.power(intake, row, &near, &far),
            (_, "dcim.powerport") if feeds(one) => return self.power(intake, row, &far, &near),
            _ => {}
        }
        let is_data = |end: &End| end.port == "dcim.interface";
        let is_device = |owner: &str| owner.starts_with("dcim.device/");
        let mut joined = (near, far, "cabled_to");
        if is_data(one) && is_data(other) && is_device(&joined.0) && is_device(&joined.1) {
            match (self.network.contains(&joined.0), self.network.contains(&joined.1)) {
                (false, true) => joined.2 = "connects_to",
                (true, false) => joined = (joined.1, joined.0, "connects_to"),
                _ => {}
            }
        }
        if joined.2 == "cabled_to" && joined.0 > joined.1 {
            joined = (joined.1, joined.0, joined.2);
        }
        if !self.told.insert(joined.clone()) {
            return Ok(());
        }
        let group = match joined.2 {
            "connects_to" => vec![("group", Value::text("network")), ("needs", Value::text("1"))],
            _ => Vec::new(),
        };
        intake.relate_with(row, &joined.0, joined.2, &joined.1, group)
    }

    fn owner_of(&self, end: &End) -> String {
        let port = format!("{}/{}", end.port, end.number);
        end.owner.clone().or_else(|| self.owners.get(&port).cloned()).unwrap_or(port)
    }
}

/// The device, machine or circuit that a port belongs to.
fn owner(port: &Json) -> Option<String> {
    let owners = [
        ("device", "dcim.device"),
        ("virtual_machine", "virtualization.virtualmachine"),
        ("circuit", "circuits.circuit"),
    ];
    owners.iter().find_map(|(field, model)| Some(format!("{model}/{}", fields::number(port.get(*field))?)))
}
