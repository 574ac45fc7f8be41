//! The bodies of WITH and RETURN.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{Expression, Projection, ProjectionItem, SmolStr, SortItem};
use crate::error::Result;

impl Parser<'_> {
    /// What follows WITH or RETURN, which comes next; WHERE only after WITH.
    pub(super) fn projection(&mut self) -> Result<Projection> {
        let start = self.start();
        let with = self.is_word("WITH");
        self.advance();
        let distinct = self.eat_word("DISTINCT");
        let star = self.eat(Kind::Star);
        let items = if !star || self.eat(Kind::Comma) { self.commas(Self::item)? } else { Vec::new() };
        let mut projection = self.order_and_window()?;
        if with {
            projection.condition = self.where_condition()?;
        }
        Ok(Projection { distinct, star, items, span: self.since(start), ..projection })
    }

    /// `ORDER BY … SKIP … LIMIT …`, each of which may be missing.
    pub(super) fn order_and_window(&mut self) -> Result<Projection> {
        let start = self.start();
        let mut order = Vec::new();
        if self.eat_words(&["ORDER", "BY"]) {
            order = self.commas(Self::sort_item)?;
        } else if self.is_word("ORDER") {
            self.advance();
            return Err(self.unexpected("BY"));
        }
        let skip = self.window_bound(&["SKIP", "OFFSET"])?;
        let limit = self.window_bound(&["LIMIT"])?;
        if skip.is_none() && limit.is_some() && self.is_any_word(&["SKIP", "OFFSET"]) {
            return Err(self.unexpected("SKIP before LIMIT"));
        }
        let condition = None;
        let span = self.since(start);
        Ok(Projection {
            distinct: false,
            star: false,
            items: Vec::new(),
            order,
            skip,
            limit,
            condition,
            span,
        })
    }

    fn window_bound(&mut self, words: &[&str]) -> Result<Option<Expression>> {
        if !self.is_any_word(words) {
            return Ok(None);
        }
        self.advance();
        self.expression().map(Some)
    }

    fn item(&mut self) -> Result<ProjectionItem> {
        let start = self.start();
        let expression = self.expression()?;
        let text = SmolStr::new(self.text_of(self.since(start)));
        let alias = if self.eat_word("AS") { Some(self.any_name("a name after AS")?) } else { None };
        Ok(ProjectionItem { expression, alias, text })
    }

    fn sort_item(&mut self) -> Result<SortItem> {
        let expression = self.expression()?;
        let descending = self.eat_word("DESC") || self.eat_word("DESCENDING");
        if !descending {
            let _ = self.eat_word("ASC") || self.eat_word("ASCENDING");
        }
        Ok(SortItem { expression, descending })
    }
}
