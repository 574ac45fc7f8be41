//! What the benches stand on: estates to ask about, and baselines to be compared with.
//!
//! Nothing here knows `cmdb-core`. A baseline that shared code with the engine would speed up and slow down
//! with it, and the ratio the benches promise would measure nothing.

pub mod baseline;
pub mod estate;
