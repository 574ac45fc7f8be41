//! What is refused and what is not, beyond the conformance scenarios.

use super::{Checked, Context, check};
use crate::error::{Class, Error, Result};
use crate::procedure::{Field, Procedure, Procedures, Rows, Signature};
use crate::scene::{Parameters, Scene};
use crate::syntax::parse;
use crate::value::{SmolStr, Value};
use std::sync::Arc;

struct Declared(Signature);

impl Procedure for Declared {
    fn signature(&self) -> &Signature {
        &self.0
    }
    fn call<'a>(&'a self, _: &Scene<'a>, _: Vec<Value>) -> Result<Rows<'a>> {
        Ok(Box::new(std::iter::empty()))
    }
}

fn field(name: &str, kind: &str, default: Option<Value>) -> Field {
    Field { name: SmolStr::new(name), kind: SmolStr::new(kind), default }
}

fn procedures() -> Procedures {
    let mut procedures = Procedures::default();
    procedures.add(Arc::new(Declared(Signature {
        name: "cmdb.dependents".into(),
        inputs: vec![field("start", "NODE", None), field("options", "MAP?", Some(Value::map([])))],
        outputs: vec![field("node", "NODE", None), field("depth", "INTEGER", None)],
        description: "".into(),
    })));
    procedures
}

fn judged(text: &str, read_only: bool) -> Result<Checked> {
    let parameters: Parameters = [("name".into(), Value::Integer(1))].into();
    let context = Context { procedures: &procedures(), parameters: Some(&parameters), read_only };
    check(&parse(text)?, &context)
}

fn refusal(text: &str) -> Error {
    judged(text, false).expect_err(text)
}

#[track_caller]
fn refused(detail: &str, text: &str) {
    let error = refusal(text);
    assert_eq!(error.detail(), detail, "{text}: {error}");
    let span = error.span().unwrap_or_else(|| panic!("no place: {text}: {error}"));
    assert!(span.start < span.end && span.end as usize <= text.len(), "{text}: {span:?}");
}

#[track_caller]
fn accepted(text: &str) -> Checked {
    judged(text, false).unwrap_or_else(|error| panic!("{text}: {} {error}", error.detail()))
}

#[test]
fn a_mistyped_variable_is_pointed_at_and_the_nearest_one_offered() {
    let text = "MATCH (server:Server) RETURN servr.name";
    let error = refusal(text);
    assert_eq!(error.message(), "variable `servr` is not defined");
    assert_eq!(error.hint_text(), Some("did you mean `server`?"));
    let span = error.span().unwrap();
    assert_eq!(&text[span.start as usize..span.end as usize], "servr");
}

#[test]
fn mistyped_functions_procedures_columns_and_parameters_get_the_nearest_name() {
    let offered = |text: &str| refusal(text).hint_text().map(str::to_owned);
    assert_eq!(offered("RETURN toUper('a')").as_deref(), Some("did you mean `toUpper`?"));
    assert_eq!(offered("CALL cmdb.dependends()").as_deref(), Some("did you mean `cmdb.dependents`?"));
    assert_eq!(offered("RETURN $nam").as_deref(), Some("did you mean `$name`?"));
    let text = "MATCH (n) CALL cmdb.dependents(n) YIELD dept RETURN dept";
    assert_eq!(offered(text).as_deref(), Some("did you mean `depth`?"));
    assert_eq!(refusal("RETURN $nam").class(), Class::ParameterMissing);
}

#[test]
fn columns_come_as_written_and_those_of_star_by_name() {
    assert_eq!(accepted("MATCH (b)-[a]->(c) RETURN *").columns, ["a", "b", "c"]);
    assert_eq!(accepted("MATCH (n) RETURN n.name, count( * ) AS c").columns, ["n.name", "c"]);
    assert_eq!(accepted("MATCH (n) CALL cmdb.dependents(n) YIELD node RETURN node").columns, ["node"]);
    assert!(accepted("CREATE (n)").columns.is_empty());
}

#[test]
fn writing_is_noticed_at_any_depth_and_refused_where_only_reading_is_allowed() {
    for text in [
        "CREATE (n)",
        "MATCH (n) FOREACH (x IN [1] | SET n.x = x)",
        "MATCH (n) CALL (n) { SET n.x = 1 } RETURN n",
        "RETURN 1 AS a UNION MATCH (n) DELETE n RETURN 1 AS a",
        "CREATE INDEX FOR (n:Server) ON (n.name)",
    ] {
        assert!(accepted(text).writes, "{text}");
        assert_eq!(judged(text, true).unwrap_err().class(), Class::Denied, "{text}");
    }
    assert!(!accepted("MATCH (n) RETURN n").writes);
    assert!(judged("MATCH (n) RETURN n", true).is_ok());
}

#[test]
fn variables_of_a_repeated_group_are_lists_outside_it() {
    accepted(
        "MATCH (a) ((x)-[r:R]->(y) WHERE x.v < y.v){1,5} (b) RETURN size(x), [n IN y | n.name], size(r)",
    );
    accepted("MATCH p = (a)-[r:R]->{1,3}(b) RETURN [x IN r | type(x)], nodes(p)[0].name");
    accepted("MATCH (a)-[r:R WHERE r.w > 1]->+(b) RETURN size(r)");
    refused("InvalidArgumentType", "MATCH (a) ((x)-[r:R]->(y)){1,5} (b) RETURN x.name");
    refused("VariableAlreadyBound", "MATCH (a) ((a)-[r:R]->(y)){1,5} (b) RETURN a");
    refused("VariableTypeConflict", "MATCH (a) ((x)-[r:R]->(y)){1,5} (b) MATCH (x) RETURN x");
}

#[test]
fn called_subqueries_see_what_they_import_and_add_what_they_return() {
    accepted("MATCH (a) CALL (a) { MATCH (a)-->(b) RETURN b } RETURN a, b");
    accepted("MATCH (a), (c) CALL (*) { MATCH (a)-->(b)-->(c) RETURN count(b) AS n } RETURN a, n");
    accepted("MATCH (a) CALL { WITH a MATCH (a)-->(b) RETURN b } RETURN b");
    accepted("MATCH (a) CALL (a) { WITH 1 AS one MATCH (a)-->(b) RETURN b, one } RETURN b, one");
    accepted("MATCH (a) CALL { WITH a RETURN a.x AS v UNION WITH a RETURN a.y AS v } RETURN v");
    accepted("UNWIND [1, 2] AS i CALL (i) { CREATE (:N {i: i}) } RETURN i");
    accepted("UNWIND [1, 2] AS i CALL (i) { MERGE (:N {i: i}) }");
    refused("UndefinedVariable", "MATCH (a), (c) CALL (a) { MATCH (b {v: c.v}) RETURN b } RETURN b");
    refused("UndefinedVariable", "MATCH (a) CALL { MATCH (b {v: a.v}) RETURN b } RETURN b");
    refused("UndefinedVariable", "CALL (a) { RETURN 1 AS x } RETURN x");
    refused("VariableAlreadyBound", "MATCH (a) CALL (a) { MATCH (b) RETURN b AS a } RETURN a");
    refused("VariableAlreadyBound", "MATCH (a) CALL (a) { WITH 1 AS a RETURN a AS x } RETURN x");
    refused("NoExpressionAlias", "MATCH (a) CALL (a) { RETURN a.name } RETURN 1");
    refused("InvalidClauseComposition", "MATCH (a) CALL (a) { RETURN a.name AS n }");
    refused("InvalidClauseComposition", "MATCH (a) CALL (a) { MATCH (b) } RETURN a");
}

#[test]
fn subqueries_in_expressions_see_everything_bind_nothing_anew_and_only_read() {
    accepted("MATCH (a) WHERE EXISTS { (a)-->(b) WHERE b.v = a.v } RETURN a");
    accepted("MATCH (a) RETURN COUNT { MATCH (a)-->(b) RETURN b } AS n");
    accepted("MATCH (a) RETURN COLLECT { MATCH (a)-->(b) RETURN b.name ORDER BY b.name LIMIT 3 } AS names");
    accepted("MATCH (a) WHERE EXISTS { MATCH (a)-->(b) WITH b MATCH (b)-->(a) RETURN b } RETURN a");
    refused("UndefinedVariable", "MATCH (a) WHERE EXISTS { (a)-->(b) } RETURN b");
    refused("VariableAlreadyBound", "MATCH (a) WHERE EXISTS { WITH 1 AS a RETURN a } RETURN a");
    refused("VariableAlreadyBound", "MATCH (a) WHERE EXISTS { UNWIND [1] AS a RETURN a } RETURN a");
    refused("InvalidNumberOfColumns", "MATCH (a) RETURN COLLECT { MATCH (a)-->(b) RETURN a, b } AS x");
    refused("InvalidClauseComposition", "MATCH (a) RETURN COLLECT { MATCH (a)-->(b) } AS x");
    refused("InvalidClauseComposition", "MATCH (a) RETURN COUNT { CREATE (b) RETURN b } AS x");
    refused("InvalidClauseComposition", "MATCH (a) RETURN COUNT { CALL (a) { SET a.x = 1 } RETURN a } AS x");
}

#[test]
fn aggregates_in_subqueries_do_not_group_the_query_around_them() {
    accepted("MATCH (a) RETURN a.x + COUNT { MATCH (a)-->(b) RETURN count(b) } ORDER BY a.y");
}

#[test]
fn beside_an_aggregate_only_groups_and_constants_may_stand() {
    accepted("MATCH (a)-->(b) RETURN a, a.x + count(b)");
    accepted("MATCH (a)-->(b) RETURN a.x, {x: a.x, all: collect(b.y)} AS m");
    accepted("MATCH (a)-->(b) RETURN $name + count(b) - 1");
    accepted("MATCH (a)-->(b) RETURN [x IN collect(b) WHERE x.v > 1 | x.name]");
    accepted("MATCH (a)-->(b) RETURN a, size([(a)-->(c) | c]) + count(b)");
    refused("AmbiguousAggregationExpression", "MATCH (a)-->(b) RETURN [x IN collect(b) | x.v + a.v]");
    refused("AmbiguousAggregationExpression", "MATCH (a)-->(b) RETURN COUNT { (a)-->() } + count(b)");
    refused("AmbiguousAggregationExpression", "MATCH (a)-->(b) RETURN a.x, a.y + count(b)");
    refused("NestedAggregation", "MATCH (a) RETURN sum(a.x + count(a))");
    refused("InvalidAggregation", "MATCH (a) SET a.x = count(a)");
    refused("InvalidAggregation", "UNWIND collect(1) AS x RETURN x");
}

#[test]
fn order_by_sees_the_old_variables_unless_rows_were_joined() {
    accepted("MATCH (a) RETURN a.name AS n ORDER BY a.age, n");
    accepted("MATCH (a) RETURN DISTINCT a.name ORDER BY a.name");
    accepted("MATCH (a) RETURN DISTINCT a ORDER BY a.age");
    accepted("MATCH (a)-->(b) RETURN a.name AS n, count(b) AS c ORDER BY a.name, c, count(b) + 1");
    accepted("MATCH (a)-->(b) RETURN a AS x, count(b) AS c ORDER BY a.name");
    accepted("MATCH (a) WITH DISTINCT a.name AS n WHERE a.name = 'x' RETURN n");
    accepted("MATCH (a) WITH a.name AS n, count(*) AS c WHERE count(*) > 1 AND a.name = 'x' RETURN n, c");
    refused("UndefinedVariable", "MATCH (a)-->(b) RETURN a.name, count(b) AS c ORDER BY b.name");
    refused("UndefinedVariable", "MATCH (a) WITH a.x AS x, count(*) AS c WHERE a.y > 1 RETURN x");
}

#[test]
fn patterns_stand_only_where_their_truth_is_asked() {
    accepted("MATCH (a) WHERE NOT (a)-->() AND (a)<--() RETURN a");
    accepted("MATCH (a) RETURN [x IN [a] WHERE (x)-->()], CASE WHEN (a)-->() THEN 1 ELSE 2 END");
    accepted("MATCH (a) RETURN exists((a)-->()) AS e, EXISTS { (a)-->() } AS f");
    refused("UnexpectedSyntax", "MATCH (a) SET a.x = (a)-->()");
    refused("UnexpectedSyntax", "MATCH (a) RETURN [(a)-->()]");
    refused("UndefinedVariable", "MATCH (a) WHERE (a)-->(b) RETURN a");
}

#[test]
fn a_pattern_passes_no_relationship_twice() {
    refused("RelationshipUniquenessViolation", "MATCH (a)-[r]->(b)-[r]->(c) RETURN r");
    refused("RelationshipUniquenessViolation", "MATCH (a)-[r*]->(b), (c)-[r*]->(d) RETURN r");
    accepted("MATCH (a)-[r]->(b) MATCH (c)-[r]->(d) RETURN r");
    accepted("MATCH ()-[r]->()-[s]->() WITH [r, s] AS rs MATCH (a)-[rs*]->(b) RETURN a");
    refused("VariableTypeConflict", "WITH [1] AS rs MATCH (a)-[rs*]->(b) RETURN a");
}

#[test]
fn shortest_paths_run_over_one_relationship_from_known_ends() {
    accepted("MATCH (a), (b) RETURN shortestPath((a)-[*..9]-(b)) AS p");
    accepted("MATCH p = shortestPath((a)-[:R*]->(b)) RETURN length(p)");
    accepted("MATCH p = ANY SHORTEST (a)-[:R]->+(b) RETURN p");
    refused("UnexpectedSyntax", "MATCH p = shortestPath((a)-[*]->(b)-[*]->(c)) RETURN p");
    refused("InvalidShortestPath", "MATCH p = shortestPath((a)-[*2..]->(b)) RETURN p");
    refused("UndefinedVariable", "MATCH (a) RETURN shortestPath((a)-[*]-(b)) AS p");
}

#[test]
fn clauses_follow_each_other_in_order() {
    accepted("CREATE (a) WITH * MATCH (b) RETURN a, b");
    accepted("MATCH (a) CREATE (b) FINISH");
    refused("InvalidClauseComposition", "CREATE (a) MATCH (b) RETURN b");
    refused("InvalidClauseComposition", "MATCH (a)");
    refused("InvalidClauseComposition", "MATCH (a) WITH a");
    refused("InvalidClauseComposition", "UNWIND [1] AS x");
    refused("UnexpectedSyntax", "MATCH (n) RETURN n MATCH (m) RETURN m");
    refused("InvalidClauseComposition", "MATCH (n) CALL cmdb.dependents(n) YIELD node");
    refused("UnexpectedSyntax", "MATCH (n) FOREACH (x IN [1] | MATCH (m))");
}

#[test]
fn foreach_keeps_its_variable_to_itself() {
    accepted("MATCH p = (a)-->(b) FOREACH (n IN nodes(p) | SET n.seen = true)");
    accepted(
        "MATCH (a) FOREACH (x IN CASE WHEN a.v > 1 THEN [1] ELSE [] END | CREATE (a)-[:R]->(:N {x: x}))",
    );
    refused("UndefinedVariable", "FOREACH (x IN [1] | CREATE (:N {x: x})) WITH x RETURN x");
    refused("InvalidArgumentType", "FOREACH (x IN 1 | CREATE (:N {x: x}))");
}

#[test]
fn map_projections_need_something_with_properties() {
    accepted("MATCH (n)-[r]->() RETURN n {.name, .*, age: n.age + 1, r} AS m");
    refused("UndefinedVariable", "MATCH (n) RETURN n {.name, m}");
    refused("UndefinedVariable", "MATCH (n) RETURN m {.name}");
    refused("InvalidArgumentType", "MATCH p = (n)-->() RETURN p {.name}");
}

#[test]
fn shown_things_can_be_picked_and_filtered() {
    assert_eq!(accepted("SHOW PROCEDURES YIELD name, mode AS m WHERE m = 'READ'").columns, ["name", "m"]);
    assert_eq!(accepted("SHOW FUNCTIONS YIELD name RETURN count(*) AS n").columns, ["n"]);
    refused("UndefinedVariable", "SHOW PROCEDURES YIELD nam");
    refused("UndefinedVariable", "SHOW INDEXES YIELD name WHERE state = 'ONLINE'");
}

#[test]
fn what_is_not_certain_is_left_to_runtime() {
    for text in [
        "WITH $name AS x RETURN x.a, x[0], x AND true, -x, size(x), labels(x)",
        "UNWIND $name AS x MATCH (x) RETURN x",
        "MATCH (a) WITH [a, 1] AS list RETURN labels(list[1])",
        "WITH null AS n OPTIONAL MATCH (n)-->(m) RETURN n.x, m",
        "MATCH (a) WITH head(collect(a)) AS a MATCH (a)-->(b) RETURN b",
        "MATCH (a) WITH coalesce(a.list, [1]) AS l RETURN l[0], 1 IN l",
        "MATCH (a) SET a.x = {deep: [1]} RETURN a",
        "WITH {a: {b: 1}} AS m RETURN m.a.b, m['a']",
        "MATCH (a) RETURN CASE WHEN a.x THEN 1 ELSE 'one' END + 1",
        "RETURN reduce(s = 0, x IN [1, 2] | s + x) + 1",
        "MATCH (a) WITH a, 1 AS x RETURN [x IN [[1]] | x[0]] AS y",
        "MATCH (a) DELETE a.other, [a][0]",
    ] {
        accepted(text);
    }
}

#[test]
fn arguments_of_procedures_fit_their_signature() {
    accepted("MATCH (n) CALL cmdb.dependents(n, {depth: 3}) YIELD node, depth WHERE depth > 1 RETURN node");
    accepted("MATCH (n) CALL cmdb.dependents(n) YIELD node AS m RETURN m.name");
    refused("InvalidArgumentType", "CALL cmdb.dependents(1) YIELD node RETURN node");
    refused("InvalidNumberOfArguments", "CALL cmdb.dependents() YIELD node RETURN node");
    refused("InvalidArgumentPassingMode", "MATCH (n) CALL cmdb.dependents YIELD node RETURN node");
    refused("MissingParameter", "CALL cmdb.dependents");
    refused("UnexpectedSyntax", "MATCH (n) CALL cmdb.dependents(n) YIELD * RETURN node");
    refused("VariableAlreadyBound", "MATCH (node) CALL cmdb.dependents(node) YIELD node RETURN node");
}

#[test]
fn a_variable_lost_to_distinct_is_named_as_such() {
    let error = refusal("MATCH (n) RETURN DISTINCT n.x ORDER BY n.y");
    assert_eq!(error.message(), "variable `n` cannot be named once rows are joined");
}

#[test]
fn a_text_of_many_variables_in_many_scopes_is_refused_before_it_takes_long() {
    let variables: Vec<String> = (0..4_000).map(|n| format!("1 AS v{n}")).collect();
    let text = format!("WITH {} {}RETURN 1", variables.join(", "), "WITH * ".repeat(20_000));
    let error = refusal(&text);
    assert_eq!((error.class(), error.detail()), (Class::LimitExceeded, "QueryTooLarge"));
    accepted(&format!("WITH {} {}RETURN 1 AS one", variables.join(", "), "WITH * ".repeat(100)));
}
