//! The guard against formulas: a text that a spreadsheet would run gets a `'` in front, and loses it on the way in.
//!
//! The rule is exact both ways. Out: a text that is any number of `'` followed by one of `= + - @`, tab or carriage
//! return gets one more `'`; only a plain number such as `-5` needs none. In: a cell that is at least one `'`
//! followed by one of those loses one.

use std::borrow::Cow;

/// The cell to write for `text`.
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    let bare = text.trim_start_matches('\'');
    let quoted = bare.len() < text.len();
    if runs(bare) && (quoted || !is_plain_number(text)) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that the cell `written` stands for.
#[inline]
pub(crate) fn unguarded(written: &str) -> &str {
    match written.strip_prefix('\'') {
        Some(rest) if runs(rest.trim_start_matches('\'')) => rest,
        _ => written,
    }
}

fn runs(text: &str) -> bool {
    matches!(text.as_bytes().first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r'))
}

/// A sign, digits, a fraction and an exponent, and nothing else.
fn is_plain_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) =
        unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}
