//! A dry run's plan as it is shown, and kept to be applied.

use crate::api;
use crate::call::now_ms;
use crate::convert::{ClassSet, item_ref, timestamp};
use crate::importing::{Outcome, Planned};
use crate::plans::{EXPIRES_MS, PlannedFile, Plans, StoredPlan};
use crate::upload::Uploads;
use cmdb_core::analysis::impact::{Question, Root, Scratch, State, impact};
use cmdb_core::command::import::plan::{Action, Change, ENDING_MAX, Field, What};
use cmdb_core::command::import::report::Counters;
use cmdb_core::graph::{Draft, Records, Snapshot, View};
use cmdb_core::model::{ItemNumber, Symbol};
use cmdb_core::schema::symbols;
use cmdb_core::{Error, Kind, Result};
use cmdb_import::json;

/// Items that would cease to be live which a plan lists.
const REMOVALS_LISTED_MAX: usize = 1_000;

/// The plan as it is shown, not kept yet.
pub(super) fn view(
    planned: &Planned,
    outcome: &Outcome,
    scratch: &mut Scratch,
) -> Result<api::ImportPlanView> {
    let report = &outcome.report;
    let rejected = planned.atomic && report.rejected_count > 0;
    let reason = rejected.then(|| "a rejected row rejects everything: mend the rows listed".to_owned());
    let changes = planned.plan.changes.iter().map(|c| change(planned, c)).collect::<Result<_>>()?;
    Ok(api::ImportPlanView {
        id: None,
        position: planned.before.position().0,
        expires_at: None,
        applicable: reason.is_none(),
        reason,
        items: counters(&report.items),
        relationships: counters(&report.relationships),
        changes,
        changes_count: planned.plan.changes_count,
        removals: removals(&planned.before, &planned.plan.ending, scratch)?,
    })
}

fn counters(counters: &Counters) -> api::PlanCounters {
    api::PlanCounters {
        create: counters.created,
        update: counters.updated,
        unchanged: counters.unchanged,
        remove: counters.removed,
        conflict: counters.conflicting,
        reject: counters.rejected,
    }
}

fn change(planned: &Planned, change: &Change) -> Result<api::PlannedChange> {
    let action = match change.action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Remove => "remove",
    };
    let (first, second) = (change.label.0.to_string(), change.label.1.to_string());
    let exists = change.action != Action::Create;
    let (what, id, class, name, kind) = match change.noted.what {
        What::Item(n) => {
            let id = exists.then(|| planned.before.item_id(n).to_string());
            ("item", id, Some(first), Some(second), None)
        }
        What::Relationship(n) => {
            let id = exists.then(|| planned.before.relationship_id(n).to_string());
            ("relationship", id, None, None, Some(first))
        }
    };
    let ends = change.ends.map(|ends| ends.map(|n| end(&planned.before, &planned.after, n)));
    let [source, target] = match ends {
        Some([source, target]) => [Some(source?), Some(target?)],
        None => [None, None],
    };
    let value = |value: &Option<_>| value.as_ref().map_or(serde_json::Value::Null, json::from_value);
    let field =
        |f: &Field| api::PlannedField { name: f.name.to_string(), old: value(&f.old), new: value(&f.new) };
    Ok(api::PlannedChange {
        action,
        what,
        file: change.noted.file.to_string(),
        row: change.noted.row,
        id,
        class,
        name,
        kind,
        source,
        target,
        attributes: change.fields.iter().map(field).collect(),
    })
}

fn end(before: &Snapshot, after: &Draft, number: ItemNumber) -> Result<api::PlannedEnd> {
    let item = after.item_or_tombstone(number)?;
    let class = item.as_ref().and_then(|i| i.class());
    Ok(api::PlannedEnd {
        id: (number.0 < before.counts().item_numbers).then(|| before.item_id(number).to_string()),
        class: class.map_or("", |c| after.names().text(c)).to_owned(),
        name: item.and_then(|i| i.name).unwrap_or_default().to_string(),
    })
}

/// What happens to everything else if these items go: the impact of their being down.
fn removals(before: &Snapshot, ending: &[ItemNumber], scratch: &mut Scratch) -> Result<api::PlannedRemovals> {
    let roots: Vec<Root> =
        ending.iter().map(|n| Root { item: before.dense(*n), state: State::Down }).collect();
    let is_root = |item: u32| ending.binary_search(&before.number(item)).is_ok();
    let found = impact(View::full(before), &Question::new(&roots), scratch);
    let business = ClassSet::business_services(before);
    let (mut by_state, mut services) = (std::collections::BTreeMap::new(), Vec::new());
    for wave in found.affected_waves() {
        for item in found.items(wave).iter().copied().filter(|item| !is_root(*item)) {
            *by_state.entry(wave.state.word()).or_default() += 1;
            if business.holds(before.class_of(item)) {
                services.push(service(before, item, wave.state)?);
            }
        }
    }
    let listed = ending.iter().take(REMOVALS_LISTED_MAX);
    Ok(api::PlannedRemovals {
        count: ending.len() as u64,
        items: listed.map(|n| item_ref(before, before.dense(*n))).collect(),
        services,
        by_state,
        complete: found.complete && ending.len() < ENDING_MAX,
    })
}

fn service(snapshot: &Snapshot, item: u32, state: State) -> Result<api::AffectedService> {
    let api::ItemRef { id, class, name } = item_ref(snapshot, item);
    let record = snapshot.item(snapshot.number(item))?;
    let value = |key: Symbol| record.as_ref().and_then(|r| r.attribute(key)).map(json::from_value);
    Ok(api::AffectedService {
        id,
        class,
        name,
        state: state.word(),
        criticality: value(symbols::CRITICALITY),
    })
}

/// Keeps the plan of `report` so that it can be applied. One that cannot be kept is shown all the same.
pub(super) fn keep(
    plans: &Plans,
    (by, query, uploads): (&str, &[(String, String)], &Uploads),
    planned: &Planned,
    outcome: &Outcome,
    report: &mut api::ImportReport,
) -> Result<()> {
    let Some(view) = &mut report.plan else { return Ok(()) };
    let created_ms = now_ms();
    let id = outcome.id.replacen("imp-", "plan-", 1);
    (view.id, view.expires_at) = (Some(id.clone()), Some(timestamp(created_ms + EXPIRES_MS)));
    let reason = view.reason.clone();
    let encoded = serde_json::to_value(&*report).map_err(|e| {
        Error::new(Kind::Internal, "import.report", "the report does not encode").caused_by(e)
    })?;
    let stored = StoredPlan {
        id,
        by: by.to_owned(),
        created_ms,
        expires_ms: created_ms + EXPIRES_MS,
        position: planned.before.position().0,
        fingerprint: planned.plan.fingerprint,
        query: query.iter().filter(|(name, _)| name != "dry_run").cloned().collect(),
        files: Vec::new(),
        reason,
        source: query.iter().find(|(n, _)| n == "source").map_or("import", |(_, v)| v).to_owned(),
        report: encoded,
    };
    let file = |u: &'_ crate::upload::Upload| (u.name.clone(), u.path.clone(), u.stays());
    let files: Vec<_> = uploads.0.iter().map(file).collect();
    let files: Vec<PlannedFile<'_>> =
        files.iter().map(|(name, path, stays)| PlannedFile { name, path, stays: *stays }).collect();
    if let Err(e) = plans.keep(stored, &files)
        && let Some(view) = &mut report.plan
    {
        let why = e.hint_text().map_or_else(String::new, |hint| format!("; {hint}"));
        (view.id, view.expires_at, view.applicable) = (None, None, false);
        view.reason = Some(format!("{}{why}", e.message()));
    }
    Ok(())
}
