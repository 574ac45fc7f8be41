//! WITH and RETURN: items, groups, DISTINCT, order, window, condition; each step over all rows before the next.

use super::aggregate::{self, Call};
use super::{Literally, Table, beyond, distinct};
use cmdb_query::error::Result;
use cmdb_query::evaluate::{Scope, compile_given};
use cmdb_query::scene::Scene;
use cmdb_query::syntax::tree::{Expression, ExpressionKind, Projection};
use cmdb_query::value::compare::order;
use cmdb_query::value::key::Key;
use cmdb_query::value::{SmolStr, Value};
use std::cmp::Ordering;
use std::collections::HashMap;

/// An item with its column's name.
struct Item {
    name: SmolStr,
    expression: Expression,
}

/// A row on its way: what it was made of, for ORDER BY, and what it is now.
struct Pair {
    before: Vec<Value>,
    after: Vec<Value>,
}

pub fn run(scene: &Scene<'_>, projection: &Projection, table: Table, last: bool) -> Result<Table> {
    let items = items(projection, &table);
    let calls: Vec<&Expression> = items.iter().flat_map(|item| aggregate::find(&item.expression)).collect();
    let joined = projection.distinct || !calls.is_empty();
    let mut pairs = if calls.is_empty() {
        each_row(scene, &items, &table)?
    } else {
        each_group(scene, &items, &calls, &table)?
    };
    if projection.distinct {
        let rows = distinct(pairs.into_iter().map(|pair| pair.after).collect());
        pairs = rows.into_iter().map(|after| Pair { before: Vec::new(), after }).collect();
    }
    let mut scope = table.scope.clone();
    items.iter().for_each(|item| {
        scope.push(item.name.clone());
    });
    if joined {
        // What was joined is gone: its slots stay empty, and only columns are asked for.
        let mut before = table.outer.clone();
        before.resize(table.scope.len(), Value::Null);
        pairs.iter_mut().for_each(|pair| pair.before = before.clone());
    }
    sort(scene, projection, &items, &scope, &mut pairs)?;
    window(scene, projection, &mut pairs)?;
    if let Some(condition) = &projection.condition {
        let given = given(&items, table.scope.len());
        let condition = compile_given(condition, &scope, &Literally, &given)?;
        let mut kept = Vec::new();
        for pair in pairs {
            if condition.holds(scene, &whole(&pair))? {
                kept.push(pair);
            }
        }
        pairs = kept;
    }
    let outer = if last { Vec::new() } else { table.outer.clone() };
    let mut scope = Scope::default();
    table.scope.names()[..outer.len()].iter().for_each(|name| {
        scope.push(name.clone());
    });
    items.iter().for_each(|item| {
        scope.push(item.name.clone());
    });
    let rows = pairs.into_iter().map(|pair| [&outer[..], &pair.after[..]].concat()).collect();
    Ok(Table { scope, rows, outer })
}

fn items(projection: &Projection, table: &Table) -> Vec<Item> {
    let mut items = Vec::new();
    if projection.star {
        let mut names = table.scope.names()[table.outer.len()..].to_vec();
        names.sort();
        items.extend(names.into_iter().map(|name| {
            let kind = ExpressionKind::Variable(name.clone());
            Item { name, expression: Expression { kind, span: projection.span } }
        }));
    }
    items.extend(projection.items.iter().map(|item| Item {
        name: item.alias.as_ref().map_or_else(|| item.text.clone(), |alias| alias.name.clone()),
        expression: item.expression.clone(),
    }));
    items
}

fn each_row(scene: &Scene<'_>, items: &[Item], table: &Table) -> Result<Vec<Pair>> {
    let compiled = items
        .iter()
        .map(|item| compile_given(&item.expression, &table.scope, &Literally, &[]))
        .collect::<Result<Vec<_>>>()?;
    let mut pairs = Vec::new();
    for row in &table.rows {
        scene.budget.step(1)?;
        let after = compiled.iter().map(|it| it.eval(scene, row)).collect::<Result<_>>()?;
        pairs.push(Pair { before: row.clone(), after });
    }
    Ok(pairs)
}

/// Rows with the same values of the items without aggregates are one.
fn each_group(scene: &Scene<'_>, items: &[Item], calls: &[&Expression], table: &Table) -> Result<Vec<Pair>> {
    let keys: Vec<&Item> = items.iter().filter(|item| aggregate::find(&item.expression).is_empty()).collect();
    let compiled = keys
        .iter()
        .map(|item| compile_given(&item.expression, &table.scope, &Literally, &[]))
        .collect::<Result<Vec<_>>>()?;
    let mut places: HashMap<Vec<Key>, usize> = HashMap::new();
    let mut groups: Vec<(Vec<Value>, Vec<&Vec<Value>>)> = Vec::new();
    for row in &table.rows {
        scene.budget.step(1)?;
        let values: Vec<Value> = compiled.iter().map(|it| it.eval(scene, row)).collect::<Result<_>>()?;
        let place = *places.entry(values.iter().cloned().map(Key).collect()).or_insert_with(|| {
            groups.push((values, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(row);
    }
    if keys.is_empty() && groups.is_empty() {
        groups.push((Vec::new(), Vec::new()));
    }
    // What stands around the aggregates is computed over the group's keys and the results of the calls.
    let mut scope = Scope::default();
    table.scope.names()[..table.outer.len()].iter().for_each(|name| {
        scope.push(name.clone());
    });
    let mut given: Vec<(&Expression, usize)> = Vec::new();
    for expression in keys.iter().map(|item| &item.expression).chain(calls.iter().copied()) {
        given.push((expression, scope.push(SmolStr::new("(given)"))));
    }
    let compiled = items
        .iter()
        .map(|item| compile_given(&item.expression, &scope, &Literally, &given))
        .collect::<Result<Vec<_>>>()?;
    let gathered = calls.iter().map(|it| Call::new(it, &table.scope)).collect::<Result<Vec<_>>>()?;
    let mut pairs = Vec::new();
    for (values, rows) in groups {
        let mut row = table.outer.clone();
        row.extend(values);
        for call in &gathered {
            row.push(call.over(scene, &rows)?);
        }
        let after = compiled.iter().map(|it| it.eval(scene, &row)).collect::<Result<_>>()?;
        pairs.push(Pair { before: Vec::new(), after });
    }
    Ok(pairs)
}

fn given(items: &[Item], from: usize) -> Vec<(&Expression, usize)> {
    items.iter().enumerate().map(|(at, item)| (&item.expression, from + at)).collect()
}

fn whole(pair: &Pair) -> Vec<Value> {
    [&pair.before[..], &pair.after[..]].concat()
}

fn sort(
    scene: &Scene<'_>,
    projection: &Projection,
    items: &[Item],
    scope: &Scope,
    pairs: &mut Vec<Pair>,
) -> Result<()> {
    if projection.order.is_empty() {
        return Ok(());
    }
    let given = given(items, scope.len() - items.len());
    let compiled = projection
        .order
        .iter()
        .map(|item| Ok((compile_given(&item.expression, scope, &Literally, &given)?, item.descending)))
        .collect::<Result<Vec<_>>>()?;
    let mut keyed = Vec::new();
    for pair in pairs.drain(..) {
        let row = whole(&pair);
        let key = compiled.iter().map(|(it, _)| it.eval(scene, &row)).collect::<Result<Vec<Value>>>()?;
        keyed.push((key, pair));
    }
    keyed.sort_by(|(left, _), (right, _)| {
        let mut result = Ordering::Equal;
        for ((a, b), (_, descending)) in left.iter().zip(right).zip(&compiled) {
            let one = order(a, b);
            result = result.then(if *descending { one.reverse() } else { one });
        }
        result
    });
    pairs.extend(keyed.into_iter().map(|(_, pair)| pair));
    Ok(())
}

fn window(scene: &Scene<'_>, projection: &Projection, pairs: &mut Vec<Pair>) -> Result<()> {
    let count = |expression: &Option<Expression>| -> Result<Option<usize>> {
        let Some(expression) = expression else { return Ok(None) };
        match compile_given(expression, &Scope::default(), &Literally, &[])?.eval(scene, &[])? {
            Value::Integer(count) => Ok(usize::try_from(count).ok()),
            _ => Err(beyond("a window that is no integer")),
        }
    };
    if let Some(skip) = count(&projection.skip)? {
        pairs.drain(..skip.min(pairs.len()));
    }
    if let Some(limit) = count(&projection.limit)? {
        pairs.truncate(limit);
    }
    Ok(())
}
