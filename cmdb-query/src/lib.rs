//! The query language: openCypher-compatible, with extensions.
//!
//! A text becomes a tree ([`syntax`]), the tree is checked without looking at data ([`check`]), a checked tree becomes
//! a plan ([`plan`]), and the plan runs over one narrow read trait ([`graph::Graph`]) and, for writes, a sink
//! ([`graph::Sink`]). Rooms, inner to outer: `error`, `value`, `syntax`, `graph`, `scene`, `function`, `procedure`,
//! `check`, `evaluate`, `plan`, `execute`.

pub mod check;
pub mod error;
pub mod evaluate;
pub mod execute;
pub mod function;
pub mod graph;
pub mod memory;
pub mod plan;
pub mod procedure;
pub mod run;
pub mod scene;
pub mod syntax;
pub mod value;

pub use error::{Error, Result};
