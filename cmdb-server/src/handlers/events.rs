//! Commits as they are published, as server-sent events.

use crate::call::{Call, parameter};
use crate::handlers::log::view;
use crate::reply::{Content, Reply};
use crate::route::{Lane, Route};
use axum::body::Body;
use bytes::Bytes;
use cmdb_core::command::Right;
use cmdb_core::model::Position;
use cmdb_core::{Cmdb, Result};
use std::convert::Infallible;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::mpsc::{Sender, channel};
use tokio::sync::watch;
use tokio_stream::wrappers::ReceiverStream;

/// Entries read from the log at once.
const ENTRIES_AT_ONCE: u64 = 256;
/// A listener hears at least a comment so often.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

pub fn follow() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let cmdb = call.app.cmdb()?;
        let header = call.headers.get("last-event-id").and_then(|v| v.to_str().ok());
        let stated = header.or(call.text("after"));
        let after = match stated {
            Some(text) => {
                text.parse().map_err(|_| parameter("after", format!("\"{text}\" is no position")))?
            }
            None => cmdb.snapshot().position().0,
        };
        let end = cmdb.snapshot().position().0;
        if after > end {
            // Waiting for it in silence would lose all that comes until then.
            return Err(parameter(
                "after",
                format!("the log ends at {end}; there is nothing after {after} yet"),
            )
            .hint("the folder may have been restored: begin again without Last-Event-ID"));
        }
        let newest = call.app.watch.listen(cmdb);
        let (sender, receiver) = channel(16);
        tokio::runtime::Handle::current().spawn(tell(Arc::downgrade(cmdb), newest, after, sender));
        let body = Body::from_stream(ReceiverStream::new(receiver));
        Ok(Reply::new("text/event-stream", Content::Async(body)))
    }
    Route::get("/api/v1/events", "follow_commits", Right::Read, handler)
        .summary("Commits as server-sent events; `Last-Event-ID` resumes after a position")
        .text("after", "begin after this position; with new commits only if not stated")
        .media("text/event-stream")
        .lane(Lane::Quick)
}

type Line = std::result::Result<Bytes, Infallible>;

async fn tell(cmdb: Weak<Cmdb>, mut newest: watch::Receiver<Position>, mut after: u64, sender: Sender<Line>) {
    // The answer's head goes out at once, not with the first commit.
    if sender.send(Ok(Bytes::from_static(b": cmdb\n\n"))).await.is_err() {
        return;
    }
    loop {
        let to = newest.borrow_and_update().0.min(after + ENTRIES_AT_ONCE);
        if to > after {
            let Some(cmdb) = cmdb.upgrade() else { return };
            let lines = tokio::task::spawn_blocking(move || lines(&cmdb, after, to)).await;
            let Ok(Ok(lines)) = lines else { return };
            after = to;
            if sender.send(Ok(lines.into())).await.is_err() {
                return;
            }
            continue;
        }
        match tokio::time::timeout(KEEP_ALIVE, newest.changed()).await {
            Ok(Ok(())) => {}
            // The inventory was closed.
            Ok(Err(_)) => return,
            Err(_) if sender.send(Ok(Bytes::from_static(b":\n\n"))).await.is_err() => return,
            Err(_) => {}
        }
    }
}

fn lines(cmdb: &Cmdb, after: u64, to: u64) -> Result<String> {
    let store = cmdb.store()?;
    let mut out = String::new();
    for position in (after + 1..=to).map(Position) {
        if let Some(header) = store.header(position)? {
            let data = serde_json::to_string(&view(position, &header)).unwrap_or_default();
            out.push_str(&format!("id: {position}\nevent: commit\ndata: {data}\n\n"));
        }
    }
    Ok(out)
}
