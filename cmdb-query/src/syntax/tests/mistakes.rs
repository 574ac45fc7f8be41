//! What a writer is told.

use super::check_mistake;
use crate::syntax::tree::Span;
use crate::syntax::{Excerpt, excerpt};

#[test]
fn a_mistyped_keyword_is_guessed() {
    check_mistake("MTACH (n) RETURN n", "UnexpectedSyntax", "MTACH", "did you mean MATCH?");
    check_mistake("MATCH (n) RETRUN n", "UnexpectedSyntax", "RETRUN", "did you mean RETURN?");
    check_mistake("MATCH (n) WHER n.a = 1 RETURN n", "UnexpectedSyntax", "WHER", "did you mean WHERE?");
    check_mistake("MATCH (n) RETURN n LIMT 3", "UnexpectedSyntax", "LIMT", "did you mean LIMIT?");
    check_mistake("MATCH (n) RETURN n ORDER n.a", "UnexpectedSyntax", "n", "expected BY");
}

#[test]
fn the_place_and_what_is_missing_are_told() {
    check_mistake("", "UnexpectedSyntax", "", "too early: expected a clause");
    check_mistake("MATCH (n:Server RETURN n", "UnexpectedSyntax", "RETURN", "closes the node");
    check_mistake("RETURN [1, 2", "UnexpectedSyntax", "", "closes the list");
    check_mistake("RETURN toUpper('a'", "UnexpectedSyntax", "", "closes toUpper(");
    check_mistake("RETURN {a 1}", "UnexpectedSyntax", "1", "`:`");
    check_mistake("RETURN CASE x THEN 1 END", "UnexpectedSyntax", "THEN", "WHEN");
    check_mistake("MATCH (n) WHERE n.a != 1 RETURN n", "UnexpectedSyntax", "!=", "<>");
    check_mistake("MATCH (n) RETURN n;;", "UnexpectedSyntax", ";", "one statement");
    check_mistake("RETURN 42 — 41", "InvalidUnicodeCharacter", "—", "ASCII");
    check_mistake("RETURN “a”", "InvalidUnicodeCharacter", "“", "no meaning");
    check_mistake("RETURN $", "UnexpectedSyntax", "$", "parameter");
}

#[test]
fn an_excerpt_counts_characters_and_lines() {
    let text = "MATCH (n)\r\nRETURN 'é' +\n";
    let start = text.find('+').unwrap() as u32;
    let found = excerpt(text, Span { start, end: start + 1 });
    assert_eq!(found, Excerpt { line: 2, column: 12, text: "RETURN 'é' +" });
    assert_eq!(excerpt(text, Span { start: 999, end: 1000 }), Excerpt { line: 3, column: 1, text: "" });
    assert_eq!(excerpt("é", Span { start: 1, end: 1 }).column, 1);
}
