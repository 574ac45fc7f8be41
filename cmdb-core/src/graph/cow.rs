//! Tables that are cheap to copy and cheap to change in one place.

use std::sync::Arc;

/// A growing table in chunks of `CHUNK` rows behind `Arc`; a clone shares every chunk, a change copies one.
///
/// A chunk is one allocation of exactly `CHUNK` rows; what lies beyond `len` in the last one is filler.
#[derive(Debug)]
pub struct CowTable<T, const CHUNK: usize> {
    chunks: Vec<Arc<[T]>>,
    len: usize,
}

impl<T, const CHUNK: usize> Clone for CowTable<T, CHUNK> {
    fn clone(&self) -> Self {
        CowTable { chunks: self.chunks.clone(), len: self.len }
    }
}

impl<T, const CHUNK: usize> Default for CowTable<T, CHUNK> {
    fn default() -> Self {
        CowTable { chunks: Vec::new(), len: 0 }
    }
}

impl<T: Clone, const CHUNK: usize> CowTable<T, CHUNK> {
    pub fn from_rows(rows: Vec<T>) -> Self {
        let len = rows.len();
        let mut chunks = Vec::with_capacity(len.div_ceil(CHUNK));
        for part in rows.chunks(CHUNK) {
            let filler = part.iter().cycle().skip(part.len()).take(CHUNK - part.len());
            chunks.push(part.iter().chain(filler).cloned().collect());
        }
        CowTable { chunks, len }
    }
    pub fn len(&self) -> usize {
        self.len
    }
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    #[inline]
    pub fn get(&self, row: usize) -> Option<&T> {
        if row >= self.len {
            return None;
        }
        self.chunks.get(row / CHUNK)?.get(row % CHUNK)
    }
    /// The row, copied out of a shared chunk first if need be.
    pub fn get_mut(&mut self, row: usize) -> Option<&mut T> {
        if row >= self.len {
            return None;
        }
        Arc::make_mut(self.chunks.get_mut(row / CHUNK)?).get_mut(row % CHUNK)
    }
    pub fn push(&mut self, value: T) {
        if self.len == self.chunks.len() * CHUNK {
            self.chunks.push(std::iter::repeat_n(value, CHUNK).collect());
            self.len += 1;
            return;
        }
        self.len += 1;
        if let Some(slot) = self.get_mut(self.len - 1) {
            *slot = value;
        }
    }
    /// Grows to `len` rows; never shrinks.
    pub fn grow(&mut self, len: usize, value: T) {
        while self.len < len {
            self.push(value.clone());
        }
    }
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks().flatten()
    }
    /// The rows in order, in slices for scans.
    pub fn chunks(&self) -> impl Iterator<Item = &[T]> {
        self.chunks.iter().enumerate().map(|(i, chunk)| &chunk[..(self.len - i * CHUNK).min(CHUNK)])
    }
    /// Whether both hold the very same chunks; tables that merely hold the same rows may answer no.
    pub fn shares_all_with(&self, other: &Self) -> bool {
        let mut chunks = self.chunks.iter().zip(&other.chunks);
        self.len == other.len && chunks.all(|(mine, others)| Arc::ptr_eq(mine, others))
    }
    /// Bytes of the rows themselves.
    pub fn bytes(&self) -> usize {
        self.chunks.len() * CHUNK * size_of::<T>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_its_rows_while_the_other_changes() {
        let mut table: CowTable<u32, 4> = CowTable::from_rows((0..10).collect());
        let before = table.clone();
        assert!(table.shares_all_with(&before));
        table.grow(13, 99);
        assert!(!table.shares_all_with(&before));
        *table.get_mut(2).unwrap() = 7;
        assert_eq!(before.iter().copied().collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
        assert_eq!(table.iter().copied().collect::<Vec<_>>(), [0, 1, 7, 3, 4, 5, 6, 7, 8, 9, 99, 99, 99]);
        assert_eq!((before.get(10), table.get(12), table.get(13)), (None, Some(&99), None));
    }
}
