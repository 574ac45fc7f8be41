//! Records that were left in the flat snapshot file when the store was opened, and the rows behind them.
//!
//! The rows are held as they were at that moment until every section has been read, so that a section which turns
//! out to be damaged can still be had. Where rows and file are both damaged the first who asks notes it; from then
//! on nothing that is worked out from the snapshot may be believed, and [`Unread::sound`] says so.

use super::border::guard;
use super::embedded::Sums;
use super::flat::Flat;
use super::load;
use crate::error::{Error, Kind, Result};
use crate::graph::Snapshot;
use crate::graph::block::{Block, ITEMS_PER_BLOCK, RELATIONSHIPS_PER_BLOCK};
use crate::graph::flat::{self, ITEMS, Place, RELATIONSHIPS};
use crate::graph::unread::{BLOCKS_TOGETHER, Blocks, Section, Shelf};
use rayon::prelude::*;
use redb::ReadTransaction;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// See the module.
#[derive(Debug)]
pub struct Unread {
    sources: Arc<Sources>,
    /// Empty once all of them have been read.
    sections: Mutex<Vec<Arc<Section>>>,
}

struct Sources {
    flat: Flat,
    sums: Sums,
    /// The store as it was when it was opened; none once everything has been read.
    rows: Mutex<Option<ReadTransaction>>,
    /// All blocks from the rows, read if the file fails.
    spare: OnceLock<Result<[Vec<Block>; 2]>>,
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sources({:?})", self.flat)
    }
}

impl Unread {
    /// Whether the file has all records of a snapshot.
    pub(super) fn holds_all(flat: &Flat, snapshot: &Snapshot) -> bool {
        let counts = snapshot.counts();
        let holds = |kind: u8, numbers: u32, per_block: usize| {
            flat.holds(kind, flat::blocks_of(numbers, per_block).div_ceil(BLOCKS_TOGETHER))
        };
        holds(ITEMS, counts.item_numbers, ITEMS_PER_BLOCK)
            && holds(RELATIONSHIPS, counts.relationship_numbers, RELATIONSHIPS_PER_BLOCK)
    }
    /// Gives `snapshot` blocks that are read from `flat` when they are asked for.
    pub(super) fn shelve(snapshot: &mut Snapshot, flat: Flat, sums: Sums, rows: ReadTransaction) -> Unread {
        let rows = Mutex::new(Some(rows));
        let sources = Arc::new(Sources { flat, sums, rows, spare: OnceLock::new() });
        let shelf: Arc<dyn Shelf> = sources.clone();
        Unread { sections: Mutex::new(flat::shelve(snapshot, &shelf)), sources }
    }
    /// Reads what nobody has asked for yet and lets go of the rows.
    ///
    /// # Errors
    /// As [`Unread::sound`].
    pub fn read_all(&self) -> Result<()> {
        let mut sections = self.sections.lock().unwrap_or_else(PoisonError::into_inner);
        sections.par_iter().for_each(|section| {
            section.read();
        });
        sections.clear();
        self.let_go();
        self.sound()
    }
    /// Lets go of the rows, which hold the store open; what is read from now on comes from the file or is lost.
    pub fn let_go(&self) {
        *self.sources.rows.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
    /// # Errors
    /// `corrupt` if records were asked for that neither the file nor the rows hold.
    pub fn sound(&self) -> Result<()> {
        match self.sources.spare.get() {
            Some(Err(damage)) => Err(damage.clone()),
            _ => Ok(()),
        }
    }
    /// Whether a section of the file was damaged, so that records had to be taken from the rows.
    pub fn took_rows(&self) -> bool {
        matches!(self.sources.spare.get(), Some(Ok(_)))
    }
}

impl Sources {
    fn spare(&self) -> Option<&[Vec<Block>; 2]> {
        let read = || {
            let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
            let rows = rows.as_ref().ok_or_else(|| load::incomplete("records are missing".into()))?;
            let (items, relationships) = guard(|| load::load_records(rows, &self.sums))?;
            Ok([items, relationships])
        };
        // Whoever waits for this may be all threads of the common pool, so it must get along without them.
        let apart = || {
            let pool = rayon::ThreadPoolBuilder::new().build();
            let pool = pool.map_err(|e| Error::new(Kind::Unavailable, "store.threads", e.to_string()))?;
            pool.install(read)
        };
        let read = || {
            let read = std::thread::scope(|scope| scope.spawn(apart).join());
            read.unwrap_or_else(|_| Err(load::incomplete("reading the rows stopped".into())))
        };
        self.spare.get_or_init(read).as_ref().ok()
    }
}

impl Shelf for Sources {
    fn fetch(&self, place: Place) -> Blocks {
        if let Some(blocks) = self.flat.section(place).and_then(Blocks::decode) {
            return blocks;
        }
        let first = place.part as usize * BLOCKS_TOGETHER;
        let from = |[items, relationships]: &[Vec<Block>; 2]| {
            let all = if place.kind == ITEMS { items } else { relationships };
            let blocks = all.get(first..all.len().min(first + BLOCKS_TOGETHER)).unwrap_or(&[]);
            Blocks::decode(Blocks::encode(blocks.iter()))
        };
        self.spare().and_then(from).unwrap_or_default()
    }
}
