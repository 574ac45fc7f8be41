//! One run of a source: find or fetch its files, leave out what was imported before, import, note how it ended.

use super::fetch::{Fetched, FetchedFile, fetch};
use super::files::{self, Found};
use super::notes::{Counts, Ended, Notes, Run};
use super::{notes_of, put_notes};
use crate::app::App;
use crate::call::{fresh_context, now_ms};
use crate::handlers::imports::{no_randomness, report};
use crate::handlers::sources::run_view;
use crate::importing::{self, ImportRequest, InputFile, Outcome, Surroundings};
use crate::jobs::Job;
use cmdb_core::command::Context;
use cmdb_core::command::feed::{is_counting, missing_of};
use cmdb_core::command::import::Counters;
use cmdb_core::graph::Records;
use cmdb_core::model::feed::{Feed, Origin};
use cmdb_core::model::principal::{Principal, Role};
use cmdb_core::{Error, Kind, Result};
use cmdb_import::Mapping;
use serde_json::Value as Json;
use std::time::Instant;

/// Why a run takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Scheduled,
    /// Somebody asks; `again` also imports what was imported before.
    Now {
        again: bool,
    },
    /// Somebody wants to see what would happen; nothing is kept or noted.
    Dry,
}

/// Runs a source to its end; the view of the (last) run.
///
/// # Errors
/// Whatever kept it from importing; it is noted as a run, too.
pub fn run(app: &App, feed: &Feed, asked: Asked, job: &Job) -> Result<Json> {
    let cmdb = app.cmdb()?;
    let mut notes = notes_of(cmdb, feed)?;
    let dry = asked == Asked::Dry;
    if !dry {
        notes.started_ms = now_ms();
    }
    let outcome = import_new(app, feed, asked, job, &mut notes);
    if let Err(error) = &outcome
        && !dry
    {
        let failed = Run {
            ended: Ended::Failed,
            code: Some(error.code().to_owned()),
            message: Some(error.message().to_owned()),
            ..begun(asked, Instant::now())
        };
        notes.remember(failed);
    }
    // A source that was removed meanwhile leaves nothing behind.
    let snapshot = cmdb.snapshot();
    let still = snapshot.settings().feeds.get(&feed.name).is_some_and(|f| f.created == feed.created);
    if !dry && still {
        put_notes(cmdb, &feed.name, Some(&notes))?;
    }
    outcome
}

fn begun(asked: Asked, started: Instant) -> Run {
    let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Run { at_ms: now_ms(), took_ms, scheduled: asked == Asked::Scheduled, ..Run::default() }
}

fn import_new(app: &App, feed: &Feed, asked: Asked, job: &Job, notes: &mut Notes) -> Result<Json> {
    let started = Instant::now();
    let mut fetched: Option<FetchedFile> = None;
    let found = match &feed.from {
        Origin::Path(pattern) => files::find(pattern)?,
        Origin::Url(url) => {
            let all = matches!(asked, Asked::Dry | Asked::Now { again: true })
                || is_counting(app.cmdb()?.snapshot().settings(), &feed.name);
            let mut known = notes.clone();
            if all {
                (known.etag, known.last_modified) = (None, None);
            }
            match fetch(app.outbound(), url, &known, app.spool.as_deref(), &job.cancelled)? {
                Fetched::Unchanged => return Ok(unchanged(asked, started, notes)),
                Fetched::File(file) => {
                    let found = Found::own(file.file.clone())?;
                    fetched = Some(file);
                    vec![found]
                }
            }
        }
    };
    let view = import_found(app, feed, asked, job, notes, found)?;
    if let Some(file) = fetched {
        // Only once it was taken: a file that failed is fetched again.
        let taken =
            notes.runs.back().is_some_and(|run| matches!(run.ended, Ended::Imported | Ended::Unchanged));
        if taken {
            (notes.etag, notes.last_modified) = (file.etag, file.last_modified);
        }
    }
    Ok(view)
}

fn unchanged(asked: Asked, started: Instant, notes: &mut Notes) -> Json {
    let run = Run { ended: Ended::Unchanged, ..begun(asked, started) };
    if asked != Asked::Dry {
        notes.remember(run.clone());
    }
    serde_json::to_value(run_view(&run, None)).unwrap_or_default()
}

/// Imports the files that were not imported before: each by itself, or all together if any is new.
fn import_found(
    app: &App,
    feed: &Feed,
    asked: Asked,
    job: &Job,
    notes: &mut Notes,
    found: Vec<Found>,
) -> Result<Json> {
    let started = Instant::now();
    let again = matches!(asked, Asked::Now { again: true } | Asked::Dry)
        || is_counting(app.cmdb()?.snapshot().settings(), &feed.name);
    let batches: Vec<(String, Vec<Found>)> = match feed.each {
        true => found.into_iter().map(|file| (file.hash.clone(), vec![file])).collect(),
        false => vec![(together(&found), found)],
    };
    let mut last = None;
    for (hash, files) in batches {
        // Together, only the last state counts: content that was there before and came back is news.
        let known = if feed.each { notes.has_seen(&hash) } else { notes.seen.back() == Some(&hash) };
        if known && !again {
            continue;
        }
        let started = Instant::now();
        let outcome = import(app, feed, asked, job, &files)?;
        let run = run_of(&outcome, &files, asked, started);
        let view = run_view(&run, Some(report(&outcome)));
        last = Some(serde_json::to_value(view).map_err(|e| {
            Error::new(Kind::Internal, "source.report", "the report does not encode").caused_by(e)
        })?);
        if asked == Asked::Dry {
            continue;
        }
        let rejected = run.ended == Ended::Rejected;
        notes.remember(run);
        // What was changed while it was read is looked at again; what was rejected as a whole, too.
        if !rejected && files.iter().all(Found::is_as_found) {
            notes.saw(hash);
        }
        if rejected {
            break;
        }
    }
    Ok(last.unwrap_or_else(|| unchanged(asked, started, notes)))
}

/// The hash of all files of a run: of their names and contents.
fn together(found: &[Found]) -> String {
    let mut hasher = blake3::Hasher::new();
    for one in found {
        hasher.update(one.file.name.as_bytes()).update(&[0]).update(one.hash.as_bytes()).update(&[0]);
    }
    hasher.finalize().to_hex().to_string()
}

fn import(app: &App, feed: &Feed, asked: Asked, job: &Job, files: &[Found]) -> Result<Outcome> {
    let mut reading = cmdb_import::Options::default();
    if let Some(word) = &feed.format {
        reading.read_as(word)?;
    }
    if !feed.mapping.is_empty() {
        reading.mapping = Mapping::parse(&feed.mapping)?;
    }
    reading.set = feed.set.iter().map(|(column, value)| (column.to_string(), value.to_string())).collect();
    let files: Vec<InputFile> = files.iter().map(|found| found.file.clone()).collect();
    let request = ImportRequest {
        files,
        reading,
        source: feed.name.to_string(),
        define_missing: feed.define_missing,
        dry_run: asked == Asked::Dry,
        missing: missing_of(app.cmdb()?.snapshot().settings(), &feed.name),
        ..ImportRequest::default()
    };
    // A source may do no more than it needs to.
    let role = if feed.define_missing { Role::Admin } else { Role::Editor };
    let principal = Principal { name: format!("source {}", feed.name).into(), role };
    let context = || -> Context { fresh_context(&principal).unwrap_or_else(|_| no_randomness(&principal)) };
    let progress = |p: importing::Progress| job.progress(p.phase, p.rows_done, p.rows_total);
    let around = Surroundings { context: &context, progress: &progress, cancelled: &job.cancelled };
    importing::run(app.cmdb()?, &request, &around)
}

fn run_of(outcome: &Outcome, files: &[Found], asked: Asked, started: Instant) -> Run {
    let counts = |c: &Counters| Counts {
        created: c.created,
        updated: c.updated,
        unchanged: c.unchanged,
        removed: c.removed,
    };
    let rejected = outcome.report.rejected_count;
    // Of a dry run its plan says whether one rejected row would reject everything.
    let stops = outcome.planned.as_ref().is_some_and(|planned| planned.atomic) && rejected > 0;
    let taken = outcome.applied || (outcome.dry_run && !stops);
    Run {
        ended: if taken { Ended::Imported } else { Ended::Rejected },
        import: outcome.applied.then(|| outcome.id.clone()),
        files: files.iter().map(|found| found.file.name.clone()).collect(),
        items: counts(&outcome.report.items),
        relationships: counts(&outcome.report.relationships),
        rejected,
        message: (!taken).then(|| {
            format!(
                "{rejected} row{} rejected, and so nothing was taken",
                if rejected == 1 { " was" } else { "s were" }
            )
        }),
        ..begun(asked, started)
    }
}
