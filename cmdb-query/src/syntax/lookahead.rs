//! Looking ahead over tokens: what a bracket opens is known before it is read, so the parser never goes back.

use super::cursor::Parser;
use super::token::{Kind, Token};

/// Marks a token that opens nothing, or whose bracket is never closed.
pub(super) const NO_PARTNER: u32 = u32::MAX;

/// For each opening bracket the number of its closing one.
pub(super) fn partners(tokens: &[Token]) -> Vec<u32> {
    let mut partners = vec![NO_PARTNER; tokens.len()];
    let mut open: Vec<(usize, Kind)> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::OpenParenthesis => open.push((index, Kind::CloseParenthesis)),
            Kind::OpenBracket => open.push((index, Kind::CloseBracket)),
            Kind::OpenBrace => open.push((index, Kind::CloseBrace)),
            close @ (Kind::CloseParenthesis | Kind::CloseBracket | Kind::CloseBrace) => {
                if let Some((opened, _)) = open.pop_if(|(_, awaited)| *awaited == close) {
                    partners[opened] = index as u32;
                }
            }
            _ => {}
        }
    }
    partners
}

impl Parser<'_> {
    fn kind_at(&self, index: usize) -> Kind {
        self.token(index).kind
    }

    pub(super) fn dash_at(&self, index: usize) -> bool {
        matches!(self.kind_at(index), Kind::Minus | Kind::OddDash)
    }

    pub(super) fn left_at(&self, index: usize) -> bool {
        matches!(self.kind_at(index), Kind::Less | Kind::OddLess)
    }

    pub(super) fn right_at(&self, index: usize) -> bool {
        matches!(self.kind_at(index), Kind::Greater | Kind::OddGreater)
    }

    pub(super) fn name_at(&self, index: usize) -> bool {
        matches!(self.kind_at(index), Kind::Word | Kind::Quoted)
    }

    /// Whether a relationship begins at this token, of a path within an expression.
    fn arrow_at(&self, index: usize) -> bool {
        let dash = if self.left_at(index) { index + 1 } else { index };
        if !self.dash_at(dash) {
            return false;
        }
        if self.kind_at(dash + 1) == Kind::OpenBracket {
            return self.partner(dash + 1).is_some_and(|close| self.dash_at(close + 1));
        }
        if !self.dash_at(dash + 1) {
            return false;
        }
        if self.right_at(dash + 2) {
            return matches!(
                self.kind_at(dash + 3),
                Kind::OpenParenthesis | Kind::OpenBrace | Kind::Plus | Kind::Star
            );
        }
        matches!(self.kind_at(dash + 2), Kind::OpenParenthesis | Kind::OpenBrace)
    }

    /// Whether what these parentheses hold could be a node of a pattern.
    fn node_between(&self, open: usize, close: usize) -> bool {
        let mut next = open + 1;
        if self.name_at(next) && !self.word_at(next, "WHERE") {
            next += 1;
        }
        match self.kind_at(next) {
            _ if next == close => true,
            Kind::Colon => true,
            Kind::OpenBrace => {
                self.partner(next).is_some_and(|end| end + 1 == close || self.word_at(end + 1, "WHERE"))
            }
            Kind::Parameter => next + 1 == close,
            Kind::Word => self.word_at(next, "WHERE") || (next > open + 1 && self.word_at(next, "IS")),
            _ => false,
        }
    }

    /// Whether a parenthesis opens a path of a pattern rather than an expression.
    pub(super) fn path_at(&self, index: usize) -> bool {
        if self.kind_at(index) != Kind::OpenParenthesis {
            return false;
        }
        let Some(close) = self.partner(index) else { return false };
        match self.kind_at(close + 1) {
            Kind::OpenBrace => self.kind_at(index + 1) == Kind::OpenParenthesis,
            Kind::OpenParenthesis => self.group_at(close + 1) || self.node_between(index, close),
            _ => self.node_between(index, close) && self.arrow_at(close + 1),
        }
    }

    /// Whether a parenthesis opens a group of a pattern rather than a node.
    pub(super) fn group_at(&self, index: usize) -> bool {
        self.kind_at(index) == Kind::OpenParenthesis
            && (self.kind_at(index + 1) == Kind::OpenParenthesis
                || (self.name_at(index + 1) && self.kind_at(index + 2) == Kind::Equal))
    }

    /// Whether a bracket with `x IN` behind it opens a comprehension rather than a list of truths.
    pub(super) fn comprehension_at(&self, index: usize) -> bool {
        if !(self.name_at(index + 1) && self.word_at(index + 2, "IN")) {
            return false;
        }
        let Some(close) = self.partner(index) else { return true };
        let mut next = index + 3;
        let mut commas = false;
        while next < close {
            match self.kind_at(next) {
                Kind::Bar => return true,
                Kind::Comma => commas = true,
                Kind::Word if self.word_at(next, "WHERE") => return true,
                _ => {}
            }
            next = self.partner(next).map_or(next, |end| end.max(next)) + 1;
        }
        !commas
    }

    /// Whether a brace after a variable opens a map projection (`x {.a, b: 1, c}`) rather than a query.
    pub(super) fn projection_at(&self, index: usize) -> bool {
        match self.kind_at(index + 1) {
            Kind::Dot | Kind::CloseBrace => true,
            Kind::Word | Kind::Quoted => {
                matches!(self.kind_at(index + 2), Kind::Colon | Kind::Comma | Kind::CloseBrace)
            }
            _ => false,
        }
    }
}
