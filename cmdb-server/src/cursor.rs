//! Pages: how many rows, and where they begin.

use crate::call::{Call, parameter};
use cmdb_core::model::Position;
use cmdb_core::{Error, Result};

/// Rows of a page where no limit is stated.
pub const LIMIT_DEFAULT: usize = 100;
/// Rows of a page at most; `limit=all` streams everything instead.
pub const LIMIT_MAX: usize = 10_000;

/// The part of an answer that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// None: all rows.
    pub limit: Option<usize>,
    pub offset: u64,
    /// The state that the first page was read from.
    pub position: Option<Position>,
    question: u32,
}

impl Page {
    /// Reads `limit` and `cursor` for `question`, whose wording must be the same for each page.
    pub fn read(limit: Option<&str>, cursor: Option<&str>, question: &str) -> Result<Page> {
        let limit = match limit {
            None => Some(LIMIT_DEFAULT),
            Some("all") => None,
            Some(text) => Some(read_limit(text)?),
        };
        let question = fingerprint(question);
        let mut page = Page { limit, offset: 0, position: None, question };
        if let Some(cursor) = cursor {
            let (position, offset, asked) =
                decode(cursor).ok_or_else(|| bad_cursor("the cursor does not read"))?;
            if asked != question {
                return Err(bad_cursor("the cursor belongs to another question"));
            }
            (page.position, page.offset) = (Some(position), offset);
        }
        Ok(page)
    }
    /// The cursor of the page after `shown` rows, if there are more than that in `total`.
    pub fn next(&self, position: Position, shown: usize, total: u64) -> Option<String> {
        let offset = self.offset + shown as u64;
        // A page without rows (`limit=0`) leads nowhere.
        (shown > 0 && offset < total).then(|| self.cursor(position, offset))
    }
    /// A cursor that begins at `offset`.
    pub fn cursor(&self, position: Position, offset: u64) -> String {
        format!("{:x}-{:x}-{:08x}", position.0, offset, self.question)
    }
}

/// Tells questions apart, so that a cursor is not used with another one than its own.
fn fingerprint(question: &str) -> u32 {
    let hash = blake3::hash(question.as_bytes());
    let bytes = hash.as_bytes();
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn read_limit(text: &str) -> Result<usize> {
    let wrong = |_| format!("limit \"{text}\" is neither a whole number from 0 to {LIMIT_MAX} nor all");
    let limit = text.parse::<usize>().map_err(|e| parameter("limit", wrong(e)))?;
    if limit > LIMIT_MAX {
        return Err(Error::limit("request.limit", format!("a page has at most {LIMIT_MAX} rows"))
            .hint("limit=all streams everything; or follow the cursors"));
    }
    Ok(limit)
}

fn bad_cursor(message: &str) -> Error {
    Error::invalid("request.cursor", message)
        .hint("cursors come from `next_cursor` or the Link header; begin anew")
}

fn decode(cursor: &str) -> Option<(Position, u64, u32)> {
    let mut parts = cursor.split('-');
    let position = u64::from_str_radix(parts.next()?, 16).ok()?;
    let offset = u64::from_str_radix(parts.next()?, 16).ok()?;
    let question = u32::from_str_radix(parts.next()?, 16).ok()?;
    parts.next().is_none().then_some((Position(position), offset, question))
}

impl Call {
    /// The page asked for in the query.
    pub fn page(&self) -> Result<Page> {
        let rest = self
            .query
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "cursor" | "limit" | "min_position"));
        let question: String = rest.map(|(name, value)| format!("{name}={value}&")).collect();
        Page::read(self.text("limit"), self.text("cursor"), &format!("{}?{question}", self.uri.path()))
    }
    /// The state a page is read from: the one its first page was read from.
    pub fn snapshot_of(&self, page: &Page) -> Result<std::sync::Arc<cmdb_core::graph::Snapshot>> {
        match page.position {
            Some(position) => self.proposed(self.app.cmdb()?.at(position)?),
            None => self.snapshot(),
        }
    }
    /// This request's URL with another cursor.
    pub fn next_url(&self, cursor: &Option<String>) -> Option<String> {
        let cursor = cursor.as_deref()?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.query.iter().filter(|(name, _)| name != "cursor") {
            query.append_pair(name, value);
        }
        query.append_pair("cursor", cursor);
        Some(format!("{}?{}", self.uri.path(), query.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_on_and_fits_only_its_question() {
        let first = Page::read(Some("10"), None, "a").unwrap();
        let cursor = first.next(Position(7), 10, 25).unwrap();
        let second = Page::read(Some("10"), Some(&cursor), "a").unwrap();
        assert_eq!((second.offset, second.position), (10, Some(Position(7))));
        assert_eq!(Page::read(None, Some(&cursor), "b").unwrap_err().code(), "request.cursor");
        assert_eq!(Page::read(None, Some("nonsense"), "a").unwrap_err().code(), "request.cursor");
        assert_eq!(second.next(Position(7), 15, 25), None);
        assert_eq!(Page::read(Some("10001"), None, "a").unwrap_err().code(), "request.limit");
    }
}
