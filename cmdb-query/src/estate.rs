//! The inventory as the graph that queries read and write: the one place that knows both this language and the core.
//!
//! Nodes are dense ids, relationships their numbers. In a graph with a schema a node's labels are its class and the
//! ancestors below the root, `name` and `status` are properties beside the attributes, and `id` and `class` can be read
//! though they are not listed. In a graph with an open schema labels and properties are what was written.

mod names;
mod procedures;
mod program;
mod reach;
mod refusal;
mod seen;
mod sink;
mod stored;

pub use procedures::procedures;
pub use program::QueryProgram;
pub use refusal::of_query;
pub use seen::Seen;
