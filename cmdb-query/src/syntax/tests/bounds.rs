//! Hostile texts: refused by the name of a bound, or read without using up the stack.

use crate::error::Class;
use crate::run::TEXT_BYTES_MAX;
use crate::syntax::{TOKENS_MAX, parse};

const MANY: usize = 100_000;

/// As many of this as the bounds on bytes and tokens let through.
fn many(text: &str) -> String {
    text.repeat(MANY.min(TEXT_BYTES_MAX / text.len() - 2).min(TOKENS_MAX / text.len()))
}

fn bounded(text: &str, detail: &str) {
    let error = parse(text).expect_err("beyond a bound");
    assert_eq!((error.class(), error.detail()), (Class::LimitExceeded, detail), "{error}");
}

#[test]
fn nesting_beyond_the_bound_is_refused() {
    for opening in [
        "(",
        "[",
        "{a: ",
        "NOT ",
        "- ",
        "+",
        "-(",
        "f(",
        "x[",
        "CASE ",
        "CASE WHEN ",
        "[x IN ",
        "[x IN x | ",
        "(a {b: ",
        "[(a)-->(b {c: ",
        "all(x IN ",
        "reduce(a = ",
        "EXISTS { RETURN ",
        "COUNT { (a {b: ",
        "x {y: ",
    ] {
        bounded(&format!("RETURN {}", many(opening)), "NestingTooDeep");
    }
    bounded(&format!("RETURN n:{}A", "!".repeat(MANY)), "NestingTooDeep");
    bounded(&format!("MATCH {}", "(".repeat(MANY)), "NestingTooDeep");
    bounded(&format!("MATCH (n:{}A", "(".repeat(MANY)), "NestingTooDeep");
    bounded(&"CALL { ".repeat(MANY), "NestingTooDeep");
    bounded(&many("FOREACH (x IN y | "), "NestingTooDeep");
}

#[test]
fn closed_nesting_is_refused_in_linear_time_as_well() {
    for (open, close) in [("(", ")"), ("[", "]"), ("[(a)-->(b) | ", "]"), ("(a {b: ", "})")] {
        bounded(&format!("RETURN {}1{}", open.repeat(25_000), close.repeat(25_000)), "NestingTooDeep");
    }
}

#[test]
fn chains_that_would_make_a_tall_tree_are_refused() {
    for link in ["1+", "1-", "1*", "1^", "a||", "a IN ", "a=~", "a CONTAINS "] {
        bounded(&format!("RETURN {}1", many(link)), "ExpressionTooLong");
    }
    for link in [".a", "[0]", "[1..]", " IS NULL"] {
        bounded(&format!("RETURN a{}", link.repeat(MANY)), "ExpressionTooLong");
    }
    let inner = (0..90).fold("1".to_string(), |inner, _| format!("({inner}){}", "+1".repeat(3)));
    bounded(&format!("RETURN {inner}"), "ExpressionTooLong");
}

#[test]
fn long_texts_that_make_flat_trees_are_read() {
    for link in ["a OR ", "a AND ", "a XOR ", "a < ", "a = "] {
        parse(&format!("RETURN {}a", link.repeat(MANY))).unwrap();
    }
    parse(&format!("RETURN [{}1]", "1+1, ".repeat(MANY))).unwrap();
    parse(&format!("MATCH (a){} RETURN a", "-->()".repeat(MANY))).unwrap();
    parse(&format!("MATCH (a{}) RETURN a", ":A".repeat(MANY))).unwrap();
    parse(&format!("{} RETURN 1 AS x", "CREATE () ".repeat(MANY))).unwrap();
    parse(&format!("RETURN 1 AS x{}", " UNION RETURN 1 AS x".repeat(MANY / 4))).unwrap();
    parse(&format!("RETURN {}1{}", "(".repeat(98), ")".repeat(98))).unwrap();
}

#[test]
fn texts_and_tokens_beyond_their_bounds_are_refused() {
    bounded(&" ".repeat(TEXT_BYTES_MAX + 1), "TextTooLong");
    bounded(&format!("RETURN {}", ",".repeat(TEXT_BYTES_MAX - 10)), "TooManyTokens");
}
