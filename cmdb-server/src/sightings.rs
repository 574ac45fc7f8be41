//! What sources saw, asked of a snapshot and put on the wire.

use crate::api;
use crate::call::{Call, now_ms, parameter};
use crate::convert::timestamp;
use cmdb_core::analysis::doubt::{Doubts, candidates};
use cmdb_core::analysis::seen::{Known, Seen, Times};
use cmdb_core::fact::Belief;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::temporal::Instant;
use cmdb_core::{Cmdb, Result};

/// Hands `ask` what is known at a snapshot's position of who saw what.
pub fn with_seen<T>(
    cmdb: &Cmdb,
    snapshot: &Snapshot,
    ask: impl FnOnce(&Seen<'_>, &Times<'_>) -> Result<T>,
) -> Result<T> {
    let sighted = cmdb.sighted(snapshot)?;
    let read = |position| cmdb.time_of(position);
    let times = Times::new(&read);
    ask(&Seen::new(snapshot, &sighted, &times), &times)
}

/// Hands `ask` what makes links doubtful, if anything does: most of the time that is seen at a glance.
pub fn with_doubts<T>(
    cmdb: &Cmdb,
    snapshot: &Snapshot,
    when_ms: i64,
    ask: impl FnOnce(Option<&Doubts<'_, '_>>) -> T,
) -> T {
    let candidates = candidates(snapshot.settings(), when_ms);
    if candidates.is_empty() {
        return ask(None);
    }
    let read = |position| cmdb.time_of(position);
    let times = Times::new(&read);
    let seen = Seen::new(snapshot, &snapshot.settings().sightings, &times);
    ask(Some(&Doubts::new(&seen, &candidates, when_ms)))
}

/// The moment something is judged for: as asked, else now, and at a past position the time of that.
pub fn moment(call: &Call, snapshot: &Snapshot) -> Result<i64> {
    match call.text("when") {
        Some(text) => {
            let wrong = || {
                parameter(
                    "when",
                    format!("when \"{text}\" is no time with an offset, such as 2026-03-01T00:00:00Z"),
                )
            };
            let when = Instant::parse(text).ok_or_else(wrong)?;
            Ok(when.seconds.saturating_mul(1_000).saturating_add(i64::from(when.nanoseconds / 1_000_000)))
        }
        None if call.text("at").is_some() => Ok(snapshot.time_ms()),
        None => Ok(now_ms()),
    }
}

/// Thousandths as a number from 0 to 1.
pub fn confidence(thousandths: u16) -> f64 {
    f64::from(thousandths) / 1_000.0
}

/// The word for a kind of source.
pub fn kind(belief: Belief) -> &'static str {
    if belief.observed { "observed" } else { "declared" }
}

/// What a source knows of a thing.
pub fn known_by(known: &Known, times: &Times<'_>) -> Result<api::KnownBy> {
    Ok(api::KnownBy {
        source: known.source.to_string(),
        kind: kind(known.belief),
        confidence: confidence(known.belief.confidence),
        first_seen: known.since.map(|at| times.of(at)).transpose()?.map(timestamp),
        last_seen: timestamp(known.last_ms),
        or_until: (known.until_ms > known.last_ms).then(|| timestamp(known.until_ms)),
        import: known.import.as_ref().map(ToString::to_string),
        stated: known.stated,
    })
}
