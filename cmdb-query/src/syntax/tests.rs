//! Tests of the parser, by area. Trees are compared in the short form of [`sketch`].

// What was skipped and how long the fuzzer ran is told to whoever runs the tests.
#![allow(clippy::print_stderr)]

mod bounds;
mod clauses;
mod endure;
mod expressions;
mod extreme;
mod fuzz;
mod mistakes;
mod patterns;
mod sketch;
mod suite;

use crate::syntax::parse;

/// The whole text of a query in short form.
fn sketched(text: &str) -> String {
    match parse(text) {
        Ok(statement) => sketch::statement(&statement),
        Err(error) => format!("{}: {error}", error.detail()),
    }
}

/// What an expression is read as.
fn check(text: &str, expected: &str) {
    let got = sketched(&format!("RETURN {text} AS it"));
    assert_eq!(got, format!("return {expected} as it"), "{text}");
}

/// What a pattern is read as.
fn check_pattern(text: &str, expected: &str) {
    assert_eq!(sketched(&format!("MATCH {text} FINISH")), format!("match {expected}; finish"), "{text}");
}

/// What a statement is read as.
fn check_statement(text: &str, expected: &str) {
    assert_eq!(sketched(text), expected, "{text}");
}

/// The detail, the text pointed at, and message with hint of a mistake.
fn check_mistake(text: &str, detail: &str, pointed: &str, says: &str) {
    let error = parse(text).expect_err(text);
    let span = error.span().unwrap();
    let told = format!("{error} {}", error.hint_text().unwrap_or(""));
    assert_eq!(error.detail(), detail, "{text}: {told}");
    assert_eq!(&text[span.start as usize..span.end as usize], pointed, "{text}: {told}");
    assert!(told.contains(says), "{text}: {told}");
}
