//! Imports: files in, a report out; long ones go on as a job.

use crate::api;
use crate::call::{Call, fresh_context, parameter};
use crate::convert::timestamp;
use crate::handlers::jobs::{job_reply, patience};
use crate::importing::{self, ImportRequest, InputFile, Outcome, Surroundings};
use crate::jobs::Job;
use crate::reply::Reply;
use crate::route::{ParamKind, Route};
use crate::upload::Uploads;
use base64::Engine as _;
use cmdb_core::command::import::missing::SHARE_MAX_DEFAULT;
use cmdb_core::command::import::{Counters, Missing, Report, Unknown};
use cmdb_core::command::{Context, Right};
use cmdb_core::fact::setting::Settings;
use cmdb_core::fact::{ImportRun, ImportTrail};
use cmdb_core::graph::Records;
use cmdb_core::{Error, Kind, Result};
use cmdb_import::Mapping;
use std::sync::{Mutex, PoisonError};

mod plan;

pub fn start() -> Route {
    fn handler(mut call: Call) -> Result<Reply> {
        let context = call.context()?;
        if let Some(again) = said_before(&call, &context)? {
            return Ok(again);
        }
        let uploads = std::mem::take(&mut call.uploads);
        if uploads.0.is_empty() {
            return Err(Error::invalid(
                "import.no-file",
                "an import needs a file, as the body or as parts of a form",
            ));
        }
        let files =
            uploads.0.iter().map(|u| InputFile { name: u.name.clone(), path: u.path.clone() }).collect();
        let request = request(&call, files)?;
        run(&call, context, request, uploads, None)
    }
    Route::post("/api/v1/imports", "import", Right::Edit, handler)
        .summary("Imports files: one as the body, or several as a form. 202 with a job where it takes long (`Prefer: respond-async`, `Prefer: wait=SECONDS`)")
        .text("name", "the file's name, where the body is the file")
        .text("as", "`items`, `relationships` or a format; guessed from the content if not stated")
        .text("source", "whose keys the ids are; `import` if not stated")
        .text("map", "`old=new,…` or TOML: renames, drops and translates")
        .param("set", ParamKind::Texts, "`column=value` for every row; stated once for each")
        .flag("define_missing", "define unknown classes, attributes and relationship types")
        .text("unknown", "rows of unknown classes and relationship types: `refuse` (default) refuses the import as a whole, `reject` rejects them one by one")
        .flag("dry_run", "say what would happen and keep nothing")
        .text("atomic", "`true`: a rejected row rejects everything; `false`: in parts; by size if not stated")
        .text("empty", "`clear`: an empty cell clears the attribute")
        .text("missing", "of a whole feed, what becomes of items that the source knew and the files do not name: `keep` (default), `note`, `retire`")
        .number("missing_after", "feeds in a row that must miss an item before it is retired; 1 if not stated")
        .text("max_remove", "refuse if more than this share would be retired; `10%` if not stated")
        .flag("rejects", "give the rejected rows back in their file's own format")
        .text("resume", "an import of these files that did not get to its end and goes on: rows taken before are unchanged")
        .takes_files()
        .gives::<api::ImportReport>()
}

/// Runs an import as a job and answers with its report, or with the job where that takes long. The plan that it
/// applies is forgotten once it is done.
pub(super) fn run(
    call: &Call,
    context: Context,
    request: ImportRequest,
    uploads: Uploads,
    plan: Option<String>,
) -> Result<Reply> {
    // One entry of an import stands for all of it; the others are new each time.
    let first = Mutex::new(Some(context));
    let (cmdb, principal, wait) = (call.app.cmdb()?.clone(), call.principal.clone(), patience(call)?);
    let (plans, query, app) = (call.app.plans.clone(), call.query.clone(), call.app.clone());
    let job = call.app.jobs.start("import", principal.name.clone(), move |job: &Job| {
        let context = || {
            let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
            first.or_else(|| fresh_context(&principal).ok()).unwrap_or_else(|| no_randomness(&principal))
        };
        let progress = |p: importing::Progress| job.progress(p.phase, p.rows_done, p.rows_total);
        let around = Surroundings { context: &context, progress: &progress, cancelled: &job.cancelled };
        let outcome = importing::run(&cmdb, &request, &around)?;
        let mut report = report(&outcome);
        if let Some(planned) = &outcome.planned {
            report.plan = Some(app.with_scratch(|scratch| plan::view(planned, &outcome, scratch))?);
            plan::keep(&plans, (&principal.name, &query, &uploads), planned, &outcome, &mut report)?;
        }
        if let Some(applied) = plan.filter(|_| outcome.applied) {
            // One that stays is found stale, or expires.
            let _ = plans.forget(&applied);
        }
        serde_json::to_value(report).map_err(|e| {
            Error::new(Kind::Internal, "import.report", "the report does not encode").caused_by(e)
        })
    })?;
    job.wait(wait);
    job_reply(&job)
}

/// The report of an import that was done before under the same idempotency key, as far as it was recorded.
pub(super) fn said_before(call: &Call, context: &Context) -> Result<Option<Reply>> {
    let cmdb = call.app.cmdb()?;
    let Some(receipt) = cmdb.said_before(context.commit)? else { return Ok(None) };
    let id = call.text("resume").map_or_else(|| importing::id_of(context), str::to_owned);
    let snapshot = cmdb.at(receipt.position)?;
    let Some(run) = snapshot.settings().imports.get(&*id) else { return Ok(None) };
    let note = "done before under this Idempotency-Key; the counters are of items and relationships together";
    let report = api::ImportReport {
        import: id,
        position: receipt.position.0,
        created: run.created,
        updated: run.updated,
        unchanged: run.unchanged,
        removed: 0,
        relationships: counters(&Counters::default()),
        derived: api::DerivedCounters { made: 0, ended: 0 },
        unresolved: Vec::new(),
        assumed: vec![note.to_owned()],
        rejected: Vec::new(),
        rejected_count: run.rejected,
        applied: true,
        dry_run: false,
        plan: None,
        rejects: Vec::new(),
    };
    Ok(Some(Reply::json(&report).at(receipt.position)))
}

pub(super) fn request(call: &Call, mut files: Vec<InputFile>) -> Result<ImportRequest> {
    let mut reading = cmdb_import::Options::default();
    if let Some(word) = call.text("as") {
        reading.read_as(word)?;
    }
    if let Some(text) = call.text("map") {
        reading.mapping = Mapping::parse(text)?;
    }
    for pair in call.texts("set") {
        let (column, value) = pair
            .split_once('=')
            .ok_or_else(|| parameter("set", format!("\"{pair}\" is not column=value")))?;
        reading.set.push((column.to_owned(), value.to_owned()));
    }
    if let (Some(name), [only]) = (call.text("name"), files.as_mut_slice()) {
        only.name = name.to_owned();
    }
    let empty_clears = match call.text("empty") {
        None | Some("keep") => false,
        Some("clear") => true,
        Some(other) => return Err(parameter("empty", format!("\"{other}\" is neither keep nor clear"))),
    };
    let unknown = match call.text("unknown") {
        None | Some("refuse") => Unknown::Refuse,
        Some("reject") => Unknown::Reject,
        Some(other) => return Err(parameter("unknown", format!("\"{other}\" is neither refuse nor reject"))),
    };
    Ok(ImportRequest {
        files,
        reading,
        source: call.text("source").unwrap_or("").to_owned(),
        define_missing: call.flag("define_missing")?,
        unknown,
        dry_run: call.flag("dry_run")?,
        atomic: call.text("atomic").map(|_| call.flag("atomic")).transpose()?,
        empty_clears,
        planned: None,
        missing: missing(call)?,
        rejects: call.flag("rejects")?,
        resume: call.text("resume").map(str::to_owned),
    })
}

/// What is to become of items that the files do not name.
fn missing(call: &Call) -> Result<Missing> {
    let after = call.number::<u32>("missing_after")?;
    missing_stated(call.text("missing"), after, call.text("max_remove"))
}

/// The same from what a request says of it.
pub(super) fn missing_stated(
    word: Option<&str>,
    after: Option<u32>,
    max_remove: Option<&str>,
) -> Result<Missing> {
    let stated = after.is_some() || max_remove.is_some();
    let after = after.unwrap_or(1);
    if after == 0 {
        return Err(parameter("missing_after", "missing_after is at least 1".to_owned()));
    }
    let share_max = match max_remove {
        None => SHARE_MAX_DEFAULT,
        Some(text) => {
            let share = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>();
            let share = share.ok().filter(|percent| (0.0..=100.0).contains(percent));
            let wrong =
                || parameter("max_remove", format!("max_remove \"{text}\" is no share from 0% to 100%"));
            share.ok_or_else(wrong)? / 100.0
        }
    };
    match word {
        None | Some("keep") if stated => {
            Err(parameter("missing", "missing_after and max_remove go with missing=retire".to_owned()))
        }
        None | Some("keep") => Ok(Missing::Keep),
        Some("note") => Ok(Missing::Note { retire_after: None, share_max }),
        Some("retire") => Ok(Missing::Note { retire_after: Some(after), share_max }),
        Some(other) => Err(parameter("missing", format!("\"{other}\" is neither keep, note nor retire"))),
    }
}

/// A context that no commit can take twice by chance, should the system give no randomness at all.
pub(crate) fn no_randomness(principal: &cmdb_core::model::principal::Principal) -> Context {
    let time_ms = crate::call::now_ms();
    let hash = blake3::hash(&time_ms.to_le_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    Context {
        principal: principal.clone(),
        time_ms,
        commit: cmdb_core::model::CommitId(bytes),
        salt: bytes,
        message: "".into(),
    }
}

fn counters(counters: &Counters) -> api::ImportCounters {
    let Counters { created, updated, unchanged, removed, .. } = *counters;
    api::ImportCounters { created, updated, unchanged, removed }
}

pub(crate) fn report(outcome: &Outcome) -> api::ImportReport {
    let report = &outcome.report;
    let items = counters(&report.items);
    let rejected = |r: &cmdb_core::command::import::Rejection| api::Rejected {
        file: r.file.to_string(),
        row: r.row,
        column: r.column.as_ref().map(ToString::to_string),
        code: r.code.to_owned(),
        message: r.message.clone(),
    };
    api::ImportReport {
        import: outcome.id.clone(),
        position: report.position.0,
        created: items.created,
        updated: items.updated,
        unchanged: items.unchanged,
        removed: items.removed,
        relationships: counters(&report.relationships),
        derived: api::DerivedCounters { made: report.derived.made, ended: report.derived.ended },
        unresolved: report.unresolved.iter().map(ToString::to_string).collect(),
        assumed: report.assumed.iter().cloned().chain(ignored(report)).collect(),
        rejected: report.rejected.iter().map(rejected).collect(),
        rejected_count: report.rejected_count,
        applied: outcome.applied,
        dry_run: outcome.dry_run,
        plan: None,
        rejects: outcome.rejects.iter().map(rejected_rows).collect(),
    }
}

fn rejected_rows(rows: &importing::RejectedRows) -> api::RejectedRows {
    let file = rows.file.clone();
    match std::str::from_utf8(&rows.bytes) {
        Ok(text) => api::RejectedRows { file, text: text.to_owned(), base64: None },
        Err(_) => {
            let base64 = base64::engine::general_purpose::STANDARD.encode(&rows.bytes);
            api::RejectedRows { file, text: String::new(), base64: Some(base64) }
        }
    }
}

/// Keys that were not used, each with how many rows had it.
fn ignored(report: &Report) -> impl Iterator<Item = String> + '_ {
    report.ignored_keys.iter().map(|(key, rows)| format!("{key} and was not used as a key ({rows} rows)"))
}

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let settings = snapshot.settings();
        let ended = settings.imports.values().map(|run| run_view(run, settings));
        let unfinished = settings.trails.values().filter(|trail| !trail.finished);
        let mut imports: Vec<_> = ended.chain(unfinished.map(trail_view)).collect();
        imports.sort_by(|a, b| b.position.cmp(&a.position).then_with(|| a.import.cmp(&b.import)));
        Ok(Reply::json(&api::ImportRuns { imports }).at(snapshot.position()))
    }
    Route::get("/api/v1/imports", "list_imports", Right::Read, handler)
        .summary("Past imports, newest first")
        .gives::<api::ImportRuns>()
}

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.snapshot()?;
        let (settings, id) = (snapshot.settings(), call.path("id"));
        let run = settings.imports.get(id).map(|run| run_view(run, settings));
        let run = run.or_else(|| settings.trails.get(id).map(trail_view));
        let unknown = || Error::not_found("import.unknown", "there is no import of this id");
        Ok(Reply::json(&run.ok_or_else(unknown)?).at(snapshot.position()))
    }
    Route::get("/api/v1/imports/{id}", "read_import", Right::Read, handler)
        .summary("One past import")
        .gives::<api::ImportRunView>()
}

fn run_view(run: &ImportRun, settings: &Settings) -> api::ImportRunView {
    let undone = settings.trails.get(&run.id).and_then(|trail| trail.undone);
    api::ImportRunView {
        import: run.id.to_string(),
        source: run.source.to_string(),
        files: run.files.iter().map(ToString::to_string).collect(),
        position: run.first.0,
        created: run.created,
        updated: run.updated,
        unchanged: run.unchanged,
        rejected: run.rejected,
        by: run.by.to_string(),
        at: timestamp(run.at_ms),
        state: if undone.is_some() { "undone" } else { "done" },
        undone_at_position: undone.map(|p| p.0),
    }
}

/// An import that did not get to its end: what its trail says.
fn trail_view(trail: &ImportTrail) -> api::ImportRunView {
    api::ImportRunView {
        import: trail.id.to_string(),
        source: trail.source.to_string(),
        files: trail.files.iter().map(ToString::to_string).collect(),
        position: trail.entries.first().map_or(0, |(first, _)| first.0),
        created: 0,
        updated: 0,
        unchanged: 0,
        rejected: 0,
        by: trail.by.to_string(),
        at: timestamp(trail.at_ms),
        state: if trail.undone.is_some() { "undone" } else { "unfinished" },
        undone_at_position: trail.undone.map(|p| p.0),
    }
}
