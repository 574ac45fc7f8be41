//! The parser's place among the tokens, and the bounds on what it builds.

use super::token::{Kind, Token};
use super::tree::Span;
use super::{HEIGHT_MAX, NESTING_MAX, lexer, lookahead, message};
use crate::error::{Error, Result};

pub(super) struct Parser<'a> {
    text: &'a str,
    /// Never empty; the last is [`Kind::End`].
    tokens: Vec<Token>,
    /// For each opening bracket the number of the token that closes it.
    partners: Vec<u32>,
    at: usize,
    nesting: u32,
    /// The most levels of any expression finished since the innermost [`Parser::measured`] began.
    height: u32,
    /// A `|` ends the expression rather than joining labels: before the bar of a comprehension.
    pub(super) bar_ends: bool,
    /// `END` ends the expression.
    pub(super) within_case: bool,
    /// Patterns take `$parameter` for their properties: in CREATE.
    pub(super) parameter_maps: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Result<Parser<'a>> {
        let tokens = lexer::tokens(text)?;
        let partners = lookahead::partners(&tokens);
        Ok(Parser {
            text,
            tokens,
            partners,
            at: 0,
            nesting: 0,
            height: 0,
            bar_ends: false,
            within_case: false,
            parameter_maps: false,
        })
    }

    /// The number of the token that comes next.
    pub(super) fn index(&self) -> usize {
        self.at
    }

    /// The token of this number; the end for all past it.
    pub(super) fn token(&self, index: usize) -> Token {
        self.tokens[index.min(self.tokens.len() - 1)]
    }

    /// The number of the bracket that closes the one of this number.
    pub(super) fn partner(&self, index: usize) -> Option<usize> {
        self.partners.get(index).filter(|&&p| p != lookahead::NO_PARTNER).map(|&p| p as usize)
    }

    pub(super) fn kind(&self) -> Kind {
        self.token(self.at).kind
    }

    pub(super) fn kind_ahead(&self, ahead: usize) -> Kind {
        self.token(self.at + ahead).kind
    }

    pub(super) fn span(&self) -> Span {
        self.token(self.at).span
    }

    pub(super) fn start(&self) -> u32 {
        self.span().start
    }

    /// From `start` to the end of the token before this one.
    pub(super) fn since(&self, start: u32) -> Span {
        let end = if self.at == 0 { 0 } else { self.token(self.at - 1).span.end };
        Span { start, end: end.max(start) }
    }

    pub(super) fn text_of(&self, span: Span) -> &'a str {
        &self.text[span.start as usize..span.end as usize]
    }

    pub(super) fn advance(&mut self) -> Token {
        let token = self.token(self.at);
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    pub(super) fn is(&self, kind: Kind) -> bool {
        self.kind() == kind
    }

    pub(super) fn eat(&mut self, kind: Kind) -> bool {
        let found = self.is(kind);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn expect(&mut self, kind: Kind, expected: &str) -> Result<Span> {
        if self.is(kind) { Ok(self.advance().span) } else { Err(self.unexpected(expected)) }
    }

    pub(super) fn word_at(&self, index: usize, word: &str) -> bool {
        let token = self.token(index);
        token.kind == Kind::Word && self.text_of(token.span).eq_ignore_ascii_case(word)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.word_at(self.at, word)
    }

    pub(super) fn is_word_ahead(&self, ahead: usize, word: &str) -> bool {
        self.word_at(self.at + ahead, word)
    }

    pub(super) fn is_any_word(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(word))
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn eat_words(&mut self, words: &[&str]) -> bool {
        let found = words.iter().enumerate().all(|(i, word)| self.is_word_ahead(i, word));
        if found {
            self.at += words.len();
        }
        found
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<()> {
        if self.eat_word(word) { Ok(()) } else { Err(self.unexpected(word)) }
    }

    /// Runs `inner` one level deeper.
    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.nesting >= NESTING_MAX {
            return Err(self.too_deep());
        }
        self.nesting += 1;
        let result = inner(self);
        self.nesting -= 1;
        result
    }

    /// Runs `inner` inside brackets, where bars and `END` mean nothing to what is around. Counts no level: what
    /// can hold itself counts its own.
    pub(super) fn bracketed<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let (bar_ends, within_case) = (self.bar_ends, self.within_case);
        (self.bar_ends, self.within_case) = (false, false);
        let result = inner(self);
        (self.bar_ends, self.within_case) = (bar_ends, within_case);
        result
    }

    /// Runs `inner` with the bar ending expressions.
    pub(super) fn before_bar<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = std::mem::replace(&mut self.bar_ends, true);
        let result = inner(self);
        self.bar_ends = before;
        result
    }

    /// Runs `inner`, counting the levels of what it builds apart from what its neighbours built.
    pub(super) fn measured<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let around = std::mem::replace(&mut self.height, 0);
        let result = inner(self);
        self.height = self.height.max(around);
        result
    }

    /// Counts a level put on top of what was built since [`Parser::measured`] began.
    pub(super) fn taller(&mut self) -> Result<()> {
        self.height += 1;
        if self.height > HEIGHT_MAX { Err(self.too_tall()) } else { Ok(()) }
    }

    /// Counts the levels of a balanced tree over `leaves`.
    pub(super) fn taller_by_pairs(&mut self, leaves: usize) -> Result<()> {
        self.height += leaves.max(1).ilog2();
        self.taller()
    }

    fn too_deep(&self) -> Error {
        let message = format!("the query nests more than {NESTING_MAX} levels deep");
        message::limit("NestingTooDeep", &message, self.span()).hint("split it with WITH")
    }

    fn too_tall(&self) -> Error {
        let message = format!("more than {HEIGHT_MAX} operators build on each other in one expression");
        message::limit("ExpressionTooLong", &message, self.span())
            .hint("use a list and reduce(), or split the expression with WITH")
    }
}
