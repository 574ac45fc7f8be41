//! What lldpd heard from its neighbours, as `lldpctl -f keyvalue` or `lldpctl -f json` print it.
//!
//! The output does not name the machine it was taken on: the file is named after it (`web01.txt`). The machine, its
//! interfaces, the neighbours and their ports become items; machine and neighbour are joined by `connects_to`, in the
//! group `network` of which one is enough, and the two interfaces by `cabled_to`.

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out};
use crate::sniff::Keys;
use crate::{Sink, lines, records, serial};
use cmdb_core::model::Value;
use cmdb_core::{Error, Result};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

mod heard;

use heard::{Heard, Neighbour};

pub(super) struct Lldp;

/// What lldpctl prints for neighbours of all kinds of protocols begins so.
const KEY: &[u8] = b"lldp.";

impl Format for Lldp {
    fn name(&self) -> &'static str {
        "lldp"
    }
    fn observes(&self) -> bool {
        true
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        if let Some(keys) = Keys::of(head) {
            return keys.value("lldp").is_some_and(|inner| {
                match Keys::of(inner).or_else(|| Keys::of_first(inner)) {
                    Some(inner) => inner.has("interface"),
                    None => inner == b"{}",
                }
            });
        }
        let mut lines = head.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
        let first = lines.find(|line| !line.is_empty() && !line.starts_with(b"#"));
        first.is_some_and(|line| line.starts_with(KEY) && line.contains(&b'='))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("lldp", input, sink, |intake, mut source, file| {
            while source.bytes().trim_ascii_start().is_empty() && source.more()? {}
            let mut heard = Heard::default();
            if source.bytes().trim_ascii_start().starts_with(b"{") {
                records::each(intake, source, file, &[], &mut |_, _, json| heard.json(file, &json))?;
            } else {
                lines::each(source, file, &mut |number, line| heard.line(file, number, line))?;
            }
            lay_out_neighbours(intake, lines::stem(file), heard.neighbours)
        })
    }
}

fn lay_out_neighbours(intake: &mut Intake<'_>, host: &str, neighbours: Vec<Neighbour>) -> Result<()> {
    if host.is_empty() {
        return Err(Error::invalid("lldp.no-host", "the file has no name to take the machine's name from"));
    }
    if neighbours.is_empty() {
        intake.note(0, "note.host", format!("{host} heard no neighbour"));
        return Ok(());
    }
    intake.item(1, Item::new("Server", host).name(Some(host)))?;
    let mut told = BTreeSet::new();
    for neighbour in &neighbours {
        let own = format!("{host}/{}", neighbour.interface);
        if told.insert(own.clone()) {
            interface(intake, neighbour.row, &own, host, &neighbour.interface, Some(neighbour))?;
        }
        let Some(device) = neighbour.first("chassis.name").or_else(|| neighbour.first("chassis.mac")) else {
            continue;
        };
        if told.insert(device.to_owned()) {
            intake.item(neighbour.row, chassis(device, neighbour))?;
        }
        // A number that only the neighbour knows says less than what it calls the port.
        let port =
            ["port.ifname", "port.descr", "port.local", "port.mac"].iter().find_map(|f| neighbour.first(f));
        if let Some(port) = port {
            let far = format!("{device}/{port}");
            if told.insert(far.clone()) {
                interface(intake, neighbour.row, &far, device, port, None)?;
            }
            if told.insert(format!("{own} cabled to {far}")) {
                intake.relate(neighbour.row, &own, "cabled_to", &far)?;
            }
        }
        if told.insert(format!("{host} connects to {device}")) {
            let group = vec![("group", Value::text("network")), ("needs", Value::text("1"))];
            intake.relate_with(neighbour.row, host, "connects_to", device, group)?;
        }
    }
    Ok(())
}

/// An interface of a device; what was heard on it stays with it.
fn interface(
    intake: &mut Intake<'_>,
    row: u64,
    id: &str,
    device: &str,
    name: &str,
    heard: Option<&Neighbour>,
) -> Result<()> {
    let mut item = Item::new("NetworkInterface", id).name(Some(name));
    item.text("device_name", Some(device));
    if let Some(heard) = heard {
        let vlans = heard.all("vlan.vlan-id").filter_map(|id| id.parse().ok()).map(Value::Integer);
        let vlans: Vec<Value> = vlans.collect();
        item.set("vlan_ids", (!vlans.is_empty()).then_some(Value::List(vlans)));
        // How long a neighbour has been heard changes with every look.
        let fields = heard.fields.iter().filter(|(key, _)| !key.starts_with("chassis.") && *key != "age");
        let fields: Map<String, Json> =
            fields.map(|(key, values)| (key.clone(), one_or_many(values))).collect();
        item.rest("heard", &Json::Object(fields), &[]);
    }
    intake.item(row, item)?;
    intake.relate(row, id, "part_of", device)
}

fn chassis(id: &str, neighbour: &Neighbour) -> Item {
    let on = |capability: &str| neighbour.first(&format!("chassis.{capability}.enabled")) == Some("on");
    let class = match (on("Bridge"), on("Router"), on("Wlan"), on("Station")) {
        (_, _, true, _) => "WirelessAccessPoint",
        (false, true, _, _) => "Router",
        (false, false, _, true) => "Server",
        _ => "Switch",
    };
    let mut item = Item::new(class, id).name(Some(id));
    item.text("mac_address", neighbour.first("chassis.mac"));
    item.text("ip_address", neighbour.first("chassis.mgmt-ip"));
    item.text("description", neighbour.first("chassis.descr"));
    item.text("serial_number", neighbour.first("lldp-med.inventory.serial").and_then(serial::stated));
    item.text("manufacturer", neighbour.first("lldp-med.inventory.manufacturer"));
    item.text("model", neighbour.first("lldp-med.inventory.model"));
    item.text("firmware_version", neighbour.first("lldp-med.inventory.firmware"));
    let fields = neighbour.fields.iter().filter_map(|(key, values)| {
        let key = key.strip_prefix("chassis.").filter(|key| *key != "name" && *key != "ttl")?;
        Some((key.to_owned(), one_or_many(values)))
    });
    item.rest("chassis", &Json::Object(fields.collect()), &[]);
    item
}

fn one_or_many(values: &[String]) -> Json {
    match values {
        [one] => Json::from(one.as_str()),
        many => Json::from(many.to_vec()),
    }
}
