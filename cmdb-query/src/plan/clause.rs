//! Clause by clause: from a query to one plan.

use super::planner::{Part, Planned, Planner, is_hidden};
use super::wish::Wish;
use super::{Each, Item, Project, Step};
use crate::check::leading_import;
use crate::error::Result;
use crate::evaluate::Scope;
use crate::syntax::tree::{
    Clause, ClauseKind, Expression, Identifier, Imports, PatternPart, Query, SingleQuery, SmolStr, Subquery,
};
use std::sync::Arc;

/// Rows a list is expected to unwind into.
const LIST_ROWS: f64 = 10.0;

impl Planner<'_> {
    /// Plans a query below rows of a scope. With `imports`, its branches see of them only what a leading WITH names.
    pub(super) fn plan_query(&self, query: &Query, scope: &Scope, imports: bool) -> Result<Planned> {
        let mut all = self.branch(&query.first, scope, imports)?;
        for union in &query.unions {
            let next = self.branch(&union.query, scope, imports)?;
            let next = self.aligned(next, &all.columns, scope.len());
            let (rows, width) = (all.plan.rows + next.rows, all.plan.width);
            let mut plan = self.step(Step::Union(vec![all.plan, next]), rows, width, String::new);
            if !union.all {
                plan = self.over(plan, 1.0, |input| Step::Distinct(input, scope.len()), String::new);
            }
            all.plan = plan;
        }
        Ok(all)
    }

    /// Columns in the order of the first branch.
    fn aligned(&self, planned: Planned, columns: &[SmolStr], base: usize) -> super::Plan {
        if planned.columns == columns {
            return planned.plan;
        }
        let place = |name: &SmolStr| planned.columns.iter().position(|own| own == name).unwrap_or_default();
        let items = columns.iter().map(|name| Item::Slot(base + place(name))).collect();
        self.over(
            planned.plan,
            1.0,
            |input| Step::Project(input, Project { keep: base, items }.into()),
            String::new,
        )
    }

    fn branch(&self, query: &SingleQuery, scope: &Scope, imports: bool) -> Result<Planned> {
        self.room(query.clauses.len())?;
        let mut clauses = query.clauses.as_slice();
        let mut part = Part::new(self, scope.clone());
        if imports {
            if let Some(with) = leading_import(query) {
                part = self.projection(part, with)?.0;
                clauses = &clauses[1..];
            }
            part.scope = self.only(&part.scope, &[], scope.len());
        }
        let mut columns = Vec::new();
        for (at, clause) in clauses.iter().enumerate() {
            match &clause.kind {
                ClauseKind::Return(projection) => (part, columns) = self.projection(part, projection)?,
                ClauseKind::Call(call) => {
                    let before = part.scope.len();
                    let alone = query.clauses.len() == 1;
                    part = self.call(part, call, alone)?;
                    if at + 1 == clauses.len() {
                        columns = part.scope.names()[before..].to_vec();
                    }
                }
                _ => part = self.clause(part, clause, &clauses[at + 1..])?,
            }
        }
        let base = scope.len();
        let plan = match columns.is_empty() && part.scope.len() > base {
            true => {
                let nothing = Project { keep: base, items: Vec::new() };
                self.step_to(part.plan, base, |input| Step::Project(input, nothing.into()))
            }
            false => part.plan,
        };
        Ok(Planned { plan, columns })
    }

    pub(super) fn step_to(
        &self,
        input: super::Plan,
        width: usize,
        make: impl FnOnce(super::Input) -> Step,
    ) -> super::Plan {
        let rows = input.rows;
        self.step(make(Box::new(input)), rows, width, String::new)
    }

    /// The scope with the first `base` names hidden, but for those listed.
    fn only(&self, scope: &Scope, listed: &[Identifier], base: usize) -> Scope {
        let mut only = Scope::default();
        for (slot, name) in scope.names().iter().enumerate() {
            let seen = slot >= base || listed.iter().any(|it| it.name == *name);
            only.push(if seen { name.clone() } else { self.hidden() });
        }
        only
    }

    fn clause(&self, part: Part, clause: &Clause, rest: &[Clause]) -> Result<Part> {
        self.room(1)?;
        match &clause.kind {
            ClauseKind::Match { optional: false, pattern, condition } => {
                let wish = Wish::of(rest, part.base);
                self.matching(part, &pattern.parts, condition.as_ref(), wish)
            }
            ClauseKind::Match { optional: true, pattern, condition } => {
                let wish = Wish::of(rest, part.scope.len());
                self.optional(part, &pattern.parts, condition.as_ref(), wish)
            }
            ClauseKind::Unwind { list, variable } => self.unwind(part, list, variable),
            ClauseKind::With(projection) | ClauseKind::Return(projection) => {
                Ok(self.projection(part, projection)?.0)
            }
            ClauseKind::Finish => Ok(part.map(|plan| self.over(plan, 0.0, Step::Finish, String::new))),
            ClauseKind::Create { pattern } => self.create(part, &pattern.parts),
            ClauseKind::Merge { part: pattern, on_create, on_match } => {
                self.merge(part, pattern, on_create, on_match)
            }
            ClauseKind::Set(items) => self.set(part, items),
            ClauseKind::Remove(items) => self.remove(part, items),
            ClauseKind::Delete { detach, targets } => self.delete(part, *detach, targets),
            ClauseKind::Foreach { variable, list, clauses } => self.foreach(part, variable, list, clauses),
            ClauseKind::Call(call) => self.call(part, call, false),
            ClauseKind::Subquery(subquery) => self.subquery(part, subquery),
        }
    }

    fn optional(
        &self,
        part: Part,
        parts: &[PatternPart],
        condition: Option<&Expression>,
        wish: Wish,
    ) -> Result<Part> {
        let part = part.reading(self);
        let inner = Part::new(self, part.scope.clone());
        let inner = self.matching(inner, parts, condition, wish)?;
        let plan = self.apply(part.plan, inner.plan, Each::Optional);
        Ok(Part { plan, scope: inner.scope, ..part })
    }

    fn unwind(&self, mut part: Part, list: &Expression, variable: &Identifier) -> Result<Part> {
        if part.writes {
            part = part.reading(self);
        }
        let compiled = Arc::new(self.compile(list, &part.scope)?);
        part.scope.push(variable.name.clone());
        let (rows, width) = (part.plan.rows * LIST_ROWS, part.scope.len());
        let details = || format!("{} AS {}", self.written(list.span), variable.name);
        Ok(part.map(|plan| self.step(Step::Unwind(Box::new(plan), compiled), rows, width, details)))
    }

    fn foreach(
        &self,
        part: Part,
        variable: &Identifier,
        list: &Expression,
        clauses: &[Clause],
    ) -> Result<Part> {
        let mut part = part.writing(self);
        let compiled = Arc::new(self.compile(list, &part.scope)?);
        let mut scope = part.scope.clone();
        scope.push(variable.name.clone());
        let mut inner = Part::new(self, scope);
        for (at, clause) in clauses.iter().enumerate() {
            inner = self.clause(inner, clause, &clauses[at + 1..])?;
        }
        part.reads = true;
        let details = || format!("{} IN {}", variable.name, self.written(list.span));
        Ok(part.map(|plan| {
            self.over(plan, 1.0, |input| Step::Foreach(input, Box::new(inner.plan), compiled), details)
        }))
    }

    fn subquery(&self, part: Part, subquery: &Subquery) -> Result<Part> {
        let writes = query_writes(&subquery.query);
        let part = if part.writes || (writes && part.reads) { part.barrier(self) } else { part };
        let scope = match &subquery.imports {
            Imports::Leading | Imports::All => part.scope.clone(),
            Imports::Listed(names) => self.only(&part.scope, names, part.scope.len()),
        };
        let leading = matches!(subquery.imports, Imports::Leading);
        let inner = self.plan_query(&subquery.query, &scope, leading)?;
        let each = match (inner.columns.is_empty(), subquery.optional) {
            (true, _) => Each::Unit,
            (false, true) => Each::Optional,
            (false, false) => Each::Row,
        };
        let mut part = part.map(|plan| self.apply(plan, inner.plan, each));
        for column in inner.columns {
            part.scope.push(column);
        }
        part.reads = true;
        part.writes |= writes;
        part.wrote |= writes;
        Ok(part)
    }
}

fn query_writes(query: &Query) -> bool {
    let branches = std::iter::once(&query.first).chain(query.unions.iter().map(|union| &union.query));
    branches.flat_map(|branch| &branch.clauses).any(|clause| match &clause.kind {
        ClauseKind::Create { .. }
        | ClauseKind::Merge { .. }
        | ClauseKind::Set(_)
        | ClauseKind::Remove(_)
        | ClauseKind::Delete { .. }
        | ClauseKind::Foreach { .. } => true,
        ClauseKind::Subquery(inner) => query_writes(&inner.query),
        _ => false,
    })
}

/// The variables that `*` stands for, by name.
pub(super) fn visible(scope: &Scope, base: usize) -> Vec<SmolStr> {
    let own = scope.names().iter().skip(base).filter(|name| !is_hidden(name));
    let sorted: std::collections::BTreeSet<SmolStr> = own.cloned().collect();
    sorted.into_iter().collect()
}

/// What SHOW yields lies in one list before the columns, under a name nobody can write.
const SHOWN_LIST: &str = " shown";

impl Planner<'_> {
    /// Plans what SHOW makes of rows that come as one list in the argument row.
    pub fn shown(
        &self,
        columns: Vec<SmolStr>,
        condition: Option<&Expression>,
        returns: Option<&crate::syntax::tree::Projection>,
    ) -> Result<Planned> {
        let span = Default::default();
        let mut scope = Scope::default();
        scope.push(SHOWN_LIST.into());
        let mut part = Part::new(self, scope);
        let row = Identifier { name: self.hidden(), span };
        part = self.unwind(part, &super::condition::variable(&SHOWN_LIST.into(), span), &row)?;
        let mut items = Vec::new();
        for at in 0..columns.len() {
            let index = Expression { kind: crate::syntax::tree::ExpressionKind::Integer(at as i64), span };
            let subject = Box::new(super::condition::variable(&row.name, span));
            let kind = crate::syntax::tree::ExpressionKind::Index { subject, index: Box::new(index) };
            items.push(Item::Value(self.compile(&Expression { kind, span }, &part.scope)?));
        }
        let (keep, width) = (part.base, part.base + columns.len());
        part = part.map(|plan| {
            self.step_to(plan, width, |input| Step::Project(input, Project { keep, items }.into()))
        });
        part.scope.pop();
        columns.iter().for_each(|name| {
            part.scope.push(name.clone());
        });
        if let Some(condition) = condition {
            let compiled = Arc::new(vec![self.compile(condition, &part.scope)?]);
            part = part.map(|plan| self.over(plan, 0.3, |input| Step::Filter(input, compiled), String::new));
        }
        match returns {
            Some(returns) => {
                let (part, columns) = self.projection(part, returns)?;
                Ok(Planned { plan: part.plan, columns })
            }
            None => Ok(Planned { plan: part.plan, columns }),
        }
    }
}
