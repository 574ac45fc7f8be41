//! Saved queries and invariants.

use crate::api::calendar::{Invariants, NewSavedQuery, SavedQueries, SavedQueryView};
use crate::call::Call;
use crate::convert::reference;
use crate::invariants;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::attributes::{Input, Inputs};
use cmdb_core::command::item::{CreateItem, EditItem, RemoveItem};
use cmdb_core::command::{Command, Reference, Right};
use cmdb_core::graph::Snapshot;
use cmdb_core::model::Value;
use cmdb_core::process::calendar::saved::{self, CLASS, SavedQuery};
use cmdb_core::{Error, Result};
use cmdb_query::estate::of_query;

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let queries: Vec<SavedQueryView> =
            saved::all(&snapshot)?.iter().map(|q| view(&snapshot, q)).collect();
        let (position, count) = (snapshot.position().0, queries.len() as u64);
        Ok(Reply::json(&SavedQueries { position, count, queries }).at(snapshot.position()))
    }
    Route::read("/api/v1/saved-queries", "list_saved_queries", handler)
        .summary("Queries kept under a name: scopes, reports, invariants")
        .gives::<SavedQueries>()
}

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let query = saved::named(&snapshot, call.path("name"))?;
        Ok(Reply::json(&view(&snapshot, &query)).at(snapshot.position()))
    }
    Route::read("/api/v1/saved-queries/{name}", "read_saved_query", handler)
        .summary("One saved query")
        .gives::<SavedQueryView>()
}

pub fn save() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: NewSavedQuery = call.json()?;
        check(&body)?;
        let snapshot = call.app.cmdb()?.snapshot();
        let attributes: Inputs = vec![
            ("query".into(), Input::Text(body.query.into())),
            ("description".into(), Input::Text(body.description.into())),
            ("invariant".into(), Input::Typed(Value::Boolean(body.invariant))),
        ];
        let known = saved::named(&snapshot, &body.name).ok();
        let command = match &known {
            Some(known) => Command::EditItem(EditItem {
                item: by_id(&snapshot, known),
                if_version: None,
                name: None,
                class: None,
                status: None,
                attributes,
            }),
            None => {
                let name = Some(body.name.as_str().into());
                Command::CreateItem(CreateItem { class: CLASS.into(), name, status: None, attributes })
            }
        };
        let receipt = call.submit(command)?;
        let snapshot = call.state_after(&receipt)?;
        let view = view(&snapshot, &saved::named(&snapshot, &body.name)?);
        Ok(Reply::json(&view).at(receipt.position).status(if known.is_some() { 200 } else { 201 }))
    }
    Route::post("/api/v1/saved-queries", "save_query", Right::Edit, handler)
        .summary("Keeps a reading query under a name, in place of what was there")
        .takes::<NewSavedQuery>()
        .gives::<SavedQueryView>()
        .status(201)
}

pub fn remove() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.app.cmdb()?.snapshot();
        let known = saved::named(&snapshot, call.path("name"))?;
        let item = by_id(&snapshot, &known);
        let receipt =
            call.submit(Command::RemoveItem(RemoveItem { item, if_version: None, cascade: true }))?;
        Ok(Reply::nothing().at(receipt.position))
    }
    Route::delete("/api/v1/saved-queries/{name}", "remove_saved_query", Right::Edit, handler)
        .summary("Forgets a saved query")
        .status(204)
}

pub fn invariants() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let invariants = invariants::check(call.app.cmdb()?, &snapshot)?;
        let hold = invariants.iter().all(|i| i.holds);
        let answer = Invariants { position: snapshot.position().0, hold, invariants };
        Ok(Reply::json(&answer).at(snapshot.position()))
    }
    Route::read("/api/v1/invariants", "check_invariants", handler)
        .summary("Asks all invariants: saved queries that must return no rows")
        .gives::<Invariants>()
}

/// A saved query has a name of one word, so that no scope can be taken for one, and only reads.
fn check(body: &NewSavedQuery) -> Result<()> {
    if body.name.is_empty() || body.name.len() > 128 || body.name.contains(char::is_whitespace) {
        let message = "a saved query's name has 1 to 128 bytes and no spaces";
        return Err(Error::invalid("query.name", message).detail("/name", message));
    }
    match cmdb_query::run::writes(&body.query).map_err(|e| of_query(&e, &body.query))? {
        true => {
            let message = "a saved query only reads";
            Err(Error::invalid("query.writes", message).detail("/query", message))
        }
        false => Ok(()),
    }
}

fn by_id(snapshot: &Snapshot, query: &SavedQuery) -> Reference {
    reference(&snapshot.item_id(query.item).to_string())
}

fn view(snapshot: &Snapshot, query: &SavedQuery) -> SavedQueryView {
    SavedQueryView {
        id: snapshot.item_id(query.item).to_string(),
        name: query.name.to_string(),
        query: query.query.to_string(),
        description: query.description.to_string(),
        invariant: query.invariant,
    }
}
