//! Items that may be one thing, merging them, and taking a merge apart.

use crate::api;
use crate::call::Call;
use crate::convert::{item_ref, reference};
use crate::handlers::undo::take_back;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::analysis::duplicates::{Pair, duplicates};
use cmdb_core::command::merge::MergeItems;
use cmdb_core::command::{Answer, Command, Right};
use cmdb_core::engine::undoing::UndoOptions;
use cmdb_core::graph::View;
use cmdb_core::{Error, Kind, Result};

/// Candidates of one answer unless asked for otherwise.
const LISTED_DEFAULT: usize = 100;

pub fn candidates() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let limit = call.number::<usize>("limit")?.unwrap_or(LISTED_DEFAULT);
        let found = duplicates(View::full(&snapshot))?;
        let candidate = |pair: &Pair| api::MergeCandidate {
            score: (pair.score * 1000.0).round() / 1000.0,
            reasons: pair.reasons.clone(),
            items: pair.items.iter().map(|n| item_ref(&snapshot, snapshot.dense(*n))).collect(),
        };
        let shared = found.shared.iter().map(|(attribute, value, items)| api::SharedValue {
            attribute: attribute.to_string(),
            value: value.to_string(),
            items: *items,
        });
        let answer = api::MergeCandidates {
            position: snapshot.position().0,
            count: found.pairs_count,
            candidates: found.pairs.iter().take(limit).map(candidate).collect(),
            shared: shared.collect(),
        };
        Ok(Reply::json(&answer).at(snapshot.position()))
    }
    Route::read("/api/v1/merge-candidates", "merge_candidates", handler)
        .summary("Pairs of items that may be one thing, with score and reasons, best first")
        .number("limit", "candidates listed; 100 if not stated, at most 10000")
        .gives::<api::MergeCandidates>()
}

pub fn merge() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::MergeInto = call.json()?;
        let context = call.context()?;
        let id = format!("mrg-{}", &context.commit.to_string()[..8]);
        let command = MergeItems {
            loser: reference(call.path("ref")),
            winner: reference(&body.into),
            id: id.as_str().into(),
        };
        let receipt = call.app.cmdb()?.submit(context, Command::MergeItems(command))?;
        let snapshot = call.state_after(&receipt)?;
        let Answer::Item(winner) = receipt.answer else {
            return Err(Error::new(Kind::Internal, "merge.answer", "a merge names the item that stays"));
        };
        let item = item_ref(&snapshot, snapshot.dense(winner));
        let answer = api::Merged { merge: id, position: receipt.position.0, item };
        Ok(Reply::json(&answer).at(receipt.position))
    }
    Route::post("/api/v1/items/{ref}/merge", "merge_items", Right::Edit, handler)
        .summary("Says that the item and another are one: relationships, keys and what the other lacks go to it, and the id names it from then on")
        .takes::<api::MergeInto>()
        .gives::<api::Merged>()
}

pub fn unmerge() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        // What was edited since stays with the item that stayed, and is listed.
        let options = UndoOptions { keep_later: true, dry_run: call.flag("dry_run")? };
        take_back(&call, options)
    }
    Route::post("/api/v1/merges/{id}/undo", "undo_merge", Right::Edit, handler)
        .summary(
            "Takes a merge apart: both items are again what they were; edits made since stay and are listed",
        )
        .flag("dry_run", "say what would happen and keep nothing")
        .gives::<api::UndoAnswer>()
}
