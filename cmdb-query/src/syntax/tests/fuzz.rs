//! Mutated and generated texts: no panic, and every mistake lies inside the text.

use super::suite;
use crate::syntax::parse;
use std::time::{Duration, Instant};

/// Texts of the ordinary run.
const TEXTS: usize = 20_000;

/// A small generator (SplitMix64), so that every run sees the same texts.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "-",
    "->",
    "<-",
    "--",
    "-->",
    "*",
    "+",
    "..",
    ".",
    ",",
    ":",
    "::",
    "|",
    "||",
    "&",
    "!",
    "%",
    "^",
    "=",
    "=~",
    "<>",
    "<=",
    ">",
    "$p",
    "$",
    "'",
    "\"",
    "`",
    "\\",
    "\\u",
    "/*",
    "*/",
    "//",
    "\n",
    ";",
    "—",
    "é",
    "\u{0}",
    "😀",
    "0x",
    "1e9",
    "1.",
    "9223372036854775808",
    "NOT",
    "IN",
    "IS NULL",
    "AND",
    "OR",
    "MATCH",
    "WHERE",
    "RETURN",
    "WITH",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "EXISTS {",
    "COUNT {",
    "CALL {",
    "UNION",
    "shortestPath(",
    "ANY SHORTEST",
    "all(x IN",
    "reduce(a = 0, x IN",
    "CREATE INDEX",
    "SHOW",
    "FOREACH (x IN",
    "ORDER BY",
    "n:A",
    "n {.a}",
    "YIELD",
    "AS",
];

/// The query with one to four changes: a piece put in, a stretch cut out, doubled or taken from another query.
fn mutated(queries: &[&str], chance: &mut Chance) -> String {
    let mut text: Vec<char> = chance.pick(queries).chars().collect();
    for _ in 0..=chance.below(4) {
        let from = chance.below(text.len() + 1);
        let to = (from + chance.below(12)).min(text.len());
        match chance.below(5) {
            0 => drop(text.splice(from..from, chance.pick(PIECES).chars())),
            1 => drop(text.drain(from..to)),
            2 => drop(text.splice(from..to, format!(" {} ", chance.pick(PIECES)).chars())),
            3 => drop(text.splice(to..to, text[from..to].to_vec())),
            _ => {
                let other: Vec<char> = chance.pick(queries).chars().collect();
                let start = chance.below(other.len());
                let end = (start + chance.below(40)).min(other.len());
                drop(text.splice(from..to, other[start..end].iter().copied()));
            }
        }
    }
    text.into_iter().collect()
}

/// A query by a small grammar, most of which are right.
fn generated(chance: &mut Chance, depth: usize) -> String {
    let value = |chance: &mut Chance| generated_expression(chance, depth);
    let pattern = format!("(a:A {{k: {}}})-[r:T*1..2]->(b)", value(chance));
    let head = match chance.below(6) {
        0 => format!("MATCH {pattern} WHERE {}", value(chance)),
        1 => format!("UNWIND [{}] AS x WITH x", value(chance)),
        2 => format!(
            "CALL (a) {{ {} }}",
            if depth > 0 { generated(chance, depth - 1) } else { "FINISH".into() }
        ),
        3 => format!("MERGE {} ON CREATE SET a.k = {}", pattern.replace("*1..2", ""), value(chance)),
        4 => format!("FOREACH (x IN {} | CREATE (:A {{v: x}}))", value(chance)),
        _ => format!("OPTIONAL MATCH p = ANY SHORTEST {}", pattern.replace("*1..2]->", "]->{1,3}")),
    };
    format!("{head} RETURN {} AS v ORDER BY v LIMIT 3", value(chance))
}

fn generated_expression(chance: &mut Chance, depth: usize) -> String {
    if depth == 0 {
        return chance.pick(&["a", "1", "-2.5", "'t'", "$p", "null", "a.k", "true", "count(*)"]).to_string();
    }
    let l = generated_expression(chance, depth - 1);
    let r = generated_expression(chance, depth - 1);
    let operator = *chance.pick(&[&"+", &"-", &"*", &"=", &"<", &"AND", &"OR", &"IN", &"STARTS WITH", &"^"]);
    match chance.below(10) {
        0 => format!("[{l}, {r}]"),
        1 => format!("{{a: {l}, b: {r}}}"),
        2 => format!("[x IN [{l}] WHERE x = {r} | x]"),
        3 => format!("CASE WHEN {l} THEN {r} END"),
        4 => format!("coalesce({l}, {r})"),
        5 => format!("EXISTS {{ (a)-->({{k: {l}}}) WHERE {r} }}"),
        6 => format!("reduce(t = {l}, x IN [{r}] | t + x)"),
        7 => format!("(NOT ({l}))"),
        _ => format!("(({l}) {operator} ({r}))"),
    }
}

/// Everything a text goes through. Later stages are added here.
fn run(text: &str) {
    if let Err(error) = parse(text) {
        let span = error.span().unwrap_or_else(|| panic!("no place: {text}"));
        let place = span.start as usize..span.end as usize;
        assert!(text.get(place).is_some(), "{span:?} of {text:?}: {error}");
        assert!(!error.message().is_empty());
    }
}

#[test]
fn mutated_queries_of_the_suite_never_panic() {
    let Some(cases) = suite::cases() else { return };
    let queries: Vec<&str> = cases.iter().map(|case| case.query.as_str()).collect();
    let mut chance = Chance(1);
    for _ in 0..TEXTS {
        run(&mutated(&queries, &mut chance));
    }
}

#[test]
fn generated_queries_parse() {
    let mut chance = Chance(2);
    for _ in 0..2_000 {
        let depth = chance.below(4);
        let text = generated(&mut chance, depth);
        if let Err(error) = parse(&text) {
            panic!("{text}\n{error}");
        }
    }
}

/// `CMDB_FUZZ_MINUTES=30 cargo test -p cmdb-query --lib fuzz_for_minutes -- --ignored --nocapture`
#[test]
#[ignore = "runs as long as CMDB_FUZZ_MINUTES says"]
fn fuzz_for_minutes() {
    let minutes: u64 = std::env::var("CMDB_FUZZ_MINUTES").map_or(1, |it| it.parse().unwrap());
    let seed = std::env::var("CMDB_FUZZ_SEED").map_or(3, |it| it.parse().unwrap());
    let cases = suite::cases().unwrap_or_default();
    let queries: Vec<&str> =
        cases.iter().map(|case| case.query.as_str()).chain(["MATCH (n) RETURN n"]).collect();
    let mut chance = Chance(seed);
    let (start, mut texts) = (Instant::now(), 0u64);
    while start.elapsed() < Duration::from_secs(minutes * 60) {
        for _ in 0..1_000 {
            let depth = chance.below(6);
            let whole = generated(&mut chance, depth);
            run(&whole);
            run(&mutated(&[whole.as_str()], &mut chance));
            run(&mutated(&queries, &mut chance));
        }
        texts += 3_000;
    }
    eprintln!("fuzz: {texts} texts, seed {seed}, no panic");
}
