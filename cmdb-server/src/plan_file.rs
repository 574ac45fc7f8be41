//! A Terraform plan against the inventory: which known items it touches and how, and the edits that it amounts to.

use cmdb_core::analysis::impact::State;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::intake::{Batch, Complaint};
use cmdb_core::model::{ItemNumber, SmolStr, Value};
use cmdb_core::schema::{Class, read};
use cmdb_core::{Error, Result};
use cmdb_import::{Action, PlannedChange, Sink};
use std::collections::BTreeSet;

/// Resources of one plan at most.
const RESOURCES_MAX: usize = 100_000;

/// What a plan does to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    Delete,
    /// Deleted and made anew, in either order.
    Replace,
    Update,
}

impl Doing {
    pub fn word(self) -> &'static str {
        match self {
            Doing::Delete => "delete",
            Doing::Replace => "replace",
            Doing::Update => "update",
        }
    }
    /// The state meanwhile; of an update as the caller assumes.
    pub fn state(self, update: State) -> State {
        match self {
            Doing::Delete | Doing::Replace => State::Down,
            Doing::Update => update,
        }
    }
}

/// An item that a plan touches; dense id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    pub item: u32,
    pub action: Doing,
}

/// A plan read.
#[derive(Debug, Default)]
pub struct PlanFile {
    pub known: Vec<Planned>,
    /// Addresses that no item of the inventory has as a key.
    pub unknown: Vec<String>,
    /// Everything planned.
    planned: Vec<PlannedChange>,
    /// The items of `planned`, dense; none for what is not in the inventory.
    items: Vec<Option<u32>>,
}

impl PlanFile {
    /// The deletions as edits of a proposal.
    pub fn removals(&self, snapshot: &Snapshot) -> Vec<Value> {
        let deleted = self.known.iter().filter(|p| p.action == Doing::Delete);
        let edit = |planned: &Planned| {
            let id = snapshot.item_id(snapshot.number(planned.item)).to_string();
            Value::map([
                (SmolStr::new_static("op"), Value::text("remove")),
                (SmolStr::new_static("item"), Value::text(&id)),
                (SmolStr::new_static("cascade"), Value::Boolean(true)),
            ])
        };
        deleted.map(edit).collect()
    }
    /// All that is planned as edits of a proposal: creations of classes that the schema knows, changes of attributes
    /// that the item's class has, and deletions. What becomes known only when the plan is carried out is left out.
    pub fn edits(&self, snapshot: &Snapshot) -> Vec<Value> {
        let changed = self.planned.iter().zip(&self.items);
        let mut edits: Vec<Value> = changed
            .filter_map(|(change, item)| match (item, doing(&change.actions)) {
                (Some(item), Some(Doing::Update | Doing::Replace)) => update(snapshot, *item, change),
                (None, None) if change.actions.contains(&Action::Create) => create(snapshot, change),
                _ => None,
            })
            .collect();
        edits.extend(self.removals(snapshot));
        edits
    }
}

fn word(text: &'static str) -> SmolStr {
    SmolStr::new_static(text)
}

/// The stated values of one side of a change, by name.
fn side(side: &Option<Value>) -> &[(SmolStr, Value)] {
    match side {
        Some(Value::Map(entries)) => entries,
        _ => &[],
    }
}

/// Values that the class can take.
fn fitting<'a>(
    snapshot: &'a Snapshot,
    class: &'a Class,
    values: &'a [(SmolStr, Value)],
) -> impl Iterator<Item = (SmolStr, Value)> + 'a {
    let known = |name: &SmolStr| {
        let symbol = snapshot.names().get(name)?;
        class.attributes.get(&symbol)
    };
    values
        .iter()
        .filter(move |(name, value)| known(name).is_some_and(|d| read::from_value(d, value.clone()).is_ok()))
        .cloned()
}

fn create(snapshot: &Snapshot, change: &PlannedChange) -> Option<Value> {
    let class = snapshot.schema().class_named(snapshot.names(), &change.class).ok()?;
    let after = side(&change.after);
    let name = after.iter().find(|(name, _)| name == "name").map(|(_, name)| name.clone());
    Some(Value::map([
        (word("op"), Value::text("create")),
        (word("class"), Value::Text(change.class.clone())),
        (word("name"), name.unwrap_or_else(|| Value::Text(change.id.clone()))),
        (word("attributes"), Value::map(fitting(snapshot, class, after))),
    ]))
}

/// None where nothing that the inventory holds would change.
fn update(snapshot: &Snapshot, item: u32, change: &PlannedChange) -> Option<Value> {
    let class = snapshot.schema().class(snapshot.class_of(item)?)?;
    let (before, after) = (side(&change.before), side(&change.after));
    let is_new = |(name, value): &(SmolStr, Value)| !before.iter().any(|(n, v)| n == name && v == value);
    let stays = |name: &SmolStr| after.iter().any(|(n, _)| n == name) || change.unknown.contains(name);
    let gone =
        before.iter().filter(|(name, _)| !stays(name)).map(|(name, _)| (name.clone(), Value::text("")));
    let cleared: Vec<(SmolStr, Value)> = gone
        .filter(|(name, _)| snapshot.names().get(name).is_some_and(|s| class.attributes.contains_key(&s)))
        .collect();
    let attributes: Vec<(SmolStr, Value)> =
        fitting(snapshot, class, after).filter(is_new).chain(cleared).collect();
    let name = after.iter().find(|(name, _)| name == "name").filter(|entry| is_new(entry));
    let id = snapshot.item_id(snapshot.number(item)).to_string();
    let mut edit = vec![(word("op"), Value::text("set")), (word("item"), Value::text(&id))];
    edit.extend(name.cloned());
    if !attributes.is_empty() {
        edit.push((word("attributes"), Value::map(attributes)));
    }
    (edit.len() > 2).then(|| Value::map(edit))
}

#[derive(Default)]
struct Changes(Vec<PlannedChange>);

impl Sink for Changes {
    fn batch(&mut self, _: Batch) -> Result<()> {
        Ok(())
    }
    fn complain(&mut self, _: Complaint) {}
    fn planned(&mut self, change: PlannedChange) -> Result<()> {
        if self.0.len() >= RESOURCES_MAX {
            return Err(Error::limit(
                "plan.resources",
                format!("a plan has at most {RESOURCES_MAX} resources"),
            ));
        }
        self.0.push(change);
        Ok(())
    }
}

/// Reads a plan as `terraform show -json` writes it.
///
/// # Errors
/// What the reader of the format says; `plan.empty` for a file that plans nothing, such as a state.
pub fn read(snapshot: &Snapshot, text: &str) -> Result<PlanFile> {
    let mut options = cmdb_import::Options::default();
    options.read_as("terraform")?;
    let mut changes = Changes::default();
    cmdb_import::read("plan", &mut text.as_bytes(), &options, &mut changes)?;
    if changes.0.is_empty() {
        let message = "the file plans no changes of resources";
        return Err(Error::invalid("plan.empty", message)
            .detail("/plan", message)
            .hint("terraform plan -out=tfplan && terraform show -json tfplan > tfplan.json"));
    }
    let sources: BTreeSet<&SmolStr> = snapshot.settings().imports.values().map(|run| &run.source).collect();
    let mut file = PlanFile::default();
    for change in &changes.0 {
        let found = sources.iter().find_map(|s| keyed(snapshot, s, &change.id)).map(|n| snapshot.dense(n));
        file.items.push(found);
        let Some(action) = doing(&change.actions) else { continue };
        match found {
            Some(item) => file.known.push(Planned { item, action }),
            None => file.unknown.push(change.id.to_string()),
        }
    }
    file.planned = changes.0;
    Ok(file)
}

fn keyed(snapshot: &Snapshot, source: &str, key: &str) -> Option<ItemNumber> {
    snapshot.keyed(snapshot.names().get(source)?, key)
}

/// What touches something that exists; none for what is only created or read.
fn doing(actions: &[Action]) -> Option<Doing> {
    let has = |action| actions.contains(&action);
    match (has(Action::Delete), has(Action::Create), has(Action::Update)) {
        (true, true, _) => Some(Doing::Replace),
        (true, false, _) => Some(Doing::Delete),
        (false, _, true) => Some(Doing::Update),
        (false, _, false) => None,
    }
}
