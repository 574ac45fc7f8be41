//! Patterns that are looked for: what they bind, what they may bind again, and the expressions in them.
//!
//! All variables of a MATCH are bound first and its expressions looked at then, for they may name each other.

use super::Checker;
use super::place::Place;
use super::scope::{Scope, already_bound};
use super::shape::Shape;
use crate::error::{Error, Result};
use crate::syntax::tree::{
    Element, Expression, ExpressionKind, GroupPattern, Identifier, PathPattern, Pattern, PatternPart,
    RelationshipPattern, Selector, Span,
};
use crate::value::SmolStr;

/// What one MATCH has bound so far.
struct Binding {
    /// How many variables there were before it.
    before: usize,
    /// Its relationships: none can be passed twice.
    relationships: Vec<SmolStr>,
    /// Inside a quantified group, where variables stand for one round of it.
    grouped: bool,
}

impl<'a> Checker<'a> {
    pub(super) fn match_pattern(&mut self, pattern: &'a Pattern, scope: &mut Scope<'a>) -> Result<()> {
        let before = scope.clone();
        let mut binding = Binding { before: scope.len(), relationships: Vec::new(), grouped: false };
        for part in &pattern.parts {
            selector_fits(part)?;
            bind_path(&part.path, scope, &mut binding)?;
            if let Some(variable) = &part.variable {
                scope.bind(variable, Shape::Path)?;
            }
        }
        for part in &pattern.parts {
            self.path_expressions(&part.path, scope, &before)?;
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
        let before = scope.clone();
        let mut binding = Binding { before: scope.len(), relationships: Vec::new(), grouped: false };
        bind_path(path, scope, &mut binding)?;
        if let Some(variable) = variable {
            scope.push(&variable.name, Shape::Path);
        }
        self.path_expressions(path, scope, &before)
    }

    /// A path whose existence is asked for. It may name only what is known.
    pub(super) fn pattern_predicate(&mut self, path: &'a PathPattern, scope: &mut Scope<'a>) -> Result<()> {
        let mut inner = scope.clone();
        self.path_of_expression(None, path, &mut inner)?;
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
        let mut inner = scope.clone();
        self.path_of_expression(None, path, &mut inner)
    }

    fn path_expressions(
        &mut self,
        path: &'a PathPattern,
        scope: &mut Scope<'a>,
        before: &Scope<'a>,
    ) -> Result<()> {
        for element in &path.elements {
            match element {
                Element::Node(node) => {
                    self.matched_properties(&node.properties, scope)?;
                    self.pattern_condition(&node.condition, scope)?;
                }
                Element::Relationship(relationship) => {
                    self.matched_properties(&relationship.properties, scope)?;
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
        before: &Scope<'a>,
    ) -> Result<()> {
        if group.quantifier.is_none() {
            self.path_expressions(&group.path, scope, before)?;
            return self.pattern_condition(&group.condition, scope);
        }
        let mut inner = before.clone();
        let mut binding = Binding { before: inner.len(), relationships: Vec::new(), grouped: true };
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

    /// Properties to look for are written out: a parameter would hide which keys are asked for.
    pub(super) fn matched_properties(
        &mut self,
        properties: &'a Option<Expression>,
        scope: &mut Scope<'a>,
    ) -> Result<()> {
        let Some(properties) = properties else { return Ok(()) };
        if let ExpressionKind::Parameter(name) = &properties.kind {
            let message = "a parameter cannot stand for all properties of a pattern that is looked for";
            return Err(Error::syntax("InvalidParameterUse", message, properties.span)
                .hint(format!("write the properties out: `{{name: ${name}.name}}`")));
        }
        self.infer(properties, scope, Place::VALUE).map(|_| ())
    }
}

fn bind_path(path: &PathPattern, scope: &mut Scope<'_>, binding: &mut Binding) -> Result<()> {
    for element in &path.elements {
        match element {
            Element::Node(node) => bind_node(node.variable.as_ref(), scope, binding)?,
            Element::Relationship(relationship) => bind_relationship(relationship, scope, binding)?,
            Element::Group(group) => bind_group(group, scope, binding)?,
        }
    }
    Ok(())
}

fn bind_node(variable: Option<&Identifier>, scope: &mut Scope<'_>, binding: &Binding) -> Result<()> {
    let Some(variable) = variable else { return Ok(()) };
    let Some(found) = scope.shape(&variable.name) else {
        scope.push(&variable.name, Shape::Node);
        return Ok(());
    };
    if !found.may_be_node() {
        return Err(conflict(variable, found, "a node"));
    }
    not_from_outside(variable, scope, binding)?;
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
    match scope.shape(&variable.name) {
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
            not_from_outside(variable, scope, binding)?;
            scope.refine(&variable.name, shape);
        }
    }
    binding.relationships.push(variable.name.clone());
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
    let mut inner = scope.clone();
    inner.truncate(binding.before);
    let mut inner_binding = Binding { before: binding.before, relationships: Vec::new(), grouped: true };
    bind_path(&group.path, &mut inner, &mut inner_binding)?;
    let mut names = Vec::new();
    collect_names(&group.path, &mut names);
    for new in inner.variables()[binding.before..].to_vec() {
        let place = names.iter().find(|name| name.name == new.name).map_or(group.span, |name| name.span);
        if scope.shape(&new.name).is_some() {
            return Err(already_bound(&new.name, place));
        }
        scope.push(&new.name, Shape::list(new.shape));
    }
    match &group.variable {
        Some(variable) => scope.bind(variable, Shape::list(Shape::Path)),
        None => Ok(()),
    }
}

fn collect_names<'e>(path: &'e PathPattern, names: &mut Vec<&'e Identifier>) {
    for element in &path.elements {
        match element {
            Element::Node(node) => names.extend(&node.variable),
            Element::Relationship(relationship) => names.extend(&relationship.variable),
            Element::Group(group) => {
                names.extend(&group.variable);
                collect_names(&group.path, names);
            }
        }
    }
}

/// A repeated group cannot pass a given node or relationship in every round.
fn not_from_outside(variable: &Identifier, scope: &Scope<'_>, binding: &Binding) -> Result<()> {
    let outside = || scope.variables()[..binding.before].iter().any(|known| known.name == variable.name);
    if binding.grouped && outside() {
        return Err(already_bound(&variable.name, variable.span));
    }
    Ok(())
}

fn conflict(variable: &Identifier, found: &Shape, wanted: &str) -> Error {
    let message = format!("`{}` is {found} and cannot be {wanted} here", variable.name);
    Error::syntax("VariableTypeConflict", message, variable.span).hint("choose another name")
}

fn selector_fits(part: &PatternPart) -> Result<()> {
    match part.selector {
        Selector::ShortestPath | Selector::AllShortestPaths => shortest_path_fits(&part.path),
        Selector::Any(0) | Selector::Shortest(0) | Selector::ShortestGroups(0) => {
            Err(invalid_shortest("at least one path must be asked for", part.span))
        }
        _ => Ok(()),
    }
}

/// One relationship between two nodes, of any length from 0 or 1 on.
fn shortest_path_fits(path: &PathPattern) -> Result<()> {
    let [Element::Node(_), Element::Relationship(relationship), Element::Node(_)] = &path.elements[..] else {
        return Err(invalid_shortest("a shortest path is asked for with one relationship", path.span)
            .hint("`shortestPath((a)-[*]-(b))`, or `ANY SHORTEST` for any other pattern"));
    };
    match relationship.length.and_then(|length| length.min) {
        Some(min) if min > 1 => {
            Err(invalid_shortest("a shortest path can be asked for from length 0 or 1 on", relationship.span))
        }
        _ => Ok(()),
    }
}

fn invalid_shortest(message: &str, span: Span) -> Error {
    Error::syntax("InvalidShortestPath", message, span)
}
