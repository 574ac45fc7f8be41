//! Looking after a store: verify, back up, restore, compact.

use super::alone::CARE_PATIENCE;
use super::{Cmdb, writer};
use crate::command::schema::Continue;
use crate::command::{Command, Context};
use crate::error::{Error, Kind, Result};
use crate::graph::{Draft, Snapshot};
use crate::model::LogId;
use crate::store::backup::{self, BackupReport};
use crate::store::verify::{self, VerifyOptions, VerifyReport};
use crate::store::{CommitLog, Location, Store};
use std::io::{Read, Write};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often verifying tries to catch a moment at which store and graph stand at the same position.
const ATTEMPTS: usize = 1000;

/// Items and relationships from which on the flat snapshot file is written without being asked for; fewer are read
/// from their rows in some 20 ms.
const FLAT_RECORDS_MIN: u64 = 50_000;

/// Whether the graph takes long enough to build.
pub(super) fn is_worth_keeping(snapshot: &Snapshot) -> bool {
    let counts = snapshot.counts();
    u64::from(counts.items) + u64::from(counts.relationships) >= FLAT_RECORDS_MIN
}

impl Cmdb {
    /// Compares the store with itself and with the graph in memory. Writes go on; a full one holds them up while
    /// redb checks its pages.
    pub fn verify(&self, options: &VerifyOptions) -> Result<VerifyReport> {
        let read = self.settle();
        let pages = options.full.then(|| self.exclusively(CARE_PATIENCE, |store| store.check_pages()));
        for _ in 0..ATTEMPTS {
            let verified = verify::verify(&*self.store()?, &self.snapshot(), options);
            match verified {
                Err(e) if e.kind() == Kind::Stale => {
                    // Brings to light what a large import keeps out of sight.
                    self.exclusively(CARE_PATIENCE, |_| Ok(()))?;
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(e) => return Err(e),
                Ok(mut report) => {
                    match &read {
                        Ok(true) => {
                            report.notes.push("the flat snapshot file was damaged and is written anew".into())
                        }
                        Ok(false) => {}
                        Err(e) => report.find("cmdb.flat", e.message()),
                    }
                    match pages {
                        Some(Ok(true)) => report.notes.push("redb's pages: every checksum agrees".into()),
                        Some(Ok(false)) => report.find("pages", "redb had to repair its file"),
                        Some(Err(e)) => report.find("pages", e.message()),
                        None => {}
                    }
                    return Ok(report);
                }
            }
        }
        Err(Error::new(Kind::Unavailable, "verify.busy", "too much is being written").hint("try again later"))
    }
    /// Lists what is wrong with a store that does not open.
    ///
    /// # Errors
    /// Not even its file can be opened.
    pub fn verify_closed(location: &Location, options: &VerifyOptions) -> Result<VerifyReport> {
        let mut store = Store::open(location)?;
        let mut report = verify::verify_alone(&store, options);
        match options.full.then(|| store.check_pages()) {
            Some(Ok(true)) | None => {}
            Some(Ok(false)) => report.find("pages", "redb had to repair its file"),
            Some(Err(e)) => report.find("pages", e.message()),
        }
        Ok(report)
    }
    /// Looks at every record's row: what a start from the flat snapshot file spares itself.
    ///
    /// # Errors
    /// `corrupt`, naming the first row that is damaged, missing or old.
    pub fn scrub(&self) -> Result<()> {
        self.store()?.scrub()
    }
    /// Writes one consistent state of everything to `out`; reads and writes go on meanwhile.
    pub fn backup(&self, out: &mut dyn Write) -> Result<BackupReport> {
        let store = self.store()?;
        backup::backup(&store, out)
    }
    /// Makes a store from a backup in an empty place. The log goes on under `log`, beginning with an entry that
    /// names the old one and its head. Nothing is there until this returns.
    pub fn restore(location: Location, input: &mut dyn Read, log: LogId, context: &Context) -> Result<Cmdb> {
        let _alone = location.lock_creation()?;
        let restored = backup::restore(input, &location, log).and_then(|store| {
            let snapshot = store.load()?.into_snapshot()?;
            let report = verify::verify(&store, &snapshot, &VerifyOptions::default())?;
            if let Some(finding) = report.findings.first() {
                return Err(Error::corrupt(
                    "backup.inconsistent",
                    format!("the backup does not verify: {finding}"),
                )
                .hint("use another backup"));
            }
            let (position, chain) = store.tail()?;
            let note = Continue { log: store.log_of(position), position: position.0, chain: chain.0 };
            let mut draft = Draft::on(&snapshot);
            let (entry, _) = writer::decide_entry(&mut draft, context, Command::Continue(note), &store)?;
            let entry = entry
                .ok_or_else(|| Error::new(Kind::Internal, "engine.restore", "no entry to go on from"))?;
            let mut finished = draft.finish()?;
            store.commit(&[entry], &finished.snapshot, &finished.dirty)?;
            store.finish(&location)?;
            finished.publish();
            Ok((store, finished.snapshot))
        });
        match restored {
            Ok((store, snapshot)) => Ok(Cmdb::start(location, store, snapshot.into())),
            Err(e) => {
                location.discard();
                Err(e)
            }
        }
    }
    /// Gives unused space back to the file system; writes wait meanwhile. Whether anything could be given back.
    pub fn compact(&self) -> Result<bool> {
        let compacted = self.exclusively(CARE_PATIENCE, |store| store.compact())?;
        if is_worth_keeping(&self.snapshot()) {
            self.write_flat()?;
        }
        Ok(compacted)
    }
    /// Writes the flat snapshot file, from which the next start takes the graph; whether there was anything to
    /// write. A large store writes it by itself when it is closed.
    pub fn write_flat(&self) -> Result<bool> {
        if self.shared.erased.load(Ordering::Relaxed) {
            return Ok(false);
        }
        self.shared.store()?.write_flat(&self.snapshot())
    }
}
