//! Literals, operators, and what brackets can mean.

use super::{check, check_mistake};

#[test]
fn numbers_of_all_forms_are_read() {
    check("-9223372036854775808", "-9223372036854775808");
    check("9223372036854775807", "9223372036854775807");
    check("[0x7F, -0xff, 0o17, -0x8000000000000000]", "[127, -255, 15, -9223372036854775808]");
    check("[.5, 1.5e3, 1E-2, -2e+1]", "[0.5, 1500.0, 0.01, -20.0]");
    check("1.abs", "1.abs");
}

#[test]
fn strings_resolve_escapes_and_keep_those_of_regular_expressions() {
    check(r"'a\'b\n\u00e9\U0001F600\uD83D\uDE00'", "\"a'b\\né😀😀\"");
    check(r#""it's \d+""#, r#""it's \\d+""#);
}

#[test]
fn operators_bind_as_the_language_says() {
    check("1 + 2 * 3 - 4", "((1 Add (2 Multiply 3)) Subtract 4)");
    check("2 ^ 3 ^ 2", "((2 Power 3) Power 2)");
    check("-a ^ 2", "((-a) Power 2)");
    check("NOT a = b AND c OR d XOR e", "(((not (a Equal b)) And c) Or (d Xor e))");
    check("1 < a <= 3 <> b", "(1 Less a LessOrEqual 3 NotEqual b)");
    check("a<-1", "(a Less -1)");
    check("a - -b", "(a Subtract (-b))");
    check("a IN b + c = d", "((a In (b Add c)) Equal d)");
    check("NOT a IS NULL", "(not (a is null))");
    check("a.b IS NOT NULL = c", "((a.b is not null) Equal c)");
    check("a STARTS WITH b AND c ENDS WITH d", "((a StartsWith b) And (c EndsWith d))");
    check("a CONTAINS b || c", "(a Contains (b Concatenate c))");
    check("n.name =~ '.*'", "(n.name Matches \".*\")");
    check("a OR b OR c OR d", "((a Or b) Or (c Or d))");
    check("n:A:B AND m:A|!B", "((n:(A&B)) And (m:(A|!B)))");
}

#[test]
fn parentheses_hold_a_path_or_an_expression() {
    check("(a) - (b)", "(a Subtract b)");
    check("(a)-[1][0]", "(a Subtract [1][0])");
    check("(a) < (b)", "(a Less b)");
    check("(n:A)", "(n:A)");
    check("NOT (a)-->(b)", "(not path (a)-[]->(b))");
    check(
        "(a)--(b) AND (c)<-[:T]-()",
        "(path (a)-[](b) And path (c)<-[:T]-())".replace("-[](", "-[]-(").as_str(),
    );
    check("exists((a)-[:T*]->())", "Exists{match (a)-[:T*{,}]->()}");
    check("exists(n.name)", "exists(n.name)");
    check("((a)-->(b) OR c)", "(path (a)-[]->(b) Or c)");
}

#[test]
fn brackets_hold_a_list_or_a_comprehension() {
    check("[]", "[]");
    check("[x IN xs WHERE x > 1 | x * 2]", "[x in xs where (x Greater 1) | (x Multiply 2)]");
    check("[x IN xs]", "[x in xs]");
    check("[x IN xs, y IN ys]", "[(x In xs), (y In ys)]");
    check("[x IN xs WHERE x:A | x.p]", "[x in xs where (x:A) | x.p]");
    check("[x IN xs WHERE (x:A|B) | x:A|B]", "[x in xs where (x:(A|B)) | (x:(A|B))]");
    check("[(a)-->(b) WHERE b.p | b]", "[(a)-[]->(b) where b.p | b]");
    check("[p = (a)-->() | p]", "[p = (a)-[]->() | p]");
    check("[p = (a), 1]", "[(p Equal a), 1]");
    check("xs[1..3][..2][1..][..][-1]", "xs[1..3][..2][1..][..][-1]");
}

#[test]
fn braces_hold_a_map_a_projection_or_a_query() {
    check("{a: 1, `b c`: {}, match: n.p}", "{a: 1, b c: {}, match: n.p}");
    check("n {.a, .*, b: 1, c}", "n{.a, .*, b: 1, c}");
    check("count {.a}", "count{.a}");
    check("count {(a)-->()}", "Count{match (a)-[]->()}");
    check("EXISTS { (a)-->(b) WHERE b.p }", "Exists{match (a)-[]->(b) where b.p}");
    check(
        "exists { MATCH (a) RETURN a UNION MATCH (b) RETURN b }",
        "Exists{match (a); return a «a» union match (b); return b «b»}",
    );
    check("COLLECT { MATCH (a) RETURN a.p ORDER BY a.p }", "Collect{match (a); return a.p «a.p» order a.p}");
}

#[test]
fn words_become_calls_predicates_or_variables_by_what_follows() {
    check("count(*) + count(DISTINCT n)", "(count(*) Add count(distinct n))");
    check("date.truncate('day', d).year", "date.truncate(\"day\", d).year");
    check("all(x IN xs WHERE x) AND any(x IN xs WHERE x)", "(All(x in xs where x) And Any(x in xs where x))");
    check("none(x IN xs WHERE x) XOR single(x IN xs)", "(None(x in xs where x) Xor Single(x in xs))");
    check("reduce(t = 0, x IN xs | t + x)", "reduce(t = 0, x in xs | (t Add x))");
    check(
        "CASE x WHEN 1 THEN 'a' WHEN 2 THEN 'b' ELSE end END".replace("ELSE end ", "ELSE `end` ").as_str(),
        "case x when 1 then \"a\" when 2 then \"b\" else end end",
    );
    check("CASE WHEN (a)-->() THEN 1 END", "case when path (a)-[]->() then 1 end");
    check("end + order + limit + all + count", "((((end Add order) Add limit) Add all) Add count)");
    check("$a + $1 + $`b c`", "(($a Add $1) Add $b c)");
    check("shortestPath((a)-[*]->(b))", "shortest all=false (a)-[*{,}]->(b)");
    check("TRUE <> false /* c */ = // d\n NULL", "(true NotEqual false Equal null)");
}

#[test]
fn values_that_cannot_be_are_told() {
    check_mistake("RETURN 9223372036854775808", "IntegerOverflow", "9223372036854775808", "64 bits");
    check_mistake("RETURN 1e400", "FloatingPointOverflow", "1e400", "64 bits");
    check_mistake("RETURN 12abc", "InvalidNumberLiteral", "12abc", "no number");
    check_mistake(r"RETURN '\uD83D x'", "InvalidUnicodeLiteral", r"\uD83D", "escape");
    check_mistake("RETURN 'abc", "UnexpectedSyntax", "'abc", "not closed");
    check_mistake("RETURN 1 /* abc", "UnexpectedSyntax", "/* abc", "comment");
    check_mistake("RETURN (a)-->(b)", "UnexpectedSyntax", "(a)-->(b)", "EXISTS");
    check_mistake("RETURN a IS :: INTEGER", "UnexpectedSyntax", "::", "valueType");
}
