//! One path: nodes, relationships, and groups that repeat.

use super::cursor::Parser;
use super::token::Kind;
use super::tree::{Element, Expression, GroupPattern, NodePattern, PathPattern, Quantifier};
use crate::error::{Error, Result};

const NODE: &str = "a node such as (n)";

impl Parser<'_> {
    pub(super) fn path(&mut self) -> Result<PathPattern> {
        self.nested(|parser| parser.measured(Self::path_elements))
    }

    fn path_elements(&mut self) -> Result<PathPattern> {
        let start = self.start();
        let mut elements = Vec::new();
        if !self.is(Kind::OpenParenthesis) {
            return Err(self.unexpected("a pattern such as (a)-[:TYPE]->(b)"));
        }
        loop {
            if self.group_at(self.index()) {
                elements.push(Element::Group(self.group()?));
            } else {
                if matches!(elements.last(), Some(Element::Node(_))) {
                    return Err(self.unexpected("a relationship between two nodes, such as -->"));
                }
                elements.push(Element::Node(self.node()?));
            }
            let after_node = matches!(elements.last(), Some(Element::Node(_)));
            if after_node && self.relationship_at(self.index()) {
                elements.push(Element::Relationship(self.relationship()?));
                if !self.is(Kind::OpenParenthesis) || self.group_at(self.index()) {
                    return Err(self.unexpected(NODE));
                }
            } else if !self.is(Kind::OpenParenthesis) {
                break;
            }
        }
        self.taller()?;
        Ok(PathPattern { elements, span: self.since(start) })
    }

    fn relationship_at(&self, index: usize) -> bool {
        self.dash_at(index) || (self.left_at(index) && self.dash_at(index + 1))
    }

    fn node(&mut self) -> Result<NodePattern> {
        let start = self.start();
        self.expect(Kind::OpenParenthesis, NODE)?;
        let mut node = self.bracketed(|parser| {
            let variable = parser.element_variable()?;
            let labels = if parser.eat(Kind::Colon) || parser.eat_word("IS") {
                Some(parser.label_expression()?)
            } else {
                None
            };
            let properties = parser.element_properties()?;
            let condition = parser.where_condition()?;
            Ok(NodePattern { variable, labels, properties, condition, span: Default::default() })
        })?;
        self.expect(Kind::CloseParenthesis, "a label, properties, WHERE or `)`, which closes the node")?;
        node.span = self.since(start);
        Ok(node)
    }

    /// The variable of a node or relationship.
    pub(super) fn element_variable(&mut self) -> Result<Option<super::tree::Identifier>> {
        let keyword = self.is_any_word(&["WHERE", "IS"])
            && !matches!(
                self.kind_ahead(1),
                Kind::Colon | Kind::CloseParenthesis | Kind::CloseBracket | Kind::OpenBrace | Kind::Star
            );
        if !self.name_at(self.index()) || keyword {
            return Ok(None);
        }
        self.any_name("a variable").map(Some)
    }

    /// A map, or in CREATE a parameter that is one.
    pub(super) fn element_properties(&mut self) -> Result<Option<Expression>> {
        let start = self.start();
        match self.kind() {
            Kind::OpenBrace => self.map_expression().map(Some),
            Kind::Parameter if !self.parameter_maps => {
                let message = "a parameter cannot stand for all properties of a pattern that is matched";
                Err(Error::syntax("InvalidParameterUse", message, self.span())
                    .hint("name the properties: {key: $parameter.key}"))
            }
            Kind::Parameter => {
                let kind = super::tree::ExpressionKind::Parameter(self.parameter_name());
                Ok(Some(Expression { kind, span: self.since(start) }))
            }
            _ => Ok(None),
        }
    }

    fn group(&mut self) -> Result<GroupPattern> {
        let start = self.start();
        self.expect(Kind::OpenParenthesis, "`(`")?;
        let (variable, path, condition) = self.bracketed(|parser| {
            let variable = if parser.is(Kind::OpenParenthesis) { None } else { Some(parser.variable()?) };
            if variable.is_some() {
                parser.expect(Kind::Equal, "`=`")?;
            }
            Ok((variable, parser.path()?, parser.where_condition()?))
        })?;
        self.expect(Kind::CloseParenthesis, "a relationship, WHERE or `)`, which closes the group")?;
        let quantifier = self.quantifier()?;
        Ok(GroupPattern { variable, path, condition, quantifier, span: self.since(start) })
    }

    /// `{2}`, `{1,5}`, `{,5}`, `{1,}`, `+`, `*`, if one comes next.
    pub(super) fn quantifier(&mut self) -> Result<Option<Quantifier>> {
        if self.eat(Kind::Plus) {
            return Ok(Some(Quantifier { min: Some(1), max: None }));
        }
        if self.eat(Kind::Star) {
            return Ok(Some(Quantifier { min: Some(0), max: None }));
        }
        let start = self.start();
        if !self.eat(Kind::OpenBrace) {
            return Ok(None);
        }
        let least = if self.is(Kind::Comma) { 0 } else { self.count("a number of repetitions")? };
        let most = if !self.eat(Kind::Comma) {
            Some(least)
        } else if self.is(Kind::CloseBrace) {
            None
        } else {
            Some(self.count("a number of repetitions or `}`")?)
        };
        self.expect(Kind::CloseBrace, "`,` or `}`, which closes the quantifier")?;
        if most.is_some_and(|most| most < least || most == 0) {
            let message = "a quantifier's upper bound is at least 1 and not below its lower bound";
            return Err(Error::syntax("InvalidRelationshipPattern", message, self.since(start)));
        }
        Ok(Some(Quantifier { min: Some(least), max: most }))
    }
}
