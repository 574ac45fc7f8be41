//! An impact as a graph for other tools: what is affected, the relationships between, each item's state.

use super::roots::Asked;
use crate::api;
use crate::call::Call;
use crate::exporting::Selection;
use crate::handlers::exports::{reply, wanted};
use crate::reply::Reply;
use crate::route::{Lane, Route};
use cmdb_core::Result;
use cmdb_core::analysis::impact::{State, impact};
use cmdb_core::command::Right;
use cmdb_core::graph::View;
use rustc_hash::FxHashMap;

pub fn export() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let question: api::ImpactQuestion = call.json()?;
        let exporter = wanted(&call, "dot")?;
        let snapshot = call.snapshot_at(question.at.as_deref().or(call.text("at")))?;
        let asked = Asked::read(&snapshot, &question)?;
        let core_question = asked.question(&call.cancelled);
        let view = View::full(&snapshot);
        let impact = call.app.with_scratch(|scratch| impact(view, &core_question, scratch));
        let mut states: FxHashMap<u32, &'static str> = FxHashMap::default();
        for wave in impact.waves.iter().filter(|w| w.state != State::Up || asked.protected) {
            states.extend(impact.items(wave).iter().map(|item| (*item, wave.state.word())));
        }
        // A root that nothing happens to is part of the picture all the same.
        for root in &asked.items {
            states.entry(*root).or_insert(State::Up.word());
        }
        let selection = Selection::of_impact(snapshot.clone(), states);
        let kinds = vec![cmdb_core::model::intake::TableKind::Items];
        reply(exporter, selection, kinds, &snapshot)
    }
    Route::post("/api/v1/impact/export", "export_impact", Right::Read, handler)
        .summary("The same question, answered as a graph for other tools: affected items with their state, and the relationships between them")
        .text("as", "`dot` (default), `mermaid`, `graphml`, `cytoscape`; in `csv`, `json` and `ndjson` the items alone")
        .text("at", "position, time or baseline to answer for, unless the body says")
        .takes::<api::ImpactQuestion>()
        .media("text/vnd.graphviz")
        .lane(Lane::Stream)
}
