//! Records in blocks: the same bytes in memory and in the store.
//!
//! Layout: offset width (2 or 4), slot count, then `slots + 1` little-endian offsets from the end of the offset
//! table, then the records. An empty slot has two equal offsets.

use crate::error::{Error, Result};
use std::sync::Arc;

/// Items per block.
pub const ITEMS_PER_BLOCK: usize = 32;
/// Relationships per block.
pub const RELATIONSHIPS_PER_BLOCK: usize = 128;

/// Consecutive records, shared between snapshots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block(Arc<[u8]>);

impl Default for Block {
    fn default() -> Self {
        Block::build(std::iter::empty())
    }
}

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
        Block(bytes.into())
    }
    /// Takes bytes back from the store; they were checksummed there, the layout is checked here.
    pub fn from_bytes(bytes: &[u8]) -> Result<Block> {
        let damaged = || Error::corrupt("store.block", "a stored block is not laid out as one");
        let (&width, &slots) = (bytes.first().ok_or_else(damaged)?, bytes.get(1).ok_or_else(damaged)?);
        let table = 2 + (usize::from(slots) + 1) * usize::from(width);
        if !matches!(width, 2 | 4) || bytes.len() < table {
            return Err(damaged());
        }
        let block = Block(bytes.into());
        let body = bytes.len() - table;
        let mut last = 0;
        for slot in 0..=usize::from(slots) {
            let offset = block.offset(slot);
            if offset < last || offset > body {
                return Err(damaged());
            }
            last = offset;
        }
        Ok(block)
    }
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
    pub fn slots(&self) -> usize {
        usize::from(self.0[1])
    }
    #[inline]
    fn offset(&self, slot: usize) -> usize {
        if self.0[0] == 2 {
            let at = 2 + slot * 2;
            usize::from(u16::from_le_bytes([self.0[at], self.0[at + 1]]))
        } else {
            let at = 2 + slot * 4;
            u32::from_le_bytes([self.0[at], self.0[at + 1], self.0[at + 2], self.0[at + 3]]) as usize
        }
    }
    /// The record in `slot`, if there is one.
    #[inline]
    pub fn get(&self, slot: usize) -> Option<&[u8]> {
        if slot >= self.slots() {
            return None;
        }
        let table = 2 + (self.slots() + 1) * usize::from(self.0[0]);
        let (from, to) = (self.offset(slot), self.offset(slot + 1));
        (from < to).then(|| &self.0[table + from..table + to])
    }
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
