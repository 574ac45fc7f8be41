//! Reading the newest state from the tables. Seals tell that a row is what was written at its place; the sums and
//! counts in the head tell that no row is missing and none is an old version of itself.

use super::border::guard;
use super::embedded::{Head, Sums, tail_of};
use super::flat::Flat;
use super::log;
use super::seal;
use super::tables::*;
use super::unread::Unread;
use crate::error::{Error, Result};
use crate::fact::setting::Settings;
use crate::graph::Snapshot;
use crate::graph::block::Block;
use crate::graph::cow::CowTable;
use crate::graph::draft::decode_schema;
use crate::graph::flat;
use crate::graph::snapshot::Counts;
use crate::model::{Position, SmolStr};
use crate::schema::{Names, Schema};
use rayon::prelude::*;
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata};
use std::ops::Range;
use std::sync::Arc;

/// What a store holds, on the way to a snapshot.
#[derive(Debug)]
pub struct Loaded {
    /// The newest state as the head and the small tables tell it; what else there is depends on `graph`.
    snapshot: Snapshot,
    graph: Graph,
}

#[derive(Debug)]
enum Graph {
    /// Laid already; its records are read when they are asked for.
    Laid(Unread),
    /// To be built from the records, for the reason stated.
    Unlaid(String),
}

/// A snapshot fresh from the store.
#[derive(Debug)]
pub struct Fresh {
    pub snapshot: Snapshot,
    /// How its graph came about.
    pub opened: Opened,
    /// What is read when it is asked for.
    pub unread: Option<Unread>,
}

impl From<Snapshot> for Fresh {
    /// Built in this process.
    fn from(snapshot: Snapshot) -> Fresh {
        Fresh { snapshot, opened: Opened::Rows(String::new()), unread: None }
    }
}

/// How the graph came about at open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// Taken from the flat snapshot file.
    Flat,
    /// Built from the rows, for the reason stated; empty where nobody asked for anything else.
    Rows(String),
}

/// Rows up to which each is also looked up by its key, so that no damaged branch of the tree hides one.
const LOOKED_UP_MAX: u64 = 50_000;

/// Reads everything; every row's checksum is looked at.
pub(super) fn load_rows(txn: &ReadTransaction) -> Result<Loaded> {
    let head = read_head(txn)?;
    let snapshot = read_small(txn, &head)?;
    unlaid(txn, &head, snapshot, String::new())
}

/// The same, with the graph and the records of the flat snapshot file where `flat` finds one that fits.
pub(super) fn load(
    txn: ReadTransaction,
    flat: impl FnOnce(&Head) -> std::result::Result<Flat, String> + Send,
) -> Result<Loaded> {
    let head = read_head(&txn)?;
    let graph = || flat(&head).and_then(|flat| flat.graph().map(|graph| (flat, graph)));
    let (small, graph) = rayon::join(|| guard(|| read_small(&txn, &head)), graph);
    let small = small?;
    let (flat, graph) = match graph {
        Ok(read) => read,
        Err(why) => return unlaid(&txn, &head, small, why),
    };
    let mut snapshot = small.clone();
    if flat::assemble(&mut snapshot, graph).is_none() {
        let why = "the flat snapshot file does not hold a whole graph";
        return unlaid(&txn, &head, small, why.to_owned());
    }
    match Unread::holds_all(&flat, &snapshot) {
        // Should the file fail later, the rows are wanted as they are now.
        true => {
            Ok(Loaded { graph: Graph::Laid(Unread::shelve(&mut snapshot, flat, head.sums, txn)), snapshot })
        }
        false => unlaid(&txn, &head, small, "the flat snapshot file does not hold all records".to_owned()),
    }
}

fn unlaid(txn: &ReadTransaction, head: &Head, mut snapshot: Snapshot, why: String) -> Result<Loaded> {
    let (items, relationships) = load_records(txn, &head.sums)?;
    snapshot.items = CowTable::from_rows(items);
    snapshot.relationships = CowTable::from_rows(relationships);
    Ok(Loaded { snapshot, graph: Graph::Unlaid(why) })
}

fn read_head(txn: &ReadTransaction) -> Result<Head> {
    let head = head_row(&txn.open_table(META).step("read")?)?;
    head.ok_or_else(|| Error::corrupt("store.no-head", "the store has no head row"))
}

/// Everything but the records: checked against the head, and against the end of the log.
fn read_small(txn: &ReadTransaction, head: &Head) -> Result<Snapshot> {
    check_log(txn, head)?;
    check_ended(txn, head)?;
    let names = load_names(&txn.open_table(NAMES).step("read")?)?;
    if names.len() != head.names as usize {
        return Err(incomplete(format!("{} of {} names are there", names.len(), head.names)));
    }
    let schema = match get_text(&txn.open_table(META).step("read")?, "meta", "schema")? {
        Some(bytes) => decode_schema(&log::unpack(&bytes)?, &names)?,
        None => Schema::default(),
    };
    let mut snapshot = Snapshot::empty();
    snapshot.position = Position(head.position);
    snapshot.time_ms = head.time_ms;
    snapshot.id_key = head.id_key;
    snapshot.counts = Counts {
        item_numbers: head.item_numbers,
        relationship_numbers: head.relationship_numbers,
        items: head.items,
        relationships: head.relationships,
    };
    snapshot.state_hash = head.state_hash;
    snapshot.names = Arc::new(names);
    snapshot.schema = Arc::new(schema);
    snapshot.settings = Arc::new(load_settings(&txn.open_table(SETTINGS).step("read")?, head)?);
    Ok(snapshot)
}

/// All blocks of items and of relationships, none of them missing or old.
pub(super) fn load_records(txn: &ReadTransaction, sums: &Sums) -> Result<(Vec<Block>, Vec<Block>)> {
    read_records(txn, sums, Block::from_bytes)
}

/// Looks at all of them and keeps none.
pub(super) fn check_records(txn: &ReadTransaction) -> Result<()> {
    read_records(txn, &read_head(txn)?.sums, |bytes| Block::from_bytes(bytes).map(drop)).map(drop)
}

fn read_records<T: Send>(
    txn: &ReadTransaction,
    sums: &Sums,
    take: impl Fn(&[u8]) -> Result<T> + Sync,
) -> Result<(Vec<T>, Vec<T>)> {
    let (items, relationships) =
        (txn.open_table(ITEMS).step("read")?, txn.open_table(RELATIONSHIPS).step("read")?);
    let (items, relationships) = rayon::join(
        || load_blocks(&items, "items", sums.items, &take),
        || load_blocks(&relationships, "relationships", sums.relationships, &take),
    );
    Ok((items?, relationships?))
}

pub(super) fn incomplete(message: String) -> Error {
    Error::corrupt("store.incomplete", format!("the store is damaged: {message}"))
        .hint("run `cmdb verify --full`; restore the newest backup if it confirms the damage")
}

pub(super) fn head_row(meta: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<Option<Head>> {
    get_text(meta, "meta", "head")?.map(|row| decode(&row)).transpose()
}

/// Tables, log and the index of commit ids end at the same entry.
fn check_log(txn: &ReadTransaction, head: &Head) -> Result<()> {
    let tail = tail_of(&txn.open_table(META).step("read")?)?;
    if tail.position != head.position || tail.chain != head.chain {
        return Err(incomplete(format!(
            "the log ends at {}, the tables at {}",
            tail.position, head.position
        )));
    }
    for (definition, name) in [(ENTRIES, "entries"), (PAYLOADS, "payloads"), (UNDO, "undo")] {
        let table = txn.open_table(definition).step("read")?;
        let last = table.last().step("read")?.map(|(key, _)| key.value());
        if last != Some(head.position) {
            return Err(incomplete(format!("table {name} does not end at {}", head.position)));
        }
    }
    let commits = txn.open_table(COMMITS).step("read")?;
    let look_up = commits.len().step("read")? <= LOOKED_UP_MAX;
    let (mut sum, mut count) = (0u128, 0u64);
    for row in commits.iter().step("read")? {
        let (key, row) = row.step("read")?;
        sum = sum.wrapping_add(commit_sum(key.value(), row.value()));
        count += 1;
        if look_up && commits.get(key.value()).step("read")?.is_none() {
            return Err(incomplete("a commit id cannot be found".into()));
        }
    }
    if (sum, count) != (tail.commits_sum, head.position) {
        return Err(incomplete(format!(
            "the ids of {count} commits are not those of {} entries",
            head.position
        )));
    }
    Ok(())
}

/// Nothing but history reads these rows; they are looked at here so that history is never silently short.
fn check_ended(txn: &ReadTransaction, head: &Head) -> Result<()> {
    let ended = txn.open_table(ENDED).step("read")?;
    let look_up = ended.len().step("read")? <= LOOKED_UP_MAX;
    let mut sum = 0u128;
    for row in ended.iter().step("read")? {
        let (key, row) = row.step("read")?;
        seal::open("ended", &key.value().to_be_bytes(), row.value())?;
        sum = sum.wrapping_add(key_sum(key.value()));
        if look_up && ended.get(key.value()).step("read")?.is_none() {
            return Err(incomplete("an ended relationship cannot be found".into()));
        }
    }
    if sum == head.sums.ended {
        Ok(())
    } else {
        Err(incomplete("ended relationships are missing or old".into()))
    }
}

fn load_settings(table: &impl ReadableTable<&'static str, &'static [u8]>, head: &Head) -> Result<Settings> {
    let mut settings = Settings::default();
    let mut sum = 0u128;
    for row in table.iter().step("read")? {
        let (key, row) = row.step("read")?;
        let content = seal::open("settings", key.value().as_bytes(), row.value())?;
        settings.put(decode(content)?);
        sum = sum.wrapping_add(row_sum(key.value().as_bytes(), row.value()));
    }
    if sum != head.sums.settings {
        return Err(incomplete("baselines, users, tokens or import runs are missing or old".into()));
    }
    Ok(settings)
}

fn load_names(table: &impl ReadableTable<u64, &'static [u8]>) -> Result<Names> {
    let mut names = Names::default();
    for row in table.iter().step("read")? {
        let (key, row) = row.step("read")?;
        let content = seal::open("names", &key.value().to_be_bytes(), row.value())?;
        if key.value() != names.len() as u64 {
            return Err(incomplete("the stored names have a gap".into()));
        }
        let texts: Vec<SmolStr> = decode(content)?;
        for text in texts {
            names.push(text);
        }
    }
    Ok(names)
}

/// Blocks read in one go; several such parts are read side by side.
const BLOCKS_TOGETHER: u64 = 2048;

fn load_blocks<T: Send>(
    table: &ReadOnlyTable<u64, &'static [u8]>,
    name: &str,
    expected_sum: u128,
    take: &(impl Fn(&[u8]) -> Result<T> + Sync),
) -> Result<Vec<T>> {
    let count = table.len().step("read")?;
    if table.last().step("read")?.map_or(Some(0), |(key, _)| key.value().checked_add(1)) != Some(count) {
        return Err(incomplete(format!("blocks of {name} are missing")));
    }
    let firsts: Vec<u64> = (0..count).step_by(BLOCKS_TOGETHER as usize).collect();
    let parts: Vec<(Vec<T>, u128)> = firsts
        .par_iter()
        .map(|first| guard(|| read_blocks(table, name, *first..count.min(first + BLOCKS_TOGETHER), take)))
        .collect::<Result<_>>()?;
    let mut blocks = Vec::with_capacity(parts.iter().map(|(part, _)| part.len()).sum());
    let mut sum = 0u128;
    for (part, part_sum) in parts {
        blocks.extend(part);
        sum = sum.wrapping_add(part_sum);
    }
    if sum != expected_sum {
        return Err(incomplete(format!("blocks of {name} are missing or old")));
    }
    Ok(blocks)
}

/// What `take` makes of the blocks in a range, and the sum over their rows.
fn read_blocks<T>(
    table: &ReadOnlyTable<u64, &'static [u8]>,
    name: &str,
    range: Range<u64>,
    take: &impl Fn(&[u8]) -> Result<T>,
) -> Result<(Vec<T>, u128)> {
    let missing = |number: u64| incomplete(format!("{name} block {number} is missing"));
    let mut blocks = Vec::with_capacity((range.end - range.start).min(BLOCKS_TOGETHER) as usize);
    let mut sum = 0u128;
    let mut next = range.start;
    for row in table.range(range.clone()).step("read")? {
        let (key, row) = row.step("read")?;
        let key = key.value();
        let content = seal::open(name, &key.to_be_bytes(), row.value())?;
        if key != next {
            return Err(missing(next));
        }
        next += 1;
        sum = sum.wrapping_add(row_sum(&key.to_be_bytes(), row.value()));
        blocks.push(take(content)?);
    }
    if next < range.end { Err(missing(next)) } else { Ok((blocks, sum)) }
}

impl Loaded {
    /// Whether the flat snapshot file was used.
    pub(super) fn is_laid(&self) -> bool {
        matches!(self.graph, Graph::Laid(_))
    }
    /// The newest snapshot, its graph built from the records.
    ///
    /// # Errors
    /// `corrupt` if the records do not add up to what the head says.
    pub fn into_snapshot(self) -> Result<Snapshot> {
        Ok(self.into_fresh()?.snapshot)
    }
    /// The same, with how it came about and what is still to be read.
    pub fn into_fresh(self) -> Result<Fresh> {
        let expected = (self.snapshot.counts, self.snapshot.state_hash);
        let why = match self.graph {
            Graph::Laid(unread) => {
                return Ok(Fresh { snapshot: self.snapshot, opened: Opened::Flat, unread: Some(unread) });
            }
            Graph::Unlaid(why) => why,
        };
        // Records that contradict each other would be a panic in the graph; they are damage, too.
        let snapshot = guard(|| crate::graph::build::rebuild(self.snapshot))?;
        if (snapshot.counts(), snapshot.state_hash()) != expected {
            return Err(Error::corrupt(
                "store.state",
                "the stored records do not add up to the stored state hash",
            )
            .hint("restore the newest backup into an empty folder with `cmdb restore`"));
        }
        Ok(Fresh { snapshot, opened: Opened::Rows(why), unread: None })
    }
}
