//! Webhooks: addresses that are told about commits, fed from the commit log.
//!
//! Each webhook has a position of its own in the log and is told in order: the next event waits until the one before
//! was taken, so nothing is lost while a receiver is away, and after a restart or a crash it goes on where it was noted
//! to be (an event may then come twice, under the same id). Definitions are settings in the log; secrets, positions and
//! deliveries are notes beside it ([`standing`]).

pub mod event;
pub mod sign;
pub mod standing;
pub mod tell;

use crate::app::App;
use crate::call::now_ms;
use cmdb_core::graph::Records;
use cmdb_core::model::SmolStr;
use cmdb_core::model::webhook::Webhook;
use cmdb_core::{Cmdb, Error, Kind, Result};
use standing::Standing;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often it is looked at who is to be told, and whether somebody may be tried again.
const LOOK: Duration = Duration::from_millis(500);

/// All webhooks of a server.
#[derive(Default)]
pub struct Webhooks {
    known: Mutex<HashMap<SmolStr, Arc<Hook>>>,
    stopping: AtomicBool,
}

/// One webhook at work.
pub struct Hook {
    name: SmolStr,
    standing: Mutex<Standing>,
    running: AtomicBool,
}

impl Hook {
    pub fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Writes the standing beside the log, unless the webhook was removed.
    pub fn note(&self, cmdb: &Cmdb) -> Result<()> {
        // Held until it is written: a removal at the same time must come after.
        let standing = self.standing();
        if standing.removed {
            return Ok(());
        }
        cmdb.store()?.put_notes(&[(&note_name(&self.name), Some(standing.encode()?))])
    }
}

fn note_name(name: &str) -> String {
    format!("webhook/{name}")
}

impl Webhooks {
    fn known(&self) -> MutexGuard<'_, HashMap<SmolStr, Arc<Hook>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// A webhook's standing, read from its note the first time.
    pub fn hook(&self, cmdb: &Cmdb, webhook: &Webhook) -> Result<Arc<Hook>> {
        let mut known = self.known();
        if let Some(hook) = known.get(&webhook.name).filter(|h| h.standing().created == webhook.created.0) {
            return Ok(hook.clone());
        }
        let note = cmdb.store()?.note_of(&note_name(&webhook.name))?;
        let standing = note.map(|note| Standing::decode(&note)).transpose()?;
        // A name may have been given again; what stood under it before is not this webhook's.
        let standing = standing.filter(|s| s.created == webhook.created.0);
        let standing = standing.unwrap_or_else(|| Standing::begin(webhook.created.0));
        let (running, name) = (AtomicBool::new(false), webhook.name.clone());
        let hook = Arc::new(Hook { name: name.clone(), standing: Mutex::new(standing), running });
        known.insert(name, hook.clone());
        Ok(hook)
    }
    /// Forgets a webhook that was removed, its secret included.
    pub fn forget(&self, cmdb: &Cmdb, name: &str) -> Result<()> {
        let hook = self.known().remove(name);
        let mut standing = hook.as_ref().map(|hook| hook.standing());
        if let Some(standing) = &mut standing {
            standing.removed = true;
        }
        cmdb.store()?.put_notes(&[(&note_name(name), None)])
    }
    /// For a server that stays: tells whoever is to be told, until [`Webhooks::stop`].
    pub(crate) fn stay(&self, app: &Arc<App>) {
        let app = Arc::downgrade(app);
        std::thread::spawn(move || {
            while let Some(app) = app.upgrade().filter(|app| !app.webhooks.is_stopping()) {
                if let Err(error) = start_all(&app) {
                    tracing::warn!(code = error.code(), message = error.message(), "webhooks are not told");
                }
                drop(app);
                std::thread::sleep(LOOK);
            }
        });
    }
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// Starts a thread for every webhook that is to be told and has none.
fn start_all(app: &Arc<App>) -> Result<()> {
    let cmdb = app.cmdb()?;
    for webhook in cmdb.snapshot().settings().webhooks.values().filter(|w| !w.paused) {
        let hook = app.webhooks.hook(cmdb, webhook)?;
        if !hook.standing().may_be_told(now_ms()) || hook.running.swap(true, Ordering::AcqRel) {
            continue;
        }
        let (weak, running) = (Arc::downgrade(app), hook.clone());
        let spawned = std::thread::Builder::new().name("cmdb-webhook".to_owned()).spawn(move || {
            tell::follow(&weak, &running);
            running.running.store(false, Ordering::Release);
        });
        if let Err(error) = spawned {
            hook.running.store(false, Ordering::Release);
            return Err(
                Error::new(Kind::Unavailable, "webhook.thread", "no thread for a webhook").caused_by(error)
            );
        }
    }
    Ok(())
}
