//! Foreign formats into rows: bytes in, [`Batch`]es and [`Complaint`]s out; and rows back into files.
//!
//! One file per format under `format/` and one line in [`formats`]. Everything streams: a file of any size is read
//! in memory bounded by the constants here and in the core's `intake`. Nothing here decides what a row means; it
//! only names columns, types what the format itself typed, and says which places cannot be read.

use cmdb_core::Result;
use cmdb_core::model::intake::{Batch, Complaint};
use smol_str::SmolStr;
use std::io::Read;

mod columns;
pub mod export;
mod format;
mod guard;
pub mod guess;
mod intake;
pub mod json;
mod lines;
mod mapping;
mod options;
mod planned;
mod records;
mod rejects;
mod secret;
mod serial;
mod shaping;
mod sniff;
mod source;
pub mod template;
mod tree;
mod workbook;
mod xml;
mod yaml;

#[cfg(test)]
mod tests;

pub use format::{Format, Input, formats};
pub use mapping::Mapping;
pub use options::Options;
pub use planned::{Action, PlannedChange};
pub use rejects::{REASON_COLUMN, Rejected, RejectedRows, is_in_file, write_rejects};
pub use source::{HEAD_BYTES, Source};

/// The longest row, line or array element that is kept in memory, in bytes.
pub const ROW_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The most columns a table, or keys an object, may have.
pub const COLUMNS_MAX: usize = 4_096;
/// The most cells handed over at once; wide tables come in shorter batches.
pub const BATCH_CELLS_MAX: usize = 262_144;
/// A batch is handed over once its texts pass this many bytes.
pub const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Who takes what was read. Batches and complaints arrive in the order of the file.
///
/// An implementer bounds what it keeps: a hostile file can produce as many complaints as it has rows. An error from
/// `batch` ends the reading and is returned to the caller of [`read`] unchanged.
pub trait Sink {
    /// Takes note of how the file is read; said once, before anything else.
    fn format(&mut self, _: &dyn Format) {}
    /// Takes consecutive rows of one table.
    fn batch(&mut self, batch: Batch) -> Result<()>;
    /// Takes note of a place that could not be read; the reading goes on.
    fn complain(&mut self, complaint: Complaint);
    /// Takes a change that the file plans (a Terraform plan). It is no part of what exists, so an import leaves it
    /// out; a proposal is made of it.
    fn planned(&mut self, _: PlannedChange) -> Result<()> {
        Ok(())
    }
}

/// Reads one file into `sink`: the format named in `options`, else the one that recognises the content.
///
/// An error means that the file as a whole cannot be read (on); rows handed over before it are then part of a broken
/// file, and the caller decides what they are worth.
pub fn read(file_name: &str, input: &mut dyn Read, options: &Options, sink: &mut dyn Sink) -> Result<()> {
    let source = Source::new(file_name, input)?;
    let format = format::choose(options.format.as_deref(), source.bytes(), file_name)?;
    sink.format(format);
    let input = Input { file: SmolStr::new(file_name), source, options };
    if options.mapping.reshapes() {
        return format.read(input, &mut shaping::Shaping::new(&options.mapping, sink));
    }
    format.read(input, sink)
}
