//! A look into the zip before anything in it is believed: how many parts, how long each really is.

use crate::ROW_BYTES_MAX;
use cmdb_core::{Error, Result};
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Parts of a workbook at most.
const PARTS_MAX: usize = 4_096;
/// Bytes of all parts together, unpacked.
const UNPACKED_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Bytes of a sheet, unpacked; it is read as a stream.
const SHEET_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Bytes of any other part, such as the texts that sheets share, which are held in memory.
const PART_BYTES_MAX: u64 = 64 * 1024 * 1024;
const CHUNK_BYTES: usize = 64 * 1024;

/// What was seen on the way.
#[derive(Clone, Copy, Default)]
pub(super) struct Package {
    /// Whether any sheet merges cells.
    pub merged: bool,
}

/// Unpacks every part into nothing, and refuses what no honest workbook holds: the sizes that a zip states about
/// itself prove nothing.
pub(super) fn check(bytes: &[u8], file: &str) -> Result<Package> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(file, &e.to_string()))?;
    if archive.len() > PARTS_MAX {
        let message = format!("\"{file}\" has {} parts; at most {PARTS_MAX} are read", archive.len());
        return Err(Error::limit("xlsx.too-many-parts", message));
    }
    if archive.index_for_name("xl/workbook.xml").is_none() && archive.index_for_name("mimetype").is_some() {
        let message =
            format!("\"{file}\" is a document of another kind, such as an OpenDocument spreadsheet");
        return Err(Error::invalid("xlsx.not-a-workbook", message).hint("save it as .xlsx"));
    }
    let (mut total, mut package) = (0, Package::default());
    for number in 0..archive.len() {
        let mut part = archive.by_index(number).map_err(|e| broken(file, &e.to_string()))?;
        let name = part.name().map(|name| name.into_owned()).map_err(|e| broken(file, &e.to_string()))?;
        let is_sheet = name.starts_with("xl/worksheets/");
        let length_max =
            if is_sheet { SHEET_BYTES_MAX } else { PART_BYTES_MAX }.min(UNPACKED_BYTES_MAX - total);
        let (length, merged) = drain(&mut part, length_max).map_err(|fault| match fault {
            Fault::TooLong => {
                let message =
                    format!("\"{file}\" unpacks to more than can be read: {name} passes {length_max} bytes");
                Error::limit("xlsx.unpacks-too-long", message).hint("save its sheets as CSV")
            }
            Fault::TextTooLong => {
                let message = format!("{name} in \"{file}\" holds a text of more than {ROW_BYTES_MAX} bytes");
                Error::limit("xlsx.text-too-long", message)
            }
            Fault::Broken(e) => broken(file, &e.to_string()),
        })?;
        total += length;
        package.merged |= is_sheet && merged;
    }
    Ok(package)
}

enum Fault {
    TooLong,
    TextTooLong,
    Broken(std::io::Error),
}

/// The true length of a part, and whether it merges cells. What lies between two `<` has a bound, because a parser
/// keeps it.
fn drain(part: &mut dyn Read, length_max: u64) -> std::result::Result<(u64, bool), Fault> {
    const MERGE: &[u8] = b"<mergeCell";
    let mut chunk = vec![0; CHUNK_BYTES];
    let (mut length, mut since_tag, mut merged, mut kept) = (0, 0, false, 0);
    let mut is_text = true;
    loop {
        // The end of the last chunk stays in front, so that nothing is missed at the seam.
        let read = part.read(&mut chunk[kept..]).map_err(Fault::Broken)?;
        if read == 0 {
            return Ok((length, merged));
        }
        if length == 0 {
            is_text = chunk[..read].trim_ascii_start().first().is_some_and(|b| matches!(b, b'<' | 0xEF));
        }
        length += read as u64;
        if length > length_max {
            return Err(Fault::TooLong);
        }
        let new = &chunk[kept..kept + read];
        since_tag = match memchr::memrchr(b'<', new) {
            Some(last) => {
                let first = memchr::memchr(b'<', new).unwrap_or(last);
                if since_tag + first > ROW_BYTES_MAX && is_text {
                    return Err(Fault::TextTooLong);
                }
                read - last
            }
            None => since_tag + read,
        };
        if since_tag > ROW_BYTES_MAX && is_text {
            return Err(Fault::TextTooLong);
        }
        let all = kept + read;
        merged = merged || memchr::memmem::find(&chunk[..all], MERGE).is_some();
        kept = all.min(MERGE.len());
        chunk.copy_within(all - kept..all, 0);
    }
}

fn broken(file: &str, message: &str) -> Error {
    Error::invalid("xlsx.unreadable", format!("\"{file}\" is not a zip that can be read: {message}"))
        .hint("open it in a spreadsheet and save it again as .xlsx")
}
