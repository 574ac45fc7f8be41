//! Durable state: the commit log's contract, the embedded log, and the tables beside it in one redb file.
//!
//! The only room that names redb. redb checks its pages only when asked to, so every row stored here carries a
//! checksum of its own with table and key bound in ([`seal`]); rows are checked whenever they are read.

pub mod backup;
mod border;
pub mod conformance;
pub mod embedded;
mod embedded_log;
pub mod erase;
mod flat;
pub mod load;
pub mod location;
pub mod log;
pub mod memory;
mod note;
pub mod seal;
pub mod side;
mod tables;
pub mod unread;
pub mod verify;

pub use embedded::Store;
pub use load::{Fresh, Loaded, Opened};
pub use location::Location;
pub use log::{Appended, ChainHash, CommitLog, Entry, Header, NewEntry, Payload};
pub use unread::Unread;
