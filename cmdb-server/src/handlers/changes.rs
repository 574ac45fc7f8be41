//! Changes: recording, listing, reading and editing them; their moves are in `moves`.

use crate::api::changes::{AffectedByChange, ChangePlan, ChangeRow, ChangeView, ChangeWindow, Changes};
use crate::api::{self};
use crate::cab::concerns::concerns;
use crate::call::{Call, now_ms};
use crate::convert::{Convert, inputs, item_ref, reference, timestamp};
use crate::planned_edits;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::program::Program;
use cmdb_core::command::{Answer, Command, Right, resolve};
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::ItemNumber;
use cmdb_core::process::change::create::{CreateChange, Plan};
use cmdb_core::process::change::drift::is_of_plan;
use cmdb_core::process::change::edit::EditChange;
use cmdb_core::process::change::policy::Policy;
use cmdb_core::process::change::record::{self, ChangeRecord};
use cmdb_core::process::change::review;
use cmdb_core::process::change::status::{Status, Verb};
use cmdb_core::process::fields::{get, get_text};
use cmdb_core::{Error, Kind, Result};
use std::sync::Arc;

pub mod findings;
pub mod moves;
pub mod reports;
pub mod rules;

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let wanted = call.words("status").into_iter().map(read_status).collect::<Result<Vec<_>>>()?;
        let affecting = call.text("affects").map(|r| resolve(&*snapshot, r)).transpose()?;
        let mut records = record::all(&snapshot)?;
        records.retain(|r| {
            (wanted.is_empty() || wanted.contains(&r.status))
                && affecting.is_none_or(|item| r.affected.iter().any(|a| a.item == item))
        });
        records.sort_by(|a, b| a.number.cmp(&b.number).then(a.item.cmp(&b.item)));
        let policy = Policy::in_force(snapshot.settings())?;
        let mut changes: Vec<ChangeRow> = records.iter().map(|r| row(&snapshot, r, &policy)).collect();
        if call.flag("review_overdue")? {
            changes.retain(|change| change.review_overdue);
        }
        let answer = Changes { position: snapshot.position().0, count: changes.len() as u64, changes };
        Ok(Reply::json(&answer).at(snapshot.position()))
    }
    Route::read("/api/v1/changes", "list_changes", handler)
        .summary("Changes, by number")
        .text("status", "changes in one of these statuses, separated by commas")
        .text("affects", "changes that touch this item")
        .flag("review_overdue", "emergencies whose review is overdue")
        .gives::<Changes>()
}

pub fn create() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: ChangePlan = planned_edits::take_in(&call, call.json()?, true)?;
        if !body.add.is_empty() || !body.drop.is_empty() {
            return Err(Error::invalid("body.shape", "add and drop edit a change; a new one has affects"));
        }
        let (number, reply) = carry_out(&call, Arc::new(CreateChange { plan: plan(body)? }))?;
        let id = call.app.cmdb()?.snapshot().item_id(number);
        Ok(reply.status(201).location(format!("/api/v1/changes/{id}")))
    }
    Route::post("/api/v1/changes", "create_change", Right::Edit, handler)
        .summary("Records a change as a draft; the next number is its name")
        .takes::<ChangePlan>()
        .gives::<ChangeView>()
        .status(201)
}

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let number = resolve(&*snapshot, call.path("ref"))?;
        shown(&call, &snapshot, number)
    }
    Route::read("/api/v1/changes/{ref}", "read_change", handler)
        .summary("One change with what can be done with it")
        .gives::<ChangeView>()
}

pub fn edit() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: ChangePlan = planned_edits::take_in(&call, call.json()?, false)?;
        let owned = |refs: &[String]| refs.iter().map(Into::into).collect();
        let edit = EditChange {
            change: reference(call.path("ref")),
            if_version: call.if_match()?,
            add: owned(&body.add),
            drop: owned(&body.drop),
            plan: plan(body)?,
        };
        Ok(carry_out(&call, Arc::new(edit))?.1)
    }
    Route::patch("/api/v1/changes/{ref}", "edit_change", Right::Edit, handler)
        .summary(
            "Edits the plan; whatever was decided on the old one is void, and the change is a draft again",
        )
        .takes::<ChangePlan>()
        .gives::<ChangeView>()
}

/// Runs a move on the writer; the change as it then is.
pub(crate) fn carry_out(call: &Call, program: Arc<dyn Program>) -> Result<(ItemNumber, Reply)> {
    let receipt = call.submit(Command::Run(program))?;
    let Answer::Item(number) = receipt.answer else {
        // A request that came again has no answer of its own; its path says which change it was.
        let snapshot = call.app.cmdb()?.snapshot();
        let number = resolve(&*snapshot, call.path("ref")).map_err(|_| {
            Error::new(Kind::Refused, "idempotency.done", "this request was carried out before")
        })?;
        return Ok((number, shown(call, &snapshot, number)?.at(receipt.position)));
    };
    let snapshot = call.state_after(&receipt)?;
    Ok((number, shown(call, &snapshot, number)?.at(receipt.position)))
}

/// A change as it is answered.
pub(crate) fn shown(call: &Call, snapshot: &Arc<Snapshot>, number: ItemNumber) -> Result<Reply> {
    let view = view(call, snapshot, number)?;
    let version = view.item.version;
    Ok(Reply::json(&view).etag(version).at(snapshot.position()))
}

fn view(call: &Call, snapshot: &Arc<Snapshot>, number: ItemNumber) -> Result<ChangeView> {
    let record = ChangeRecord::read(&**snapshot, number)?;
    let gone = || Error::not_found("item.unknown", "the change was removed meanwhile");
    let item = snapshot.item(number)?.ok_or_else(gone)?;
    let emergency = record.is_emergency();
    let policy = Policy::in_force(snapshot.settings())?;
    let moves = Verb::ALL.into_iter().filter(|v| v.is_legal(record.status, emergency)).map(Verb::word);
    Ok(ChangeView {
        item: Convert::new(snapshot, call.app.cmdb()?).item(number, &item)?,
        number: record.number.to_string(),
        title: record.title.to_string(),
        kind: record.kind.word(),
        window: record.window.as_ref().zip(record.padded()).map(|(window, (_, padded))| ChangeWindow {
            start: timestamp(window.start_ms),
            end: timestamp(window.end_ms),
            padded_end: timestamp(padded),
            time_zone: window.zone.as_ref().map(ToString::to_string),
        }),
        affects: affects(snapshot, &record),
        follows: record.follows.iter().map(|n| item_ref(snapshot, snapshot.dense(*n))).collect(),
        requester: record.requester.to_string(),
        authors: record.authors.iter().map(ToString::to_string).collect(),
        implementer: record.implementer.as_ref().map(ToString::to_string),
        required: findings::required(snapshot, &record)?,
        drift: findings::drift_now(call, snapshot, &record)?,
        concerns: concerns(snapshot, &record, &policy, now_ms()),
        review_due: review::due_ms(&record, &policy).map(timestamp),
        moves: moves.collect(),
        position: snapshot.position().0,
    })
}

fn row(snapshot: &Snapshot, record: &ChangeRecord, policy: &Policy) -> ChangeRow {
    let due = review::due_ms(record, policy);
    let assessed = record.assessment.as_ref().filter(|_| is_of_plan(snapshot, record));
    let risk = assessed.and_then(|a| get(a, "risk")).map(|r| get_text(r, "level"));
    ChangeRow {
        item: item_ref(snapshot, snapshot.dense(record.item)),
        number: record.number.to_string(),
        title: record.title.to_string(),
        kind: record.kind.word(),
        status: record.status.word(),
        start: record.window.as_ref().map(|w| timestamp(w.start_ms)),
        end: record.window.as_ref().map(|w| timestamp(w.end_ms)),
        affects: affects(snapshot, record),
        risk: risk.map(str::to_owned),
        requester: record.requester.to_string(),
        implementer: record.implementer.as_ref().map(ToString::to_string),
        review_due: due.map(timestamp),
        review_overdue: due.is_some_and(|due| due < now_ms()),
    }
}

fn affects(snapshot: &Snapshot, record: &ChangeRecord) -> Vec<AffectedByChange> {
    let one = |a: &record::Affected| AffectedByChange {
        item: item_ref(snapshot, snapshot.dense(a.item)),
        state: a.effect.word(),
    };
    record.affected.iter().map(one).collect()
}

fn read_status(word: &str) -> Result<Status> {
    Status::parse(word).ok_or_else(|| {
        let words = Status::ALL.map(Status::word);
        let message = format!("\"{word}\" is no status of a change: {}", words.join(", "));
        crate::call::parameter("status", message)
    })
}

/// A plan as it came in.
fn plan(body: ChangePlan) -> Result<Plan> {
    let mut attributes: api::Attributes = body.attributes;
    let stated = [
        ("title", body.title),
        ("change_type", body.kind),
        ("model", body.model),
        ("planned_state", body.state),
        ("planned_start", body.start),
        ("planned_end", body.end),
        ("time_zone", body.time_zone),
        ("reason", body.reason),
        ("benefit", body.benefit),
        ("implementer", body.implementer),
    ];
    for (name, value) in stated {
        if let Some(value) = value {
            let value = if value.is_empty() { serde_json::Value::Null } else { value.into() };
            attributes.insert(name.to_owned(), value);
        }
    }
    if let Some(minutes) = body.back_out_minutes {
        attributes.insert("back_out_minutes".to_owned(), minutes.into());
    }
    if let Some(proposal) = body.proposal {
        let value = if proposal.is_empty() { serde_json::Value::Null } else { proposal.into() };
        attributes.insert("proposal".to_owned(), value);
    }
    let owned = |refs: Vec<String>| refs.into_iter().map(Into::into).collect();
    Ok(Plan {
        attributes: inputs(attributes)?,
        affects: body.affects.map(owned),
        follows: body.follows.map(owned),
    })
}
