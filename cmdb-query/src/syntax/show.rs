//! `SHOW …`: what the graph can do and holds, as rows.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{Projection, Show, SmolStr, Yields};
use crate::error::Result;

/// What can be shown: in the plural as the tree names it, and in the singular.
const SUBJECTS: &[(&str, &str)] = &[
    ("PROCEDURES", "PROCEDURE"),
    ("FUNCTIONS", "FUNCTION"),
    ("INDEXES", "INDEX"),
    ("CONSTRAINTS", "CONSTRAINT"),
    ("DATABASES", "DATABASE"),
];

/// Words before the subject that narrow it in other products; here all are shown.
const NARROWING: &[&str] = &[
    "ALL",
    "BUILT",
    "IN",
    "USER",
    "DEFINED",
    "RANGE",
    "TEXT",
    "POINT",
    "LOOKUP",
    "FULLTEXT",
    "UNIQUE",
    "UNIQUENESS",
    "HOME",
    "DEFAULT",
];

impl Parser<'_> {
    pub(super) fn show(&mut self) -> Result<Show> {
        let start = self.start();
        self.advance();
        while self.is_any_word(NARROWING) {
            self.advance();
        }
        let found = SUBJECTS.iter().find(|(many, one)| self.is_word(many) || self.is_word(one));
        let Some((what, _)) = found else {
            return Err(self.unexpected("PROCEDURES, FUNCTIONS, INDEXES, CONSTRAINTS or DATABASES"));
        };
        self.advance();
        if self.eat_word("EXECUTABLE") && self.eat_words(&["BY", "CURRENT"]) {
            self.expect_word("USER")?;
        }
        let yields = self.yields()?;
        let window = if yields == Yields::None { None } else { self.window()? };
        let condition = self.where_condition()?;
        let returns = if self.is_word("RETURN") { Some(self.projection()?) } else { window };
        Ok(Show { what: SmolStr::new_static(what), yields, condition, returns, span: self.since(start) })
    }

    /// `ORDER BY`, `SKIP` and `LIMIT` straight after YIELD: as if `RETURN *` stood before them.
    fn window(&mut self) -> Result<Option<Projection>> {
        let projection = self.order_and_window()?;
        let empty = projection.order.is_empty() && projection.skip.is_none() && projection.limit.is_none();
        if !empty && self.is_word("WHERE") {
            return Err(self.unexpected("WHERE before ORDER BY, SKIP and LIMIT, or RETURN"));
        }
        if !empty && (self.is_word("RETURN") || self.is(Kind::Comma)) {
            return Err(self.unexpected("ORDER BY, SKIP and LIMIT after RETURN"));
        }
        Ok(if empty { None } else { Some(Projection { star: true, ..projection }) })
    }
}
