//! How far each source is believed.

use crate::api;
use crate::call::Call;
use crate::convert::timestamp;
use crate::reply::Reply;
use crate::route::Route;
use crate::sightings::{confidence, kind};
use cmdb_core::command::trust::SetTrust;
use cmdb_core::command::{Command, Right};
use cmdb_core::fact::{Sightings, Trust};
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::SmolStr;
use cmdb_core::{Error, Result};
use std::collections::BTreeSet;

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        Ok(Reply::json(&all(&snapshot)).at(snapshot.position()))
    }
    Route::get("/api/v1/trust", "list_trust", Right::Read, handler)
        .summary("Sources with their kind, how far they are believed, and their newest run")
        .gives::<api::TrustList>()
}

pub fn set() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::NewTrust = call.json()?;
        let observed = match body.kind.as_deref() {
            None => None,
            Some("observed") => Some(true),
            Some("declared") => Some(false),
            Some(other) => {
                let message = format!("a source is observed or declared, not \"{other}\"");
                return Err(Error::invalid("trust.kind", message.clone()).detail("/kind", message));
            }
        };
        let outside = |c: &f64| !(0.0..=1.0).contains(c);
        if body.confidence.as_ref().is_some_and(outside) {
            let message = "a confidence lies between 0 and 1";
            return Err(Error::invalid("trust.confidence", message).detail("/confidence", message));
        }
        let confidence = body.confidence.map(|c| (c * 1_000.0).round() as u16);
        let trust = Trust { source: body.source.into(), confidence, observed };
        let receipt = call.submit(Command::SetTrust(SetTrust { trust }))?;
        Ok(Reply::json(&all(&*call.state_after(&receipt)?)).at(receipt.position))
    }
    Route::post("/api/v1/trust", "set_trust", Right::Administer, handler)
        .summary("Says how far a source is believed and whether it observes; with neither that is taken back")
        .takes::<api::NewTrust>()
        .gives::<api::TrustList>()
}

fn all(snapshot: &Snapshot) -> api::TrustList {
    let settings = snapshot.settings();
    let runs = settings.sightings.keys().map(|(source, _)| source);
    let manual = SmolStr::new_static("manual");
    let names: BTreeSet<&SmolStr> = settings.trust.keys().chain(runs).chain([&manual]).collect();
    let source = |name: &SmolStr| {
        let of = [false, true].map(|observed| settings.sightings.get(&(name.clone(), observed)));
        let of: Vec<&Sightings> = of.into_iter().flatten().map(|s| &**s).collect();
        let runs = || of.iter().flat_map(|s| &s.runs);
        let belief = settings.belief(name);
        api::SourceTrust {
            source: name.to_string(),
            kind: kind(belief),
            confidence: confidence(belief.confidence),
            set: settings.trust.contains_key(name),
            last_run: runs().map(|run| run.until_ms).max().map(timestamp),
            items: runs().map(|run| run.items.len()).sum(),
            relationships: runs().map(|run| run.relationships.len()).sum(),
        }
    };
    api::TrustList { position: snapshot.position().0, sources: names.into_iter().map(source).collect() }
}
