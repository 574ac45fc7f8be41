//! The layers of an estate, from sites up to business services, in ids that follow the layers.
//!
//! This file holds the ground: counts, placement and drawing. What is linked to what is in `infrastructure.rs`
//! and `applications.rs`, in the order of gen.py, so that the two can be read side by side.

mod applications;
mod infrastructure;

use super::random::Random;
use super::{CLASSES, Edge, Estate, TYPES, class, kind};
use rayon::prelude::*;
use std::ops::Range;

/// Share of all CIs per class, in thousandths; containers take what is left, sites and hubs have rules of their own.
const SHARE: [u32; 20] = [5, 15, 40, 160, 0, 35, 10, 10, 10, 0, 220, 15, 25, 2, 2, 90, 92, 6, 2, 0];

/// CIs per site and per application domain: gen.py's scale, which keeps radii comparable between sizes.
const NODES_PER_SITE: u32 = 20_000;
const NODES_PER_DOMAIN: u32 = 5_000;

/// Where the CIs of one class that belong to a site (or domain) begin, relative to the class; one more at the end.
type Starts = Vec<u32>;

pub(super) struct Layers {
    random: Random,
    nodes: u32,
    sites: u32,
    domains: u32,
    base: [u32; 21],
    site: Vec<u16>,
    environment: Vec<u8>,
    by_site: [Starts; 20],
    by_domain: [Starts; 20],
    /// Top-of-rack switches by site, relative to the first of them; core switches stand before it.
    racked_switches: Starts,
    edges: Vec<Edge>,
}

impl Layers {
    pub fn build(nodes: u32, seed: u64) -> Layers {
        let mut layers = Layers::empty(nodes, seed);
        layers.infrastructure();
        layers.applications();
        for _ in 0..nodes as u64 * 6 / 100 {
            let (source, target) = (layers.random.below(nodes), layers.random.below(nodes));
            layers.link(source, target, kind::RELATES_TO);
        }
        layers
    }

    fn empty(nodes: u32, seed: u64) -> Layers {
        let sites = (nodes / NODES_PER_SITE).max(5);
        let mut random = Random::new(seed);
        let environment = (0..nodes).map(|_| environment(&mut random)).collect();
        Layers {
            random,
            nodes,
            sites,
            domains: (nodes / NODES_PER_DOMAIN).max(2),
            base: bases(nodes, sites),
            site: vec![0; nodes as usize],
            environment,
            by_site: Default::default(),
            by_domain: Default::default(),
            racked_switches: Starts::new(),
            edges: Vec::with_capacity(nodes as usize * 33 / 10),
        }
    }

    fn ids(&self, class: u8) -> Range<u32> {
        self.base[usize::from(class)]..self.base[usize::from(class) + 1]
    }

    fn count(&self, class: u8) -> u32 {
        self.ids(class).len() as u32
    }

    fn site(&self, id: u32) -> u16 {
        self.site[id as usize]
    }

    fn link(&mut self, source: u32, target: u32, kind: u8) {
        self.edges.push(Edge { source, target, kind });
    }

    fn link_both(&mut self, a: u32, b: u32, kind: u8) {
        self.link(a, b, kind);
        self.link(b, a, kind);
    }

    /// Gives every site one CI of the class and the rest to sites with heavy-tailed sizes, in site order.
    fn place(&mut self, class: u8) {
        let ids = self.ids(class);
        let mut sites: Vec<u32> = (0..self.sites).collect();
        sites.extend((self.sites..ids.len() as u32).map(|_| self.random.heavy(self.sites, 2)));
        sites.sort_unstable();
        for (id, &site) in ids.zip(&sites) {
            self.site[id as usize] = site as u16;
        }
        self.by_site[usize::from(class)] = starts(&sites, self.sites);
    }

    /// A CI of the class in the site, drawn from the first `fraction` of them, low ranks more often with `power`.
    fn pick_at(&mut self, class: u8, site: u16, power: u32, fraction: f64) -> u32 {
        let starts = &self.by_site[usize::from(class)];
        let (start, end) = (starts[usize::from(site)], starts[usize::from(site) + 1]);
        let pool = ((f64::from(end - start) * fraction) as u32).max(1);
        let picked = start + self.random.heavy(pool, power);
        self.base[usize::from(class)] + picked.min(self.count(class) - 1)
    }

    fn pick_in_site(&mut self, class: u8, site: u16) -> u32 {
        self.pick_at(class, site, 1, 1.0)
    }

    fn pick_in_domain(&mut self, class: u8, domain: u32, power: u32) -> u32 {
        let starts = &self.by_domain[usize::from(class)];
        let (start, end) = (starts[domain as usize], starts[domain as usize + 1]);
        let picked = start + self.random.heavy((end - start).max(1), power);
        self.base[usize::from(class)] + picked.min(self.count(class) - 1)
    }

    fn pick_hub(&mut self, power: u32) -> u32 {
        self.base[usize::from(class::SHARED_SERVICE)]
            + self.random.heavy(self.count(class::SHARED_SERVICE), power)
    }

    /// Domain of each CI of a class that [`Layers::applications`] spread over domains.
    fn domains_of(&self, class: u8) -> Vec<u32> {
        let starts = &self.by_domain[usize::from(class)];
        (0..self.domains).flat_map(|d| (starts[d as usize]..starts[d as usize + 1]).map(move |_| d)).collect()
    }

    /// Deals out public ids and row order at random and draws the columns that no layer depends on.
    pub fn publish(mut self) -> Estate {
        let keys = self.distinct_keys();
        let mut public: Vec<u32> = (0..self.nodes).collect();
        self.random.shuffle(&mut public);
        let edges = self.published_edges(keys, &public);
        let teams = (self.nodes / 2_000).max(20);
        let mut estate = Estate {
            classes: &CLASSES,
            types: &TYPES,
            class_of: vec![0; public.len()],
            site_of: vec![0; public.len()],
            environment_of: vec![0; public.len()],
            criticality_of: public.iter().map(|_| self.random.heavy(5, 2) as u8 + 1).collect(),
            owner_of: public.iter().map(|_| self.random.heavy(teams, 2) as u16).collect(),
            sites: self.sites,
            edges,
            number_of: vec![0; public.len()],
        };
        for class in 0..CLASSES.len() as u8 {
            for (number, id) in self.ids(class).enumerate() {
                let at = public[id as usize] as usize;
                estate.class_of[at] = class;
                estate.number_of[at] = number as u32;
                estate.site_of[at] = self.site[id as usize];
                estate.environment_of[at] = self.environment[id as usize];
            }
        }
        estate
    }

    /// Every edge once, as a sorted word of source (28 bits), target (28) and kind (4); no loops.
    fn distinct_keys(&mut self) -> Vec<u64> {
        let cut = self.hub_machines_to_cut();
        let edges = std::mem::take(&mut self.edges);
        let kept = |e: &Edge| {
            e.source != e.target && !(e.kind == kind::USES && cut.binary_search(&e.source).is_ok())
        };
        let mut keys: Vec<u64> = edges.into_iter().filter(kept).map(pack).collect();
        keys.par_sort_unstable();
        keys.dedup();
        keys
    }

    /// VMs that carry a hub and lose their own use of hubs. Real estates have that loop only for a few, so three
    /// in four are cut; otherwise all hubs would be one cycle.
    fn hub_machines_to_cut(&self) -> Vec<u32> {
        let hubs = self.ids(class::SHARED_SERVICE);
        let carries_hub = |e: &&Edge| e.kind == kind::RUNS_ON && hubs.contains(&e.source);
        let mut machines: Vec<u32> = self.edges.iter().filter(carries_hub).map(|e| e.target).collect();
        machines.sort_unstable();
        machines.dedup();
        machines.into_iter().enumerate().filter(|(rank, _)| rank % 4 != 0).map(|(_, id)| id).collect()
    }

    fn published_edges(&mut self, mut keys: Vec<u64>, public: &[u32]) -> Vec<Edge> {
        self.random.shuffle(&mut keys);
        keys.into_par_iter()
            .map(unpack)
            .map(|e| Edge {
                source: public[e.source as usize],
                target: public[e.target as usize],
                kind: e.kind,
            })
            .collect()
    }
}

/// 45 % production, 25 % test, 20 % development, 10 % staging.
fn environment(random: &mut Random) -> u8 {
    match random.below(20) {
        0..9 => 0,
        9..14 => 1,
        14..18 => 2,
        _ => 3,
    }
}

/// First id of each class, and the number of CIs at the end.
fn bases(nodes: u32, sites: u32) -> [u32; 21] {
    let mut counts =
        SHARE.map(|share| (u64::from(nodes) * u64::from(share) / 1_000) as u32).map(|n| n.max(sites));
    let switches = &mut counts[usize::from(class::NETWORK_SWITCH)];
    *switches = (*switches).max(2 * sites);
    counts[usize::from(class::SITE)] = sites;
    counts[usize::from(class::SHARED_SERVICE)] = (nodes / 10_000 + 20).min(400);
    counts[usize::from(class::CONTAINER)] = 0;
    counts[usize::from(class::CONTAINER)] = nodes - counts.iter().sum::<u32>();
    let mut base = [0; 21];
    for class in 0..20 {
        base[class + 1] = base[class] + counts[class];
    }
    base
}

/// Where each of `groups` values begins in a sorted list, and the list's length at the end.
fn starts(sorted: &[u32], groups: u32) -> Starts {
    (0..=groups).map(|group| sorted.partition_point(|&value| value < group) as u32).collect()
}

fn pack(edge: Edge) -> u64 {
    u64::from(edge.source) << 32 | u64::from(edge.target) << 4 | u64::from(edge.kind)
}

fn unpack(key: u64) -> Edge {
    Edge { source: (key >> 32) as u32, target: (key >> 4) as u32 & 0x0fff_ffff, kind: (key & 15) as u8 }
}
