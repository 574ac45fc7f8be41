//! The embedded log as a [`CommitLog`]: the same rows that a commit writes, without the tables beside them.

use super::border::guard;
use super::embedded::*;
use super::log::{self, Appended, ChainHash, CommitLog, Entry, Header, NewEntry, check_size};
use super::seal;
use super::tables::*;
use crate::error::{Error, Result};
use crate::model::{CommitId, LogId, Position};
use redb::ReadableDatabase;

impl Store {
    /// The entry that was committed under the same key as `commit`, and under which commit id.
    pub fn committed_under(&self, commit: CommitId) -> Result<Option<(Position, CommitId)>> {
        let found = guard(|| {
            let txn = self.database.begin_read().step("read")?;
            let table = txn.open_table(COMMITS).step("read")?;
            let (first, last) = commit.of_same_key();
            let mut rows = table.range(first.0.as_slice()..=last.0.as_slice()).step("read")?;
            let row = rows.next().transpose().step("read")?;
            Ok(row.and_then(|(key, _)| Some(CommitId(key.value().try_into().ok()?))))
        })?;
        let Some(stored) = found else { return Ok(None) };
        Ok(self.resolve(stored)?.map(|position| (position, stored)))
    }
}

impl CommitLog for Store {
    fn identity(&self) -> LogId {
        self.logs.last().map_or(LogId([0; 16]), |(_, id)| *id)
    }
    fn append(&self, expected: Position, batch: &[NewEntry]) -> Result<Appended> {
        guard(|| {
            batch.iter().try_for_each(check_size)?;
            if let Some(position) =
                batch.first().map(|e| self.resolve(e.header.commit)).transpose()?.flatten()
            {
                return Ok(Appended::Duplicate { position });
            }
            let txn = self.begin()?;
            let tail = Position(tail_of(&txn.open_table(META).step("read")?)?.position);
            if tail != expected {
                txn.abort().step("end a transaction")?;
                return Ok(Appended::Conflict { tail });
            }
            let chain = append_in(&txn, self.identity(), expected, &batch.iter().collect::<Vec<_>>())?;
            txn.commit().step("commit")?;
            Ok(Appended::Committed { position: Position(expected.0 + batch.len() as u64), chain })
        })
    }
    fn resolve(&self, commit: CommitId) -> Result<Option<Position>> {
        guard(|| {
            let txn = self.database.begin_read().step("read")?;
            let table = txn.open_table(COMMITS).step("read")?;
            let Some(position) = table.get(commit.0.as_slice()).step("read")?.map(|row| row.value()) else {
                return Ok(None);
            };
            // The index is not sealed; the entry itself is.
            match get(&txn.open_table(ENTRIES).step("read")?, "entries", position)? {
                Some(row) if decode::<Header>(&decode::<EntryRow>(&row)?.header)?.commit == commit => {
                    Ok(Some(Position(position)))
                }
                _ => {
                    Err(Error::corrupt("log.commits", "the index of commit ids does not agree with the log"))
                }
            }
        })
    }
    fn tail(&self) -> Result<(Position, ChainHash)> {
        guard(|| {
            let txn = self.database.begin_read().step("read")?;
            let tail = tail_of(&txn.open_table(META).step("read")?)?;
            Ok((Position(tail.position), ChainHash(tail.chain)))
        })
    }
    fn read(&self, after: Position, bytes_max: usize) -> Result<Vec<Entry>> {
        guard(|| {
            let txn = self.database.begin_read().step("read")?;
            let entries = txn.open_table(ENTRIES).step("read")?;
            let payloads = txn.open_table(PAYLOADS).step("read")?;
            let mut out: Vec<Entry> = Vec::new();
            let mut bytes = 0;
            let tail = tail_of(&txn.open_table(META).step("read")?)?.position;
            let mut next = after.0 + 1;
            for row in entries.range(next..).step("read")? {
                let (key, row) = row.step("read")?;
                let position = key.value();
                if position != next {
                    return Err(no_entry(next));
                }
                next += 1;
                let content = seal::open("entries", &position.to_be_bytes(), row.value())?;
                let row: EntryRow = decode(content)?;
                let payload =
                    get(&payloads, "payloads", position)?.filter(|p| p.len() >= 17).ok_or_else(|| {
                        Error::corrupt("log.no-payload", format!("entry {position} has no payload"))
                    })?;
                bytes += payload.len();
                if bytes > bytes_max && !out.is_empty() {
                    return Ok(out);
                }
                let mut salt = [0; 16];
                salt.copy_from_slice(&payload[1..17]);
                out.push(Entry {
                    position: Position(position),
                    header: decode(&row.header)?,
                    payload_hash: row.payload_hash,
                    chain: ChainHash(row.chain),
                    salt,
                    payload: payload[17..].to_vec(),
                    purged: payload[0] != 0,
                });
            }
            if next <= tail { Err(no_entry(next)) } else { Ok(out) }
        })
    }
    fn stage(&self, blob: &[u8]) -> Result<[u8; 32]> {
        guard(|| {
            if blob.len() > log::BLOB_BYTES_MAX {
                return Err(Error::limit(
                    "log.blob-too-large",
                    format!("a staged blob holds at most {} bytes", log::BLOB_BYTES_MAX),
                ));
            }
            let hash: [u8; 32] = blake3::hash(blob).into();
            let txn = self.begin()?;
            {
                let mut table = txn.open_table(BLOBS).step("write")?;
                let sealed = seal::seal("blobs", &hash, blob);
                table.insert(hash.as_slice(), sealed.as_slice()).step("write")?;
            }
            txn.commit().step("commit")?;
            Ok(hash)
        })
    }
    fn staged(&self, hash: [u8; 32]) -> Result<Vec<u8>> {
        guard(|| {
            let txn = self.database.begin_read().step("read")?;
            let table = txn.open_table(BLOBS).step("read")?;
            let missing = || Error::corrupt("log.no-blob", "an entry names a staged blob that is not there");
            let row = table.get(hash.as_slice()).step("read")?.ok_or_else(missing)?;
            seal::open("blobs", &hash, row.value()).map(<[u8]>::to_vec)
        })
    }
}
