//! nmap's XML: hosts that answered, with their open ports as interfaces.
//!
//! A host's id is its IPv4 address, else IPv6, else MAC address. A host that is down changes nothing: it is counted.
//! Only what was seen is written, with the scan's time.

use super::{Format, Input};
use crate::intake::{Item, lay_out};
use crate::sniff::xml_root;
use crate::xml::{self, Element, Met};
use crate::{Sink, intake};
use cmdb_core::Result;
use cmdb_core::model::Value;
use smol_str::SmolStr;

pub(super) struct Nmap;

impl Format for Nmap {
    fn name(&self) -> &'static str {
        "nmap"
    }
    fn observes(&self) -> bool {
        true
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        xml_root(head) == Some("nmaprun")
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("nmap", input, sink, |intake, source, file| {
            let mut scan = SmolStr::default();
            xml::each(source, file, &|path| path == "nmaprun/host", &mut |row, met| match met {
                Met::Opened(opened) if opened.name == "nmaprun" => {
                    scan = opened.attribute("start").map(SmolStr::new).unwrap_or_default();
                    Ok(())
                }
                Met::Opened(_) => Ok(()),
                Met::Record(host) => take(intake, row, &scan, &host),
            })
        })
    }
}

fn take(intake: &mut intake::Intake<'_>, row: u64, scan: &str, host: &Element) -> Result<()> {
    let state = host.child("status").and_then(|status| status.attribute("state"));
    if state != Some("up") {
        intake.note(
            row,
            "note.host",
            format!("a host was {} and is left as it is", state.unwrap_or("not seen")),
        );
        return Ok(());
    }
    let address = |kind: &str| {
        let of_kind = host.children("address").find(|a| a.attribute("addrtype").unwrap_or("ipv4") == kind);
        of_kind.and_then(|a| a.attribute("addr"))
    };
    let Some(id) = address("ipv4").or_else(|| address("ipv6")).or_else(|| address("mac")) else {
        intake.complain(row, None, "nmap.no-address", "the host has no address");
        return Ok(());
    };
    let names: Vec<&str> = host
        .child("hostnames")
        .into_iter()
        .flat_map(|all| all.children("hostname"))
        .filter_map(|name| name.attribute("name"))
        .collect();
    let mut item = Item::new("Server", id).name(Some(names.first().copied().unwrap_or(id)));
    item.text("ip_address", address("ipv4").or_else(|| address("ipv6")));
    item.text("mac_address", address("mac"));
    let vendor = host.children("address").find_map(|a| a.attribute("vendor"));
    item.text("manufacturer", vendor);
    item.text("fqdn", names.first().copied().filter(|name| name.contains('.')));
    let guesses = host.child("os").into_iter().flat_map(|os| os.children("osmatch"));
    let likeliest =
        guesses.max_by_key(|guess| guess.attribute("accuracy").and_then(|a| a.parse::<u8>().ok()));
    item.text("operating_system", likeliest.and_then(|guess| guess.attribute("name")));
    item.text("scanned_at", Some(scan));
    if !names.is_empty() {
        item.set("hostnames", Some(Value::List(names.iter().map(|name| Value::text(name)).collect())));
    }
    let lists = [
        "address",
        "hostname",
        "osmatch",
        "osclass",
        "cpe",
        "portused",
        "extraports",
        "extrareasons",
        "hop",
        "script",
        "elem",
        "table",
    ];
    item.rest("", &host.to_json(&lists), &["ports", "status", "hostnames"]);
    intake.item(row, item)?;
    let Some(ports) = host.child("ports") else { return Ok(()) };
    for port in ports.children("port") {
        take_port(intake, row, scan, id, port)?;
    }
    Ok(())
}

fn take_port(
    intake: &mut intake::Intake<'_>,
    row: u64,
    scan: &str,
    host: &str,
    port: &Element,
) -> Result<()> {
    let (Some(protocol), Some(number)) = (port.attribute("protocol"), port.attribute("portid")) else {
        intake.complain(row, Some("port"), "nmap.no-port", "a port has no number or no protocol");
        return Ok(());
    };
    let state = port.child("state").and_then(|state| state.attribute("state")).unwrap_or("unknown");
    if state != "open" {
        intake.note(row, "note.host", format!("a port was {state} and is no item"));
        return Ok(());
    }
    let id = format!("{host}/{protocol}/{number}");
    let service = port.child("service");
    let of_service = |name: &str| service.and_then(|service| service.attribute(name));
    let name =
        of_service("name").map(|name| format!("{name} on {host}:{number}")).unwrap_or_else(|| id.clone());
    let mut item = Item::new("ApplicationInterface", id.as_str()).name(Some(name));
    item.set("port", number.parse().ok().filter(|n: &i64| (0..=65_535).contains(n)).map(Value::Integer));
    item.text("protocol", Some(protocol));
    item.text("version", of_service("version"));
    item.text("ip_address", Some(host).filter(|h| h.parse::<std::net::IpAddr>().is_ok()));
    item.text("scanned_at", Some(scan));
    item.rest("", &port.to_json(&["script", "cpe", "elem", "table"]), &["portid", "protocol"]);
    intake.item(row, item)?;
    intake.relate(row, &id, "runs_on", host)
}
