//! Targets for Prometheus' HTTP service discovery.
//!
//! One group for each item, the whole list each time, `[]` if there is none: what `http_sd_configs` expects. Items in a
//! status that is not live, and items without an address, are no targets.

use crate::address::{ADDRESS_ATTRIBUTES, Addresses};
use crate::call::{Call, parameter};
use crate::filter::Filter;
use crate::reply::Reply;
use crate::route::{Lane, Route};
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{Item, ItemNumber, Symbol, Value};
use cmdb_core::{Error, Result};
use serde_json::{Map, Value as Json, json};
use std::io::Write;
use std::net::IpAddr;

/// Where exporters listen if nobody says: the node exporter's port.
const PORT_DEFAULT: u16 = 9_100;

pub fn targets() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let numbers = Filter::read(&call, &snapshot)?.numbers(&snapshot)?;
        let shape = Shape::read(&call, &snapshot)?;
        let position = snapshot.position();
        let write = move |out: &mut dyn Write| {
            let mut between = "[";
            for number in numbers.into_iter().map(ItemNumber) {
                let record = snapshot.item(number).map_err(std::io::Error::other)?;
                let live = !snapshot.is_hidden(snapshot.dense(number));
                if let Some(group) =
                    record.filter(|_| live).and_then(|item| shape.group(&snapshot, number, &item))
                {
                    out.write_all(between.as_bytes())?;
                    serde_json::to_writer(&mut *out, &group)?;
                    between = ",\n";
                }
            }
            out.write_all(if between == "[" { b"[]\n" } else { b"]\n" })
        };
        Ok(Reply::written("application/json", write).at(position))
    }
    Route::read("/api/v1/prometheus/sd", "prometheus_targets", handler)
        .summary("Targets for Prometheus' `http_sd_configs`: one group for each item that is live and has an address")
        .text("class", "items of this class, subclasses included")
        .text("status", "items in this status")
        .text("where", "items for which this expression holds")
        .text("port", "port of the targets, or the name of an attribute that holds it; 9100 if not stated")
        .text("address", "attributes that hold the address, best first; `ip_address,fqdn` if not stated")
        .text("labels", "labels of the targets: `env=environment,site=location`, or names of attributes")
        .lane(Lane::Stream)
}

/// How an item becomes a target.
struct Shape {
    addresses: Addresses,
    port: Port,
    /// Label, and the attribute it is taken from.
    labels: Vec<(String, Option<Symbol>)>,
}

enum Port {
    Number(u16),
    Attribute(Symbol),
}

impl Shape {
    fn read(call: &Call, snapshot: &Snapshot) -> Result<Shape> {
        let stated = call.words("address");
        let addresses = match stated.is_empty() {
            true => Addresses::by(snapshot, ADDRESS_ATTRIBUTES),
            false => Addresses::by(snapshot, stated),
        };
        let port = match call.text("port") {
            None => Port::Number(PORT_DEFAULT),
            Some(text) => match (text.parse(), snapshot.names().get(text)) {
                (Ok(number), _) if number > 0 => Port::Number(number),
                (Err(_), Some(attribute)) => Port::Attribute(attribute),
                _ => return Err(parameter("port", format!("\"{text}\" is no port and no attribute"))),
            },
        };
        let label = |word: &str| {
            let (label, attribute) = word.split_once('=').unwrap_or((word, word));
            check_label(label)?;
            Ok((label.to_owned(), snapshot.names().get(attribute)))
        };
        let labels = call.words("labels").into_iter().map(label).collect::<Result<_>>()?;
        Ok(Shape { addresses, port, labels })
    }
    fn group(&self, snapshot: &Snapshot, number: ItemNumber, item: &Item) -> Option<Json> {
        let address = self.addresses.of(item)?;
        let port = match &self.port {
            Port::Number(port) => port.to_string(),
            Port::Attribute(key) => item.attribute(*key)?.to_string(),
        };
        let target = match address.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => format!("[{address}]:{port}"),
            _ => format!("{address}:{port}"),
        };
        let mut labels = Map::new();
        let mut put = |label: &str, text: &str| {
            // An empty label is none to Prometheus.
            if !text.is_empty() {
                labels.insert(label.to_owned(), text.into());
            }
        };
        put("__meta_cmdb_id", &snapshot.item_id(number).to_string());
        put("__meta_cmdb_class", item.class().map_or("", |class| snapshot.names().text(class)));
        put("__meta_cmdb_name", item.name.as_deref().unwrap_or(""));
        put("__meta_cmdb_status", item.status.map_or("", |status| snapshot.names().text(status)));
        for (label, key) in &self.labels {
            if let Some(value) = key.and_then(|key| item.attribute(key)) {
                put(label, &text_of(value));
            }
        }
        Some(json!({ "targets": [target], "labels": labels }))
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::List(_) | Value::Map(_) => cmdb_import::json::from_value(value).to_string(),
        other => other.to_string(),
    }
}

/// `[a-zA-Z_][a-zA-Z0-9_]*`, and not one of those that Prometheus keeps for itself.
fn check_label(label: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let fits = label.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && label.chars().all(plain);
    if fits && (!label.starts_with("__") || label.starts_with("__meta_")) {
        return Ok(());
    }
    let error: Error = parameter("labels", format!("\"{label}\" is no name of a label"));
    Err(error
        .hint("a label has letters, digits and _; write label=attribute to give an attribute another name"))
}
