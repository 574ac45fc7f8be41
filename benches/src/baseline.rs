//! What an engineer would write by hand for one question and nothing else: the yardstick of every promise.
//!
//! No states, no views, no edits, no history: the engine has to carry all of those and stay within a stated ratio
//! of this. Ids are taken as given, so in the estates' random order; ordering them is the engine's own idea.

mod condensation;
mod csr;
mod petgraph_walk;
mod ranking;
mod search;

pub use condensation::Condensation;
pub use csr::Csr;
pub use petgraph_walk::PetgraphWalk;
pub use ranking::Ranking;
pub use search::{PathScratch, Scratch};
