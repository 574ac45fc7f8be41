//! One clause after another: what each binds and may use.

use super::place::Place;
use super::projection::Purpose;
use super::scope::Scope;
use super::shape::Shape;
use super::{Checker, Column};
use crate::error::{Error, Result};
use crate::syntax::tree::{
    Clause, ClauseKind, Expression, ExpressionKind, Identifier, RemoveItem, SetItem, Span,
};

impl<'a> Checker<'a> {
    /// Checks a clause other than RETURN and adds what it binds.
    pub(super) fn clause(&mut self, clause: &'a Clause, scope: &mut Scope<'a>) -> Result<()> {
        match &clause.kind {
            ClauseKind::Match { pattern, condition, .. } => {
                self.match_pattern(pattern, scope)?;
                condition.as_ref().map_or(Ok(()), |it| self.condition(it, scope, Place::CONDITION))
            }
            ClauseKind::Unwind { list, variable } => {
                let shape = self.infer(list, scope, Place::VALUE)?;
                scope.bind(variable, shape.element())
            }
            ClauseKind::With(projection) => self.projection(projection, Purpose::With, scope).map(|_| ()),
            ClauseKind::Return(projection) => self.projection(projection, Purpose::Return, scope).map(|_| ()),
            ClauseKind::Finish => Ok(()),
            ClauseKind::Call(call) => self.call_in_query(call, scope),
            ClauseKind::Subquery(subquery) => self.call_subquery(subquery, clause.span, scope),
            _ => self.updating_clause(clause, scope),
        }
    }

    fn updating_clause(&mut self, clause: &'a Clause, scope: &mut Scope<'a>) -> Result<()> {
        match &clause.kind {
            ClauseKind::Create { pattern } => self.create_pattern(pattern, scope),
            ClauseKind::Merge { part, on_create, on_match } => {
                self.merge_pattern(part, scope)?;
                self.set_items(on_create, scope)?;
                self.set_items(on_match, scope)
            }
            ClauseKind::Set(items) => self.set_items(items, scope),
            ClauseKind::Remove(items) => items.iter().try_for_each(|item| self.remove_item(item, scope)),
            ClauseKind::Delete { targets, .. } => {
                targets.iter().try_for_each(|target| self.delete_target(target, scope))
            }
            ClauseKind::Foreach { variable, list, clauses } => self.foreach(variable, list, clauses, scope),
            _ => Ok(()),
        }
    }

    fn foreach(
        &mut self,
        variable: &Identifier,
        list: &'a Expression,
        clauses: &'a [Clause],
        scope: &mut Scope<'a>,
    ) -> Result<()> {
        let shape = self.infer(list, scope, Place::VALUE)?;
        if !shape.may_be_list() {
            return Err(super::expression::wrong_kind(list, &shape, "a list"));
        }
        let length = scope.len();
        scope.push(&variable.name, shape.element());
        clauses.iter().try_for_each(|clause| self.updating_clause(clause, scope))?;
        scope.truncate(length);
        Ok(())
    }

    fn set_items(&mut self, items: &'a [SetItem], scope: &mut Scope<'a>) -> Result<()> {
        for item in items {
            match item {
                SetItem::Property { target, value, .. } => {
                    self.changed(target, scope)?;
                    self.infer(value, scope, Place::VALUE)?;
                }
                SetItem::Replace { variable, value } | SetItem::Extend { variable, value } => {
                    entity_named(variable, scope)?;
                    let shape = self.infer(value, scope, Place::VALUE)?;
                    if !shape.may_be_entity() && shape != Shape::Map {
                        return Err(super::expression::wrong_kind(
                            value,
                            &shape,
                            "a map, node or relationship",
                        ));
                    }
                }
                SetItem::Labels { variable, .. } => node_named(variable, scope)?,
            }
        }
        Ok(())
    }

    fn remove_item(&mut self, item: &'a RemoveItem, scope: &mut Scope<'a>) -> Result<()> {
        match item {
            RemoveItem::Property { target, .. } => self.changed(target, scope),
            RemoveItem::Labels { variable, .. } => node_named(variable, scope),
        }
    }

    fn changed(&mut self, target: &'a Expression, scope: &mut Scope<'a>) -> Result<()> {
        let shape = self.infer(target, scope, Place::VALUE)?;
        if shape.may_be_entity() {
            return Ok(());
        }
        Err(super::expression::wrong_kind(target, &shape, "a node or relationship"))
    }

    fn delete_target(&mut self, target: &'a Expression, scope: &mut Scope<'a>) -> Result<()> {
        let shape = self.infer(target, scope, Place::VALUE)?;
        if let ExpressionKind::HasLabels { .. } = target.kind {
            let message = "DELETE removes whole nodes and relationships, not labels or types";
            return Err(Error::syntax("InvalidDelete", message, target.span).hint("use `REMOVE n:Label`"));
        }
        if shape.may_be_entity() || shape == Shape::Path {
            return Ok(());
        }
        Err(super::expression::wrong_kind(target, &shape, "a node, relationship or path"))
    }
}

pub(super) fn is_updating(kind: &ClauseKind) -> bool {
    matches!(
        kind,
        ClauseKind::Create { .. }
            | ClauseKind::Merge { .. }
            | ClauseKind::Set(_)
            | ClauseKind::Remove(_)
            | ClauseKind::Delete { .. }
            | ClauseKind::Foreach { .. }
    )
}

fn entity_named(variable: &Identifier, scope: &Scope<'_>) -> Result<()> {
    named(variable, scope, Shape::may_be_entity, "a node or relationship")
}

fn node_named(variable: &Identifier, scope: &Scope<'_>) -> Result<()> {
    named(variable, scope, Shape::may_be_node, "a node")
}

fn named(variable: &Identifier, scope: &Scope<'_>, fits: fn(&Shape) -> bool, wanted: &str) -> Result<()> {
    let shape = scope.named(variable)?;
    if fits(shape) {
        return Ok(());
    }
    let message = format!("expected {wanted}, but `{}` is {shape}", variable.name);
    Err(Error::syntax("InvalidArgumentType", message, variable.span))
}

/// The columns as variables.
pub(super) fn bind_columns(columns: &[Column], span: Span, scope: &mut Scope<'_>) -> Result<()> {
    for column in columns {
        let identifier = Identifier { name: column.name.clone(), span };
        scope.bind(&identifier, column.shape.clone())?;
    }
    Ok(())
}
