//! The HTTP API through its router, in-process, and through a socket where the socket is the point.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod auth;
mod changes;
mod crud;
mod deadly;
mod description;
mod drawing;
mod errors;
mod freshness;
mod outputs;
mod page;
mod query;
mod ranking;
mod reading;
mod server;
mod shop;
mod sockets;
mod speed;
