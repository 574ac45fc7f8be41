//! Queries over HTTP: rows, writes through the inventory's rules, limits, places of errors.

use crate::server::Server;
use axum::http::Method;
use serde_json::{Value, json};

fn ask(server: &Server, query: &str) -> Value {
    server.post("/api/v1/query", json!({ "query": query })).expect(200)
}

fn rows(server: &Server, query: &str) -> Value {
    ask(server, query)["rows"].clone()
}

#[test]
fn classes_are_labels_with_their_ancestors() {
    let server = Server::with_shop();
    assert_eq!(
        rows(&server, "MATCH (h:Hypervisor) RETURN h.name ORDER BY h.name"),
        json!([["esx1"], ["esx2"]])
    );
    let all = rows(&server, "MATCH (n:ConfigurationItem) RETURN count(*)");
    assert_eq!(all, rows(&server, "MATCH (n) RETURN count(n)"));
    assert_eq!(
        rows(
            &server,
            "MATCH (n {name: 'esx1'}) RETURN labels(n)[0], n.class, n:ConfigurationItem, n:Database"
        ),
        json!([["Hypervisor", "Hypervisor", true, false]])
    );
}

#[test]
fn relationship_types_are_written_as_in_the_catalogue_or_in_upper_snake_case() {
    let server = Server::with_shop();
    let lower =
        rows(&server, "MATCH (a)-[r:depends_on]->(b) RETURN a.name, type(r), b.name ORDER BY a.name, b.name");
    let upper =
        rows(&server, "MATCH (a)-[r:DEPENDS_ON]->(b) RETURN a.name, type(r), b.name ORDER BY a.name, b.name");
    assert_eq!(lower, upper);
    assert!(!lower.as_array().unwrap().is_empty());
    assert_eq!(lower[0][1], "depends_on");
}

#[test]
fn a_node_comes_with_its_id_class_name_and_properties() {
    let server = Server::with_shop();
    let item = server.get("/api/v1/items/db1").expect(200);
    let answer = ask(&server, "MATCH (d:Database) RETURN d, elementId(d) AS id");
    assert_eq!(answer["columns"], json!(["d", "id"]));
    let node = &answer["rows"][0][0];
    assert_eq!(
        (&node["id"], &node["class"], &node["name"]),
        (&item["id"], &"Database".into(), &"db1".into())
    );
    assert_eq!(node["properties"]["availability"], item["attributes"]["availability"]);
    assert_eq!(answer["rows"][0][1], item["id"]);
    assert_eq!(answer["position"].as_u64(), server.get("/api/v1/status").expect(200)["position"].as_u64());
}

#[test]
fn impact_is_a_procedure_with_its_chain_as_a_path() {
    let server = Server::with_shop();
    let answer = server.get("/api/v1/impact?ref=db1&limit=all").expect(200);
    let rows = rows(
        &server,
        "CALL cmdb.impact('db1') YIELD node, state, depth, path RETURN node.name, state, depth, length(path) ORDER BY depth, node.name",
    );
    let affected = answer["affected"].as_array().unwrap();
    assert_eq!(rows.as_array().unwrap().len(), affected.len());
    for row in rows.as_array().unwrap() {
        let known = affected.iter().find(|a| a["name"] == row[0]).unwrap();
        assert_eq!((&known["state"], &known["depth"]), (&row[1], &row[2]));
        assert_eq!(row[2], row[3]);
    }
}

#[test]
fn dependents_by_procedure_by_pattern_and_by_route_are_the_same() {
    let server = Server::with_shop();
    let count = server.get("/api/v1/dependents?ref=esx1&limit=0").expect(200)["count"].clone();
    let called = rows(&server, "CALL cmdb.dependents('esx1') YIELD node RETURN count(node)");
    assert_eq!(called, json!([[count]]));
}

#[test]
fn the_past_is_asked_with_at() {
    let server = Server::with_shop();
    let before = server.get("/api/v1/status").expect(200)["position"].as_u64().unwrap();
    ask(&server, "MATCH (n {name: 'esx1'}) SET n.description = 'moved'");
    let question =
        json!({ "query": "MATCH (n {name: 'esx1'}) RETURN n.description", "at": before.to_string() });
    assert_ne!(server.post("/api/v1/query", question).expect(200)["rows"], json!([["moved"]]));
    assert_eq!(rows(&server, "MATCH (n {name: 'esx1'}) RETURN n.description"), json!([["moved"]]));
    let past = json!({ "query": "MATCH (n) SET n.description = 'x'", "at": before.to_string() });
    server.post("/api/v1/query", past).problem(400, "query.at");
}

#[test]
fn a_query_writes_through_the_rules_of_the_inventory_as_one_entry() {
    let server = Server::with_shop();
    let before = server.get("/api/v1/status").expect(200)["position"].as_u64().unwrap();
    let answer = ask(
        &server,
        "CREATE (s:Server {name: 'web-77'}) WITH s MATCH (d:Database) CREATE (s)-[:DEPENDS_ON]->(d) RETURN s.name",
    );
    assert_eq!(answer["stats"]["nodes_created"], 1);
    assert_eq!(answer["stats"]["relationships_created"], 1);
    assert_eq!(answer["position"].as_u64(), Some(before + 1));
    let dependents = server.get("/api/v1/dependents?ref=db1&limit=all").expect(200);
    assert!(dependents["items"].as_array().unwrap().iter().any(|i| i["name"] == "web-77"));
    ask(
        &server,
        "MERGE (s:Server {name: 'web-77'}) ON CREATE SET s.description = 'new' ON MATCH SET s.description = 'known'",
    );
    assert_eq!(rows(&server, "MATCH (s:Server {name: 'web-77'}) RETURN s.description"), json!([["known"]]));
    ask(&server, "MATCH (s:Server {name: 'web-77'}) DETACH DELETE s");
    server.get("/api/v1/items/web-77").problem(404, "item.unknown");
}

#[test]
fn what_breaks_the_schema_is_refused_whole() {
    let server = Server::with_shop();
    let before = server.get("/api/v1/status").expect(200)["position"].clone();
    for (query, status, code) in [
        ("CREATE (:Server {name: 'a'}), (:Sevrer {name: 'b'})", 404, "class.unknown"),
        ("CREATE (:Server {name: 'a'}), (:Server {name: 'a'})", 409, "item.duplicate"),
        ("CREATE (:Server {name: 'a', nonsense: 1})", 400, "attribute.invalid"),
        ("CREATE (:Server)", 400, "attribute.invalid"),
        ("CREATE ({name: 'a'})", 409, "query.refused"),
        (
            "MATCH (d:Database), (h:Hypervisor {name: 'esx1'}) CREATE (h)-[:NO_SUCH_TYPE]->(d)",
            404,
            "relationship-type.unknown",
        ),
        ("MATCH (n {name: 'db1'}) DELETE n", 409, "query.constraint"),
        ("MATCH (n {name: 'db1'}) SET n.availability = 'high'", 400, "attribute.invalid"),
    ] {
        server.post("/api/v1/query", json!({ "query": query })).problem(status, code);
    }
    assert_eq!(server.get("/api/v1/status").expect(200)["position"], before);
    server.get("/api/v1/items/a").problem(404, "item.unknown");
}

#[test]
fn a_viewer_reads_and_does_not_write() {
    let server = Server::with_shop();
    let made = server.post("/api/v1/tokens", json!({ "role": "viewer" })).expect(201);
    let token = made["token"].as_str().unwrap();
    let send = |query: &str| {
        server.ask(Method::POST, "/api/v1/query").token(token).json(json!({ "query": query })).send()
    };
    send("MATCH (n) RETURN count(n)").expect(200);
    send("MATCH (n) SET n.description = 'x'").problem(403, "access.denied");
}

#[test]
fn limits_are_named() {
    let server = Server::with_shop();
    let send = |question: Value| server.post("/api/v1/query", question);
    let endless = "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b RETURN count(*)";
    let slow = send(json!({ "query": endless, "timeout_ms": 200 }));
    assert!(slow.text().contains("deadline"), "{}", slow.text());
    send(json!({ "query": endless, "max_steps": 100_000 })).problem(422, "query.limit");
    send(
        json!({ "query": "UNWIND range(1, 5000000) AS a RETURN collect(a)", "max_memory_bytes": 1_000_000 }),
    )
    .problem(422, "query.limit");
    send(json!({ "query": "UNWIND range(1, 1000) AS a RETURN a", "max_rows": 10 }))
        .problem(422, "query.limit");
    send(json!({ "query": "RETURN 1", "timeout_ms": 999_999_999 })).problem(422, "query.limits");
    send(json!({ "query": "MATCH (n) SET n.name = 'x'", "read_only": true })).problem(409, "query.read-only");
}

#[test]
fn an_error_names_its_place() {
    let server = Server::with_shop();
    let answer = server.post("/api/v1/query", json!({ "query": "MATCH (n)\nRETURN m.name" }));
    let text = answer.text();
    assert!(text.contains("line 2, column 8") && text.contains("UndefinedVariable"), "{text}");
}

#[test]
fn parameters_and_lines_of_json() {
    let server = Server::with_shop();
    let question = json!({
        "query": "MATCH (n) WHERE n.name IN $names RETURN n.name AS name, $more.x AS x ORDER BY name",
        "parameters": { "names": ["esx1", "db1"], "more": { "x": 1.5 } }
    });
    let answer = server
        .ask(Method::POST, "/api/v1/query")
        .header("accept", "application/x-ndjson")
        .json(question)
        .send();
    assert_eq!(answer.text(), "{\"name\":\"db1\",\"x\":1.5}\n{\"name\":\"esx1\",\"x\":1.5}\n");
    server
        .post("/api/v1/query", json!({ "query": "RETURN $missing" }))
        .problem(400, "query.parameter-missing");
}

#[test]
fn a_million_rows_stream() {
    let server = Server::with_shop();
    let text =
        server.post("/api/v1/query", json!({ "query": "UNWIND range(1, 1000000) AS n RETURN n" })).text();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["rows"].as_array().unwrap().len(), 1_000_000);
    assert_eq!(answer["rows"][999_999], json!([1_000_000]));
}

#[test]
fn a_name_that_the_schema_does_not_define_is_told_with_the_nearest_one() {
    let server = Server::with_shop();
    for (query, notice) in [
        ("MATCH (n:Databse) RETURN n", "no class is called Databse; did you mean Database?"),
        ("MATCH (n) WHERE n:Databse RETURN n", "no class is called Databse; did you mean Database?"),
        (
            "MATCH ()-[:DEPENDS_OM]->(n) RETURN n",
            "no relationship type is called DEPENDS_OM; did you mean depends_on?",
        ),
        ("MATCH (d:Database) RETURN d.nmae", "no attribute is called nmae; did you mean name?"),
    ] {
        assert_eq!(ask(&server, query)["notices"], json!([notice]), "{query}");
    }
    let rows = "UNWIND [{foo: 1}] AS row MATCH (d:Database {name: 'db1'}) RETURN row.foo, row.bar, d.name";
    assert_eq!(ask(&server, rows)["notices"], json!([]), "maps have any keys");
    let index = "CREATE INDEX IF NOT EXISTS FOR (d:Database) ON (d.version)";
    assert!(ask(&server, index)["notices"][0].as_str().is_some_and(|n| n.starts_with("no effect")));
}

#[test]
fn a_plan_comes_in_lines_too() {
    let server = Server::with_shop();
    let question = json!({ "query": "PROFILE MATCH (d:Database) RETURN d.name" });
    let asking = server.ask(Method::POST, "/api/v1/query").header("accept", "application/x-ndjson");
    let text = asking.json(question).send().text();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(last["plan"]["operator"], "Project");
    assert_eq!(last["plan"]["rows"].as_u64(), Some(text.lines().count() as u64 - 1));
}

#[test]
fn a_query_is_one_statement() {
    let server = Server::with_shop();
    let answer = server.post("/api/v1/query", json!({ "query": "RETURN 1; RETURN 2" }));
    assert!(answer.problem(400, "query.syntax")["detail"].as_str().unwrap().contains("semicolon"));
    assert_eq!(rows(&server, "RETURN 1;"), json!([[1]]));
}
