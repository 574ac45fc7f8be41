//! Label expressions: `:A&!B`, `:A|B`, `:%`, and the older `:A:B` and `:A|:B`.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{Identifier, LabelExpression};
use crate::error::Result;

const EXPECTED: &str = "the name of a label or type";

impl Parser<'_> {
    /// Whether a label expression can begin with this token.
    pub(super) fn label_at(&self, index: usize) -> bool {
        self.name_at(index)
            || matches!(self.token(index).kind, Kind::Exclamation | Kind::Percent | Kind::OpenParenthesis)
    }

    /// What follows the first colon.
    pub(super) fn label_expression(&mut self) -> Result<LabelExpression> {
        self.measured(|parser| parser.nested(Self::either_label))
    }

    fn either_label(&mut self) -> Result<LabelExpression> {
        let mut either = vec![self.both_labels()?];
        while !self.bar_ends && self.eat(Kind::Bar) {
            self.eat(Kind::Colon);
            either.push(self.both_labels()?);
        }
        Ok(single_or(either, LabelExpression::Or))
    }

    fn both_labels(&mut self) -> Result<LabelExpression> {
        let mut both = vec![self.one_label()?];
        while self.is(Kind::Ampersand) || (self.is(Kind::Colon) && self.label_at(self.index() + 1)) {
            self.advance();
            both.push(self.one_label()?);
        }
        Ok(single_or(both, LabelExpression::And))
    }

    fn one_label(&mut self) -> Result<LabelExpression> {
        let span = self.span();
        match self.kind() {
            Kind::Exclamation => {
                self.advance();
                let inner = self.nested(Self::one_label)?;
                self.taller()?;
                Ok(LabelExpression::Not(Box::new(inner)))
            }
            Kind::Percent => {
                self.advance();
                Ok(LabelExpression::Any(span))
            }
            Kind::OpenParenthesis => {
                self.advance();
                let inner = self.bracketed(|parser| parser.nested(Self::either_label))?;
                self.expect(Kind::CloseParenthesis, "`)`")?;
                self.taller()?;
                Ok(inner)
            }
            Kind::Parameter => {
                Err(self.unsupported("a label or type from a parameter", "write the name into the query"))
            }
            _ => Ok(LabelExpression::Name(self.any_name(EXPECTED)?)),
        }
    }

    /// `:A:B` where labels are set or removed.
    pub(super) fn label_names(&mut self) -> Result<Vec<Identifier>> {
        let mut names = Vec::new();
        while self.eat(Kind::Colon) {
            names.push(self.any_name(EXPECTED)?);
        }
        if names.is_empty() { Err(self.unexpected("`:` and a label")) } else { Ok(names) }
    }
}

fn single_or(
    mut labels: Vec<LabelExpression>,
    many: impl FnOnce(Vec<LabelExpression>) -> LabelExpression,
) -> LabelExpression {
    match labels.pop() {
        Some(only) if labels.is_empty() => only,
        Some(last) => {
            labels.push(last);
            many(labels)
        }
        None => many(labels),
    }
}
