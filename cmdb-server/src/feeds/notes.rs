//! What is noted of a source beside the log: headers for its URL, which files were seen, how its runs ended.

use cmdb_core::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fmt;

/// Runs remembered.
pub const RUNS_MAX: usize = 200;
/// Files whose content is remembered; of more the oldest are forgotten.
pub const SEEN_MAX: usize = 5_000;

/// See the module. Kept as JSON beside the log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Notes {
    /// Position at which the source it belongs to was added.
    pub created: u64,
    pub headers: Headers,
    /// BLAKE3 of what was imported: of each file, or of all files of a run together.
    pub seen: VecDeque<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// When the last run began; 0 before the first.
    pub started_ms: i64,
    /// Newest last.
    pub runs: VecDeque<Run>,
}

/// Headers to send; they may be secrets, so they are never shown.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Headers(pub Vec<(String, String)>);

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Something was taken, or all of it was known already.
    Imported,
    /// The content is the one imported before; nothing was read.
    #[default]
    Unchanged,
    /// Rows were rejected, and so nothing was taken.
    Rejected,
    Failed,
}

impl Ended {
    pub fn word(self) -> &'static str {
        match self {
            Ended::Imported => "imported",
            Ended::Unchanged => "unchanged",
            Ended::Rejected => "rejected",
            Ended::Failed => "failed",
        }
    }
}

/// One run, or several in a row that ended alike with nothing taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Run {
    pub at_ms: i64,
    pub took_ms: u64,
    pub scheduled: bool,
    pub ended: Ended,
    /// The import in the log, where something was taken.
    pub import: Option<String>,
    pub files: Vec<String>,
    pub items: Counts,
    pub relationships: Counts,
    pub rejected: u64,
    /// What went wrong.
    pub code: Option<String>,
    pub message: Option<String>,
    /// Runs before this one that ended the same way.
    pub repeated: u64,
}

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub removed: u64,
}

impl Counts {
    /// Rows that were read.
    pub fn rows(self) -> u64 {
        self.created + self.updated + self.unchanged
    }
}

impl Run {
    pub fn rows(&self) -> u64 {
        self.items.rows() + self.relationships.rows() + self.rejected
    }
}

impl Notes {
    pub fn decode(note: &[u8]) -> Result<Notes> {
        serde_json::from_slice(note)
            .map_err(|e| Error::corrupt("source.note", "the note of a source does not read").caused_by(e))
    }
    pub fn encode(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self)
            .map_err(|e| Error::new(Kind::Internal, "source.note", "a note does not encode").caused_by(e))
    }
    pub fn has_seen(&self, hash: &str) -> bool {
        self.seen.iter().any(|seen| seen == hash)
    }
    pub fn saw(&mut self, hash: String) {
        self.seen.push_back(hash);
        while self.seen.len() > SEEN_MAX {
            self.seen.pop_front();
        }
    }
    /// A run like the one before takes its place, so that a feed that fails every minute keeps its history.
    pub fn remember(&mut self, mut run: Run) {
        let alike = |last: &&Run| {
            matches!(run.ended, Ended::Unchanged | Ended::Failed)
                && (last.ended, &last.code, &last.message) == (run.ended, &run.code, &run.message)
        };
        if let Some(last) = self.runs.back().filter(alike) {
            run.repeated = last.repeated + 1;
            self.runs.pop_back();
        }
        self.runs.push_back(run);
        while self.runs.len() > RUNS_MAX {
            self.runs.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_say_the_same_take_one_place_and_secrets_are_not_shown() {
        let mut notes = Notes::default();
        let failed = |at_ms| Run { at_ms, ended: Ended::Failed, code: Some("x".into()), ..Run::default() };
        for at_ms in 1..=500 {
            notes.remember(failed(at_ms));
        }
        assert_eq!((notes.runs.len(), notes.runs[0].repeated, notes.runs[0].at_ms), (1, 499, 500));
        notes.remember(Run { ended: Ended::Imported, ..Run::default() });
        notes.remember(failed(501));
        assert_eq!((notes.runs.len(), notes.runs[2].repeated), (3, 0));
        notes.headers.0.push(("authorization".into(), "Bearer s3cret".into()));
        assert!(!format!("{notes:?}").contains("s3cret"));
    }
}
