//! WITH and RETURN: columns, groups, DISTINCT, ORDER BY, SKIP, LIMIT, WHERE.

use super::clause::visible;
use super::condition::variable;
use super::planner::{Part, Planner};
use super::{Aggregation, Item, Limited, Plan, Project, Sorting, Step, To};
use crate::error::Result;
use crate::evaluate::aggregate::{self, Gatherer};
use crate::evaluate::{Compiled, Scope, compile_given};
use crate::syntax::tree::{Expression, ExpressionKind, Projection, SmolStr};
use std::borrow::Cow;
use std::sync::Arc;

/// A column: its name and what it holds.
struct Column {
    name: SmolStr,
    expression: Expression,
}

/// Columns computed, with whatever else ORDER BY and WHERE may look at before them in the row.
struct Stage<'e> {
    plan: Plan,
    scope: Scope,
    /// Where the columns begin.
    first: usize,
    given: Vec<(&'e Expression, usize)>,
}

impl Planner<'_> {
    /// Plans a projection; also yields the names of its columns.
    pub(super) fn projection(&self, part: Part, it: &Projection) -> Result<(Part, Vec<SmolStr>)> {
        let part = part.reading(self);
        let columns = columns(&part, it);
        let orders = it.order.iter().map(|item| &item.expression);
        let mut aggregates: Vec<&Expression> = Vec::new();
        for expression in columns.iter().map(|column| &column.expression).chain(orders) {
            for call in aggregate::find(expression) {
                if !aggregates.iter().any(|known| crate::evaluate::same::same(known, call)) {
                    aggregates.push(call);
                }
            }
        }
        let Part { plan, scope, base, wrote, .. } = part;
        let stage = if aggregates.is_empty() {
            self.plain(plan, scope.clone(), base, &columns, it)?
        } else {
            self.grouped(plan, &scope, base, &columns, &aggregates)?
        };
        let stage = self.ordered(stage, it, &columns, wrote)?;
        let names: Vec<SmolStr> = columns.iter().map(|column| column.name.clone()).collect();
        let mut plan = stage.plan;
        if stage.first != base {
            let items = (stage.first..stage.first + columns.len()).map(Item::Slot).collect();
            let width = base + columns.len();
            let project = Project { keep: base, items };
            let rows = plan.rows;
            plan = self.step(Step::Project(Box::new(plan), project.into()), rows, width, || names.join(", "));
        }
        let mut after = Scope::default();
        for name in scope.names()[..base].iter().chain(&names) {
            after.push(name.clone());
        }
        Ok((Part { plan, scope: after, base, reads: true, writes: false, wrote }, names))
    }

    fn plain<'e>(
        &self,
        plan: Plan,
        mut scope: Scope,
        base: usize,
        columns: &'e [Column],
        it: &Projection,
    ) -> Result<Stage<'e>> {
        let looks_back = !it.distinct && (!it.order.is_empty() || it.condition.is_some());
        let items = columns.iter().map(|column| Ok(item(self.compile(&column.expression, &scope)?)));
        let items = items.collect::<Result<Vec<_>>>()?;
        let first = if looks_back { scope.len() } else { base };
        while scope.len() > first {
            scope.pop();
        }
        let plan = self.columns(plan, first, items, columns);
        Ok(self.stage(plan, scope, first, columns))
    }

    fn columns(&self, plan: Plan, keep: usize, items: Vec<Item>, columns: &[Column]) -> Plan {
        let (rows, width) = (plan.rows, keep + items.len());
        let names = || columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
        self.step(Step::Project(Box::new(plan), Project { keep, items }.into()), rows, width, names)
    }

    fn stage<'e>(&self, plan: Plan, mut scope: Scope, first: usize, columns: &'e [Column]) -> Stage<'e> {
        let mut given = Vec::new();
        for (at, column) in columns.iter().enumerate() {
            scope.push(column.name.clone());
            // A bare variable is found by name, and a column of its name goes before it.
            if !matches!(column.expression.kind, ExpressionKind::Variable(_)) {
                given.push((&column.expression, first + at));
            }
        }
        Stage { plan, scope, first, given }
    }

    fn grouped<'e>(
        &self,
        plan: Plan,
        scope: &Scope,
        base: usize,
        columns: &'e [Column],
        aggregates: &[&'e Expression],
    ) -> Result<Stage<'e>> {
        let keys: Vec<&Expression> = columns
            .iter()
            .map(|column| &column.expression)
            .filter(|expression| !aggregate::has_aggregate(expression))
            .collect();
        let aggregation = Aggregation {
            base,
            keys: keys.iter().map(|key| self.compile(key, scope)).collect::<Result<_>>()?,
            gatherers: aggregates
                .iter()
                .map(|call| Gatherer::new(counted(call, &plan, scope, &keys).as_ref(), scope, self))
                .collect::<Result<_>>()?,
        };
        let mut after = Scope::default();
        scope.names()[..base].iter().for_each(|name| {
            after.push(name.clone());
        });
        let mut given: Vec<(&Expression, usize)> = Vec::new();
        for expression in keys.iter().chain(aggregates) {
            given.push((expression, after.push(self.hidden())));
        }
        let groups = if keys.is_empty() { 1.0 } else { plan.rows.sqrt().max(1.0) };
        let width = after.len();
        let texts = || {
            let all = keys.iter().chain(aggregates);
            all.map(|expression| self.written(expression.span)).collect::<Vec<_>>().join(", ")
        };
        let plan = self.step(Step::Aggregate(Box::new(plan), aggregation.into()), groups, width, texts);
        let items = columns
            .iter()
            .map(|column| Ok(item(compile_given(&column.expression, &after, self, &given)?)))
            .collect::<Result<Vec<_>>>()?;
        let plan = self.columns(plan, width, items, columns);
        let mut stage = self.stage(plan, after, width, columns);
        let bare = |name: &SmolStr| columns.iter().any(|column| column.name == *name);
        stage.given.extend(given.into_iter().filter(|(expression, _)| match &expression.kind {
            ExpressionKind::Variable(name) => !bare(name),
            _ => true,
        }));
        Ok(stage)
    }

    fn ordered<'e>(
        &self,
        stage: Stage<'e>,
        it: &Projection,
        columns: &[Column],
        writes: bool,
    ) -> Result<Stage<'e>> {
        let Stage { mut plan, scope, first, given } = stage;
        if it.distinct {
            let names = || columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
            plan = self.over(plan, 0.8, |input| Step::Distinct(input, first), names);
        }
        let alone = |expression: &Option<Expression>| -> Result<Option<Arc<Compiled>>> {
            let compiled = expression.as_ref().map(|it| self.compile(it, &Scope::default()));
            Ok(compiled.transpose()?.map(Arc::new))
        };
        let (skip, limit) = (alone(&it.skip)?, alone(&it.limit)?);
        if !it.order.is_empty() {
            let keys = it
                .order
                .iter()
                .map(|item| Ok((compile_given(&item.expression, &scope, self, &given)?, item.descending)));
            let sorting =
                Sorting { keys: keys.collect::<Result<_>>()?, skip: skip.clone(), limit: limit.clone() };
            let details = || {
                let texts = it.order.iter().map(|item| {
                    let way = if item.descending { " DESC" } else { "" };
                    format!("{}{way}", self.written(item.expression.span))
                });
                texts.collect::<Vec<_>>().join(", ")
            };
            plan = self.over(plan, 1.0, |input| Step::Sort(input, sorting.into()), details);
        }
        if let (Some(skip), Some(written)) = (skip, &it.skip) {
            plan =
                self.over(plan, 1.0, |input| Step::Skip(input, skip), || self.written(written.span).into());
        }
        if let (Some(limit), Some(written)) = (limit, &it.limit) {
            plan = self.over(
                plan,
                1.0,
                |input| Step::Limit(input, Limited { amount: limit, writes }.into()),
                || self.written(written.span).into(),
            );
            if let ExpressionKind::Integer(number) = written.kind {
                plan.rows = plan.rows.min(number as f64);
            }
        }
        if let Some(condition) = &it.condition {
            let compiled = Arc::new(vec![compile_given(condition, &scope, self, &given)?]);
            let details = || self.written(condition.span).to_owned();
            plan = self.over(plan, 0.3, |input| Step::Filter(input, compiled), details);
        }
        Ok(Stage { plan, scope, first, given })
    }
}

/// `count(DISTINCT b)` over rows that each have another `b`, and none null, counts the rows.
fn counted<'e>(
    call: &'e Expression,
    plan: &Plan,
    scope: &Scope,
    keys: &[&Expression],
) -> Cow<'e, Expression> {
    if let ExpressionKind::Call { name, distinct: true, arguments, .. } = &call.kind
        && keys.is_empty()
        && name.eq_ignore_ascii_case("count")
        && let [Expression { kind: ExpressionKind::Variable(name), .. }] = arguments.as_slice()
        && scope.slot(name).is_some_and(|slot| each_another(plan) == Some(slot))
    {
        return Cow::Owned(Expression { kind: ExpressionKind::CountStar, span: call.span });
    }
    Cow::Borrowed(call)
}

/// The slot that holds another node in each row of a plan.
fn each_another(plan: &Plan) -> Option<usize> {
    match &plan.step {
        Step::Filter(input, _) => each_another(input),
        Step::Reach(_, reach) if reach.merged && reach.to == To::New => plan.width.checked_sub(1),
        Step::Scan(input, _) if matches!(input.step, Step::Argument) => plan.width.checked_sub(1),
        _ => None,
    }
}

fn item(compiled: Compiled) -> Item {
    match compiled.slot() {
        Some(slot) => Item::Slot(slot),
        None => Item::Value(compiled),
    }
}

fn columns(part: &Part, it: &Projection) -> Vec<Column> {
    let star = if it.star { visible(&part.scope, part.base) } else { Vec::new() };
    let star = star.into_iter().map(|name| Column { expression: variable(&name, it.span), name });
    let items = it.items.iter().map(|item| Column {
        name: item.alias.as_ref().map_or_else(|| item.text.clone(), |alias| alias.name.clone()),
        expression: item.expression.clone(),
    });
    star.chain(items).collect()
}
