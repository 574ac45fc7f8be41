//! A slow evaluator that takes a query literally: clause after clause, every row, every node, every relationship. No
//! planner, no index, no adjacency. It shares the parser and the evaluation of plain expressions with the real one, and
//! nothing else.

mod aggregate;
mod pattern;
mod projection;

use cmdb_query::error::{Class, Error, Phase, Result};
use cmdb_query::evaluate::{Flow, Nested, Nester, Scope, compile};
use cmdb_query::memory::MemoryGraph;
use cmdb_query::scene::{Budget, Clock, Limits, Parameters, Scene};
use cmdb_query::syntax::parse;
use cmdb_query::syntax::tree::{
    Body, Clause, ClauseKind, Expression, Imports, PathPattern, Pattern, PatternPart, Query, Selector,
    SingleQuery, Subquery,
};
use cmdb_query::value::key::Key;
use cmdb_query::value::{SmolStr, Value};
use std::cell::Cell;
use std::collections::HashSet;

/// States looked at before a question is given up as too large for this way of answering.
const STEPS_MAX: u64 = 40_000;

/// Rows with the variables that name their slots.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub scope: Scope,
    pub rows: Vec<Vec<Value>>,
    /// The first slots belong to a query around this one and stay whatever WITH leaves out: their values.
    pub outer: Vec<Value>,
}

/// What a query yields.
#[derive(Clone, Debug)]
pub struct Answer {
    pub columns: Vec<SmolStr>,
    pub rows: Vec<Vec<Value>>,
}

/// Plans nothing: nested parts are run by this evaluator, too.
pub struct Literally;

/// Answers a query that reads.
pub fn run(text: &str, graph: &MemoryGraph) -> Result<Answer> {
    let Body::Query(query) = parse(text)?.body else { return Err(beyond("a command")) };
    let (parameters, chance) = (Parameters::new(), Cell::new(0));
    let budget = Budget::new(Limits { steps: STEPS_MAX, ..Limits::default() }, None);
    let scene =
        Scene { graph, parameters: &parameters, clock: Clock::default(), chance: &chance, budget: &budget };
    let start = Table { rows: vec![Vec::new()], ..Table::default() };
    let table = run_query(&scene, &query, &start)?;
    Ok(Answer { columns: table.scope.names().to_vec(), rows: table.rows })
}

/// What this evaluator does not know; a defect of the generator.
pub fn beyond(what: &str) -> Error {
    Error::new(Phase::Compile, Class::Internal, "BeyondReference", format!("not known here: {what}"))
}

fn run_query(scene: &Scene<'_>, query: &Query, start: &Table) -> Result<Table> {
    let mut answer = run_single(scene, &query.first, start.clone())?;
    for union in &query.unions {
        let other = run_single(scene, &union.query, start.clone())?;
        let places =
            answer.scope.names().iter().map(|name| other.scope.slot(name)).collect::<Option<Vec<_>>>();
        let places = places.ok_or_else(|| beyond("branches with other columns"))?;
        answer.rows.extend(other.rows.iter().map(|row| places.iter().map(|at| row[*at].clone()).collect()));
    }
    if query.unions.first().is_some_and(|union| !union.all) {
        answer.rows = distinct(answer.rows);
    }
    Ok(answer)
}

/// Each row once, in the order of their first appearance.
pub fn distinct(rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    let mut seen = HashSet::new();
    rows.into_iter().filter(|row| seen.insert(row.iter().cloned().map(Key).collect::<Vec<_>>())).collect()
}

fn run_single(scene: &Scene<'_>, query: &SingleQuery, start: Table) -> Result<Table> {
    query.clauses.iter().try_fold(start, |table, clause| run_clause(scene, clause, table))
}

fn run_clause(scene: &Scene<'_>, clause: &Clause, table: Table) -> Result<Table> {
    match &clause.kind {
        ClauseKind::Match { optional, pattern, condition } => {
            run_match(scene, pattern, condition.as_ref(), *optional, table)
        }
        ClauseKind::Unwind { list, variable } => run_unwind(scene, list, &variable.name, table),
        ClauseKind::With(projection) => projection::run(scene, projection, table, false),
        ClauseKind::Return(projection) => projection::run(scene, projection, table, true),
        ClauseKind::Subquery(subquery) => run_subquery(scene, subquery, table),
        _ => Err(beyond("this clause")),
    }
}

fn run_match(
    scene: &Scene<'_>,
    pattern: &Pattern,
    condition: Option<&Expression>,
    optional: bool,
    table: Table,
) -> Result<Table> {
    let scope = pattern::scope(pattern, &table.scope);
    let matcher = pattern::Matcher::new(scene, &table.scope, &scope);
    let condition = condition.map(|it| compile(it, &scope, &Literally)).transpose()?;
    let mut rows = Vec::new();
    for row in table.rows {
        let before = rows.len();
        for found in matcher.matches(pattern, &row)? {
            if condition.as_ref().map_or(Ok(true), |it| it.holds(scene, &found))? {
                rows.push(found);
            }
        }
        if optional && rows.len() == before {
            let mut row = row;
            row.resize(scope.len(), Value::Null);
            rows.push(row);
        }
    }
    Ok(Table { scope, rows, outer: table.outer })
}

fn run_unwind(scene: &Scene<'_>, list: &Expression, variable: &SmolStr, mut table: Table) -> Result<Table> {
    let list = compile(list, &table.scope, &Literally)?;
    let mut rows = Vec::new();
    for row in &table.rows {
        let elements = match list.eval(scene, row)? {
            Value::Null => Vec::new(),
            Value::List(elements) => elements.to_vec(),
            other => vec![other],
        };
        for element in elements {
            scene.budget.step(1)?;
            rows.push(row.iter().cloned().chain([element]).collect());
        }
    }
    table.scope.push(variable.clone());
    Ok(Table { rows, ..table })
}

/// Each row once for every row that the subquery yields from what it imports.
fn run_subquery(scene: &Scene<'_>, subquery: &Subquery, mut table: Table) -> Result<Table> {
    let names = match &subquery.imports {
        Imports::Listed(names) => names.iter().map(|name| name.name.clone()).collect(),
        Imports::All => table.scope.names().to_vec(),
        Imports::Leading => return Err(beyond("imports by WITH")),
    };
    let (mut rows, mut columns) = (Vec::new(), Vec::new());
    for row in &table.rows {
        let mut start = Table::default();
        for name in &names {
            let slot = table.scope.slot(name).ok_or_else(|| beyond("an import that is not there"))?;
            start.scope.push(name.clone());
            start.outer.push(row[slot].clone());
        }
        start.rows.push(start.outer.clone());
        let found = run_query(scene, &subquery.query, &start)?;
        columns = found.scope.names().to_vec();
        rows.extend(found.rows.iter().map(|own| [&row[..], &own[..]].concat()));
        if subquery.optional && found.rows.is_empty() {
            rows.push([&row[..], &vec![Value::Null; columns.len()][..]].concat());
        }
    }
    if table.rows.is_empty() {
        // No row shows which columns there are: the query is run for nothing, on nulls.
        let mut start = Table { outer: vec![Value::Null; names.len()], ..Table::default() };
        names.iter().for_each(|name| {
            start.scope.push(name.clone());
        });
        columns = run_query(scene, &subquery.query, &start)?.scope.names().to_vec();
    }
    columns.into_iter().for_each(|name| {
        table.scope.push(name);
    });
    Ok(Table { rows, ..table })
}

/// A nested query with the scope around it.
struct NestedQuery {
    query: Query,
    scope: Scope,
}

impl Nested for NestedQuery {
    fn rows(
        &self,
        scene: &Scene<'_>,
        row: &[Value],
        each: &mut dyn FnMut(&[Value]) -> Result<Flow>,
    ) -> Result<()> {
        let outer = row[..self.scope.len()].to_vec();
        let start = Table { scope: self.scope.clone(), rows: vec![outer.clone()], outer };
        for row in run_query(scene, &self.query, &start)?.rows {
            if each(&row)? == Flow::Enough {
                break;
            }
        }
        Ok(())
    }
}

impl Nester for Literally {
    fn pattern(
        &self,
        variable: Option<&SmolStr>,
        path: &PathPattern,
        condition: Option<&Expression>,
        scope: &Scope,
    ) -> Result<(Box<dyn Nested>, Scope)> {
        let variable =
            variable.map(|name| cmdb_query::syntax::tree::Identifier { name: name.clone(), span: path.span });
        let part = PatternPart { variable, selector: Selector::All, path: path.clone(), span: path.span };
        let pattern = Pattern { parts: vec![part] };
        let inner = pattern::scope(&pattern, scope);
        let kind = ClauseKind::Match { optional: false, pattern, condition: condition.cloned() };
        let clauses = vec![Clause { kind, span: path.span }];
        let query = Query { first: SingleQuery { clauses }, unions: Vec::new() };
        Ok((Box::new(NestedQuery { query, scope: scope.clone() }), inner))
    }
    fn shortest(&self, _: bool, _: &PathPattern, _: &Scope) -> Result<Box<dyn Nested>> {
        Err(beyond("shortestPath() as a value"))
    }
    fn query(&self, query: &Query, scope: &Scope) -> Result<Box<dyn Nested>> {
        Ok(Box::new(NestedQuery { query: query.clone(), scope: scope.clone() }))
    }
}
