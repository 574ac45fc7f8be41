//! Aggregates over a column of values.

use super::{Bench, Rows, expression, refusal};
use crate::error::Result;
use crate::evaluate::Scope;
use crate::evaluate::aggregate::{Gatherer, find, has_aggregate};
use crate::value::Value;

/// Gathers `call` over `x` being each of the elements of `values`.
fn gather(call: &str, values: &str) -> String {
    let bench = Bench::new();
    let mut scope = Scope::default();
    scope.push("x".into());
    let result: Result<Value> = bench.scene(|scene| {
        let Value::List(values) = bench.compile(values)?.eval(scene, &bench.row)? else { panic!("{values}") };
        let gatherer = Gatherer::new(&expression(call), &scope, &Rows)?;
        let mut gathered = gatherer.start();
        for value in values.iter() {
            gatherer.add(&mut gathered, scene, std::slice::from_ref(value))?;
        }
        let value = gathered.finish(scene)?;
        // What was charged is given back.
        scene.budget.hold(scene.budget.limits().memory_bytes)?;
        Ok(value)
    });
    match result {
        Ok(value) => value.to_string(),
        Err(error) => refusal(&error),
    }
}

#[test]
fn aggregates_of_values() {
    let table = [
        ("count(*)", "[1, null]", "2"),
        ("count(x)", "[1, null]", "1"),
        ("count(DISTINCT x)", "[1, 1.0, 2, null]", "2"),
        ("sum(x)", "[1, 2, null]", "3"),
        ("sum(x)", "[1, 2.5]", "3.5"),
        ("sum(x)", "[]", "0"),
        ("sum(x)", "[9223372036854775807, 1, -1]", "9223372036854775807"),
        ("sum(x)", "[9223372036854775807, 1]", "ArithmeticError: IntegerOverflow"),
        ("sum(x)", "['a']", "TypeError: InvalidArgumentValue"),
        ("sum(DISTINCT x)", "[2, 2, 3]", "5"),
        ("avg(x)", "[1, 2]", "1.5"),
        ("avg(x)", "[null]", "null"),
        ("sum(x)", "[duration('P1D'), duration('PT2H')]", "P1DT2H"),
        ("avg(x)", "[duration('PT1H'), duration('PT3H')]", "PT2H"),
        ("sum(x)", "[duration('P1D'), 1]", "TypeError: InvalidArgumentValue"),
        ("min(x)", "[1, 'a', null, [1, 2], 0.2, 'b']", "[1, 2]"),
        ("max(x)", "[1, 'a', null, [1, 2], 0.2, 'b']", "1"),
        ("max(x)", "[1, 2.0, 5, null, 3.2, 0.1]", "5"),
        ("max(x)", "[]", "null"),
        ("collect(x)", "[null, 1, null]", "[1]"),
        ("collect(DISTINCT x)", "[null, 1, 2, 1]", "[1, 2]"),
        ("stDev(x)", "[1, 2, 3]", "1.0"),
        ("stDevP(x)", "[1, 3]", "1.0"),
        ("stDev(x)", "[1]", "0.0"),
        ("percentileDisc(x, 0.5)", "[10.0, 20.0, 30.0]", "20.0"),
        ("percentileDisc(x, 0.5)", "[10, 20]", "10"),
        ("percentileDisc(x, 0)", "[10, 20]", "10"),
        ("percentileDisc(x, 1.0)", "[20, 10]", "20"),
        ("percentileCont(x, 0.5)", "[10, 20]", "15.0"),
        ("percentileCont(x, 0.25)", "[30.0, 10.0, 20.0]", "15.0"),
        ("percentileCont(x, 1)", "[30.0, 10.0]", "30.0"),
        ("percentileCont(x, 0.5)", "[]", "null"),
        ("percentileDisc(x, 1.1)", "[1]", "ArgumentError: NumberOutOfRange"),
        ("percentileCont(x, -1)", "[1]", "ArgumentError: NumberOutOfRange"),
    ];
    for (call, values, wanted) in table {
        assert_eq!(gather(call, values), wanted, "{call} over {values}");
    }
}

#[test]
fn aggregates_are_found_once_and_outermost() {
    let whole =
        expression("count(*) + sum(n.a) * {x: SUM(n.a)}.x + [y IN collect(n) | y.a][0] + size(n.list)");
    let found = find(&whole);
    assert_eq!(found.len(), 3);
    assert!(has_aggregate(&whole) && !has_aggregate(&expression("size(n.list) + 1")));
}
