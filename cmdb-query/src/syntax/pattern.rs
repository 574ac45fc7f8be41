//! Patterns: paths between commas, each with its variable and how many of its matches are wanted.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{PathPattern, Pattern, PatternPart, Selector};
use crate::error::{Error, Result};

impl Parser<'_> {
    pub(super) fn pattern(&mut self) -> Result<Pattern> {
        Ok(Pattern { parts: self.commas(Self::pattern_part)? })
    }

    pub(super) fn pattern_part(&mut self) -> Result<PatternPart> {
        let start = self.start();
        let named = self.name_at(self.index()) && self.kind_ahead(1) == Kind::Equal;
        let variable = if named { Some(self.variable()?) } else { None };
        if named {
            self.advance();
        }
        let (selector, path) = if self.kind_ahead(1) == Kind::OpenParenthesis
            && self.is_any_word(&["SHORTESTPATH", "ALLSHORTESTPATHS"])
        {
            let all = self.is_word("ALLSHORTESTPATHS");
            let selector = if all { Selector::AllShortestPaths } else { Selector::ShortestPath };
            (selector, self.shortest_path()?)
        } else {
            (self.selector()?, self.path()?)
        };
        Ok(PatternPart { variable, selector, path, span: self.since(start) })
    }

    /// `shortestPath(…)` or `allShortestPaths(…)`, the word coming next: one relationship between two nodes.
    pub(super) fn shortest_path(&mut self) -> Result<PathPattern> {
        self.advance();
        self.expect(Kind::OpenParenthesis, "`(`")?;
        let path = self.path()?;
        self.expect(Kind::CloseParenthesis, "`)`")?;
        if path.elements.len() != 3 {
            let message = "a shortest path needs two nodes with one relationship between them";
            return Err(Error::syntax("UnexpectedSyntax", message, path.span)
                .hint("such as shortestPath((a)-[*]->(b)); for other patterns use ANY SHORTEST"));
        }
        Ok(path)
    }

    /// `ANY`, `ANY 2`, `ALL`, `ANY SHORTEST`, `ALL SHORTEST`, `SHORTEST 2`, `SHORTEST 2 GROUPS`.
    fn selector(&mut self) -> Result<Selector> {
        let selector = if self.eat_words(&["ANY", "SHORTEST"]) {
            Selector::Shortest(1)
        } else if self.eat_words(&["ALL", "SHORTEST"]) {
            Selector::AllShortest
        } else if self.eat_word("ALL") {
            Selector::All
        } else if self.eat_word("ANY") {
            Selector::Any(self.how_many()?)
        } else if self.eat_word("SHORTEST") {
            let count = self.how_many()?;
            let _ = self.eat_word("PATHS") || self.eat_word("PATH");
            if self.eat_word("GROUPS") || self.eat_word("GROUP") {
                return self.path_mode(Selector::ShortestGroups(count));
            }
            return self.path_mode(Selector::Shortest(count));
        } else {
            Selector::All
        };
        self.path_mode(selector)
    }

    fn how_many(&mut self) -> Result<u64> {
        if !self.is(Kind::Integer) {
            return Ok(1);
        }
        let span = self.span();
        match self.count("a number of paths")? {
            0 => Err(Error::syntax("UnexpectedSyntax", "at least one path must be wanted", span)),
            count => Ok(count),
        }
    }

    /// `TRAIL` is what every path is; the other modes of the standard are not there.
    fn path_mode(&mut self, selector: Selector) -> Result<Selector> {
        if self.is_any_word(&["WALK", "ACYCLIC", "SIMPLE"]) {
            return Err(
                self.unsupported("this path mode", "leave it out: a path never repeats a relationship")
            );
        }
        self.eat_word("TRAIL");
        let _ = self.eat_word("PATHS") || self.eat_word("PATH");
        Ok(selector)
    }
}
