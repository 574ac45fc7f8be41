//! Sources that repeat: looked at as often as they say, imported when they have something new.
//!
//! Definitions are settings in the log; what was seen and how runs ended are notes beside it ([`notes`]). A run is an
//! ordinary import by a principal of its own: all or nothing where an import is, one entry in the log, undone like one.

pub mod fetch;
pub mod files;
pub mod notes;
pub mod run;

use crate::app::App;
use crate::call::now_ms;
use cmdb_core::graph::Records;
use cmdb_core::model::SmolStr;
use cmdb_core::model::feed::Feed;
use cmdb_core::{Cmdb, Result};
use notes::Notes;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often it is looked at what is due.
const LOOK: Duration = Duration::from_secs(1);

/// The sources at work.
#[derive(Default)]
pub struct Feeds {
    running: Mutex<HashSet<SmolStr>>,
    stopping: AtomicBool,
}

/// Holds the only run of a source.
pub struct Turn {
    app: Arc<App>,
    name: SmolStr,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.app.feeds.running().remove(&self.name);
    }
}

impl Feeds {
    fn running(&self) -> std::sync::MutexGuard<'_, HashSet<SmolStr>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub fn is_running(&self, name: &str) -> bool {
        self.running().contains(name)
    }
    /// The turn of a source, unless it is running already.
    pub fn turn(app: &Arc<App>, name: &SmolStr) -> Option<Turn> {
        let free = app.feeds.running().insert(name.clone());
        free.then(|| Turn { app: app.clone(), name: name.clone() })
    }
    /// For a server that stays: runs what is due, until [`Feeds::stop`].
    pub(crate) fn stay(&self, app: &Arc<App>) {
        let app = Arc::downgrade(app);
        std::thread::spawn(move || {
            while let Some(app) = app.upgrade().filter(|app| !app.feeds.stopping.load(Ordering::Relaxed)) {
                if let Err(error) = start_due(&app) {
                    tracing::warn!(
                        code = error.code(),
                        message = error.message(),
                        "sources are not looked at"
                    );
                }
                drop(app);
                std::thread::sleep(LOOK);
            }
        });
    }
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

/// When a source is to be looked at next.
pub fn due_ms(feed: &Feed, notes: &Notes) -> i64 {
    match notes.started_ms {
        0 => 0,
        started => {
            started.saturating_add(i64::try_from(feed.every_s.saturating_mul(1000)).unwrap_or(i64::MAX))
        }
    }
}

fn start_due(app: &Arc<App>) -> Result<()> {
    let cmdb = app.cmdb()?;
    let snapshot = cmdb.snapshot();
    for feed in snapshot.settings().feeds.values().filter(|feed| !feed.paused) {
        if app.feeds.is_running(&feed.name) || due_ms(feed, &notes_of(cmdb, feed)?) > now_ms() {
            continue;
        }
        let Some(turn) = Feeds::turn(app, &feed.name) else { continue };
        let owner = SmolStr::from(format!("source {}", feed.name));
        let (own, feed) = (app.clone(), feed.clone());
        let started = app.jobs.start("source", owner, move |job| {
            let _turn = turn;
            run::run(&own, &feed, run::Asked::Scheduled, job)
        });
        // As many jobs as may run are running; what is due stays due.
        if let Err(error) = started {
            tracing::debug!(message = error.message(), "a source waits");
            return Ok(());
        }
    }
    Ok(())
}

/// What is noted of a source.
pub fn notes_of(cmdb: &Cmdb, feed: &Feed) -> Result<Notes> {
    let note = cmdb.store()?.note_of(&note_name(&feed.name))?;
    let notes = note.map(|note| Notes::decode(&note)).transpose()?;
    // A name may have been given again; what was seen under it before is not this source's.
    let notes = notes.filter(|n| n.created == feed.created.0);
    Ok(notes.unwrap_or_else(|| Notes { created: feed.created.0, ..Notes::default() }))
}

/// Writes the notes of a source; none forgets it, its headers included.
pub fn put_notes(cmdb: &Cmdb, name: &str, notes: Option<&Notes>) -> Result<()> {
    let note = notes.map(Notes::encode).transpose()?;
    cmdb.store()?.put_notes(&[(&note_name(name), note)])
}

fn note_name(name: &str) -> String {
    format!("feed/{name}")
}
