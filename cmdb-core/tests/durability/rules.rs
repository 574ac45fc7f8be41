//! What rules make of attributes is, after every command, what working everything out from nothing would make of it.

use super::imports::part;
use super::support::*;
use cmdb_core::command::Command;
use cmdb_core::command::import::{Import, ImportOptions, Shared};
use cmdb_core::command::item::CreateItem;
use cmdb_core::command::merge::MergeItems;
use cmdb_core::command::rule::{AddRule, RemoveRule};

use cmdb_core::engine::Cmdb;
use cmdb_core::engine::undoing::UndoOptions;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::intake::{Batch, Cell, Table, TableKind};
use cmdb_core::model::rule::{One, Rule, RuleEnd, RuleField};
use cmdb_core::model::{Item, ItemNumber, Position, RelationshipNumber, SmolStr, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

const SCHEMA: &str = r#"
class = [
  { name = "ConfigurationItem", abstract = true },
  { name = "Placeholder", parent = "ConfigurationItem" },
  { name = "Host", parent = "ConfigurationItem", attribute = [ { name = "alias", type = "list" }, { name = "rack" } ] },
  { name = "Hypervisor", parent = "Host" },
  { name = "Machine", parent = "ConfigurationItem", attribute = [
    { name = "host_name" }, { name = "hosts", type = "list" }, { name = "slot", type = "integer" } ] },
  { name = "Appliance", parent = "Machine" },
  { name = "Rack", parent = "ConfigurationItem" },
]
relationship_type = [
  { name = "runs_on", source = "ConfigurationItem", target = "ConfigurationItem", suffers = "source" },
  { name = "holds", source = "Rack", target = "ConfigurationItem", suffers = "target" },
  { name = "knows", source = "ConfigurationItem", target = "ConfigurationItem" },
]
"#;

fn created(dir: &Path) -> Cmdb {
    Cmdb::create_with(folder(dir), founding(), toml::from_str(SCHEMA).unwrap(), &numbered(0)).unwrap()
}

fn end(class: &str, field: RuleField) -> RuleEnd {
    RuleEnd { class: class.into(), field }
}

fn attribute(name: &str) -> RuleField {
    RuleField::Attribute(name.into())
}

fn rule(name: &str, source: RuleEnd, kind: &str, target: RuleEnd) -> Rule {
    Rule {
        name: name.into(),
        source,
        kind: kind.into(),
        target,
        one: One::Target,
        ignore_case: false,
        group: None,
        attributes: Vec::new(),
        by: SmolStr::default(),
        created: Position(0),
        removed: false,
    }
}

/// Rules that meet in every way: two that want the same, from either end; lists; keys; cases; groups.
fn rules() -> Vec<Rule> {
    let host_name = || end("Machine", attribute("host_name"));
    let soft = vec![("effect".into(), "soft".into())];
    vec![
        rule("by-name", host_name(), "runs_on", end("Hypervisor", RuleField::Name)),
        Rule {
            ignore_case: true,
            attributes: soft,
            ..rule("any-case", host_name(), "runs_on", end("Host", RuleField::Name))
        },
        rule("by-alias", end("Machine", attribute("hosts")), "runs_on", end("Host", attribute("alias"))),
        Rule {
            one: One::Neither,
            ..rule("neither", end("Machine", attribute("hosts")), "knows", end("Host", attribute("alias")))
        },
        Rule {
            one: One::Source,
            ..rule("rack", end("Rack", RuleField::Name), "holds", end("Host", attribute("rack")))
        },
        rule("by-key", host_name(), "knows", end("Host", RuleField::Key("scan".into()))),
        Rule {
            group: Some("g".into()),
            ..rule("grouped", host_name(), "runs_on", end("Host", RuleField::Name))
        },
        rule("peers", end("Machine", RuleField::Name), "knows", end("Machine", attribute("host_name"))),
    ]
}

type Ends = (String, u32, u32, Option<SmolStr>);

/// By identity the rule that made it; stated ones apart.
fn there(snapshot: &Snapshot) -> (BTreeMap<Ends, String>, BTreeSet<Ends>) {
    let (mut made, mut stated) = (BTreeMap::new(), BTreeSet::new());
    let key = snapshot.names().get("derived_by");
    for number in (0..snapshot.counts().relationship_numbers).map(RelationshipNumber) {
        let Some(r) = snapshot.relationship(number).unwrap() else { continue };
        let kind = snapshot.names().text(r.identity.kind).to_owned();
        let ends = (kind, r.identity.source.0, r.identity.target.0, r.identity.group.clone());
        match key.and_then(|key| r.attribute(key)) {
            Some(rule) => assert!(made.insert(ends, rule.to_string()).is_none(), "made twice"),
            None => drop(stated.insert(ends)),
        }
    }
    (made, stated)
}

/// What an item states at an end, worked out the plain way.
fn values(snapshot: &Snapshot, item: &Item, end: &RuleEnd, ignore_case: bool) -> BTreeSet<String> {
    let names = snapshot.names();
    let class = names.get(&end.class).unwrap();
    if !snapshot.schema().is_a(item.class().unwrap(), class) {
        return BTreeSet::new();
    }
    let texts: Vec<String> = match &end.field {
        RuleField::Name => item.name.iter().map(ToString::to_string).collect(),
        RuleField::Key(source) => {
            let is_it = |s: &cmdb_core::model::Symbol| names.text(*s) == *source;
            item.keys.iter().filter(|(s, _)| is_it(s)).map(|(_, k)| k.to_string()).collect()
        }
        RuleField::Attribute(name) => match names.get(name).and_then(|key| item.attribute(key)) {
            Some(Value::List(all)) => all.iter().map(ToString::to_string).collect(),
            Some(one) => vec![one.to_string()],
            None => Vec::new(),
        },
    };
    texts.into_iter().map(|t| if ignore_case { t.to_lowercase() } else { t }).collect()
}

/// Every pair of items under every rule.
fn wanted(snapshot: &Snapshot, stated: &BTreeSet<Ends>) -> BTreeMap<Ends, String> {
    let numbers = (0..snapshot.counts().item_numbers).map(ItemNumber);
    let items: Vec<(u32, Item)> =
        numbers.filter_map(|n| snapshot.item(n).unwrap().map(|item| (n.0, item))).collect();
    let mut out = BTreeMap::new();
    for rule in snapshot.settings().rules.values() {
        let of = |end: &RuleEnd| -> Vec<(u32, BTreeSet<String>)> {
            items.iter().map(|(n, item)| (*n, values(snapshot, item, end, rule.ignore_case))).collect()
        };
        let (sources, targets) = (of(&rule.source), of(&rule.target));
        let holders = |value: &String, of: &[(u32, BTreeSet<String>)]| {
            of.iter().filter(|(_, values)| values.contains(value)).count()
        };
        for (source, has) in &sources {
            for (target, states) in &targets {
                let tells = |value: &&String| match rule.one {
                    One::Target => holders(value, &targets) == 1,
                    One::Source => holders(value, &sources) == 1,
                    One::Neither => true,
                };
                let ends = (rule.kind.to_string(), *source, *target, rule.group.clone());
                if source != target && has.intersection(states).any(|v| tells(&v)) && !stated.contains(&ends)
                {
                    out.entry(ends).or_insert_with(|| rule.name.to_string());
                }
            }
        }
    }
    out
}

fn check(cmdb: &Cmdb, when: &str) {
    let snapshot = cmdb.snapshot();
    let (made, stated) = there(&snapshot);
    assert_eq!(made, wanted(&snapshot, &stated), "{when}");
}

fn word(random: &mut Random) -> &'static str {
    const WORDS: [&str; 7] = ["h1", "h2", "h3", "H1", "r1", "m1", ""];
    WORDS[random.below(WORDS.len())]
}

fn list(random: &mut Random) -> String {
    let words: Vec<&str> = (0..random.below(4)).map(|_| word(random)).filter(|w| !w.is_empty()).collect();
    words.join(",")
}

fn one_of(cmdb: &Cmdb, random: &mut Random) -> String {
    let snapshot = cmdb.snapshot();
    let given = snapshot.counts().item_numbers.max(1) as usize;
    snapshot.item_id(ItemNumber(random.below(given) as u32)).to_string()
}

fn new_item(random: &mut Random) -> Command {
    let class = ["Host", "Hypervisor", "Machine", "Appliance", "Rack"][random.below(5)];
    let (a, b) = (word(random), list(random));
    let attributes = match class {
        "Host" | "Hypervisor" => inputs(&[("rack", a), ("alias", &b)]),
        "Rack" => inputs(&[]),
        _ => inputs(&[("host_name", a), ("hosts", &b)]),
    };
    let name = ["h1", "h2", "h3", "H1", "r1", "m1", "m2", "m3"][random.below(8)];
    Command::CreateItem(CreateItem { class: class.into(), name: Some(name.into()), status: None, attributes })
}

fn rows(random: &mut Random, many: usize) -> Vec<Batch> {
    let columns = ["class", "id", "name", "host_name", "hosts"];
    let table = |kind, columns: &[&str]| {
        Arc::new(Table { file: "rows".into(), kind, columns: columns.iter().map(|c| (*c).into()).collect() })
    };
    let cell = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) };
    let mut cells = Vec::new();
    for _ in 0..many {
        let class = ["Machine", "Appliance", "Hypervisor"][random.below(3)];
        let machine = class != "Hypervisor";
        let id = ["h1", "h2", "k1", "k2", "k3"][random.below(5)];
        let (host, hosts) = (word(random), list(random));
        let (host, hosts) = if machine { (host, hosts.as_str()) } else { ("", "") };
        cells.extend([class, id, word(random), host, hosts].map(cell));
    }
    let items = Batch { table: table(TableKind::Items, &columns), rows: (2..).take(many).collect(), cells };
    let ends = ["k1", "k2", "k3", "h1"];
    let links = many / 3;
    let mut cells = Vec::new();
    for _ in 0..links {
        let kind = ["runs_on", "knows"][random.below(2)];
        cells.extend([ends[random.below(4)], kind, ends[random.below(4)]].map(cell));
    }
    let table = table(TableKind::Relationships, &["source", "type", "target"]);
    vec![items, Batch { table, rows: (2..).take(links).collect(), cells }]
}

fn begun(id: &str) -> Shared {
    let options = ImportOptions { source: "scan".into(), id: id.into(), ..ImportOptions::default() };
    Import::new(options).shared()
}

fn command(cmdb: &Cmdb, random: &mut Random) -> Command {
    let (one, other) = (one_of(cmdb, random), one_of(cmdb, random));
    let kind = ["runs_on", "knows", "holds"][random.below(3)];
    let names: Vec<SmolStr> = cmdb.snapshot().settings().rules.keys().cloned().collect();
    match random.below(20) {
        0..5 => new_item(random),
        5..8 => set(&one, &[("host_name", word(random))]),
        8 => set(&one, &[("hosts", &list(random))]),
        9 => set(&one, &[("alias", &list(random))]),
        10 => set(&one, &[("rack", word(random))]),
        11 | 12 => set(&one, &[("name", ["h1", "h2", "h3", "m1", "r1"][random.below(5)])]),
        13 => remove(&one, true),
        14 | 15 => relate(&one, kind, &other, &[]),
        16 => unrelate(&one, kind, &other, None),
        17 => {
            let (loser, winner) = (reference(&one), reference(&other));
            Command::MergeItems(MergeItems { loser, winner, id: format!("merge-{}", random.next()).into() })
        }
        18 if !names.is_empty() => {
            Command::RemoveRule(RemoveRule { name: names[random.below(names.len())].clone() })
        }
        _ => Command::AddRule(AddRule { rule: rules().swap_remove(random.below(8)) }),
    }
}

/// An import in parts, in sight or not; now and then it is taken back again at once.
fn import(cmdb: &Cmdb, random: &mut Random, id: &str, when: &str) {
    let before = cmdb.snapshot().state_hash();
    let (import, unseen) = (begun(id), random.chance(50));
    for batch in rows(random, 12) {
        run(cmdb, part(&import, vec![batch], false, unseen)).unwrap();
    }
    cmdb.reorder().unwrap();
    check(cmdb, when);
    run(cmdb, part(&import, Vec::new(), true, false)).unwrap();
    check(cmdb, when);
    if random.chance(50) {
        cmdb.undo_import(context(), id, UndoOptions::default()).unwrap();
        check(cmdb, when);
        assert_eq!(cmdb.snapshot().state_hash(), before, "{when}: taken back, all is as it was");
    }
}

#[test]
fn what_rules_make_is_what_working_it_out_from_nothing_makes() {
    for seed in 0..times("CMDB_RULE_CASES", 40) as u64 {
        let random = &mut Random(seed);
        let dir = tempfile::tempdir().unwrap();
        let mut cmdb = created(dir.path());
        for added in rules().into_iter().take(random.below(6)) {
            run(&cmdb, Command::AddRule(AddRule { rule: added })).unwrap();
        }
        for step in 0..60 {
            let when = format!("seed {seed}, step {step}");
            match random.below(30) {
                0 => {
                    drop(cmdb);
                    cmdb = Cmdb::open(folder(dir.path())).unwrap();
                }
                1 | 2 => import(&cmdb, random, &format!("imp-{step}"), &when),
                3 => {
                    let merges = cmdb.snapshot().settings().trails.clone();
                    let open = merges.values().rfind(|t| t.undone.is_none() && t.finished);
                    if let Some(trail) = open {
                        let options = UndoOptions { keep_later: true, dry_run: false };
                        drop(cmdb.undo_import(context(), &trail.id, options));
                    }
                }
                _ => {
                    let command = command(&cmdb, random);
                    let said = format!("{command:?}");
                    let done = run(&cmdb, command);
                    check(&cmdb, &format!("{when}: {said} {done:?}"));
                }
            }
            check(&cmdb, &when);
        }
    }
}

/// An import that changes which host a machine names, and adds hosts of a name that was unique.
#[test]
fn an_import_taken_back_leaves_the_relationships_of_rules_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let cmdb = created(dir.path());
    for added in rules() {
        run(&cmdb, Command::AddRule(AddRule { rule: added })).unwrap();
    }
    let mut random = Random(7);
    for _ in 0..30 {
        drop(run(&cmdb, new_item(&mut random)));
    }
    let first = begun("first");
    run(&cmdb, part(&first, rows(&mut random, 30), true, false)).unwrap();
    assert!(!there(&cmdb.snapshot()).0.is_empty());
    let before = (cmdb.snapshot().state_hash(), dump(&cmdb.snapshot()).len());
    let second = begun("second");
    run(&cmdb, part(&second, rows(&mut random, 60), true, false)).unwrap();
    let settled = second.lock().unwrap().report.derived;
    assert!(settled.made > 0 && settled.ended > 0, "{settled:?}");
    // Opened again, what was ended is not in memory.
    drop(cmdb);
    let cmdb = Cmdb::open(folder(dir.path())).unwrap();
    cmdb.undo_import(context(), "second", UndoOptions::default()).unwrap();
    check(&cmdb, "taken back");
    assert_eq!((cmdb.snapshot().state_hash(), dump(&cmdb.snapshot()).len()), before);
}

#[test]
fn the_same_rows_again_change_nothing_of_what_rules_make() {
    let dir = tempfile::tempdir().unwrap();
    let cmdb = created(dir.path());
    for added in rules() {
        run(&cmdb, Command::AddRule(AddRule { rule: added })).unwrap();
    }
    let columns = ["class", "id", "name", "host_name"];
    let columns = columns.iter().map(|c| (*c).into()).collect();
    let table = Arc::new(Table { file: "rows".into(), kind: TableKind::Items, columns });
    let host = |n: usize| ["Hypervisor".to_owned(), format!("k{n}"), format!("host-{n}"), String::new()];
    let machine =
        |n: usize| ["Machine".to_owned(), format!("v{n}"), format!("vm-{n}"), format!("host-{}", n % 9)];
    let rows: Vec<[String; 4]> = (0..8).map(host).chain((0..200).map(machine)).collect();
    let cell = |text: &String| if text.is_empty() { Cell::Empty } else { Cell::Text(text.as_str().into()) };
    let batch = |some: &[[String; 4]]| Batch {
        table: table.clone(),
        rows: (2..).take(some.len()).collect(),
        cells: some.iter().flatten().map(cell).collect(),
    };
    for (id, made) in [("once", 178 * 2), ("twice", 0)] {
        let import = begun(id);
        for some in rows.chunks(50) {
            run(&cmdb, part(&import, vec![batch(some)], false, true)).unwrap();
        }
        cmdb.reorder().unwrap();
        run(&cmdb, part(&import, Vec::new(), true, false)).unwrap();
        let report = import.lock().unwrap().report.clone();
        assert_eq!((report.derived.made, report.derived.ended), (made, 0), "{id}");
        check(&cmdb, id);
    }
    let (made, _) = there(&cmdb.snapshot());
    assert_eq!(made.len(), 178 * 2, "by name, in a group and not");
}
