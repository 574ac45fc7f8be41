//! Sources that repeat: where the files of a source come from, and how often they are looked at.

use super::Position;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A source that is imported again and again. The outcome of its runs, and headers that may hold secrets, stand beside
/// the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// The source: whose keys its ids are.
    pub name: SmolStr,
    pub from: Origin,
    /// The format; guessed from the content if none.
    pub format: Option<SmolStr>,
    /// A mapping as `old=new,…` or TOML; empty for none.
    pub mapping: SmolStr,
    /// Columns with one value for every row.
    pub set: Vec<(SmolStr, SmolStr)>,
    pub every_s: u64,
    /// Each file is imported once and by itself, in order of name; else all files together are what the source knows.
    pub each: bool,
    pub define_missing: bool,
    pub paused: bool,
    pub by: SmolStr,
    pub created: Position,
    pub removed: bool,
}

/// What becomes of items that a repeating source knew and does not name any more. Stands beside its [`Feed`], whose
/// stored form cannot grow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedMissing {
    /// Of the feed.
    pub name: SmolStr,
    /// Runs in a row that must miss an item before it is retired; none: never, but they are counted.
    pub retire_after: Option<u32>,
    /// A run is refused that would retire more than this share of what the source knows; millionths.
    pub share_max_millionths: u32,
    pub removed: bool,
}

/// Where files come from. Stored; append variants only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Files of the server's machine, by a pattern with `*`, `?` and `[…]`.
    Path(SmolStr),
    Url(SmolStr),
}
