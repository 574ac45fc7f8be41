//! Comparing a store with itself and with the graph in memory: seals, hash chain, payloads, commit ids, counts,
//! records and adjacency, state hash; a full one also replays the log from its first entry.
//!
//! Whoever can write to the file can also recompute every hash in it. Against that only a head kept outside helps:
//! [`VerifyOptions::expected_head`].

mod chain;
mod graph;
mod replay;

use super::border::guard;
use super::embedded::{Store, tail_of};
use super::load;
use super::log::ChainHash;
use super::seal;
use super::tables::*;
use crate::error::{Error, Kind, Result};
use crate::graph::Snapshot;
use crate::model::Position;
use redb::{ReadTransaction, ReadableTable};
use std::fmt;

/// Findings listed; the count is always whole.
pub const FINDINGS_MAX: usize = 100;

/// What to verify.
#[derive(Clone, Copy, Debug, Default)]
pub struct VerifyOptions {
    /// Also replay the log and let redb check its pages.
    pub full: bool,
    /// A position and its chain hash as they were noted outside the store.
    pub expected_head: Option<(Position, ChainHash)>,
}

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: `entry 12`, `items/00…`, `pages`.
    pub place: String,
    pub message: String,
    /// What to do about it.
    pub remedy: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// What was looked at and what was found.
#[derive(Clone, Debug, Default)]
pub struct VerifyReport {
    pub position: Position,
    /// Note this outside the store; `expected_head` compares with it.
    pub chain: ChainHash,
    pub entries: u64,
    /// Entries with a purged payload, which no hash covers any more.
    pub purged: u64,
    /// Sealed rows looked at.
    pub rows: u64,
    /// The first [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    pub findings_count: u64,
    /// What was and was not done, in words.
    pub notes: Vec<String>,
}

const REMEDY: &str = "restore the newest backup that verifies into an empty folder with `cmdb restore`";

impl VerifyReport {
    pub fn is_clean(&self) -> bool {
        self.findings_count == 0
    }
    pub(crate) fn find(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.findings_count += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { place: place.into(), message: message.into(), remedy: REMEDY });
        }
    }
    /// Reports an error of one step and goes on without it.
    fn note<T>(&mut self, place: &str, step: Result<T>) -> Option<T> {
        step.map_err(|e| self.find(place, e.message())).ok()
    }
}

/// Verifies one state of the store; `snapshot` must be of the same position.
///
/// # Errors
/// `stale` if the store has moved on from `snapshot`; damage is never an error but a finding.
pub fn verify(store: &Store, snapshot: &Snapshot, options: &VerifyOptions) -> Result<VerifyReport> {
    let mut report = VerifyReport::default();
    let done = guard(|| {
        let txn = store.reading()?;
        let tail = tail_of(&txn.open_table(META).step("read")?)?;
        if tail.position != snapshot.position().0 {
            let message = format!("the store is at {}, the graph at {}", tail.position, snapshot.position());
            return Err(Error::new(Kind::Stale, "verify.moved", message));
        }
        if let Some(loaded) = inspect(store, &txn, options, &mut report) {
            graph::compare(&loaded, snapshot, &mut report);
            step(&mut report, "ended", |report| graph::ended(&txn, &loaded, report));
        }
        if options.full {
            replay::check(store, snapshot, &mut report);
        }
        Ok(())
    });
    match done {
        Err(e) if e.kind() == Kind::Stale => return Err(e),
        Err(e) => report.find("store", e.message()),
        Ok(()) => {}
    }
    Ok(report)
}

/// Lists what is wrong with a store that does not yield a graph; there is nothing to compare it with.
pub fn verify_alone(store: &Store, options: &VerifyOptions) -> VerifyReport {
    let mut report = VerifyReport::default();
    let Some(txn) = step(&mut report, "store", |_| store.reading()) else { return report };
    match inspect(store, &txn, options, &mut report) {
        Some(loaded) if options.full => replay::check(store, &loaded, &mut report),
        _ => report.notes.push("nothing was compared with a graph in memory, nor the log replayed".into()),
    }
    report
}

/// Looks at the store by itself; the snapshot that its rows yield, if they do.
fn inspect(
    store: &Store,
    txn: &ReadTransaction,
    options: &VerifyOptions,
    report: &mut VerifyReport,
) -> Option<Snapshot> {
    step(report, "meta tail", |report| {
        let tail = tail_of(&txn.open_table(META).step("read")?)?;
        (report.position, report.chain) = (Position(tail.position), ChainHash(tail.chain));
        Ok(())
    });
    report.notes.extend(store.unnoted().map(str::to_owned));
    rows(txn, report);
    step(report, "log", |report| chain::check(store, txn, options, report));
    step(report, "tables", |_| load::load_rows(txn).and_then(|loaded| loaded.into_snapshot()))
}

/// One step of verifying. Whatever becomes of it, the next one is taken: all damage is to be listed.
fn step<T>(
    report: &mut VerifyReport,
    place: &str,
    work: impl FnOnce(&mut VerifyReport) -> Result<T>,
) -> Option<T> {
    let done = guard(|| work(report));
    report.note(place, done)
}

/// Every sealed row of every table.
fn rows(txn: &ReadTransaction, report: &mut VerifyReport) {
    for (definition, name) in NUMBERED {
        step(report, name, |report| {
            for row in txn.open_table(definition).step("read")?.iter().step("read")? {
                let (key, row) = row.step("read")?;
                report.rows += 1;
                let place = format!("{name} {}", key.value());
                report.note(&place, seal::open(name, &key.value().to_be_bytes(), row.value()));
            }
            Ok(())
        });
    }
    for (definition, name) in NAMED {
        step(report, name, |report| {
            for row in txn.open_table(definition).step("read")?.iter().step("read")? {
                let (key, row) = row.step("read")?;
                report.rows += 1;
                let place = format!("{name} {}", key.value());
                report.note(&place, seal::open(name, key.value().as_bytes(), row.value()));
            }
            Ok(())
        });
    }
    step(report, "blobs", |report| blobs(txn, report));
}

fn blobs(txn: &ReadTransaction, report: &mut VerifyReport) -> Result<()> {
    for row in txn.open_table(BLOBS).step("read")?.iter().step("read")? {
        let (key, row) = row.step("read")?;
        report.rows += 1;
        let content = report.note("blobs", seal::open("blobs", key.value(), row.value()));
        if content.is_some_and(|content| blake3::hash(content).as_bytes() != key.value()) {
            report.find("blobs", "a staged blob is not what its hash says");
        }
    }
    Ok(())
}
