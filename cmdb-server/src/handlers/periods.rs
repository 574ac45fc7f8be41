//! Freezes, maintenance windows, and exceptions from freezes.

use crate::api::calendar::{
    ExceptionView, Exceptions, NewException, NewPeriod, Occurrence, PeriodView, Periods,
};
use crate::call::{Call, now_ms};
use crate::convert::{item_ref, reference, timestamp};
use crate::queries::LanguageQueries;
use crate::reply::Reply;
use crate::route::{Handler, Route};
use cmdb_core::analysis::collision::{PeriodKind, Span};
use cmdb_core::command::program::Program;
use cmdb_core::command::{Answer, Command, Right};
use cmdb_core::graph::Snapshot;
use cmdb_core::model::ItemNumber;
use cmdb_core::process::calendar::exception::{self, DecideException, ExceptionRecord, RequestException};
use cmdb_core::process::calendar::period::{
    self, CalendarPeriod, CreatePeriod, FREEZE, RemovePeriod, WINDOW,
};
use cmdb_core::process::record::find;
use cmdb_core::{Error, Kind, Result};
use std::sync::Arc;

/// Occurrences that are shown of each, and how far ahead they are looked for.
const NEXT_MAX: usize = 5;
const AHEAD_MS: i64 = 400 * 24 * 3_600_000;

pub mod freezes {
    use super::*;

    pub fn list() -> Route {
        listing("/api/v1/freezes", "list_freezes", |call| super::list(&call, PeriodKind::Freeze))
            .summary("Freezes in force, with their next occurrences")
    }
    pub fn create() -> Route {
        making("/api/v1/freezes", "create_freeze", |call| super::create(&call, PeriodKind::Freeze))
            .summary("Sets a freeze: meanwhile nothing in its scope may be touched or made worse")
    }
    pub fn read() -> Route {
        reading("/api/v1/freezes/{ref}", "read_freeze", |call| super::read(&call, PeriodKind::Freeze))
            .summary("One freeze with the size of its scope")
    }
    pub fn remove() -> Route {
        Route::delete("/api/v1/freezes/{ref}", "lift_freeze", Right::Approve, |call| {
            super::remove(&call, PeriodKind::Freeze)
        })
        .summary("Lifts a freeze; its record stays, closed")
        .status(204)
    }
}

pub mod windows {
    use super::*;

    pub fn list() -> Route {
        listing("/api/v1/maintenance-windows", "list_maintenance_windows", |call| {
            super::list(&call, PeriodKind::Maintenance)
        })
        .summary("Maintenance windows in force, with their next occurrences")
    }
    pub fn create() -> Route {
        making("/api/v1/maintenance-windows", "create_maintenance_window", |call| {
            super::create(&call, PeriodKind::Maintenance)
        })
        .summary("Agrees on a maintenance window for a scope")
    }
    pub fn read() -> Route {
        reading("/api/v1/maintenance-windows/{ref}", "read_maintenance_window", |call| {
            super::read(&call, PeriodKind::Maintenance)
        })
        .summary("One maintenance window with the size of its scope")
    }
    pub fn remove() -> Route {
        let path = "/api/v1/maintenance-windows/{ref}";
        Route::delete(path, "remove_maintenance_window", Right::Approve, |call| {
            super::remove(&call, PeriodKind::Maintenance)
        })
        .summary("Ends a maintenance window; its record stays, closed")
        .status(204)
    }
}

pub mod exceptions {
    use super::*;

    pub fn list() -> Route {
        fn handler(call: Call) -> Result<Reply> {
            let snapshot = call.snapshot()?;
            let all = exception::all(&snapshot)?;
            let exceptions: Vec<ExceptionView> = all.iter().map(|e| exception_view(&snapshot, e)).collect();
            let (position, count) = (snapshot.position().0, exceptions.len() as u64);
            Ok(Reply::json(&Exceptions { position, count, exceptions }).at(snapshot.position()))
        }
        Route::read("/api/v1/freeze-exceptions", "list_freeze_exceptions", handler)
            .summary("Exceptions from freezes that are asked for or given")
            .gives::<Exceptions>()
    }
    pub fn request() -> Route {
        fn handler(call: Call) -> Result<Reply> {
            let body: NewException = call.json()?;
            let (freeze, change) = (reference(&body.freeze), reference(&body.change));
            let program = RequestException { freeze, change, reason: body.reason.into() };
            Ok(excepted(&call, Arc::new(program))?.status(201))
        }
        Route::post("/api/v1/freeze-exceptions", "request_freeze_exception", Right::Edit, handler)
            .summary("Asks for leave to carry out a change in spite of a freeze")
            .takes::<NewException>()
            .gives::<ExceptionView>()
            .status(201)
    }
    pub fn approve() -> Route {
        deciding("/api/v1/freeze-exceptions/{ref}/approve", "approve_freeze_exception", |call| {
            decide(&call, true)
        })
        .summary("Gives leave; not by whoever asked or has a hand in the change")
    }
    pub fn reject() -> Route {
        deciding("/api/v1/freeze-exceptions/{ref}/reject", "reject_freeze_exception", |call| {
            decide(&call, false)
        })
        .summary("Refuses leave")
    }
}

fn listing(path: &'static str, id: &'static str, handler: Handler) -> Route {
    Route::read(path, id, handler).gives::<Periods>()
}

fn making(path: &'static str, id: &'static str, handler: Handler) -> Route {
    Route::post(path, id, Right::Approve, handler).takes::<NewPeriod>().gives::<PeriodView>().status(201)
}

fn reading(path: &'static str, id: &'static str, handler: Handler) -> Route {
    Route::read(path, id, handler).gives::<PeriodView>()
}

fn deciding(path: &'static str, id: &'static str, handler: Handler) -> Route {
    Route::post(path, id, Right::Approve, handler).gives::<ExceptionView>()
}

fn list(call: &Call, kind: PeriodKind) -> Result<Reply> {
    let snapshot = call.snapshot()?;
    let (all, unread) = period::all(&snapshot)?;
    let of_kind = all.iter().filter(|p| p.kind == kind);
    let periods: Vec<PeriodView> = of_kind.map(|p| view(&snapshot, p)).collect::<Result<_>>()?;
    let unread = unread.iter().map(|e| e.message().to_owned()).collect();
    let (position, count) = (snapshot.position().0, periods.len() as u64);
    Ok(Reply::json(&Periods { position, count, periods, unread }).at(snapshot.position()))
}

fn create(call: &Call, kind: PeriodKind) -> Result<Reply> {
    let body: NewPeriod = call.json()?;
    if let Some(scope) = &body.scope {
        // A scope that does not read would be found out when somebody runs into it.
        let snapshot = call.app.cmdb()?.snapshot();
        let text = cmdb_core::process::calendar::saved::text_of(&snapshot, scope)?;
        LanguageQueries::over(call.app.cmdb()?).items(&snapshot, &text)?;
    }
    let program = CreatePeriod {
        kind,
        title: body.title.into(),
        scope: body.scope.map(Into::into),
        on: body.on.into_iter().map(Into::into).collect(),
        start: body.start.into(),
        end: body.end.into(),
        time_zone: body.time_zone.unwrap_or_else(|| "UTC".to_owned()).into(),
        recurrence: body.recurrence.map(Into::into),
        left_out: body.left_out.into_iter().map(Into::into).collect(),
        description: body.description.map(Into::into),
    };
    let receipt = call.submit(Command::Run(Arc::new(program)))?;
    let Answer::Item(number) = receipt.answer else { return Err(done_before()) };
    let snapshot = call.state_after(&receipt)?;
    let record = CalendarPeriod::read(&*snapshot, number)?;
    let base = if kind == PeriodKind::Freeze { "freezes" } else { "maintenance-windows" };
    let location = format!("/api/v1/{base}/{}", snapshot.item_id(number));
    Ok(Reply::json(&whole_view(call, &snapshot, &record)?)
        .at(receipt.position)
        .status(201)
        .location(location))
}

fn done_before() -> Error {
    Error::new(Kind::Refused, "idempotency.done", "this request was carried out before")
}

fn read(call: &Call, kind: PeriodKind) -> Result<Reply> {
    let snapshot = call.snapshot()?;
    let (class, list) = match kind {
        PeriodKind::Freeze => (FREEZE, "cmdb freeze list"),
        PeriodKind::Maintenance => (WINDOW, "cmdb window list"),
    };
    let number = find(&*snapshot, call.path("ref"), class, list)?;
    let record = CalendarPeriod::read(&*snapshot, number)?;
    Ok(Reply::json(&whole_view(call, &snapshot, &record)?).at(snapshot.position()))
}

fn remove(call: &Call, kind: PeriodKind) -> Result<Reply> {
    let period = reference(call.path("ref"));
    let queries = LanguageQueries::over(call.app.cmdb()?);
    let receipt = call.submit(Command::Run(Arc::new(RemovePeriod { kind, period, queries })))?;
    Ok(Reply::nothing().at(receipt.position))
}

fn whole_view(call: &Call, snapshot: &Arc<Snapshot>, record: &CalendarPeriod) -> Result<PeriodView> {
    let covers = record.scope(snapshot, &*LanguageQueries::over(call.app.cmdb()?))?.len() as u64;
    Ok(PeriodView { covers: Some(covers), ..view(snapshot, record)? })
}

pub(super) fn view(snapshot: &Snapshot, record: &CalendarPeriod) -> Result<PeriodView> {
    let now = now_ms();
    let ahead = record.spans(Span { start_ms: now, end_ms: now + AHEAD_MS })?;
    let occurrence =
        |span: &Span| Occurrence { start: timestamp(span.start_ms), end: timestamp(span.end_ms) };
    Ok(PeriodView {
        item: item_ref(snapshot, snapshot.dense(record.item)),
        number: record.number.to_string(),
        title: record.title.to_string(),
        scope: record.scope.as_ref().map(ToString::to_string),
        on: record.named.iter().map(|n| item_ref(snapshot, snapshot.dense(*n))).collect(),
        everything: record.is_universal(),
        start: record.first.0.to_string(),
        end: record.first.1.to_string(),
        time_zone: record.zone.iana_name().unwrap_or("UTC").to_owned(),
        recurrence: record.recurrence.as_ref().map(ToString::to_string),
        covers: None,
        next: ahead.iter().take(NEXT_MAX).map(occurrence).collect(),
    })
}

fn decide(call: &Call, approve: bool) -> Result<Reply> {
    let exception = reference(call.path("ref"));
    excepted(call, Arc::new(DecideException { exception, approve }))
}

fn excepted(call: &Call, program: Arc<dyn Program>) -> Result<Reply> {
    let receipt = call.submit(Command::Run(program))?;
    let Answer::Item(number) = receipt.answer else { return Err(done_before()) };
    let snapshot = call.state_after(&receipt)?;
    let record = ExceptionRecord::read(&*snapshot, number)?;
    Ok(Reply::json(&exception_view(&snapshot, &record)).at(receipt.position))
}

fn exception_view(snapshot: &Snapshot, record: &ExceptionRecord) -> ExceptionView {
    let named = |number: Option<ItemNumber>| number.map(|n| item_ref(snapshot, snapshot.dense(n)));
    ExceptionView {
        item: item_ref(snapshot, snapshot.dense(record.item)),
        number: record.number.to_string(),
        freeze: named(record.freeze),
        change: named(record.change),
        reason: record.reason.to_string(),
        status: record.status.to_string(),
        requested_by: record.requested_by.to_string(),
        decided_by: record.decided_by.as_ref().map(ToString::to_string),
    }
}
