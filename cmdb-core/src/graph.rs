//! The graph as it stands at one position: immutable, shared, in both directions.
//!
//! A [`Snapshot`] is what every read sees. A [`Draft`] is a snapshot being changed: the writer uses one to stage a
//! commit, a proposal and a past position are drafts that were finished without being committed. Publishing costs
//! what the commit touched, whatever the size of the graph: records live in small blocks, adjacency in pages of
//! 1,024 items, long rows in chunks, each behind its own `Arc`.

pub mod adjacency;
pub mod block;
pub mod build;
pub mod cow;
pub mod draft;
mod ends;
pub(crate) mod flat;
pub mod group;
pub mod imprint;
pub mod index;
pub mod link;
pub mod matching;
pub mod order;
mod overlay;
pub mod petgraph;
pub mod records;
mod relink;
pub mod snapshot;
pub mod statistics;
#[cfg(test)]
mod tests;
pub mod undo;
pub(crate) mod unread;
pub mod view;

pub(crate) use draft::decode_definitions;
pub use draft::{Draft, Finished};
pub(crate) use ends::Ends;
pub use imprint::Imprint;
pub use records::Records;
pub use snapshot::Snapshot;
pub use undo::Undo;
pub use view::View;
