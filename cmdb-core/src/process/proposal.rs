//! A proposal: planned edits laid over a snapshot, which gives another snapshot for every analysis to run on.
//!
//! The edits are data in the record, so that they can be read, compared and laid over a newer state again. Each is
//! decided like the command it stands for; one that is refused leaves no trace, and the refusal says why.

use super::fields::{Related, get, get_list, get_text, map, text};
use super::queries::Queries;
use crate::command::attributes::{Input, Inputs};
use crate::command::item::{CreateItem, EditItem, RemoveItem};
use crate::command::relationship::{Relate, Unrelate, Which};
use crate::command::{Command, Context, Decider, Reference, decide};
use crate::error::{Error, Result};
use crate::graph::{Draft, Records, Snapshot};
use crate::model::principal::{Principal, Role};
use crate::model::{CommitId, ItemNumber, SmolStr, Value};
use std::sync::Arc;

/// Edits of one proposal at most.
pub const EDITS_MAX: usize = 2_000;
/// The words by which edits begin.
const OPERATIONS: [&str; 6] = ["create", "set", "remove", "relate", "unrelate", "query"];

/// An edit that the inventory would not take.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Which edit, from 0.
    pub edit: usize,
    pub code: &'static str,
    pub message: String,
    pub hint: Option<String>,
}

/// The state as it will be.
#[derive(Debug)]
pub struct Proposed {
    /// Has position and time of the state it was laid over.
    pub snapshot: Arc<Snapshot>,
    pub refused: Vec<Refusal>,
    /// Items whose record or relationships differ, ascending.
    pub touched: Vec<ItemNumber>,
    /// Of what there is already: items whose record differs, or that depend by other relationships; ascending.
    pub worked_on: Vec<ItemNumber>,
    /// Items that are live and would not be, ascending.
    pub ending: Vec<ItemNumber>,
}

/// Lays edits over a snapshot.
///
/// # Errors
/// `proposal.edits` past [`EDITS_MAX`]; an edit that is refused is no error but a [`Refusal`].
pub fn lay(snapshot: &Arc<Snapshot>, edits: &[Value], queries: &dyn Queries) -> Result<Proposed> {
    if edits.len() > EDITS_MAX {
        return Err(Error::limit("proposal.edits", format!("a proposal has at most {EDITS_MAX} edits")));
    }
    let context = Context {
        principal: Principal { name: SmolStr::new_static("proposal"), role: Role::Editor },
        time_ms: snapshot.time_ms(),
        commit: CommitId([0; 16]),
        salt: [0; 16],
        message: SmolStr::default(),
    };
    let mut draft = Draft::on(snapshot);
    draft.begin_entry(context.time_ms);
    let mut refused = Vec::new();
    for (at, edit) in edits.iter().enumerate() {
        let before = draft.clone();
        let done = command(edit, queries).and_then(|command| {
            let mut decider = Decider::new(&mut draft, &context);
            decide(&mut decider, command)
        });
        if let Err(e) = done {
            draft = before;
            refused.push(Refusal {
                edit: at,
                code: e.code(),
                message: e.message().to_owned(),
                hint: e.hint_text().map(str::to_owned),
            });
        }
    }
    let touched = touched(&draft)?;
    let worked_on = worked_on(snapshot, &draft)?;
    let settled = Arc::new(draft.settle(snapshot.position(), snapshot.time_ms())?);
    let live = |state: &Snapshot, n: ItemNumber| -> Result<bool> {
        let item = state.item(n)?;
        Ok(item.is_some_and(|i| state.schema().is_live_in(i.class(), i.status, state.names())))
    };
    let mut ending = Vec::new();
    for item in &worked_on {
        if live(snapshot, *item)? && !live(&settled, *item)? {
            ending.push(*item);
        }
    }
    Ok(Proposed { snapshot: settled, refused, touched, worked_on, ending })
}

/// Items that exist and are edited, or whose own dependencies are: of a relationship the end that suffers.
fn worked_on(before: &Snapshot, draft: &Draft) -> Result<Vec<ItemNumber>> {
    let (mut items, relationships) = draft.written();
    for number in relationships {
        let Some(record) = draft.relationship_or_tombstone(number)? else { continue };
        let Some(kind) = draft.schema().relationship_type(record.identity.kind) else { continue };
        if kind.carries_impact() {
            let suffers = kind.source_suffers();
            items.push(if suffers { record.identity.source } else { record.identity.target });
        }
    }
    let existed = before.counts().item_numbers;
    items.retain(|n| n.0 < existed);
    items.sort_unstable();
    items.dedup();
    Ok(items)
}

fn touched(draft: &Draft) -> Result<Vec<ItemNumber>> {
    let (mut items, relationships) = draft.written();
    for number in relationships {
        if let Some(record) = draft.relationship_or_tombstone(number)? {
            items.extend([record.identity.source, record.identity.target]);
        }
    }
    items.sort_unstable();
    items.dedup();
    Ok(items)
}

/// The command an edit stands for.
///
/// # Errors
/// `proposal.edit`, saying which word is missing or unknown.
pub fn command(edit: &Value, queries: &dyn Queries) -> Result<Command> {
    let operation = get_text(edit, "op");
    if !OPERATIONS.contains(&operation) {
        let message = format!("\"{operation}\" is no edit; op is one of {}", OPERATIONS.join(", "));
        return Err(Error::invalid("proposal.edit", message));
    }
    let needed = |key: &str| match get_text(edit, key) {
        "" => {
            Err(Error::invalid("proposal.edit", format!("an edit that says \"{operation}\" needs \"{key}\"")))
        }
        text => Ok(SmolStr::new(text)),
    };
    let optional = |key: &str| Some(SmolStr::new(get_text(edit, key))).filter(|t| !t.is_empty());
    let reference = |key: &str| needed(key).map(Reference);
    let which = || {
        let (kind, source, target) = (needed("type")?, reference("source")?, reference("target")?);
        Ok(Which::Ends { kind, source, target, group: optional("group") })
    };
    Ok(match operation {
        "create" => Command::CreateItem(CreateItem {
            class: needed("class")?,
            name: optional("name"),
            status: optional("status"),
            attributes: inputs(edit),
        }),
        "set" => Command::EditItem(EditItem {
            item: reference("item")?,
            if_version: None,
            name: optional("name"),
            class: optional("class"),
            status: optional("status"),
            attributes: inputs(edit),
        }),
        "remove" => Command::RemoveItem(RemoveItem {
            item: reference("item")?,
            if_version: None,
            cascade: get(edit, "cascade") == Some(&Value::Boolean(true)),
        }),
        "relate" => Command::Relate(Relate {
            kind: needed("type")?,
            source: reference("source")?,
            target: reference("target")?,
            attributes: inputs(edit),
        }),
        "unrelate" => Command::Unrelate(Unrelate { which: which()?, if_version: None }),
        _ => Command::Run(queries.program(&needed("text")?)?),
    })
}

/// The attributes of an edit; a text is read by the schema, an empty one clears.
fn inputs(edit: &Value) -> Inputs {
    let entries = match get(edit, "attributes") {
        Some(Value::Map(entries)) => entries.as_slice(),
        _ => &[],
    };
    let input = |value: &Value| match value {
        Value::Text(text) if text.is_empty() => Input::Clear,
        Value::Text(text) => Input::Text(text.clone()),
        other => Input::Typed(other.clone()),
    };
    let mut inputs: Inputs = entries.iter().map(|(key, value)| (key.clone(), input(value))).collect();
    let cleared = get_list(edit, "clear").iter().filter_map(Value::as_text);
    inputs.extend(cleared.map(|key| (SmolStr::new(key), Input::Clear)));
    inputs
}

impl Refusal {
    /// As it is kept in a record.
    pub fn value(&self) -> Value {
        map([
            ("edit", Some(Value::Integer(self.edit as i64))),
            ("code", text(self.code)),
            ("message", text(&self.message)),
            ("hint", self.hint.as_deref().and_then(text)),
        ])
    }
}

/// Planned edits that name no operation at all are refused when they are written down, not when they are laid.
pub fn check_form(edits: &[Value]) -> Result<()> {
    if edits.len() > EDITS_MAX {
        return Err(Error::limit("proposal.edits", format!("a proposal has at most {EDITS_MAX} edits")));
    }
    for (at, edit) in edits.iter().enumerate() {
        let operation = get_text(edit, "op");
        if !OPERATIONS.contains(&operation) {
            let message = format!("edit {at}: op is one of {}", OPERATIONS.join(", "));
            return Err(Error::invalid("proposal.edit", message.clone())
                .detail(format!("/proposal/{at}/op"), message));
        }
    }
    Ok(())
}

/// Groups of the dependents of `items`: (dependent, group, needed, there), in thousandths; by dependent and group.
pub fn margins(snapshot: &Snapshot, items: &[ItemNumber]) -> Result<Vec<(ItemNumber, SmolStr, u64, u64)>> {
    let mut dependents: Vec<ItemNumber> = items.to_vec();
    for item in items.iter().filter(|n| n.0 < snapshot.nodes()) {
        let row = snapshot.dependents().row(snapshot.dense(*item));
        dependents.extend(row.entries().map(|e| snapshot.number(e.other())));
    }
    dependents.sort_unstable();
    dependents.dedup();
    let mut out = Vec::new();
    for dependent in dependents.into_iter().filter(|n| n.0 < snapshot.nodes()) {
        for (_, record) in snapshot.relationships_at(dependent)? {
            let Some(group) = &record.identity.group else { continue };
            let Some(kind) = snapshot.schema().relationship_type(record.identity.kind) else { continue };
            let (from, to) = match kind.source_suffers() {
                true => (record.identity.source, record.identity.target),
                false => (record.identity.target, record.identity.source),
            };
            let row = snapshot.dependencies().row(snapshot.dense(from));
            let entry = row.entries().find(|e| {
                e.gate() == crate::graph::adjacency::Gate::Group && e.other() == snapshot.dense(to)
            });
            if let (true, Some(entry)) = (from == dependent, entry) {
                let gate = snapshot.group(entry.group);
                out.push((dependent, group.clone(), gate.needs, gate.active));
            }
        }
    }
    out.sort();
    out.dedup();
    Ok(out)
}
