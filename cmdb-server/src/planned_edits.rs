//! A change's planned edits, taken from what another tool plans: a Terraform plan, or the plan of an import.
//!
//! They become the edits of an ordinary proposal, written down in the change, and what they touch is added to what the
//! change affects; nothing of it is looked up again later.

use crate::api::changes::ChangePlan;
use crate::call::Call;
use crate::plan_file::{self, Doing};
use crate::plans::StoredPlan;
use cmdb_core::graph::Snapshot;
use cmdb_core::process::proposal::EDITS_MAX;
use cmdb_core::{Error, Kind, Result};
use cmdb_import::json;
use serde_json::{Map, Value, json as edit};

/// Puts the edits of the plans that `body` names in place of their names; what they touch is added to what an existing
/// change affects, or to what a new one is said to affect.
///
/// # Errors
/// A plan that does not read, is unknown, or amounts to no edit or to more than [`EDITS_MAX`].
pub fn take_in(call: &Call, mut body: ChangePlan, is_new: bool) -> Result<ChangePlan> {
    let (mut edits, mut affects) = (Vec::new(), Vec::new());
    if let Some(text) = body.terraform_plan.take() {
        terraform(&*call.snapshot()?, &text, &mut edits, &mut affects)?;
    }
    if let Some(id) = body.import_plan.take() {
        let plan = crate::handlers::import_plans::plan_named(call, &id)?;
        import(&plan, &mut edits, &mut affects)?;
    } else if edits.is_empty() && affects.is_empty() {
        return Ok(body);
    }
    body.proposal.get_or_insert_default().extend(edits);
    match is_new {
        true => body.affects.get_or_insert_default().extend(affects),
        false => body.add.extend(affects),
    }
    Ok(body)
}

fn nothing(what: &str) -> Error {
    let message = format!("{what} plans nothing that the inventory holds");
    Error::invalid("change.plan-empty", message)
}

fn terraform(
    snapshot: &Snapshot,
    text: &str,
    edits: &mut Vec<Value>,
    affects: &mut Vec<String>,
) -> Result<()> {
    let plan = plan_file::read(snapshot, text)?;
    edits.extend(plan.edits(snapshot).iter().map(json::from_value));
    for planned in &plan.known {
        let state = if planned.action == Doing::Update { "degraded" } else { "down" };
        let id = snapshot.item_id(snapshot.number(planned.item));
        affects.push(format!("{id}={state}"));
    }
    if edits.is_empty() && affects.is_empty() {
        return Err(nothing("the Terraform plan")
            .hint("import the state first, so that its resources are known: cmdb import tfplan.json --source terraform"));
    }
    Ok(())
}

fn import(plan: &StoredPlan, edits: &mut Vec<Value>, affects: &mut Vec<String>) -> Result<()> {
    if let Some(reason) = &plan.reason {
        let message = format!("{} cannot be carried out: {reason}", plan.id);
        return Err(Error::new(Kind::Refused, "change.plan-inapplicable", message));
    }
    let changes = plan.report["plan"]["changes"].as_array().map_or(&[][..], Vec::as_slice);
    let count = plan.report["plan"]["changes_count"].as_u64().unwrap_or(u64::MAX);
    if count > EDITS_MAX as u64 {
        let message = format!("a change plans at most {EDITS_MAX} edits; {} has {count}", plan.id);
        return Err(Error::limit("proposal.edits", message).hint("plan the import of fewer rows at once"));
    }
    if changes.is_empty() {
        return Err(nothing(&plan.id));
    }
    for change in changes {
        let (is_item, id) = (change["what"] == "item", change["id"].as_str());
        match (change["action"].as_str().unwrap_or_default(), is_item) {
            ("create", true) => {
                edits.push(with_fields(edit!({ "op": "create", "class": change["class"] }), change))
            }
            ("update", true) => edits.push(with_fields(edit!({ "op": "set", "item": id }), change)),
            (_, true) => edits.push(edit!({ "op": "remove", "item": id, "cascade": true })),
            ("remove", false) => edits.push(with_group(ends("unrelate", change), change, "old")),
            (_, false) => edits.push(with_fields(ends("relate", change), change)),
        }
        if let (true, Some(id)) = (is_item, id) {
            let state = if change["action"] == "remove" { "down" } else { "edited" };
            affects.push(format!("{id}={state}"));
        }
    }
    Ok(())
}

fn ends(operation: &str, change: &Value) -> Value {
    let end = |end: &Value| match end["id"].as_str() {
        Some(id) => id.to_owned(),
        None => format!("{}:{}", text(&end["class"]), text(&end["name"])),
    };
    let (source, target) = (end(&change["source"]), end(&change["target"]));
    edit!({ "op": operation, "type": change["type"], "source": source, "target": target })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn with_group(mut edit: Value, change: &Value, side: &str) -> Value {
    let fields = change["attributes"].as_array().into_iter().flatten();
    if let Some(group) = fields.into_iter().find(|f| f["name"] == "group").map(|f| &f[side]) {
        edit["group"] = group.clone();
    }
    edit
}

/// Adds the new values: name and status to the edit itself, the others to its attributes; what becomes empty is cleared.
fn with_fields(mut edit: Value, change: &Value) -> Value {
    let is_item = change["what"] == "item";
    let mut attributes = Map::new();
    for field in change["attributes"].as_array().into_iter().flatten() {
        let (name, new) = (text(&field["name"]), &field["new"]);
        match name {
            "name" | "status" | "class" if is_item => edit[name] = new.clone(),
            _ => {
                let new = if new.is_null() { Value::from("") } else { new.clone() };
                attributes.insert(name.to_owned(), new);
            }
        }
    }
    if !attributes.is_empty() {
        edit["attributes"] = attributes.into();
    }
    edit
}
