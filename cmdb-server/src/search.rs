//! Finding items by text (being written).

use crate::convert::ClassSet;
use cmdb_core::graph::Snapshot;
use cmdb_core::model::ItemNumber;
use cmdb_core::{Cmdb, Result};
use std::sync::Arc;

/// What is looked for.
pub struct Query<'q> {
    pub text: &'q str,
    pub class: Option<&'q ClassSet>,
    pub limit: usize,
}

/// One item found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub item: ItemNumber,
    pub matched: Matched,
    /// The attribute that matched and its value.
    pub attribute: Option<(String, String)>,
}

/// How well an item matches; best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matched {
    Exact,
    Prefix,
    Word,
    Part,
    Attribute,
    Similar,
}

impl Matched {
    pub fn word(self) -> &'static str {
        match self {
            Matched::Exact => "exact",
            Matched::Prefix => "prefix",
            Matched::Word => "word",
            Matched::Part => "part",
            Matched::Attribute => "attribute",
            Matched::Similar => "similar",
        }
    }
}

#[derive(Default)]
pub struct Searching {}

impl Searching {
    pub fn search(&self, _: &Arc<Cmdb>, _: &Arc<Snapshot>, _: &Query<'_>) -> Result<Vec<Hit>> {
        Ok(Vec::new())
    }
}
