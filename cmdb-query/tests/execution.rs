//! Queries from text to rows on a small graph: what the conformance suite lacks.

#![allow(clippy::unwrap_used)]

use cmdb_query::error::{Class, Result};
use cmdb_query::graph::Graph;
use cmdb_query::memory::MemoryGraph;
use cmdb_query::procedure::Procedures;
use cmdb_query::run::{Output, Request, Store, Summary, run};
use cmdb_query::scene::{Clock, Limits, Parameters};
use cmdb_query::value::{SmolStr, Value};

#[derive(Default)]
struct Taken {
    rows: Vec<String>,
}

impl Output for Taken {
    fn columns(&mut self, _: &[SmolStr]) -> Result<()> {
        Ok(())
    }
    fn row(&mut self, graph: &dyn Graph, values: &[Value]) -> Result<()> {
        self.rows.push(values.iter().map(|value| shown(graph, value)).collect::<Vec<_>>().join(" "));
        Ok(())
    }
}

/// Nodes by their property `n`, relationships by `r`.
fn shown(graph: &dyn Graph, value: &Value) -> String {
    use cmdb_query::value::Entity;
    let property = |entity, key: &str| match graph.key(key).map(|key| graph.property(entity, key)) {
        Some(Value::Null) | None => "?".to_owned(),
        Some(value) => shown(graph, &value),
    };
    match value {
        Value::Null => "null".into(),
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(value) => value.to_string(),
        Value::Node(node) => property(Entity::Node(*node), "n"),
        Value::Edge(edge) => property(Entity::Edge(*edge), "r"),
        Value::List(values) => {
            format!("[{}]", values.iter().map(|value| shown(graph, value)).collect::<Vec<_>>().join(","))
        }
        Value::Path(path) => {
            let nodes = path.nodes.iter().map(|node| shown(graph, &Value::Node(*node)));
            format!("<{}>", nodes.collect::<Vec<_>>().join(">"))
        }
        other => format!("{other:?}"),
    }
}

fn ask(graph: &mut MemoryGraph, text: &str, limits: Limits) -> Result<(Vec<String>, Summary)> {
    let (parameters, procedures) = (Parameters::new(), Procedures::default());
    let clock = Clock::default();
    let request = Request {
        text,
        parameters: &parameters,
        procedures: &procedures,
        clock,
        chance: 1,
        limits,
        cancelled: None,
    };
    let mut taken = Taken::default();
    let summary = run(&request, Store::Write(graph), &mut taken)?;
    Ok((taken.rows, summary))
}

fn rows(graph: &mut MemoryGraph, text: &str) -> Vec<String> {
    ask(graph, text, Limits::default()).unwrap_or_else(|error| panic!("{text}: {error}")).0
}

fn sorted(graph: &mut MemoryGraph, text: &str) -> String {
    let mut rows = rows(graph, text);
    rows.sort();
    rows.join(" | ")
}

fn plan(graph: &mut MemoryGraph, text: &str) -> String {
    let summary = ask(graph, &format!("EXPLAIN {text}"), Limits::default()).unwrap().1;
    let mut out = Vec::new();
    fn walk(it: &cmdb_query::plan::Description, out: &mut Vec<String>) {
        it.inputs.iter().for_each(|input| walk(input, out));
        out.push(it.operator.to_string());
    }
    walk(&summary.plan.unwrap(), &mut out);
    out.join(" ")
}

/// a→b→c→d, a→c, d→b (a cycle b c d), and e alone.
fn small() -> MemoryGraph {
    let mut graph = MemoryGraph::default();
    rows(
        &mut graph,
        "CREATE (a:N {n:'a'})-[:R {r:1}]->(b:N {n:'b'})-[:R {r:2}]->(c:N {n:'c'})-[:R {r:3}]->(d:M {n:'d'}),
         (a)-[:R {r:4}]->(c), (d)-[:R {r:5}]->(b), (:N {n:'e'})",
    );
    graph
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(sorted(&mut small(), text), expected, "{text}");
}

#[test]
fn quantified_relationships_and_groups_bind_lists() {
    check("MATCH (a {n:'a'})-[r:R]->{2}(x) RETURN r, x", "[1,2] c | [4,3] d");
    check("MATCH (a {n:'a'})-[r:R]->{0,1}(x) RETURN r, x", "[1] b | [4] c | [] a");
    check(
        "MATCH (a {n:'a'})((x)-[r:R]->(y)){1,2}(z) RETURN x, r, y, z",
        "[a,b] [1,2] [b,c] c | [a,c] [4,3] [c,d] d | [a] [1] [b] b | [a] [4] [c] c",
    );
    check(
        "MATCH (a {n:'a'})((x)-[r:R]->(y) WHERE r.r <> 1)+(z) RETURN [e IN r | e.r]",
        "[4,3,5,2] | [4,3,5] | [4,3] | [4]",
    );
    check("MATCH (z)((x)-[r:R]->(y)){2}(b {n:'b'}) RETURN z, x, r, y", "c [c,d] [3,5] [d,b]");
    check("MATCH p = (a {n:'a'})((x)-[r:R]->(y)){2}(z) RETURN p", "<a>b>c> | <a>c>d>");
}

#[test]
fn shortest_paths_by_every_spelling() {
    check("MATCH (a {n:'a'}), (d {n:'d'}) MATCH p = shortestPath((a)-[:R*]->(d)) RETURN p", "<a>c>d>");
    check("MATCH p = ANY SHORTEST (a {n:'a'})-[:R]->+(d {n:'d'}) RETURN p", "<a>c>d>");
    check("MATCH p = SHORTEST 2 (a {n:'a'})-[:R]->+(d {n:'d'}) RETURN p", "<a>b>c>d> | <a>c>d>");
    check("MATCH p = ALL SHORTEST (a {n:'a'})-[:R]-+(d {n:'d'}) RETURN p", "<a>b>d> | <a>c>d>");
    check("MATCH p = SHORTEST 2 GROUPS (a {n:'a'})-[:R]->*(c {n:'c'}) RETURN p", "<a>b>c> | <a>c>");
    check("MATCH p = ANY SHORTEST (a {n:'a'})-[:R]->+(x) RETURN p", "<a>b> | <a>c> | <a>c>d>");
    check("MATCH p = ANY SHORTEST (b {n:'b'})-[:R]->+(b) RETURN p", "<b>c>d>b>");
    check("MATCH p = ANY SHORTEST (a {n:'a'})((x)-[:R]->(y)){1,9}(d:M) RETURN p", "<a>c>d>");
    check("MATCH p = ANY SHORTEST (a {n:'a'})-[:R]->(x)-[:R]->+(d:M) RETURN p", "<a>c>d>");
    check(
        "MATCH (a {n:'a'}), (d:M) MATCH p = shortestPath((a)-[:R*]->(d)) WHERE length(p) > 2 RETURN p",
        "<a>b>c>d>",
    );
    check("MATCH (a {n:'a'}), (d:M) RETURN length(shortestPath((a)-[:R*]->(d)))", "2");
}

#[test]
fn subqueries_see_what_they_import() {
    check(
        "MATCH (x:N) CALL (x) { MATCH (x)-->(y) RETURN count(y) AS c } RETURN x, c",
        "a 2 | b 1 | c 1 | e 0",
    );
    check("MATCH (x:N) CALL { WITH x MATCH (x)-->(y:M) RETURN y } RETURN x, y", "c d");
    check(
        "UNWIND [1,2] AS i CALL (i) { RETURN i AS j UNION RETURN i * 10 AS j } RETURN i, j",
        "1 1 | 1 10 | 2 2 | 2 20",
    );
    check(
        "MATCH (x:N) OPTIONAL CALL (x) { MATCH (x)-->(y:M) RETURN y } RETURN x, y",
        "a null | b null | c d | e null",
    );
    check("MATCH (x:N) WHERE COUNT { (x)-->() } > 1 RETURN x", "a");
    check(
        "MATCH (x:N) RETURN x, COLLECT { MATCH (x)-->(y) RETURN y.n ORDER BY y.n }",
        "a [b,c] | b [c] | c [d] | e []",
    );
    check(
        "MATCH (x:N) WHERE EXISTS { MATCH (x)-->(y) WITH y WHERE y.n = 'd' AND x.n = 'c' RETURN y } RETURN x",
        "c",
    );
    check("MATCH (x:N) CALL (x) { WITH 1 AS one RETURN x.n + one AS z } RETURN z", "a1 | b1 | c1 | e1");
}

#[test]
fn writes_are_complete_before_the_next_clause_reads() {
    let mut graph = MemoryGraph::default();
    rows(&mut graph, "UNWIND range(1, 3000) AS i CREATE (:P {n: i})");
    assert_eq!(rows(&mut graph, "MATCH (p:P) CREATE (:P {n: -p.n}) RETURN count(*)"), ["3000"]);
    assert_eq!(rows(&mut graph, "MATCH (p:P) RETURN count(p)"), ["6000"]);
    rows(&mut graph, "MATCH (p:P) WHERE p.n > 0 SET p.n = -p.n");
    assert_eq!(rows(&mut graph, "MATCH (p:P) WHERE p.n > 0 RETURN count(p)"), ["0"]);
    let merged = "UNWIND range(1, 3000) AS i MERGE (:Q {k: i % 7}) RETURN count(*)";
    assert_eq!(rows(&mut graph, merged), ["3000"]);
    assert_eq!(rows(&mut graph, "MATCH (q:Q) RETURN count(q)"), ["7"]);
    let summary = ask(&mut graph, "MATCH (n) DETACH DELETE n", Limits::default()).unwrap().1;
    assert_eq!(summary.stats.nodes_deleted, 6007);
}

#[test]
fn foreach_and_unit_subqueries_write_for_each_row() {
    let mut graph = small();
    rows(&mut graph, "MATCH (x:N) FOREACH (i IN [1, 2] | CREATE (x)-[:S]->(:L {i: i}))");
    assert_eq!(rows(&mut graph, "MATCH (:N)-[:S]->(l:L) RETURN count(l), sum(l.i)"), ["8 12"]);
    rows(&mut graph, "MATCH (x:N) CALL (x) { MATCH (x)-[:S]->(l) DETACH DELETE l }");
    assert_eq!(rows(&mut graph, "MATCH (l:L) RETURN count(l)"), ["0"]);
    let text = "MATCH (x:N) CALL (x) { CREATE (:T {n: x.n}) UNION CREATE (:T {n: x.n}) } RETURN count(*)";
    assert_eq!(rows(&mut graph, text), ["4"]);
    assert_eq!(rows(&mut graph, "MATCH (t:T) RETURN count(t)"), ["8"]);
}

#[test]
fn only_distinct_ends_become_one_visit() {
    let mut graph = small();
    for text in [
        "MATCH (a {n:'a'})-[:R*]->(b) RETURN DISTINCT b",
        "MATCH (a {n:'a'})-[:R*0..3]->(b) RETURN count(DISTINCT b)",
        "MATCH (a {n:'a'})-[:R]->+(b) WITH DISTINCT b RETURN b.n",
        "MATCH (a {n:'a'})-[:R]->{1,3}(b:N) WHERE b.n <> 'c' RETURN count(DISTINCT b.n) AS c, max(b.n) AS m",
        "MATCH (a {n:'a'})-[*]->(b)-[*0..1]->(c) RETURN DISTINCT c",
    ] {
        assert_eq!(plan(&mut graph, text).contains("DistinctReach"), !text.contains("[*]"), "{text}");
    }
    for text in [
        "MATCH (a {n:'a'})-[:R*]->(b) RETURN b",
        "MATCH (a {n:'a'})-[r:R*]->(b) RETURN DISTINCT b, size(r)",
        "MATCH p = (a {n:'a'})-[:R*]->(b) RETURN DISTINCT length(p)",
        "MATCH (a {n:'a'})-[:R*2..]->(b) RETURN DISTINCT b",
        "MATCH (a {n:'a'})-[:R*]->(b) RETURN count(b)",
    ] {
        assert!(!plan(&mut graph, text).contains("DistinctReach"), "{text}");
    }
}

/// A small random graph, the same for the same seed.
fn random(seed: u64) -> MemoryGraph {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let nodes = 2 + next(4);
    let mut graph = MemoryGraph::default();
    rows(&mut graph, &format!("UNWIND range(0, {}) AS i CREATE (:N {{n: i}})", nodes - 1));
    for _ in 0..next(8) {
        let (from, to) = (next(nodes), next(nodes));
        let kind = ["R", "S"][next(2) as usize];
        let text =
            format!("MATCH (a {{n: {from}}}), (b {{n: {to}}}) CREATE (a)-[:{kind} {{w: {}}}]->(b)", next(2));
        rows(&mut graph, &text);
    }
    graph
}

#[test]
fn one_visit_finds_the_ends_of_all_trails() {
    for seed in 1..400 {
        let mut graph = random(seed);
        for (left, right) in [("-", "->"), ("<-", "-"), ("-", "-")] {
            for length in ["*", "*0..", "*1..2", "*0..1", "*..3", "* {w: 1}"] {
                for kind in [":R", "", ":R|S"] {
                    for ends in ["(a {n: 0})", "(a)"] {
                        let pattern = format!("{ends}{left}[r{kind}{length}]{right}(b)");
                        // The list of relationships is looked at: then trails are followed.
                        let slow = format!("MATCH {pattern} WITH b, size(r) AS s RETURN DISTINCT b.n");
                        let slow = sorted(&mut graph, &slow);
                        let fast = format!("MATCH {pattern} RETURN DISTINCT b.n");
                        assert_eq!(sorted(&mut graph, &fast), slow, "{fast} seed {seed}");
                        let with_start = format!("MATCH {pattern} RETURN DISTINCT a.n, b.n");
                        let slow =
                            format!("MATCH {pattern} WITH a, b, size(r) AS s RETURN DISTINCT a.n, b.n");
                        assert_eq!(
                            sorted(&mut graph, &with_start),
                            sorted(&mut graph, &slow),
                            "{pattern} {seed}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn separate_parts_are_joined_on_what_must_be_equal() {
    let mut graph = small();
    let text = "MATCH (x:N), (y:M) WHERE x.n = y.n RETURN x";
    assert!(plan(&mut graph, text).contains("HashJoin"));
    check("MATCH (x:N)-->(y), (z:M)-->(w) WHERE y.n = w.n RETURN x, z", "a d");
    check("MATCH (x:N), (y:M) RETURN x, y", "a d | b d | c d | e d");
}

#[test]
fn limits_name_themselves() {
    let mut graph = small();
    let few = Limits { steps: 10_000, ..Limits::default() };
    let error = ask(&mut graph, "UNWIND range(1, 1000000) AS x RETURN count(x)", few).unwrap_err();
    assert_eq!((error.class(), error.detail()), (Class::LimitExceeded, "StepLimit"));
    let small_memory = Limits { memory_bytes: 100_000, ..Limits::default() };
    let error = ask(
        &mut graph,
        "UNWIND range(1, 1000) AS x UNWIND range(1, 100) AS y RETURN x, y ORDER BY y",
        small_memory,
    );
    assert_eq!(error.unwrap_err().detail(), "MemoryLimit");
    let few = Limits { rows: 3, ..Limits::default() };
    assert_eq!(ask(&mut graph, "MATCH (n) RETURN n", few).unwrap_err().detail(), "RowLimit");
}

#[test]
fn a_read_store_refuses_writing_before_anything_runs() {
    let graph = small();
    let (parameters, procedures) = (Parameters::new(), Procedures::default());
    let request = Request {
        text: "MATCH (n) CREATE (m)",
        parameters: &parameters,
        procedures: &procedures,
        clock: Clock::default(),
        chance: 1,
        limits: Limits::default(),
        cancelled: None,
    };
    let error = run(&request, Store::Read(&graph), &mut Taken::default()).unwrap_err();
    assert_eq!(error.class(), Class::Denied);
}

#[test]
fn ids_lists_of_relationships_and_turned_groups() {
    check("MATCH (x) WHERE id(x) IN [0, 2, 77] RETURN x", "a | c");
    check("MATCH (x) WHERE elementId(x) = 'n1' RETURN x", "b");
    check("MATCH ()-[r:R {r: 2}]->() MATCH (p)-[r]-(q) RETURN p, q", "b c | c b");
    check("MATCH (a {n:'a'})-[rs:R*2]->(b) MATCH (x)-[rs*]->(y) RETURN x, y", "a c | a d");
}

#[test]
fn show_lists_and_projects() {
    let mut graph = small();
    let text = "SHOW FUNCTIONS YIELD name, aggregating WHERE toLower(name) STARTS WITH 'std' RETURN name ORDER BY name DESC";
    assert_eq!(rows(&mut graph, text), ["stDevP", "stDev"]);
    assert_eq!(
        rows(&mut graph, "SHOW INDEXES YIELD name, labelsOrTypes, properties, entityType, type").len(),
        0
    );
    assert_eq!(rows(&mut graph, "SHOW DATABASES YIELD name"), ["neo4j"]);
}

#[test]
fn long_queries_are_refused_before_they_are_too_deep() {
    let mut graph = small();
    let chain = |clauses: usize| format!("WITH 1 AS x {} RETURN x", "WITH x + 1 AS x ".repeat(clauses));
    assert_eq!(rows(&mut graph, &chain(990)), ["991"]);
    let error = ask(&mut graph, &chain(5_000), Limits::default()).unwrap_err();
    assert_eq!(error.detail(), "PlanLimit");
    let pattern = format!("MATCH (){} RETURN 1", "--()".repeat(20_000));
    assert!(ask(&mut graph, &pattern, Limits::default()).is_err());
    let unions = format!("RETURN 1 AS x{}", " UNION RETURN 1 AS x".repeat(200));
    assert_eq!(rows(&mut graph, &unions), ["1"]);
    let many = format!("RETURN 1 AS x{}", " UNION ALL RETURN 1 AS x".repeat(20_000));
    assert!(ask(&mut graph, &many, Limits::default()).is_err());
}

#[test]
fn profile_counts_rows() {
    let summary = ask(&mut small(), "PROFILE MATCH (x:N) RETURN x", Limits::default()).unwrap().1;
    assert_eq!(summary.plan.unwrap().rows, Some(4));
}
