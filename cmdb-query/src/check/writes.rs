//! Whether a query writes: it holds a writing clause at any depth.

use super::clause::is_updating;
use crate::syntax::tree::{Body, ClauseKind, Query, Span, Statement};

/// Decides which store a statement needs, without looking at data or names.
pub fn writes(statement: &Statement) -> Option<Span> {
    match &statement.body {
        Body::Query(query) => first_write(query),
        Body::Index(command) => Some(command.span),
        Body::Show(_) => None,
    }
}

/// The first writing clause. Expressions are not searched: subqueries in them may only read.
pub(super) fn first_write(query: &Query) -> Option<Span> {
    let branches = std::iter::once(&query.first).chain(query.unions.iter().map(|union| &union.query));
    branches.flat_map(|branch| &branch.clauses).find_map(|clause| match &clause.kind {
        ClauseKind::Subquery(subquery) => first_write(&subquery.query),
        kind => is_updating(kind).then_some(clause.span),
    })
}
