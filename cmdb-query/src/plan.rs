//! From a checked tree to operators.

use crate::value::SmolStr;

/// A plan for people: what EXPLAIN and PROFILE show.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    pub operator: SmolStr,
    pub details: String,
    pub estimated_rows: f64,
    /// Rows that came out, with PROFILE.
    pub rows: Option<u64>,
    /// Steps charged, with PROFILE.
    pub steps: Option<u64>,
    pub inputs: Vec<Description>,
}
