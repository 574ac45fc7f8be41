//! Deterministic layered estates from ten thousand to ten million CIs.
//!
//! The same shape as `shared/data/estate/gen.py`, whose graph the published figures of peers were measured on:
//! same layers, shares, hubs and cycles. Not the same bytes, because numpy's stream is not worth copying;
//! compare ratios, not answers, with those figures.
//!
//! Public ids are in random order. An estate whose ids followed its layers would hand every traversal a
//! locality that no real inventory has.

mod gates;
mod layers;
mod questions;
mod random;

pub use gates::Gate;
pub use random::Random;

use layers::Layers;
use rayon::prelude::*;
use std::io::{self, Write};

/// The least number of CIs for which every layer has room.
pub const NODES_MIN: u32 = 500;

pub const ENVIRONMENTS: [&str; 4] = ["prod", "test", "dev", "staging"];

pub const CLASSES: [&str; 20] = [
    "business_service",
    "business_application",
    "technical_application",
    "app_instance",
    "container",
    "database",
    "queue",
    "load_balancer",
    "certificate",
    "shared_service",
    "vm",
    "host",
    "hypervisor",
    "cluster",
    "storage_array",
    "storage_volume",
    "network_interface",
    "network_switch",
    "rack",
    "site",
];

const PREFIXES: [&str; 20] = [
    "svc", "bapp", "tapp", "inst", "ctr", "db", "mq", "lb", "cert", "hub", "vm", "srv", "hv", "clu", "san",
    "vol", "nic", "sw", "rack", "site",
];

pub const TYPES: [&str; 11] = [
    "depends_on",
    "calls",
    "runs_on",
    "uses",
    "stores_on",
    "connects_to",
    "member_of",
    "located_in",
    "replicates_with",
    "hosts",
    "relates_to",
];

/// Indexes into [`CLASSES`].
pub mod class {
    pub const BUSINESS_SERVICE: u8 = 0;
    pub const BUSINESS_APPLICATION: u8 = 1;
    pub const TECHNICAL_APPLICATION: u8 = 2;
    pub const APP_INSTANCE: u8 = 3;
    pub const CONTAINER: u8 = 4;
    pub const DATABASE: u8 = 5;
    pub const QUEUE: u8 = 6;
    pub const LOAD_BALANCER: u8 = 7;
    pub const CERTIFICATE: u8 = 8;
    pub const SHARED_SERVICE: u8 = 9;
    pub const VM: u8 = 10;
    pub const HOST: u8 = 11;
    pub const HYPERVISOR: u8 = 12;
    pub const CLUSTER: u8 = 13;
    pub const STORAGE_ARRAY: u8 = 14;
    pub const STORAGE_VOLUME: u8 = 15;
    pub const NETWORK_INTERFACE: u8 = 16;
    pub const NETWORK_SWITCH: u8 = 17;
    pub const RACK: u8 = 18;
    pub const SITE: u8 = 19;
}

/// Indexes into [`TYPES`].
pub mod kind {
    pub const DEPENDS_ON: u8 = 0;
    pub const CALLS: u8 = 1;
    pub const RUNS_ON: u8 = 2;
    pub const USES: u8 = 3;
    pub const STORES_ON: u8 = 4;
    pub const CONNECTS_TO: u8 = 5;
    pub const MEMBER_OF: u8 = 6;
    pub const LOCATED_IN: u8 = 7;
    pub const REPLICATES_WITH: u8 = 8;
    /// The target depends on the source: the one type that reads the other way.
    pub const HOSTS: u8 = 9;
    /// Informational: carries no dependency.
    pub const RELATES_TO: u8 = 10;
}

/// An inventory: one value per CI in each column, indexed by public id, and the raw relationships.
#[derive(Clone, Debug)]
pub struct Estate {
    pub classes: &'static [&'static str],
    pub types: &'static [&'static str],
    pub class_of: Vec<u8>,
    pub site_of: Vec<u16>,
    pub environment_of: Vec<u8>,
    pub criticality_of: Vec<u8>,
    pub owner_of: Vec<u16>,
    pub sites: u32,
    /// As `edges.csv` of gen.py: `hosts` not turned round, `relates_to` included, no two rows alike.
    pub edges: Vec<Edge>,
    number_of: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    pub source: u32,
    pub target: u32,
    pub kind: u8,
}

impl Edge {
    /// (dependent, dependency), or nothing for an informational relationship.
    pub fn dependency(&self) -> Option<(u32, u32)> {
        match self.kind {
            kind::RELATES_TO => None,
            kind::HOSTS => Some((self.target, self.source)),
            _ => Some((self.source, self.target)),
        }
    }
}

impl Estate {
    /// Panics below [`NODES_MIN`] CIs and above 2²⁸, where the packed sort keys end.
    pub fn new(nodes: u32, seed: u64) -> Estate {
        assert!((NODES_MIN..1 << 28).contains(&nodes), "an estate has 500 to 268 million CIs");
        Layers::build(nodes, seed).publish()
    }

    pub fn nodes(&self) -> u32 {
        self.class_of.len() as u32
    }

    pub fn name(&self, id: u32) -> String {
        let i = id as usize;
        format!(
            "{}-{:07}.{}.s{:03}",
            PREFIXES[usize::from(self.class_of[i])],
            self.number_of[i],
            ENVIRONMENTS[usize::from(self.environment_of[i])],
            self.site_of[i]
        )
    }

    pub fn of_class(&self, class: u8) -> Vec<u32> {
        (0..self.nodes()).filter(|&id| self.class_of[id as usize] == class).collect()
    }

    /// Distinct (dependent, dependency) pairs in ascending order; two types between the same CIs count once.
    pub fn dependencies(&self) -> Vec<(u32, u32)> {
        let mut pairs: Vec<(u32, u32)> = self.edges.iter().filter_map(Edge::dependency).collect();
        pairs.par_sort_unstable();
        pairs.dedup();
        pairs
    }

    /// `id,class,name,environment,criticality,owner,site`, one row per CI. Nothing needs quoting.
    pub fn write_items_csv(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "id,class,name,environment,criticality,owner,site")?;
        for id in 0..self.nodes() {
            let i = id as usize;
            writeln!(
                out,
                "{id},{},{},{},{},team-{:04},s{:03}",
                self.classes[usize::from(self.class_of[i])],
                self.name(id),
                ENVIRONMENTS[usize::from(self.environment_of[i])],
                self.criticality_of[i],
                self.owner_of[i],
                self.site_of[i]
            )?;
        }
        Ok(())
    }

    /// `source,target,type`, one row per relationship, with ids as decimal text.
    pub fn write_relationships_csv(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "source,target,type")?;
        for edge in &self.edges {
            writeln!(out, "{},{},{}", edge.source, edge.target, self.types[usize::from(edge.kind)])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn same_seed_same_estate_and_another_seed_another() {
        let (a, b, c) = (Estate::new(2_000, 7), Estate::new(2_000, 7), Estate::new(2_000, 8));
        assert_eq!(a.edges, b.edges);
        assert_eq!(a.class_of, b.class_of);
        assert_ne!(a.edges, c.edges);
    }

    #[test]
    fn shape_is_that_of_gen_py() {
        let estate = Estate::new(10_000, 42);
        assert!((29_000..30_600).contains(&estate.edges.len()), "{} edges", estate.edges.len());
        assert!((28_400..30_000).contains(&estate.dependencies().len()));
        assert_eq!(estate.of_class(class::VM).len(), 2_200);
        assert_eq!(estate.of_class(class::SITE).len(), 5);
        let distinct: HashSet<(u32, u32, u8)> =
            estate.edges.iter().map(|e| (e.source, e.target, e.kind)).collect();
        assert_eq!(distinct.len(), estate.edges.len());
        assert!(estate.edges.iter().all(|e| e.source != e.target));
    }

    #[test]
    fn smallest_estate_has_every_class_and_distinct_names() {
        let estate = Estate::new(NODES_MIN, 1);
        for class in 0..CLASSES.len() as u8 {
            assert!(!estate.of_class(class).is_empty(), "{} is missing", CLASSES[usize::from(class)]);
        }
        let names: HashSet<String> = (0..NODES_MIN).map(|id| estate.name(id)).collect();
        assert_eq!(names.len(), NODES_MIN as usize);
    }

    #[test]
    fn csv_has_a_header_and_a_row_each() {
        let estate = Estate::new(NODES_MIN, 1);
        let (mut items, mut relationships) = (Vec::new(), Vec::new());
        estate.write_items_csv(&mut items).unwrap();
        estate.write_relationships_csv(&mut relationships).unwrap();
        let items = String::from_utf8(items).unwrap();
        assert_eq!(items.lines().count(), 501);
        assert!(items.lines().all(|line| line.split(',').count() == 7));
        assert_eq!(String::from_utf8(relationships).unwrap().lines().count(), estate.edges.len() + 1);
    }
}
