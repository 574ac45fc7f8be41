//! Questions over a view of a snapshot. One file each; every answer is exact and in one defined order.

pub mod collision;
pub mod criticality;
pub mod cycles;
pub mod drawing;
pub mod duplicates;
pub mod impact;
pub mod path;
pub mod ranking;
pub mod reach;
#[cfg(test)]
pub mod testing;
pub mod waves;
