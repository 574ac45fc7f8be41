//! What is told of a text that cannot be read: what was found, what was expected, and the word that was perhaps meant.

use super::cursor::Parser;
use super::token::{Bad, Kind};
use super::tree::Span;
use crate::error::{Class, Error, Phase};

/// Letters of a found text that a message shows.
const SHOWN_MAX: usize = 40;

/// Words a writer may have meant.
const WORDS: &[&str] = &[
    "AND",
    "ASCENDING",
    "CALL",
    "CASE",
    "COLLECT",
    "CONSTRAINT",
    "CONTAINS",
    "COUNT",
    "CREATE",
    "DELETE",
    "DESCENDING",
    "DETACH",
    "DISTINCT",
    "DROP",
    "ELSE",
    "ENDS",
    "EXISTS",
    "EXPLAIN",
    "FINISH",
    "FOREACH",
    "INDEX",
    "LIMIT",
    "MATCH",
    "MERGE",
    "NULL",
    "OPTIONAL",
    "ORDER",
    "PROFILE",
    "REMOVE",
    "REQUIRE",
    "RETURN",
    "SHORTEST",
    "SHOW",
    "SKIP",
    "STARTS",
    "THEN",
    "UNION",
    "UNIQUE",
    "UNWIND",
    "WHEN",
    "WHERE",
    "WITH",
    "YIELD",
];

/// A bound that a query text passes.
pub(super) fn limit(detail: &'static str, message: &str, span: Span) -> Error {
    Error::new(Phase::Compile, Class::LimitExceeded, detail, message).at(span)
}

/// Where a span begins, for people: line and column count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excerpt<'a> {
    pub line: usize,
    pub column: usize,
    /// The line it begins in, without its end.
    pub text: &'a str,
}

/// Finds the line to show above a caret. A span outside the text counts as its end.
pub fn excerpt(text: &str, span: Span) -> Excerpt<'_> {
    let mut start = (span.start as usize).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let before = &text[..start];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let rest = &text[line_start..];
    let line = rest.split('\n').next().unwrap_or(rest).trim_end_matches('\r');
    Excerpt {
        line: before.matches('\n').count() + 1,
        column: text[line_start..start].chars().count() + 1,
        text: line,
    }
}

impl Parser<'_> {
    /// The next token is not what may stand here.
    pub(super) fn unexpected(&self, expected: &str) -> Error {
        let span = self.span();
        let found = shown(self.text_of(span));
        let syntax = |detail, message: String| Error::syntax(detail, message, span);
        match self.kind() {
            Kind::End => syntax("UnexpectedSyntax", format!("the query ends too early: expected {expected}")),
            Kind::OddDash | Kind::OddLess | Kind::OddGreater => syntax(
                "InvalidUnicodeCharacter",
                format!("the character {found} has no meaning here: expected {expected}"),
            )
            .hint("type the ASCII character, such as `-`, `<` or `>`"),
            Kind::Bad(bad) => self.unreadable(bad, expected),
            Kind::Word => {
                let error = syntax("UnexpectedSyntax", format!("unexpected {found}: expected {expected}"));
                match nearest(self.text_of(span)) {
                    Some(word) => error.hint(format!("did you mean {word}?")),
                    None => error,
                }
            }
            _ => syntax("UnexpectedSyntax", format!("unexpected {found}: expected {expected}")),
        }
    }

    fn unreadable(&self, bad: Bad, expected: &str) -> Error {
        let span = self.span();
        let found = shown(self.text_of(span));
        let syntax = |message: String| Error::syntax("UnexpectedSyntax", message, span);
        match bad {
            Bad::Number => syntax(format!("unexpected {found}: expected {expected}"))
                .hint("a name that begins with a digit needs backticks"),
            Bad::UnclosedText => syntax(format!("the string {found} is not closed"))
                .hint("end it with the quote it began with; inside it, write \\' or \\\""),
            Bad::UnclosedName => {
                syntax(format!("the quoted name {found} is not closed")).hint("end it with a backtick")
            }
            Bad::UnclosedComment => syntax("a comment is not closed".into()).hint("end it with */"),
            Bad::Parameter => {
                syntax("`$` needs the name of a parameter".into()).hint("such as $name or $`a name`")
            }
            Bad::Character if self.text_of(span) == "!=" => {
                syntax(format!("unexpected {found}: expected {expected}")).hint("unequal is written <>")
            }
            Bad::Character => syntax(format!("unexpected {found}: expected {expected}")),
            Bad::OddCharacter => Error::syntax(
                "InvalidUnicodeCharacter",
                format!("the character {found} has no meaning here: expected {expected}"),
                span,
            ),
        }
    }

    /// The language has this, but this product does not.
    pub(super) fn unsupported(&self, what: &str, hint: &str) -> Error {
        Error::syntax("UnexpectedSyntax", format!("{what} is not supported"), self.span()).hint(hint)
    }
}

/// A found text in quotes, cut where it is long.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}

/// The keyword that a word is a slip of the finger away from.
fn nearest(word: &str) -> Option<&'static str> {
    let upper = word.to_ascii_uppercase();
    if upper.len() < 3 || upper.len() > SHOWN_MAX || WORDS.contains(&upper.as_str()) {
        return None;
    }
    let allowed = if upper.len() < 5 { 1 } else { 2 };
    WORDS
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&upper, known), *known))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, known)| (*distance, !known.starts_with(&upper)))
        .map(|(_, known)| known)
}
