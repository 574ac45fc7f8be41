//! A look at the head of a file: which keys a JSON or YAML document begins with, and which element an XML one.

use crate::json::scan::Bounds;

/// Keys looked at.
const KEYS_MAX: usize = 256;

/// The keys of a JSON object that may be cut off, with the bytes of their values as far as they are there.
pub(crate) struct Keys<'h> {
    entries: Vec<(&'h [u8], &'h [u8])>,
}

impl<'h> Keys<'h> {
    /// Of the object that the text begins with.
    pub fn of(text: &'h [u8]) -> Option<Keys<'h>> {
        let mut rest = text.trim_ascii_start().strip_prefix(b"{")?;
        let mut entries = Vec::new();
        while entries.len() < KEYS_MAX {
            rest = rest.trim_ascii_start();
            if !rest.starts_with(b"\"") {
                break;
            }
            let Some((key, after)) = value(rest) else { break };
            let Some(after) = after.trim_ascii_start().strip_prefix(b":") else { break };
            let Some((found, after)) = value(after) else {
                entries.push((key, after.trim_ascii_start()));
                break;
            };
            entries.push((key, found));
            match after.trim_ascii_start().strip_prefix(b",") {
                Some(next) => rest = next,
                None => break,
            }
        }
        Some(Keys { entries })
    }

    /// Of the first object in the array that the text begins with.
    pub fn of_first(text: &'h [u8]) -> Option<Keys<'h>> {
        Keys::of(text.trim_ascii_start().strip_prefix(b"[")?)
    }

    pub fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    pub fn has_all(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.has(key))
    }

    /// The bytes of a value, cut off where the head ends.
    pub fn value(&self, key: &str) -> Option<&'h [u8]> {
        let quoted = |found: &[u8]| found.len() == key.len() + 2 && found[1..=key.len()] == *key.as_bytes();
        self.entries.iter().find(|(found, _)| quoted(found)).map(|(_, value)| *value)
    }

    /// A value that is a text without escapes.
    pub fn text(&self, key: &str) -> Option<&'h str> {
        let bytes = self.value(key)?.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        std::str::from_utf8(bytes).ok()
    }

    /// Whether a value is an array.
    pub fn is_list(&self, key: &str) -> bool {
        self.value(key).is_some_and(|value| value.starts_with(b"["))
    }

    pub fn names(&self) -> impl Iterator<Item = &'h str> {
        self.entries.iter().filter_map(|(key, _)| std::str::from_utf8(&key[1..key.len() - 1]).ok())
    }
}

/// The value that the text begins with and what follows it; none if it is cut off.
fn value(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii_start();
    let end = Bounds::default().find_end(text)?;
    Some((text[..end].trim_ascii_end(), &text[end..]))
}

/// Whether the YAML documents in the head have one with all these keys at its top.
pub(crate) fn yaml_has(head: &[u8], keys: &[&str]) -> bool {
    let mut found = vec![false; keys.len()];
    for line in head.split(|&b| b == b'\n') {
        if line.starts_with(b"---") {
            found.iter_mut().for_each(|seen| *seen = false);
        }
        for (seen, key) in found.iter_mut().zip(keys) {
            let after = line.strip_prefix(key.as_bytes());
            *seen |= after.is_some_and(|rest| rest.starts_with(b":"));
        }
        if found.iter().all(|seen| *seen) {
            return true;
        }
    }
    false
}

/// The name of the first element of an XML text, without its namespace prefix.
pub(crate) fn xml_root(head: &[u8]) -> Option<&str> {
    let text = head.trim_ascii_start();
    if !text.starts_with(b"<") {
        return None;
    }
    let mut at = 0;
    while let Some(offset) = memchr::memchr(b'<', &text[at..]) {
        at += offset + 1;
        if text[at..].starts_with(b"!--") {
            at += memchr::memmem::find(&text[at..], b"-->")?;
            continue;
        }
        if matches!(text.get(at), Some(b'?' | b'!')) {
            continue;
        }
        let name = text[at..].split(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/')).next()?;
        let name = name.rsplit(|&b| b == b':').next()?;
        return std::str::from_utf8(name).ok().filter(|name| !name.is_empty());
    }
    None
}
