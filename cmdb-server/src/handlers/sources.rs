//! Sources that repeat: added, listed, run, paused, removed.

use crate::api;
use crate::call::{Call, now_ms, parameter};
use crate::convert::timestamp;
use crate::feeds::notes::{Counts, Ended, Headers, Notes, Run};
use crate::feeds::run::{Asked, run as run_feed};
use crate::feeds::{Feeds, due_ms, files, notes_of, put_notes};
use crate::handlers::imports::missing_stated;
use crate::handlers::jobs::{job_reply, patience};
use crate::outbound::check_header;
use crate::reply::Reply;
use crate::route::Route;
use cmdb_core::command::feed::{EditFeed, missing_of};
use cmdb_core::command::import::Missing;
use cmdb_core::command::{Command, Right};
use cmdb_core::graph::Records;
use cmdb_core::model::SmolStr;
use cmdb_core::model::feed::{Feed, Origin};
use cmdb_core::{Error, Kind, Result, error};
use cmdb_import::Mapping;

/// Longest mapping that is kept with a source, in bytes.
const MAPPING_BYTES_MAX: usize = 256 * 1024;
/// Headers of one source at most.
const HEADERS_MAX: usize = 16;

pub fn list() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let snapshot = call.app.cmdb()?.snapshot();
        // The list says how each stands; all its runs are in its own view.
        let views = snapshot.settings().feeds.values().map(|feed| view(&call, feed, 1));
        Ok(Reply::json(&api::Sources { sources: views.collect::<Result<_>>()? }))
    }
    Route::get("/api/v1/sources", "list_sources", Right::Read, handler)
        .summary("Sources that are imported again and again, each with its last run")
        .gives::<api::Sources>()
}

pub fn read() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        Ok(Reply::json(&view(&call, &known(&call, call.path("name"))?, usize::MAX)?))
    }
    Route::get("/api/v1/sources/{name}", "read_source", Right::Read, handler)
        .summary("A source with its last 200 runs, newest first")
        .gives::<api::SourceView>()
}

pub fn add() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::NewSource = call.json()?;
        let headers: Vec<(String, String)> = body.headers.clone().into_iter().collect();
        if headers.len() > HEADERS_MAX {
            return Err(Error::limit(
                "source.headers",
                format!("a source sends at most {HEADERS_MAX} headers"),
            ));
        }
        headers.iter().try_for_each(|(name, value)| check_header(name, value))?;
        let missing =
            missing_stated(body.missing.as_deref(), body.missing_after, body.max_remove.as_deref())?;
        let feed = Box::new(feed(&call, body)?);
        let name = feed.name.clone();
        let receipt = call.submit(Command::EditFeed(EditFeed::Add { feed, missing }))?;
        let feed = known(&call, &name)?;
        if !receipt.duplicate {
            let notes = Notes { created: feed.created.0, headers: Headers(headers), ..Notes::default() };
            put_notes(call.app.cmdb()?, &name, Some(&notes))?;
        }
        let location = format!("/api/v1/sources/{name}");
        Ok(Reply::json(&view(&call, &feed, 1)?).status(201).location(location).at(receipt.position))
    }
    Route::post("/api/v1/sources", "add_source", Right::Administer, handler)
        .summary("Adds a source that the server looks at again and again")
        .takes::<api::NewSource>()
        .gives::<api::SourceView>()
        .status(201)
}

pub fn edit() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let body: api::SourceEdit = call.json()?;
        let name = SmolStr::from(call.path("name"));
        let edit = EditFeed::Pause { name: name.clone(), paused: body.paused };
        let receipt = call.submit(Command::EditFeed(edit))?;
        Ok(Reply::json(&view(&call, &known(&call, &name)?, 1)?).at(receipt.position))
    }
    Route::patch("/api/v1/sources/{name}", "edit_source", Right::Administer, handler)
        .summary("Pauses a source, or lets it go on")
        .takes::<api::SourceEdit>()
        .gives::<api::SourceView>()
}

pub fn remove() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let name = SmolStr::from(call.path("name"));
        let receipt = call.submit(Command::EditFeed(EditFeed::Remove { name: name.clone() }))?;
        put_notes(call.app.cmdb()?, &name, None)?;
        Ok(Reply::nothing().at(receipt.position))
    }
    Route::delete("/api/v1/sources/{name}", "remove_source", Right::Administer, handler)
        .summary("Looks at a source no more; what it has imported stays")
        .status(204)
}

pub fn run() -> Route {
    fn handler(call: Call) -> Result<Reply> {
        let feed = known(&call, call.path("name"))?;
        let asked = match (call.flag("dry_run")?, call.flag("again")?) {
            (true, _) => Asked::Dry,
            (false, again) => Asked::Now { again },
        };
        let Some(turn) = Feeds::turn(&call.app, &feed.name) else {
            let message = format!("the source {} is running already", feed.name);
            return Err(
                Error::new(Kind::Unavailable, "source.running", message).hint("try again when it has ended")
            );
        };
        let (app, wait) = (call.app.clone(), patience(&call)?);
        let job = call.app.jobs.start("source", call.principal.name.clone(), move |job| {
            let _turn = turn;
            run_feed(&app, &feed, asked, job)
        })?;
        job.wait(wait);
        job_reply(&job)
    }
    Route::post("/api/v1/sources/{name}/run", "run_source", Right::Administer, handler)
        .summary("Looks at a source now. 202 with a job where it takes long (`Prefer: respond-async`)")
        .flag("dry_run", "say what would happen and keep nothing")
        .flag("again", "import also what was imported before")
        .gives::<api::SourceRun>()
}

fn feed(call: &Call, body: api::NewSource) -> Result<Feed> {
    let from = match (body.path, body.url) {
        (Some(path), None) => {
            files::check(&path)?;
            refuse_far_paths(call)?;
            Origin::Path(path.into())
        }
        (None, Some(url)) => {
            call.app.outbound().check(&url)?;
            Origin::Url(url.into())
        }
        _ => {
            return Err(Error::invalid("source.from", "a source has a path or a URL, and not both")
                .detail("/path", "path or url"));
        }
    };
    if body.map.len() > MAPPING_BYTES_MAX {
        let message = format!("a source's mapping has at most {MAPPING_BYTES_MAX} bytes");
        return Err(Error::limit("source.map", message.clone()).detail("/map", message));
    }
    if !body.map.is_empty() {
        Mapping::parse(&body.map)?;
    }
    if let Some(format) = &body.format {
        cmdb_import::Options::default().read_as(format)?;
    }
    Ok(Feed {
        name: body.name.into(),
        from,
        format: body.format.map(Into::into),
        mapping: body.map.into(),
        set: body.set.into_iter().map(|(column, value)| (column.into(), value.into())).collect(),
        every_s: seconds(&body.every)?,
        each: body.each,
        define_missing: body.define_missing,
        paused: false,
        by: SmolStr::default(),
        created: cmdb_core::model::Position(0),
        removed: false,
    })
}

/// A token from elsewhere must not turn into a way to read this machine's files.
fn refuse_far_paths(call: &Call) -> Result<()> {
    let name = &call.principal.name;
    if name == "local" || name.starts_with("local as ") {
        return Ok(());
    }
    Err(Error::new(Kind::Denied, "source.path-far", "only who is on the server's machine may name its files")
        .hint("run the command there with --data, or give a URL"))
}

/// `90`, `15m`, `1h`, `1d`.
fn seconds(text: &str) -> Result<u64> {
    let text = text.trim();
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3_600),
        Some((at, 'd')) => (&text[..at], 86_400),
        _ => (text, 1),
    };
    let seconds = number.trim().parse::<u64>().ok().and_then(|n| n.checked_mul(unit));
    seconds.ok_or_else(|| {
        parameter("every", format!("\"{text}\" is no time like 15m, 1h or 1d")).detail("/every", "no time")
    })
}

fn known(call: &Call, name: &str) -> Result<Feed> {
    let snapshot = call.app.cmdb()?.snapshot();
    let feed = snapshot.settings().feeds.get(name).cloned();
    feed.ok_or_else(|| {
        let hint = error::did_you_mean(name, snapshot.settings().feeds.keys().map(SmolStr::as_str));
        Error::not_found("source.unknown", format!("no source \"{name}\" repeats"))
            .hint(hint.unwrap_or_else(|| "`cmdb source list` lists them".to_owned()))
    })
}

fn view(call: &Call, feed: &Feed, runs_max: usize) -> Result<api::SourceView> {
    let notes = notes_of(call.app.cmdb()?, feed)?;
    let state = match notes.runs.back() {
        _ if call.app.feeds.is_running(&feed.name) => "running",
        _ if feed.paused => "paused",
        None => "waiting",
        Some(run) => run.ended.word(),
    };
    let (path, url) = match &feed.from {
        Origin::Path(path) => (Some(path.to_string()), None),
        Origin::Url(url) => (None, Some(url.to_string())),
    };
    // What a URL carries after `?` is for administrators: it may be a secret.
    let admin = call.principal.role == cmdb_core::model::principal::Role::Admin;
    let url = url.map(|url| if admin { url } else { url.split('?').next().unwrap_or("").to_owned() });
    let runs = notes.runs.iter().enumerate().rev().take(runs_max).map(|(at, run)| {
        let mut shown = run_view(run, None);
        shown.trend_percent = trend(&notes, at);
        shown
    });
    let (missing, missing_after, max_remove) = missing_view(call, feed)?;
    Ok(api::SourceView {
        name: feed.name.to_string(),
        path,
        url,
        headers: notes.headers.0.iter().map(|(name, _)| name.clone()).collect(),
        every_seconds: feed.every_s,
        format: feed.format.as_ref().map(ToString::to_string),
        map: feed.mapping.to_string(),
        set: feed.set.iter().map(|(column, value)| (column.to_string(), value.to_string())).collect(),
        each: feed.each,
        define_missing: feed.define_missing,
        missing,
        missing_after,
        max_remove,
        state,
        next_run_at: (!feed.paused).then(|| timestamp(due_ms(feed, &notes).max(now_ms()))),
        by: feed.by.to_string(),
        runs: runs.collect(),
    })
}

/// What becomes of what it does not name, as it was stated.
fn missing_view(call: &Call, feed: &Feed) -> Result<(&'static str, Option<u32>, Option<String>)> {
    Ok(match missing_of(call.app.cmdb()?.snapshot().settings(), &feed.name) {
        Missing::Keep => ("keep", None, None),
        Missing::Note { retire_after: None, .. } => ("note", None, None),
        Missing::Note { retire_after, share_max } => {
            // To the millionth, as it is kept.
            let percent = (share_max * 1e6).round() / 1e4;
            ("retire", retire_after, Some(format!("{percent}%")))
        }
    })
}

/// How many more rows a run read than the import before it, in percent to one decimal.
fn trend(notes: &Notes, at: usize) -> Option<f64> {
    let run = notes.runs.get(at).filter(|run| run.ended == Ended::Imported)?;
    let before = notes.runs.iter().take(at).rev().find(|r| r.ended == Ended::Imported && r.rows() > 0)?;
    let change = (run.rows() as f64 - before.rows() as f64) / before.rows() as f64;
    Some((change * 1000.0).round() / 10.0)
}

pub(crate) fn run_view(run: &Run, report: Option<api::ImportReport>) -> api::SourceRun {
    let counters = |c: Counts| api::ImportCounters {
        created: c.created,
        updated: c.updated,
        unchanged: c.unchanged,
        removed: c.removed,
    };
    api::SourceRun {
        at: timestamp(run.at_ms),
        took_ms: run.took_ms,
        scheduled: run.scheduled,
        ended: run.ended.word(),
        import: run.import.clone(),
        files: run.files.clone(),
        items: counters(run.items),
        relationships: counters(run.relationships),
        rejected: run.rejected,
        rows: run.rows(),
        trend_percent: None,
        code: run.code.clone(),
        message: run.message.clone(),
        repeated: run.repeated,
        report,
    }
}
