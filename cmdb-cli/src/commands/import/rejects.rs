//! `--rejects FILE`: the rows that were not taken, to be mended and imported again.

use crate::failure::Failure;
use crate::output::say;
use base64::Engine as _;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Writes the rejected rows of each file and takes them out of the report. With several files the second gets `-2`
/// before its extension, and so on.
pub(super) fn write(path: &Path, report: &mut Value, quiet: bool) -> Result<(), Failure> {
    let rejects = report.as_object_mut().and_then(|map| map.remove("rejects")).unwrap_or_default();
    let files = rejects.as_array().map(Vec::as_slice).unwrap_or(&[]);
    for (at, file) in files.iter().enumerate() {
        let path = numbered(path, at);
        std::fs::write(&path, content(file)?)
            .map_err(|e| Failure::usage(format!("{} cannot be written: {e}", path.display())))?;
        let from = file["file"].as_str().unwrap_or("");
        say(quiet, &format!("rejected rows of {from} are in {}", path.display()));
    }
    let rejected = report["rejected_count"].as_u64().unwrap_or(0);
    if rejected > 0 && files.is_empty() {
        say(quiet, "the format of these files has no way to give rejected rows back; the report lists them");
    }
    Ok(())
}

/// Text as it is; a workbook comes in base64.
fn content(file: &Value) -> Result<Vec<u8>, Failure> {
    let unreadable = |_| Failure::usage("the server's answer holds a workbook that cannot be read");
    match file["base64"].as_str() {
        Some(text) => base64::engine::general_purpose::STANDARD.decode(text).map_err(unreadable),
        None => Ok(file["text"].as_str().unwrap_or("").as_bytes().to_vec()),
    }
}

fn numbered(path: &Path, at: usize) -> PathBuf {
    if at == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match path.extension() {
        Some(extension) => format!("{stem}-{}.{}", at + 1, extension.to_string_lossy()),
        None => format!("{stem}-{}", at + 1),
    };
    path.with_file_name(name)
}
