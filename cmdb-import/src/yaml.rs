//! YAML texts, document by document: each within a budget of bytes, depth and expanded aliases.
//!
//! A line that begins with `---` or `...` ends a document wherever it stands, so documents can be told apart without
//! parsing them; one that does not parse is a complaint, and the next is read.

use crate::tree::{self, Whole};
use crate::{Sink, Source};
use cmdb_core::Result;
use cmdb_core::model::intake::Complaint;
use serde_json::Value as Json;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use smol_str::SmolStr;

/// The longest document, in bytes.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How deep a document may nest.
const DEPTH_MAX: usize = 64;
/// Parts that aliases may add to a document.
const REPLAYED_MAX: usize = 100_000;

/// The documents of a file.
pub(crate) struct Documents<'a> {
    source: Source<'a>,
    line: u64,
    number: u64,
    ended: bool,
}

/// One document.
pub(crate) struct Document {
    /// 1-based, counting those that hold something.
    pub number: u64,
    /// Of its first line.
    pub line: u64,
    /// What it says, or why it cannot be read (code and sentence).
    pub json: std::result::Result<Json, (&'static str, String)>,
}

impl<'a> Documents<'a> {
    pub fn new(source: Source<'a>) -> Self {
        Documents { source, line: 1, number: 0, ended: false }
    }

    /// The next document that holds something.
    pub fn next(&mut self) -> Result<Option<Document>> {
        while !self.ended {
            let line = self.line;
            let (text, too_long) = self.text()?;
            if !too_long && is_blank(&text) {
                continue;
            }
            let json = if too_long {
                let message =
                    format!("the document is longer than {DOCUMENT_BYTES_MAX} bytes; write JSON instead");
                Err(("yaml.document-too-long", message))
            } else {
                parse(&text, line)
            };
            if json.as_ref().is_ok_and(Json::is_null) {
                continue;
            }
            self.number += 1;
            return Ok(Some(Document { number: self.number, line, json }));
        }
        Ok(None)
    }

    /// The bytes up to the next line that parts documents; that line's own content belongs to the next one.
    fn text(&mut self) -> Result<(Vec<u8>, bool)> {
        let (mut text, mut too_long) = (Vec::new(), false);
        loop {
            let (length, whole) = self.next_line()?;
            if length == 0 {
                self.ended = true;
                return Ok((text, too_long));
            }
            let line = &self.source.bytes()[..length];
            if parts_documents(line) && !text.is_empty() {
                return Ok((text, too_long));
            }
            // The mark itself goes; what stands behind it (`--- !tag`, `--- {a: 1}`) is content.
            let content = if parts_documents(line) { &line[3..] } else { line };
            too_long |= text.len() + content.len() > DOCUMENT_BYTES_MAX || !whole;
            if too_long {
                text.clear();
                text.push(b'\n');
            } else if !(content.starts_with(b"%") && is_blank(&text)) {
                text.extend_from_slice(content);
                if content.is_empty() {
                    text.push(b'\n');
                }
            }
            self.line += u64::from(line.ends_with(b"\n"));
            self.source.consume(length);
        }
    }

    /// The length of the next line with its line break, and whether it is all of it.
    fn next_line(&mut self) -> Result<(usize, bool)> {
        let mut seen = 0;
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.source.bytes()[seen..]) {
                return Ok((seen + at + 1, true));
            }
            seen = self.source.bytes().len();
            if seen > DOCUMENT_BYTES_MAX {
                return Ok((seen, false));
            }
            if !self.source.more()? {
                return Ok((seen, true));
            }
        }
    }
}

fn parts_documents(line: &[u8]) -> bool {
    (line.starts_with(b"---") || line.starts_with(b"..."))
        && line.get(3).is_none_or(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
}

/// Whether there are only blank lines and comments.
fn is_blank(text: &[u8]) -> bool {
    text.split(|&b| b == b'\n').all(|line| {
        let line = line.trim_ascii();
        line.is_empty() || line.starts_with(b"#")
    })
}

fn parse(text: &[u8], first_line: u64) -> std::result::Result<Json, (&'static str, String)> {
    let Ok(text) = std::str::from_utf8(text) else {
        return Err(("yaml.not-utf8", "the document is not UTF-8".to_owned()));
    };
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_MAX,
            max_nodes: tree::NODES_MAX,
            max_events: 4 * tree::NODES_MAX,
            max_aliases: REPLAYED_MAX,
            max_documents: 2,
            max_total_scalar_bytes: 2 * DOCUMENT_BYTES_MAX,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Merge,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: REPLAYED_MAX },
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Whole>(text, options) {
        Ok(Whole(json)) => Ok(json),
        Err(error) => {
            let line = error.location().map_or(first_line, |at| first_line + at.line().saturating_sub(1));
            let message = error.without_snippet().to_string();
            let message = message.lines().next().unwrap_or("it is not YAML");
            Err(("yaml.syntax", format!("the document is not valid YAML at line {line}: {message}")))
        }
    }
}

/// The complaint about a document.
pub(crate) fn complain(sink: &mut dyn Sink, file: &SmolStr, line: u64, code: &'static str, message: String) {
    sink.complain(Complaint { file: file.clone(), row: line, column: None, code, message });
}
