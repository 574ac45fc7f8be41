//! Questions over a view of a snapshot. One file each; every answer is exact and in one defined order.

pub mod collision;
pub mod criticality;
pub mod cycles;
pub mod doubt;
pub mod drawing;
pub mod duplicates;
pub mod freshness;
pub mod impact;
pub mod observed;
pub mod path;
pub mod ranking;
pub mod reach;
pub mod seen;
#[cfg(test)]
pub mod testing;
pub mod waves;
