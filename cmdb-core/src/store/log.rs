//! The commit log's contract. The embedded redb log is one implementation; one on a distributed engine is meant to
//! be the next, with nothing above the log changed.
//!
//! What an implementation promises, each line a test in [`super::conformance`]:
//! 1. **Linearizable append.** An entry is stored only at `expected + 1`; positions are dense, from 1.
//! 2. **All or nothing.** A batch is stored whole, in order, or not at all.
//! 3. **Prefix reads.** What was read at a position is read there for ever.
//! 4. **Durable.** When `append` returns, the entries survive a crash.
//! 5. **Unknown is not failure.** After an error of kind `unavailable` the entries may be stored; [`CommitLog::resolve`]
//!    tells.
//! 6. **Idempotent.** A commit id is stored once; appending it again yields its position.
//! 7. **Chained.** Every entry's chain hash covers the previous one, the log's id, its position, its header and a
//!    salted hash of its payload; so a payload can be erased and the chain still verifies.
//! 8. **Bounded.** An entry of more than [`ENTRY_BYTES_MAX`] encoded is refused before anything is stored; larger work
//!    is staged as blobs that one small entry names by their hash.

use crate::error::{Error, Result};
use crate::fact::Fact;
use crate::model::{CommitId, LogId, Position, SmolStr};
use serde::{Deserialize, Serialize};

/// An entry's payload, encoded, at most.
pub const ENTRY_BYTES_MAX: usize = 768 * 1024;
/// A staged blob at most.
pub const BLOB_BYTES_MAX: usize = 8 * 1024 * 1024;

/// `BLAKE3(previous ‖ log id ‖ position ‖ header ‖ BLAKE3(salt ‖ payload))`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChainHash(pub [u8; 32]);

/// Who did what when; kept for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub commit: CommitId,
    /// Milliseconds since 1970; never less than the entry before.
    pub time_ms: i64,
    pub actor: SmolStr,
    pub message: SmolStr,
    /// How many facts the payload holds.
    pub facts: u32,
}

/// An entry to be appended.
#[derive(Clone, Debug)]
pub struct NewEntry {
    pub header: Header,
    /// Encoded [`Payload`].
    pub payload: Vec<u8>,
    /// Secret until erased together with the payload.
    pub salt: [u8; 16],
}

/// An entry as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub position: Position,
    pub header: Header,
    pub payload_hash: [u8; 32],
    pub chain: ChainHash,
    pub salt: [u8; 16],
    pub payload: Vec<u8>,
    /// The payload was changed by a purge; its hash no longer matches, and must not.
    pub purged: bool,
}

/// What an entry made true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Payload {
    Inline(Vec<Fact>),
    /// Facts in blobs stored beforehand, by their BLAKE3 hash, in order.
    Staged {
        blobs: Vec<[u8; 32]>,
    },
}

/// How an append ended, short of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Stored; the position of the last entry of the batch.
    Committed { position: Position, chain: ChainHash },
    /// This commit id was stored before.
    Duplicate { position: Position },
    /// Somebody else appended first; definitely not stored. Decide again at `tail`.
    Conflict { tail: Position },
}

/// One ordered log. See the module for what implementers promise.
pub trait CommitLog: Send + Sync {
    fn identity(&self) -> LogId;
    /// Appends a batch after `expected`.
    ///
    /// # Errors
    /// `limit` for an entry that is too large; `unavailable` when it is not known whether the batch was stored.
    fn append(&self, expected: Position, batch: &[NewEntry]) -> Result<Appended>;
    /// The position at which `commit` was stored, if it was.
    fn resolve(&self, commit: CommitId) -> Result<Option<Position>>;
    /// The last position and its chain hash.
    fn tail(&self) -> Result<(Position, ChainHash)>;
    /// Entries after `after`, in order, until `bytes_max` of payload or the tail is reached; at least one if any.
    fn read(&self, after: Position, bytes_max: usize) -> Result<Vec<Entry>>;
    /// Stores a blob under its hash; storing it again changes nothing.
    fn stage(&self, blob: &[u8]) -> Result<[u8; 32]>;
    fn staged(&self, hash: [u8; 32]) -> Result<Vec<u8>>;
}

/// The hash that stands for a payload in the chain.
pub fn payload_hash(salt: &[u8; 16], payload: &[u8]) -> [u8; 32] {
    blake3::Hasher::new().update(salt).update(payload).finalize().into()
}

/// The next link of the chain.
pub fn chain(
    previous: ChainHash,
    log: LogId,
    position: Position,
    header: &[u8],
    payload_hash: &[u8; 32],
) -> ChainHash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&previous.0).update(&log.0).update(&position.0.to_le_bytes());
    hasher.update(&(header.len() as u64).to_le_bytes()).update(header).update(payload_hash);
    ChainHash(hasher.finalize().into())
}

/// Refuses an entry that no log has to take.
pub fn check_size(entry: &NewEntry) -> Result<()> {
    if entry.payload.len() > ENTRY_BYTES_MAX {
        let message =
            format!("an entry of {} bytes is over the limit of {ENTRY_BYTES_MAX}", entry.payload.len());
        return Err(Error::limit("log.entry-too-large", message));
    }
    Ok(())
}

const RAW: u8 = 0;
const ZSTD: u8 = 1;
/// Above this a payload is compressed.
const COMPRESS_ABOVE: usize = 1024;

/// Encodes and, where it pays, compresses.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    if bytes.len() > COMPRESS_ABOVE
        && let Ok(mut packed) = zstd::bulk::compress(bytes, 1)
        && packed.len() + 5 < bytes.len()
    {
        let mut out = vec![ZSTD];
        out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        out.append(&mut packed);
        return out;
    }
    let mut out = Vec::with_capacity(bytes.len() + 1);
    out.push(RAW);
    out.extend_from_slice(bytes);
    out
}

/// Undoes [`pack`]; unpacked bytes are bounded by what was noted when they were packed.
pub fn unpack(bytes: &[u8]) -> Result<Vec<u8>> {
    let damaged = || Error::corrupt("store.packed", "a stored payload does not unpack");
    match bytes.split_first() {
        Some((&RAW, rest)) => Ok(rest.to_vec()),
        Some((&ZSTD, rest)) => {
            let (len, packed) = rest.split_at_checked(4).ok_or_else(damaged)?;
            let len = u32::from_le_bytes([len[0], len[1], len[2], len[3]]) as usize;
            let out = zstd::bulk::decompress(packed, len.min(1 << 30)).map_err(|e| damaged().caused_by(e))?;
            if out.len() == len { Ok(out) } else { Err(damaged()) }
        }
        _ => Err(damaged()),
    }
}

impl Payload {
    pub fn encode(&self) -> Result<Vec<u8>> {
        let bytes = postcard::to_stdvec(self).map_err(|e| {
            Error::new(crate::Kind::Internal, "log.encode", "facts do not encode").caused_by(e)
        })?;
        Ok(pack(&bytes))
    }
    pub fn decode(bytes: &[u8]) -> Result<Payload> {
        postcard::from_bytes(&unpack(bytes)?).map_err(|e| {
            Error::corrupt("log.payload", "an entry's payload does not decode")
                .hint("it may have been written by a newer version of cmdb")
                .caused_by(e)
        })
    }
}

/// The facts of an entry, fetched from staged blobs where need be.
pub fn facts(log: &dyn CommitLog, entry: &Entry) -> Result<Vec<Fact>> {
    match Payload::decode(&entry.payload)? {
        Payload::Inline(facts) => Ok(facts),
        Payload::Staged { blobs } => {
            let mut all = Vec::new();
            for hash in blobs {
                match Payload::decode(&log.staged(hash)?)? {
                    Payload::Inline(facts) => all.extend(facts),
                    Payload::Staged { .. } => {
                        return Err(Error::corrupt("log.payload", "a staged blob stages others"));
                    }
                }
            }
            Ok(all)
        }
    }
}
