//! Queries of death: each is stopped at a limit that is named, soon after it was passed, while another client's quick
//! questions are answered.

use crate::server::Server;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Servers that all depend on each other, K1 to K30, and others beside them.
const KNOT: u64 = 30;
const OTHERS: u64 = 1_000;
/// Each of those that pass it would go on for seconds at the least, on this machine or a faster one.
const TIMEOUT_MS: u64 = 150;
/// How long after its deadline a query may end on a machine that does other things as well.
const LATE: Duration = Duration::from_millis(1_500);
/// How long a quick question may take in the middle of them meanwhile.
const QUICK: Duration = Duration::from_millis(250);

const DEADLINE: &str = "Deadline";
const MEMORY: &str = "MemoryLimit";
const ROWS: &str = "RowLimit";
const STEPS: &str = "StepLimit";
const LIST: &str = "ListLength";
const TEXT: &str = "TextLength";
const REGEX: &str = "RegexWork";
const NESTING: &str = "NestingDepth";

/// The limit that stops it, and the query.
const READING: &[(&str, &str)] = &[
    // Trails: their number is more than exponential in a knot.
    (DEADLINE, "MATCH p = (a:Server)-[:DEPENDS_ON*]->(b) RETURN count(p)"),
    (DEADLINE, "MATCH p = (a)-[*]-(b) RETURN max(length(p))"),
    (DEADLINE, "MATCH (a:Server)-[r:DEPENDS_ON*10..20]->(b) RETURN count(r)"),
    (DEADLINE, "MATCH (a:Server {name: 'K1'})-[r:DEPENDS_ON]->{5,}(b) RETURN count(r)"),
    (DEADLINE, "MATCH (a {name: 'K1'})((x)-[:DEPENDS_ON]->(y)){3,9}(b) RETURN count(*)"),
    (DEADLINE, "MATCH (a)((x)-[:DEPENDS_ON]->(y) WHERE x.name <> y.name)+(b) RETURN count(*)"),
    (DEADLINE, "MATCH (a)-->(b)-->(c)-->(d)-->(e)-->(f)-->(g) RETURN count(*)"),
    (DEADLINE, "MATCH (a)--(b)--(c)--(d)--(e)--(f) WHERE a.name + f.name = 'x' RETURN a, f"),
    (DEADLINE, "MATCH (a)-[:DEPENDS_ON*5]->(b) OPTIONAL MATCH (b)-[:DEPENDS_ON*5]->(c) RETURN count(*)"),
    (
        DEADLINE,
        "MATCH (a {name: 'K1'})-[r:DEPENDS_ON*]->(b {name: 'no such'}) RETURN r UNION MATCH (a)-[r*]->(b) WHERE b.name = 'none' RETURN r",
    ),
    (
        DEADLINE,
        "MATCH (a:Server) WHERE NOT EXISTS { MATCH (a)-[r*12]->(b) WHERE size(r) = 13 } RETURN count(a)",
    ),
    (DEADLINE, "MATCH (a:Server) RETURN sum(COUNT { (a)-[:DEPENDS_ON*..9]->(x) })"),
    (DEADLINE, "MATCH (a:Server {name: 'K1'}) RETURN size([(a)-[r*]->(b) WHERE b.name = 'none' | b.name])"),
    (MEMORY, "MATCH p = (a:Server)-[:DEPENDS_ON*1..6]->(b) RETURN collect(p)"),
    (MEMORY, "MATCH (a:Server {name: 'K1'}) RETURN COLLECT { MATCH (a)-[r*]->(b) RETURN r }"),
    // Shortest paths where the shortest will not do, or too many are wanted.
    (
        MEMORY,
        "MATCH p = shortestPath((a:Server {name: 'K1'})-[:DEPENDS_ON*]->(b:Server {name: 'K2'})) WHERE length(p) > 800 RETURN p",
    ),
    (
        MEMORY,
        "MATCH p = SHORTEST 100000000 (a:Server {name: 'K1'})-[:DEPENDS_ON]->*(b:Server {name: 'K2'}) RETURN count(p)",
    ),
    (
        MEMORY,
        "MATCH p = SHORTEST 25 GROUPS (a:Server {name: 'K1'})-[:DEPENDS_ON]->*(b:Server {name: 'K2'}) RETURN count(p)",
    ),
    (
        DEADLINE,
        "MATCH p = ANY SHORTEST (a:Server {name: 'K1'})((x)-[:DEPENDS_ON]->(y)){12,}(b:Server {name: 'none'}) RETURN p",
    ),
    (
        DEADLINE,
        "MATCH (a:Server), (b:Server), (c:Server), (d:Server), p = shortestPath((a)-[*]-(b)) RETURN count(p)",
    ),
    // Products.
    (DEADLINE, "MATCH (a), (b), (c), (d) RETURN max(a.name + d.name)"),
    (
        DEADLINE,
        "MATCH (a), (b), (c), (d), (e) WHERE a.name + b.name = c.name + d.name + e.name RETURN count(*)",
    ),
    (
        DEADLINE,
        "MATCH (a:Server) OPTIONAL MATCH (b:Server) WHERE b.name > a.name OPTIONAL MATCH (c:Server) WHERE c.name > b.name RETURN count(c)",
    ),
    (DEADLINE, "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b RETURN count(*)"),
    (
        DEADLINE,
        "UNWIND range(1, 100000) AS i CALL (i) { UNWIND range(1, 100000) AS j RETURN max(i + j) AS m } RETURN sum(m)",
    ),
    (
        DEADLINE,
        "UNWIND range(1, 100000) AS i MATCH (n) WHERE n.name = 'none' + toString(i) OR n.name CONTAINS toString(i) RETURN max(i)",
    ),
    (
        DEADLINE,
        "UNWIND range(1, 100000) AS i UNWIND range(1, 100000) AS j OPTIONAL MATCH (n:Printer) RETURN count(n)",
    ),
    // Work inside one expression.
    (
        DEADLINE,
        "RETURN reduce(s = 0, i IN range(1, 100000) | s + reduce(t = 0, j IN range(1, 100000) | t + j % 2)) AS s",
    ),
    (DEADLINE, "RETURN all(x IN range(1, 100000) WHERE none(y IN range(1, 100000) WHERE x * y < 0)) AS all"),
    (
        DEADLINE,
        "RETURN size([x IN range(1, 100000) WHERE single(y IN range(1, 100000) WHERE y = x + 100000)]) AS n",
    ),
    (
        DEADLINE,
        "UNWIND range(1, 1000000) AS n UNWIND range(1, 1000) AS m WITH n + m AS s WHERE toString(s) =~ '(a*)*(b|c+)*d' RETURN count(s)",
    ),
    (
        DEADLINE,
        "UNWIND range(1, 1000000) AS n WITH n WHERE 'aaaa' =~ '((a{1,20}){1,20}){1,' + toString(n % 20 + 1) + '}b' RETURN count(n)",
    ),
    (
        REGEX,
        "WITH reduce(t = 'ab', i IN range(1, 14) | t + t) AS t RETURN t =~ '(a|b)*a(a|b){2000}[ab]*a(a|b){2000}'",
    ),
    (
        DEADLINE,
        "WITH reduce(t = 'ab', i IN range(1, 10) | t + t + 'a') AS t UNWIND range(1, 100000) AS m UNWIND range(1, 100000) AS n RETURN max(t + toString(n) =~ '(a|b)*a(a|b){100}[ab]*a(a|b){100}')",
    ),
    (
        DEADLINE,
        "WITH reduce(t = 'a', i IN range(1, 22) | t + t) AS t UNWIND range(1, 100000) AS n WITH n, t WHERE t CONTAINS t + toString(n) OR replace(t, 'a', 'b') = t RETURN count(n)",
    ),
    (DEADLINE, "UNWIND range(1, 100000) AS n RETURN max(size(split(lpad('', 100000, ','), ',')) + n)"),
    // Lists, texts and maps.
    (LIST, "RETURN range(1, 9000000000)"),
    (MEMORY, "RETURN size([x IN range(1, 40000000) | toString(x)])"),
    (MEMORY, "RETURN reduce(l = [1], i IN range(1, 60) | l + l)"),
    (MEMORY, "RETURN [i IN range(1, 10000) | range(1, 10000)]"),
    (MEMORY, "UNWIND range(1, 40000000) AS x RETURN collect({n: x, text: toString(x)})"),
    (NESTING, "RETURN reduce(l = [], i IN range(1, 1000) | [l])"),
    (NESTING, "RETURN reduce(m = {}, i IN range(1, 1000) | {m: m})"),
    (TEXT, "RETURN lpad('x', 2000000000, 'y')"),
    (MEMORY, "RETURN reduce(t = 'x', i IN range(1, 60) | t + t)"),
    (MEMORY, "WITH lpad('', 1000000, 'x') AS t RETURN replace(t, 'x', t)"),
    // What must be kept to be answered.
    (MEMORY, "UNWIND range(1, 10000000) AS n RETURN n ORDER BY -n"),
    (MEMORY, "UNWIND range(1, 10000000) AS n RETURN DISTINCT n % 9999991"),
    (MEMORY, "UNWIND range(1, 10000000) AS n RETURN n % 9999991, count(*)"),
    (MEMORY, "UNWIND range(1, 10000000) AS n RETURN percentileCont(n, 0.5)"),
    (MEMORY, "MATCH (a), (b) RETURN count(DISTINCT a.name + b.name)"),
    (MEMORY, "MATCH (a), (b) RETURN collect([a, b])"),
    (MEMORY, "UNWIND range(1, 10000000) AS n RETURN n UNION UNWIND range(1, 10000000) AS n RETURN -n AS n"),
    // Procedures, also for each of many rows.
    (MEMORY, "CALL cmdb.path.expand('K1', {uniqueness: 'NONE', maxLevel: 40})"),
    (DEADLINE, "MATCH (a:Server), (b:Server), (c:Server) CALL cmdb.impact(b) YIELD node RETURN count(node)"),
    (
        DEADLINE,
        "MATCH (a:Server), (b:Server), (c:Server) CALL cmdb.dependents([a, b]) YIELD node RETURN count(node)",
    ),
    (DEADLINE, "UNWIND range(1, 1000000) AS i CALL cmdb.ranking({limit: 1}) YIELD node RETURN count(*)"),
    // What is asked for is bounded as well.
    (ROWS, "UNWIND range(1, 1000000) AS n RETURN n"),
    (STEPS, "MATCH (a)-[*]-(b) RETURN count(*)"),
];

const WRITING: &[(&str, &str)] = &[
    (DEADLINE, "UNWIND range(1, 10000000) AS n MERGE (:Server {name: 'm' + toString(n)})"),
    (DEADLINE, "MATCH (a:Server), (b:Server) MERGE (a)-[:USES]->(b)"),
    (DEADLINE, "MATCH (a:Server), (b:Server), (c:Server) SET a.description = b.name + c.name"),
    (DEADLINE, "FOREACH (i IN range(1, 10000000) | CREATE (:Server {name: 'f' + toString(i)}))"),
    (MEMORY, "MATCH (a), (b), (c) DETACH DELETE a, b, c"),
    (
        DEADLINE,
        "UNWIND range(1, 10000000) AS n CALL (n) { CREATE (s:Server {name: 's' + toString(n)}) WITH s MATCH (s)-[*0..3]-(x) RETURN count(x) AS c } RETURN sum(c)",
    ),
    (
        DEADLINE,
        "CREATE (s:Server {name: 'one'}) WITH s MATCH (a)-[r*]->(b) WHERE size(b.name) = size(r) + 1000 RETURN count(r)",
    ),
];

fn estate() -> Server {
    let server = Server::new();
    for query in [
        format!("UNWIND range(1, {KNOT}) AS n CREATE (:Server {{name: 'K' + toString(n)}})"),
        "MATCH (a:Server), (b:Server) WHERE a <> b CREATE (a)-[:DEPENDS_ON]->(b)".to_owned(),
        format!("UNWIND range(1, {OTHERS}) AS n CREATE (:Server {{name: 'x' + toString(n)}})"),
    ] {
        server.post("/api/v1/query", json!({ "query": query })).expect(200);
    }
    server
}

fn question(limit: &str, query: &str) -> Value {
    let mut question = json!({ "query": query, "timeout_ms": TIMEOUT_MS });
    match limit {
        MEMORY => {
            question["max_memory_bytes"] = 2_000_000.into();
            question["timeout_ms"] = 20_000.into();
        }
        ROWS => question["max_rows"] = 1_000.into(),
        STEPS => question["max_steps"] = 50_000.into(),
        _ => {}
    }
    question
}

/// Asks it; how long after its deadline it ended, or what else happened.
fn stopped(server: &Server, limit: &str, query: &str) -> Result<Duration, String> {
    let started = Instant::now();
    let answer = server.post("/api/v1/query", question(limit, query));
    let took = started.elapsed();
    let text = answer.text();
    let said: Value = serde_json::from_str(&text).unwrap_or_default();
    let named = said["errors"][0]["message"].as_str().or(said["errors"][0]["detail"].as_str()).unwrap_or("");
    let shown: String = text.chars().take(400).collect();
    if answer.status != 422 || said["code"] != "query.limit" || !named.contains(limit) {
        return Err(format!("{query}\n   no {limit} after {took:?}: {shown}"));
    }
    let late = took.saturating_sub(Duration::from_millis(TIMEOUT_MS));
    if limit == DEADLINE && late > LATE {
        return Err(format!("{query}\n   ended {late:?} after its deadline"));
    }
    Ok(if limit == DEADLINE { late } else { Duration::ZERO })
}

/// Quick questions until told to stop; how long each took.
fn quick_questions(server: &Server, stop: &AtomicBool) -> Vec<Duration> {
    let mut took = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let started = Instant::now();
        let question = json!({ "query": "MATCH (s:Server {name: $name})-[:DEPENDS_ON]->(o) RETURN count(o)",
                               "parameters": { "name": "K7" } });
        let answer = server.post("/api/v1/query", question).expect(200);
        assert_eq!(answer["rows"], json!([[KNOT - 1]]));
        took.push(started.elapsed());
        std::thread::sleep(Duration::from_millis(10));
    }
    took.sort_unstable();
    took
}

fn all_stopped(server: &Server, queries: &[(&str, &str)]) {
    let stop = AtomicBool::new(false);
    let (mut wrong, mut latest) = (Vec::new(), (Duration::ZERO, ""));
    let quick = std::thread::scope(|scope| {
        let quick = scope.spawn(|| quick_questions(server, &stop));
        for (limit, query) in queries {
            match stopped(server, limit, query) {
                Ok(late) => latest = latest.max((late, query)),
                Err(e) => wrong.push(e),
            }
        }
        stop.store(true, Ordering::Relaxed);
        quick.join().unwrap()
    });
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), queries.len(), wrong.join("\n"));
    let (middle, worst) = (quick[quick.len() / 2], quick[quick.len() - 1]);
    eprintln!(
        "{} stopped, the latest {:?} after its deadline ({}); {} quick questions: half within {middle:?}, all within {worst:?}",
        queries.len(),
        latest.0,
        latest.1,
        quick.len()
    );
    assert!(middle < QUICK && quick.len() > queries.len(), "{middle:?}, {} asked", quick.len());
}

#[test]
fn queries_of_death_are_stopped_while_others_are_answered() {
    all_stopped(&estate(), READING);
}

#[test]
fn writes_of_death_are_stopped_leave_nothing_and_hold_up_no_reader() {
    let server = estate();
    let before = server.get("/api/v1/status").expect(200)["position"].clone();
    all_stopped(&server, WRITING);
    assert_eq!(server.get("/api/v1/status").expect(200)["position"], before);
    server.post("/api/v1/query", json!({ "query": "CREATE (:Server {name: 'after'})" })).expect(200);
}

#[test]
fn texts_of_death_are_refused_before_they_run() {
    let server = Server::new();
    let nested = |open: &str, close: &str| format!("RETURN {}1{}", open.repeat(5_000), close.repeat(5_000));
    for query in [
        nested("(", ")"),
        nested("[", "]"),
        nested("NOT ", ""),
        nested("- ", ""),
        nested("CASE WHEN true THEN ", " END"),
        format!("MATCH {}(a) RETURN 1", "(".repeat(5_000)),
        format!("RETURN {}", "1 + ".repeat(100_000) + "1"),
        format!("RETURN '{}'", "x".repeat(2_000_000)),
        format!("{}RETURN 1{}", "CALL { ".repeat(1_000), " }".repeat(1_000)),
        format!("MATCH (a) WHERE {} RETURN a", "EXISTS { MATCH (a) WHERE ".repeat(1_000)),
    ] {
        let started = Instant::now();
        let answer = server.post("/api/v1/query", json!({ "query": query }));
        let shown: String = query.chars().take(60).collect();
        assert!((400..500).contains(&answer.status), "{shown}: {}", answer.status);
        assert!(started.elapsed() < LATE * 2, "{shown}: {:?}", started.elapsed());
    }
}
