//! Functions, family by family.

use super::{Bench, check_all};
use crate::function::{families, find};

#[test]
fn every_function_is_found_in_any_case_and_described() {
    for function in families().iter().flat_map(|family| family.iter()) {
        let found = find(&function.name.to_uppercase()).unwrap();
        assert_eq!(found.signature, function.signature, "two functions are called {}", function.name);
        assert!(function.signature.starts_with(&format!("{}(", function.name)), "{}", function.signature);
        assert!(function.signature.contains(") :: "), "{}", function.signature);
        assert!(function.description.ends_with('.'), "{}", function.name);
        assert!(function.arguments_min <= function.arguments_max, "{}", function.name);
        assert!(function.accepts.len() <= function.arguments_max, "{}", function.name);
    }
    assert!(find("nosuch").is_none());
}

#[test]
fn scalars() {
    check_all(&[
        ("coalesce(null, nothing, 3, 1 / 0)", "3"),
        ("coalesce(null)", "null"),
        ("nullIf(1, 1.0)", "null"),
        ("nullIf(1, 2)", "1"),
        ("size('héllo')", "5"),
        ("size(list)", "5"),
        ("size(null)", "null"),
        ("size($one)", "TypeError: InvalidArgumentValue"),
        ("timestamp()", "1700000000005"),
        ("0 <= rand() < 1", "true"),
        ("rand() = rand()", "false"),
        ("randomUUID() =~ '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'", "true"),
        ("valueType([1, 'a', null])", "'LIST<STRING | INTEGER> NOT NULL'"),
        ("valueType([[1]])", "'LIST<LIST<INTEGER NOT NULL> NOT NULL> NOT NULL'"),
        ("valueType(null)", "'NULL'"),
        ("valueType([])", "'LIST<NOTHING> NOT NULL'"),
        ("exists(n.name)", "true"),
        ("exists(n.missing)", "false"),
        ("isEmpty('')", "true"),
        ("isEmpty(list)", "false"),
        ("isNaN(0.0 / 0.0)", "true"),
    ]);
}

#[test]
fn parts_of_the_graph() {
    check_all(&[
        ("id(n)", "0"),
        ("elementId(n) = elementId(m)", "false"),
        ("labels(n)", "['Server', 'Device']"),
        ("labels(null)", "null"),
        ("labels(gone)", "EntityNotFound: DeletedEntityAccess"),
        ("labels([n, 1][1])", "TypeError: InvalidArgumentValue"),
        ("type(r)", "'MOUNTED_IN'"),
        ("type([r, n][1])", "TypeError: InvalidArgumentValue"),
        ("properties(r)", "{slot: 7}"),
        ("properties(map)", "{a: 1, b: null}"),
        ("properties(gone)", "EntityNotFound: DeletedEntityAccess"),
        ("keys(n)", "['name']"),
        ("keys({k: null, l: 1})", "['k', 'l']"),
        ("startNode(r) = n AND endNode(r) = m", "true"),
        ("nodes(p) = [n, m]", "true"),
        ("relationships(p) = [r]", "true"),
        ("length(p)", "1"),
        ("length(nothing)", "null"),
    ]);
}

#[test]
fn lists() {
    check_all(&[
        ("head(list)", "1"),
        ("last([])", "null"),
        ("tail(list)", "[2, 3, 4, 5]"),
        ("tail([])", "[]"),
        ("range(0, 3)", "[0, 1, 2, 3]"),
        ("range(10, -10, -3)", "[10, 7, 4, 1, -2, -5, -8]"),
        ("range(-3412, 1381, 1298)", "[-3412, -2114, -816, 482]"),
        ("range(0, 1, -1)", "[]"),
        ("range(0, -1)", "[]"),
        ("range(0, 0, -1)", "[0]"),
        ("range(9223372036854775806, 9223372036854775807, 5)", "[9223372036854775806]"),
        ("range(2, 8, 0)", "ArgumentError: NumberOutOfRange"),
        ("range(2, 8.0)", "ArgumentError: InvalidArgumentType"),
        ("range(null, 8)", "null"),
        ("reverse(list)", "[5, 4, 3, 2, 1]"),
        ("reverse('raksO')", "'Oskar'"),
        ("coll.sort([3, null, 'a', 1.5])", "['a', 1.5, 3, null]"),
        ("coll.distinct([1, 1.0, null, null, 2])", "[1, null, 2]"),
        ("coll.flatten([[1, 2], 3, [[4]]])", "[1, 2, 3, [4]]"),
        ("coll.indexOf(list, 3)", "2"),
        ("coll.max([1, null, 3])", "3"),
    ]);
}

#[test]
fn numbers() {
    check_all(&[
        ("abs(-1)", "1"),
        ("abs(-1.5)", "1.5"),
        ("abs(-9223372036854775808)", "ArithmeticError: IntegerOverflow"),
        ("sign(-0.5)", "-1"),
        ("ceil(1.1)", "2.0"),
        ("floor(-1.1)", "-2.0"),
        ("round(1.5)", "2.0"),
        ("round(-1.5)", "-1.0"),
        ("round(0.49999999999999994)", "0.0"),
        ("round(3.14159, 3)", "3.142"),
        ("round(-1.55, 1)", "-1.6"),
        ("round(1.249, 1, 'UP')", "1.3"),
        ("round(1.25, 1, 'HALF_DOWN')", "1.2"),
        ("round(1.25, 1, 'half_even')", "1.2"),
        ("round(1.25, 1, 'SIDEWAYS')", "ArgumentError: InvalidArgumentValue"),
        ("round(1.5, -1)", "ArgumentError: NumberOutOfRange"),
        ("sqrt(9)", "3.0"),
        ("sqrt(-1)", "NaN"),
        ("log(e())", "1.0"),
        ("log10(1000)", "3.0"),
        ("exp(0)", "1.0"),
        ("round(sin(pi() / 2), 9)", "1.0"),
        ("degrees(pi())", "180.0"),
        ("atan2(0, 1)", "0.0"),
        ("haversin(0)", "0.0"),
        ("sqrt(null)", "null"),
        ("sqrt([4][0] + '')", "TypeError: InvalidArgumentValue"),
    ]);
}

#[test]
fn conversions() {
    check_all(&[
        ("toInteger('42')", "42"),
        ("toInteger(' 2.9 ')", "2"),
        ("toInteger('foo')", "null"),
        ("toInteger('')", "null"),
        ("toInteger('inf')", "null"),
        ("toInteger(-2.9)", "-2"),
        ("toInteger(1e300)", "ArithmeticError: IntegerOverflow"),
        ("toInteger([true][0])", "TypeError: InvalidArgumentValue"),
        ("toFloat('5')", "5.0"),
        ("toFloat('1e3')", "1000.0"),
        ("toFloat('.5')", "0.5"),
        ("toFloat('foo')", "null"),
        ("toFloat([[]][0])", "TypeError: InvalidArgumentValue"),
        ("toString(1.0)", "'1.0'"),
        ("toString(true)", "'true'"),
        ("toString(map)", "TypeError: InvalidArgumentValue"),
        ("toBoolean('TRUE')", "true"),
        ("toBoolean(' tru ')", "null"),
        ("toBoolean(0)", "false"),
        ("toBoolean(1.0)", "TypeError: InvalidArgumentValue"),
        ("toBooleanOrNull(1.0)", "null"),
        ("toIntegerOrNull([])", "null"),
        ("toFloatOrNull(n)", "null"),
        ("toStringOrNull(n)", "null"),
        ("toIntegerList(['1', 'x', 2.5, null, []])", "[1, null, 2, null, null]"),
        ("toStringList([1, n])", "['1', null]"),
    ]);
}

#[test]
fn texts() {
    check_all(&[
        ("toUpper('straße')", "'STRASSE'"),
        ("lower('ABC')", "'abc'"),
        ("trim('  a b ')", "'a b'"),
        ("ltrim('xxaxx', 'x')", "'axx'"),
        ("rtrim('xxaxx', 'x')", "'xxa'"),
        ("btrim('xyaxy', 'yx')", "'a'"),
        ("replace('hello', 'l', 'L')", "'heLLo'"),
        ("replace('hello', 'l', 'L', 1)", "'heLlo'"),
        ("replace('ab', '', '-')", "'-a-b-'"),
        ("split('one1two', '1')", "['one', 'two']"),
        ("split('a,b;c', [',', ';'])", "['a', 'b', 'c']"),
        ("split('äb', '')", "['ä', 'b']"),
        ("split('', ',')", "['']"),
        ("split(null, ',')", "null"),
        ("substring('0123456789', 1)", "'123456789'"),
        ("substring('häus', 1, 2)", "'äu'"),
        ("substring('abc', 5)", "''"),
        ("substring('abc', -1)", "ArgumentError: NumberOutOfRange"),
        ("left('häus', 2)", "'hä'"),
        ("right('häus', 3)", "'äus'"),
        ("left('ab', 9)", "'ab'"),
        ("lpad('7', 3, '0')", "'007'"),
        ("rpad('abc', 2)", "'ab'"),
        ("char_length('äö')", "2"),
        ("toUpper(list)", "TypeError: InvalidArgumentValue"),
    ]);
}

#[test]
fn a_wrong_number_of_arguments_is_refused() {
    let error = Bench::new().compile("left('a')").unwrap_err();
    assert_eq!(error.detail(), "InvalidNumberOfArguments");
}
