//! Mutated and generated texts: no panic, every mistake lies inside the text, and what can run ends within its limits.

use super::endure::Ground;
use super::extreme::extreme;
use super::suite;
use crate::syntax::parse;
use std::time::{Duration, Instant};

/// Texts of the ordinary run.
const TEXTS: usize = 20_000;
/// Texts of the ordinary run that are also run.
const RUNS: usize = 4_000;
/// Queries of the ordinary run that a limit has to stop.
const DEADLY: usize = 32;

/// A small generator (SplitMix64), so that every run sees the same texts.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
    pub(super) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
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

/// The query with one or two words changed for another one of it or for a value: most can still be read, many run.
fn nudged(queries: &[&str], chance: &mut Chance) -> String {
    const VALUES: &[&str] = &[
        "0",
        "1",
        "2",
        "-1",
        "7",
        "9223372036854775807",
        "0.5",
        "null",
        "[]",
        "{}",
        "''",
        "$p",
        "true",
        "k",
    ];
    let text = chance.pick(queries);
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut words: Vec<String> = Vec::new();
    for c in text.chars() {
        match words.last_mut() {
            Some(word) if is_word(c) && word.ends_with(is_word) => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    for _ in 0..=chance.below(2) {
        let places: Vec<usize> = (0..words.len()).filter(|at| words[*at].ends_with(is_word)).collect();
        if places.is_empty() {
            break;
        }
        let at = places[chance.below(places.len())];
        words[at] = match chance.below(2) {
            0 => words[places[chance.below(places.len())]].clone(),
            _ => chance.pick(VALUES).to_owned(),
        };
    }
    words.concat()
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

/// Reads a text; a mistake has a place inside it and a message.
fn read(text: &str) {
    if let Err(error) = parse(text) {
        let span = error.span().unwrap_or_else(|| panic!("no place: {text}"));
        let place = span.start as usize..span.end as usize;
        assert!(text.get(place).is_some(), "{span:?} of {text:?}: {error}");
        assert!(!error.message().is_empty());
    }
}

/// A query that asks for far more than there may be: the limits must stop it.
fn deadly(chance: &mut Chance) -> String {
    let many = ["1000", "100000", "10000000", "9223372036854775807"][chance.below(4)];
    let length = chance.pick(&["*", "*0..", "*3..", "*..9", "*20"]);
    let arrow = chance.pick(&["->", "-"]);
    let end =
        chance.pick(&["count(*) AS v", "collect(a) AS v", "DISTINCT a", "a ORDER BY a.k", "max(a.k) AS v"]);
    match chance.below(16) {
        0 => format!("MATCH p = (a)-[{length}]{arrow}(b) RETURN {end}"),
        1 => format!("MATCH (a), (b), (c), (d), (e), (f) RETURN {end}"),
        2 => format!("UNWIND range(1, {many}) AS x UNWIND range(1, {many}) AS y RETURN collect(x + y) AS v"),
        3 => format!("RETURN reduce(s = 'ab', x IN range(1, {many}) | s + s) AS v"),
        4 => format!("RETURN reduce(s = [1], x IN range(1, {many}) | s + s) AS v"),
        5 => format!("MATCH p = ALL SHORTEST (a)-[]-{{4,}}(b) RETURN {end}"),
        6 => format!("MATCH p = SHORTEST {many} (a)-[]-+(b) RETURN {end}"),
        7 => format!("MATCH (a) ((x)-[r]{arrow}(y) WHERE x.k <> 7){{2,}} (b) RETURN {end}"),
        8 => format!("MATCH (a) WHERE COUNT {{ (a)-[{length}]-(b) }} > {many} RETURN {end}"),
        9 => format!("MATCH (a) RETURN size([(a)-[{length}]-(b) | b]) AS v"),
        10 => format!("UNWIND range(1, {many}) AS x CREATE (a:N {{k: x}}) RETURN count(*) AS v"),
        11 => format!("UNWIND range(1, {many}) AS x MERGE (a:N {{k: x}}) RETURN count(*) AS v"),
        12 => format!("MATCH (a), (b) FOREACH (x IN range(1, {many}) | SET a.k = x CREATE (a)-[:R]->(b))"),
        13 => format!("RETURN [x IN range(1, {many}) WHERE any(y IN range(1, {many}) WHERE y = -x)] AS v"),
        14 => format!("MATCH (a) CALL (a) {{ MATCH (b), (c), (d) RETURN max(b.k) AS m, c, d }} RETURN {end}"),
        _ => format!("RETURN size(replace(lpad('', {many}, 'ab'), 'a', rpad('', {many}, 'ccc'))) AS v"),
    }
}

#[test]
fn mutated_queries_of_the_suite_never_panic() {
    let Some(cases) = suite::cases() else { return };
    let queries: Vec<&str> = cases.iter().map(|case| case.query.as_str()).collect();
    let mut chance = Chance(1);
    for _ in 0..TEXTS {
        read(&mutated(&queries, &mut chance));
    }
}

#[test]
fn changed_queries_of_the_scenarios_end_within_their_limits() {
    let cases = suite::own();
    let queries: Vec<&str> = cases.iter().map(|case| case.query.as_str()).collect();
    let (ground, mut chance) = (Ground::new(), Chance(4));
    for _ in 0..RUNS {
        ground.run(&nudged(&queries, &mut chance));
    }
    assert!(ground.ran() * 10 > RUNS, "only {} texts could run", ground.ran());
}

#[test]
fn deadly_queries_end_within_their_limits() {
    let (ground, mut chance) = (Ground::new(), Chance(5));
    for _ in 0..DEADLY {
        ground.run(&deadly(&mut chance));
    }
    assert!(ground.stopped() > 0);
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
    let mut cases = suite::cases().unwrap_or_default();
    cases.extend(suite::own());
    let queries: Vec<&str> =
        cases.iter().map(|case| case.query.as_str()).chain(["MATCH (n) RETURN n"]).collect();
    let (ground, mut chance) = (Ground::new(), Chance(seed));
    let (start, mut texts) = (Instant::now(), 0u64);
    while start.elapsed() < Duration::from_secs(minutes * 60) {
        for _ in 0..100 {
            let depth = chance.below(6);
            let whole = generated(&mut chance, depth);
            let broken = mutated(&[whole.as_str()], &mut chance);
            let other = mutated(&queries, &mut chance);
            for text in [whole, broken, other, nudged(&queries, &mut chance), nudged(&queries, &mut chance)] {
                read(&text);
                ground.run(&text);
                texts += 1;
            }
        }
        (0..50).for_each(|_| ground.run(&extreme(&mut chance)));
        let text = deadly(&mut chance);
        ground.run(&text);
        ground.run(&mutated(&[text.as_str()], &mut chance));
    }
    let (ran, stopped, longest) = (ground.ran(), ground.stopped(), ground.longest());
    eprintln!("fuzz: {texts} texts, seed {seed}, {ran} ran, {stopped} stopped by a limit, no panic");
    eprintln!("longest: {:?}\n{}", longest.0, longest.1);
}
