//! Hosts, groups and variables in the shape of an Ansible inventory script.
//!
//! Group names have only letters, digits and `_`. Values that would share a name (`a-b` and `a b`) get the beginning of
//! their hash added, and so do hosts of one name the beginning of their id; `_meta.cmdb_notes` says where.

use crate::address::{ADDRESS_ATTRIBUTES, Addresses};
use cmdb_core::Result;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{Item, ItemNumber, Symbol, Value};
use cmdb_import::json;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// How far up a site is looked for: rack, room, floor, building.
const PLACES_MAX: usize = 8;
/// Characters of a hash or id that tell two names apart.
const MARK_CHARS: usize = 8;

/// What hosts are grouped by.
pub struct Keys {
    environment: Option<Symbol>,
    location: Option<Symbol>,
    owner: Option<Symbol>,
    located_in: Option<Symbol>,
    owned_by: Option<Symbol>,
    site: Option<Symbol>,
    /// Attributes asked for besides.
    others: Vec<(String, Option<Symbol>)>,
}

impl Keys {
    pub fn read(snapshot: &Snapshot, others: &[&str]) -> Keys {
        let get = |name: &str| snapshot.names().get(name);
        Keys {
            environment: get("environment"),
            location: get("location"),
            owner: get("owner"),
            located_in: get("located_in"),
            owned_by: get("owned_by"),
            site: get("Site"),
            others: others.iter().map(|name| ((*name).to_owned(), get(name))).collect(),
        }
    }
    /// Key and value of every group a host belongs to.
    fn groups(&self, snapshot: &Snapshot, number: ItemNumber, item: &Item) -> Result<Vec<(String, String)>> {
        let attribute = |key: Option<Symbol>| key.and_then(|key| item.attribute(key)).map(plain);
        let related = |kind| next(snapshot, number, kind);
        let name_of = |number| snapshot.name_of(snapshot.dense(number)).to_owned();
        let mut out: Vec<(&str, Option<String>)> = vec![
            ("class", item.class().map(|class| snapshot.names().text(class).to_owned())),
            ("environment", attribute(self.environment)),
        ];
        let site = self.site_of(snapshot, number)?.map(name_of);
        out.push(("site", site.or_else(|| attribute(self.location))));
        let owner = related(self.owned_by)?.map(name_of);
        out.push(("owner", owner.or_else(|| attribute(self.owner))));
        out.extend(self.others.iter().map(|(name, key)| (name.as_str(), attribute(*key))));
        let stated = out.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Ok(stated.filter(|(_, value)| !value.is_empty()).collect())
    }
    /// The site that an item is in, through rack and room.
    fn site_of(&self, snapshot: &Snapshot, number: ItemNumber) -> Result<Option<ItemNumber>> {
        let mut place = number;
        for _ in 0..PLACES_MAX {
            let Some(wider) = next(snapshot, place, self.located_in)? else { return Ok(None) };
            let class = snapshot.class_of(snapshot.dense(wider));
            if class.zip(self.site).is_some_and(|(class, site)| snapshot.schema().is_a(class, site)) {
                return Ok(Some(wider));
            }
            place = wider;
        }
        Ok(None)
    }
}

/// The first target of a relationship of this type.
fn next(snapshot: &Snapshot, number: ItemNumber, kind: Option<Symbol>) -> Result<Option<ItemNumber>> {
    let Some(kind) = kind else { return Ok(None) };
    for (relationship, _) in snapshot.relationships_of(number).into_iter().filter(|(_, outgoing)| *outgoing) {
        let record = snapshot.relationship(relationship)?;
        if let Some(record) = record.filter(|r| r.identity.kind == kind) {
            return Ok(Some(record.identity.target));
        }
    }
    Ok(None)
}

/// The whole inventory.
pub struct Inventory {
    hosts: BTreeMap<String, Json>,
    groups: BTreeMap<String, BTreeSet<String>>,
    notes: Vec<String>,
}

impl Inventory {
    pub fn of(snapshot: &Snapshot, numbers: &[ItemNumber], keys: &Keys) -> Result<Inventory> {
        let mut inventory = Inventory { hosts: BTreeMap::new(), groups: BTreeMap::new(), notes: Vec::new() };
        let addresses = Addresses::by(snapshot, ADDRESS_ATTRIBUTES);
        let names = inventory.host_names(snapshot, numbers);
        // (key, value) → hosts; values are told apart before they are cut down to names.
        let mut members: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for (number, name) in numbers.iter().zip(names) {
            let Some(item) = snapshot.item(*number)? else { continue };
            for group in keys.groups(snapshot, *number, &item)? {
                members.entry(group).or_default().insert(name.clone());
            }
            inventory.hosts.insert(name, variables(snapshot, *number, &item, &addresses));
        }
        inventory.name_groups(members);
        Ok(inventory)
    }
    /// A name for each host, no two the same.
    fn host_names(&mut self, snapshot: &Snapshot, numbers: &[ItemNumber]) -> Vec<String> {
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        let plain_name = |number: &ItemNumber| snapshot.name_of(snapshot.dense(*number));
        numbers.iter().for_each(|number| *seen.entry(plain_name(number)).or_default() += 1);
        for (name, count) in seen.iter().filter(|(name, count)| **count > 1 && !name.is_empty()) {
            self.notes
                .push(format!("{count} hosts are called \"{name}\"; each has the beginning of its id added"));
        }
        for name in seen.keys().filter(|name| is_template(name)) {
            self.notes
                .push(format!("a host is called \"{name}\", which Ansible might run; its id stands for it"));
        }
        let name = |number: &ItemNumber| {
            let (name, id) = (plain_name(number), snapshot.item_id(*number).to_string());
            match seen.get(name) {
                _ if name.is_empty() || is_template(name) => id,
                Some(1) => name.to_owned(),
                _ => format!("{name}.{}", &id[..MARK_CHARS]),
            }
        };
        numbers.iter().map(name).collect()
    }
    fn name_groups(&mut self, members: BTreeMap<(String, String), BTreeSet<String>>) {
        let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (key, value) in members.keys() {
            wanted.entry(group_name(key, value)).or_default().push(value.clone());
        }
        for (name, values) in wanted.iter().filter(|(_, values)| values.len() > 1) {
            let values = values.join("\", \"");
            self.notes.push(format!("\"{values}\" would all be group {name}; each has its hash added"));
        }
        for ((key, value), hosts) in members {
            let mut name = group_name(&key, &value);
            if wanted.get(&name).is_some_and(|values| values.len() > 1) {
                let hash = blake3::hash(format!("{key}\0{value}").as_bytes()).to_hex();
                name = format!("{name}_{}", &hash[..MARK_CHARS]);
            }
            self.groups.entry(name).or_default().extend(hosts);
        }
    }
    /// What `--list` prints.
    pub fn list(self) -> Json {
        let mut out = Map::new();
        let children: Vec<&str> =
            ["ungrouped"].into_iter().chain(self.groups.keys().map(String::as_str)).collect();
        out.insert("all".to_owned(), json!({ "children": children }));
        for (name, hosts) in &self.groups {
            out.insert(name.clone(), json!({ "hosts": hosts }));
        }
        out.insert("_meta".to_owned(), json!({ "hostvars": self.hosts, "cmdb_notes": self.notes }));
        Json::Object(out)
    }
    /// What `--host` prints.
    pub fn host(mut self, name: &str) -> Option<Json> {
        self.hosts.remove(name)
    }
}

/// `key_value` in the characters that Ansible allows.
fn group_name(key: &str, value: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("{key}_{value}").chars().map(plain).collect()
}

fn plain(value: &Value) -> String {
    match value {
        Value::List(_) | Value::Map(_) => json::from_value(value).to_string(),
        other => other.to_string(),
    }
}

fn variables(snapshot: &Snapshot, number: ItemNumber, item: &Item, addresses: &Addresses) -> Json {
    let names = snapshot.names();
    let attributes: Map<String, Json> = item
        .attributes
        .iter()
        .map(|a| (names.text(a.key).to_owned(), unsafe_text(json::from_value(&a.value))))
        .collect();
    let text = |symbol: Option<Symbol>| symbol.map(|s| names.text(s));
    let mut out = Map::new();
    out.extend(addresses.of(item).map(|address| ("ansible_host".to_owned(), unsafe_text(address.into()))));
    let about = json!({
        "id": snapshot.item_id(number).to_string(),
        "class": text(item.class()),
        "name": unsafe_text(item.name.as_deref().into()),
        "status": text(item.status),
        "attributes": attributes,
    });
    out.insert("cmdb".to_owned(), about);
    Json::Object(out)
}

/// Ansible evaluates templates in variables; a text that looks like one is marked as plain text, so that nobody runs
/// commands through the name of a configuration item.
fn unsafe_text(value: Json) -> Json {
    match value {
        Json::String(text) if is_template(&text) => json!({ "__ansible_unsafe": text }),
        Json::Array(list) => Json::Array(list.into_iter().map(unsafe_text).collect()),
        Json::Object(map) => Json::Object(map.into_iter().map(|(k, v)| (k, unsafe_text(v))).collect()),
        other => other,
    }
}

fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark))
}
