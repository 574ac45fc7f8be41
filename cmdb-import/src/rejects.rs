//! Rows that were not taken, written back in the file's own format with a column that says why.
//!
//! A user mends them where they are and imports the file again: the column of reasons is left out then.

use crate::{Input, Options, Source, format};
use cmdb_core::Result;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::io::{Read, Write};

/// The column, or the field of an object, that holds the reasons.
pub const REASON_COLUMN: &str = "reject_reason";

/// By row, as complaints number them: what is wrong with it.
pub type RejectedRows = BTreeMap<u64, Vec<String>>;
/// By place, as complaints name it: the file, or one of its sheets or arrays.
pub type Rejected = BTreeMap<String, RejectedRows>;

/// Writes the rows of `rejected` from the file `input` to `out`; whether the format can do that.
///
/// # Errors
/// A file that cannot be read again, or whatever `out` fails with.
pub fn write_rejects(
    file_name: &str,
    input: &mut dyn Read,
    options: &Options,
    rejected: &Rejected,
    out: &mut dyn Write,
) -> Result<bool> {
    let source = Source::new(file_name, input)?;
    let format = format::choose(options.format.as_deref(), source.bytes(), file_name)?;
    format.rejects(Input { file: SmolStr::new(file_name), source, options }, rejected, out)
}

/// Whether a place that a complaint names is the file or in it.
pub fn is_in_file(place: &str, file_name: &str) -> bool {
    place.strip_prefix(file_name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['#', '[']))
}

/// The reasons of one row in one text.
pub(crate) fn reason(reasons: &[String]) -> String {
    reasons.join("; ")
}

/// What writing fails with.
pub(crate) fn unwritten(error: std::io::Error) -> cmdb_core::Error {
    cmdb_core::Error::new(
        cmdb_core::Kind::Unavailable,
        "rejects.write",
        "the rejected rows could not be written",
    )
    .caused_by(error)
}
