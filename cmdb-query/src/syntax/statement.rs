//! A whole statement: its mode, what it asks, and nothing behind it.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{Body, ClauseKind, Mode, Query, SingleQuery, Statement, Union, Yields};
use crate::error::{Error, Result};

const CLAUSE: &str = "a clause such as MATCH, WITH, CREATE, CALL or RETURN";

impl Parser<'_> {
    pub(super) fn statement(mut self) -> Result<Statement> {
        let mode = if self.eat_word("EXPLAIN") {
            Mode::Explain
        } else if self.eat_word("PROFILE") {
            Mode::Profile
        } else {
            Mode::Run
        };
        let body = self.body()?;
        let ended = self.eat(Kind::Semicolon);
        if ended && !self.is(Kind::End) {
            let message = "something follows the semicolon, and a query is one statement";
            return Err(Error::syntax("UnexpectedSyntax", message, self.span())
                .hint("send them one after the other; `cmdb shell` takes many"));
        }
        if !self.is(Kind::End) {
            let expected = if matches!(body, Body::Query(_)) { CLAUSE } else { "the end of the query" };
            return Err(self.unexpected(expected));
        }
        Ok(Statement { mode, body })
    }

    fn body(&mut self) -> Result<Body> {
        if self.index_command_comes() {
            return self.index_command().map(Body::Index);
        }
        if self.is_word("SHOW") {
            return self.show().map(|show| Body::Show(Box::new(show)));
        }
        self.query().map(Body::Query)
    }

    /// Single queries joined by UNION.
    pub(super) fn query(&mut self) -> Result<Query> {
        self.nested(|parser| {
            let first = parser.single_query()?;
            let mut unions = Vec::new();
            while parser.is_word("UNION") {
                let start = parser.start();
                parser.advance();
                let all = parser.eat_word("ALL");
                if !all {
                    parser.eat_word("DISTINCT");
                }
                let query = parser.single_query()?;
                unions.push(Union { all, query, span: parser.since(start) });
            }
            Ok(Query { first, unions })
        })
    }

    fn single_query(&mut self) -> Result<SingleQuery> {
        let mut clauses = Vec::new();
        while let Some(clause) = self.clause()? {
            let last = matches!(clause.kind, ClauseKind::Return(_) | ClauseKind::Finish);
            clauses.push(clause);
            if last {
                break;
            }
        }
        if clauses.is_empty() {
            return Err(self.unexpected(CLAUSE));
        }
        self.nothing_follows_return(clauses.last().map(|clause| &clause.kind))?;
        let in_query = clauses.len() > 1;
        for clause in &clauses {
            match &clause.kind {
                ClauseKind::Call(call) if in_query && call.yields == Yields::Star => {
                    let message = "YIELD * stands only where CALL is the whole query";
                    return Err(Error::syntax("UnexpectedSyntax", message, clause.span)
                        .hint("name what is yielded: YIELD a, b"));
                }
                _ => {}
            }
        }
        Ok(SingleQuery { clauses })
    }

    fn nothing_follows_return(&self, last: Option<&ClauseKind>) -> Result<()> {
        if !matches!(last, Some(ClauseKind::Return(_) | ClauseKind::Finish)) || !self.clause_comes() {
            return Ok(());
        }
        let message = "nothing but UNION may follow RETURN";
        Err(Error::syntax("UnexpectedSyntax", message, self.span()).hint("to go on with the rows, use WITH"))
    }
}
