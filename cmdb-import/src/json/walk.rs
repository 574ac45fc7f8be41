//! Walks through a JSON document of any size: arrays of records are handed out element by element, the rest is kept.

use super::entries::Refusal;
use super::scan::{Scanned, Scanner};
use crate::{ROW_BYTES_MAX, tree};
use cmdb_core::{Error, Result};
use serde_json::Value as Json;
use smol_str::SmolStr;

/// How deep a format may enter a document.
pub(crate) const ENTERED_MAX: usize = 256;
/// Bytes that may be kept beside the records of a document.
pub(crate) const KEPT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What to do with the value at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ask again for what is in it; what is kept of it keeps its shape.
    Enter,
    /// Hand out its elements or entries one by one and keep none of them.
    Stream,
    /// Keep it.
    Take,
    /// Step over it; it may be of any length.
    Skip,
}

/// One element of a streamed array, or entry of a streamed object.
pub(crate) struct Element<'p> {
    /// Where the array stands: keys and 0-based numbers of elements, joined with `/`.
    pub place: &'p str,
    /// What it says, or why it cannot be taken (code and sentence).
    pub json: std::result::Result<Json, (&'static str, String)>,
}

/// What a format does while its document is walked.
pub(crate) trait Walker {
    /// What to do with the array or object at a place.
    fn step(&mut self, place: &str, is_list: bool) -> Step;
    fn element(&mut self, element: Element<'_>) -> Result<()>;
}

/// Walks the whole document and returns what was kept of it.
pub(crate) fn walk(scanner: &mut Scanner<'_>, file: &str, walker: &mut dyn Walker) -> Result<Json> {
    let kept = walk_one(scanner, file, walker)?;
    match scanner.peek()? {
        None => Ok(kept),
        Some(_) => Err(scanner.syntax(1, 1, "expected the end of the file")),
    }
}

/// Walks documents that follow each other, such as one a line, and hands on what was kept of each.
pub(crate) fn walk_all(
    scanner: &mut Scanner<'_>,
    file: &str,
    walker: &mut dyn Walker,
    done: &mut dyn FnMut(Json) -> Result<()>,
) -> Result<()> {
    done(walk_one(scanner, file, walker)?)?;
    while scanner.peek()?.is_some() {
        done(walk_one(scanner, file, walker)?)?;
    }
    Ok(())
}

fn walk_one(scanner: &mut Scanner<'_>, file: &str, walker: &mut dyn Walker) -> Result<Json> {
    if scanner.peek()?.is_none() {
        return Err(Error::invalid("json.empty", format!("\"{file}\" is empty")));
    }
    Walk { scanner, walker, kept_bytes: 0, place: String::new(), depth: 0 }.value()
}

struct Walk<'w, 'a> {
    scanner: &'w mut Scanner<'a>,
    walker: &'w mut dyn Walker,
    kept_bytes: usize,
    place: String,
    depth: usize,
}

impl Walk<'_, '_> {
    fn value(&mut self) -> Result<Json> {
        let opening = self.scanner.peek()?;
        if !matches!(opening, Some(b'[' | b'{')) {
            return self.kept();
        }
        match self.walker.step(&self.place, opening == Some(b'[')) {
            Step::Take => self.kept(),
            Step::Skip => self.scanner.value().map(|_| Json::Null),
            _ if self.depth == ENTERED_MAX => Err(self.scanner.syntax(
                1,
                1,
                &format!("the document nests deeper than {ENTERED_MAX} levels"),
            )),
            step => {
                self.depth += 1;
                let kept = self.inside(opening == Some(b'{'), step);
                self.depth -= 1;
                kept
            }
        }
    }

    fn inside(&mut self, is_object: bool, step: Step) -> Result<Json> {
        let (open, close) = if is_object { (b'{', b'}') } else { (b'[', b']') };
        let (mut object, mut array, mut number) = (serde_json::Map::new(), Vec::new(), 0);
        self.scanner.expect(open)?;
        if !self.scanner.take(close)? {
            loop {
                number += 1;
                let key = if is_object { Some(self.key()?) } else { None };
                match step {
                    Step::Stream => self.hand_out()?,
                    Step::Enter | Step::Take | Step::Skip => {
                        let length = self.place.len();
                        if !self.place.is_empty() {
                            self.place.push('/');
                        }
                        match &key {
                            Some(key) => self.place.push_str(key),
                            None => self.place.push_str(&(number - 1).to_string()),
                        }
                        let value = self.value()?;
                        self.place.truncate(length);
                        self.kept_bytes += key.as_deref().map_or(0, str::len) + size_of::<Json>();
                        self.check_kept()?;
                        match key {
                            Some(key) => drop(object.insert(key.to_string(), value)),
                            None => array.push(value),
                        }
                    }
                }
                if !self.scanner.take(b',')? {
                    break;
                }
            }
            self.scanner.expect(close)?;
        }
        Ok(if is_object { Json::Object(object) } else { Json::Array(array) })
    }

    fn key(&mut self) -> Result<SmolStr> {
        let key = match self.scanner.value()? {
            Scanned::Whole(bytes) if bytes.first() == Some(&b'"') => {
                serde_json::from_slice::<String>(bytes).map(SmolStr::from).ok()
            }
            Scanned::Whole(_) | Scanned::TooLong => None,
        };
        let key = key.ok_or_else(|| self.scanner.syntax(1, 1, "expected a key"))?;
        self.scanner.expect(b':')?;
        Ok(key)
    }

    fn hand_out(&mut self) -> Result<()> {
        let json = match self.scanner.value()? {
            Scanned::TooLong => Err(("json.object-too-long", too_long())),
            Scanned::Whole(bytes) => match tree::from_json(bytes) {
                Ok(json) => Ok(json),
                Err(Refusal::Fault { fault, .. }) => Err((fault.code, fault.message)),
                Err(Refusal::Syntax { line, column, message }) => {
                    return Err(self.scanner.syntax(line, column, &message));
                }
            },
        };
        self.walker.element(Element { place: &self.place, json })
    }

    /// Reads a value to be kept. One that cannot be is an error: the document has no meaning without its frame.
    fn kept(&mut self) -> Result<Json> {
        let (length, read) = match self.scanner.value()? {
            Scanned::TooLong => return Err(Error::limit("json.object-too-long", too_long())),
            Scanned::Whole(bytes) => (bytes.len(), tree::from_json(bytes)),
        };
        self.kept_bytes += length;
        self.check_kept()?;
        read.map_err(|refusal| match refusal {
            Refusal::Fault { fault, .. } => Error::invalid(fault.code, fault.message),
            Refusal::Syntax { line, column, message } => self.scanner.syntax(line, column, &message),
        })
    }

    fn check_kept(&self) -> Result<()> {
        if self.kept_bytes <= KEPT_BYTES_MAX {
            return Ok(());
        }
        let message = format!("the document holds more than {KEPT_BYTES_MAX} bytes beside its records");
        Err(Error::limit("json.document-too-long", message))
    }
}

fn too_long() -> String {
    format!("the value is longer than {ROW_BYTES_MAX} bytes")
}
