//! The product through its front doors.

#![allow(clippy::print_stdout, reason = "a test that cannot run here says so")]

mod bad_input;
mod board;
mod care;
mod changes;
mod crash;
mod debian;
mod demo;
mod events;
mod freshness;
mod imports;
mod inventory;
mod layering;
mod planned_edits;
mod questions;
mod rules;
mod small_shop;
mod sources;
mod tck;
mod trust;
mod webhooks;
mod workbooks;

use cmdb_tests::Bench;

/// The program with an empty folder.
fn bench() -> Bench {
    Bench::new(env!("CARGO_BIN_EXE_cmdb-under-test"))
}
