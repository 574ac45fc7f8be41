//! Shorthand for commands, contexts and whole dumps.

use cmdb_core::Result;
use cmdb_core::command::attributes::{Input, Inputs};
use cmdb_core::command::item::{CreateItem, EditItem, RemoveItem};
use cmdb_core::command::relationship::{Relate, Unrelate, Which};
use cmdb_core::command::{Command, Context, Reference};
use cmdb_core::engine::{Cmdb, Founding, Receipt};
use cmdb_core::graph::adjacency::{Adjacency, Gate};
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::principal::Principal;
use cmdb_core::model::{CommitId, IdKey, ItemNumber, LogId, RelationshipNumber, SmolStr};
use cmdb_core::schema::SchemaEdit;
use cmdb_core::store::Location;
use std::cell::Cell;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers for threads that a test started itself.
static SHARED: AtomicU64 = AtomicU64::new(1 << 32);

thread_local! {
    /// Numbers for the test's own thread, so that a test does the same whatever runs beside it.
    static NEXT: Cell<u64> = const { Cell::new(1) };
}

/// A context that nobody else in the test has; its time is its number.
pub fn context() -> Context {
    match std::thread::current().name() {
        Some(_) => numbered(NEXT.replace(NEXT.get() + 1)),
        None => numbered(SHARED.fetch_add(1, Ordering::Relaxed)),
    }
}

/// How often to repeat: as stated in the environment for nightly runs, else what every commit can afford.
pub fn times(variable: &str, every_commit: usize) -> usize {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(every_commit)
}

/// The context with this number: the same commit id every time.
pub fn numbered(n: u64) -> Context {
    let mut commit = [0; 16];
    commit[..8].copy_from_slice(&n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes());
    commit[8..].copy_from_slice(&n.to_le_bytes());
    Context {
        principal: Principal::local(),
        time_ms: n as i64,
        commit: CommitId(commit),
        salt: commit,
        message: SmolStr::default(),
    }
}

pub fn founding() -> Founding {
    Founding { log: LogId([5; 16]), id_key: IdKey([6; 16]), open_schema: false }
}

pub fn folder(path: &Path) -> Location {
    Location::Folder(path.to_owned())
}

/// A catalogue small enough that a life costs little.
const SCHEMA: &str = r#"
class = [
  { name = "ConfigurationItem", abstract = true, lifecycle = "item", attribute = [
    { name = "serial_number", unique = true }, { name = "note" }, { name = "cpu_count", type = "integer" } ] },
  { name = "Placeholder", parent = "ConfigurationItem" },
  { name = "Server", parent = "ConfigurationItem" },
  { name = "Application", parent = "ConfigurationItem", expects_dependencies = true },
]
relationship_type = [
  { name = "depends_on", source = "ConfigurationItem", target = "ConfigurationItem", suffers = "source" },
  { name = "feeds", source = "ConfigurationItem", target = "ConfigurationItem", suffers = "target" },
  { name = "documents", source = "ConfigurationItem", target = "ConfigurationItem" },
]
lifecycle = [
  { name = "item", initial = "operational", states = [{ name = "operational" }, { name = "retired", live = false }] },
]
"#;

pub fn schema() -> SchemaEdit {
    toml::from_str(SCHEMA).unwrap()
}

pub fn create(location: Location) -> Cmdb {
    try_create(location).unwrap()
}

pub fn try_create(location: Location) -> Result<Cmdb> {
    Cmdb::create_with(location, founding(), schema(), &numbered(0))
}

pub fn inputs(pairs: &[(&str, &str)]) -> Inputs {
    let input = |v: &str| if v.is_empty() { Input::Clear } else { Input::Text(SmolStr::new(v)) };
    pairs.iter().map(|(k, v)| (SmolStr::new(*k), input(v))).collect()
}

pub fn reference(text: &str) -> Reference {
    Reference(SmolStr::new(text))
}

pub fn server(name: &str, attributes: &[(&str, &str)]) -> Command {
    Command::CreateItem(CreateItem {
        class: "Server".into(),
        name: Some(name.into()),
        status: None,
        attributes: inputs(attributes),
    })
}

/// `name` and `status` beside attributes, as on the command line.
pub fn set(item: &str, pairs: &[(&str, &str)]) -> Command {
    let of = |key: &str| pairs.iter().find(|(k, _)| *k == key).map(|(_, v)| SmolStr::new(*v));
    let rest: Vec<(&str, &str)> =
        pairs.iter().copied().filter(|(k, _)| !matches!(*k, "name" | "status")).collect();
    Command::EditItem(EditItem {
        item: reference(item),
        if_version: None,
        name: of("name"),
        class: None,
        status: of("status"),
        attributes: inputs(&rest),
    })
}

pub fn remove(item: &str, cascade: bool) -> Command {
    Command::RemoveItem(RemoveItem { item: reference(item), if_version: None, cascade })
}

pub fn relate(source: &str, kind: &str, target: &str, attributes: &[(&str, &str)]) -> Command {
    Command::Relate(Relate {
        kind: kind.into(),
        source: reference(source),
        target: reference(target),
        attributes: inputs(attributes),
    })
}

pub fn unrelate(source: &str, kind: &str, target: &str, group: Option<&str>) -> Command {
    let which = Which::Ends {
        kind: kind.into(),
        source: reference(source),
        target: reference(target),
        group: group.map(SmolStr::new),
    };
    Command::Unrelate(Unrelate { which, if_version: None })
}

pub fn run(cmdb: &Cmdb, command: Command) -> Result<Receipt> {
    cmdb.submit(context(), command)
}

/// A small deterministic generator (splitmix64).
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
    pub fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

/// Every live item and relationship in words, in order of numbers.
pub fn dump(snapshot: &Snapshot) -> Vec<String> {
    let names = snapshot.names();
    let mut out = Vec::new();
    for number in (0..snapshot.counts().item_numbers).map(ItemNumber) {
        let Some(item) = snapshot.item(number).unwrap() else { continue };
        let values: Vec<String> =
            item.attributes.iter().map(|a| format!("{}={}", names.text(a.key), a.value)).collect();
        let labels: Vec<&str> = item.labels.iter().map(|l| names.text(*l)).collect();
        let status = item.status.map_or("", |s| names.text(s));
        out.push(format!(
            "{number} {:?} {labels:?} {status} {values:?} v{} {}..{} was {:?}",
            item.name, item.version, item.created, item.updated, item.former_names
        ));
    }
    for number in (0..snapshot.counts().relationship_numbers).map(RelationshipNumber) {
        let Some(r) = snapshot.relationship(number).unwrap() else { continue };
        let values: Vec<String> =
            r.attributes.iter().map(|a| format!("{}={}", names.text(a.key), a.value)).collect();
        let id = &r.identity;
        out.push(format!(
            "r{number} {} {} {} {:?} {values:?} v{}",
            id.source,
            names.text(id.kind),
            id.target,
            id.group,
            r.version
        ));
    }
    out
}

/// The adjacency in numbers that do not depend on the order of dense ids or of the group table.
pub fn adjacency(snapshot: &Snapshot) -> Vec<String> {
    let mut out = Vec::new();
    let mut direction = |name: &str, adjacency: &Adjacency| {
        for number in 0..snapshot.counts().item_numbers {
            let mut row: Vec<String> = adjacency
                .row(snapshot.dense(ItemNumber(number)))
                .entries()
                .map(|e| {
                    let group = (e.gate() == Gate::Group).then(|| {
                        let row = snapshot.group(e.group);
                        let dependent = snapshot.number(row.dependent);
                        format!(
                            "{dependent} {} {} {} {} {} {}",
                            row.needs, row.active, row.all, row.heaviest, row.uniform, row.cut
                        )
                    });
                    format!(
                        "{:?} {} {} r{} {group:?}",
                        e.gate(),
                        snapshot.number(e.other()),
                        e.kind,
                        e.number
                    )
                })
                .collect();
            row.sort();
            if !row.is_empty() {
                out.push(format!("{name} {number}: {row:?}"));
            }
        }
    };
    direction("needs", snapshot.dependencies());
    direction("used", snapshot.dependents());
    direction("out", snapshot.outgoing());
    direction("in", snapshot.incoming());
    for number in (0..snapshot.counts().item_numbers).map(ItemNumber) {
        let dense = snapshot.dense(number);
        out.push(format!(
            "{number} {} {} {:?}",
            snapshot.is_hidden(dense),
            snapshot.is_gone(dense),
            snapshot.class_of(dense)
        ));
    }
    out
}

/// Content, counts and graph of two snapshots are the same.
pub fn assert_same(a: &Snapshot, b: &Snapshot, when: &str) {
    assert_eq!(a.position(), b.position(), "{when}");
    assert_eq!(dump(a), dump(b), "{when}");
    assert_eq!(a.counts(), b.counts(), "{when}");
    assert_eq!(a.state_hash(), b.state_hash(), "{when}");
    for (a, b) in adjacency(a).iter().zip(&adjacency(b)) {
        assert_eq!(a, b, "{when}");
    }
    assert_eq!(adjacency(a).len(), adjacency(b).len(), "{when}");
    assert_eq!(a.settings(), b.settings(), "{when}");
    assert_eq!(a.schema().definitions(), b.schema().definitions(), "{when}");
    assert_eq!(a.names().since(0), b.names().since(0), "{when}");
}
