//! Texts read line by line, within a bound for each line.

use crate::{ROW_BYTES_MAX, Source};
use cmdb_core::{Error, Result};

/// Lines at most that are kept of one file by formats that need all of it.
pub(crate) const LINES_MAX: usize = 1_000_000;

/// Hands every line to `take`, without its end, with its 1-based number. Bytes that are no UTF-8 become `�`.
pub(crate) fn each(
    mut source: Source<'_>,
    file: &str,
    take: &mut dyn FnMut(u64, &str) -> Result<()>,
) -> Result<()> {
    let mut number = 0;
    let mut seen = 0;
    loop {
        let bytes = source.bytes();
        let end = memchr::memchr(b'\n', &bytes[seen..]).map(|at| seen + at);
        if end.unwrap_or(bytes.len()) > ROW_BYTES_MAX {
            let message = format!("line {} of \"{file}\" is longer than {ROW_BYTES_MAX} bytes", number + 1);
            return Err(Error::limit("text.line-too-long", message));
        }
        match end {
            Some(end) => {
                number += 1;
                take(number, String::from_utf8_lossy(bytes[..end].trim_ascii_end()).as_ref())?;
                source.consume(end + 1);
                seen = 0;
            }
            None => {
                seen = bytes.len();
                if !source.more()? {
                    break;
                }
            }
        }
    }
    let last = source.bytes().trim_ascii_end();
    if last.is_empty() {
        return Ok(());
    }
    take(number + 1, String::from_utf8_lossy(last).as_ref())
}

/// The name of a file without folders and ending: what some tools' files are named after.
pub(crate) fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    match name.rsplit_once('.') {
        Some((stem, "txt" | "json" | "log" | "out" | "lldp" | "dmi" | "dmidecode")) if !stem.is_empty() => {
            stem
        }
        _ => name,
    }
}
