//! Outages and incidents: opened, listed, over.

use crate::api::calendar::{NewOutage, OutageEnd, OutageView, Outages};
use crate::call::Call;
use crate::convert::{inputs, item_ref, reference};
use crate::reply::Reply;
use crate::route::{Handler, Route};
use cmdb_core::command::program::Program;
use cmdb_core::command::{Answer, Command, Right};
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::ItemNumber;
use cmdb_core::model::temporal::Instant;
use cmdb_core::process::change::record::of_class;
use cmdb_core::process::fields::Fields;
use cmdb_core::process::outage::{self, Close, INCIDENT, OUTAGE, Open};
use cmdb_core::process::record::{AFFECTS, targets};
use cmdb_core::{Error, Kind, Result};
use std::sync::Arc;

pub fn list() -> Route {
    listing("/api/v1/outages", "list_outages", |call| answer_list(&call, false))
        .summary("Outages, newest first")
}

pub fn list_incidents() -> Route {
    listing("/api/v1/incidents", "list_incidents", |call| answer_list(&call, true))
        .summary("Incidents, newest first")
}

pub fn open() -> Route {
    opening("/api/v1/outages", "open_outage", |call| answer_open(&call, false))
        .summary("Notes that items are down or degraded; counts for every impact asked with_current")
}

pub fn open_incident() -> Route {
    opening("/api/v1/incidents", "open_incident", |call| answer_open(&call, true))
        .summary("Notes an incident; one with a state counts like an outage")
}

pub fn close() -> Route {
    ending("/api/v1/outages/{ref}/close", "close_outage", |call| answer_close(&call, false))
        .summary("Notes that an outage is over")
}

pub fn resolve_incident() -> Route {
    ending("/api/v1/incidents/{ref}/resolve", "resolve_incident", |call| answer_close(&call, true))
        .summary("Notes that an incident is resolved")
}

fn listing(path: &'static str, id: &'static str, handler: Handler) -> Route {
    Route::read(path, id, handler).flag("open", "only those that last").gives::<Outages>()
}

fn opening(path: &'static str, id: &'static str, handler: Handler) -> Route {
    Route::post(path, id, Right::Edit, handler).takes::<NewOutage>().gives::<OutageView>().status(201)
}

fn ending(path: &'static str, id: &'static str, handler: Handler) -> Route {
    Route::post(path, id, Right::Edit, handler).takes::<OutageEnd>().gives::<OutageView>()
}

fn answer_list(call: &Call, incidents: bool) -> Result<Reply> {
    let snapshot = call.snapshot()?;
    let only_open = call.flag("open")?;
    let mut numbers = of_class(&snapshot, if incidents { INCIDENT } else { OUTAGE })?;
    numbers.reverse();
    let mut outages = Vec::new();
    for number in numbers {
        let view = view(&snapshot, number)?;
        if view.open || !only_open {
            outages.push(view);
        }
    }
    let (position, count) = (snapshot.position().0, outages.len() as u64);
    Ok(Reply::json(&Outages { position, count, outages }).at(snapshot.position()))
}

fn time(name: &str, text: Option<&str>) -> Result<Option<Instant>> {
    let read = |text: &str| {
        let message = format!("\"{text}\" is no time with an offset");
        Instant::parse(text)
            .ok_or_else(|| Error::invalid("outage.time", message.clone()).detail(format!("/{name}"), message))
    };
    text.map(read).transpose()
}

fn answer_open(call: &Call, incident: bool) -> Result<Reply> {
    let body: NewOutage = call.json()?;
    let program = Open {
        incident,
        title: body.title.into(),
        affects: body.affects.into_iter().map(Into::into).collect(),
        state: body.state.map(Into::into),
        started_at: time("started_at", body.started_at.as_deref())?,
        attributes: inputs(body.attributes)?,
    };
    Ok(run(call, Arc::new(program))?.status(201))
}

fn answer_close(call: &Call, incident: bool) -> Result<Reply> {
    let empty = call.body.iter().all(u8::is_ascii_whitespace);
    let body: OutageEnd = if empty { OutageEnd::default() } else { call.json()? };
    let ended_at = time("ended_at", body.ended_at.as_deref())?;
    run(call, Arc::new(Close { incident, record: reference(call.path("ref")), ended_at }))
}

fn run(call: &Call, program: Arc<dyn Program>) -> Result<Reply> {
    let receipt = call.submit(Command::Run(program))?;
    let Answer::Item(number) = receipt.answer else {
        return Err(Error::new(Kind::Refused, "idempotency.done", "this request was carried out before"));
    };
    let snapshot = call.state_after(&receipt)?;
    Ok(Reply::json(&view(&snapshot, number)?).at(receipt.position))
}

fn view(snapshot: &Snapshot, number: ItemNumber) -> Result<OutageView> {
    let item = snapshot.item(number)?.unwrap_or_default();
    let fields = Fields::of(snapshot, &item);
    let name = item.name.as_deref().unwrap_or("");
    let text = |key: &str| fields.text(key).map(str::to_owned);
    let held = outage::read(snapshot, number)?;
    let live = !snapshot.is_hidden(snapshot.dense(number));
    Ok(OutageView {
        item: item_ref(snapshot, snapshot.dense(number)),
        number: text("number").unwrap_or_else(|| name.to_owned()),
        title: text("title").unwrap_or_else(|| name.to_owned()),
        status: fields.status().to_owned(),
        open: held.as_ref().map_or(live && fields.status() != "resolved", |o| o.open),
        state: text("outage_state"),
        started_at: fields.instant("started_at").map(ToString::to_string),
        ended_at: fields.instant("ended_at").map(ToString::to_string),
        affects: targets(snapshot, number, AFFECTS)?
            .into_iter()
            .map(|n| item_ref(snapshot, snapshot.dense(n)))
            .collect(),
    })
}
