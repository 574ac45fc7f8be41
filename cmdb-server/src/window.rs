//! A page out of waves of items, ordered by class and name within each wave, without sorting what is not shown.
//!
//! A radius of 700,000 names takes most of a second to sort and one pass over its classes to skip through: a wave
//! before the page is skipped by its length, a class before the page by its count, and of the classes on the page
//! the names are selected, not sorted.

use cmdb_core::graph::Snapshot;
use cmdb_core::model::Symbol;

/// Rows of `waves` from `skip` on, at most `take`; `keep` says which items count at all. Each row comes with the tag
/// of its wave.
pub fn window<'w, T: Copy>(
    snapshot: &Snapshot,
    waves: impl Iterator<Item = (&'w [u32], T)>,
    skip: u64,
    take: usize,
    keep: Option<&dyn Fn(u32) -> bool>,
) -> Vec<(u32, T)> {
    let (mut skip, mut rows) = (skip as usize, Vec::new());
    for (wave, tag) in waves {
        if rows.len() >= take {
            break;
        }
        let kept: Vec<u32>;
        let wave = match keep {
            None => wave,
            Some(keep) => {
                kept = wave.iter().copied().filter(|item| keep(*item)).collect();
                &kept
            }
        };
        if skip >= wave.len() {
            skip -= wave.len();
            continue;
        }
        let left = take - rows.len();
        rows.extend(of_wave(snapshot, wave, skip, left).into_iter().map(|item| (item, tag)));
        skip = 0;
    }
    rows
}

fn of_wave(snapshot: &Snapshot, wave: &[u32], mut skip: usize, take: usize) -> Vec<u32> {
    use cmdb_core::graph::Records;
    let mut classes: Vec<(Option<Symbol>, usize)> = Vec::new();
    for item in wave {
        let class = snapshot.class_of(*item);
        match classes.iter_mut().find(|(known, _)| *known == class) {
            Some((_, count)) => *count += 1,
            None => classes.push((class, 1)),
        }
    }
    classes.sort_by_key(|(class, _)| class.map_or("", |c| snapshot.names().text(c)));
    let mut rows = Vec::new();
    for (class, count) in classes {
        if rows.len() >= take {
            break;
        }
        if skip >= count {
            skip -= count;
            continue;
        }
        let of_class: Vec<u32> = wave.iter().copied().filter(|i| snapshot.class_of(*i) == class).collect();
        rows.extend(by_name(snapshot, of_class, skip, take - rows.len()));
        skip = 0;
    }
    rows
}

/// The items from `skip` on, at most `take`, ordered by name.
fn by_name(snapshot: &Snapshot, items: Vec<u32>, skip: usize, take: usize) -> Vec<u32> {
    // Fetching a name is a handful of cache misses and a comparison of two fetched ones next to none.
    let named = |item: u32| {
        let name = snapshot.name_of(item);
        Named { head: head(name), name, item }
    };
    let mut named: Vec<Named<'_>> = items.into_iter().map(named).collect();
    let order = |a: &Named<'_>, b: &Named<'_>| {
        let by_name = a.head.cmp(&b.head).then_with(|| a.name.cmp(b.name));
        by_name.then_with(|| snapshot.number(a.item).cmp(&snapshot.number(b.item)))
    };
    let end = named.len().min(skip.saturating_add(take));
    if end < named.len() {
        named.select_nth_unstable_by(end, order);
        named.truncate(end);
    }
    if skip > 0 && skip < named.len() {
        named.select_nth_unstable_by(skip, order);
    }
    let mut page = named.split_off(skip.min(named.len()));
    page.sort_unstable_by(order);
    page.into_iter().map(|named| named.item).collect()
}

struct Named<'a> {
    head: u64,
    name: &'a str,
    item: u32,
}

/// The first eight bytes of a name; ordered as the names are, as far as they differ there.
fn head(name: &str) -> u64 {
    let mut head = [0; 8];
    let many = name.len().min(head.len());
    head[..many].copy_from_slice(&name.as_bytes()[..many]);
    u64::from_be_bytes(head)
}
