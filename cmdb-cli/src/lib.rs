//! `cmdb`: every command of the product.
//!
//! Commands are clients of the HTTP API: with `--server` over a socket, with `--data` through the very same router
//! in this process. Data goes to stdout, talk to stderr.

mod args;
mod client;
mod commands;
mod demo;
mod failure;
mod folder;
mod output;
mod render;

use clap::Parser;
use std::process::ExitCode;

/// The whole program. A library function, so that the tests run the same program from a binary of their own.
pub fn main() -> ExitCode {
    let args = args::Args::parse_from(args::with_source_format(std::env::args_os()));
    match commands::run(args) {
        Ok(code) => code,
        Err(failure) => {
            failure.print();
            failure.exit_code()
        }
    }
}
