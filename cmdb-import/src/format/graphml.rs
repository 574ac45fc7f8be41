//! GraphML: nodes are items, edges relationships, and `<key>` says what their data are called and what type they have.
//!
//! A node's class is its data `class`, `labels` or `type`, else `Node`; an edge's type its data `type` or `label`, else
//! `relates_to`. Of an undirected edge the source is the end named first, and `relates_to` carries no impact.

use super::{Format, Input};
use crate::Sink;
use crate::intake::{Intake, Item, lay_out, own_class};
use crate::sniff::xml_root;
use crate::xml::{self, Element, Met};
use cmdb_core::Result;
use serde_json::Value as Json;
use smol_str::SmolStr;
use std::collections::HashMap;

pub(super) struct GraphMl;

/// Keys that a document may declare.
const KEYS_MAX: usize = 4_096;

impl Format for GraphMl {
    fn name(&self) -> &'static str {
        "graphml"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        xml_root(head) == Some("graphml")
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("graphml", input, sink, |intake, source, file| {
            let mut keys = HashMap::new();
            let is_record =
                |path: &str| matches!(path.rsplit('/').next(), Some("key" | "node" | "edge" | "hyperedge"));
            xml::each(source, file, &is_record, &mut |row, met| match met {
                Met::Opened(_) => Ok(()),
                Met::Record(record) => match record.name.as_str() {
                    "key" => {
                        declare(&mut keys, &record);
                        Ok(())
                    }
                    "node" => node(intake, row, &keys, &record),
                    "edge" => edge(intake, row, &keys, &record),
                    _ => {
                        intake.note(row, "note.field", "hyperedge");
                        Ok(())
                    }
                },
            })
        })
    }
}

/// Key id → what its data are called and their type.
type Keys = HashMap<String, (SmolStr, SmolStr)>;

fn declare(keys: &mut Keys, key: &Element) {
    if let Some(id) = key.attribute("id").filter(|_| keys.len() < KEYS_MAX) {
        let name = key.attribute("attr.name").unwrap_or(id);
        let kind = key.attribute("attr.type").unwrap_or("string");
        keys.insert(id.to_owned(), (SmolStr::new(name), SmolStr::new(kind)));
    }
}

/// The data of a node or edge by name, each of its type.
fn data(keys: &Keys, element: &Element) -> serde_json::Map<String, Json> {
    let mut out = serde_json::Map::new();
    for datum in element.children("data") {
        let Some(key) = datum.attribute("key") else { continue };
        let (name, kind) = keys.get(key).cloned().unwrap_or((SmolStr::new(key), SmolStr::default()));
        let text = datum.text.trim();
        let typed = match kind.as_str() {
            "int" | "long" => text.parse::<i64>().ok().map(Json::from),
            "float" | "double" => {
                text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Json::Number)
            }
            "boolean" => text.parse::<bool>().ok().map(Json::Bool),
            _ => None,
        };
        let inner = if datum.children.is_empty() { Json::from(text) } else { datum.to_json(&[]) };
        out.insert(name.to_string(), typed.unwrap_or(inner));
    }
    out
}

fn word(data: &serde_json::Map<String, Json>, names: &[&str]) -> Option<String> {
    names
        .iter()
        .find_map(|name| data.get(*name)?.as_str())
        .map(|t| t.trim_start_matches(':').to_owned())
        .filter(|t| !t.is_empty())
}

fn node(intake: &mut Intake<'_>, row: u64, keys: &Keys, node: &Element) -> Result<()> {
    let Some(id) = node.attribute("id") else {
        intake.complain(row, Some("id"), "graphml.no-id", "the node has no id");
        return Ok(());
    };
    let data = data(keys, node);
    let class = word(&data, &["class"]).map(SmolStr::from);
    let class = class.or_else(|| word(&data, &["labels", "type"]).map(|kind| own_class("GraphMl", &kind)));
    let name = word(&data, &["name", "label"]).unwrap_or_else(|| id.to_owned());
    let mut item = Item::new(class.unwrap_or_else(|| SmolStr::new_static("Node")), id).name(Some(name));
    item.rest("", &Json::Object(data), &["class", "name", "id"]);
    if node.child("graph").is_some() {
        item.note("note.field", "graphs inside nodes");
    }
    intake.item(row, item)
}

fn edge(intake: &mut Intake<'_>, row: u64, keys: &Keys, edge: &Element) -> Result<()> {
    let (Some(source), Some(target)) = (edge.attribute("source"), edge.attribute("target")) else {
        intake.complain(row, None, "graphml.no-end", "the edge has no source or no target");
        return Ok(());
    };
    let data = data(keys, edge);
    let kind = word(&data, &["type", "label", "labels"]);
    let kind = kind.map(|kind| kind.to_lowercase().split_whitespace().collect::<Vec<_>>().join("_"));
    for (name, _) in data.iter().filter(|(name, _)| !matches!(name.as_str(), "type" | "label" | "labels")) {
        intake.note(row, "note.field", format!("{name} of an edge"));
    }
    intake.relate(row, source, kind.as_deref().unwrap_or("relates_to"), target)
}
