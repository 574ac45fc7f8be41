//! Many short lists in one allocation, and lists without repetitions.

/// Lists of numbers end to end.
#[derive(Clone, Debug)]
pub(super) struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    pub fn new() -> Lists {
        Lists { starts: vec![0], items: Vec::new() }
    }
    pub fn push(&mut self, list: impl IntoIterator<Item = u32>) {
        self.items.extend(list);
        self.starts.push(self.items.len() as u32);
    }
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }
    #[inline]
    pub fn get(&self, index: usize) -> &[u32] {
        &self.items[self.starts[index] as usize..self.starts[index + 1] as usize]
    }
    /// `lists` lists, made of pairs (list, item) by counting; pairs of a list keep their order.
    pub fn of_pairs(lists: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Lists {
        let mut starts = vec![0u32; lists + 1];
        for (list, _) in pairs.clone() {
            starts[list as usize + 1] += 1;
        }
        for list in 0..lists {
            starts[list + 1] += starts[list];
        }
        let mut next = starts.clone();
        let mut items = vec![0; starts[lists] as usize];
        for (list, item) in pairs {
            items[next[list as usize] as usize] = item;
            next[list as usize] += 1;
        }
        Lists { starts, items }
    }
    /// Every (list, item), list by list.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, u32)> + Clone {
        (0..self.len()).flat_map(|list| self.get(list).iter().map(move |item| (list as u32, *item)))
    }
}

/// Collects each number once; beginning anew costs nothing.
#[derive(Clone, Debug)]
pub(super) struct Distinct {
    stamps: Vec<u32>,
    stamp: u32,
    pub items: Vec<u32>,
}

impl Distinct {
    /// For numbers below `bound`.
    pub fn new(bound: usize) -> Distinct {
        Distinct { stamps: vec![0; bound], stamp: 0, items: Vec::new() }
    }
    /// At most 2³² - 1 times.
    pub fn begin(&mut self) {
        self.stamp += 1;
        self.items.clear();
    }
    #[inline]
    pub fn add(&mut self, number: u32) {
        let stamp = &mut self.stamps[number as usize];
        if *stamp != self.stamp {
            *stamp = self.stamp;
            self.items.push(number);
        }
    }
}
