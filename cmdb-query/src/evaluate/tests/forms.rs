//! Operators, accesses, comprehensions and the other forms.

use super::{Bench, check, check_all, expression};
use crate::evaluate::{Scope, compile_given};
use crate::value::Value;

#[test]
fn arithmetic() {
    check_all(&[
        ("1 + 2 * 3", "7"),
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("-7 % 3", "-1"),
        ("7.0 / 2", "3.5"),
        ("2 ^ 3", "8.0"),
        ("4 ^ 0.5", "2.0"),
        ("1 / 0", "ArithmeticError: DivisionByZero"),
        ("$one % 0", "ArithmeticError: DivisionByZero"),
        ("1 / 0.0", "Infinity"),
        ("0.0 / 0.0", "NaN"),
        ("9223372036854775807 + 1", "ArithmeticError: IntegerOverflow"),
        ("-9223372036854775808 / -1", "ArithmeticError: IntegerOverflow"),
        ("-9223372036854775808 % -1", "0"),
        ("9223372036854775807 * 2.0", "1.8446744073709552E19"),
        ("1 + null", "null"),
        ("null - 'a'", "null"),
        ("1 - 'a'", "TypeError: InvalidArgumentType"),
        ("true + 1", "TypeError: InvalidArgumentType"),
        ("-nothing", "null"),
        ("-list", "TypeError: InvalidArgumentType"),
        ("+'a'", "TypeError: InvalidArgumentType"),
        ("+$one", "1"),
    ]);
}

#[test]
fn joining_texts_and_lists() {
    check_all(&[
        ("'a' + 'b'", "'ab'"),
        ("'a' + 1", "'a1'"),
        ("1.5 + 'a'", "'1.5a'"),
        ("'a' || 'b'", "'ab'"),
        ("'a' || 1", "TypeError: InvalidArgumentType"),
        ("[1] || [2, 3]", "[1, 2, 3]"),
        ("[1, 10, 100] + [4, 5]", "[1, 10, 100, 4, 5]"),
        ("[1] + 2", "[1, 2]"),
        ("1 + [2]", "[1, 2]"),
        ("[[1]] + [[2]]", "[[1], [2]]"),
        ("[1] + {a: 1}", "[1, {a: 1}]"),
        ("[1] + null", "null"),
    ]);
}

#[test]
fn truth_of_three_values() {
    check_all(&[
        ("null AND false", "false"),
        ("null AND true", "null"),
        ("null OR true", "true"),
        ("null OR false", "null"),
        ("true XOR null", "null"),
        ("true XOR false", "true"),
        ("NOT null", "null"),
        ("true AND true AND nothing AND false", "false"),
        ("false OR nothing OR true", "true"),
        ("list AND true", "TypeError: InvalidArgumentType"),
        ("NOT $one", "TypeError: InvalidArgumentType"),
        ("n.missing AND n.name = 'db'", "false"),
    ]);
}

#[test]
fn comparisons() {
    check_all(&[
        ("1 = 1.0", "true"),
        ("1 = '1'", "false"),
        ("1 <> null", "null"),
        ("1 < 2 < 3", "true"),
        ("1 < 2 > 5", "false"),
        ("1 < null < 3", "null"),
        ("3 < 2 < null", "false"),
        ("'a' < 'b'", "true"),
        ("'a' < 1", "null"),
        ("0.0 / 0.0 > 1", "false"),
        ("0.0 / 0.0 > 'a'", "null"),
        ("0.0 / 0.0 <> 0.0 / 0.0", "true"),
        ("[1, 0] >= [1]", "true"),
        ("[1, null] >= [1]", "true"),
        ("[1, 2] >= [1, null]", "null"),
        ("[1, 'a'] >= [1, null]", "null"),
        ("[1, 2] >= [3, null]", "false"),
        ("{k: 1} < {k: 2}", "null"),
        ("n = n", "true"),
        ("n < m", "null"),
        ("n = r", "false"),
        ("p = p", "true"),
        ("true > false", "true"),
        ("nothing IS NULL", "true"),
        ("nothing IS NOT NULL", "false"),
    ]);
}

#[test]
fn membership() {
    check_all(&[
        ("3 IN [1, null, 3]", "true"),
        ("4 IN [1, null, 3]", "null"),
        ("null IN []", "false"),
        ("null IN [1]", "null"),
        ("1 IN null", "null"),
        ("[1, 2] IN [1, [1, 2]]", "true"),
        ("[1, 2] IN [[null, 2]]", "null"),
        ("[1, 2] IN [[null, 'foo']]", "false"),
        ("1 IN map", "TypeError: InvalidArgumentType"),
        ("3.0 IN [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", "true"),
        ("30 IN [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", "false"),
        ("30 IN [0, 1, 2, 3, 4, 5, 6, 7, 8, null]", "null"),
        ("0.0 / 0.0 IN [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", "false"),
        ("'n7' IN $names", "true"),
        ("'x' IN $names", "false"),
        ("nothing IN $names", "null"),
        ("1 IN $absent", "ParameterMissing: MissingParameter"),
    ]);
}

#[test]
fn searches_in_text() {
    check_all(&[
        ("'abc' STARTS WITH 'ab'", "true"),
        ("'abc' ENDS WITH 'ab'", "false"),
        ("'abc' CONTAINS ''", "true"),
        ("1 CONTAINS 'a'", "null"),
        ("'a' STARTS WITH null", "null"),
        ("'web-01' =~ 'web-\\\\d+'", "true"),
        ("'xweb-01' =~ 'web-\\\\d+'", "false"),
        ("'a\\nb' =~ 'a.b'", "false"),
        ("n.name =~ 'w' + '.*'", "true"),
        ("n.name =~ null", "null"),
        ("[x IN ['a', 'b'] | 'a' =~ x]", "[true, false]"),
        ("'a' =~ '('", "ArgumentError: InvalidRegularExpression"),
        ("'a' =~ 'a{1000}{1000}'", "ArgumentError: InvalidRegularExpression"),
    ]);
}

#[test]
fn elements_and_slices() {
    check_all(&[
        ("list[0]", "1"),
        ("list[-1]", "5"),
        ("list[5]", "null"),
        ("list[-6]", "null"),
        ("list[null]", "null"),
        ("nothing[0]", "null"),
        ("list['a']", "TypeError: ListElementAccessByNonInteger"),
        ("list[1.0]", "TypeError: ListElementAccessByNonInteger"),
        ("map['a']", "1"),
        ("map['z']", "null"),
        ("map[0]", "TypeError: MapElementAccessByNonString"),
        ("n['na' + 'me']", "'web'"),
        ("$one[0]", "TypeError: InvalidArgumentType"),
        ("list[1..3]", "[2, 3]"),
        ("list[-3..-1]", "[3, 4]"),
        ("list[-50..50]", "[1, 2, 3, 4, 5]"),
        ("list[3..1]", "[]"),
        ("list[..2]", "[1, 2]"),
        ("list[3..]", "[4, 5]"),
        ("list[null..2]", "null"),
        ("list['a'..2]", "TypeError: InvalidArgumentType"),
        ("map[1..2]", "TypeError: InvalidArgumentType"),
    ]);
}

#[test]
fn properties_and_labels() {
    check_all(&[
        ("n.name", "'web'"),
        ("n.missing", "null"),
        ("r.slot", "7"),
        ("nothing.name", "null"),
        ("map.a + map.b", "null"),
        ("$one.name", "TypeError: InvalidArgumentType"),
        ("gone.name", "EntityNotFound: DeletedEntityAccess"),
        ("gone:Server", "EntityNotFound: DeletedEntityAccess"),
        ("n:Server", "true"),
        ("n:Server:Device", "true"),
        ("n:Server&!Device", "false"),
        ("n:Rack|Device", "true"),
        ("n:%", "true"),
        ("n:Never", "false"),
        ("r:MOUNTED_IN", "true"),
        ("r:OTHER", "false"),
        ("nothing:Server", "null"),
        ("[x IN [n, r] | x:Server]", "[true, false]"),
        (
            "n {.name, .missing, other: 1, map}",
            "{map: {a: 1, b: null}, missing: null, name: 'web', other: 1}",
        ),
        ("n {.*, name: 'x'}", "{name: 'x'}"),
        ("nothing {.a}", "null"),
    ]);
}

#[test]
fn dates_and_durations() {
    check_all(&[
        ("toString(date('2024-02-28') + duration('P2D'))", "'2024-03-01'"),
        ("toString(date('2024-03-01') - duration('P1D'))", "'2024-02-29'"),
        ("toString(duration('PT1H') * 2)", "'PT2H'"),
        ("toString(2 * duration('PT1H') / 4)", "'PT30M'"),
        ("toString(-duration('P1D'))", "'P-1D'"),
        ("date('2024-03-01').month", "3"),
        ("date('2024-03-01')['year']", "2024"),
        ("date('2024-03-01').nothing", "TypeError: InvalidArgumentValue"),
        ("date('2024-03-01') > date('2024-02-01')", "true"),
        ("date('2024-03-01') > localtime('12:00')", "null"),
        ("date('2024-03-01') = localtime('12:00')", "false"),
        ("duration('P1D') < duration('P2D')", "null"),
        ("'at ' + date('2024-03-01')", "'at 2024-03-01'"),
        ("date('2024-03-01') + 1", "TypeError: InvalidArgumentType"),
        ("valueType(date('2024-03-01'))", "'DATE NOT NULL'"),
    ]);
}

#[test]
fn cases() {
    check_all(&[
        ("CASE 2 WHEN 1 THEN 'a' WHEN 2.0 THEN 'b' ELSE 'c' END", "'b'"),
        ("CASE nothing WHEN null THEN 'a' ELSE 'c' END", "'c'"),
        ("CASE WHEN nothing THEN 1 WHEN true THEN 2 END", "2"),
        ("CASE WHEN false THEN 1 END", "null"),
        ("CASE WHEN true THEN 1 ELSE 1 / 0 END", "1"),
    ]);
}

#[test]
fn walks_over_lists() {
    check_all(&[
        ("[x IN list WHERE x > 3]", "[4, 5]"),
        ("[x IN list | x * x]", "[1, 4, 9, 16, 25]"),
        ("[x IN list WHERE x < 3 | [y IN [10, 20] | x + y]]", "[[11, 21], [12, 22]]"),
        ("[list IN list | list]", "[1, 2, 3, 4, 5]"),
        ("[x IN nothing | x]", "null"),
        ("[x IN $one | x]", "TypeError: InvalidArgumentType"),
        ("all(x IN [] WHERE x)", "true"),
        ("all(x IN [1, null] WHERE x = 1)", "null"),
        ("all(x IN [2, null] WHERE x = 1)", "false"),
        ("any(x IN [2, null] WHERE x = 1)", "null"),
        ("any(x IN [1, null] WHERE x = 1)", "true"),
        ("none(x IN [2, null] WHERE x = 1)", "null"),
        ("none(x IN [1, null] WHERE x = 1)", "false"),
        ("single(x IN [1, 2] WHERE x = 1)", "true"),
        ("single(x IN [1, 1, null] WHERE x = 1)", "false"),
        ("single(x IN [1, null] WHERE x = 1)", "null"),
        ("single(x IN [] WHERE x = 1)", "false"),
        ("any(x IN nothing WHERE x = 1)", "null"),
        ("reduce(sum = 0, x IN list | sum + x)", "15"),
        ("reduce(sum = 0, x IN [1, null] | sum + x)", "null"),
        ("reduce(all = [], x IN list | [x] + all)", "[5, 4, 3, 2, 1]"),
        ("reduce(a = 1, x IN nothing | a)", "null"),
    ]);
}

#[test]
fn nested_patterns_and_queries() {
    check_all(&[
        ("[(n)-->(found) | found.name]", "['web', 'R1']"),
        ("COUNT { (n)-->() }", "2"),
        ("EXISTS { (n)-->() }", "true"),
        ("size([(n)-->(found) | 1]) > 1", "true"),
    ]);
}

#[test]
fn what_is_computed_already_is_read_where_it_lies() {
    let bench = Bench::new();
    let mut scope = Scope::default();
    scope.push("sum".into());
    scope.push("key".into());
    let (sum, key) = (expression("sum(n.cores)"), expression("n.name"));
    let given = [(&sum, 0), (&key, 1)];
    let row = [Value::Integer(40), Value::text("web")];
    for (text, wanted) in [
        ("SUM( n.cores ) + 2", "42"),
        ("n . name + '!'", "'web!'"),
        ("[x IN [1] | x + sum(n.cores)]", "[41]"),
        ("{a: n.name, b: [n.name]}", "{a: 'web', b: ['web']}"),
    ] {
        let compiled = compile_given(&expression(text), &scope, &super::Rows, &given).unwrap();
        let value = bench.scene(|scene| compiled.eval(scene, &row)).unwrap();
        assert_eq!(value.to_string(), wanted, "{text}");
    }
}

#[test]
fn a_name_that_means_something_else_inside_is_not_taken_for_what_is_given() {
    let bench = Bench::new();
    let mut scope = Scope::default();
    scope.push("key".into());
    let key = expression("x.a");
    let inside = expression("[x IN [{a: 1}, {a: 2}] | x.a]");
    let compiled = compile_given(&inside, &scope, &super::Rows, &[(&key, 0)]).unwrap();
    let value = bench.scene(|scene| compiled.eval(scene, &[Value::Integer(9)])).unwrap();
    assert_eq!(value.to_string(), "[1, 2]");
}

#[test]
fn constants_are_folded_and_variables_found() {
    let bench = Bench::new();
    assert_eq!(bench.compile("[1 + 1, {a: -3}]").unwrap().constant().unwrap().to_string(), "[2, {a: -3}]");
    assert_eq!(bench.compile("1 / 0").unwrap().constant(), None);
    assert_eq!(bench.compile("m").unwrap().slot(), Some(1));
    assert_eq!(bench.compile("m.name").unwrap().slot(), None);
}

#[test]
fn an_error_points_at_its_part() {
    let bench = Bench::new();
    let compiled = bench.compile("1 + (2 - $one / 0)").unwrap();
    let error = bench.scene(|scene| compiled.eval(scene, &bench.row)).unwrap_err();
    let text = "RETURN 1 + (2 - $one / 0)";
    let span = error.span().unwrap();
    assert_eq!(text[span.start as usize..span.end as usize].trim(), "$one / 0");
    check("1 + 1", "2");
}
