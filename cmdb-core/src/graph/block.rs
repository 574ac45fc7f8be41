//! Records in blocks: the same bytes in memory and in the store.
//!
//! Layout: offset width (2 or 4), slot count, then `slots + 1` little-endian offsets from the end of the offset
//! table, then the records. An empty slot has two equal offsets.

use super::unread::Section;
use crate::error::{Error, Result};
use std::sync::Arc;

/// Items per block.
pub const ITEMS_PER_BLOCK: usize = 32;
/// Relationships per block.
pub const RELATIONSHIPS_PER_BLOCK: usize = 128;

/// Consecutive records, shared between snapshots.
#[derive(Clone, Debug)]
pub struct Block(Kept);

#[derive(Clone, Debug)]
enum Kept {
    Here(Arc<[u8]>),
    /// In a section that is read when the first of its blocks is asked for.
    Section(Arc<Section>, u32),
}

impl Default for Block {
    fn default() -> Self {
        Block::build(std::iter::empty())
    }
}

impl PartialEq for Block {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}
impl Eq for Block {}

impl Block {
    pub fn build<'a>(records: impl Iterator<Item = Option<&'a [u8]>>) -> Block {
        let mut body: Vec<u8> = Vec::with_capacity(2048);
        let mut ends: Vec<u32> = vec![0];
        for record in records {
            body.extend_from_slice(record.unwrap_or(&[]));
            ends.push(body.len() as u32);
        }
        let wide = body.len() > usize::from(u16::MAX);
        let width = if wide { 4 } else { 2 };
        let mut bytes = Vec::with_capacity(2 + ends.len() * width + body.len());
        bytes.push(width as u8);
        bytes.push((ends.len() - 1) as u8);
        for end in ends {
            bytes.extend_from_slice(&end.to_le_bytes()[..width]);
        }
        bytes.extend_from_slice(&body);
        Block(Kept::Here(bytes.into()))
    }
    /// A block that is read with its section.
    pub(super) fn of_section(section: Arc<Section>, at: u32) -> Block {
        Block(Kept::Section(section, at))
    }
    /// Takes bytes back from the store; they were checksummed there, the layout is checked here.
    pub fn from_bytes(bytes: &[u8]) -> Result<Block> {
        match is_block(bytes) {
            true => Ok(Block(Kept::Here(bytes.into()))),
            false => Err(Error::corrupt("store.block", "a stored block is not laid out as one")),
        }
    }
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        match &self.0 {
            Kept::Here(bytes) => bytes,
            Kept::Section(section, at) => section.block(*at),
        }
    }
    /// Bytes that are in memory.
    pub fn resident(&self) -> usize {
        match &self.0 {
            Kept::Here(bytes) => bytes.len(),
            Kept::Section(section, at) => section.resident(*at),
        }
    }
    pub fn slots(&self) -> usize {
        usize::from(self.bytes()[1])
    }
    /// The record in `slot`, if there is one.
    #[inline]
    pub fn get(&self, slot: usize) -> Option<&[u8]> {
        let bytes = self.bytes();
        let slots = usize::from(bytes[1]);
        if slot >= slots {
            return None;
        }
        let table = 2 + (slots + 1) * usize::from(bytes[0]);
        let (from, to) = (offset(bytes, slot), offset(bytes, slot + 1));
        (from < to).then(|| &bytes[table + from..table + to])
    }
}

#[inline]
fn offset(block: &[u8], slot: usize) -> usize {
    if block[0] == 2 {
        let at = 2 + slot * 2;
        usize::from(u16::from_le_bytes([block[at], block[at + 1]]))
    } else {
        let at = 2 + slot * 4;
        u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]) as usize
    }
}

/// Whether bytes are laid out as a block; reading them as one then stays within them.
pub(super) fn is_block(bytes: &[u8]) -> bool {
    let [width, slots, ..] = *bytes else { return false };
    let table = 2 + (usize::from(slots) + 1) * usize::from(width);
    if !matches!(width, 2 | 4) || bytes.len() < table {
        return false;
    }
    let body = bytes.len() - table;
    let mut last = 0;
    (0..=usize::from(slots)).all(|slot| {
        let offset = offset(bytes, slot);
        let follows = offset >= last && offset <= body;
        last = offset;
        follows
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_read_back_from_narrow_and_wide_blocks() {
        let long = vec![7u8; 70_000];
        for records in [vec![Some(&b"a"[..]), None, Some(b"ccc")], vec![None, Some(&long[..]), Some(b"x")]] {
            let block = Block::build(records.iter().copied());
            let again = Block::from_bytes(block.bytes()).unwrap();
            for (slot, record) in records.iter().enumerate() {
                assert_eq!(again.get(slot), *record);
            }
            assert_eq!(again.get(records.len()), None);
        }
        assert!(Block::from_bytes(&[]).is_err());
        assert!(Block::from_bytes(&[2, 200, 0]).is_err());
        assert!(Block::from_bytes(&[2, 1, 5, 0, 1, 0, 9]).is_err());
    }
}
