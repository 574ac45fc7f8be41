//! Queries inside queries: `EXISTS { }`, `COUNT { }`, `COLLECT { }`, and `CALL { }` as a clause.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{Clause, ClauseKind, ExpressionKind, Imports, Query, SingleQuery, Subquery, SubqueryKind};
use crate::error::{Error, Result};

impl Parser<'_> {
    /// A word before a brace: a subquery, or None if it is a map projection on a variable of that name.
    pub(super) fn subquery_expression(&mut self) -> Result<Option<ExpressionKind>> {
        let kinds = [
            ("EXISTS", SubqueryKind::Exists),
            ("COUNT", SubqueryKind::Count),
            ("COLLECT", SubqueryKind::Collect),
        ];
        let found = kinds.iter().find(|(word, _)| self.is_word(word));
        let Some((word, kind)) = found.filter(|_| !self.projection_at(self.index() + 1)) else {
            return Ok(None);
        };
        self.advance();
        self.advance();
        let query = self.bracketed(|parser| {
            if *kind != SubqueryKind::Collect && parser.pattern_comes() {
                parser.bare_pattern()
            } else {
                parser.query()
            }
        })?;
        self.expect(Kind::CloseBrace, &format!("a clause or `}}`, which closes {word} {{"))?;
        Ok(Some(ExpressionKind::Subquery { kind: *kind, query: Box::new(query) }))
    }

    fn pattern_comes(&self) -> bool {
        self.is(Kind::OpenParenthesis)
            || (self.name_at(self.index()) && self.kind_ahead(1) == Kind::Equal)
            || self.is_any_word(&["ANY", "ALL", "SHORTEST", "SHORTESTPATH", "ALLSHORTESTPATHS"])
    }

    /// A pattern in the place of a query: one MATCH.
    fn bare_pattern(&mut self) -> Result<Query> {
        let start = self.start();
        let pattern = self.matched_pattern()?;
        let condition = self.where_condition()?;
        let kind = ClauseKind::Match { optional: false, pattern, condition };
        let clauses = vec![Clause { kind, span: self.since(start) }];
        Ok(Query { first: SingleQuery { clauses }, unions: Vec::new() })
    }

    /// `{ … }` or `(x, y) { … }` behind CALL.
    pub(super) fn call_subquery(&mut self, optional: bool) -> Result<ClauseKind> {
        let imports = if self.eat(Kind::OpenParenthesis) { self.imports()? } else { Imports::Leading };
        self.expect(Kind::OpenBrace, "`{` and a query")?;
        let query = self.bracketed(Self::query)?;
        self.expect(Kind::CloseBrace, "a clause or `}`, which closes CALL {")?;
        self.in_transactions()?;
        Ok(ClauseKind::Subquery(Subquery { optional, imports, query }))
    }

    fn imports(&mut self) -> Result<Imports> {
        let imports = if self.eat(Kind::Star) {
            Imports::All
        } else if self.is(Kind::CloseParenthesis) {
            Imports::Listed(Vec::new())
        } else {
            Imports::Listed(self.commas(Self::variable)?)
        };
        self.expect(Kind::CloseParenthesis, "`,` or `)`")?;
        Ok(imports)
    }

    /// `IN TRANSACTIONS OF n ROWS` is read and has no effect: a statement is one transaction. What would show that
    /// it is one, such as going on after an error, is refused.
    fn in_transactions(&mut self) -> Result<()> {
        if !self.eat_word("IN") {
            return Ok(());
        }
        if matches!(self.kind(), Kind::Integer | Kind::Parameter) || self.is_word("CONCURRENT") {
            return Err(self.unsupported("concurrency", "write IN TRANSACTIONS OF n ROWS"));
        }
        self.expect_word("TRANSACTIONS")?;
        if self.eat_word("OF") {
            if !self.eat(Kind::Parameter) {
                self.count("a number of rows or a parameter")?;
            }
            if !(self.eat_word("ROWS") || self.eat_word("ROW")) {
                return Err(self.unexpected("ROWS"));
            }
        }
        if self.is_word("ON") || self.is_word("REPORT") {
            return Err(Error::syntax(
                "UnexpectedSyntax",
                "a statement is one transaction, whose parts cannot fail alone",
                self.span(),
            )
            .hint("leave out ON ERROR and REPORT STATUS"));
        }
        Ok(())
    }
}
