//! Whole queries: which clauses may follow which, what ends a query, and branches of UNION that agree.

use super::clause::is_updating;
use super::projection::Purpose;
use super::scope::Scope;
use super::shape::Shape;
use super::subquery::{leading_import, returns};
use super::{Checker, Column};
use crate::error::{Error, Result};
use crate::syntax::tree::{Clause, ClauseKind, Query, Span, Yields};
use crate::value::SmolStr;
use rustc_hash::FxHashMap;

/// What a query is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The statement itself.
    Whole,
    /// One branch of a statement with UNION.
    Branch,
    /// `CALL { … }`: without RETURN it runs for its effects.
    Called,
    /// EXISTS or COUNT: only its rows are counted.
    Counted,
    Collected,
}

impl Role {
    fn purpose(self) -> Purpose {
        if self == Role::Called { Purpose::ReturnVariables } else { Purpose::Return }
    }
}

impl<'a> Checker<'a> {
    /// Checks a query in which `scope` is visible from the start; yields its columns. `importable` is what a WITH
    /// at the start of a branch may import.
    pub(super) fn query(
        &mut self,
        query: &'a Query,
        role: Role,
        scope: &Scope<'a>,
        importable: Option<&Scope<'a>>,
    ) -> Result<Vec<Column>> {
        if let Some(first) = query.unions.first()
            && let Some(other) = query.unions.iter().find(|union| union.all != first.all)
        {
            let message = "UNION and UNION ALL cannot be mixed in one query";
            return Err(Error::syntax("InvalidClauseComposition", message, other.span)
                .hint("put one of them into a `CALL { … }` of its own"));
        }
        let role = if role == Role::Whole && !query.unions.is_empty() { Role::Branch } else { role };
        self.charge(scope.len() * (1 + query.unions.len()))?;
        let visible = |branch| match importable {
            Some(importable) if leading_import(branch).is_some() => importable.clone(),
            _ => scope.clone(),
        };
        let mut columns = self.single(&query.first.clauses, role, visible(&query.first))?;
        for union in &query.unions {
            let others = self.single(&union.query.clauses, role, visible(&union.query))?;
            if !agree(&columns, &others) && role != Role::Counted {
                let message = format!(
                    "all branches of UNION return the same columns, but here are `{}` and `{}`",
                    listed(&columns),
                    listed(&others)
                );
                return Err(Error::syntax("DifferentColumnsInUnion", message, union.span));
            }
            let shapes: FxHashMap<SmolStr, Shape> = others.into_iter().map(|c| (c.name, c.shape)).collect();
            for column in &mut columns {
                let known = std::mem::replace(&mut column.shape, Shape::Any);
                column.shape = known.or(shapes.get(&column.name).cloned().unwrap_or(Shape::Any));
            }
        }
        Ok(columns)
    }

    fn single(&mut self, clauses: &'a [Clause], role: Role, mut scope: Scope<'a>) -> Result<Vec<Column>> {
        let scope = &mut scope;
        in_order(clauses, role)?;
        let mut columns = Vec::new();
        for clause in clauses {
            match &clause.kind {
                ClauseKind::Return(projection) => {
                    columns = self.projection(projection, role.purpose(), scope)?;
                }
                ClauseKind::Call(call) if clauses.len() == 1 && role == Role::Whole => {
                    columns = self.call_alone(call, scope)?;
                }
                _ => self.clause(clause, scope)?,
            }
        }
        Ok(columns)
    }
}

/// The same names, in whatever order.
fn agree(left: &[Column], right: &[Column]) -> bool {
    let sorted = |columns: &[Column]| {
        let mut names: Vec<SmolStr> = columns.iter().map(|column| column.name.clone()).collect();
        names.sort();
        names
    };
    sorted(left) == sorted(right)
}

fn listed(columns: &[Column]) -> String {
    let names: Vec<&SmolStr> = columns.iter().map(|column| &column.name).collect();
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// WITH between writing and reading, and an end that yields or does something.
fn in_order(clauses: &[Clause], role: Role) -> Result<()> {
    let mut written: Option<&Clause> = None;
    for clause in clauses {
        match &clause.kind {
            ClauseKind::With(_) => written = None,
            ClauseKind::Match { .. } | ClauseKind::Unwind { .. } | ClauseKind::Call(_) => {
                if let Some(write) = written {
                    let (first, then) = (word(&write.kind), word(&clause.kind));
                    let message = format!("WITH is needed between {first} and {then}");
                    return Err(composition(message, clause.span).hint("write `WITH *` between them"));
                }
            }
            kind if is_updating(kind) => written = Some(clause),
            _ => {}
        }
    }
    match clauses.last() {
        None => Err(composition("the query is empty".to_owned(), Span::default())),
        Some(last) => ends(last, clauses.len() == 1, role),
    }
}

fn ends(last: &Clause, alone: bool, role: Role) -> Result<()> {
    let has_return = matches!(last.kind, ClauseKind::Return(_));
    let may_end = match &last.kind {
        ClauseKind::Return(_) => true,
        ClauseKind::Call(call) => call.yields == Yields::None || (alone && role == Role::Whole),
        ClauseKind::Subquery(subquery) => !returns(&subquery.query),
        kind => *kind == ClauseKind::Finish || is_updating(kind),
    };
    match role {
        Role::Counted => Ok(()),
        Role::Collected if !has_return => {
            let message =
                format!("COLLECT collects what RETURN yields, and {} yields nothing", word(&last.kind));
            Err(composition(message, last.span))
        }
        _ if may_end => Ok(()),
        _ => {
            let message = format!("a query cannot end with {}", word(&last.kind));
            Err(composition(message, last.span)
                .hint("end it with RETURN, FINISH, a writing clause, or CALL without YIELD"))
        }
    }
}

fn composition(message: String, span: Span) -> Error {
    Error::syntax("InvalidClauseComposition", message, span)
}

fn word(kind: &ClauseKind) -> &'static str {
    match kind {
        ClauseKind::Match { optional: true, .. } => "OPTIONAL MATCH",
        ClauseKind::Match { .. } => "MATCH",
        ClauseKind::Unwind { .. } => "UNWIND",
        ClauseKind::With(_) => "WITH",
        ClauseKind::Return(_) => "RETURN",
        ClauseKind::Finish => "FINISH",
        ClauseKind::Create { .. } => "CREATE",
        ClauseKind::Merge { .. } => "MERGE",
        ClauseKind::Set(_) => "SET",
        ClauseKind::Remove(_) => "REMOVE",
        ClauseKind::Delete { .. } => "DELETE",
        ClauseKind::Foreach { .. } => "FOREACH",
        ClauseKind::Call(_) => "CALL",
        ClauseKind::Subquery(_) => "a subquery",
    }
}
