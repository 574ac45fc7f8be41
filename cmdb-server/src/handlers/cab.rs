//! The pack for a change advisory board.

use super::conflicts::span_asked;
use crate::api::cab::CabPack;
use crate::cab::words::Clock;
use crate::cab::{html, ics, markdown, pack};
use crate::call::{Call, now_ms, parameter};
use crate::queries::LanguageQueries;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::Result;
use cmdb_core::analysis::collision::Span;

/// The period if none is stated, and at most.
const WEEK_MS: i64 = 7 * 24 * 3_600_000;
const PERIOD_MS_MAX: i64 = 400 * 24 * 3_600_000;

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let period = period(&call)?;
        let clock = Clock::of(call.text("time_zone").unwrap_or("UTC"))?;
        let pack = pack(call.app.cmdb()?, &snapshot, &*LanguageQueries::over(call.app.cmdb()?), period)?;
        let reply = match call.text("format").unwrap_or("json") {
            "json" => Reply::json(&pack),
            "markdown" => Reply::bytes("text/markdown; charset=utf-8", markdown::write(&pack, &clock)),
            "html" => Reply::bytes("text/html; charset=utf-8", html::write(&pack, &clock)),
            "ics" => Reply::bytes("text/calendar; charset=utf-8", ics::write(&pack)),
            other => {
                let message = format!("\"{other}\" is no format: json, markdown, html or ics");
                return Err(parameter("format", message));
            }
        };
        Ok(reply.at(snapshot.position()))
    }
    Route::read("/api/v1/cab", "cab_pack", handler)
        .summary(
            "Everything a change advisory board decides from: collisions, agenda, joint picture, results",
        )
        .text("from", "begin of the period; now if not stated")
        .text("to", "end of the period; a week after its begin if not stated")
        .text("time_zone", "IANA name of the zone that times are shown in; UTC if not stated")
        .text("format", "`json`, `markdown`, `html` (one printable file) or `ics`")
        .gives::<CabPack>()
}

fn period(call: &Call) -> Result<Span> {
    let asked = span_asked(call)?;
    let start_ms = asked.map(|s| s.start_ms).filter(|ms| *ms != i64::MIN).unwrap_or_else(now_ms);
    let end_ms = asked.map(|s| s.end_ms).filter(|ms| *ms != i64::MAX).unwrap_or(start_ms + WEEK_MS);
    let period = Span { start_ms, end_ms };
    if period.is_empty() || end_ms - start_ms > PERIOD_MS_MAX {
        return Err(parameter(
            "to",
            "a pack is about a period of at most 400 days that ends after it begins".to_owned(),
        ));
    }
    Ok(period)
}
