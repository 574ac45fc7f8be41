//! Lists, maps and map projections.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{Expression, ExpressionKind, Identifier, MapProjectionItem};
use crate::error::Result;

impl Parser<'_> {
    /// What a bracket opens: a list, or a comprehension.
    pub(super) fn list(&mut self) -> Result<ExpressionKind> {
        if self.comprehension_at(self.index()) {
            return self.bracketed(Self::list_comprehension);
        }
        let inner = self.index() + 1;
        let named =
            self.name_at(inner) && self.token(inner + 1).kind == Kind::Equal && self.path_at(inner + 2);
        if named || self.path_at(inner) {
            return self.bracketed(Self::pattern_comprehension);
        }
        self.expect(Kind::OpenBracket, "[")?;
        let items = self.bracketed(|parser| {
            if parser.is(Kind::CloseBracket) { Ok(Vec::new()) } else { parser.commas(Self::expression) }
        })?;
        self.expect(Kind::CloseBracket, "`,`, an operator, or `]`, which closes the list")?;
        Ok(ExpressionKind::List(items))
    }

    pub(super) fn map(&mut self) -> Result<ExpressionKind> {
        self.expect(Kind::OpenBrace, "{")?;
        let entries = self.bracketed(|parser| {
            if parser.is(Kind::CloseBrace) { Ok(Vec::new()) } else { parser.commas(Self::map_entry) }
        })?;
        self.expect(Kind::CloseBrace, "`,`, an operator, or `}`, which closes the map")?;
        Ok(ExpressionKind::Map(entries))
    }

    /// A map where nothing else may stand: the properties of a pattern.
    pub(super) fn map_expression(&mut self) -> Result<Expression> {
        let start = self.start();
        let kind = self.measured(Self::map)?;
        Ok(Expression { kind, span: self.since(start) })
    }

    fn map_entry(&mut self) -> Result<(Identifier, Expression)> {
        let key = self.any_name("the key of a map entry")?;
        self.expect(Kind::Colon, "`:` and a value")?;
        Ok((key, self.expression()?))
    }

    pub(super) fn map_projection(&mut self, variable: Identifier) -> Result<ExpressionKind> {
        self.expect(Kind::OpenBrace, "{")?;
        let items = self.bracketed(|parser| {
            if parser.is(Kind::CloseBrace) {
                Ok(Vec::new())
            } else {
                parser.commas(Self::map_projection_item)
            }
        })?;
        self.expect(Kind::CloseBrace, "`,` or `}`, which closes the map")?;
        Ok(ExpressionKind::MapProjection { variable, items })
    }

    fn map_projection_item(&mut self) -> Result<MapProjectionItem> {
        let start = self.start();
        if self.eat(Kind::Dot) {
            if self.eat(Kind::Star) {
                return Ok(MapProjectionItem::All(self.since(start)));
            }
            return Ok(MapProjectionItem::Property(self.any_name("a key or `*`")?));
        }
        let name = self.any_name("`.key`, `.*`, `key: value` or a variable")?;
        if self.eat(Kind::Colon) {
            return Ok(MapProjectionItem::Entry(name, self.expression()?));
        }
        Ok(MapProjectionItem::Variable(name))
    }
}
