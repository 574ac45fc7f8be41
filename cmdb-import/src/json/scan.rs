//! Finds where the values of a JSON text begin and end, without recursion and without keeping more than one.
//!
//! It counts brackets and steps over strings; whether what stands between is JSON is found by the parser that gets it.

use crate::{ROW_BYTES_MAX, Source};
use cmdb_core::{Error, Result};
use smol_str::SmolStr;

pub(crate) struct Scanner<'a> {
    source: Source<'a>,
    file: SmolStr,
    /// Of the next unread byte, both 1-based; the column counts bytes.
    line: u64,
    column: u64,
    /// Bytes of the value handed out last, to be stepped over next.
    pending: usize,
}

/// One value of the text.
pub(crate) enum Scanned<'s> {
    Whole(&'s [u8]),
    /// Longer than a row may be; it was stepped over.
    TooLong,
}

impl<'a> Scanner<'a> {
    pub fn new(source: Source<'a>, file: SmolStr) -> Self {
        Scanner { source, file, line: 1, column: 1, pending: 0 }
    }

    /// The next byte that is not white space, not consumed; none at the end.
    pub fn peek(&mut self) -> Result<Option<u8>> {
        self.step_over_pending();
        loop {
            let bytes = self.source.bytes();
            if let Some(at) = bytes.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n')) {
                let found = bytes[at];
                self.advance(at);
                return Ok(Some(found));
            }
            self.advance(bytes.len());
            if !self.source.more()? {
                return Ok(None);
            }
        }
    }

    /// Consumes the next byte that is not white space if it is `wanted`.
    pub fn take(&mut self, wanted: u8) -> Result<bool> {
        let found = self.peek()? == Some(wanted);
        if found {
            self.advance(1);
        }
        Ok(found)
    }

    /// Consumes the next byte that is not white space, or fails where it is another than `wanted`.
    pub fn expect(&mut self, wanted: u8) -> Result<()> {
        if self.take(wanted)? {
            return Ok(());
        }
        Err(match self.peek()? {
            Some(_) => self.syntax(1, 1, &format!("expected `{}`", wanted as char)),
            None => self.truncated(),
        })
    }

    /// The next value, which must be there.
    pub fn value(&mut self) -> Result<Scanned<'_>> {
        if self.peek()?.is_none() {
            return Err(self.truncated());
        }
        let begin = (self.line, self.column);
        let (mut bounds, mut seen, mut too_long) = (Bounds::default(), 0, false);
        loop {
            if let Some(end) = bounds.find_end(&self.source.bytes()[seen..]) {
                return self.found(seen + end, too_long || seen + end > ROW_BYTES_MAX);
            }
            seen = self.source.bytes().len();
            if seen > ROW_BYTES_MAX {
                too_long = true;
                self.advance(seen);
                seen = 0;
            }
            if !self.source.more()? {
                return if bounds.is_scalar() {
                    self.found(seen, too_long)
                } else {
                    (self.line, self.column) = begin;
                    Err(self.truncated())
                };
            }
        }
    }

    /// The error for a place counted from the next unread byte.
    pub fn syntax(&self, line: u64, column: u64, message: &str) -> Error {
        let (line, column) = match line {
            0 | 1 => (self.line, self.column + column.saturating_sub(1)),
            _ => (self.line + line - 1, column),
        };
        let text = format!("\"{}\" is not valid JSON at line {line} column {column}: {message}", self.file);
        Error::invalid("json.syntax", text)
    }

    pub fn truncated(&self) -> Error {
        let (line, column) = (self.line, self.column);
        let text =
            format!("\"{}\" ends inside the value that begins at line {line} column {column}", self.file);
        Error::invalid("json.truncated", text)
    }

    fn found(&mut self, length: usize, too_long: bool) -> Result<Scanned<'_>> {
        if too_long {
            self.advance(length);
            return Ok(Scanned::TooLong);
        }
        self.pending = length;
        Ok(Scanned::Whole(&self.source.bytes()[..length]))
    }

    fn step_over_pending(&mut self) {
        let count = std::mem::take(&mut self.pending);
        self.advance(count);
    }

    fn advance(&mut self, count: usize) {
        let passed = &self.source.bytes()[..count];
        match memchr::memrchr(b'\n', passed) {
            Some(last) => {
                self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
                self.column = (count - last) as u64;
            }
            None => self.column += count as u64,
        }
        self.source.consume(count);
    }
}

/// Where in a value the scan stands; fed piece by piece.
#[derive(Default)]
pub(crate) struct Bounds {
    begun: bool,
    depth: u64,
    in_string: bool,
    escaped: bool,
}

impl Bounds {
    fn is_scalar(&self) -> bool {
        self.begun && self.depth == 0 && !self.in_string
    }

    /// How many bytes of `piece` still belong to the value, if it ends there.
    pub fn find_end(&mut self, piece: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < piece.len() {
            if self.in_string {
                at += self.skip_string(&piece[at..]);
                if !self.in_string && self.depth == 0 {
                    return Some(at);
                }
                continue;
            }
            match piece[at] {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' if self.depth == 1 => return Some(at + 1),
                b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if self.depth == 0 => {
                    // A stray delimiter is handed out on its own, so that the scan always moves on.
                    return Some(if self.begun { at } else { at + 1 });
                }
                _ => {}
            }
            self.begun = true;
            at += 1;
        }
        None
    }

    /// Steps over the inside of a string, its closing quote included if it is there.
    fn skip_string(&mut self, piece: &[u8]) -> usize {
        if self.escaped {
            self.escaped = false;
            return 1;
        }
        match memchr::memchr2(b'"', b'\\', piece) {
            None => piece.len(),
            Some(at) => {
                self.escaped = piece[at] == b'\\';
                self.in_string = self.escaped;
                at + 1
            }
        }
    }
}
