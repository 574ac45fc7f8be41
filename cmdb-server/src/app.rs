//! What all requests share.

use crate::audit::Audit;
use crate::feeds::Feeds;
use crate::jobs::Jobs;
use crate::lanes::Lanes;
use crate::metrics::Metrics;
use crate::outbound::{Allowed, Outbound};
use crate::plans::Plans;
use crate::rankings::Rankings;
use crate::search::Searching;
use crate::sessions::Sessions;
use crate::watch::Watch;
use crate::webhooks::Webhooks;
use cmdb_core::analysis::impact;
use cmdb_core::store::Opened;
use cmdb_core::{Cmdb, Error, Kind, Result};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The server's state. Made before the inventory is loaded, so that `/readyz` can say so.
#[derive(Default)]
pub struct App {
    cmdb: OnceLock<Arc<Cmdb>>,
    pub(crate) audit: Audit,
    pub(crate) feeds: Feeds,
    pub(crate) jobs: Jobs,
    pub(crate) lanes: Lanes,
    pub(crate) metrics: Metrics,
    outbound: OnceLock<Outbound>,
    pub rankings: Rankings,
    pub(crate) search: Searching,
    pub(crate) sessions: Sessions,
    pub(crate) watch: Watch,
    pub(crate) plans: Arc<Plans>,
    pub(crate) webhooks: Webhooks,
    /// Where uploads are spooled; the system's temporary folder if none.
    pub(crate) spool: Option<PathBuf>,
    /// Whoever presents this as a token is the local caller: the one who can read the data folder.
    pub(crate) local_secret: OnceLock<String>,
    scratches: Mutex<Vec<impact::Scratch>>,
}

/// Scratches kept; each is some bytes per item of the graph.
const SCRATCHES_MAX: usize = 8;

impl App {
    /// A server over an open inventory.
    pub fn new(cmdb: Arc<Cmdb>) -> App {
        let app = App::default();
        app.loaded(cmdb);
        app
    }
    /// A server whose inventory is still being loaded; every question is answered 503 until [`App::loaded`].
    pub fn loading() -> App {
        App::default()
    }
    /// Hands over the loaded inventory; a second one is ignored.
    pub fn loaded(&self, cmdb: Arc<Cmdb>) {
        if let Some(why) = cmdb.store().ok().and_then(|store| store.unnoted()) {
            tracing::warn!("{why}");
        }
        match cmdb.opened() {
            Opened::Flat => tracing::info!("the graph was taken from the flat snapshot file"),
            Opened::Rows(why) if why.is_empty() => {}
            Opened::Rows(why) => tracing::info!("the graph was built from its rows: {why}"),
        }
        // Only the first counts, as documented.
        let _ = self.cmdb.set(cmdb);
    }
    /// For a server that stays: what questions lean on is made in the background, before the first of them and
    /// again after the graph moved.
    pub(crate) fn stay(self: &Arc<App>) {
        self.rankings.stay();
        self.webhooks.stay(self);
        self.feeds.stay(self);
        let app = self.clone();
        std::thread::spawn(move || {
            let Ok(cmdb) = app.cmdb() else { return };
            settle(cmdb);
            crate::drift::stay(cmdb);
            let snapshot = cmdb.snapshot();
            app.search.prepare(cmdb, &snapshot);
            crate::rankings::make_soon(&app, &snapshot);
        });
    }
    /// Uploads are spooled below `folder`.
    pub fn with_spool(mut self, folder: PathBuf) -> App {
        self.spool = Some(folder);
        self
    }
    /// Plans of imports are kept below `folder`; in a temporary one, as long as the server runs, if none is named.
    pub fn with_plans(self, folder: PathBuf) -> App {
        self.plans.set_folder(folder);
        self
    }
    /// Lets whoever presents `secret` as a bearer token act as the local caller. For `server.json`.
    pub fn set_local_secret(&self, secret: String) {
        let _ = self.local_secret.set(secret);
    }
    /// Lets webhooks and sources reach these networks besides public addresses. Before the first request.
    pub fn allow_outbound(&self, allowed: Allowed) {
        let _ = self.outbound.set(Outbound::new(allowed));
    }
    /// Makes requests to other machines.
    pub(crate) fn outbound(&self) -> &Outbound {
        self.outbound.get_or_init(Outbound::default)
    }
    /// The inventory.
    ///
    /// # Errors
    /// `unavailable` while it is being loaded.
    pub fn cmdb(&self) -> Result<&Arc<Cmdb>> {
        self.cmdb.get().ok_or_else(|| {
            Error::new(Kind::Unavailable, "server.loading", "the inventory is still being loaded")
                .hint("/readyz answers 200 once it is")
        })
    }
    /// Whether answers worked out up to now may leave, see [`Cmdb::sound`].
    pub(crate) fn sound(&self) -> Result<()> {
        self.cmdb.get().map_or(Ok(()), |cmdb| cmdb.sound())
    }
    /// Lends working memory for one impact question.
    pub(crate) fn with_scratch<T>(&self, work: impl FnOnce(&mut impact::Scratch) -> T) -> T {
        let spare = self.scratches.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = spare.unwrap_or_default();
        let answer = work(&mut scratch);
        let mut spare = self.scratches.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SCRATCHES_MAX {
            spare.push(scratch);
        }
        answer
    }
}

/// Reads what was left in the flat snapshot file, and looks at the rows that nobody has read since the start.
fn settle(cmdb: &Cmdb) {
    match cmdb.settle() {
        Ok(false) => {}
        Ok(true) => tracing::warn!("the flat snapshot file is damaged; records were taken from their rows"),
        Err(e) => tracing::error!(code = e.code(), "records are lost, and nothing is answered any more: {e}"),
    }
    if *cmdb.opened() == Opened::Flat
        && let Err(e) = cmdb.scrub()
    {
        let hint = "what is in memory is whole: `cmdb export` it, then restore the newest backup";
        tracing::error!(code = e.code(), "the store's rows are damaged: {e}; {hint}");
    }
}
