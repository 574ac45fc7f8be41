//! dmidecode's text: one machine as its firmware describes it, with its parts kept inside it as a list a kind.
//!
//! The machine's id is its serial number, else its UUID, else the board's serial number. The text does not say what
//! the machine is called; its name is that of the file.

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out};
use crate::{Sink, lines, serial};
use cmdb_core::model::Value;
use cmdb_core::{Error, Result};
use serde_json::{Map, Value as Json};

pub(super) struct Dmidecode;

/// Structures of one machine at most.
const STRUCTURES_MAX: usize = 10_000;
/// What a firmware writes where a field holds nothing.
const NOTHING: [&str; 7] =
    ["not specified", "not provided", "none", "unknown", "<out of spec>", "not present", "<bad index>"];

impl Format for Dmidecode {
    fn name(&self) -> &'static str {
        "dmidecode"
    }
    fn observes(&self) -> bool {
        true
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        let head = &head[..head.len().min(4_096)];
        head.trim_ascii_start().starts_with(b"# dmidecode")
            || memchr::memmem::find(head, b"Getting SMBIOS data").is_some()
            || head.starts_with(b"Handle 0x") && memchr::memmem::find(head, b"DMI type").is_some()
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("dmidecode", input, sink, |intake, source, file| {
            let mut reading = Reading::default();
            lines::each(source, file, &mut |_, line| reading.line(file, line))?;
            machine(intake, file, reading.structures)
        })
    }
}

/// One structure: its title and its fields.
struct Structure {
    title: String,
    fields: Map<String, Json>,
}

#[derive(Default)]
struct Reading {
    structures: Vec<Structure>,
    /// A handle was read and its title is to come.
    titled: bool,
    /// The field that indented lines belong to.
    field: String,
    bytes: usize,
}

impl Reading {
    fn line(&mut self, file: &str, line: &str) -> Result<()> {
        self.bytes += line.len();
        if self.structures.len() > STRUCTURES_MAX || self.bytes > crate::json::walk::KEPT_BYTES_MAX {
            let message = format!("\"{file}\" has more than {STRUCTURES_MAX} structures, or is too long");
            return Err(Error::limit("dmidecode.too-long", message));
        }
        let depth = line.bytes().take_while(|b| *b == b'\t').count();
        let text = line.trim();
        match (depth, self.structures.last_mut()) {
            (0, _) if text.starts_with("Handle 0x") => self.titled = true,
            (0, _) if self.titled && !text.is_empty() => {
                self.titled = false;
                self.structures.push(Structure { title: text.to_owned(), fields: Map::new() });
            }
            (1, Some(structure)) => {
                let (name, value) = text.split_once(':').unwrap_or((text, ""));
                self.field = name.trim().to_owned();
                let value = value.trim();
                if !value.is_empty() && !NOTHING.contains(&value.to_lowercase().as_str()) {
                    structure.fields.insert(self.field.clone(), Json::from(value));
                }
            }
            (2.., Some(structure)) if !text.is_empty() => {
                let known =
                    structure.fields.entry(self.field.clone()).or_insert_with(|| Json::Array(Vec::new()));
                match known {
                    Json::Array(list) => list.push(Json::from(text)),
                    other => *other = Json::Array(vec![other.take(), Json::from(text)]),
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn machine(intake: &mut Intake<'_>, file: &str, structures: Vec<Structure>) -> Result<()> {
    let text = |title: &str, field: &str| {
        let of_title = structures.iter().find(|structure| structure.title == title);
        of_title.and_then(|structure| structure.fields.get(field)?.as_str())
    };
    let own = text("System Information", "Serial Number").and_then(serial::stated);
    let uuid = text("System Information", "UUID").and_then(serial::stated);
    let board = text("Base Board Information", "Serial Number").and_then(serial::stated);
    let Some(id) = own.or(uuid).or(board) else {
        let message = "the text holds neither a serial number nor a UUID of a machine; run dmidecode as root";
        intake.complain(0, None, "dmidecode.no-id", message);
        return Ok(());
    };
    let mut item = Item::new("Server", id).name(Some(lines::stem(file)));
    item.text("serial_number", own);
    item.text("manufacturer", text("System Information", "Manufacturer"));
    item.text("model", text("System Information", "Product Name"));
    let tag = text("Chassis Information", "Asset Tag").and_then(serial::stated);
    item.text("asset_tag", tag);
    item.text("firmware_version", text("BIOS Information", "Version"));
    item.text("uuid", uuid);
    let of = |title: &'static str| structures.iter().filter(move |structure| structure.title == title);
    let memory: i64 =
        of("Memory Device").filter_map(|device| mebibytes(device.fields.get("Size")?.as_str()?)).sum();
    item.set("memory", (memory > 0).then_some(Value::Integer(memory)));
    let cores: i64 = of("Processor Information").filter_map(cores).sum();
    item.set("cpu_count", (cores > 0).then_some(Value::Integer(cores)));
    let mut parts: Map<String, Json> = Map::new();
    for structure in structures.iter().filter(|structure| !structure.fields.is_empty()) {
        let list = parts.entry(structure.title.to_lowercase()).or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(list) = list {
            list.push(Json::Object(structure.fields.clone()));
        }
    }
    item.rest("hardware", &Json::Object(parts), &[]);
    intake.item(0, item)
}

fn cores(processor: &Structure) -> Option<i64> {
    processor.fields.get("Core Count")?.as_str()?.parse().ok().filter(|n: &i64| (0..=100_000).contains(n))
}

/// `8192 MB` and `16 GB` in MiB; firmware means powers of two.
fn mebibytes(text: &str) -> Option<i64> {
    let (number, unit) = text.split_once(' ')?;
    let number: i64 = number.parse().ok().filter(|n| (0..=1 << 40).contains(n))?;
    match unit {
        "MB" | "MiB" => Some(number),
        "GB" | "GiB" => number.checked_mul(1_024),
        "TB" | "TiB" => number.checked_mul(1_024 * 1_024),
        _ => None,
    }
}
