//! A small file beside the store that notes the newest entry after each commit.
//!
//! Rows seal themselves, but a page that holds the roots of all tables may be replaced by its older version, and the
//! store then looks whole and is a few commits old; so does an old copy of the file. The note tells. It is never
//! synced, so after a power cut it may be older than the store or unreadable, which says nothing; it is never newer.

use super::log::ChainHash;
use super::seal;
use crate::model::{LogId, Position};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Longest note, in bytes.
const BYTES_MAX: u64 = 256;

/// What was noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Noted {
    pub(super) log: LogId,
    pub(super) position: Position,
    pub(super) chain: ChainHash,
}

/// The file, opened when it is first written to.
#[derive(Debug)]
pub(super) struct Note {
    path: PathBuf,
    file: Mutex<Option<File>>,
}

impl Note {
    pub(super) fn at(path: PathBuf) -> Note {
        Note { path, file: Mutex::default() }
    }
    /// Notes the newest entry. A note that cannot be written is only less of a safeguard, never a failed commit.
    pub(super) fn write(&self, noted: &Noted) {
        let Ok(content) = postcard::to_stdvec(noted) else { return };
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.is_none() {
            *file = OpenOptions::new().create(true).write(true).truncate(false).open(&self.path).ok();
        }
        if let Some(file) = file.as_mut() {
            let _ = file
                .seek(SeekFrom::Start(0))
                .and_then(|_| file.write_all(&seal::seal("note", &[content.len() as u8], &content)));
        }
    }
}

/// The note at `path`, if there is a readable one.
pub(super) fn read(path: &Path) -> Option<Noted> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(BYTES_MAX).read_to_end(&mut bytes).ok()?;
    // An older, longer note may show behind a newer one: positions only grow, and so do notes, but be exact.
    (10..=bytes.len()).rev().find_map(|end| {
        let content = seal::open("note", &[(end - 9) as u8], &bytes[..end]).ok()?;
        postcard::from_bytes(content).ok()
    })
}
