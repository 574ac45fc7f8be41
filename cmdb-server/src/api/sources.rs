//! Sources that repeat on the wire.

use super::ImportCounters;
use super::ImportReport;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A source to look at again and again. Either `path` or `url` says where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    /// Whose keys the ids are.
    pub name: String,
    /// Files of the server's machine: an absolute path, perhaps with `*`, `?` or `[…]`.
    pub path: Option<String>,
    pub url: Option<String>,
    /// Headers to send to the URL; kept, and shown to nobody.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// `1h`, `15m`, `1d`, or seconds; at least a minute.
    pub every: String,
    pub format: Option<String>,
    /// A mapping as `old=new,…` or TOML.
    #[serde(default)]
    pub map: String,
    /// Columns with one value for every row.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// Import each file once and by itself, in order of name; else all files together are what the source knows.
    #[serde(default)]
    pub each: bool,
    #[serde(default)]
    pub define_missing: bool,
    /// What becomes of items that it knew and does not name any more: `keep` (default), `note`, `retire`.
    pub missing: Option<String>,
    /// Runs in a row that must miss an item before it is retired; 1 if not stated.
    pub missing_after: Option<u32>,
    /// A run is refused that would retire more than this share of what the source knows; `10%` if not stated.
    pub max_remove: Option<String>,
}

/// What to change about a source.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceEdit {
    pub paused: bool,
}

/// All sources that repeat.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sources {
    pub sources: Vec<SourceView>,
}

/// A source that repeats, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceView {
    pub name: String,
    pub path: Option<String>,
    pub url: Option<String>,
    /// Names of the headers sent.
    pub headers: Vec<String>,
    pub every_seconds: u64,
    pub format: Option<String>,
    pub map: String,
    pub set: BTreeMap<String, String>,
    pub each: bool,
    pub define_missing: bool,
    /// `keep`, `note` or `retire`.
    pub missing: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_after: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_remove: Option<String>,
    /// `paused`, `running`, `waiting` (for its first run), or how the last run ended: `imported`, `unchanged`,
    /// `rejected`, `failed`.
    pub state: &'static str,
    pub next_run_at: Option<String>,
    pub by: String,
    /// Newest first.
    pub runs: Vec<SourceRun>,
}

/// One run, or several in a row that ended alike with nothing taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceRun {
    pub at: String,
    pub took_ms: u64,
    pub scheduled: bool,
    /// `imported`, `unchanged`, `rejected` or `failed`.
    pub ended: &'static str,
    pub import: Option<String>,
    pub files: Vec<String>,
    pub items: ImportCounters,
    pub relationships: ImportCounters,
    pub rejected: u64,
    /// Rows read, rejected ones included.
    pub rows: u64,
    /// Rows more (or fewer, below 0) than in the import before, in percent.
    pub trend_percent: Option<f64>,
    pub code: Option<String>,
    pub message: Option<String>,
    /// Runs before this one that ended the same way.
    pub repeated: u64,
    /// In the answer to a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<ImportReport>,
}
