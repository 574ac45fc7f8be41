//! Tables that are cheap to copy and cheap to change in one place.

use std::sync::Arc;

/// A growing table in chunks of `CHUNK` rows behind `Arc`; a clone shares every chunk, a change copies one.
#[derive(Debug)]
pub struct CowTable<T, const CHUNK: usize> {
    chunks: Vec<Arc<Vec<T>>>,
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
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            chunks.push(Arc::new(rows.by_ref().take(CHUNK).collect()));
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
        self.chunks.get(row / CHUNK)?.get(row % CHUNK)
    }
    /// The row, copied out of a shared chunk first if need be.
    pub fn get_mut(&mut self, row: usize) -> Option<&mut T> {
        Arc::make_mut(self.chunks.get_mut(row / CHUNK)?).get_mut(row % CHUNK)
    }
    pub fn push(&mut self, value: T) {
        if self.len == self.chunks.len() * CHUNK {
            self.chunks.push(Arc::new(Vec::with_capacity(CHUNK.min(64))));
        }
        let last = self.chunks.len() - 1;
        Arc::make_mut(&mut self.chunks[last]).push(value);
        self.len += 1;
    }
    /// Grows to `len` rows; never shrinks.
    pub fn grow(&mut self, len: usize, value: T) {
        while self.len < len {
            self.push(value.clone());
        }
    }
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }
    /// The chunks in order, for scans that want slices.
    pub fn chunks(&self) -> impl Iterator<Item = &[T]> {
        self.chunks.iter().map(|chunk| chunk.as_slice())
    }
    /// Bytes of the rows themselves.
    pub fn bytes(&self) -> usize {
        self.chunks.len() * CHUNK * size_of::<T>()
    }
}
