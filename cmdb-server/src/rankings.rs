//! The ranking of all items, kept until the graph moves.
//!
//! A table holds for the graph it was made from and no other ([`Imprint`]). It is made when the ranking is asked
//! for, and in a server that stays also in the background, on one core: after loading, and again after the graph
//! moved, when a question came that it would have answered. A question about one item never waits for it.

use crate::app::App;
use crate::convert::ClassSet;
use cmdb_core::analysis::ranking::{ClassCounts, Ranking, rank_by_class};
use cmdb_core::graph::{Imprint, Snapshot, View};
use cmdb_core::model::Symbol;
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Tables kept: the newest graph's and one of the past.
const TABLES_MAX: usize = 2;
/// After a table was made in the background the next one waits so many times as long as that took.
const REST: u32 = 20;

/// See the module.
pub struct Table {
    imprint: Imprint,
    pub ranking: Ranking,
    classes: ClassCounts,
    by_items: OnceLock<Vec<u32>>,
    by_services: OnceLock<Vec<u32>>,
}

/// What makes an item rank high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighting {
    Items,
    Services,
}

/// Counts of one search: by class, and their sum.
pub type Counts = (u64, Vec<(Option<Symbol>, u32)>);

impl Table {
    fn make(snapshot: &Snapshot, cancelled: &AtomicBool) -> Option<Table> {
        let services = ClassSet::business_services(snapshot);
        let is_service = |item: u32| services.holds(snapshot.class_of(item));
        let (ranking, classes) = rank_by_class(View::full(snapshot), &is_service, cancelled)?;
        let imprint = Imprint::of(snapshot);
        Some(Table {
            imprint,
            ranking,
            classes,
            by_items: OnceLock::default(),
            by_services: OnceLock::default(),
        })
    }
    /// What a search for all dependents of `item` counts; none where a search is as quick.
    pub fn counts(&self, snapshot: &Snapshot, item: u32) -> Option<Counts> {
        let count = *self.ranking.reached.get(item as usize)?;
        Some((u64::from(count), self.classes.of(View::full(snapshot), item)?))
    }
    /// How many items, or services first, depend on an item; items of equal rank are equal in both.
    pub fn rank(&self, item: u32, weighting: Weighting) -> (u32, u32) {
        let (items, services) = (self.ranking.reached[item as usize], self.ranking.services[item as usize]);
        match weighting {
            Weighting::Items => (items, services),
            Weighting::Services => (services, items),
        }
    }
    /// All live items, highest rank first.
    pub fn order(&self, snapshot: &Snapshot, weighting: Weighting) -> &[u32] {
        let order = match weighting {
            Weighting::Items => &self.by_items,
            Weighting::Services => &self.by_services,
        };
        order.get_or_init(|| {
            let mut items: Vec<u32> = (0..snapshot.nodes()).filter(|i| !snapshot.is_hidden(*i)).collect();
            items.par_sort_unstable_by_key(|i| (std::cmp::Reverse(self.rank(*i, weighting)), *i));
            items
        })
    }
}

/// See the module.
#[derive(Default)]
pub struct Rankings {
    /// The one used last comes first.
    tables: Mutex<Vec<Arc<Table>>>,
    /// Held while a table is made, so that two askers do not make the same one.
    making: Mutex<()>,
    /// In a server that stays: from when on the next table may be made in the background.
    background: Mutex<Option<Instant>>,
    running: AtomicBool,
    stopped: Arc<AtomicBool>,
}

impl Drop for Rankings {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Rankings {
    /// The table of a snapshot's graph, if there is one.
    pub fn known(&self, snapshot: &Snapshot) -> Option<Arc<Table>> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let at = tables.iter().position(|table| table.imprint.fits(snapshot))?;
        tables[..=at].rotate_right(1);
        Some(tables[0].clone())
    }
    /// The table of a snapshot's graph, made first if need be; none if that was cancelled.
    pub fn of(&self, snapshot: &Snapshot, cancelled: &AtomicBool) -> Option<Arc<Table>> {
        if let Some(known) = self.known(snapshot) {
            return Some(known);
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.known(snapshot) {
            return Some(known);
        }
        let table = Arc::new(Table::make(snapshot, cancelled)?);
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        tables.insert(0, table.clone());
        tables.truncate(TABLES_MAX);
        Some(table)
    }
    /// From now on tables are made in the background.
    pub fn stay(&self) {
        let mut background = self.background.lock().unwrap_or_else(PoisonError::into_inner);
        background.get_or_insert_with(Instant::now);
    }
    /// Ends what is being made in the background.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
    /// Whether it is time to make a table in the background, and nobody does.
    fn is_due(&self) -> bool {
        let background = self.background.lock().unwrap_or_else(PoisonError::into_inner);
        background.is_some_and(|from| from <= Instant::now()) && !self.running.swap(true, Ordering::AcqRel)
    }
    fn rest(&self, worked: Duration) {
        let mut background = self.background.lock().unwrap_or_else(PoisonError::into_inner);
        *background = Some(Instant::now() + worked * REST);
        self.running.store(false, Ordering::Release);
    }
}

/// Makes the table of a snapshot's graph in the background, if this server does that and it is time.
pub fn make_soon(app: &Arc<App>, snapshot: &Arc<Snapshot>) {
    if app.rankings.is_due() {
        let (app, snapshot) = (Arc::downgrade(app), snapshot.clone());
        let stopped = app.upgrade().map(|app| app.rankings.stopped.clone()).unwrap_or_default();
        std::thread::spawn(move || {
            let started = Instant::now();
            // On a pool of its own, so that questions and imports keep theirs.
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
            if let (Some(app), Ok(pool)) = (app.upgrade(), pool) {
                pool.install(|| app.rankings.of(&snapshot, &stopped));
                app.rankings.rest(started.elapsed());
            }
        });
    }
}
