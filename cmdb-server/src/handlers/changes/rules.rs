//! The rules by which changes are judged, and the models by which some are authorised.

use crate::api;
use crate::api::changes::PolicyView;
use crate::call::Call;
use crate::convert::{Convert, reference};
use crate::reply::Reply;
use crate::route::{Handler, Route};
use cmdb_core::command::{Answer, Command, Right, resolve};
use cmdb_core::graph::Records;
use cmdb_core::process::change::model::MoveModel;
use cmdb_core::process::change::policy::{ApplyPolicy, Policy};
use cmdb_core::{Error, Result};
use std::sync::Arc;

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.app.cmdb()?.snapshot();
        let (version, text) = Policy::text_in_force(snapshot.settings());
        Ok(Reply::json(&PolicyView { version, text: text.to_string() }).at(snapshot.position()))
    }
    Route::get("/api/v1/change-policy", "read_change_policy", Right::Read, handler)
        .summary("The rules in force by which changes are judged and decided on")
        .gives::<PolicyView>()
}

pub fn apply() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let text = std::str::from_utf8(&call.body)
            .map_err(|_| Error::invalid("policy.invalid", "a policy is UTF-8 text"))?;
        let receipt = call.submit(Command::Run(Arc::new(ApplyPolicy { text: text.into() })))?;
        let (version, text) = Policy::text_in_force(call.app.cmdb()?.snapshot().settings());
        Ok(Reply::json(&PolicyView { version, text: text.to_string() }).at(receipt.position))
    }
    Route::post("/api/v1/change-policy", "apply_change_policy", Right::Administer, handler)
        .summary(
            "Puts another version of the rules in force; earlier ones stay readable by what they decided",
        )
        .takes_text()
        .gives::<PolicyView>()
}

pub fn approve_model() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        move_model(&call, true)
    }
    model_route("/api/v1/change-models/{ref}/approve", "approve_change_model", handler)
        .summary("Puts a change model in force; nobody does that with their own")
}

pub fn withdraw_model() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        move_model(&call, false)
    }
    model_route("/api/v1/change-models/{ref}/withdraw", "withdraw_change_model", handler)
        .summary("Takes a change model out of force")
}

fn model_route(path: &'static str, id: &'static str, handler: Handler) -> Route {
    Route::post(path, id, Right::Approve, handler).gives::<api::Item>()
}

fn move_model(call: &Call, in_force: bool) -> Result<Reply> {
    let model = reference(call.path("ref"));
    let receipt = call.submit(Command::Run(Arc::new(MoveModel { model, in_force })))?;
    let snapshot = call.state_after(&receipt)?;
    let number = match receipt.answer {
        Answer::Item(number) => number,
        _ => resolve(&*snapshot, call.path("ref"))?,
    };
    let item = snapshot.item(number)?.unwrap_or_default();
    let shown = Convert::new(&snapshot, call.app.cmdb()?).item(number, &item)?;
    Ok(Reply::json(&shown).etag(item.version).at(receipt.position))
}
