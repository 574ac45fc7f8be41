//! Which source's word counts for which attribute.

use crate::api;
use crate::call::Call;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::Result;
use cmdb_core::command::precedence::SetPrecedence;
use cmdb_core::command::{Command, Right};
use cmdb_core::fact::Precedence;
use cmdb_core::graph::{Records, Snapshot};

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        Ok(Reply::json(&all(&snapshot)).at(snapshot.position()))
    }
    Route::get("/api/v1/precedence", "list_precedence", Right::Read, handler)
        .summary("The order of sources, by class and attribute; without a rule the last word counts")
        .gives::<api::PrecedenceRules>()
}

pub fn set() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::PrecedenceRule = call.json()?;
        let rule = Precedence {
            class: body.class.map(Into::into),
            attribute: body.attribute.map(Into::into),
            sources: body.sources.into_iter().map(Into::into).collect(),
        };
        let receipt = call.submit(Command::SetPrecedence(SetPrecedence { rule }))?;
        Ok(Reply::json(&all(&*call.state_after(&receipt)?)).at(receipt.position))
    }
    Route::post("/api/v1/precedence", "set_precedence", Right::Administer, handler)
        .summary("Writes one rule, the highest source first; without sources the rule is taken back")
        .takes::<api::PrecedenceRule>()
        .gives::<api::PrecedenceRules>()
}

fn all(snapshot: &Snapshot) -> api::PrecedenceRules {
    let rule = |p: &Precedence| api::PrecedenceRule {
        class: p.class.as_ref().map(ToString::to_string),
        attribute: p.attribute.as_ref().map(ToString::to_string),
        sources: p.sources.iter().map(ToString::to_string).collect(),
    };
    api::PrecedenceRules { rules: snapshot.settings().precedence.values().map(rule).collect() }
}
