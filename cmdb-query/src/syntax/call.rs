//! Calls of procedures and what they yield.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{ProcedureCall, YieldItem, Yields};
use crate::error::Result;

impl Parser<'_> {
    pub(super) fn procedure_call(&mut self, optional: bool) -> Result<ProcedureCall> {
        let (name, name_span) = self.dotted_name("the name of a procedure, `{` or `(`")?;
        let arguments = if self.eat(Kind::OpenParenthesis) {
            let arguments = self.bracketed(|parser| {
                if parser.is(Kind::CloseParenthesis) {
                    Ok(Vec::new())
                } else {
                    parser.commas(Self::expression)
                }
            })?;
            self.expect(Kind::CloseParenthesis, "`,`, an operator or `)`, which closes the arguments")?;
            Some(arguments)
        } else {
            None
        };
        let yields = self.yields()?;
        let condition = if yields == Yields::None { None } else { self.where_condition()? };
        Ok(ProcedureCall { optional, name, name_span, arguments, yields, condition })
    }

    /// `YIELD a, b AS c`, `YIELD *`, `YIELD -`, or nothing.
    pub(super) fn yields(&mut self) -> Result<Yields> {
        if !self.eat_word("YIELD") {
            return Ok(Yields::None);
        }
        if self.eat(Kind::Star) {
            return Ok(Yields::Star);
        }
        if self.eat(Kind::Minus) {
            return Ok(Yields::Items(Vec::new()));
        }
        self.commas(Self::yield_item).map(Yields::Items)
    }

    fn yield_item(&mut self) -> Result<YieldItem> {
        let field = self.any_name("a field of the procedure or `*`")?;
        let alias = if self.eat_word("AS") { Some(self.any_name("a name after AS")?) } else { None };
        Ok(YieldItem { field, alias })
    }
}
