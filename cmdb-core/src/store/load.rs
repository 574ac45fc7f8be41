//! Reading the newest state from the tables. Seals tell that a row is what was written at its place; the sums and
//! counts in the head tell that no row is missing and none is an old version of itself.

use super::border::guard;
use super::embedded::{Head, tail_of};
use super::log;
use super::seal;
use super::tables::*;
use crate::error::{Error, Result};
use crate::fact::setting::Settings;
use crate::graph::Snapshot;
use crate::graph::block::Block;
use crate::graph::draft::decode_schema;
use crate::graph::flat::{self, Section};
use crate::graph::snapshot::Counts;
use crate::model::{IdKey, Position, SmolStr};
use crate::schema::{Names, Schema};
use rayon::prelude::*;
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata};
use std::sync::Arc;

/// Everything that is needed to rebuild the newest snapshot.
#[derive(Debug)]
pub struct Loaded {
    pub position: Position,
    pub time_ms: i64,
    pub id_key: IdKey,
    pub counts: Counts,
    pub state_hash: u128,
    pub names: Names,
    pub schema: Schema,
    pub settings: Settings,
    pub items: Vec<Block>,
    pub relationships: Vec<Block>,
    /// What the flat snapshot file spares, or why it is not used.
    flat: std::result::Result<Vec<Section>, String>,
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
    load(txn, |_| Err(String::new()))
}

/// The same, with what `flat` has of the graph beside it.
pub(super) fn load(
    txn: &ReadTransaction,
    flat: impl FnOnce(&Head) -> std::result::Result<Vec<Section>, String> + Send,
) -> Result<Loaded> {
    let meta = txn.open_table(META).step("read")?;
    let head =
        head_row(&meta)?.ok_or_else(|| Error::corrupt("store.no-head", "the store has no head row"))?;
    check_log(txn, &head)?;
    check_ended(txn, &head)?;
    let names = load_names(&txn.open_table(NAMES).step("read")?)?;
    if names.len() != head.names as usize {
        return Err(incomplete(format!("{} of {} names are there", names.len(), head.names)));
    }
    let schema = match get_text(&meta, "meta", "schema")? {
        Some(bytes) => decode_schema(&log::unpack(&bytes)?, &names)?,
        None => Schema::default(),
    };
    let (items, relationships) =
        (txn.open_table(ITEMS).step("read")?, txn.open_table(RELATIONSHIPS).step("read")?);
    let blocks = || {
        rayon::join(
            || load_blocks(&items, "items", head.sums.items),
            || load_blocks(&relationships, "relationships", head.sums.relationships),
        )
    };
    let ((items, relationships), flat) = rayon::join(blocks, || flat(&head));
    Ok(Loaded {
        position: Position(head.position),
        time_ms: head.time_ms,
        id_key: head.id_key,
        counts: Counts {
            item_numbers: head.item_numbers,
            relationship_numbers: head.relationship_numbers,
            items: head.items,
            relationships: head.relationships,
        },
        state_hash: head.state_hash,
        names,
        schema,
        settings: load_settings(&txn.open_table(SETTINGS).step("read")?, &head)?,
        items: items?,
        relationships: relationships?,
        flat,
    })
}

fn incomplete(message: String) -> Error {
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

fn load_blocks(
    table: &ReadOnlyTable<u64, &'static [u8]>,
    name: &str,
    expected_sum: u128,
) -> Result<Vec<Block>> {
    let count = table.len().step("read")?;
    if table.last().step("read")?.map_or(Some(0), |(key, _)| key.value().checked_add(1)) != Some(count) {
        return Err(incomplete(format!("blocks of {name} are missing")));
    }
    let firsts: Vec<u64> = (0..count).step_by(BLOCKS_TOGETHER as usize).collect();
    let parts: Vec<(Vec<Block>, u128)> = firsts
        .par_iter()
        .map(|first| guard(|| read_blocks(table, name, *first, count.min(first + BLOCKS_TOGETHER))))
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

/// The blocks from `first` to before `end`, and the sum over their rows.
fn read_blocks(
    table: &ReadOnlyTable<u64, &'static [u8]>,
    name: &str,
    first: u64,
    end: u64,
) -> Result<(Vec<Block>, u128)> {
    let missing = |number: u64| incomplete(format!("{name} block {number} is missing"));
    let mut blocks = Vec::with_capacity((end - first).min(BLOCKS_TOGETHER) as usize);
    let mut sum = 0u128;
    let mut next = first;
    for row in table.range(first..end).step("read")? {
        let (key, row) = row.step("read")?;
        let key = key.value();
        let content = seal::open(name, &key.to_be_bytes(), row.value())?;
        if key != next {
            return Err(missing(next));
        }
        next += 1;
        sum = sum.wrapping_add(row_sum(&key.to_be_bytes(), row.value()));
        blocks.push(Block::from_bytes(content)?);
    }
    if next < end { Err(missing(next)) } else { Ok((blocks, sum)) }
}

impl Loaded {
    /// The newest snapshot, its graph built from the records.
    ///
    /// # Errors
    /// `corrupt` if the records do not add up to what the head says.
    pub fn into_snapshot(self) -> Result<Snapshot> {
        Ok(self.into_opened()?.0)
    }
    /// The same, and how the graph came about.
    pub fn into_opened(self) -> Result<(Snapshot, Opened)> {
        let expected = (self.counts, self.state_hash);
        let mut snapshot = Snapshot::empty();
        snapshot.position = self.position;
        snapshot.time_ms = self.time_ms;
        snapshot.id_key = self.id_key;
        snapshot.counts = self.counts;
        snapshot.names = Arc::new(self.names);
        snapshot.schema = Arc::new(self.schema);
        snapshot.settings = Arc::new(self.settings);
        snapshot.items = crate::graph::cow::CowTable::from_rows(self.items);
        snapshot.relationships = crate::graph::cow::CowTable::from_rows(self.relationships);
        let why = match self.flat {
            Ok(sections) => {
                let mut quick = snapshot.clone();
                quick.state_hash = self.state_hash;
                match flat::assemble(&mut quick, sections) {
                    Some(()) => return Ok((quick, Opened::Flat)),
                    None => "the flat snapshot file does not hold a whole graph".to_owned(),
                }
            }
            Err(why) => why,
        };
        // Records that contradict each other would be a panic in the graph; they are damage, too.
        let snapshot = guard(|| crate::graph::build::rebuild(snapshot))?;
        if (snapshot.counts(), snapshot.state_hash()) != expected {
            return Err(Error::corrupt(
                "store.state",
                "the stored records do not add up to the stored state hash",
            )
            .hint("restore the newest backup into an empty folder with `cmdb restore`"));
        }
        Ok((snapshot, Opened::Rows(why)))
    }
}
