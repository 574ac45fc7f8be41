//! The files of a source on this machine: found by a pattern, told apart by their content.

use crate::importing::InputFile;
use cmdb_core::{Error, Kind, Result};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Files of one run at most.
pub const FILES_MAX: usize = 1_000;
/// A file that was written to this lately may still be being written; it is left for the next run.
pub const SETTLE: Duration = Duration::from_secs(2);

/// A file to import and the BLAKE3 of its content.
#[derive(Debug)]
pub struct Found {
    pub file: InputFile,
    pub hash: String,
    written: Option<SystemTime>,
}

/// Refuses a pattern that cannot be looked for from everywhere.
pub fn check(pattern: &str) -> Result<()> {
    let wrong =
        |message: String| Err(Error::invalid("source.path", message.clone()).detail("/path", message));
    if !Path::new(pattern).is_absolute() {
        return wrong(format!(
            "\"{pattern}\" does not begin at the root; the server has no folder of yours to begin in"
        ));
    }
    match glob::Pattern::new(pattern) {
        Ok(_) => Ok(()),
        Err(error) => wrong(format!("\"{pattern}\" is no pattern: {error}")),
    }
}

/// The files that match, by name.
///
/// # Errors
/// None match, too many do, one cannot be read, or one is being written right now.
pub fn find(pattern: &str) -> Result<Vec<Found>> {
    let paths = glob::glob(pattern).map_err(|e| Error::invalid("source.path", e.to_string()))?;
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|e| unreadable(e.path(), e.error()))?;
        if !path.is_file() {
            continue;
        }
        if found.len() == FILES_MAX {
            let message = format!("\"{pattern}\" matches more than {FILES_MAX} files");
            return Err(Error::limit("source.files", message));
        }
        let written = written(&path)?;
        let age = written.and_then(|at| SystemTime::now().duration_since(at).ok());
        if age.is_some_and(|age| age < SETTLE) {
            let message = format!("{} is being written to", path.display());
            return Err(
                Error::new(Kind::Unavailable, "source.unsettled", message).hint("try again in a moment")
            );
        }
        let hash = hash(&path)?;
        // The name without its folder: what complaints show, and what a format may be guessed from.
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        found.push(Found { file: InputFile { name, path }, hash, written });
    }
    if found.is_empty() {
        let message = format!("no file matches \"{pattern}\"");
        return Err(Error::not_found("source.no-file", message));
    }
    Ok(found)
}

impl Found {
    /// A file that was fetched, which nobody else writes to.
    pub fn own(file: InputFile) -> Result<Found> {
        let hash = hash(&file.path)?;
        Ok(Found { file, hash, written: None })
    }
    /// Whether the file is still the one that was looked at.
    pub fn is_as_found(&self) -> bool {
        self.written.is_none() || written(&self.file.path).is_ok_and(|now| now == self.written)
    }
}

fn written(path: &Path) -> Result<Option<SystemTime>> {
    let about = std::fs::metadata(path).map_err(|e| unreadable(path, &e))?;
    Ok(about.modified().ok())
}

fn hash(path: &Path) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    let read = std::fs::File::open(path).and_then(|file| hasher.update_reader(file).map(drop));
    read.map_err(|e| unreadable(path, &e))?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::not_found("source.unreadable", format!("{} cannot be read: {error}", path.display()))
}
