//! A Terraform plan against the inventory: which known items it touches, and how.

use cmdb_core::analysis::impact::State;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::intake::{Batch, Complaint};
use cmdb_core::model::{ItemNumber, SmolStr, Value};
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
        let Some(action) = doing(&change.actions) else { continue };
        let found = sources.iter().find_map(|s| keyed(snapshot, s, &change.id));
        match found {
            Some(number) => file.known.push(Planned { item: snapshot.dense(number), action }),
            None => file.unknown.push(change.id.to_string()),
        }
    }
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
