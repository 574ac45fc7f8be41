//! Telling one webhook: reads the log from its position on and delivers event after event.

use super::Hook;
use super::event::{Wanted, test_event};
use super::standing::{Delivery, Verdict};
use crate::app::App;
use crate::call::{now_ms, random};
use cmdb_core::graph::Records;
use cmdb_core::model::Position;
use cmdb_core::model::webhook::Webhook;
use cmdb_core::store::CommitLog;
use cmdb_core::store::log::facts;
use cmdb_core::{Cmdb, Result};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How long one delivery may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of payload read from the log at once.
const READ_BYTES: usize = 1 << 20;
/// The position is noted so often while it moves; a crash repeats no more than this.
const NOTE_EVERY: Duration = Duration::from_secs(1);

/// How often it is looked whether there is something to tell.
const TICK: Duration = Duration::from_millis(100);
/// After an error of our own (a record that does not read) nothing is tried for so long.
const ERROR_PAUSE_MS: i64 = 60_000;

/// What is to be done next.
enum Next {
    /// There may be more.
    GoOn,
    /// Nothing to tell before another commit.
    Wait,
    /// It failed; somebody else starts again when the time has come.
    End,
}

/// Tells until there is nobody to tell any more, or until it fails.
pub(super) fn follow(app: &Weak<App>, hook: &Arc<Hook>) {
    let (mut noted_at, mut noted) = (Instant::now(), hook.standing().position);
    while let Some(app) = app.upgrade() {
        let Ok(cmdb) = app.cmdb() else { return };
        let next = step(&app, cmdb, hook).unwrap_or_else(|error| {
            tracing::warn!(webhook = %hook.name, code = error.code(), message = error.message(), "not told");
            hook.standing().next_ms = now_ms() + ERROR_PAUSE_MS;
            Next::End
        });
        let ends = matches!(next, Next::End);
        let position = hook.standing().position;
        if ends || (position != noted && noted_at.elapsed() >= NOTE_EVERY) {
            // Unnoted, what was told is told again after a restart; that is allowed.
            if let Err(error) = hook.note(cmdb) {
                tracing::warn!(webhook = %hook.name, code = error.code(), message = error.message(), "not noted");
            }
            (noted_at, noted) = (Instant::now(), position);
        }
        match next {
            Next::GoOn => {}
            Next::Wait => {
                // Nobody who only waits keeps the inventory open.
                drop(app);
                std::thread::sleep(TICK);
            }
            Next::End => return,
        }
    }
}

/// Tells about the next entries of the log, as many as are read at once.
fn step(app: &App, cmdb: &Cmdb, hook: &Arc<Hook>) -> Result<Next> {
    let snapshot = cmdb.snapshot();
    let webhook = snapshot.settings().webhooks.get(&hook.name);
    let Some(webhook) = webhook.filter(|w| !w.paused && w.created.0 == hook.standing().created) else {
        return Ok(Next::End);
    };
    let (position, may) = {
        let standing = hook.standing();
        (Position(standing.position), standing.may_be_told(now_ms()))
    };
    if !may || app.webhooks.is_stopping() {
        return Ok(Next::End);
    }
    if position >= snapshot.position() {
        return Ok(Next::Wait);
    }
    let wanted = Wanted::of(&snapshot, webhook)?;
    let store = cmdb.store()?;
    // What is durable but not yet visible is told once it is.
    let visible = |entry: &cmdb_core::store::Entry| entry.position <= snapshot.position();
    for entry in store.read(position, READ_BYTES)?.into_iter().filter(visible) {
        if app.webhooks.is_stopping() {
            return Ok(Next::End);
        }
        let facts = facts(&*store, &entry)?;
        match wanted.event(&snapshot, cmdb.log_id()?, entry.position, &entry.header, &facts)? {
            None => hook.standing().position = entry.position.0,
            Some(event) => {
                let id = format!("evt_{}_{}", webhook.name, entry.position);
                let (delivery, asked_wait_s) = deliver(app, hook, webhook, id, entry.position, &event);
                if hook.standing().concluded(delivery, now_ms(), asked_wait_s) != Verdict::Arrived {
                    return Ok(Next::End);
                }
            }
        }
    }
    Ok(Next::GoOn)
}

/// One try, and the seconds that the receiver asked us to wait.
fn deliver(
    app: &App,
    hook: &Hook,
    webhook: &Webhook,
    id: String,
    position: Position,
    event: &serde_json::Value,
) -> (Delivery, Option<i64>) {
    let body = event.to_string();
    let at_ms = now_ms();
    let timestamp_s = at_ms / 1000;
    let (signatures, attempt) = {
        let standing = hook.standing();
        (standing.signatures(&id, timestamp_s, body.as_bytes()), standing.attempts + 1)
    };
    let headers = [
        ("content-type", "application/cloudevents+json; charset=utf-8".to_owned()),
        ("webhook-id", id.clone()),
        ("webhook-timestamp", timestamp_s.to_string()),
        ("webhook-signature", signatures),
    ];
    let mut delivery = Delivery { id, position: position.0, at_ms, attempt, ..Delivery::default() };
    let started = Instant::now();
    let sent = app.outbound().post(&webhook.url, &headers, body.as_bytes(), PATIENCE);
    delivery.took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    // Of what the receiver answers only the status is looked at: it is nobody's business here.
    match sent {
        Ok(answer) => {
            delivery.status = Some(answer.status);
            (delivery, answer.header("retry-after").and_then(|text| text.trim().parse().ok()))
        }
        Err(error) => {
            delivery.error = Some(error.message().to_owned());
            (delivery, None)
        }
    }
}

/// Sends a test event now, whatever the webhook's standing; its position does not move.
pub fn test(app: &App, cmdb: &Cmdb, webhook: &Webhook) -> Result<Delivery> {
    let hook = app.webhooks.hook(cmdb, webhook)?;
    let now = now_ms();
    let id = format!("evt_test_{:016x}", u64::from_le_bytes(random()?));
    let event = test_event(cmdb.log_id()?, &id, now);
    let (delivery, _) = deliver(app, &hook, webhook, id, cmdb.snapshot().position(), &event);
    let delivery = Delivery { test: true, attempt: 1, ..delivery };
    hook.standing().remember(delivery.clone());
    hook.note(cmdb)?;
    Ok(delivery)
}
