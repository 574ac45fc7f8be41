//! The engine against a slow evaluator that takes queries literally, on random small graphs; and against itself, with
//! queries written in other words that mean the same.

#![allow(clippy::unwrap_used, reason = "this is a test from end to end")]
#![allow(clippy::print_stdout, reason = "what was compared is what this test is read for")]

mod chance;
mod draft;
mod reference;
mod rewrite;
mod small_graph;

use chance::Chance;
use cmdb_query::error::{Class, Error, Result};
use cmdb_query::graph::Graph;
use cmdb_query::memory::MemoryGraph;
use cmdb_query::procedure::Procedures;
use cmdb_query::run::{self, Output, Request, Store};
use cmdb_query::scene::{Clock, Limits, Parameters};
use cmdb_query::value::compare::order;
use cmdb_query::value::key::equivalent;
use cmdb_query::value::{SmolStr, Value};
use rewrite::Case;
use small_graph::SmallGraph;
use std::cmp::Ordering;

/// Pairs of graph and query in the ordinary run; `CMDB_AGREEMENT_PAIRS` for more, `CMDB_AGREEMENT_SEED` for others.
const PAIRS: usize = 60_000;
/// Graphs on which queries are asked in other words.
const REWRITTEN_GRAPHS: usize = 600;
/// Graphs with more relationships have too many paths to go all of them.
const WALKED_EDGES_MAX: usize = 8;
/// Queries asked of one graph.
const QUERIES_PER_GRAPH: usize = 4;
/// A graph with no more relationships is asked for paths without bound, too.
const SPARSE_EDGES_MAX: usize = 5;
/// Steps of the engine, far more than the small graphs need.
const STEPS_MAX: u64 = 20_000_000;

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |it| it.parse().unwrap())
}

#[derive(Default)]
struct Taken {
    columns: Vec<SmolStr>,
    rows: Vec<Vec<Value>>,
}

impl Output for Taken {
    fn columns(&mut self, names: &[SmolStr]) -> Result<()> {
        self.columns = names.to_vec();
        Ok(())
    }
    fn row(&mut self, _: &dyn Graph, values: &[Value]) -> Result<()> {
        self.rows.push(values.to_vec());
        Ok(())
    }
}

/// The engine's answer.
fn asked(text: &str, graph: &MemoryGraph) -> Result<reference::Answer> {
    let (parameters, procedures) = (Parameters::new(), Procedures::default());
    let request = Request {
        text,
        parameters: &parameters,
        procedures: &procedures,
        clock: Clock::default(),
        chance: 0,
        limits: Limits { steps: STEPS_MAX, ..Limits::default() },
        cancelled: None,
    };
    let mut taken = Taken::default();
    run::run(&request, Store::Read(graph), &mut taken)?;
    Ok(reference::Answer { columns: taken.columns, rows: taken.rows })
}

fn order_rows(left: &[Value], right: &[Value]) -> Ordering {
    let one = |(a, b)| order(a, b);
    left.iter().zip(right).map(one).find(|it| it.is_ne()).unwrap_or(left.len().cmp(&right.len()))
}

fn sorted(rows: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let mut rows = rows.to_vec();
    rows.sort_by(|a, b| order_rows(a, b));
    rows
}

fn same_rows(left: &[Vec<Value>], right: &[Vec<Value>]) -> bool {
    let same = |(a, b): (&Vec<Value>, &Vec<Value>)| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equivalent(a, b))
    };
    left.len() == right.len() && left.iter().zip(right).all(same)
}

/// How two answers differ, for people.
fn difference(wanted: &[Vec<Value>], found: &[Vec<Value>], in_order: bool) -> Option<String> {
    let same = if in_order { same_rows(wanted, found) } else { same_rows(&sorted(wanted), &sorted(found)) };
    (!same).then(|| {
        format!("    wanted {} rows {wanted:?}\n    found  {} rows {found:?}", wanted.len(), found.len())
    })
}

fn told(error: &Error) -> String {
    format!("{:?} {}: {error}", error.class(), error.detail())
}

/// What came of one pair.
enum Outcome {
    /// On so many rows.
    Agreed(usize),
    /// Both failed alike.
    BothFailed,
    /// Too large to be taken literally.
    TooLarge,
    Differed(String),
}

fn compared(text: &str, in_order: bool, graph: &MemoryGraph) -> Outcome {
    match (reference::run(text, graph), asked(text, graph)) {
        (Err(error), _) if error.class() == Class::LimitExceeded => Outcome::TooLarge,
        (Ok(wanted), Ok(found)) if wanted.columns != found.columns => {
            Outcome::Differed(format!("    columns {:?}, not {:?}", found.columns, wanted.columns))
        }
        (Ok(wanted), Ok(found)) => difference(&wanted.rows, &found.rows, in_order)
            .map_or(Outcome::Agreed(found.rows.len()), Outcome::Differed),
        (Err(wanted), Err(found)) if wanted.class() == found.class() => Outcome::BothFailed,
        (Ok(wanted), Err(found)) => {
            Outcome::Differed(format!("    wanted {:?}\n    failed: {}", wanted.rows, told(&found)))
        }
        // Where no row is wanted none need be computed.
        (Err(_), Ok(found)) if text.ends_with("LIMIT 0") && found.rows.is_empty() => Outcome::BothFailed,
        (Err(wanted), Ok(found)) => {
            Outcome::Differed(format!("    found {:?}\n    reference: {}", found.rows, told(&wanted)))
        }
        (Err(wanted), Err(found)) => {
            Outcome::Differed(format!("    failed: {}\n    reference: {}", told(&found), told(&wanted)))
        }
    }
}

/// The differences found, and how many pairs were looked at.
#[derive(Default)]
struct Tally {
    pairs: usize,
    nonempty: usize,
    too_large: usize,
    both_failed: usize,
    differences: Vec<String>,
}

impl Tally {
    fn differ(&mut self, graph: &SmallGraph, queries: &[&str], what: &str) {
        self.differences.push(format!("{}\n{}\n{what}\n", graph.written, queries.join("\n")));
    }
    #[track_caller]
    fn settle(mut self, what: &str) {
        println!(
            "{what}: {} pairs, {} with rows, {} too large, {} failed alike, {} differences",
            self.pairs,
            self.nonempty,
            self.too_large,
            self.both_failed,
            self.differences.len()
        );
        // The shortest cases first: they are the easiest to understand.
        self.differences.sort_by_key(String::len);
        for difference in self.differences.iter().take(setting("CMDB_AGREEMENT_SHOW", 10)) {
            println!("{difference}");
        }
        assert!(self.differences.is_empty(), "{what}: {} differences", self.differences.len());
    }
}

#[test]
fn random_queries_agree_with_the_reference() {
    let pairs = setting("CMDB_AGREEMENT_PAIRS", PAIRS);
    let mut chance = Chance(setting("CMDB_AGREEMENT_SEED", 1) as u64);
    let mut tally = Tally::default();
    // Pairs that could not be compared do not count.
    while tally.pairs < pairs {
        let graph = small_graph::small_graph(&mut chance);
        for _ in 0..QUERIES_PER_GRAPH {
            let (text, in_order) = draft::query(&mut chance, graph.edges <= SPARSE_EDGES_MAX);
            match compared(&text, in_order, &graph.graph) {
                Outcome::Agreed(rows) => tally.nonempty += usize::from(rows > 0),
                Outcome::BothFailed => tally.both_failed += 1,
                Outcome::TooLarge => {
                    tally.too_large += 1;
                    continue;
                }
                Outcome::Differed(what) => tally.differ(&graph, &[&text], &what),
            }
            tally.pairs += 1;
        }
    }
    assert!(tally.too_large * 5 < tally.pairs, "{} pairs were too large", tally.too_large);
    assert!(tally.both_failed * 50 < tally.pairs, "{} pairs failed", tally.both_failed);
    assert!(tally.nonempty * 3 > tally.pairs, "only {} pairs have rows", tally.nonempty);
    tally.settle("random queries");
}

/// The engine's rows for every query of a case; the first difference, if there is one.
fn case_difference(case: &Case, graph: &MemoryGraph) -> Option<(Vec<String>, String)> {
    let (queries, together) = match case {
        Case::Same(_, queries) => (queries, false),
        Case::Together(_, queries) => (queries, true),
    };
    let mut answers = Vec::new();
    for query in queries {
        match asked(query, graph) {
            Ok(answer) => answers.push(answer),
            Err(error) => return Some((vec![query.clone()], format!("    failed: {}", told(&error)))),
        }
    }
    let (first, others) = answers.split_first()?;
    if together {
        let all: Vec<Vec<Value>> = others.iter().flat_map(|answer| answer.rows.clone()).collect();
        return Some((queries.clone(), difference(&first.rows, &all, false)?));
    }
    let differs = |(answer, query): (&reference::Answer, &String)| {
        let what = difference(&first.rows, &answer.rows, false)?;
        Some((vec![queries[0].clone(), query.clone()], what))
    };
    others.iter().zip(&queries[1..]).find_map(differs)
}

#[test]
fn queries_in_other_words_yield_the_same() {
    let mut chance = Chance(setting("CMDB_AGREEMENT_SEED", 2) as u64);
    let mut tally = Tally::default();
    for _ in 0..setting("CMDB_AGREEMENT_PAIRS", REWRITTEN_GRAPHS * 10) / 10 {
        let graph = small_graph::small_graph(&mut chance);
        let mut cases = rewrite::cases(&mut chance, graph.edges <= SPARSE_EDGES_MAX);
        if graph.edges <= WALKED_EDGES_MAX {
            cases.extend((0..3).map(|_| rewrite::reach(&mut chance)));
        }
        for case in cases {
            tally.pairs += 1;
            if let Some((queries, what)) = case_difference(&case, &graph.graph) {
                let (Case::Same(name, _) | Case::Together(name, _)) = &case;
                let queries: Vec<&str> = queries.iter().map(String::as_str).collect();
                tally.differ(&graph, &queries, &format!("    ({name})\n{what}"));
            }
        }
    }
    tally.settle("other words");
}

#[test]
fn groups_and_selected_paths_agree_with_the_reference() {
    let pairs = setting("CMDB_AGREEMENT_PAIRS", PAIRS) / 6;
    let mut chance = Chance(setting("CMDB_AGREEMENT_SEED", 3) as u64);
    let mut tally = Tally::default();
    while tally.pairs < pairs {
        let graph = small_graph::small_graph(&mut chance);
        for _ in 0..QUERIES_PER_GRAPH {
            let text = rewrite::walk(&mut chance, graph.edges <= SPARSE_EDGES_MAX);
            match compared(&text, false, &graph.graph) {
                Outcome::Agreed(rows) => tally.nonempty += usize::from(rows > 0),
                Outcome::BothFailed => tally.both_failed += 1,
                Outcome::TooLarge => {
                    tally.too_large += 1;
                    continue;
                }
                Outcome::Differed(what) => tally.differ(&graph, &[&text], &what),
            }
            tally.pairs += 1;
        }
    }
    assert!(tally.both_failed * 50 < tally.pairs, "{} pairs failed", tally.both_failed);
    tally.settle("walks");
}
