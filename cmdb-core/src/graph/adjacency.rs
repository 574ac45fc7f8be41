//! One direction of the graph: for each item its neighbours, in pages that a commit copies one by one.
//!
//! A page holds the rows of 1,024 consecutive dense ids in one allocation: 1,025 offsets, then for all rows the
//! heads (gate in the top two bits, neighbour below), then the kinds (relationship type and flags), the groups and
//! the relationship numbers. A traversal reads offsets and heads only. Rows are sorted by head, so hard
//! dependencies come first and a neighbour is found by binary search. A row above [`LONG_ROW`] entries lives
//! outside its page in chunks of its own, so that an edit next to a hub copies one chunk and not the hub.

use super::cow::CowTable;
use std::sync::Arc;

/// Items per page.
pub const PAGE: usize = 1024;
/// Entries above which a row leaves its page.
pub const LONG_ROW: usize = 2048;
/// Neighbours are 30-bit.
pub const OTHER_MASK: u32 = (1 << 30) - 1;
/// Items one graph can hold.
pub const ITEMS_MAX: u32 = OTHER_MASK;

const HEADS: usize = PAGE + 1;
const LONG: u32 = 1 << 31;

/// How a dependency counts for its dependent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    Hard = 0,
    Soft = 1,
    Group = 2,
}

/// The gate in a head word.
#[inline]
pub fn gate(head: u32) -> Gate {
    match head >> 30 {
        0 => Gate::Hard,
        1 => Gate::Soft,
        _ => Gate::Group,
    }
}

/// Bits of the kind word below the type's symbol.
pub mod flag {
    /// A standby member of its group.
    pub const STANDBY: u32 = 1;
    /// Its weight is not 1.
    pub const WEIGHTED: u32 = 2;
    /// It delays what passes along it.
    pub const LAGGED: u32 = 4;
    /// Low confidence was stated.
    pub const UNSURE: u32 = 8;
    /// Another relationship already makes this item a member of the group; this one does not count.
    pub const SHADOW: u32 = 16;
    /// The relationship's source is the dependency (its type says the target suffers).
    pub const REVERSED: u32 = 32;
    /// Bits taken by flags.
    pub const BITS: u32 = 8;
}

/// One neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub head: u32,
    /// Type symbol << `flag::BITS` | flags.
    pub kind: u32,
    /// The group's row in the snapshot's group table, where the gate is a group.
    pub group: u32,
    /// The relationship's number.
    pub number: u32,
}

impl Entry {
    #[inline]
    pub fn other(&self) -> u32 {
        self.head & OTHER_MASK
    }
    #[inline]
    pub fn gate(&self) -> Gate {
        gate(self.head)
    }
    #[inline]
    pub fn type_symbol(&self) -> u32 {
        self.kind >> flag::BITS
    }
}

/// A change of one row.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub row: u32,
    pub entry: Entry,
    /// Added, or removed by its relationship number.
    pub add: bool,
}

#[derive(Clone, Debug)]
struct Page {
    words: Arc<[u32]>,
    long: Option<Arc<Vec<(u16, LongRow)>>>,
}

#[derive(Clone, Debug, Default)]
struct LongRow {
    chunks: Vec<Arc<[u32]>>,
    len: u32,
}

/// One direction.
#[derive(Clone, Debug, Default)]
pub struct Adjacency {
    pages: CowTable<Page, 64>,
}

/// Consecutive entries of a row, column-wise.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    words: &'a [u32],
    /// Entries in the whole column.
    stride: usize,
    /// Where the heads begin.
    base: usize,
    start: usize,
    end: usize,
}

impl<'a> Part<'a> {
    #[inline]
    fn column(&self, column: usize) -> &'a [u32] {
        let base = self.base + column * self.stride;
        &self.words[base + self.start..base + self.end]
    }
    #[inline]
    pub fn heads(&self) -> &'a [u32] {
        self.column(0)
    }
    #[inline]
    pub fn kinds(&self) -> &'a [u32] {
        self.column(1)
    }
    #[inline]
    pub fn groups(&self) -> &'a [u32] {
        self.column(2)
    }
    pub fn numbers(&self) -> &'a [u32] {
        self.column(3)
    }
    pub fn entries(&self) -> impl Iterator<Item = Entry> + use<'a> {
        let (heads, kinds, groups, numbers) = (self.heads(), self.kinds(), self.groups(), self.numbers());
        (0..heads.len()).map(move |i| Entry {
            head: heads[i],
            kind: kinds[i],
            group: groups[i],
            number: numbers[i],
        })
    }
}

/// All entries of one row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    first: Option<Part<'a>>,
    rest: &'a [Arc<[u32]>],
}

impl<'a> Row<'a> {
    const EMPTY: Row<'static> = Row { first: None, rest: &[] };
    #[inline]
    pub fn parts(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        self.first.into_iter().chain(self.rest.iter().map(|chunk| chunk_part(chunk)))
    }
    pub fn entries(&self) -> impl Iterator<Item = Entry> + use<'a> {
        self.parts().flat_map(|part| part.entries())
    }
    pub fn len(&self) -> usize {
        self.parts().map(|part| part.heads().len()).sum()
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The entries whose head is exactly `head` (several where relationships run in parallel).
    pub fn find(&self, head: u32) -> impl Iterator<Item = Entry> + use<'a> {
        self.parts().flat_map(move |part| {
            let heads = part.heads();
            let from = heads.partition_point(|&h| h < head);
            let to = from + heads[from..].partition_point(|&h| h == head);
            part.entries().skip(from).take(to - from)
        })
    }
}

fn chunk_part(chunk: &[u32]) -> Part<'_> {
    let n = chunk.len() / 4;
    Part { words: chunk, stride: n, base: 0, start: 0, end: n }
}

impl Adjacency {
    /// The row of an item that does not exist.
    pub const EMPTY_ROW: Row<'static> = Row::EMPTY;
    pub fn rows(&self) -> usize {
        self.pages.len() * PAGE
    }
    #[inline]
    pub fn row(&self, dense: u32) -> Row<'_> {
        let (page, at) = (dense as usize / PAGE, dense as usize % PAGE);
        self.pages.get(page).map_or(Row::EMPTY, |page| page.row(at))
    }
    /// Builds from rows in one go: `offsets[row]..offsets[row + 1]` of `entries`, any order within a row.
    pub fn build(rows: usize, offsets: &[u32], entries: &mut [Entry]) -> Adjacency {
        let mut pages = Vec::with_capacity(rows.div_ceil(PAGE));
        for first in (0..rows).step_by(PAGE) {
            let mut builder = PageBuilder::default();
            for row in first..(first + PAGE).min(rows) {
                let entries = &mut entries[offsets[row] as usize..offsets[row + 1] as usize];
                entries.sort_unstable_by_key(|e| (e.head, e.kind, e.number));
                builder.row(entries);
            }
            pages.push(builder.finish());
        }
        Adjacency { pages: CowTable::from_rows(pages) }
    }
    /// Applies changes; pages and chunks they do not touch stay shared.
    pub fn apply(&mut self, mut changes: Vec<Change>) {
        changes.sort_by_key(|c| (c.row, c.add, c.entry.head));
        for group in changes.chunk_by(|a, b| a.row as usize / PAGE == b.row as usize / PAGE) {
            let page = group[0].row as usize / PAGE;
            self.pages.grow(page + 1, Page::empty());
            if let Some(page) = self.pages.get_mut(page) {
                page.apply(group);
            }
        }
    }
    /// Whether both hold the very same pages.
    pub fn shares_all_with(&self, other: &Adjacency) -> bool {
        self.pages.shares_all_with(&other.pages)
    }
    /// Bytes resident.
    pub fn bytes(&self) -> usize {
        self.pages.iter().map(Page::bytes).sum()
    }
}

impl Page {
    fn empty() -> Page {
        Page { words: vec![0u32; HEADS].into(), long: None }
    }
    #[inline]
    fn row(&self, at: usize) -> Row<'_> {
        let words: &[u32] = &self.words;
        let start = words[at];
        if start & LONG != 0 {
            return self.long_row(at);
        }
        let (start, end) = (start as usize, (words[at + 1] & !LONG) as usize);
        let stride = (words.len() - HEADS) / 4;
        Row { first: Some(Part { words, stride, base: HEADS, start, end }), rest: &[] }
    }
    fn long_row(&self, at: usize) -> Row<'_> {
        let rows = self.long.as_deref().map(Vec::as_slice).unwrap_or(&[]);
        match rows.binary_search_by_key(&(at as u16), |(row, _)| *row) {
            Ok(i) => Row { first: None, rest: &rows[i].1.chunks },
            Err(_) => Row::EMPTY,
        }
    }
    fn apply(&mut self, changes: &[Change]) {
        let mut short: Vec<&[Change]> = Vec::new();
        for row in changes.chunk_by(|a, b| a.row == b.row) {
            let at = row[0].row as usize % PAGE;
            match self.words[at] & LONG {
                0 => short.push(row),
                _ => self.apply_long(at as u16, row),
            }
        }
        if !short.is_empty() {
            self.rebuild(&short);
        }
    }
    fn apply_long(&mut self, at: u16, changes: &[Change]) {
        let Some(rows) = self.long.as_mut().map(Arc::make_mut) else { return };
        if let Ok(i) = rows.binary_search_by_key(&at, |(row, _)| *row) {
            rows[i].1.apply(changes);
        }
    }
    /// Writes the page anew with its short rows changed.
    fn rebuild(&mut self, changed: &[&[Change]]) {
        let mut builder =
            PageBuilder { long: self.long.as_deref().cloned().unwrap_or_default(), ..Default::default() };
        let mut changed = changed.iter().peekable();
        let mut scratch: Vec<Entry> = Vec::new();
        for at in 0..PAGE {
            let row = match changed.next_if(|c| c[0].row as usize % PAGE == at) {
                Some(changes) => {
                    scratch.clear();
                    scratch.extend(self.row(at).entries());
                    edit_row(&mut scratch, changes);
                    &scratch[..]
                }
                None if self.words[at] & LONG != 0 => {
                    builder.keep_long();
                    continue;
                }
                None => {
                    builder.part(self.row(at));
                    continue;
                }
            };
            builder.row(row);
        }
        *self = builder.finish();
    }
    fn bytes(&self) -> usize {
        let long = self.long.as_deref().map_or(0, |rows| {
            rows.iter().flat_map(|(_, row)| &row.chunks).map(|chunk| chunk.len() * 4 + 16).sum()
        });
        self.words.len() * 4 + size_of::<Page>() + long
    }
}

/// Applies changes (removals first) to a sorted row.
fn edit_row(row: &mut Vec<Entry>, changes: &[Change]) {
    let gone: Vec<u32> = changes.iter().filter(|c| !c.add).map(|c| c.entry.number).collect();
    if !gone.is_empty() {
        row.retain(|e| !gone.contains(&e.number));
    }
    row.extend(changes.iter().filter(|c| c.add).map(|c| c.entry));
    row.sort_unstable_by_key(|e| (e.head, e.kind, e.number));
}

impl LongRow {
    fn from_sorted(entries: &[Entry]) -> LongRow {
        LongRow { chunks: entries.chunks(LONG_ROW).map(chunk_words).collect(), len: entries.len() as u32 }
    }
    /// Routes each change to the chunk that holds, or would hold, its head.
    fn apply(&mut self, changes: &[Change]) {
        if self.chunks.is_empty() {
            // Every entry had been removed, so there is no chunk to route anything to.
            let mut entries = Vec::new();
            edit_row(&mut entries, changes);
            *self = LongRow::from_sorted(&entries);
            return;
        }
        let mut at = changes.to_vec();
        at.sort_by_key(|c| c.entry.head);
        let mut out: Vec<Arc<[u32]>> = Vec::with_capacity(self.chunks.len() + 1);
        let mut pending = at.as_slice();
        for (i, chunk) in self.chunks.iter().enumerate() {
            let next_head = self.chunks.get(i + 1).map(|next| next[0]);
            // A head equal to the next chunk's first may stand in either; removals then look in both.
            let take = match next_head {
                Some(next) => pending.partition_point(|c| c.entry.head < next),
                None => pending.len(),
            };
            let (mine, rest) = pending.split_at(take);
            let edge: Vec<Change> = rest
                .iter()
                .take_while(|c| Some(c.entry.head) == next_head)
                .filter(|c| !c.add)
                .copied()
                .collect();
            pending = rest;
            if mine.is_empty() && edge.is_empty() {
                out.push(chunk.clone());
                continue;
            }
            let mut entries: Vec<Entry> = chunk_part(chunk).entries().collect();
            let both: Vec<Change> = mine.iter().copied().chain(edge).collect();
            edit_row(&mut entries, &both);
            let parts = entries.len().div_ceil(2 * LONG_ROW).max(1);
            let size = entries.len().div_ceil(parts).max(1);
            out.extend(entries.chunks(size).map(chunk_words));
        }
        self.len = out.iter().map(|chunk| (chunk.len() / 4) as u32).sum();
        self.chunks = out;
    }
}

fn chunk_words(entries: &[Entry]) -> Arc<[u32]> {
    let mut words = Vec::with_capacity(entries.len() * 4);
    words.extend(entries.iter().map(|e| e.head));
    words.extend(entries.iter().map(|e| e.kind));
    words.extend(entries.iter().map(|e| e.group));
    words.extend(entries.iter().map(|e| e.number));
    words.into()
}

/// Collects the rows of a page in order.
#[derive(Default)]
struct PageBuilder {
    offsets: Vec<u32>,
    heads: Vec<u32>,
    kinds: Vec<u32>,
    groups: Vec<u32>,
    numbers: Vec<u32>,
    long: Vec<(u16, LongRow)>,
}

impl PageBuilder {
    fn row(&mut self, entries: &[Entry]) {
        let at = self.offsets.len() as u16;
        if entries.len() > LONG_ROW {
            self.keep_long();
            self.long.push((at, LongRow::from_sorted(entries)));
            return;
        }
        self.offsets.push(self.heads.len() as u32);
        for e in entries {
            self.heads.push(e.head);
            self.kinds.push(e.kind);
            self.groups.push(e.group);
            self.numbers.push(e.number);
        }
    }
    /// An unchanged short row.
    fn part(&mut self, row: Row<'_>) {
        self.offsets.push(self.heads.len() as u32);
        if let Some(part) = row.first {
            self.heads.extend_from_slice(part.heads());
            self.kinds.extend_from_slice(part.kinds());
            self.groups.extend_from_slice(part.groups());
            self.numbers.extend_from_slice(part.numbers());
        }
    }
    fn keep_long(&mut self) {
        self.offsets.push(self.heads.len() as u32 | LONG);
    }
    fn finish(mut self) -> Page {
        self.offsets.resize(HEADS, self.heads.len() as u32);
        self.long.sort_by_key(|(row, _)| *row);
        let mut words = self.offsets;
        words.reserve_exact(self.heads.len() * 4);
        for column in [self.heads, self.kinds, self.groups, self.numbers] {
            words.extend_from_slice(&column);
        }
        Page { words: words.into(), long: (!self.long.is_empty()).then(|| Arc::new(self.long)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn entry(other: u32, number: u32) -> Entry {
        Entry { head: (number % 3) << 30 | other, kind: 7 << flag::BITS, group: number * 2, number }
    }

    /// Random changes, hub rows included, against a map of plain vectors.
    #[test]
    fn pages_and_long_rows_hold_what_a_plain_map_holds() {
        let mut seed = 1u64;
        let mut random = move |n: u32| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            ((seed >> 33) as u32) % n
        };
        let mut model: BTreeMap<u32, BTreeMap<u32, Entry>> = BTreeMap::new();
        let mut adjacency = Adjacency::default();
        let mut number = 0;
        for round in 0..40 {
            let mut changes = Vec::new();
            // Removals come first, so only what was there before the batch can be removed by it.
            let before = model.clone();
            for _ in 0..random(1500) {
                let row = if random(3) > 0 { 1500 } else { random(3000) };
                if random(4) == 0 {
                    let known = before.get(&row).and_then(|r| r.values().nth(random(50) as usize)).copied();
                    if let Some(entry) = known {
                        changes.push(Change { row, entry, add: false });
                        model.entry(row).or_default().remove(&entry.number);
                    }
                } else {
                    let e = entry(random(200), number);
                    number += 1;
                    changes.push(Change { row, entry: e, add: true });
                    model.entry(row).or_default().insert(e.number, e);
                }
            }
            adjacency.apply(changes);
            for row in 0..3000 {
                let mut got: Vec<Entry> = adjacency.row(row).entries().collect();
                assert!(got.windows(2).all(|w| w[0].head <= w[1].head), "row {row} is sorted");
                got.sort_by_key(|e| e.number);
                let want: Vec<Entry> =
                    model.get(&row).map(|r| r.values().copied().collect()).unwrap_or_default();
                assert_eq!(got, want, "round {round} row {row}");
            }
        }
        assert!(adjacency.row(1500).len() > LONG_ROW * 4, "the hub was long enough to matter");
        let some = adjacency.row(1500).entries().nth(9000).unwrap();
        assert!(adjacency.row(1500).find(some.head).any(|e| e == some));
    }
}
