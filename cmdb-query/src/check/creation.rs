//! Patterns that are created: by CREATE always, by MERGE where nothing matches.

use super::Checker;
use super::scope::{Scope, already_bound};
use super::shape::Shape;
use crate::error::{Error, Result};
use crate::syntax::tree::{
    Direction, Element, Expression, Identifier, LabelExpression, NodePattern, PathPattern, Pattern,
    PatternPart, RelationshipPattern, Selector, Span,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Creation {
    Create,
    Merge,
}

impl<'a> Checker<'a> {
    pub(super) fn create_pattern(&mut self, pattern: &'a Pattern, scope: &mut Scope<'a>) -> Result<()> {
        for part in &pattern.parts {
            self.created_part(part, Creation::Create, scope)?;
        }
        Ok(())
    }

    pub(super) fn merge_pattern(&mut self, part: &'a PatternPart, scope: &mut Scope<'a>) -> Result<()> {
        self.created_part(part, Creation::Merge, scope)
    }

    fn created_part(
        &mut self,
        part: &'a PatternPart,
        creation: Creation,
        scope: &mut Scope<'a>,
    ) -> Result<()> {
        if part.selector != Selector::All {
            return Err(uncreatable("a shortest path can only be looked for", part.span));
        }
        self.created_path(&part.path, creation, scope)?;
        part.variable.as_ref().map_or(Ok(()), |variable| scope.bind(variable, Shape::Path))
    }

    fn created_path(
        &mut self,
        path: &'a PathPattern,
        creation: Creation,
        scope: &mut Scope<'a>,
    ) -> Result<()> {
        if creation == Creation::Merge {
            // What MERGE looks for cannot depend on what it is about to find.
            for element in &path.elements {
                self.properties(properties_of(element), scope)?;
            }
        }
        let alone = path.elements.len() == 1;
        for element in &path.elements {
            if creation == Creation::Create {
                self.properties(properties_of(element), scope)?;
            }
            match element {
                Element::Node(node) => created_node(node, alone, scope)?,
                Element::Relationship(relationship) => {
                    created_relationship(relationship, creation, scope)?;
                }
                Element::Group(group) => {
                    let message = "a repeated group can only be looked for";
                    return Err(Error::syntax("CreatingVarLength", message, group.span));
                }
            }
        }
        Ok(())
    }
}

fn properties_of(element: &Element) -> Option<&Expression> {
    match element {
        Element::Node(node) => node.properties.as_ref(),
        Element::Relationship(relationship) => relationship.properties.as_ref(),
        Element::Group(_) => None,
    }
}

/// A bound node may stand here as an end of new relationships, bare, and not on its own.
fn created_node(node: &NodePattern, alone: bool, scope: &mut Scope<'_>) -> Result<()> {
    if let Some(condition) = &node.condition {
        return Err(uncreatable("a condition can only be looked for", condition.span));
    }
    if let Some(labels) = &node.labels {
        plain_labels(labels)?;
    }
    let Some(variable) = &node.variable else { return Ok(()) };
    let Some(found) = scope.shape(&variable.name) else {
        scope.push(&variable.name, Shape::Node);
        return Ok(());
    };
    if !found.may_be_node() {
        let message = format!("`{}` is {found} and cannot be a node here", variable.name);
        return Err(Error::syntax("VariableTypeConflict", message, variable.span).hint("choose another name"));
    }
    if alone || node.labels.is_some() || node.properties.is_some() {
        return Err(already_bound(&variable.name, variable.span)
            .hint("a bound node stands bare at the end of a relationship; use SET to change it"));
    }
    scope.refine(&variable.name, Shape::Node);
    Ok(())
}

fn created_relationship(
    relationship: &RelationshipPattern,
    creation: Creation,
    scope: &mut Scope<'_>,
) -> Result<()> {
    if let Some(variable) = &relationship.variable {
        scope.bind(variable, Shape::Relationship)?;
    }
    let span = relationship.span;
    if relationship.length.is_some() || relationship.quantifier.is_some() {
        let message = "relationships of variable length can only be looked for";
        return Err(Error::syntax("CreatingVarLength", message, span));
    }
    if !matches!(relationship.types, Some(LabelExpression::Name(_))) {
        let message = "a relationship that is created has exactly one type";
        return Err(Error::syntax("NoSingleRelationshipType", message, span).hint("write `-[:TYPE]->`"));
    }
    if creation == Creation::Create && relationship.direction == Direction::Both {
        let message = "a relationship that is created has a direction";
        return Err(Error::syntax("RequiresDirectedRelationship", message, span)
            .hint("write `-[:TYPE]->` or `<-[:TYPE]-`"));
    }
    match &relationship.condition {
        Some(condition) => Err(uncreatable("a condition can only be looked for", condition.span)),
        None => Ok(()),
    }
}

/// Only `:A:B` says which labels a node is to have.
fn plain_labels(labels: &LabelExpression) -> Result<()> {
    match labels {
        LabelExpression::Name(_) => Ok(()),
        LabelExpression::And(all) => all.iter().try_for_each(plain_labels),
        LabelExpression::Or(all) => Err(match all.iter().find_map(first_name) {
            Some(name) => uncreatable("a choice of labels can only be looked for", name.span),
            None => uncreatable("a choice of labels can only be looked for", Span::default()),
        }),
        LabelExpression::Not(inner) => {
            let span = first_name(inner).map_or(Span::default(), |name| name.span);
            Err(uncreatable("the absence of a label can only be looked for", span))
        }
        LabelExpression::Any(span) => Err(uncreatable("any label can only be looked for", *span)),
    }
}

fn first_name(labels: &LabelExpression) -> Option<&Identifier> {
    match labels {
        LabelExpression::Name(name) => Some(name),
        LabelExpression::And(all) | LabelExpression::Or(all) => all.iter().find_map(first_name),
        LabelExpression::Not(inner) => first_name(inner),
        LabelExpression::Any(_) => None,
    }
}

fn uncreatable(message: &str, span: Span) -> Error {
    Error::syntax("UnexpectedSyntax", message, span)
}
