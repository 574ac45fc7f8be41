//! Random estates, and building them for real.

use super::super::State;
use super::oracle::{Asked, Group, How, Link, Needs, Shape};
use crate::analysis::testing::{Estate, Random, TestGraph};
use crate::graph::{Records, build};

/// Relationship types; the last one makes its target suffer.
const KINDS: [&str; 3] = ["depends_on", "runs_on", "hosts"];

/// Two to twelve items, sparse enough for failures to stop somewhere.
pub fn random_shape(random: &mut Random) -> Shape {
    let items = 2 + random.below(11);
    let mut shape = Shape { hidden: (0..items).map(|_| random.once_in(12)).collect(), ..Shape::default() };
    for _ in 0..random.below(items + 2) {
        let how = if random.once_in(3) { How::Soft } else { How::Hard };
        let (dependent, dependency) = (random.below(items) as usize, random.below(items) as usize);
        shape.links.push(link(random, dependent, dependency, how));
    }
    for group in 0..random.below(items / 2 + 2) as usize {
        let dependent = random.below(items) as usize;
        shape.groups.push(Group { dependent, needs: random_needs(random) });
        let (plain, standbys) = (random.once_in(2), random.once_in(2));
        for _ in 0..=random.below(5) {
            let halves = if plain { 2 } else { [1, 1, 2, 4, 6, 20][random.below(6) as usize] };
            let how = How::Member { group, halves, standby: standbys && random.once_in(3) };
            let dependency = random.below(items) as usize;
            shape.links.push(link(random, dependent, dependency, how));
        }
    }
    for _ in 0..random.below(3) {
        if !shape.links.is_empty() {
            let again = shape.links[random.below(shape.links.len() as u32) as usize].clone();
            shape.links.push(link(random, again.dependent, again.dependency, again.how));
        }
    }
    shape
}

fn link(random: &mut Random, dependent: usize, dependency: usize, how: How) -> Link {
    let kind = KINDS[random.below(KINDS.len() as u32) as usize];
    Link { dependent, dependency, kind, how, unsure: random.once_in(5) }
}

fn random_needs(random: &mut Random) -> Needs {
    match random.below(4) {
        0 => Needs::Unstated,
        1 => Needs::Count(1 + random.below(3)),
        2 => Needs::Percent([1, 34, 50, 67, 100][random.below(5) as usize]),
        _ => Needs::Halves(1 + random.below(9)),
    }
}

/// One to three roots, mostly down.
pub fn random_roots(random: &mut Random, shape: &Shape) -> Vec<(usize, State)> {
    let state = |random: &mut Random| {
        [State::Down, State::Down, State::Degraded, State::AtRisk][random.below(4) as usize]
    };
    let items = shape.hidden.len() as u32;
    (0..=random.below(3)).map(|_| (random.below(items) as usize, state(random))).collect()
}

/// Leaves out links by type or by confidence.
pub fn random_filter(random: &mut Random, asked: &mut Asked) {
    if random.once_in(2) {
        asked.sure_links_only = true;
    }
    if random.once_in(2) {
        asked.kinds = Some(KINDS.into_iter().filter(|_| !random.once_in(3)).collect());
    }
}

/// `0..n` in a random order.
pub fn shuffled(random: &mut Random, n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for at in (1..n).rev() {
        order.swap(at, random.below(at as u32 + 1) as usize);
    }
    order
}

/// A shape built for real, with its items numbered in some order.
pub struct Built {
    pub graph: TestGraph,
    /// Dense id of each item of the shape.
    pub dense: Vec<u32>,
}

impl Built {
    pub fn of_dense(&self, dense: u32) -> usize {
        self.dense.iter().position(|d| *d == dense).expect("every dense id is an item's")
    }
}

/// Items get numbers and links are added in the orders given; dense ids follow dependencies if `laid_anew`.
pub fn build(shape: &Shape, items: &[usize], links: &[usize], laid_anew: bool) -> Built {
    let name = |item: usize| format!("n{item:02}");
    let mut estate = Estate::new();
    for &item in items {
        estate = estate.item(&name(item), "Server");
        if shape.hidden[item] {
            estate = estate.hidden(&name(item));
        }
    }
    let mut stated = vec![false; shape.groups.len()];
    for &at in links {
        let link = &shape.links[at];
        let ends = match link.kind {
            "hosts" => (link.dependency, link.dependent),
            _ => (link.dependent, link.dependency),
        };
        estate = estate.typed(&name(ends.0), link.kind, &name(ends.1));
        if link.unsure {
            estate = estate.confidence(0.3);
        }
        estate = match link.how {
            How::Hard => estate,
            How::Soft => estate.soft(),
            How::Member { group, halves, standby } => {
                let mut estate = estate.group(&format!("g{group}"));
                if halves != 2 {
                    estate = estate.weight(f64::from(halves) / 2.0);
                }
                if standby {
                    estate = estate.standby();
                }
                match needs_text(shape.groups[group].needs) {
                    Some(needs) if !std::mem::replace(&mut stated[group], true) => estate.needs(&needs),
                    _ => estate,
                }
            }
        };
    }
    let mut graph = estate.build_by_edits();
    if laid_anew {
        graph.snapshot = build::rebuild(graph.snapshot).unwrap();
    }
    let dense = (0..shape.hidden.len())
        .map(|item| graph.nth(items.iter().position(|i| *i == item).unwrap() as u32))
        .collect();
    Built { graph, dense }
}

fn needs_text(needs: Needs) -> Option<String> {
    match needs {
        Needs::Unstated => None,
        Needs::Count(count) => Some(count.to_string()),
        Needs::Percent(share) => Some(format!("{share}%")),
        Needs::Halves(halves) => Some(format!("weight>={}", f64::from(halves) / 2.0)),
    }
}

/// Symbols of relationship types, as questions want them.
pub fn symbols(graph: &TestGraph, kinds: &[&str]) -> Vec<crate::model::Symbol> {
    kinds.iter().map(|kind| graph.snapshot.names().get(kind).unwrap()).collect()
}
