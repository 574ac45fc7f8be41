//! Records written since a snapshot was taken, lying over its blocks.
//!
//! New records come with consecutive numbers and are kept one after the other in one buffer, so that an import of
//! many costs neither an allocation nor a place in a map each; whatever is written a second time goes into a map.

use rustc_hash::FxHashMap;

/// Encoded records one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Run {
    pub fn push(&mut self, record: &[u8]) {
        self.bytes.extend_from_slice(record);
        self.ends.push(self.bytes.len());
    }
    pub fn append(&mut self, other: &Run) {
        let base = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes);
        self.ends.extend(other.ends.iter().map(|end| base + end));
    }
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    fn get(&self, at: usize) -> Option<&[u8]> {
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(start..end)
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overlay {
    /// The number of the first new record.
    first: u32,
    new: Run,
    changed: FxHashMap<u32, Box<[u8]>>,
}

impl Overlay {
    /// Nothing written yet; records from `first` on are new.
    pub fn from(first: u32) -> Overlay {
        Overlay { first, ..Overlay::default() }
    }
    pub fn get(&self, number: u32) -> Option<&[u8]> {
        if !self.changed.is_empty()
            && let Some(record) = self.changed.get(&number)
        {
            return Some(record);
        }
        self.new.get(number.checked_sub(self.first)? as usize)
    }
    pub fn put(&mut self, number: u32, record: Vec<u8>) {
        if u64::from(number) == u64::from(self.first) + self.new.len() as u64 {
            self.changed.remove(&number);
            self.new.push(&record);
        } else {
            self.changed.insert(number, record.into());
        }
    }
    /// Adds records that follow on those that are there.
    pub fn append(&mut self, run: &Run) {
        self.new.append(run);
    }
    /// Records written, each once.
    pub fn len(&self) -> usize {
        self.new.len() + self.changed.keys().filter(|n| !self.is_new(**n)).count()
    }
    pub fn contains(&self, number: u32) -> bool {
        self.is_new(number) || self.changed.contains_key(&number)
    }
    fn is_new(&self, number: u32) -> bool {
        number.checked_sub(self.first).is_some_and(|at| (at as usize) < self.new.len())
    }
    /// The numbers written, each once, ascending.
    pub fn numbers(&self) -> Vec<u32> {
        let mut out: Vec<u32> = self.changed.keys().copied().filter(|n| !self.is_new(*n)).collect();
        out.sort_unstable();
        let at = out.partition_point(|n| *n < self.first);
        out.splice(at..at, (0..self.new.len() as u32).map(|i| self.first + i));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_of_a_record_is_found_whether_new_or_changed() {
        let mut overlay = Overlay::from(10);
        overlay.put(10, b"a".to_vec());
        overlay.put(3, b"old".to_vec());
        let mut run = Run::default();
        run.push(b"");
        run.push(b"ccc");
        overlay.append(&run);
        overlay.put(10, b"A".to_vec());
        overlay.put(20, b"far".to_vec());
        let found: Vec<Option<&[u8]>> = [10, 11, 12, 13, 3, 20].map(|n| overlay.get(n)).to_vec();
        assert_eq!(found, [Some(&b"A"[..]), Some(b""), Some(b"ccc"), None, Some(b"old"), Some(b"far")],);
        assert_eq!((overlay.numbers(), overlay.len()), (vec![3, 10, 11, 12, 20], 5));
        assert!(overlay.contains(12) && !overlay.contains(13));
    }
}
