//! Bytes of a file as they come: a buffer with a look ahead, no byte order mark, and read errors told plainly.

use cmdb_core::{Error, Result, error::Kind};
use std::io::{ErrorKind, Read};

/// How much of a file is looked at to guess its format.
pub const HEAD_BYTES: usize = 65_536;
const READ_BYTES: usize = 131_072;

/// A file being read. [`Source::bytes`] is what has been read and not yet consumed.
pub struct Source<'a> {
    reader: &'a mut dyn Read,
    file: String,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
}

impl<'a> Source<'a> {
    /// Reads the head of the file and steps over its byte order mark. UTF-16 and UTF-32 are refused here.
    pub fn new(file: &str, reader: &'a mut dyn Read) -> Result<Self> {
        let mut source =
            Source { reader, file: file.to_owned(), buffer: Vec::new(), start: 0, end: 0, at_end: false };
        while source.bytes().len() < HEAD_BYTES && source.more()? {}
        if source.bytes().starts_with(b"\xEF\xBB\xBF") {
            source.consume(3);
        }
        if source.bytes().starts_with(b"\xFF\xFE") || source.bytes().starts_with(b"\xFE\xFF") {
            return Err(Error::invalid("import.not-utf8", format!("\"{file}\" is written in UTF-16"))
                .hint("save it as UTF-8"));
        }
        Ok(source)
    }

    /// What has been read and not yet consumed.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Steps over the first `count` of the unread bytes.
    pub fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }

    /// Reads on, keeping what is unread; false at the end of the file. The caller bounds what it leaves unread.
    pub fn more(&mut self) -> Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        self.make_room();
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end = (self.end + count).min(self.buffer.len());
                    self.at_end = count == 0;
                    return Ok(count > 0);
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => {
                    let message = format!("reading \"{}\" failed: {}", self.file, e.kind());
                    return Err(Error::new(Kind::Unavailable, "import.unreadable", message).caused_by(e));
                }
            }
        }
    }

    fn make_room(&mut self) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize((self.buffer.len() * 2).max(READ_BYTES), 0);
        }
    }
}
