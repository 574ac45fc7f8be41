//! twenty thousand random operations against a plain model. Graph, tables, past positions and model agree.

use super::disk::Disk;
use super::support::*;
use cmdb_core::command::baseline::CreateBaseline;
use cmdb_core::command::schema::ApplySchema;
use cmdb_core::command::{Answer, Command};
use cmdb_core::engine::Cmdb;
use cmdb_core::graph::Records;
use cmdb_core::model::{Position, SmolStr};
use cmdb_core::schema::SchemaEdit;
use std::collections::BTreeMap;

const CHECK_EVERY: usize = 400;

#[derive(Clone, Debug, Default, PartialEq)]
struct Thing {
    name: String,
    retired: bool,
    attributes: BTreeMap<String, String>,
}

/// (kind, source, target, group) → attributes.
type Links = BTreeMap<(&'static str, u32, u32, String), BTreeMap<String, String>>;

#[derive(Clone, Debug, Default)]
struct Model {
    things: BTreeMap<u32, Thing>,
    links: Links,
    /// When each link was made: the oldest of a group's rows takes over what the group needs.
    made: BTreeMap<(&'static str, u32, u32, String), usize>,
    schema_edits: usize,
    baselines: usize,
}

impl Model {
    /// A link ends; if it alone stated what its group needs, the group's oldest other row states it now.
    fn end(&mut self, key: &(&'static str, u32, u32, String)) {
        let attributes = self.links.remove(key).unwrap_or_default();
        self.made.remove(key);
        let dependent = |k: &(&'static str, u32, u32, String)| if k.0 == "feeds" { k.2 } else { k.1 };
        let Some(needs) = attributes.get("needs").filter(|_| !key.3.is_empty()) else { return };
        let mut others: Vec<_> = self
            .links
            .keys()
            .filter(|k| k.0 != "documents" && k.3 == key.3 && dependent(k) == dependent(key))
            .cloned()
            .collect();
        if others.iter().any(|k| self.links[k].contains_key("needs")) {
            return;
        }
        others.sort_by_key(|k| self.made[k]);
        if let Some(heir) = others.first().and_then(|k| self.links.get_mut(k)) {
            heir.insert("needs".to_owned(), needs.clone());
        }
    }
    fn any(&self, random: &mut Random) -> Option<(u32, String)> {
        let at = random.below(self.things.len());
        self.things.iter().nth(at).map(|(n, t)| (*n, t.name.clone()))
    }
}

const KINDS: [&str; 3] = ["depends_on", "feeds", "documents"];

/// Does one random operation on both; refusals must leave both as they were.
fn step(cmdb: &Cmdb, model: &mut Model, random: &mut Random, n: usize) -> bool {
    let before = cmdb.snapshot().position();
    let changed = match random.below(100) {
        0..30 => create_thing(cmdb, model, random, n),
        30..50 => edit_thing(cmdb, model, random, n),
        50..78 => link(cmdb, model, random),
        78..90 => unlink(cmdb, model, random),
        90..98 => remove_thing(cmdb, model, random),
        98 => baseline(cmdb, model, n),
        _ => edit_schema(cmdb, model),
    };
    let after = cmdb.snapshot().position();
    assert_eq!(after.0, before.0 + u64::from(changed), "operation {n}");
    changed
}

fn create_thing(cmdb: &Cmdb, model: &mut Model, random: &mut Random, n: usize) -> bool {
    let taken = random.chance(5).then(|| model.any(random)).flatten().map(|(_, name)| name);
    let name = taken.clone().unwrap_or_else(|| format!("thing-{n}"));
    let serial = format!("S{n}");
    match run(cmdb, server(&name, &[("serial_number", &serial)])) {
        Ok(receipt) => {
            assert_eq!(taken, None, "a taken name was given again");
            let Answer::Item(number) = receipt.answer else { panic!("no item") };
            let attributes = BTreeMap::from([("serial_number".to_owned(), serial)]);
            model.things.insert(number.0, Thing { name, retired: false, attributes });
            true
        }
        Err(e) => {
            assert!(taken.is_some(), "{e}");
            false
        }
    }
}

fn edit_thing(cmdb: &Cmdb, model: &mut Model, random: &mut Random, n: usize) -> bool {
    let Some((number, name)) = model.any(random) else { return false };
    let thing = model.things.get_mut(&number).unwrap();
    let before = thing.clone();
    let text = n.to_string();
    let pair = match random.below(5) {
        0 => ("name", format!("renamed-{n}")),
        1 => ("status", if thing.retired { "operational" } else { "retired" }.to_owned()),
        2 => ("note", format!("note {}", n % 7)),
        3 => ("note", String::new()),
        _ => ("cpu_count", text.clone()),
    };
    match pair.0 {
        "name" => thing.name = pair.1.clone(),
        "status" => thing.retired = !thing.retired,
        key if pair.1.is_empty() => drop(thing.attributes.remove(key)),
        key => drop(thing.attributes.insert(key.to_owned(), pair.1.clone())),
    }
    let changed = *thing != before;
    assert_eq!(run(cmdb, set(&name, &[(pair.0, &pair.1)])).unwrap().changed, changed, "{name} {pair:?}");
    changed
}

fn link(cmdb: &Cmdb, model: &mut Model, random: &mut Random) -> bool {
    let (Some((a, from)), Some((b, to))) = (model.any(random), model.any(random)) else { return false };
    let kind = KINDS[random.below(3)];
    let group = if kind != "documents" && random.chance(50) {
        format!("g{}", random.below(2))
    } else {
        String::new()
    };
    let mut stated: Vec<(&str, &str)> = Vec::new();
    if !group.is_empty() {
        stated.push(("group", &group));
        stated
            .push([("needs", "1"), ("weight", "2"), ("standby", "true"), ("needs", "50%")][random.below(4)]);
    } else if kind != "documents" {
        stated.push([("effect", "soft"), ("effect", "hard"), ("confidence", "0.2")][random.below(3)]);
    }
    match run(cmdb, relate(&from, kind, &to, &stated)) {
        Ok(receipt) => {
            let key = (kind, a, b, group.clone());
            let next = model.made.values().max().map_or(0, |last| last + 1);
            model.made.entry(key.clone()).or_insert(next);
            let known = model.links.entry(key).or_default();
            for (key, value) in stated.iter().filter(|(key, _)| *key != "group") {
                known.insert((*key).to_owned(), (*value).to_owned());
            }
            receipt.changed
        }
        Err(e) => {
            assert_eq!(e.code(), "group.unmet", "{e}");
            false
        }
    }
}

fn unlink(cmdb: &Cmdb, model: &mut Model, random: &mut Random) -> bool {
    let at = random.below(model.links.len());
    let Some(key) = model.links.keys().nth(at).cloned() else { return false };
    let (kind, a, b, group) = &key;
    let (from, to) = (&model.things[a].name, &model.things[b].name);
    let several = model.links.keys().filter(|k| (k.0, k.1, k.2) == (kind, *a, *b)).count() > 1;
    let group = (!group.is_empty()).then_some(group.as_str());
    match run(cmdb, unrelate(from, kind, to, group)) {
        Ok(receipt) => {
            model.end(&key);
            receipt.changed
        }
        Err(e) => {
            assert!(several && group.is_none() && e.code() == "relationship.ambiguous", "{e}");
            false
        }
    }
}

fn remove_thing(cmdb: &Cmdb, model: &mut Model, random: &mut Random) -> bool {
    let Some((number, name)) = model.any(random) else { return false };
    let depended_on = model.links.keys().any(|(kind, source, target, _)| {
        let (dependent, dependency) = if *kind == "feeds" { (target, source) } else { (source, target) };
        *kind != "documents"
            && *dependency == number
            && *dependent != number
            && !model.things[dependent].retired
    });
    let cascade = random.chance(30);
    match run(cmdb, remove(&name, cascade)) {
        Ok(receipt) => {
            assert!(cascade || !depended_on, "{name} is depended on");
            model.things.remove(&number);
            let mut ended: Vec<_> =
                model.links.keys().filter(|k| k.1 == number || k.2 == number).cloned().collect();
            ended.sort_by_key(|key| model.made[key]);
            ended.iter().for_each(|key| model.end(key));
            receipt.changed
        }
        Err(e) => {
            assert!(depended_on && !cascade && e.code() == "item.depended-on", "{e}");
            false
        }
    }
}

fn baseline(cmdb: &Cmdb, model: &mut Model, n: usize) -> bool {
    let create =
        CreateBaseline { name: format!("baseline-{n}").into(), position: None, note: SmolStr::default() };
    model.baselines += 1;
    run(cmdb, Command::CreateBaseline(create)).unwrap().changed
}

fn edit_schema(cmdb: &Cmdb, model: &mut Model) -> bool {
    // Every one costs a rebuild of the graph.
    if model.schema_edits >= 40 {
        return false;
    }
    model.schema_edits += 1;
    let text = format!(
        "[[class]]\nname = \"Gadget{}\"\nparent = \"ConfigurationItem\"\nexpects_dependencies = true\n",
        model.schema_edits
    );
    let edit: SchemaEdit = toml::from_str(&text).unwrap();
    run(cmdb, Command::ApplySchema(ApplySchema { edit })).unwrap().changed
}

fn check(cmdb: &Cmdb, model: &Model, n: usize) {
    let snapshot = cmdb.snapshot();
    let names = snapshot.names();
    assert_eq!(snapshot.counts().items as usize, model.things.len(), "after {n}");
    assert_eq!(snapshot.counts().relationships as usize, model.links.len(), "after {n}");
    assert_eq!(snapshot.settings().baselines.len(), model.baselines, "after {n}");
    for (number, thing) in &model.things {
        let number = cmdb_core::model::ItemNumber(*number);
        let item = snapshot.item(number).unwrap().unwrap();
        let attributes: BTreeMap<String, String> =
            item.attributes.iter().map(|a| (names.text(a.key).to_owned(), a.value.to_string())).collect();
        let retired = item.status.map(|s| names.text(s)) == Some("retired");
        let found = Thing { name: item.name.unwrap_or_default().to_string(), retired, attributes };
        assert_eq!(found, *thing, "after {n}");
        assert_eq!(snapshot.named(&thing.name, 9), [number], "after {n}");
    }
    let mut links = Links::new();
    for number in 0..snapshot.counts().relationship_numbers {
        let Some(r) = snapshot.relationship(cmdb_core::model::RelationshipNumber(number)).unwrap() else {
            continue;
        };
        let kind = KINDS.into_iter().find(|k| *k == names.text(r.identity.kind)).unwrap();
        let group = r.identity.group.clone().unwrap_or_default().to_string();
        let attributes = r.attributes.iter().map(|a| {
            let value = a.value.to_string();
            (names.text(a.key).to_owned(), value.strip_suffix(".0").unwrap_or(&value).to_owned())
        });
        links.insert((kind, r.identity.source.0, r.identity.target.0, group), attributes.collect());
    }
    assert_eq!(links, model.links, "after {n}");
    let loaded = cmdb.store().unwrap().load().unwrap().into_snapshot().unwrap();
    assert_same(&loaded, &snapshot, &format!("after {n}"));
}

#[test]
fn r07_graph_tables_past_and_model_agree_over_twenty_thousand_operations() {
    let disk = Disk::new(Vec::new());
    let mut cmdb = create(disk.location());
    let mut random = Random(7);
    let mut model = Model::default();
    let mut hashes: BTreeMap<u64, u128> = BTreeMap::new();
    for n in 0..times("CMDB_R07_OPERATIONS", 20_000) {
        step(&cmdb, &mut model, &mut random, n);
        let snapshot = cmdb.snapshot();
        hashes.insert(snapshot.position().0, snapshot.state_hash());
        if n % CHECK_EVERY == CHECK_EVERY - 1 {
            check(&cmdb, &model, n);
            // Mostly the near past, now and then any past at all.
            let reach = if n % (10 * CHECK_EVERY) == 10 * CHECK_EVERY - 1 { hashes.len() } else { 300 };
            let at = *hashes.keys().rev().nth(random.below(reach.min(hashes.len()))).unwrap();
            let past = cmdb.at(Position(at)).unwrap();
            assert_eq!((past.position().0, past.state_hash()), (at, hashes[&at]), "after {n}");
        }
        if n % 7000 == 6999 {
            drop(cmdb);
            cmdb = Cmdb::open(disk.location()).unwrap();
            check(&cmdb, &model, n);
        }
    }
    let report =
        cmdb.verify(&cmdb_core::store::verify::VerifyOptions { full: true, expected_head: None }).unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
    assert!(report.notes.iter().any(|n| n.contains("replayed")));
}
