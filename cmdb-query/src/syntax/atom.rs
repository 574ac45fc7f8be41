//! The smallest expressions: literals, variables, parameters, calls, CASE, and what stands in brackets.

use super::cursor::Parser;
use super::token::{Bad, Kind};
use super::tree::{
    Clause, ClauseKind, Expression, ExpressionKind, PathPattern, Pattern, PatternPart, Query, Selector,
    SingleQuery, SmolStr, SubqueryKind,
};
use crate::error::{Error, Result};

const EXPECTED: &str = "an expression";

impl Parser<'_> {
    pub(super) fn atom(&mut self) -> Result<Expression> {
        let start = self.start();
        let kind = match self.kind() {
            Kind::Integer | Kind::Float | Kind::Bad(Bad::Number) => self.number(false)?,
            Kind::Text => ExpressionKind::Text(self.string()?),
            Kind::Parameter => ExpressionKind::Parameter(self.parameter_name()),
            Kind::OpenParenthesis if self.path_at(self.index()) => {
                let path = self.bracketed(Self::path)?;
                if path.elements.len() == 1 {
                    return Err(Error::syntax(
                        "UnexpectedSyntax",
                        "a single node is no condition",
                        path.span,
                    ));
                }
                ExpressionKind::PatternPredicate(Box::new(path))
            }
            Kind::OpenParenthesis => return self.parenthesised(),
            Kind::OpenBracket => self.list()?,
            Kind::OpenBrace => self.map()?,
            Kind::Quoted => self.named()?,
            Kind::Word => self.worded()?,
            _ => return Err(self.unexpected(EXPECTED)),
        };
        self.taller()?;
        Ok(Expression { kind, span: self.since(start) })
    }

    fn parenthesised(&mut self) -> Result<Expression> {
        self.expect(Kind::OpenParenthesis, "(")?;
        let inner = self.bracketed(Self::condition)?;
        self.expect(Kind::CloseParenthesis, "`)`, which closes the parenthesis, or an operator")?;
        Ok(inner)
    }

    fn worded(&mut self) -> Result<ExpressionKind> {
        if let Some(literal) = self.literal_word() {
            self.advance();
            return Ok(literal);
        }
        if self.is_word("CASE") && self.kind_ahead(1) != Kind::Dot {
            return self.case();
        }
        match self.kind_ahead(1) {
            Kind::OpenParenthesis => {
                if let Some(special) = self.special_call()? {
                    return Ok(special);
                }
            }
            Kind::OpenBrace => {
                if let Some(subquery) = self.subquery_expression()? {
                    return Ok(subquery);
                }
            }
            _ => {}
        }
        if self.reserved() && self.kind_ahead(1) != Kind::OpenParenthesis {
            return Err(self.unexpected(EXPECTED));
        }
        self.named()
    }

    fn literal_word(&self) -> Option<ExpressionKind> {
        if self.kind_ahead(1) == Kind::OpenParenthesis {
            return None;
        }
        let word = self.text_of(self.span());
        if word.eq_ignore_ascii_case("TRUE") {
            Some(ExpressionKind::Boolean(true))
        } else if word.eq_ignore_ascii_case("FALSE") {
            Some(ExpressionKind::Boolean(false))
        } else if word.eq_ignore_ascii_case("NULL") {
            Some(ExpressionKind::Null)
        } else {
            None
        }
    }

    /// Words before a parenthesis that take something else than arguments.
    fn special_call(&mut self) -> Result<Option<ExpressionKind>> {
        if self.is_word("COUNT")
            && self.kind_ahead(2) == Kind::Star
            && self.kind_ahead(3) == Kind::CloseParenthesis
        {
            for _ in 0..4 {
                self.advance();
            }
            return Ok(Some(ExpressionKind::CountStar));
        }
        if self.is_any_word(&["SHORTESTPATH", "ALLSHORTESTPATHS"]) {
            let all = self.is_word("ALLSHORTESTPATHS");
            let path = Box::new(self.bracketed(Self::shortest_path)?);
            return Ok(Some(ExpressionKind::ShortestPath { all, path }));
        }
        self.comprehension_call()
    }

    /// A variable, a map projection on one, or a call.
    fn named(&mut self) -> Result<ExpressionKind> {
        let mut next = self.index() + 1;
        while self.token(next).kind == Kind::Dot && self.name_at(next + 1) {
            next += 2;
        }
        if self.token(next).kind == Kind::OpenParenthesis {
            return self.call();
        }
        let variable = self.any_name("a variable")?;
        if self.is(Kind::OpenBrace) {
            return self.map_projection(variable);
        }
        Ok(ExpressionKind::Variable(variable.name))
    }

    fn call(&mut self) -> Result<ExpressionKind> {
        let (name, name_span) = self.dotted_name("the name of a function")?;
        let (distinct, mut arguments) = self.arguments_after(&name)?;
        if name.eq_ignore_ascii_case("exists")
            && let [Expression { kind: ExpressionKind::PatternPredicate(_), .. }] = arguments.as_slice()
            && let Some(Expression { kind: ExpressionKind::PatternPredicate(path), .. }) = arguments.pop()
        {
            return Ok(there_is(*path));
        }
        Ok(ExpressionKind::Call { name, name_span, distinct, arguments })
    }

    fn arguments_after(&mut self, name: &SmolStr) -> Result<(bool, Vec<Expression>)> {
        // `exists((a)-->(b))` asks for the truth of a pattern; every other function takes values.
        let argument = if name.eq_ignore_ascii_case("exists") { Self::condition } else { Self::expression };
        self.expect(Kind::OpenParenthesis, "`(`")?;
        let result = self.bracketed(|parser| {
            let distinct = parser.eat_word("DISTINCT");
            if parser.is(Kind::CloseParenthesis) {
                return Ok((distinct, Vec::new()));
            }
            Ok((distinct, parser.commas(argument)?))
        })?;
        if self.is(Kind::CloseParenthesis) {
            self.advance();
            Ok(result)
        } else {
            Err(self.unexpected(&format!("`,`, an operator, or `)`, which closes {name}(")))
        }
    }

    fn case(&mut self) -> Result<ExpressionKind> {
        let around = std::mem::replace(&mut self.within_case, true);
        self.advance();
        let result = self.case_parts();
        self.within_case = around;
        result
    }

    fn case_parts(&mut self) -> Result<ExpressionKind> {
        let operand = if self.is_word("WHEN") { None } else { Some(self.boxed_expression()?) };
        let mut branches = Vec::new();
        while self.eat_word("WHEN") {
            let when = if operand.is_some() { self.expression()? } else { self.condition()? };
            if operand.is_some() && self.is(Kind::Comma) {
                return Err(self.unsupported("a list of values after WHEN", "write one WHEN for each value"));
            }
            self.expect_word("THEN")?;
            branches.push((when, self.expression()?));
        }
        if branches.is_empty() {
            return Err(self.unexpected("WHEN"));
        }
        let otherwise = if self.eat_word("ELSE") { Some(self.boxed_expression()?) } else { None };
        if !self.eat_word("END") {
            let expected = if otherwise.is_some() { "END" } else { "WHEN, ELSE or END" };
            return Err(self.unexpected(expected));
        }
        Ok(ExpressionKind::Case { operand, branches, otherwise })
    }
}

/// `exists((a)-->(b))` is `EXISTS { (a)-->(b) }`: also where a bare pattern could not stand.
fn there_is(path: PathPattern) -> ExpressionKind {
    let span = path.span;
    let part = PatternPart { variable: None, selector: Selector::All, path, span };
    let pattern = Pattern { parts: vec![part] };
    let kind = ClauseKind::Match { optional: false, pattern, condition: None };
    let first = SingleQuery { clauses: vec![Clause { kind, span }] };
    let query = Box::new(Query { first, unions: Vec::new() });
    ExpressionKind::Subquery { kind: SubqueryKind::Exists, query }
}
