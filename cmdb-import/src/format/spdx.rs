//! SPDX documents: 2.2 and 2.3 in JSON and as tags and values, 3.0 in JSON-LD. Packages, files, snippets, licences
//! and the document itself are items.
//!
//! An item's id is the document's namespace and the element's own (`namespace#SPDXRef-x`), so that documents that
//! refer to each other meet. Two elements may be joined by several SPDX relationships that are one of ours; it then
//! carries all of their words in `spdx`.

use super::{Format, Input};
use crate::Sink;
use crate::intake::lay_out;
use crate::sniff::Keys;
use cmdb_core::Result;

mod elements;
mod graph;
mod joins;
mod tags;

pub(super) struct Spdx;

impl Format for Spdx {
    fn name(&self) -> &'static str {
        "spdx"
    }

    fn recognises(&self, head: &[u8], _: &str) -> bool {
        if let Some(keys) = Keys::of(head) {
            return keys.has_all(&["spdxVersion", "SPDXID"]) || is_graph(&keys);
        }
        let mut lines = head.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
        let first = lines.find(|line| !line.is_empty() && !line.starts_with(b"#"));
        first.is_some_and(|line| line.starts_with(b"SPDXVersion:"))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<()> {
        lay_out("spdx", input, sink, |intake, mut source, file| {
            while source.bytes().trim_ascii_start().is_empty() && source.more()? {}
            let head = source.bytes().trim_ascii_start();
            match (head.starts_with(b"{"), Keys::of(head).is_some_and(|keys| is_graph(&keys))) {
                (true, true) => graph::read(intake, source, file),
                (true, false) => elements::read(intake, source, file),
                (false, _) => tags::read(intake, source, file),
            }
        })
    }
}

/// Whether these are the keys of SPDX 3.
fn is_graph(keys: &Keys<'_>) -> bool {
    let context = keys.value("@context");
    keys.has("@graph") && context.is_some_and(|c| memchr::memmem::find(c, b"spdx.org/rdf/3").is_some())
}
