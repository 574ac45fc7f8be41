//! A set of items by dense id.

/// One bit an item.
#[derive(Clone, Debug, Default)]
pub struct Bits(Vec<u64>);

impl Bits {
    pub fn of(nodes: u32, items: impl IntoIterator<Item = u32>) -> Bits {
        let mut bits = Bits(vec![0; (nodes as usize).div_ceil(64)]);
        items.into_iter().filter(|item| *item < nodes).for_each(|item| bits.insert(item));
        bits
    }
    /// The item must be one of the graph the set was made for.
    pub fn insert(&mut self, item: u32) {
        if let Some(word) = self.0.get_mut(item as usize / 64) {
            *word |= 1 << (item % 64);
        }
    }
    #[inline]
    pub fn holds(&self, item: u32) -> bool {
        self.0.get(item as usize / 64).is_some_and(|word| word >> (item % 64) & 1 != 0)
    }
}
