//! Clauses: which one comes, and those that read.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{Clause, ClauseKind, Pattern};
use crate::error::Result;

impl Parser<'_> {
    /// Whether a clause begins here.
    pub(super) fn clause_comes(&self) -> bool {
        self.is_any_word(&[
            "MATCH", "OPTIONAL", "UNWIND", "WITH", "RETURN", "CREATE", "MERGE", "SET", "REMOVE", "DELETE",
            "DETACH", "NODETACH", "FOREACH", "CALL", "FINISH", "LOAD", "USE",
        ])
    }

    /// The next clause; None where none begins.
    pub(super) fn clause(&mut self) -> Result<Option<Clause>> {
        if !self.clause_comes() {
            return Ok(None);
        }
        let start = self.start();
        let word = self.text_of(self.span()).to_ascii_uppercase();
        let kind = match word.as_str() {
            "MATCH" => self.match_clause(false)?,
            "OPTIONAL" => self.optional()?,
            "UNWIND" => self.unwind()?,
            "WITH" => ClauseKind::With(self.projection()?),
            "RETURN" => ClauseKind::Return(self.projection()?),
            "CALL" => self.call_clause(false)?,
            "FINISH" => {
                self.advance();
                ClauseKind::Finish
            }
            "LOAD" => {
                return Err(self.unsupported(
                    "LOAD CSV",
                    "queries read no files: hand rows over as a parameter, or import the file",
                ));
            }
            "USE" => {
                return Err(
                    self.unsupported("USE", "there is one graph, and the request says which state is asked")
                );
            }
            _ => self.edit(&word)?,
        };
        Ok(Some(Clause { kind, span: self.since(start) }))
    }

    fn optional(&mut self) -> Result<ClauseKind> {
        self.advance();
        if self.is_word("MATCH") {
            self.match_clause(true)
        } else if self.is_word("CALL") {
            self.call_clause(true)
        } else {
            Err(self.unexpected("MATCH or CALL"))
        }
    }

    fn match_clause(&mut self, optional: bool) -> Result<ClauseKind> {
        self.advance();
        if self.is_word("REPEATABLE") {
            return Err(
                self.unsupported("REPEATABLE ELEMENTS", "split the pattern over several MATCH clauses")
            );
        }
        let _ =
            self.eat_words(&["DIFFERENT", "RELATIONSHIPS"]) || self.eat_words(&["DIFFERENT", "RELATIONSHIP"]);
        let pattern = self.matched_pattern()?;
        let condition = self.where_condition()?;
        Ok(ClauseKind::Match { optional, pattern, condition })
    }

    /// A pattern that is looked for rather than created.
    pub(super) fn matched_pattern(&mut self) -> Result<Pattern> {
        let around = std::mem::replace(&mut self.parameter_maps, false);
        let pattern = self.pattern();
        self.parameter_maps = around;
        pattern
    }

    fn unwind(&mut self) -> Result<ClauseKind> {
        self.advance();
        let list = self.expression()?;
        if !self.is_word("AS") {
            return Err(self.unexpected("AS and a variable"));
        }
        self.advance();
        Ok(ClauseKind::Unwind { list, variable: self.any_name("a variable")? })
    }

    fn call_clause(&mut self, optional: bool) -> Result<ClauseKind> {
        self.advance();
        if matches!(self.kind(), Kind::OpenBrace | Kind::OpenParenthesis) {
            return self.call_subquery(optional);
        }
        self.procedure_call(optional).map(ClauseKind::Call)
    }
}
