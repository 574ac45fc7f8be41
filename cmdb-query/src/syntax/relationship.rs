//! One relationship of a path: `-[r:TYPE*1..3 {key: 1} WHERE …]->{1,5}`.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{Direction, Quantifier, RelationshipPattern};
use crate::error::{Error, Result};

const DETAIL: &str = "InvalidRelationshipPattern";

impl Parser<'_> {
    pub(super) fn relationship(&mut self) -> Result<RelationshipPattern> {
        let start = self.start();
        let left = self.left_at(self.index());
        if left {
            self.advance();
        }
        self.dash()?;
        let mut relationship = if self.is(Kind::OpenBracket) {
            let inner = self.bracketed(Self::relationship_detail)?;
            self.expect(
                Kind::CloseBracket,
                "a type, a length, properties, WHERE or `]`, which closes the relationship",
            )?;
            inner
        } else {
            plain()
        };
        self.dash()?;
        let right = self.right_at(self.index());
        if right {
            self.advance();
        }
        relationship.direction = match (left, right) {
            (true, false) => Direction::Left,
            (false, true) => Direction::Right,
            _ => Direction::Both,
        };
        relationship.quantifier = self.quantifier()?;
        relationship.span = self.since(start);
        if relationship.length.is_some() && relationship.quantifier.is_some() {
            let message = "a relationship has either a length or a quantifier";
            return Err(Error::syntax(DETAIL, message, relationship.span));
        }
        Ok(relationship)
    }

    fn dash(&mut self) -> Result<()> {
        if !self.dash_at(self.index()) {
            return Err(self.unexpected("`-`"));
        }
        self.advance();
        Ok(())
    }

    fn relationship_detail(&mut self) -> Result<RelationshipPattern> {
        self.expect(Kind::OpenBracket, "[")?;
        let mut relationship = plain();
        relationship.variable = self.element_variable()?;
        if self.eat(Kind::Colon) || self.eat_word("IS") {
            relationship.types = Some(self.label_expression()?);
        }
        if self.is(Kind::DoubleDot) {
            return Err(Error::syntax(DETAIL, "the length of a relationship begins with `*`", self.span())
                .hint("such as [:TYPE*1..3]"));
        }
        if self.eat(Kind::Star) {
            relationship.length = Some(self.length()?);
        }
        relationship.properties = self.element_properties()?;
        relationship.condition = self.where_condition()?;
        Ok(relationship)
    }

    /// What follows the star: nothing, `2`, `1..3`, `1..`, `..3`, `..`.
    fn length(&mut self) -> Result<Quantifier> {
        if matches!(self.kind(), Kind::Minus | Kind::Plus | Kind::Float) {
            return Err(Error::syntax(DETAIL, "a length is a whole number without a sign", self.span())
                .hint("such as *2, *1..3 or *..3"));
        }
        let min = self.bound()?;
        if !self.eat(Kind::DoubleDot) {
            return Ok(Quantifier { min, max: min });
        }
        if matches!(self.kind(), Kind::Minus | Kind::Plus | Kind::Float) {
            return Err(Error::syntax(DETAIL, "a length is a whole number without a sign", self.span()));
        }
        Ok(Quantifier { min, max: self.bound()? })
    }

    fn bound(&mut self) -> Result<Option<u64>> {
        if self.is(Kind::Integer) { self.count("a length").map(Some) } else { Ok(None) }
    }
}

fn plain() -> RelationshipPattern {
    RelationshipPattern {
        variable: None,
        direction: Direction::Both,
        types: None,
        properties: None,
        condition: None,
        length: None,
        quantifier: None,
        span: Default::default(),
    }
}
