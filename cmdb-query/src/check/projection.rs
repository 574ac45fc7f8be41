//! WITH and RETURN: the columns they make, how rows are grouped, and what ORDER BY, SKIP, LIMIT and WHERE see.

use super::place::{Aggregation, Place};
use super::scope::{Repeatable, Scope, Variable, already_bound};
use super::{Checker, Column};
use crate::error::{Error, Result};
use crate::syntax::tree::{Expression, ExpressionKind, Projection, ProjectionItem};
use crate::value::SmolStr;
use rustc_hash::FxHashSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    With,
    /// RETURN at the end of a query, or within EXISTS, COUNT or COLLECT.
    Return,
    /// RETURN of a subquery, whose columns become variables.
    ReturnVariables,
}

/// One item after it was looked at.
struct Item<'a> {
    expression: &'a Expression,
    column: Column,
    aggregates: bool,
    /// The column is named, not called after its text.
    named: bool,
}

impl<'a> Item<'a> {
    fn repeatable(&self) -> Repeatable<'a> {
        let shape = self.column.shape.clone();
        Repeatable { expression: self.expression, shape, aggregates: self.aggregates }
    }
}

impl<'a> Checker<'a> {
    /// Checks a projection and turns `scope` into what is visible after it.
    pub(super) fn projection(
        &mut self,
        it: &'a Projection,
        purpose: Purpose,
        scope: &mut Scope<'a>,
    ) -> Result<Vec<Column>> {
        self.charge(scope.len())?;
        let starred = if it.star { scope.starred() } else { Vec::new() };
        if it.star && scope.len() == 0 && purpose != Purpose::With {
            let message = "there are no variables `*` could stand for";
            return Err(Error::syntax("NoVariablesInScope", message, it.span));
        }
        let items = self.items(&it.items, purpose, scope)?;
        names_differ(&starred, &items)?;
        if items.iter().any(|item| item.aggregates) {
            self.groups_are_clear(&starred, &items, scope)?;
        }
        let mut after = self.after(&starred, &items, it.star, scope)?;
        self.order(it, &items, scope, &after)?;
        self.rows_wanted(it.skip.as_ref(), "SKIP")?;
        self.rows_wanted(it.limit.as_ref(), "LIMIT")?;
        if let Some(condition) = &it.condition {
            self.condition(condition, &mut repeatable(it, &items, scope, &after), Place::CONDITION)?;
        }
        std::mem::swap(scope, &mut after);
        let star_columns = starred.into_iter().map(|v| Column { name: v.name, shape: v.shape });
        Ok(star_columns.chain(items.into_iter().map(|item| item.column)).collect())
    }

    fn items(
        &mut self,
        items: &'a [ProjectionItem],
        purpose: Purpose,
        scope: &mut Scope<'a>,
    ) -> Result<Vec<Item<'a>>> {
        let mut checked = Vec::with_capacity(items.len());
        for item in items {
            let before = self.aggregates;
            let shape = self.infer(&item.expression, scope, Place::ITEM)?;
            let variable = match &item.expression.kind {
                ExpressionKind::Variable(name) => Some(name),
                _ => None,
            };
            let name = item.alias.as_ref().map(|alias| &alias.name).or(variable);
            if name.is_none() && purpose != Purpose::Return {
                let message = format!("`{}` needs a name here", item.text);
                return Err(
                    Error::syntax("NoExpressionAlias", message, item.expression.span).hint("add `AS name`")
                );
            }
            checked.push(Item {
                expression: &item.expression,
                column: Column { name: name.unwrap_or(&item.text).clone(), shape },
                aggregates: self.aggregates > before,
                named: name.is_some(),
            });
        }
        Ok(checked)
    }

    /// What is visible after the projection alone.
    fn after(
        &self,
        starred: &[Variable],
        items: &[Item<'a>],
        star: bool,
        scope: &Scope<'a>,
    ) -> Result<Scope<'a>> {
        let mut after = scope.outer_only();
        if star {
            starred.iter().for_each(|variable| after.push(&variable.name, variable.shape.clone()));
        }
        for item in items.iter().filter(|item| item.named) {
            let passed_on = matches!(&item.expression.kind,
                ExpressionKind::Variable(name) if *name == item.column.name);
            let outer = scope.variable(&item.column.name).is_some_and(|variable| variable.outer);
            match (outer, passed_on) {
                (true, true) => {}
                (true, false) => return Err(already_bound(&item.column.name, item.expression.span)),
                (false, _) => after.push(&item.column.name, item.column.shape.clone()),
            }
        }
        Ok(after)
    }

    /// In an item with an aggregate, everything outside the aggregate must be a group: a variable or property
    /// that is an item of its own, or constant.
    fn groups_are_clear(
        &mut self,
        starred: &[Variable],
        items: &[Item<'a>],
        scope: &Scope<'a>,
    ) -> Result<()> {
        let mut groups = scope.as_joined();
        starred.iter().for_each(|variable| groups.push(&variable.name, variable.shape.clone()));
        for item in items.iter().filter(|item| !item.aggregates) {
            match &item.expression.kind {
                ExpressionKind::Variable(name) => groups.push(name, item.column.shape.clone()),
                _ if is_simple(item.expression) => {
                    groups.add_column(item.repeatable());
                }
                _ => {}
            }
        }
        for item in items.iter().filter(|item| item.aggregates) {
            self.infer(item.expression, &mut groups, Place::SETTLED).map_err(ambiguous)?;
        }
        Ok(())
    }

    fn order(
        &mut self,
        it: &'a Projection,
        items: &[Item<'a>],
        scope: &Scope<'a>,
        after: &Scope<'a>,
    ) -> Result<()> {
        if it.order.is_empty() {
            return Ok(());
        }
        let grouped = items.iter().any(|item| item.aggregates);
        let mut seen = repeatable(it, items, scope, after);
        let mut groups = scope.as_joined();
        groups.push_all(after);
        for item in items.iter().filter(|item| !item.aggregates && is_simple(item.expression)) {
            groups.add_column(item.repeatable());
        }
        for key in &it.order {
            let before = self.aggregates;
            self.infer(&key.expression, &mut seen, Place::VALUE)?;
            if grouped && self.aggregates > before {
                self.infer(&key.expression, &mut groups, Place::SETTLED).map_err(ambiguous)?;
            }
        }
        Ok(())
    }

    /// SKIP and LIMIT: a number that does not depend on the row.
    fn rows_wanted(&mut self, it: Option<&'a Expression>, clause: &str) -> Result<()> {
        let Some(it) = it else { return Ok(()) };
        let place = Place { aggregation: Aggregation::Refused, truth: false };
        let shape = self.infer(it, &mut Scope::default(), place).map_err(|error| match error.span() {
            Some(span) if error.detail() == "UndefinedVariable" => {
                let message = format!("{clause} is one number for all rows and cannot name variables");
                Error::syntax("NonConstantExpression", message, span)
            }
            _ => error,
        })?;
        if is_negative(it) {
            let message = format!("{clause} cannot be negative");
            return Err(Error::syntax("NegativeIntegerArgument", message, it.span));
        }
        if !shape.may_be_integer() || it.kind == ExpressionKind::Null {
            let message = format!("{clause} needs an integer, but this is {shape}");
            return Err(Error::syntax("InvalidArgumentType", message, it.span));
        }
        Ok(())
    }
}

fn names_differ(starred: &[Variable], items: &[Item<'_>]) -> Result<()> {
    let mut names: FxHashSet<&SmolStr> = starred.iter().map(|variable| &variable.name).collect();
    for item in items {
        if !names.insert(&item.column.name) {
            let message = format!("there are two columns `{}`", item.column.name);
            return Err(Error::syntax("ColumnNameConflict", message, item.expression.span)
                .hint("name one of them otherwise with `AS`"));
        }
    }
    Ok(())
}

/// What ORDER BY and WHERE see: the new variables, the items as written, and the old variables unless rows were
/// joined, by grouping them or by DISTINCT.
fn repeatable<'a>(it: &Projection, items: &[Item<'a>], before: &Scope<'a>, after: &Scope<'a>) -> Scope<'a> {
    let joined = it.distinct || items.iter().any(|item| item.aggregates);
    let mut seen = if joined { before.as_joined() } else { before.clone() };
    seen.push_all(after);
    items.iter().for_each(|item| seen.add_column(item.repeatable()));
    seen
}

/// A variable or a property of one: what may be repeated beside an aggregate.
fn is_simple(it: &Expression) -> bool {
    match &it.kind {
        ExpressionKind::Variable(_) => true,
        ExpressionKind::Property { subject, .. } => is_simple(subject),
        _ => false,
    }
}

fn is_negative(it: &Expression) -> bool {
    match &it.kind {
        ExpressionKind::Integer(number) => *number < 0,
        ExpressionKind::Negate(operand) => matches!(operand.kind, ExpressionKind::Integer(1..)),
        _ => false,
    }
}

fn ambiguous(error: Error) -> Error {
    match error.span() {
        Some(span) if error.detail() == "UndefinedVariable" => {
            let message = "it is not clear which group this belongs to: it stands beside an aggregate and is not a group";
            Error::syntax("AmbiguousAggregationExpression", message, span)
                .hint("make it an item of its own, or compute it in a WITH before")
        }
        _ => error,
    }
}
