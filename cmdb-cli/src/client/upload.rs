//! Request bodies, files included, as one stream of bytes.

use serde_json::Value;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

/// A request's body.
pub enum Body {
    Empty,
    Json(Value),
    /// Bytes of this content type.
    Bytes(&'static str, Vec<u8>),
    Files(Upload),
}

/// Several files as multipart/form-data, read while they are sent.
pub struct Upload {
    pub files: Vec<PathBuf>,
}

/// Separates the parts; no line of a table looks like this.
const BOUNDARY: &str = "cmdb-7f3a91c0d2e84b55-part";

impl Upload {
    pub fn content_type() -> String {
        format!("multipart/form-data; boundary={BOUNDARY}")
    }
    /// The whole body as a reader.
    pub fn reader(&self) -> io::Result<Box<dyn Read + Send>> {
        let mut all: Box<dyn Read + Send> = Box::new(io::empty());
        for path in &self.files {
            let name = path.to_string_lossy().replace('"', "%22");
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            let part = Cursor::new(head.into_bytes()).chain(open(path)?).chain(Cursor::new(&b"\r\n"[..]));
            all = Box::new(all.chain(part));
        }
        Ok(Box::new(all.chain(Cursor::new(format!("--{BOUNDARY}--\r\n").into_bytes()))))
    }
}

fn open(path: &Path) -> io::Result<File> {
    File::open(path).map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", path.display())))
}
