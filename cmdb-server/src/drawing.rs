//! Subgraphs as they are drawn and listed: what a request asks for, the answer, the table beside it, and the drawing
//! as a file. The drawing itself is made by [`cmdb_core::analysis::drawing`].

pub mod answer;
pub mod looks;
pub mod rows;
pub mod svg;

pub use answer::Picture;
pub use looks::{Form, Looks};
