//! What the rest of a query wants of the rows of a MATCH: perhaps not every row, perhaps not every variable.

use super::visible::Mentioned;
use crate::evaluate::aggregate;
use crate::syntax::tree::{Clause, ClauseKind, Expression, ExpressionKind, Projection};

/// `MATCH (a)-[:R*]->(b) RETURN DISTINCT b` asks for the nodes reached, not for the ways: where repeated rows change
/// nothing and nobody looks at the list of relationships, one visit of each node stands in for all trails.
#[derive(Debug, Default)]
pub struct Wish {
    /// Repeated rows change nothing.
    pub once: bool,
    /// What is mentioned later.
    pub used: Mentioned,
    /// Leading values of the rows that are the same in all of them.
    pub base: usize,
}

impl Wish {
    /// Every row counts, and every variable.
    pub fn everything() -> Wish {
        Wish { used: Mentioned { everything: true, ..Mentioned::default() }, ..Wish::default() }
    }

    /// What the clauses after a MATCH want of it.
    pub fn of(rest: &[Clause], base: usize) -> Wish {
        let mut used = Mentioned::default();
        for clause in rest {
            match &clause.kind {
                ClauseKind::Match { pattern, condition, .. } => {
                    used.pattern(pattern);
                    used.expressions(condition);
                }
                ClauseKind::Unwind { list, .. } => used.expression(list),
                ClauseKind::With(it) | ClauseKind::Return(it) => {
                    used.projection(it);
                    if is_once(it) {
                        return Wish { once: true, used, base };
                    }
                    if it.skip.is_some() || it.limit.is_some() || it.items.iter().any(aggregates) {
                        break;
                    }
                }
                _ => break,
            }
        }
        Wish::everything()
    }
}

fn aggregates(item: &crate::syntax::tree::ProjectionItem) -> bool {
    aggregate::has_aggregate(&item.expression)
}

/// Whether repeated rows change nothing for a projection.
fn is_once(it: &Projection) -> bool {
    let order = it.order.iter().map(|item| &item.expression);
    let all: Vec<&Expression> = it.items.iter().map(|item| &item.expression).chain(order).collect();
    let found: Vec<&Expression> = all.into_iter().flat_map(aggregate::find).collect();
    if found.is_empty() {
        return it.distinct;
    }
    found.into_iter().all(|call| match &call.kind {
        ExpressionKind::Call { name, distinct, .. } => {
            *distinct || name.eq_ignore_ascii_case("min") || name.eq_ignore_ascii_case("max")
        }
        _ => false,
    })
}
