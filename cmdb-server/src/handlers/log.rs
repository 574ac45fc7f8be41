//! The commit log, read.

use crate::api;
use crate::call::Call;
use crate::convert::timestamp;
use crate::cursor::LIMIT_MAX;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::Right;
use cmdb_core::model::Position;
use cmdb_core::store::log::{Header, facts};
use cmdb_core::store::{CommitLog, Entry, Store};
use cmdb_core::{Error, Result};
use std::collections::BTreeMap;

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let page = call.page()?;
        let cmdb = call.app.cmdb()?;
        let newest = match page.position {
            Some(position) => position,
            None => call.snapshot()?.position(),
        };
        let store = cmdb.store()?;
        let end = newest.0.saturating_sub(page.offset);
        let limit = page.limit.unwrap_or(LIMIT_MAX) as u64;
        let mut entries = Vec::new();
        for position in (end.saturating_sub(limit) + 1..=end).rev().map(Position) {
            entries.extend(store.header(position)?.map(|header| view(position, &header)));
        }
        let next_cursor = page.next(newest, entries.len(), newest.0);
        let next = call.next_url(&next_cursor);
        Ok(Reply::json(&api::LogPage { position: newest.0, entries, next_cursor }).next_page(next))
    }
    Route::read("/api/v1/log", "list_log", handler)
        .summary("The commit log up to a position, newest entry first")
        .paged()
        .gives::<api::LogPage>()
}

pub fn entry() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let unknown = || Error::not_found("position.unknown", "there is no entry at this position");
        let position: u64 = call.path("position").parse().map_err(|_| unknown())?;
        let store = call.app.cmdb()?.store()?;
        let before = Position(position.checked_sub(1).ok_or_else(unknown)?);
        let entry = store.read(before, 1)?.into_iter().next().ok_or_else(unknown)?;
        Ok(Reply::json(&detailed(&store, &entry)?))
    }
    Route::get("/api/v1/log/{position}", "read_log_entry", Right::Read, handler)
        .summary("One entry of the log, with what its facts are")
        .gives::<api::LogEntry>()
}

pub(crate) fn view(position: Position, header: &Header) -> api::LogEntry {
    api::LogEntry {
        position: position.0,
        at: timestamp(header.time_ms),
        actor: header.actor.to_string(),
        message: header.message.to_string(),
        facts: header.facts,
        commit: header.commit.to_string(),
        chain: None,
        purged: None,
        kinds: None,
    }
}

fn detailed(store: &Store, entry: &Entry) -> Result<api::LogEntry> {
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for fact in facts(store, entry)? {
        *kinds.entry(fact.kind().to_owned()).or_default() += 1;
    }
    let chain = entry.chain.0.iter().map(|b| format!("{b:02x}")).collect();
    let shown = view(entry.position, &entry.header);
    Ok(api::LogEntry { chain: Some(chain), purged: Some(entry.purged), kinds: Some(kinds), ..shown })
}
