//! Numbers and strings as values.

use super::cursor::Parser;
use super::token::{Bad, Kind};
use super::tree::{ExpressionKind, SmolStr, Span};
use crate::error::{Error, Result};

impl Parser<'_> {
    /// The number that comes next, with the sign read before it.
    pub(super) fn number(&mut self, negative: bool) -> Result<ExpressionKind> {
        let token = self.advance();
        let text = self.text_of(token.span);
        match token.kind {
            Kind::Integer => integer(text, negative, token.span).map(ExpressionKind::Integer),
            Kind::Float => float(text, token.span)
                .map(|value| ExpressionKind::Float(if negative { -value } else { value })),
            _ => Err(invalid_number(text, token.span)),
        }
    }

    /// A whole number that is not negative: a length, a quantifier.
    pub(super) fn count(&mut self, expected: &str) -> Result<u64> {
        let span = self.span();
        match self.kind() {
            Kind::Integer => {
                self.advance();
                integer(self.text_of(span), false, span).map(|value| value.unsigned_abs())
            }
            Kind::Bad(Bad::Number) => Err(invalid_number(self.text_of(span), span)),
            _ => Err(self.unexpected(expected)),
        }
    }

    /// The string that comes next, its escapes resolved.
    pub(super) fn string(&mut self) -> Result<SmolStr> {
        let span = self.advance().span;
        let text = self.text_of(span);
        let inner = &text[1..text.len() - 1];
        if !inner.contains('\\') {
            return Ok(SmolStr::new(inner));
        }
        unescaped(inner, span.start + 1).map(SmolStr::from)
    }
}

fn invalid_number(text: &str, span: Span) -> Error {
    Error::syntax("InvalidNumberLiteral", format!("`{text}` is no number"), span)
        .hint("a name that begins with a digit needs backticks")
}

fn integer(text: &str, negative: bool, span: Span) -> Result<i64> {
    let (digits, radix) = match text.get(..2) {
        Some("0x" | "0X") => (&text[2..], 16),
        Some("0o" | "0O") => (&text[2..], 8),
        _ => (text, 10),
    };
    let magnitude = u64::from_str_radix(digits, radix).ok();
    let value = match (magnitude, negative) {
        (Some(magnitude), false) => i64::try_from(magnitude).ok(),
        (Some(magnitude), true) => 0i64.checked_sub_unsigned(magnitude),
        (None, _) => None,
    };
    value.ok_or_else(|| {
        let sign = if negative { "-" } else { "" };
        Error::syntax("IntegerOverflow", format!("`{sign}{text}` does not fit into 64 bits"), span)
            .hint(format!("integers go from {} to {}", i64::MIN, i64::MAX))
    })
}

fn float(text: &str, span: Span) -> Result<f64> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => {
            Err(Error::syntax("FloatingPointOverflow", format!("`{text}` does not fit into 64 bits"), span))
        }
        Err(_) => Err(invalid_number(text, span)),
    }
}

/// Resolves escapes. An unknown one stays as written, so that regular expressions can be typed as usual.
fn unescaped(text: &str, start: u32) -> Result<String> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        result.push_str(&rest[..at]);
        let place = start + (text.len() - rest.len() + at) as u32;
        rest = &rest[at + 1..];
        let Some(escape) = rest.chars().next() else { break };
        rest = &rest[escape.len_utf8()..];
        match escape {
            '\\' | '\'' | '"' | '`' | '/' => result.push(escape),
            'b' => result.push('\u{8}'),
            'f' => result.push('\u{c}'),
            'n' => result.push('\n'),
            'r' => result.push('\r'),
            't' => result.push('\t'),
            'u' => result.push(short_character(&mut rest, place)?),
            'U' => {
                let code = hexadecimal(&mut rest, 8, place)?;
                result.push(char::from_u32(code).ok_or_else(|| invalid_character(place, 10))?);
            }
            other => {
                result.push('\\');
                result.push(other);
            }
        }
    }
    result.push_str(rest);
    Ok(result)
}

/// What follows `\u`: four digits, or twice four for a character beyond 16 bits.
fn short_character(rest: &mut &str, place: u32) -> Result<char> {
    let first = hexadecimal(rest, 4, place)?;
    if let Some(character) = char::from_u32(first) {
        return Ok(character);
    }
    let Some(after) = rest.strip_prefix("\\u") else { return Err(invalid_character(place, 6)) };
    *rest = after;
    let second = hexadecimal(rest, 4, place + 6)?;
    let pair = [first as u16, second as u16];
    match char::decode_utf16(pair).next() {
        Some(Ok(character)) => Ok(character),
        _ => Err(invalid_character(place, 12)),
    }
}

fn hexadecimal(rest: &mut &str, digits: usize, place: u32) -> Result<u32> {
    let code = rest
        .get(..digits)
        .filter(|code| code.bytes().all(|c| c.is_ascii_hexdigit()))
        .and_then(|code| u32::from_str_radix(code, 16).ok())
        .ok_or_else(|| invalid_character(place, 2))?;
    *rest = &rest[digits..];
    Ok(code)
}

fn invalid_character(place: u32, length: u32) -> Error {
    let span = Span { start: place, end: place + length };
    Error::syntax("InvalidUnicodeLiteral", "this escape is no character", span)
        .hint("write \\u and four hexadecimal digits, or \\U and eight; a backslash itself is \\\\")
}
