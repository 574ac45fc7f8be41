//! Ansible inventories: INI files, YAML files, and the JSON of `ansible-inventory --list` and inventory scripts.
//!
//! A host's id is its name, as for facts; a group's is `group/name`. Hosts and groups are part of their groups.

use super::{Format, Input, has_extension};
use crate::intake::{Intake, Item, lay_out};
use crate::sniff::{Keys, yaml_has};
use crate::{Sink, Source, records, tree};
use cmdb_core::{Error, Result};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

mod ini;

pub(super) struct AnsibleInventory;

/// Hosts and groups of one inventory at most.
const MEMBERS_MAX: usize = 1_000_000;
/// How deep groups may nest where they are written inside each other.
const NESTED_MAX: usize = 32;

impl Format for AnsibleInventory {
    fn name(&self) -> &'static str {
        "ansible-inventory"
    }

    fn recognises(&self, head: &[u8], file_name: &str) -> bool {
        if let Some(keys) = Keys::of(head) {
            let all = keys.value("all").and_then(Keys::of);
            let hosts = all.is_some_and(|all| all.has("children") || all.has("hosts"));
            return hosts || keys.value("_meta").and_then(Keys::of).is_some_and(|meta| meta.has("hostvars"));
        }
        if has_extension(file_name, &["yml", "yaml"]) {
            let indented = |word: &[u8]| memchr::memmem::find(head, word).is_some();
            return yaml_has(head, &["all"]) && (indented(b"  hosts:") || indented(b"  children:"));
        }
        ini::recognises(head, file_name)
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("ansible", input, sink, |intake, mut source, file| {
            let mut inventory = Inventory::default();
            while source.bytes().trim_ascii_start().is_empty() && source.more()? {}
            let first = source.bytes().trim_ascii_start().first().copied();
            if first == Some(b'{') || has_extension(file, &["yml", "yaml"]) {
                let mut take = |intake: &mut Intake<'_>, row, json: Json| {
                    inventory.document(intake, row, &json);
                    Ok(())
                };
                records::each(intake, source, file, &[], &mut take)?;
            } else {
                ini::read(&mut inventory, intake, source)?;
            }
            inventory.emit(intake)
        })
    }
}

/// Hosts and groups with their variables, gathered because one host may stand in many places.
#[derive(Default)]
pub(super) struct Inventory {
    hosts: BTreeMap<String, Member>,
    groups: BTreeMap<String, Member>,
}

#[derive(Default)]
struct Member {
    row: u64,
    variables: serde_json::Map<String, Json>,
    /// Groups it is part of.
    groups: BTreeSet<String>,
}

impl Inventory {
    fn host(&mut self, row: u64, name: &str) -> &mut Member {
        self.hosts.entry(name.to_owned()).or_insert_with(|| Member { row, ..Member::default() })
    }

    fn group(&mut self, row: u64, name: &str) -> &mut Member {
        self.groups.entry(name.to_owned()).or_insert_with(|| Member { row, ..Member::default() })
    }

    fn is_full(&self, intake: &mut Intake<'_>, row: u64) -> bool {
        let full = self.hosts.len() + self.groups.len() >= MEMBERS_MAX;
        if full {
            intake.complain(
                row,
                None,
                "ansible.too-many",
                format!("an inventory has at most {MEMBERS_MAX} members"),
            );
        }
        full
    }

    /// A whole inventory in JSON or YAML: groups by name.
    fn document(&mut self, intake: &mut Intake<'_>, row: u64, json: &Json) {
        for (host, variables) in tree::entries(json, "/_meta/hostvars") {
            if self.is_full(intake, row) {
                return;
            }
            let known = &mut self.host(row, host).variables;
            known.extend(variables.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
        }
        for (name, group) in tree::entries(json, "").filter(|(name, _)| *name != "_meta") {
            self.nested(intake, row, name, group, 0);
        }
    }

    /// A group as an object with `hosts`, `children` and `vars`, each a list of names or an object.
    fn nested(&mut self, intake: &mut Intake<'_>, row: u64, name: &str, json: &Json, depth: usize) {
        if depth == NESTED_MAX {
            return intake.complain(
                row,
                None,
                "ansible.too-deep",
                format!("groups nest deeper than {NESTED_MAX}"),
            );
        }
        if self.is_full(intake, row) {
            return;
        }
        self.group(row, name);
        let hosts = match json {
            Json::Array(_) => Some(json),
            object => object.get("hosts"),
        };
        for (host, variables) in named(hosts) {
            if self.is_full(intake, row) {
                return;
            }
            let member = self.host(row, host);
            member.groups.insert(name.to_owned());
            member.variables.extend(
                variables
                    .and_then(Json::as_object)
                    .into_iter()
                    .flatten()
                    .map(|(k, v)| (k.clone(), v.clone())),
            );
        }
        for (child, inner) in named(json.get("children")) {
            self.group(row, child).groups.insert(name.to_owned());
            if let Some(inner) = inner.filter(|inner| inner.is_object()) {
                self.nested(intake, row, child, inner, depth + 1);
            }
        }
        for (variable, value) in tree::entries(json, "/vars") {
            self.group(row, name).variables.insert(variable.to_owned(), value.clone());
        }
    }

    fn emit(self, intake: &mut Intake<'_>) -> Result<()> {
        if self.hosts.is_empty() && self.groups.is_empty() {
            return Err(Error::invalid("ansible.empty", "the inventory names no host and no group"));
        }
        for (name, member) in &self.hosts {
            let mut item = Item::new("Server", name.as_str()).name(Some(name.as_str()));
            let address =
                member.variables.get("ansible_host").or_else(|| member.variables.get("ansible_ssh_host"));
            let is_address = |text: &&str| text.parse::<std::net::IpAddr>().is_ok();
            item.text("ip_address", address.and_then(Json::as_str).filter(is_address));
            item.rest("vars", &Json::Object(member.variables.clone()), &[]);
            intake.item(member.row, item)?;
        }
        for (name, member) in &self.groups {
            let mut item = Item::new("AnsibleGroup", format!("group/{name}")).name(Some(name.as_str()));
            item.rest("vars", &Json::Object(member.variables.clone()), &[]);
            intake.item(member.row, item)?;
        }
        for (name, member) in &self.hosts {
            for group in &member.groups {
                intake.relate(member.row, name, "part_of", &format!("group/{group}"))?;
            }
        }
        for (name, member) in &self.groups {
            for group in member.groups.iter().filter(|group| *group != name) {
                intake.relate(member.row, &format!("group/{name}"), "part_of", &format!("group/{group}"))?;
            }
        }
        Ok(())
    }
}

/// Names in a list, or keys with their values.
fn named(json: Option<&Json>) -> Vec<(&str, Option<&Json>)> {
    match json {
        Some(Json::Array(list)) => list.iter().filter_map(Json::as_str).map(|name| (name, None)).collect(),
        Some(Json::Object(map)) => map.iter().map(|(name, value)| (name.as_str(), Some(value))).collect(),
        _ => Vec::new(),
    }
}
