//! What runs over the items of a list or the paths of a pattern: comprehensions, list predicates, reduce.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{Expression, ExpressionKind, Identifier, ListPredicate};
use crate::error::Result;

impl Parser<'_> {
    /// `[x IN list WHERE condition | projection]`
    pub(super) fn list_comprehension(&mut self) -> Result<ExpressionKind> {
        self.expect(Kind::OpenBracket, "[")?;
        let (variable, list) = self.variable_in_list()?;
        let condition = self.condition_before_bar()?;
        let projection = if self.eat(Kind::Bar) {
            self.bar_ends = false;
            Some(self.boxed_expression()?)
        } else {
            None
        };
        self.expect(Kind::CloseBracket, "an operator, WHERE, `|` or `]`, which closes the list")?;
        Ok(ExpressionKind::ListComprehension { variable, list, condition, projection })
    }

    /// `[p = (a)-->(b) WHERE condition | projection]`
    pub(super) fn pattern_comprehension(&mut self) -> Result<ExpressionKind> {
        self.expect(Kind::OpenBracket, "[")?;
        let variable = if self.is(Kind::OpenParenthesis) { None } else { Some(self.variable()?) };
        if variable.is_some() {
            self.expect(Kind::Equal, "`=`")?;
        }
        let path = Box::new(self.path()?);
        let condition = self.condition_before_bar()?;
        self.expect(Kind::Bar, "`|` and what to take from each path")?;
        let projection = self.boxed_expression()?;
        self.expect(Kind::CloseBracket, "an operator or `]`, which closes the list")?;
        Ok(ExpressionKind::PatternComprehension { variable, path, condition, projection })
    }

    fn condition_before_bar(&mut self) -> Result<Option<Box<Expression>>> {
        Ok(self.before_bar(Self::where_condition)?.map(Box::new))
    }

    /// `x IN list`, ended by a bar or a condition.
    pub(super) fn variable_in_list(&mut self) -> Result<(Identifier, Box<Expression>)> {
        let variable = self.variable()?;
        self.expect_word("IN")?;
        Ok((variable, self.before_bar(Self::boxed_expression)?))
    }

    /// `all(x IN list WHERE condition)` and its kin, and `reduce(…)`; None where the word is a function's name.
    pub(super) fn comprehension_call(&mut self) -> Result<Option<ExpressionKind>> {
        let over_list = self.name_at(self.index() + 2) && self.is_word_ahead(3, "IN");
        if self.is_word("REDUCE") && self.kind_ahead(3) == Kind::Equal {
            self.advance();
            return self.bracketed(Self::reduce).map(Some);
        }
        let kinds = [
            ("ALL", ListPredicate::All),
            ("ANY", ListPredicate::Any),
            ("NONE", ListPredicate::None),
            ("SINGLE", ListPredicate::Single),
        ];
        match kinds.iter().find(|(word, _)| self.is_word(word)) {
            Some((_, kind)) if over_list => {
                self.advance();
                self.bracketed(|parser| parser.list_predicate(*kind)).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn list_predicate(&mut self, kind: ListPredicate) -> Result<ExpressionKind> {
        self.expect(Kind::OpenParenthesis, "`(`")?;
        let variable = self.variable()?;
        self.expect_word("IN")?;
        let list = self.boxed_expression()?;
        let condition = self.where_condition()?.map(Box::new);
        self.expect(Kind::CloseParenthesis, "an operator, WHERE or `)`")?;
        Ok(ExpressionKind::ListPredicate { kind, variable, list, condition })
    }

    /// `(total = 0, x IN list | total + x)`
    fn reduce(&mut self) -> Result<ExpressionKind> {
        self.expect(Kind::OpenParenthesis, "`(`")?;
        let accumulator = self.variable()?;
        self.expect(Kind::Equal, "`=`")?;
        let start = self.boxed_expression()?;
        self.expect(Kind::Comma, "`,`")?;
        let (variable, list) = self.variable_in_list()?;
        self.expect(Kind::Bar, "`|` and the next value")?;
        let step = self.boxed_expression()?;
        self.expect(Kind::CloseParenthesis, "an operator or `)`")?;
        Ok(ExpressionKind::Reduce { accumulator, start, variable, list, step })
    }
}
