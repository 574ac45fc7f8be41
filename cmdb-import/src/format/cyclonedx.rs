//! CycloneDX, JSON of versions 1.2 to 1.6 and XML of 1.0 to 1.6: components, services and vulnerabilities are items,
//! `dependsOn` becomes depends_on, and nesting contains.
//!
//! An item's id is its `bom-ref`, else its package URL, else group, name and version; import the BOMs of different
//! products under different sources, because a `bom-ref` means something in its own BOM only.

use super::{Format, Input};
use crate::intake::{Intake, Item, lay_out, own_class};
use crate::json::scan::Scanner;
use crate::json::walk::{Element, Step, Walker, walk};
use crate::sniff::{Keys, xml_root};
use crate::{Sink, tree};
use cmdb_core::{Error, Result};
use serde_json::Value as Json;
use std::collections::HashSet;

mod xml;

pub(super) struct CycloneDx;

/// References remembered until every component is known.
const REFERENCES_MAX: usize = 2_000_000;
const TYPES: [&str; 13] = [
    "application",
    "framework",
    "library",
    "container",
    "platform",
    "operating-system",
    "device",
    "device-driver",
    "firmware",
    "file",
    "machine-learning-model",
    "data",
    "cryptographic-asset",
];
/// Lengths of hashes in hexadecimal digits.
const HASHES: [(&str, usize); 12] = [
    ("MD5", 32),
    ("SHA-1", 40),
    ("SHA-256", 64),
    ("SHA-384", 96),
    ("SHA-512", 128),
    ("SHA3-256", 64),
    ("SHA3-384", 96),
    ("SHA3-512", 128),
    ("BLAKE2b-256", 64),
    ("BLAKE2b-384", 96),
    ("BLAKE2b-512", 128),
    ("BLAKE3", 64),
];

impl Format for CycloneDx {
    fn name(&self) -> &'static str {
        "cyclonedx"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        if xml_root(head) == Some("bom") {
            return memchr::memmem::find(head, xml::NAMESPACE.as_bytes()).is_some();
        }
        Keys::of(head).is_some_and(|keys| keys.has("bomFormat") && keys.has("specVersion"))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("cyclonedx", input, sink, |intake, mut source, file| {
            while source.bytes().trim_ascii_start().is_empty() && source.more()? {}
            if source.bytes().trim_ascii_start().starts_with(b"<") {
                return xml::read(intake, source, file);
            }
            let mut scanner = Scanner::new(source, file.clone());
            let mut bom = Bom::new(intake);
            let kept = walk(&mut scanner, file, &mut bom)?;
            bom.finish(file, &kept)
        })
    }
}

struct Bom<'i, 'a> {
    intake: &'i mut Intake<'a>,
    row: u64,
    refs: HashSet<String>,
    /// (row, source, relationship, target).
    needs: Vec<(u64, String, &'static str, String)>,
}

impl Walker for Bom<'_, '_> {
    fn step(&mut self, place: &str, is_list: bool) -> Step {
        match place {
            "" => Step::Enter,
            "components" | "services" | "dependencies" | "vulnerabilities" if is_list => Step::Stream,
            _ => Step::Take,
        }
    }

    fn element(&mut self, element: Element<'_>) -> Result<()> {
        match element.json {
            Err((code, message)) => {
                self.row += 1;
                self.intake.complain(self.row, None, code, message);
                Ok(())
            }
            Ok(json) => self.record(element.place, &json),
        }
    }
}

impl<'i, 'a> Bom<'i, 'a> {
    fn new(intake: &'i mut Intake<'a>) -> Self {
        Bom { intake, row: 0, refs: HashSet::new(), needs: Vec::new() }
    }
}

impl Bom<'_, '_> {
    /// Takes an element of one of the lists.
    fn record(&mut self, list: &str, json: &Json) -> Result<()> {
        self.row += 1;
        match list {
            "dependencies" => {
                self.dependency(json);
                Ok(())
            }
            "vulnerabilities" => self.vulnerability(json),
            list => self.part(list, json, None),
        }
    }

    /// A component or service and everything nested in it; the parser bounds how deep that is.
    fn part(&mut self, list: &str, json: &Json, parent: Option<&str>) -> Result<()> {
        let Some(name) = tree::text(json, "/name") else {
            self.intake.complain(
                self.row,
                Some("name"),
                "cyclonedx.no-name",
                format!("an element of {list} has no name"),
            );
            return Ok(());
        };
        for (column, wrong) in faults(list, json) {
            self.intake.complain(self.row, Some(column), "cyclonedx.invalid", format!("{name}: {wrong}"));
        }
        let version = tree::text(json, "/version");
        let whole = || {
            [tree::text(json, "/group"), Some(name), version]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("/")
        };
        let id = tree::text(json, "/bom-ref")
            .or_else(|| tree::text(json, "/purl"))
            .map_or_else(whole, str::to_owned);
        let stated = json.get("bom-ref").is_some();
        if json.get("bom-ref").is_some_and(|r| r.as_str().is_none_or(str::is_empty)) {
            self.intake.complain(
                self.row,
                Some("bom-ref"),
                "cyclonedx.invalid",
                format!("{name}: the bom-ref is empty"),
            );
        }
        if self.refs.len() >= REFERENCES_MAX {
            let message = format!("a BOM has at most {REFERENCES_MAX} components and services");
            self.intake.complain(self.row, None, "cyclonedx.too-many", message);
            return Ok(());
        }
        if !self.refs.insert(id.clone()) {
            if stated {
                let message = format!("the bom-ref \"{id}\" stands twice");
                self.intake.complain(self.row, Some("bom-ref"), "cyclonedx.duplicate-ref", message);
            } else {
                self.intake.note(self.row, "note.field", format!("{id}, which stands more than once,"));
            }
            return Ok(());
        }
        let kind = tree::text(json, "/type").unwrap_or("service");
        let class = match (list, kind) {
            ("services", _) => "ServiceInstance".into(),
            (
                _,
                "application" | "framework" | "library" | "operating-system" | "platform" | "file"
                | "container",
            ) => "SoftwarePackage".into(),
            (_, other) => own_class("CycloneDx", other),
        };
        let mut item = Item::new(class, id.as_str()).name(Some(name));
        item.text("version", version);
        item.text("description", tree::text(json, "/description"));
        item.text("bom_list", Some(list));
        item.text("purl", tree::text(json, "/purl"));
        item.text("cpe", tree::text(json, "/cpe"));
        if list != "services" && kind != "device" {
            item.text(
                "vendor",
                tree::text(json, "/publisher").or_else(|| tree::text(json, "/supplier/name")),
            );
        }
        item.rest(
            "",
            json,
            &["bom-ref", "name", "version", "description", "purl", "cpe", "components", "services"],
        );
        self.intake.item(self.row, item)?;
        if let Some(parent) = parent {
            self.intake.relate(self.row, parent, "contains", &id)?;
        }
        for (field, list) in [("/components", "components"), ("/services", "services")] {
            tree::list(json, field).iter().try_for_each(|inner| self.part(list, inner, Some(&id)))?;
        }
        Ok(())
    }

    fn dependency(&mut self, json: &Json) {
        let Some(source) = tree::text(json, "/ref") else {
            self.intake.complain(self.row, Some("ref"), "cyclonedx.no-ref", "a dependency has no ref");
            return;
        };
        for (field, relationship) in [("/dependsOn", "depends_on"), ("/provides", "provides")] {
            for target in tree::list(json, field).iter().filter_map(Json::as_str) {
                if self.needs.len() < REFERENCES_MAX {
                    self.needs.push((self.row, source.to_owned(), relationship, target.to_owned()));
                }
            }
        }
        if tree::list(json, "/dependsOn").is_empty() && self.needs.len() < REFERENCES_MAX {
            self.needs.push((self.row, source.to_owned(), "", String::new()));
        }
    }

    fn vulnerability(&mut self, json: &Json) -> Result<()> {
        let Some(id) = tree::text(json, "/id").or_else(|| tree::text(json, "/bom-ref")) else {
            self.intake.complain(self.row, Some("id"), "cyclonedx.no-id", "the vulnerability has no id");
            return Ok(());
        };
        let mut item = Item::new("Vulnerability", id).name(Some(id));
        item.text("description", tree::text(json, "/description"));
        item.text("bom_list", Some("vulnerabilities"));
        item.rest("", json, &["id", "description"]);
        self.intake.item(self.row, item)?;
        let mut told = HashSet::new();
        for target in tree::list(json, "/affects").iter().filter_map(|one| tree::text(one, "/ref")) {
            // A link into another BOM names the component behind the `#`.
            let target = target
                .strip_prefix("urn:cdx:")
                .and_then(|link| link.split_once('#'))
                .map_or(target, |(_, r)| r);
            if told.insert(target) {
                self.intake.relate(self.row, id, "relates_to", target)?;
            }
        }
        Ok(())
    }

    fn finish(mut self, file: &str, kept: &Json) -> Result<()> {
        if tree::text(kept, "/bomFormat") != Some("CycloneDX") {
            let message = format!("\"{file}\" says that its bomFormat is not CycloneDX");
            return Err(Error::invalid("cyclonedx.format", message));
        }
        if kept.get("serialNumber").is_some_and(|n| !n.as_str().is_some_and(is_serial)) {
            self.intake.complain(
                0,
                Some("serialNumber"),
                "cyclonedx.invalid",
                "the serialNumber is not urn:uuid:…",
            );
        }
        if let Some(about) = kept.pointer("/metadata/component") {
            self.row = 0;
            self.part("metadata", about, None)?;
        }
        for (row, source, relationship, target) in std::mem::take(&mut self.needs) {
            let unknown = [&source, &target]
                .into_iter()
                .find(|r| !r.is_empty() && !r.starts_with("urn:cdx:") && !self.refs.contains(*r));
            if let Some(unknown) = unknown {
                let message =
                    format!("the dependency names \"{unknown}\", which is in no component or service");
                self.intake.complain(row, Some("ref"), "cyclonedx.unknown-ref", message);
            } else if !relationship.is_empty() {
                self.intake.relate(row, &source, relationship, &target)?;
            }
        }
        let read = [
            "$schema",
            "bomFormat",
            "specVersion",
            "serialNumber",
            "version",
            "components",
            "services",
            "dependencies",
            "vulnerabilities",
        ];
        for (key, _) in tree::entries(kept, "").filter(|(key, _)| !read.contains(key)) {
            self.intake.note(
                0,
                "note.field",
                if key == "metadata" { "metadata, but for its component," } else { key },
            );
        }
        Ok(())
    }
}

fn is_serial(text: &str) -> bool {
    text.strip_prefix("urn:uuid:")
        .is_some_and(|id| id.len() == 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'))
}

/// What is wrong with a component, by field.
fn faults(list: &str, json: &Json) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    if list != "services" {
        match tree::text(json, "/type") {
            None => out.push(("type", "it has no type".to_owned())),
            Some(kind) if !TYPES.contains(&kind) => {
                out.push(("type", format!("\"{kind}\" is no type of a component")))
            }
            Some(_) => {}
        }
    }
    if let Some(scope) =
        tree::text(json, "/scope").filter(|s| !matches!(*s, "required" | "optional" | "excluded"))
    {
        out.push(("scope", format!("\"{scope}\" is no scope")));
    }
    for hash in tree::list(json, "/hashes") {
        let (name, content) =
            (tree::text(hash, "/alg").unwrap_or(""), tree::text(hash, "/content").unwrap_or(""));
        let length = HASHES.iter().find(|(known, _)| *known == name).map(|(_, length)| *length);
        if length != Some(content.len()) || !content.bytes().all(|b| b.is_ascii_hexdigit()) {
            out.push(("hashes", format!("\"{content}\" is no {name} hash")));
        }
    }
    out
}
