//! Taking an import back.

use crate::api;
use crate::call::Call;
use crate::convert::item_ref;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::Result;
use cmdb_core::command::Right;
use cmdb_core::command::undo::{Standing, UndoReport, Undone};
use cmdb_core::engine::undoing::UndoOptions;
use cmdb_core::graph::Snapshot;
use cmdb_core::model::Position;

pub fn undo() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let options = UndoOptions { keep_later: call.flag("keep_later")?, dry_run: call.flag("dry_run")? };
        take_back(&call, options)
    }
    Route::post("/api/v1/imports/{id}/undo", "undo_import", Right::Edit, handler)
        .summary("Takes the whole of an import back as a new commit; refused with the list of later edits and relationships that stand on it")
        .flag("keep_later", "keep what stands on it and take back the rest")
        .flag("dry_run", "say what would happen and keep nothing")
        .gives::<api::UndoAnswer>()
}

/// Takes back what the path names: an import or a merge.
pub(super) fn take_back(call: &Call, options: UndoOptions) -> Result<Reply> {
    let (context, id) = (call.context()?, call.path("id"));
    let cmdb = call.app.cmdb()?;
    let (receipt, report) = cmdb.undo_import(context, id, options)?;
    let snapshot = match &receipt {
        Some(receipt) => call.state_after(receipt)?,
        None => cmdb.snapshot(),
    };
    let position = receipt.map_or(snapshot.position(), |r| r.position);
    let answer = answer(id, position, !options.dry_run, &report, &snapshot);
    Ok(Reply::json(&answer).at(position))
}

fn answer(
    id: &str,
    position: Position,
    applied: bool,
    report: &UndoReport,
    snapshot: &Snapshot,
) -> api::UndoAnswer {
    let counters = |u: &Undone| api::UndoCounters { removed: u.removed, restored: u.restored, kept: u.kept };
    let kept = |s: &Standing| api::UndoKept {
        what: s.what.clone(),
        item: s.item.map(|n| item_ref(snapshot, snapshot.dense(n))),
        reason: s.reason.clone(),
    };
    api::UndoAnswer {
        import: id.to_owned(),
        position: position.0,
        applied,
        items: counters(&report.items),
        relationships: counters(&report.relationships),
        definitions: api::UndoDefinitions {
            removed: report.definitions_removed.clone(),
            kept: report.definitions_kept.clone(),
        },
        kept: report.standing.iter().map(kept).collect(),
        kept_count: report.standing_count,
    }
}
