//! Serial numbers that are none: what makers write where nobody entered anything.

const NONE: [&str; 14] = [
    "to be filled by o.e.m.",
    "none",
    "n/a",
    "na",
    "0",
    "0000000000",
    "0123456789",
    "1234567890",
    "default string",
    "system serial number",
    "not specified",
    "not available",
    "unknown",
    "empty",
];

/// The number if it is one.
pub(crate) fn stated(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !NONE.contains(&text.to_lowercase().as_str())).then_some(text)
}
