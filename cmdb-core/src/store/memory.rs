//! A log in memory: the plain model that the conformance suite is checked against, and a stand-in for tests.

use super::log::*;
use crate::error::{Error, Result};
use crate::model::{CommitId, LogId, Position};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// See the module.
#[derive(Debug)]
pub struct MemoryLog {
    id: LogId,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<Entry>,
    blobs: HashMap<[u8; 32], Vec<u8>>,
}

impl MemoryLog {
    pub fn new(id: LogId) -> MemoryLog {
        MemoryLog { id, state: Mutex::default() }
    }
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CommitLog for MemoryLog {
    fn identity(&self) -> LogId {
        self.id
    }
    fn append(&self, expected: Position, batch: &[NewEntry]) -> Result<Appended> {
        batch.iter().try_for_each(check_size)?;
        if let Some(position) = batch.first().map(|e| self.resolve(e.header.commit)).transpose()?.flatten() {
            return Ok(Appended::Duplicate { position });
        }
        let mut state = self.state();
        let tail = Position(state.entries.len() as u64);
        if tail != expected {
            return Ok(Appended::Conflict { tail });
        }
        let mut last = state.entries.last().map_or(ChainHash::default(), |e| e.chain);
        for entry in batch {
            let position = Position(state.entries.len() as u64 + 1);
            let header = postcard::to_stdvec(&entry.header).map_err(|e| {
                Error::new(crate::Kind::Internal, "log.encode", "a header does not encode").caused_by(e)
            })?;
            let hash = payload_hash(&entry.salt, &entry.payload);
            last = chain(last, self.id, position, &header, &hash);
            state.entries.push(Entry {
                position,
                header: entry.header.clone(),
                payload_hash: hash,
                chain: last,
                salt: entry.salt,
                payload: entry.payload.clone(),
                purged: false,
            });
        }
        Ok(Appended::Committed { position: Position(state.entries.len() as u64), chain: last })
    }
    fn resolve(&self, commit: CommitId) -> Result<Option<Position>> {
        Ok(self.state().entries.iter().find(|e| e.header.commit == commit).map(|e| e.position))
    }
    fn tail(&self) -> Result<(Position, ChainHash)> {
        let state = self.state();
        Ok(state.entries.last().map_or((Position(0), ChainHash::default()), |e| (e.position, e.chain)))
    }
    fn read(&self, after: Position, bytes_max: usize) -> Result<Vec<Entry>> {
        let mut bytes = 0;
        let mut out: Vec<Entry> = Vec::new();
        for entry in self.state().entries.iter().skip(after.0 as usize) {
            bytes += entry.payload.len();
            if bytes > bytes_max && !out.is_empty() {
                break;
            }
            out.push(entry.clone());
        }
        Ok(out)
    }
    fn stage(&self, blob: &[u8]) -> Result<[u8; 32]> {
        let hash: [u8; 32] = blake3::hash(blob).into();
        self.state().blobs.insert(hash, blob.to_vec());
        Ok(hash)
    }
    fn staged(&self, hash: [u8; 32]) -> Result<Vec<u8>> {
        let missing = || Error::corrupt("log.no-blob", "an entry names a staged blob that is not there");
        self.state().blobs.get(&hash).cloned().ok_or_else(missing)
    }
}
