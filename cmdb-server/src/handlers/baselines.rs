//! Baselines: positions with a name.

use crate::api;
use crate::call::Call;
use crate::convert::timestamp;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::baseline::{ApproveBaseline, CreateBaseline};
use cmdb_core::command::{Command, Right};
use cmdb_core::fact::Baseline;
use cmdb_core::graph::Records;
use cmdb_core::model::Position;
use cmdb_core::{Error, Result};

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let mut baselines: Vec<_> = snapshot.settings().baselines.values().map(view).collect();
        baselines.sort_by(|a, b| b.position.cmp(&a.position).then_with(|| a.name.cmp(&b.name)));
        Ok(Reply::json(&api::Baselines { position: snapshot.position().0, baselines })
            .at(snapshot.position()))
    }
    Route::get("/api/v1/baselines", "list_baselines", Right::Read, handler)
        .summary("Baselines, newest first")
        .gives::<api::Baselines>()
}

pub fn create() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::NewBaseline = call.json()?;
        let (name, position) = (body.name.clone(), body.position.map(Position));
        let command = CreateBaseline { name: body.name.into(), position, note: body.note.into() };
        let receipt = call.submit(Command::CreateBaseline(command))?;
        Ok(shown(&call, &name)?.at(receipt.position).status(201))
    }
    Route::post("/api/v1/baselines", "create_baseline", Right::Edit, handler)
        .summary("Names a position; baselines do not move")
        .takes::<api::NewBaseline>()
        .gives::<api::BaselineView>()
        .status(201)
}

pub fn approve() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let name = call.path("name");
        let receipt = call.submit(Command::ApproveBaseline(ApproveBaseline { name: name.into() }))?;
        Ok(shown(&call, name)?.at(receipt.position))
    }
    Route::post("/api/v1/baselines/{name}/approve", "approve_baseline", Right::Approve, handler)
        .summary("Approves a baseline; nobody approves their own")
        .gives::<api::BaselineView>()
}

fn shown(call: &Call, name: &str) -> Result<Reply> {
    let snapshot = call.app.cmdb()?.snapshot();
    let unknown = || Error::not_found("baseline.unknown", format!("there is no baseline \"{name}\""));
    Ok(Reply::json(&view(snapshot.settings().baselines.get(name).ok_or_else(unknown)?)))
}

fn view(baseline: &Baseline) -> api::BaselineView {
    api::BaselineView {
        name: baseline.name.to_string(),
        position: baseline.position.0,
        created_at: timestamp(baseline.created_ms),
        by: baseline.by.to_string(),
        note: baseline.note.to_string(),
        approved_by: baseline.approved_by.as_ref().map(ToString::to_string),
    }
}
