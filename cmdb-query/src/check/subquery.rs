//! Queries within queries: `CALL { … }`, `EXISTS { … }`, `COUNT { … }`, `COLLECT { … }`.

use super::clause::bind_columns;
use super::query::Role;
use super::scope::Scope;
use super::{Checker, Column, writes};
use crate::error::{Error, Result};
use crate::syntax::tree::{
    ClauseKind, ExpressionKind, Imports, Projection, Query, SingleQuery, Span, Subquery, SubqueryKind,
};

/// Whether a query has columns: its first branch ends with RETURN.
pub fn returns(query: &Query) -> bool {
    query.first.clauses.last().is_some_and(|clause| matches!(clause.kind, ClauseKind::Return(_)))
}

/// The WITH at the start of `CALL { WITH a, b … }`, if it imports: bare variables or `*`, and nothing else.
pub fn leading_import(query: &SingleQuery) -> Option<&Projection> {
    let ClauseKind::With(with) = &query.clauses.first()?.kind else { return None };
    let plain = !with.distinct
        && with.order.is_empty()
        && with.skip.is_none()
        && with.limit.is_none()
        && with.condition.is_none();
    let bare = with.items.iter().all(|item| match &item.expression.kind {
        ExpressionKind::Variable(name) => item.alias.as_ref().is_none_or(|alias| alias.name == *name),
        _ => false,
    });
    (plain && bare).then_some(with)
}

impl<'a> Checker<'a> {
    pub(super) fn call_subquery(
        &mut self,
        it: &'a Subquery,
        span: Span,
        scope: &mut Scope<'a>,
    ) -> Result<()> {
        self.charge(scope.len())?;
        let aggregates = self.aggregates;
        let columns = match &it.imports {
            Imports::Leading => {
                let importable = scope.as_own();
                self.query(&it.query, Role::Called, &Scope::default(), Some(&importable))?
            }
            Imports::All => self.query(&it.query, Role::Called, &scope.as_outer(), None)?,
            Imports::Listed(names) => {
                let mut inner = Scope::default();
                for name in names {
                    let shape = scope.named(name)?;
                    inner.bind(name, shape.clone())?;
                }
                self.query(&it.query, Role::Called, &inner.as_outer(), None)?
            }
        };
        self.aggregates = aggregates;
        bind_columns(&columns, span, scope)
    }

    /// A query in an expression: it sees all variables around it and may not bind them anew.
    pub(super) fn nested_query(
        &mut self,
        kind: SubqueryKind,
        query: &'a Query,
        span: Span,
        scope: &Scope<'a>,
    ) -> Result<Vec<Column>> {
        if let Some(write) = writes::first_write(query) {
            let message = format!("{} can only read", name(kind));
            return Err(Error::syntax("InvalidClauseComposition", message, write)
                .hint("write in a `CALL { … }` of its own"));
        }
        self.charge(scope.len())?;
        let aggregates = self.aggregates;
        let role = if kind == SubqueryKind::Collect { Role::Collected } else { Role::Counted };
        let columns = self.query(query, role, &scope.as_outer(), None)?;
        self.aggregates = aggregates;
        if kind == SubqueryKind::Collect && columns.len() != 1 {
            let message = format!("COLLECT needs exactly one column, and {} are returned", columns.len());
            return Err(Error::syntax("InvalidNumberOfColumns", message, span));
        }
        Ok(columns)
    }
}

fn name(kind: SubqueryKind) -> &'static str {
    match kind {
        SubqueryKind::Exists => "EXISTS",
        SubqueryKind::Count => "COUNT",
        SubqueryKind::Collect => "COLLECT",
    }
}
