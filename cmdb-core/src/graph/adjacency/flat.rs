//! Pages as bytes: 64 pages a section. A page is three counts as `u32` (words, long rows, chunks of all long rows),
//! then for each long row its place, its length and its number of chunks, the length of each chunk in words, then
//! the page's words and the words of the chunks.

use super::{Adjacency, HEADS, LONG, LongRow, OTHER_MASK, PAGE, Page};
use crate::graph::cow::CowTable;
use std::sync::Arc;

/// Pages in one section.
const PAGES_TOGETHER: usize = 64;

impl Adjacency {
    pub(crate) fn flat_parts(&self) -> usize {
        self.pages.len().div_ceil(PAGES_TOGETHER)
    }
    pub(crate) fn flat_part(&self, part: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let first = part * PAGES_TOGETHER;
        for page in (first..(first + PAGES_TOGETHER).min(self.pages.len())).filter_map(|p| self.pages.get(p))
        {
            page.put(&mut out);
        }
        out
    }
    /// The pages of one section; none unless every row and neighbour lies within `nodes` items.
    pub(crate) fn pages_from_flat(bytes: &[u8], nodes: usize) -> Option<Vec<Page>> {
        let mut pages = Vec::with_capacity(PAGES_TOGETHER);
        let mut rest = bytes;
        while !rest.is_empty() {
            pages.push(Page::take(&mut rest, nodes)?);
        }
        Some(pages)
    }
    pub(crate) fn from_pages(pages: Vec<Page>) -> Adjacency {
        Adjacency { pages: CowTable::from_rows(pages) }
    }
    /// Whether so many pages hold a row for each item; none where nothing is joined, since the end was cut off.
    pub(crate) fn covers(pages: usize, nodes: usize) -> bool {
        pages <= nodes.div_ceil(PAGE)
    }
}

fn put(out: &mut Vec<u8>, words: impl IntoIterator<Item = u32>) {
    out.extend(words.into_iter().flat_map(u32::to_le_bytes));
}

impl Page {
    fn put(&self, out: &mut Vec<u8>) {
        let long = self.long.as_deref().map_or(&[][..], Vec::as_slice);
        let chunks = || long.iter().flat_map(|(_, row)| &row.chunks);
        put(out, [self.words.len() as u32, long.len() as u32, chunks().count() as u32]);
        for (place, row) in long {
            put(out, [u32::from(*place), row.len, row.chunks.len() as u32]);
        }
        put(out, chunks().map(|chunk| chunk.len() as u32));
        put(out, self.words.iter().copied());
        put(out, chunks().flat_map(|chunk| chunk.iter().copied()));
    }
    fn take(rest: &mut &[u8], nodes: usize) -> Option<Page> {
        let counts: Vec<u32> = words(rest, 3)?;
        let rows: Vec<u32> = words(rest, (counts[1] as usize).checked_mul(3)?)?;
        let lengths: Vec<u32> = words(rest, counts[2] as usize)?;
        let page: Arc<[u32]> = words(rest, counts[0] as usize)?;
        let mut lengths = lengths.into_iter();
        let mut long = Vec::with_capacity(counts[1] as usize);
        for row in rows.chunks_exact(3) {
            let mut chunks: Vec<Arc<[u32]>> = Vec::new();
            for _ in 0..row[2] {
                let chunk: Arc<[u32]> = words(rest, lengths.next()? as usize)?;
                let sound = chunk.len().is_multiple_of(4)
                    && !chunk.is_empty()
                    && heads_within(&chunk[..chunk.len() / 4], nodes);
                sound.then(|| chunks.push(chunk))?;
            }
            let len = chunks.iter().map(|chunk| chunk.len() / 4).sum::<usize>();
            let place = u16::try_from(row[0]).ok().filter(|place| usize::from(*place) < PAGE)?;
            (len == row[1] as usize).then(|| long.push((place, LongRow { chunks, len: row[1] })))?;
        }
        let sound =
            lengths.next().is_none() && rows_within(&page, nodes) && long.is_sorted_by_key(|(row, _)| *row);
        sound.then(|| Page { words: page, long: (!long.is_empty()).then(|| Arc::new(long)) })
    }
}

/// The next `count` words, in one allocation of whatever kind.
fn words<T: FromIterator<u32>>(rest: &mut &[u8], count: usize) -> Option<T> {
    let (head, tail) = rest.split_at_checked(count.checked_mul(4)?)?;
    *rest = tail;
    Some(head.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect())
}

fn rows_within(page: &[u32], nodes: usize) -> bool {
    let Some((offsets, columns)) = page.split_at_checked(HEADS) else { return false };
    let many = columns.len() / 4;
    columns.len() % 4 == 0
        && offsets.is_sorted_by_key(|offset| offset & !LONG)
        && offsets.iter().all(|offset| (offset & !LONG) as usize <= many)
        && heads_within(&columns[..many], nodes)
}

fn heads_within(heads: &[u32], nodes: usize) -> bool {
    // Looked at to the end, since that runs eight at a time.
    let farthest = heads.iter().fold(0, |farthest, head| farthest.max(head & OTHER_MASK));
    heads.is_empty() || (farthest as usize) < nodes
}
