//! What the benches stand on: estates to ask about, and baselines to be compared with.
//!
//! Estates and baselines do not know `cmdb-core`: a baseline that shared code with the engine would speed up and
//! slow down with it, and the ratio the benches promise would measure nothing. Only [`inventory`] does.

pub mod baseline;
pub mod estate;
pub mod inventory;

/// CIs of the estates benched: `CMDB_BENCH_NODES`, else 100,000.
pub fn nodes() -> u32 {
    std::env::var("CMDB_BENCH_NODES").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000)
}

/// The seed of every bench.
pub const SEED: u64 = 42;
