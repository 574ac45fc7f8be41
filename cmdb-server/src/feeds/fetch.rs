//! The file of a source behind a URL, fetched unless it is the one fetched before.

use super::notes::Notes;
use crate::importing::InputFile;
use crate::outbound::Outbound;
use cmdb_core::{Error, Kind, Result};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::TempPath;

/// Bytes of a fetched file at most.
pub const BYTES_MAX: u64 = 4 << 30;
/// How long fetching may take.
const PATIENCE: Duration = Duration::from_secs(600);
const PIECE_BYTES: usize = 64 * 1024;

/// What came of fetching.
pub enum Fetched {
    /// The server says that it is still the same.
    Unchanged,
    File(FetchedFile),
}

/// A file on disk, gone when dropped.
pub struct FetchedFile {
    pub file: InputFile,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    _spooled: TempPath,
}

/// Fetches `url` into `spool`.
///
/// # Errors
/// The server cannot be reached or must not be, answers with another status than 200 or 304, or sends too much.
pub fn fetch(
    outbound: &Outbound,
    url: &str,
    notes: &Notes,
    spool: Option<&Path>,
    cancelled: &AtomicBool,
) -> Result<Fetched> {
    let mut headers = notes.headers.0.clone();
    let conditions = [("if-none-match", &notes.etag), ("if-modified-since", &notes.last_modified)];
    for (name, value) in conditions {
        headers.extend(value.iter().map(|value| (name.to_owned(), value.clone())));
    }
    let answer = outbound.get(url, &headers, PATIENCE)?;
    match answer.status {
        200 => {}
        304 => return Ok(Fetched::Unchanged),
        status @ 300..400 => {
            let message = format!("the server answered {status}; redirects are not followed");
            return Err(
                Error::new(Kind::Unavailable, "source.status", message).hint("state the address it leads to")
            );
        }
        status => {
            let message = format!("the server answered {status}");
            return Err(Error::new(Kind::Unavailable, "source.status", message)
                .hint("headers such as Authorization are stated with --header NAME=VALUE"));
        }
    }
    let kept = |name: &str| answer.header(name).map(str::to_owned);
    let (etag, last_modified) = (kept("etag"), kept("last-modified"));
    let name = file_name(url);
    let made = match spool {
        Some(folder) => tempfile::NamedTempFile::new_in(folder),
        None => tempfile::NamedTempFile::new(),
    };
    let (mut file, path) = made.map_err(no_space)?.into_parts();
    copy(&mut answer.reader(BYTES_MAX), &mut file, cancelled)?;
    let file = InputFile { name, path: path.to_path_buf() };
    Ok(Fetched::File(FetchedFile { file, etag, last_modified, _spooled: path }))
}

/// The last part of the path: what a format may be guessed from.
fn file_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.splitn(4, '/').nth(3).and_then(|path| path.rsplit('/').next()).unwrap_or("");
    if name.is_empty() { "download".to_owned() } else { name.to_owned() }
}

fn copy(from: &mut dyn Read, to: &mut dyn Write, cancelled: &AtomicBool) -> Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        if cancelled.load(Ordering::Relaxed) {
            return Err(Error::new(Kind::Unavailable, "job.cancelled", "the run was cancelled"));
        }
        let count = from.read(&mut piece).map_err(|e| {
            let message = format!("the file did not arrive whole (at most {BYTES_MAX} bytes): {e}");
            Error::new(Kind::Unavailable, "source.broken", message).caused_by(e)
        })?;
        if count == 0 {
            return to.flush().map_err(no_space);
        }
        to.write_all(&piece[..count]).map_err(no_space)?;
    }
}

fn no_space(error: io::Error) -> Error {
    Error::new(Kind::Unavailable, "source.spool", "the file could not be kept on disk").caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_file_is_called_by_the_end_of_its_path() {
        assert_eq!(file_name("https://a.example/x/items.csv?token=1"), "items.csv");
        assert_eq!(file_name("https://a.example/api/dcim/devices/"), "download");
        assert_eq!(file_name("https://a.example"), "download");
    }
}
