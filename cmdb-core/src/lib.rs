//! The inventory and its graph: what exists, what depends on what, and what happens if we touch it.
//!
//! Rooms, inner to outer; an inner room never imports an outer one: [`model`], [`schema`], [`fact`], [`graph`],
//! [`analysis`], [`command`], [`process`], [`store`], [`engine`]. Nothing here reads a clock, the environment or a terminal.

pub mod analysis;
pub mod command;
pub mod engine;
pub mod error;
pub mod fact;
pub mod graph;
pub mod model;
pub mod process;
pub mod schema;
pub mod store;

pub use engine::Cmdb;
pub use error::{Error, Kind, Result};
