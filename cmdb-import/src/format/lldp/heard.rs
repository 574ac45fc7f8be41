//! lldpctl's two outputs in one shape: neighbours with flat fields, named as in its key-value output.

use crate::{lines, tree};
use cmdb_core::{Error, Result};
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};

/// Bytes of fields kept of one file.
const KEPT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How deep the JSON of a neighbour is followed.
const DEPTH_MAX: usize = 16;

/// One neighbour as it was heard on one interface.
pub(super) struct Neighbour {
    /// Line, or number of the neighbour in the JSON.
    pub row: u64,
    pub interface: String,
    /// A field may have several values.
    pub fields: BTreeMap<String, Vec<String>>,
}

impl Neighbour {
    pub fn first(&self, field: &str) -> Option<&str> {
        self.all(field).next()
    }

    pub fn all(&self, field: &str) -> impl Iterator<Item = &str> {
        self.fields.get(field).into_iter().flatten().map(String::as_str)
    }
}

#[derive(Default)]
pub(super) struct Heard {
    pub neighbours: Vec<Neighbour>,
    /// The neighbour heard last on each interface.
    newest: HashMap<String, usize>,
    /// The neighbour that fields belong to.
    at: usize,
    bytes: usize,
    /// The field stated last; its text may go on in the next line.
    last: Option<String>,
}

impl Heard {
    /// Takes a line such as `lldp.eth0.chassis.name=sw1`.
    pub fn line(&mut self, file: &str, number: u64, line: &str) -> Result<()> {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        let parts = text.split_once('=').and_then(|(key, value)| Some((key.strip_prefix("lldp.")?, value)));
        let Some((key, value)) = parts else {
            if self.go_on(text) {
                return Ok(());
            }
            let message = format!("line {number} of \"{file}\" is not lldp.INTERFACE.FIELD=VALUE");
            return Err(
                Error::invalid("lldp.syntax", message).hint("write it with lldpctl -f keyvalue, or -f json")
            );
        };
        // An interface may have dots of its own (`eth0.12`); a field begins with one of lldpctl's words.
        let (interface, field) = split(key);
        // Each neighbour begins with the protocol it was heard by; some outputs leave that out. A line that strayed
        // among those of another interface belongs to its own.
        match self.newest.get(interface) {
            Some(known) if field != "via" => self.at = *known,
            _ => self.begin(number, interface)?,
        }
        self.last = Some(field.to_owned());
        self.add(file, field, value)
    }

    /// Adds a line to the text stated last, such as a description of several lines.
    fn go_on(&mut self, text: &str) -> bool {
        let (Some(neighbour), Some(field)) = (self.neighbours.get_mut(self.at), &self.last) else {
            return false;
        };
        let Some(known) = neighbour.fields.get_mut(field).and_then(|values| values.last_mut()) else {
            return false;
        };
        self.bytes += text.len() + 1;
        known.push('\n');
        known.push_str(text);
        self.bytes <= KEPT_BYTES_MAX
    }

    /// Takes the whole of `lldpctl -f json`, where interfaces are an object or a list of objects of one entry.
    pub fn json(&mut self, file: &str, json: &Json) -> Result<()> {
        let interfaces = json.pointer("/lldp/interface").unwrap_or(&Json::Null);
        let listed = std::slice::from_ref(interfaces);
        let parts = interfaces.as_array().map_or(listed, Vec::as_slice);
        for (name, inner) in parts.iter().filter_map(Json::as_object).flatten() {
            let several = std::slice::from_ref(inner);
            for neighbour in inner.as_array().map_or(several, Vec::as_slice) {
                self.begin(self.neighbours.len() as u64 + 1, name)?;
                self.flatten(file, "", neighbour, 0)?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, row: u64, interface: &str) -> Result<()> {
        if self.neighbours.len() >= lines::LINES_MAX {
            return Err(Error::limit(
                "lldp.too-many",
                format!("at most {} neighbours are read", lines::LINES_MAX),
            ));
        }
        self.at = self.neighbours.len();
        self.newest.insert(interface.to_owned(), self.at);
        self.neighbours.push(Neighbour { row, interface: interface.to_owned(), fields: BTreeMap::new() });
        Ok(())
    }

    fn add(&mut self, file: &str, field: &str, value: &str) -> Result<()> {
        self.bytes += field.len() + value.len() + 64;
        if self.bytes > KEPT_BYTES_MAX {
            let message = format!("\"{file}\" holds more than {KEPT_BYTES_MAX} bytes of neighbours");
            return Err(Error::limit("lldp.too-long", message));
        }
        if let (Some(last), false) = (self.neighbours.get_mut(self.at), value.is_empty()) {
            last.fields.entry(field.to_owned()).or_default().push(value.to_owned());
        }
        Ok(())
    }

    fn flatten(&mut self, file: &str, name: &str, json: &Json, depth: usize) -> Result<()> {
        let join = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
        if depth > DEPTH_MAX {
            return Ok(());
        }
        match json {
            Json::Object(map) => {
                // `"id": {"type": "mac", "value": "…"}` is `mac=…` in the other output, a capability `Bridge.enabled`.
                let typed = tree::text(json, "/type").zip(map.get("value").or_else(|| map.get("enabled")));
                match typed {
                    Some((kind, value)) if map.contains_key("enabled") => {
                        let enabled = if value == &Json::Bool(true) { "on" } else { "off" };
                        let capabilities = name.strip_suffix(".capability").unwrap_or(name);
                        self.add(file, &format!("{capabilities}.{kind}.enabled"), enabled)
                    }
                    Some((kind, value)) => {
                        let owner = name.strip_suffix("id").unwrap_or(name);
                        self.flatten(file, &format!("{owner}{kind}"), value, depth + 1)
                    }
                    None if name == "chassis" && !map.contains_key("id") => {
                        map.iter().try_for_each(|(device, inner)| {
                            self.add(file, "chassis.name", device)?;
                            self.flatten(file, "chassis", inner, depth + 1)
                        })
                    }
                    None => map
                        .iter()
                        .try_for_each(|(key, inner)| self.flatten(file, &join(key), inner, depth + 1)),
                }
            }
            Json::Array(list) => list.iter().try_for_each(|one| self.flatten(file, name, one, depth + 1)),
            other => self.add(file, name, &tree::word(other, "").unwrap_or_default()),
        }
    }
}

/// Interface and field of a key.
fn split(key: &str) -> (&str, &str) {
    const WORDS: [&str; 12] = [
        ".via",
        ".rid",
        ".age",
        ".chassis",
        ".port",
        ".vlan",
        ".lldp-med",
        ".unknown-tlvs",
        ".ppvid",
        ".pi",
        ".ttl",
        ".custom",
    ];
    let ends =
        |at: usize, word: &str| key[at + word.len()..].is_empty() || key[at + word.len()..].starts_with('.');
    let at = WORDS
        .iter()
        .filter_map(|w| key.match_indices(w).map(|(at, _)| at).find(|at| *at > 0 && ends(*at, w)));
    match at.min() {
        Some(at) => (&key[..at], &key[at + 1..]),
        None => key.split_once('.').unwrap_or((key, "text")),
    }
}
