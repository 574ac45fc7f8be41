//! A snapshot as bytes: sections that are written one by one and read side by side. What
//! [`build::rebuild`](super::build::rebuild) computes is read at once, the records when they are asked for.
//!
//! All numbers are little-endian. A section is one of:
//!
//! | kind | part | content |
//! |---|---|---|
//! | 1 order | 0 | dense id of each item number, `u32` |
//! | 2 class | 0 | class by dense id, `u32`, `u32::MAX` for none |
//! | 3 hidden, 4 gone | 0 | bits by dense id, `u64` words |
//! | 5 groups | 0 | rows of 37 bytes: dependent `u32`; needs, active, all, heaviest `u64`; bit 0 uniform, bit 1 cut |
//! | 6 dependencies, 7 dependents, 8 outgoing, 9 incoming | n | pages from 64·n on, see [`super::adjacency`] |
//! | 10 index | n | shard n, see [`super::index`] |
//! | 11 items, 12 relationships | n | blocks from 64·n on, see [`super::unread`] |
//!
//! Whoever changes what is computed or how it is laid out here raises [`VERSION`]; older files are then ignored.

use super::adjacency::{Adjacency, Page};
use super::block::{Block, ITEMS_PER_BLOCK, RELATIONSHIPS_PER_BLOCK};
use super::cow::CowTable;
use super::group::{GroupRow, GroupTable};
use super::index::{Index, Shard};
use super::order::Order;
use super::snapshot::Snapshot;
use super::unread::{BLOCKS_TOGETHER, Blocks, Section as Unread, Shelf};
use std::sync::Arc;

/// Of layout and meaning of the sections.
pub(crate) const VERSION: u32 = 2;

/// One section's kind and its number among those of the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(crate) struct Place {
    pub kind: u8,
    pub part: u32,
}

const ORDER: u8 = 1;
const CLASS: u8 = 2;
const HIDDEN: u8 = 3;
const GONE: u8 = 4;
const GROUPS: u8 = 5;
/// The first of four directions.
const ADJACENCY: u8 = 6;
const INDEX: u8 = 10;
/// Kinds from here on are read when they are asked for.
pub(crate) const ITEMS: u8 = 11;
pub(crate) const RELATIONSHIPS: u8 = 12;
const GROUP_BYTES: usize = 37;

/// Where each section belongs, in the order of the file.
pub(crate) fn places(snapshot: &Snapshot) -> Vec<Place> {
    let mut out: Vec<Place> =
        [ORDER, CLASS, HIDDEN, GONE, GROUPS].into_iter().map(|kind| Place { kind, part: 0 }).collect();
    for (kind, adjacency) in (ADJACENCY..).zip(directions(snapshot)) {
        out.extend((0..adjacency.flat_parts() as u32).map(|part| Place { kind, part }));
    }
    out.extend((0..Index::FLAT_PARTS as u32).map(|part| Place { kind: INDEX, part }));
    for (kind, blocks) in [(ITEMS, &snapshot.items), (RELATIONSHIPS, &snapshot.relationships)] {
        out.extend((0..blocks.len().div_ceil(BLOCKS_TOGETHER) as u32).map(|part| Place { kind, part }));
    }
    out
}

/// Whether a section is read when the store is opened.
pub(crate) fn is_read_first(place: Place) -> bool {
    place.kind < ITEMS
}

fn directions(snapshot: &Snapshot) -> [&Adjacency; 4] {
    [&snapshot.dependencies, &snapshot.dependents, &snapshot.outgoing, &snapshot.incoming]
}

/// The bytes of one section.
pub(crate) fn section(snapshot: &Snapshot, place: Place) -> Vec<u8> {
    match place.kind {
        ORDER => put_u32s(snapshot.order.dense_of().iter()),
        CLASS => put_u32s(snapshot.class_of.iter()),
        HIDDEN => snapshot.hidden.iter().flat_map(|word| word.to_le_bytes()).collect(),
        GONE => snapshot.gone.iter().flat_map(|word| word.to_le_bytes()).collect(),
        GROUPS => snapshot.groups.iter().flat_map(put_group).collect(),
        INDEX => snapshot.index.flat_part(place.part as usize),
        ITEMS => put_blocks(&snapshot.items, place),
        RELATIONSHIPS => put_blocks(&snapshot.relationships, place),
        kind => directions(snapshot)[usize::from(kind - ADJACENCY)].flat_part(place.part as usize),
    }
}

fn put_blocks(blocks: &CowTable<Block, 256>, place: Place) -> Vec<u8> {
    let first = place.part as usize * BLOCKS_TOGETHER;
    let last = blocks.len().min(first + BLOCKS_TOGETHER);
    Blocks::encode((first..last).filter_map(|at| blocks.get(at)))
}

/// A section taken apart.
#[derive(Debug)]
pub(crate) enum Section {
    Order(Order),
    Class(CowTable<u32, 4096>),
    Hidden(CowTable<u64, 512>),
    Gone(CowTable<u64, 512>),
    Groups(GroupTable),
    Pages(u8, Vec<Page>),
    Shard(usize, Shard),
}

/// Takes a section of a graph with `nodes` items apart; none if it is not laid out as one.
pub(crate) fn parse(place: Place, bytes: &[u8], nodes: usize) -> Option<Section> {
    Some(match place.kind {
        ORDER => Section::Order(Order::checked(take_u32s(bytes)?, nodes)?),
        CLASS => Section::Class(CowTable::from_rows(take_u32s(bytes).filter(|rows| rows.len() == nodes)?)),
        HIDDEN => Section::Hidden(take_bits(bytes, nodes)?),
        GONE => Section::Gone(take_bits(bytes, nodes)?),
        GROUPS => Section::Groups(take_groups(bytes, nodes)?),
        INDEX => Section::Shard(place.part as usize, Shard::from_flat(place.part as usize, bytes)?),
        kind if kind < INDEX => Section::Pages(kind - ADJACENCY, Adjacency::pages_from_flat(bytes, nodes)?),
        _ => return None,
    })
}

/// Puts sections, in the order of [`places`], in the place of what `rebuild` would compute.
pub(crate) fn assemble(snapshot: &mut Snapshot, sections: Vec<Section>) -> Option<()> {
    let nodes = snapshot.nodes() as usize;
    let mut pages: [Vec<Page>; 4] = Default::default();
    let mut shards = Vec::new();
    let mut columns = 0;
    for section in sections {
        match section {
            Section::Order(order) => snapshot.order = order,
            Section::Class(rows) => snapshot.class_of = rows,
            Section::Hidden(rows) => snapshot.hidden = rows,
            Section::Gone(rows) => snapshot.gone = rows,
            Section::Groups(rows) => snapshot.groups = rows,
            Section::Pages(direction, some) => {
                pages.get_mut(usize::from(direction))?.extend(some);
                continue;
            }
            Section::Shard(part, shard) => {
                (part == shards.len()).then(|| shards.push(shard))?;
                continue;
            }
        }
        columns += 1;
    }
    let whole = pages.iter().all(|pages| Adjacency::covers(pages.len(), nodes));
    let [dependencies, dependents, outgoing, incoming] = pages.map(Adjacency::from_pages);
    (snapshot.dependencies, snapshot.dependents) = (dependencies, dependents);
    (snapshot.outgoing, snapshot.incoming) = (outgoing, incoming);
    snapshot.index = Arc::new(Index::from_shards(shards)?);
    (whole && columns == usize::from(GROUPS)).then_some(())
}

/// Puts blocks that are still on the shelf in the place of those of the tables; their sections.
pub(crate) fn shelve(snapshot: &mut Snapshot, shelf: &Arc<dyn Shelf>) -> Vec<Arc<Unread>> {
    let counts = snapshot.counts;
    let mut all = Vec::new();
    let mut blocks = |kind: u8, many: usize| -> CowTable<Block, 256> {
        let sections = (0..many.div_ceil(BLOCKS_TOGETHER) as u32)
            .map(|part| Unread::new(shelf.clone(), Place { kind, part }))
            .collect::<Vec<_>>();
        let block = |at: usize| {
            Block::of_section(sections[at / BLOCKS_TOGETHER].clone(), (at % BLOCKS_TOGETHER) as u32)
        };
        let blocks = CowTable::from_rows((0..many).map(block).collect());
        all.extend(sections);
        blocks
    };
    snapshot.items = blocks(ITEMS, blocks_of(counts.item_numbers, ITEMS_PER_BLOCK));
    snapshot.relationships =
        blocks(RELATIONSHIPS, blocks_of(counts.relationship_numbers, RELATIONSHIPS_PER_BLOCK));
    all
}

/// Blocks that so many numbers take.
pub(crate) fn blocks_of(numbers: u32, per_block: usize) -> usize {
    (numbers as usize).div_ceil(per_block)
}

fn put_u32s<'a>(words: impl Iterator<Item = &'a u32>) -> Vec<u8> {
    words.flat_map(|word| word.to_le_bytes()).collect()
}

/// `u32` words; none if bytes are left over.
pub(super) fn take_u32s(bytes: &[u8]) -> Option<Vec<u32>> {
    let (words, rest) = bytes.as_chunks::<4>();
    rest.is_empty().then(|| words.iter().map(|word| u32::from_le_bytes(*word)).collect())
}

fn take_bits(bytes: &[u8], nodes: usize) -> Option<CowTable<u64, 512>> {
    let (words, rest) = bytes.as_chunks::<8>();
    let whole = rest.is_empty() && words.len() == nodes.div_ceil(64);
    whole.then(|| CowTable::from_rows(words.iter().map(|word| u64::from_le_bytes(*word)).collect()))
}

fn put_group(row: &GroupRow) -> [u8; GROUP_BYTES] {
    let mut out = [0; GROUP_BYTES];
    out[..4].copy_from_slice(&row.dependent.to_le_bytes());
    for (at, word) in [row.needs, row.active, row.all, row.heaviest].into_iter().enumerate() {
        out[4 + at * 8..12 + at * 8].copy_from_slice(&word.to_le_bytes());
    }
    out[36] = u8::from(row.uniform) | u8::from(row.cut) << 1;
    out
}

fn take_groups(bytes: &[u8], nodes: usize) -> Option<GroupTable> {
    let (rows, rest) = bytes.as_chunks::<GROUP_BYTES>();
    let word = |row: &[u8], at: usize| -> u64 {
        let mut word = [0; 8];
        word.copy_from_slice(&row[at..at + 8]);
        u64::from_le_bytes(word)
    };
    let take = |row: &[u8; GROUP_BYTES]| GroupRow {
        dependent: u32::from_le_bytes([row[0], row[1], row[2], row[3]]),
        needs: word(row, 4),
        active: word(row, 12),
        all: word(row, 20),
        heaviest: word(row, 28),
        uniform: row[36] & 1 != 0,
        cut: row[36] & 2 != 0,
    };
    let rows: Vec<GroupRow> = rows.iter().map(take).collect();
    let sound = rest.is_empty()
        && rows.iter().all(|r| (r.dependent as usize) < nodes && r.heaviest.max(r.needs) <= r.active);
    sound.then(|| GroupTable::from_rows(rows))
}
