//! The text of all items: a line each, the folded name and then the short texts among the attributes.

use cmdb_core::Result;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::{ItemNumber, Value};
use rayon::prelude::*;

/// Texts longer than this are not searched, in bytes.
const TEXT_BYTES_MAX: usize = 256;
/// Items of one run when the table is made.
const RUN: u32 = 8_192;
/// Between name and attributes.
pub const FIELD: u8 = 0x1f;
/// Ends a line.
pub const LINE: u8 = b'\n';

/// Upper and lower case are one; control characters would break lines and fields.
pub fn fold(text: &str) -> String {
    if text.is_ascii() && !text.bytes().any(|b| b.is_ascii_control()) {
        return text.to_ascii_lowercase();
    }
    text.to_lowercase().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// One item's line.
pub struct Row {
    pub number: u32,
    pub text: Vec<u8>,
}

impl Row {
    pub fn of(snapshot: &Snapshot, number: u32) -> Result<Row> {
        let mut text = Vec::new();
        write_line(snapshot, number, &mut text)?;
        text.pop();
        Ok(Row { number, text })
    }
}

/// Lines of consecutive items.
pub struct Run {
    pub first: u32,
    pub text: Vec<u8>,
    /// Where each line begins.
    pub starts: Vec<u32>,
    /// Which letters each name has.
    pub masks: Vec<u64>,
}

/// See the module.
pub struct Table {
    pub runs: Vec<Run>,
}

impl Table {
    pub fn build(snapshot: &Snapshot) -> Result<Table> {
        let end = snapshot.counts().item_numbers;
        let starts: Vec<u32> = (0..end).step_by(RUN as usize).collect();
        let run = |first: u32| -> Result<Run> {
            let mut run = Run { first, text: Vec::new(), starts: Vec::new(), masks: Vec::new() };
            for number in first..end.min(first.saturating_add(RUN)) {
                let start = run.text.len();
                run.starts.push(start as u32);
                write_line(snapshot, number, &mut run.text)?;
                run.masks.push(mask(name_of(&run.text[start..run.text.len() - 1])));
            }
            run.text.shrink_to_fit();
            Ok(run)
        };
        Ok(Table { runs: starts.into_par_iter().map(run).collect::<Result<_>>()? })
    }
}

impl Run {
    /// The line at `index`, without its end.
    pub fn line(&self, index: usize) -> &[u8] {
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| *next as usize);
        &self.text[self.starts[index] as usize..end - 1]
    }
}

fn write_line(snapshot: &Snapshot, number: u32, out: &mut Vec<u8>) -> Result<()> {
    if let Some(item) = snapshot.item(ItemNumber(number))? {
        out.extend_from_slice(fold(item.name.as_deref().unwrap_or("")).as_bytes());
        for attribute in &item.attributes {
            if let Value::Text(text) = &attribute.value
                && text.len() <= TEXT_BYTES_MAX
            {
                out.push(FIELD);
                out.extend_from_slice(fold(text).as_bytes());
            }
        }
    }
    out.push(LINE);
    Ok(())
}

/// The name of a line.
pub fn name_of(line: &[u8]) -> &[u8] {
    &line[..memchr::memchr(FIELD, line).unwrap_or(line.len())]
}

/// A bit for each letter and digit that occurs.
pub fn mask(text: &[u8]) -> u64 {
    text.iter().fold(0, |mask, b| {
        mask | 1
            << match b {
                b'a'..=b'z' => b - b'a',
                b'0'..=b'9' => 26 + b - b'0',
                other => 36 + other % 28,
            }
    })
}
