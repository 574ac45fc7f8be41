//! Patterns that are looked for: what they bind, what they may bind again, and the expressions in them.
//!
//! All variables of a MATCH are bound first and its expressions looked at then, for they may name each other.

use super::Checker;
use super::place::Place;
use super::scope::{Scope, already_bound};
use super::shape::Shape;
use crate::error::{Error, Result};
use crate::syntax::tree::{
    Element, Expression, GroupPattern, Identifier, PathPattern, Pattern, RelationshipPattern, Selector, Span,
};
use crate::value::SmolStr;
use rustc_hash::FxHashSet;

/// What one MATCH has bound so far.
#[derive(Default)]
struct Binding {
    /// Its relationships: none can be passed twice.
    relationships: FxHashSet<SmolStr>,
    /// Inside a quantified group, where variables stand for one round of it.
    grouped: bool,
}

impl<'a> Checker<'a> {
    pub(super) fn match_pattern(&mut self, pattern: &'a Pattern, scope: &mut Scope<'a>) -> Result<()> {
        let before = scope.len();
        let mut binding = Binding::default();
        for part in &pattern.parts {
            if let Selector::ShortestPath | Selector::AllShortestPaths = part.selector {
                shortest_path_fits(&part.path)?;
            }
            bind_path(&part.path, scope, &mut binding)?;
            if let Some(variable) = &part.variable {
                scope.bind(variable, Shape::Path)?;
            }
        }
        for part in &pattern.parts {
            self.path_expressions(&part.path, scope, before)?;
        }
        Ok(())
    }

    /// A path in an expression: `[p = (a)-->(b) | …]`. Its new variables are pushed onto `scope`.
    pub(super) fn path_of_expression(
        &mut self,
        variable: Option<&Identifier>,
        path: &'a PathPattern,
        scope: &mut Scope<'a>,
    ) -> Result<()> {
        let before = scope.len();
        let mut binding = Binding::default();
        bind_path(path, scope, &mut binding)?;
        if let Some(variable) = variable {
            scope.push(&variable.name, Shape::Path);
        }
        self.path_expressions(path, scope, before)
    }

    /// A path whose existence is asked for. It may name only what is known.
    pub(super) fn pattern_predicate(&mut self, path: &'a PathPattern, scope: &mut Scope<'a>) -> Result<()> {
        let length = scope.len();
        self.path_of_expression(None, path, scope)?;
        scope.truncate(length);
        let known = |variable: &Option<Identifier>| match variable {
            Some(new) if scope.shape(&new.name).is_none() => Err(scope
                .undefined(&new.name, new.span)
                .hint("use `EXISTS { … }` for a pattern with variables of its own")),
            _ => Ok(()),
        };
        for element in &path.elements {
            match element {
                Element::Node(node) => known(&node.variable)?,
                Element::Relationship(relationship) => known(&relationship.variable)?,
                Element::Group(_) => {}
            }
        }
        Ok(())
    }

    /// `shortestPath(…)` as a value: between two nodes that are known.
    pub(super) fn shortest_path_of_expression(
        &mut self,
        path: &'a PathPattern,
        scope: &mut Scope<'a>,
    ) -> Result<()> {
        shortest_path_fits(path)?;
        for element in &path.elements {
            let Element::Node(node) = element else { continue };
            match &node.variable {
                Some(variable) if scope.shape(&variable.name).is_none() => {
                    return Err(scope.undefined(&variable.name, variable.span));
                }
                Some(_) => {}
                None => {
                    let message = "the ends of this path must be variables that are bound before";
                    return Err(Error::syntax("InvalidShortestPath", message, node.span));
                }
            }
        }
        let length = scope.len();
        self.path_of_expression(None, path, scope)?;
        scope.truncate(length);
        Ok(())
    }

    fn path_expressions(
        &mut self,
        path: &'a PathPattern,
        scope: &mut Scope<'a>,
        before: usize,
    ) -> Result<()> {
        for element in &path.elements {
            match element {
                Element::Node(node) => {
                    self.properties(node.properties.as_ref(), scope)?;
                    self.pattern_condition(&node.condition, scope)?;
                }
                Element::Relationship(relationship) => {
                    self.properties(relationship.properties.as_ref(), scope)?;
                    self.relationship_condition(relationship, scope)?;
                }
                Element::Group(group) => self.group_expressions(group, scope, before)?,
            }
        }
        Ok(())
    }

    fn group_expressions(
        &mut self,
        group: &'a GroupPattern,
        scope: &mut Scope<'a>,
        before: usize,
    ) -> Result<()> {
        if group.quantifier.is_none() {
            self.path_expressions(&group.path, scope, before)?;
            return self.pattern_condition(&group.condition, scope);
        }
        self.charge(scope.len())?;
        let mut inner = scope.clone();
        inner.truncate(before);
        let mut binding = Binding { grouped: true, ..Binding::default() };
        bind_path(&group.path, &mut inner, &mut binding)?;
        self.path_expressions(&group.path, &mut inner, before)?;
        self.pattern_condition(&group.condition, &mut inner)
    }

    /// WHERE within a relationship sees the single relationship also where several are passed.
    fn relationship_condition(
        &mut self,
        relationship: &'a RelationshipPattern,
        scope: &mut Scope<'a>,
    ) -> Result<()> {
        let length = scope.len();
        if let (Some(variable), true) = (&relationship.variable, relationship.quantifier.is_some()) {
            scope.push(&variable.name, Shape::Relationship);
        }
        let result = self.pattern_condition(&relationship.condition, scope);
        scope.truncate(length);
        result
    }

    fn pattern_condition(&mut self, it: &'a Option<Expression>, scope: &mut Scope<'a>) -> Result<()> {
        it.as_ref().map_or(Ok(()), |condition| self.condition(condition, scope, Place::CONDITION))
    }

    pub(super) fn properties(
        &mut self,
        properties: Option<&'a Expression>,
        scope: &mut Scope<'a>,
    ) -> Result<()> {
        properties.map_or(Ok(()), |map| self.infer(map, scope, Place::VALUE).map(|_| ()))
    }
}

fn bind_path(path: &PathPattern, scope: &mut Scope<'_>, binding: &mut Binding) -> Result<()> {
    for element in &path.elements {
        match element {
            Element::Node(node) => bind_node(node.variable.as_ref(), scope)?,
            Element::Relationship(relationship) => bind_relationship(relationship, scope, binding)?,
            Element::Group(group) => bind_group(group, scope, binding)?,
        }
    }
    Ok(())
}

fn bind_node(variable: Option<&Identifier>, scope: &mut Scope<'_>) -> Result<()> {
    let Some(variable) = variable else { return Ok(()) };
    let Some(found) = scope.known(variable)? else {
        scope.push(&variable.name, Shape::Node);
        return Ok(());
    };
    if !found.may_be_node() {
        return Err(conflict(variable, found, "a node"));
    }
    scope.refine(&variable.name, Shape::Node);
    Ok(())
}

fn bind_relationship(
    relationship: &RelationshipPattern,
    scope: &mut Scope<'_>,
    binding: &mut Binding,
) -> Result<()> {
    let Some(variable) = &relationship.variable else { return Ok(()) };
    let many = relationship.length.is_some() || relationship.quantifier.is_some();
    let shape = if many { Shape::list(Shape::Relationship) } else { Shape::Relationship };
    match scope.known(variable)? {
        None => scope.push(&variable.name, shape),
        Some(found) if many && !found.may_be_relationships() => {
            return Err(conflict(variable, found, "a list of relationships"));
        }
        Some(found) if !many && !found.may_be_relationship() => {
            return Err(conflict(variable, found, "a relationship"));
        }
        Some(_) if binding.relationships.contains(&variable.name) => {
            let message = format!("relationship `{}` is passed twice by one pattern", variable.name);
            return Err(Error::syntax("RelationshipUniquenessViolation", message, variable.span)
                .hint("one pattern passes no relationship twice: give each a name of its own"));
        }
        Some(_) => {
            scope.refine(&variable.name, shape);
        }
    }
    binding.relationships.insert(variable.name.clone());
    Ok(())
}

/// A quantified group binds lists: one element for each round.
fn bind_group(group: &GroupPattern, scope: &mut Scope<'_>, binding: &mut Binding) -> Result<()> {
    if group.quantifier.is_none() {
        bind_path(&group.path, scope, binding)?;
        return match &group.variable {
            Some(variable) => scope.bind(variable, Shape::Path),
            None => Ok(()),
        };
    }
    if binding.grouped {
        let message = "a repeated group cannot stand within another";
        return Err(Error::syntax("InvalidRelationshipPattern", message, group.span));
    }
    let mut inner = Scope::default();
    bind_path(&group.path, &mut inner, &mut Binding { grouped: true, ..Binding::default() })?;
    for new in inner.variables() {
        if scope.place(&new.name).is_some() {
            return Err(already_bound(&new.name, place_of(&new.name, &group.path).unwrap_or(group.span)));
        }
        scope.push(&new.name, Shape::list(new.shape.clone()));
    }
    match &group.variable {
        Some(variable) => scope.bind(variable, Shape::list(Shape::Path)),
        None => Ok(()),
    }
}

/// Where a pattern names a variable first.
fn place_of(name: &str, path: &PathPattern) -> Option<Span> {
    path.elements.iter().find_map(|element| {
        let variable = match element {
            Element::Node(node) => &node.variable,
            Element::Relationship(relationship) => &relationship.variable,
            Element::Group(group) => &group.variable,
        };
        match (variable, element) {
            (Some(variable), _) if variable.name == name => Some(variable.span),
            (_, Element::Group(group)) => place_of(name, &group.path),
            _ => None,
        }
    })
}

fn conflict(variable: &Identifier, found: &Shape, wanted: &str) -> Error {
    let message = format!("`{}` is {found} and cannot be {wanted} here", variable.name);
    Error::syntax("VariableTypeConflict", message, variable.span).hint("choose another name")
}

/// A shortest path is looked for from length 0 or 1 on.
fn shortest_path_fits(path: &PathPattern) -> Result<()> {
    for element in &path.elements {
        if let Element::Relationship(relationship) = element
            && relationship.length.and_then(|length| length.min).is_some_and(|min| min > 1)
        {
            let message = "a shortest path can be asked for from length 0 or 1 on";
            return Err(Error::syntax("InvalidShortestPath", message, relationship.span)
                .hint("use `ANY SHORTEST` for longer ones"));
        }
    }
    Ok(())
}
