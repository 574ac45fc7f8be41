//! Sections of blocks that lie in a file until the first of their blocks is asked for.
//!
//! A graph of a million items has some 240 MB of records, of which a first question reads a few. Opening the store
//! therefore reads none of them: a block knows its section, and whoever asks for it first has the section read and
//! checked. A section never turns out to be damaged in the eyes of a reader: the [`Shelf`] has it from elsewhere or
//! notes the damage, and no answer may leave that was worked out after damage was noted.
//!
//! Layout of a section: how many blocks, where each ends behind this table (`u32`, little-endian), the blocks.

use super::block::{Block, is_block};
use super::flat::Place;
use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

/// Blocks of one section.
pub(crate) const BLOCKS_TOGETHER: usize = 64;
/// What a block reads as that is nowhere to be found.
const NO_RECORDS: &[u8] = &[2, 0, 0, 0];

/// Where sections are read from.
pub(crate) trait Shelf: Debug + Send + Sync {
    /// The blocks of a section, checked. [`Blocks::default`] where they are lost, which the shelf then notes.
    fn fetch(&self, place: Place) -> Blocks;
}

/// Consecutive blocks in one allocation.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    bytes: Vec<u8>,
    count: usize,
}

impl Blocks {
    /// The bytes of a section.
    pub fn encode<'a>(blocks: impl Iterator<Item = &'a Block> + Clone) -> Vec<u8> {
        let ends = blocks.clone().scan(0u32, |end, block| {
            *end += block.bytes().len() as u32;
            Some(*end)
        });
        let count = blocks.clone().count() as u32;
        let mut out: Vec<u8> = std::iter::once(count).chain(ends).flat_map(u32::to_le_bytes).collect();
        blocks.for_each(|block| out.extend_from_slice(block.bytes()));
        out
    }
    /// Takes a section apart; none if it is not laid out as one.
    pub fn decode(bytes: Vec<u8>) -> Option<Blocks> {
        let count = u32::from_le_bytes(*bytes.first_chunk()?) as usize;
        let blocks = Blocks { bytes, count };
        let body = blocks.bytes.len().checked_sub(blocks.body())?;
        let mut last = 0;
        for at in 0..count {
            let end = blocks.end(at);
            (end >= last && end <= body).then_some(())?;
            last = end;
        }
        let whole = last == body && (0..count).all(|at| blocks.get(at).is_some_and(is_block));
        whole.then_some(blocks)
    }
    /// Where the blocks begin.
    fn body(&self) -> usize {
        4 + self.count * 4
    }
    #[inline]
    fn end(&self, at: usize) -> usize {
        let at = 4 + at * 4;
        u32::from_le_bytes([self.bytes[at], self.bytes[at + 1], self.bytes[at + 2], self.bytes[at + 3]])
            as usize
    }
    #[inline]
    fn get(&self, at: usize) -> Option<&[u8]> {
        if at >= self.count {
            return None;
        }
        let from = at.checked_sub(1).map_or(0, |before| self.end(before));
        Some(&self.bytes[self.body() + from..self.body() + self.end(at)])
    }
}

/// Consecutive blocks that are read together.
#[derive(Debug)]
pub(crate) struct Section {
    shelf: Arc<dyn Shelf>,
    place: Place,
    blocks: OnceLock<Blocks>,
}

impl Section {
    pub fn new(shelf: Arc<dyn Shelf>, place: Place) -> Arc<Section> {
        Arc::new(Section { shelf, place, blocks: OnceLock::new() })
    }
    /// The blocks of the section, read if nobody did yet.
    #[inline]
    pub fn read(&self) -> &Blocks {
        self.blocks.get_or_init(|| self.shelf.fetch(self.place))
    }
    #[inline]
    pub fn block(&self, at: u32) -> &[u8] {
        self.read().get(at as usize).unwrap_or(NO_RECORDS)
    }
    /// Bytes of a block that are in memory.
    pub fn resident(&self, at: u32) -> usize {
        self.blocks.get().and_then(|blocks| blocks.get(at as usize)).map_or(0, <[u8]>::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_reads_back_and_what_is_none_is_refused() {
        let blocks: Vec<Block> =
            (0..3u8).map(|n| Block::build([Some(&[n; 5][..]), None].into_iter())).collect();
        let bytes = Blocks::encode(blocks.iter());
        let read = Blocks::decode(bytes.clone()).unwrap();
        let back: Vec<&[u8]> = (0..3).filter_map(|at| read.get(at)).collect();
        assert_eq!(back, blocks.iter().map(Block::bytes).collect::<Vec<_>>());
        assert_eq!(read.get(3), None);
        for cut in 0..bytes.len() {
            assert!(Blocks::decode(bytes[..cut].to_vec()).is_none(), "cut at {cut}");
        }
        assert!(Blocks::decode([bytes, vec![0]].concat()).is_none());
        assert!(Blocks::decode(vec![255; 64]).is_none());
    }
}
