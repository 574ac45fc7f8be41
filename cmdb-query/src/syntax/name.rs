//! Names: variables, labels, types, keys. Which words are names depends on the place.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{Identifier, SmolStr, Span};
use crate::error::Result;

/// Words that cannot begin an expression as a variable. Backticks make a variable of any of them.
const RESERVED: &[&str] = &[
    "AND", "AS", "CASE", "CONTAINS", "CREATE", "DELETE", "DETACH", "DISTINCT", "ELSE", "ENDS", "FALSE", "IN",
    "IS", "MATCH", "MERGE", "NOT", "NULL", "OPTIONAL", "OR", "REMOVE", "RETURN", "SET", "STARTS", "THEN",
    "TRUE", "UNION", "UNWIND", "WHEN", "WHERE", "WITH", "XOR",
];

impl Parser<'_> {
    /// A name where no keyword could stand: after AS, a dot or a colon, or as the key of a map.
    pub(super) fn any_name(&mut self, expected: &str) -> Result<Identifier> {
        if !self.name_at(self.index()) {
            return Err(self.unexpected(expected));
        }
        let token = self.advance();
        Ok(Identifier { name: self.name_of(token.kind, token.span), span: token.span })
    }

    /// The name of a new variable.
    pub(super) fn variable(&mut self) -> Result<Identifier> {
        if self.reserved() { Err(self.unexpected("a variable")) } else { self.any_name("a variable") }
    }

    fn name_of(&self, kind: Kind, span: Span) -> SmolStr {
        let text = self.text_of(span);
        match kind {
            Kind::Quoted => unquoted(text),
            _ => SmolStr::new(text),
        }
    }

    /// Whether the next token is a word that means something else than a variable here.
    pub(super) fn reserved(&self) -> bool {
        if self.kind() != Kind::Word || self.kind_ahead(1) == Kind::Dot {
            return false;
        }
        let word = self.text_of(self.span());
        if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word)) {
            return true;
        }
        (self.is_word("END") && self.within_case)
            || (self.is_word("ORDER") && self.is_word_ahead(1, "BY"))
            || (self.is_any_word(&["LIMIT", "SKIP"])
                && matches!(self.kind_ahead(1), Kind::Integer | Kind::Parameter))
    }

    /// `a.b.c` as written, without blanks and backticks.
    pub(super) fn dotted_name(&mut self, expected: &str) -> Result<(SmolStr, Span)> {
        let start = self.start();
        let first = self.any_name(expected)?;
        if !self.is(Kind::Dot) {
            return Ok((first.name, first.span));
        }
        let mut name = first.name.to_string();
        while self.eat(Kind::Dot) {
            name.push('.');
            name.push_str(&self.any_name(expected)?.name);
        }
        Ok((name.into(), self.since(start)))
    }

    /// The name of a parameter, whose token comes next.
    pub(super) fn parameter_name(&mut self) -> SmolStr {
        let span = self.advance().span;
        let name = &self.text_of(span)[1..];
        if name.starts_with('`') { unquoted(name) } else { SmolStr::new(name) }
    }

    /// Names between commas, at least one.
    pub(super) fn commas<T>(&mut self, mut each: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut all = vec![each(self)?];
        while self.eat(Kind::Comma) {
            all.push(each(self)?);
        }
        Ok(all)
    }
}

/// A name in backticks, without them.
fn unquoted(text: &str) -> SmolStr {
    let inner = text.strip_prefix('`').and_then(|t| t.strip_suffix('`')).unwrap_or(text);
    if inner.contains('`') { SmolStr::from(inner.replace("``", "`")) } else { SmolStr::new(inner) }
}
