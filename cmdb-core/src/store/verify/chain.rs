//! The log: dense positions, chain, payload hashes, commit ids, times, changes of the log's id, purges.

use super::{VerifyOptions, VerifyReport};
use crate::error::Result;
use crate::fact::Fact;
use crate::model::{CommitId, ItemNumber, LogId, Position};
use crate::store::embedded::{EntryRow, Store, tail_of};
use crate::store::load::head_row;
use crate::store::log::{self, ChainHash, Entry, Header};
use crate::store::tables::*;
use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata};
use rustc_hash::{FxHashMap, FxHashSet};

/// What is carried from entry to entry.
#[derive(Default)]
struct Walk {
    chain: ChainHash,
    time_ms: i64,
    commits: FxHashSet<CommitId>,
    log: Option<LogId>,
    /// Entries whose payload was rewritten, with the items they touch; each must be covered by a later purge.
    purged: Vec<(u64, Vec<ItemNumber>)>,
    /// The last purge of each item.
    purges: FxHashMap<ItemNumber, u64>,
}

pub(super) fn check(
    store: &Store,
    txn: &ReadTransaction,
    options: &VerifyOptions,
    report: &mut VerifyReport,
) -> Result<()> {
    let meta = txn.open_table(META).step("read")?;
    let tail = tail_of(&meta)?;
    let entries = txn.open_table(ENTRIES).step("read")?;
    let mut walk = Walk::default();
    let mut next = 1u64;
    for row in entries.iter().step("read")? {
        let (key, row) = row.step("read")?;
        let position = key.value();
        if position != next {
            report.find(format!("entry {next}"), format!("the log goes on with {position} instead"));
        }
        next = position + 1;
        let place = format!("entry {position}");
        let row = crate::store::seal::open("entries", &position.to_be_bytes(), row.value());
        let Some(row) = report.note(&place, row.and_then(decode::<EntryRow>)) else { continue };
        walk.entry(store, txn, Position(position), &row, report)?;
        report.entries += 1;
        if let Some((at, expected)) = options.expected_head
            && at.0 == position
            && expected != walk.chain
        {
            report.find(&place, "its chain hash is not the one noted outside: the log was rewritten");
        }
    }
    if let Some((at, _)) = options.expected_head
        && at.0 >= next
    {
        report.find(format!("entry {at}"), format!("it was noted outside, but the log ends at {}", next - 1));
    }
    if (tail.position, tail.chain) != (next - 1, walk.chain.0) {
        report.find("meta tail", format!("it names entry {}, the log ends at {}", tail.position, next - 1));
    }
    match head_row(&meta)? {
        Some(head) if (head.position, head.chain) == (tail.position, tail.chain) => {}
        _ => report.find("meta head", "the tables are not at the end of the log"),
    }
    let commits = txn.open_table(COMMITS).step("read")?.len().step("read")?;
    if commits != report.entries {
        report.find("commits", format!("{commits} commit ids for {} entries", report.entries));
    }
    for (at, items) in &walk.purged {
        if !items.iter().any(|item| walk.purges.get(item).is_some_and(|purge| purge > at)) {
            report.find(format!("entry {at}"), "its payload was rewritten, but no purge says so");
        }
    }
    if report.purged > 0 {
        report.notes.push(format!("{} entries were purged; no hash covers their payloads", report.purged));
    }
    Ok(())
}

impl Walk {
    fn entry(
        &mut self,
        store: &Store,
        txn: &ReadTransaction,
        position: Position,
        row: &EntryRow,
        report: &mut VerifyReport,
    ) -> Result<()> {
        let place = format!("entry {position}");
        let log = store.log_of(position);
        let before = self.chain;
        self.chain = log::chain(before, log, position, &row.header, &row.payload_hash);
        if self.chain.0 != row.chain {
            report.find(&place, "its chain hash does not follow from the entry before");
            // Each break is reported once, not with everything after it.
            self.chain = ChainHash(row.chain);
        }
        let Some(header) = report.note(&place, decode::<Header>(&row.header)) else { return Ok(()) };
        if header.time_ms < self.time_ms {
            report.find(&place, "it is older than the entry before");
        }
        self.time_ms = header.time_ms;
        let known = txn.open_table(COMMITS).step("read")?;
        let known = known.get(header.commit.0.as_slice()).step("read")?.map(|row| row.value());
        if !self.commits.insert(header.commit) || known != Some(position.0) {
            report.find(&place, "its commit id is not the one filed for it, or was used before");
        }
        let Some(entry) = self.payload(txn, position, row, header, report)? else { return Ok(()) };
        let Some(facts) = report.note(&place, log::facts(store, &entry)) else { return Ok(()) };
        if facts.len() != entry.header.facts as usize {
            report.find(&place, format!("it holds {} facts instead of {}", facts.len(), entry.header.facts));
        }
        self.facts(&entry, &facts, before, log, report);
        Ok(())
    }
    fn payload(
        &mut self,
        txn: &ReadTransaction,
        position: Position,
        row: &EntryRow,
        header: Header,
        report: &mut VerifyReport,
    ) -> Result<Option<Entry>> {
        let place = format!("entry {position}");
        let stored = get(&txn.open_table(PAYLOADS).step("read")?, "payloads", position.0);
        let Some(stored) = report.note(&place, stored) else { return Ok(None) };
        let Some(stored) = stored.filter(|p| p.len() >= 17) else {
            report.find(&place, "its payload is missing");
            return Ok(None);
        };
        let mut salt = [0; 16];
        salt.copy_from_slice(&stored[1..17]);
        let entry = Entry {
            position,
            header,
            payload_hash: row.payload_hash,
            chain: ChainHash(row.chain),
            salt,
            payload: stored[17..].to_vec(),
            purged: stored[0] != 0,
        };
        if !entry.purged && log::payload_hash(&entry.salt, &entry.payload) != entry.payload_hash {
            report.find(&place, "its payload is not the one that was written");
        }
        Ok(Some(entry))
    }
    fn facts(
        &mut self,
        entry: &Entry,
        facts: &[Fact],
        before: ChainHash,
        log: LogId,
        report: &mut VerifyReport,
    ) {
        let position = entry.position.0;
        if entry.purged {
            report.purged += 1;
            self.purged.push((position, facts.iter().filter_map(item_of).collect()));
        }
        for fact in facts {
            if let Fact::Purged { item, .. } = fact {
                self.purges.insert(*item, position);
            }
        }
        if let Some(old) = self.log.replace(log).filter(|old| *old != log) {
            let goes_on = facts
                .iter()
                .any(|fact| *fact == Fact::Continued { log: old, position: position - 1, chain: before.0 });
            if !goes_on {
                report.find(
                    format!("entry {position}"),
                    "the log's id changes here, but the entry does not say so",
                );
            }
        }
    }
}

fn item_of(fact: &Fact) -> Option<ItemNumber> {
    match fact {
        Fact::ItemCreated(new) => Some(new.item),
        Fact::ItemEdited { item, .. } => Some(*item),
        _ => None,
    }
}
