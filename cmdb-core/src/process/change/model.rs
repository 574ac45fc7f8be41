//! Change models: kinds of changes that were authorised once. A standard change keeps to its model or is none.

use super::approval::{involved, person};
use super::record::{ChangeRecord, Effect, of_class};
use crate::command::item::EditItem;
use crate::command::program::Program;
use crate::command::reference::label;
use crate::command::{Answer, Decider, Reference, Right, access, resolve};
use crate::error::{Error, Kind, Result};
use crate::graph::{Records, Snapshot};
use crate::model::{Item, ItemNumber, SmolStr, Value};
use crate::process::fields::{Fields, get_list, get_text, list, map, text};
use crate::process::proposal::lay;
use crate::process::queries::Queries;
use rustc_hash::FxHashSet;
use std::sync::Arc;

pub const CLASS: &str = "ChangeModel";
/// Items outside a model that a refusal names.
const NAMED_MAX: usize = 10;

/// Refuses a standard change that, together with what others do, takes something down: its model was authorised for
/// what it does by itself.
///
/// # Errors
/// `change.outside-model`, with the collision.
pub(super) fn check_company(record: &ChangeRecord, assessment: &Value) -> Result<()> {
    let cut = get_list(assessment, "collisions").iter().find(|c| get_text(c, "kind") == "joint_cut");
    match cut {
        None => Ok(()),
        Some(cut) => {
            let message = format!(
                "{} is not what its model was authorised for: {}",
                record.number,
                get_text(cut, "reason")
            );
            Err(Error::refused("change.outside-model", message)
                .hint("move its window, or make it a normal change: `cmdb change edit --type normal`"))
        }
    }
}

/// Refuses a standard change that does not keep to its model.
///
/// # Errors
/// `change.model` without a model in force, `change.outside-model` naming the items outside its query.
pub fn check(
    snapshot: &Arc<Snapshot>,
    record: &ChangeRecord,
    touched: &[ItemNumber],
    queries: &dyn Queries,
) -> Result<()> {
    let none = |message: String| {
        Error::refused("change.model", message)
            .hint("a standard change is one of a model in force; make it a normal change, or name a model")
    };
    let Some(name) = &record.model else {
        return Err(none(format!("{} is a standard change and names no model", record.number)));
    };
    let item = find(snapshot, name)?.ok_or_else(|| none(format!("there is no change model \"{name}\"")))?;
    let model = snapshot.item(item)?.unwrap_or_default();
    let fields = Fields::of(&**snapshot, &model);
    if fields.status() != "in_force" {
        return Err(none(format!("the change model \"{name}\" is {}, not in force", fields.status())));
    }
    let query = fields.text("ci_query").unwrap_or("");
    if query.trim().is_empty() {
        return Err(none(format!("the change model \"{name}\" has no ci_query")));
    }
    let allowed: FxHashSet<ItemNumber> = queries.items(snapshot, query)?.into_iter().collect();
    check_brought_in(snapshot, record, &model, query, queries)?;
    let items = record.affected.iter().map(|a| a.item).chain(touched.iter().copied());
    let mut outside: Vec<String> =
        items.filter(|i| !allowed.contains(i)).map(|i| label(&**snapshot, i)).collect();
    outside.sort();
    outside.dedup();
    if !outside.is_empty() {
        let message = format!(
            "{} of what {} touches is outside the model \"{name}\": {}",
            outside.len(),
            record.number,
            outside[..outside.len().min(NAMED_MAX)].join(", ")
        );
        let mut error = Error::refused("change.outside-model", message)
            .hint("make it a normal change, or leave these items out");
        for one in outside.into_iter().take(NAMED_MAX) {
            error = error.detail("/affects", one);
        }
        return Err(error);
    }
    let most = fields.text("state_max").and_then(|w| Effect::parse(w).ok()).unwrap_or_default();
    match record.affected.iter().find(|a| a.effect > most) {
        None => Ok(()),
        Some(worse) => {
            let message = format!(
                "{} is {} while {} runs, and the model \"{name}\" allows {} at most",
                label(&**snapshot, worse.item),
                worse.effect.word(),
                record.number,
                most.word()
            );
            Err(Error::refused("change.outside-model", message).hint("make it a normal change"))
        }
    }
}

/// Refuses items that are in a model's query only by what somebody with a hand in the change has said of them since the
/// model was written: whoever may set a tag would else authorise themselves. Asked is the query on a state without it.
/// Only attributes: name, class, status and relationships of a controlled item are not edited without a change.
///
/// # Errors
/// `change.outside-model`, naming the items.
fn check_brought_in(
    snapshot: &Arc<Snapshot>,
    record: &ChangeRecord,
    model: &Item,
    query: &str,
    queries: &dyn Queries,
) -> Result<()> {
    let hands: Vec<SmolStr> = involved(&**snapshot, record)?.iter().filter_map(|n| person(n)).collect();
    let (mut edits, mut edited) = (Vec::new(), Vec::new());
    for number in record.affected.iter().map(|a| a.item) {
        let Some(item) = snapshot.item(number)?.filter(|item| item.created <= model.created) else {
            continue;
        };
        let mut own = Vec::new();
        for attribute in item.attributes.iter().filter(|a| a.at > model.created) {
            let by = queries.actor(attribute.at)?.and_then(|actor| person(&actor));
            if by.is_some_and(|by| hands.contains(&by)) {
                own.push(Value::text(snapshot.names().text(attribute.key)));
            }
        }
        if !own.is_empty() {
            let id = snapshot.item_id(number).to_string();
            edits.push(map([("op", text("set")), ("item", text(&id)), ("clear", list(own))]));
            edited.push(number);
        }
    }
    if edits.is_empty() {
        return Ok(());
    }
    let without = lay(snapshot, &edits, queries)?;
    let known: FxHashSet<ItemNumber> = queries.items(&without.snapshot, query)?.into_iter().collect();
    let own: Vec<String> =
        edited.into_iter().filter(|n| !known.contains(n)).map(|n| label(&**snapshot, n)).collect();
    if own.is_empty() {
        return Ok(());
    }
    let named = own[..own.len().min(NAMED_MAX)].join(", ");
    let message = format!(
        "{named} came into the model by what somebody with a hand in {} has said of it since",
        record.number
    );
    Err(Error::refused("change.outside-model", message)
        .hint("make it a normal change: `cmdb change edit --type normal`"))
}

/// A model by its name or number.
fn find(snapshot: &Snapshot, name: &str) -> Result<Option<ItemNumber>> {
    for number in of_class(snapshot, CLASS)? {
        let item = snapshot.item(number)?.unwrap_or_default();
        let fields = Fields::of(snapshot, &item);
        if item.name.as_deref() == Some(name) || fields.text("number") == Some(name) {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

/// Puts a model in force, or withdraws it.
#[derive(Clone, Debug)]
pub struct MoveModel {
    pub model: Reference,
    pub in_force: bool,
}

impl Program for MoveModel {
    fn name(&self) -> &'static str {
        if self.in_force { "approve change model" } else { "withdraw change model" }
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        access::check(&decider.context().principal, Right::Approve)?;
        let number = resolve(decider.draft(), &self.model.0)?;
        let item = decider.draft().item(number)?.unwrap_or_default();
        let fields = Fields::of(decider.draft(), &item);
        if fields.class() != CLASS {
            return Err(Error::not_found("change.model", format!("\"{}\" is no change model", self.model)));
        }
        let who = decider.context().principal.name.clone();
        let denied = |code, message: String| Error::new(Kind::Denied, code, message);
        let person_asking = person(&who).ok_or_else(|| {
            denied("change.no-person", format!("\"{who}\" stands for nobody, and this takes a person"))
                .hint("--principal NAME on a data folder, or a token of a user")
        })?;
        let authors: Vec<SmolStr> = fields.texts("authors");
        if self.in_force && authors.iter().filter_map(|a| person(a)).any(|a| a == person_asking) {
            return Err(denied(
                "change.own",
                format!("{person_asking} wrote the model and does not put it in force"),
            ));
        }
        let edit = EditItem {
            item: self.model.clone(),
            if_version: None,
            name: None,
            class: None,
            status: Some(if self.in_force { "in_force" } else { "withdrawn" }.into()),
            attributes: Vec::new(),
        };
        decider.in_process(|decider| edit.decide(decider))
    }
}
