//! Clauses and statements.

use super::{check_mistake, check_statement};

#[test]
fn columns_are_named_as_written() {
    check_statement(
        "RETURN  n.name , cOuNt( * )  ,1+ 2 AS x;",
        "return n.name «n.name», count(*) «cOuNt( * )», (1 Add 2) as x",
    );
    check_statement("RETURN (1 + 2)", "return (1 Add 2) «(1 + 2)»");
    check_statement(
        "MATCH (n) WITH DISTINCT *, n.a AS a ORDER BY a DESC, n.b SKIP 1 LIMIT $l WHERE a > 1 RETURN *",
        "match (n); with distinct *, n.a as a order a desc, n.b skip 1 limit $l where (a Greater 1); return *",
    );
}

#[test]
fn clauses_that_write_are_read() {
    check_statement("CREATE (a:A $p)-[:T]->(b)", "create (a:A $p)-[:T]->(b)");
    check_statement(
        "MERGE (a:A {k: 1}) ON CREATE SET a.n = 1, a:B ON MATCH SET a += {m: 2}",
        "merge (a:A {k: 1}) create[a.n = 1, a:B] match[a += {m: 2}]",
    );
    check_statement(
        "MATCH (a) SET a = {}, (a).x = 1, a.b.c = 2, a:X:Y",
        "match (a); set a = {}, a.x = 1, a.b.c = 2, a:X:Y",
    );
    check_statement("MATCH (a) REMOVE a.x, a:X:Y", "match (a); remove a.x, a:X:Y");
    check_statement("MATCH (a) DETACH DELETE a, b[0]", "match (a); detach delete a, b[0]");
    check_statement(
        "FOREACH (x IN [1, 2] | CREATE (:A {v: x}) FOREACH (y IN x | SET y.a = 1))",
        "foreach(x in [1, 2] | create (:A {v: x}); foreach(y in x | set y.a = 1))",
    );
}

#[test]
fn calls_and_subqueries_are_read() {
    check_statement("CALL db.labels", "call db.labels");
    check_statement("CALL db.labels() YIELD *", "call db.labels() yield *");
    check_statement(
        "OPTIONAL CALL a.b(1, $x) YIELD c AS d, e WHERE d > 1 RETURN d",
        "optional call a.b(1, $x) yield c as d, e where (d Greater 1); return d «d»",
    );
    check_statement("CALL a() YIELD - RETURN 1 AS x", "call a() yield ; return 1 as x");
    check_statement("CALL { WITH a RETURN a AS b } FINISH", "call{with a «a»; return a as b}; finish");
    check_statement("CALL (x, y) { SET x.a = y } FINISH", "call(x, y){set x.a = y}; finish");
    check_statement(
        "OPTIONAL CALL (*) { RETURN 1 AS a } RETURN a",
        "optional call(*){return 1 as a}; return a «a»",
    );
    check_statement("CALL () { CREATE () } IN TRANSACTIONS OF 100 ROWS", "call(){create ()}");
    check_statement(
        "UNWIND [1] AS x RETURN x UNION ALL RETURN 1 AS x",
        "unwind [1] as x; return x «x» union all return 1 as x",
    );
}

#[test]
fn commands_on_indexes_are_read() {
    check_statement(
        "CREATE INDEX FOR (n:L) ON (n.p, n.q)",
        "create relationships=false unique=false L(p, q)",
    );
    check_statement(
        "CREATE RANGE INDEX i IF NOT EXISTS FOR ()-[r:T]-() ON (r.p) OPTIONS {a: 1}",
        "create i tolerant relationships=true unique=false T(p)",
    );
    check_statement(
        "CREATE FULLTEXT INDEX f FOR (n:A|B) ON EACH [n.p]",
        "create f relationships=false unique=false A|B(p)",
    );
    check_statement(
        "CREATE LOOKUP INDEX f FOR (n) ON EACH labels(n)",
        "create f relationships=false unique=false ()",
    );
    check_statement(
        "CREATE INDEX IF NOT EXISTS FOR (n:L) ON (n.p)",
        "create tolerant relationships=false unique=false L(p)",
    );
    check_statement("CREATE INDEX ON :L(p)", "create relationships=false unique=false L(p)");
    check_statement(
        "CREATE CONSTRAINT c IF NOT EXISTS FOR (n:L) REQUIRE n.p IS UNIQUE",
        "create c tolerant relationships=false unique=true L(p)",
    );
    check_statement(
        "CREATE CONSTRAINT ON (n:L) ASSERT (n.p, n.q) IS UNIQUE",
        "create relationships=false unique=true L(p, q)",
    );
    check_statement("DROP INDEX i IF EXISTS", "drop constraint=false i tolerant");
    check_statement("DROP CONSTRAINT c", "drop constraint=true c");
}

#[test]
fn statements_have_modes_and_can_show() {
    check_statement("explain MATCH (n) RETURN n", "Explain match (n); return n «n»");
    check_statement("PROFILE RETURN 1 AS x", "Profile return 1 as x");
    check_statement("SHOW ALL PROCEDURES", "show PROCEDURES");
    check_statement(
        "SHOW INDEXES YIELD name, state AS s WHERE s = 'ONLINE' RETURN name ORDER BY name",
        "show INDEXES yield name, state as s where (s Equal \"ONLINE\") return name «name» order name",
    );
    check_statement(
        "SHOW FUNCTIONS YIELD * ORDER BY name LIMIT 3",
        "show FUNCTIONS yield * return * order name limit 3",
    );
}

#[test]
fn what_is_not_supported_says_so() {
    check_mistake("USE g MATCH (n) RETURN n", "UnexpectedSyntax", "USE", "one graph");
    check_mistake("LOAD CSV FROM 'x' AS row RETURN row", "UnexpectedSyntax", "LOAD", "no files");
    check_mistake("CREATE CONSTRAINT FOR (n:L) REQUIRE n.p IS NOT NULL", "UnexpectedSyntax", "NOT", "schema");
    check_mistake(
        "CALL { CREATE () } IN TRANSACTIONS ON ERROR CONTINUE",
        "UnexpectedSyntax",
        "ON",
        "one transaction",
    );
    check_mistake("CALL a() YIELD * RETURN b", "UnexpectedSyntax", "CALL a() YIELD *", "whole query");
    check_mistake("RETURN 1 AS a MATCH (n) RETURN n", "UnexpectedSyntax", "MATCH", "WITH");
}
