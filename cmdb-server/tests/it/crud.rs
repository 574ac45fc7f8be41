//! Creating, reading, editing and removing records.

use crate::server::Server;
use axum::http::Method;
use serde_json::{Value, json};

#[test]
fn an_item_from_first_to_last() {
    let server = Server::new();
    let answer = server.post("/api/v1/items", json!({ "class": "Server", "name": "web-01" }));
    let created = answer.expect(201);
    assert_eq!(
        (&created["name"], &created["class"], &created["version"]),
        (&"web-01".into(), &"Server".into(), &1.into())
    );
    assert_eq!(answer.header("location"), format!("/api/v1/items/{}", created["id"].as_str().unwrap()));
    assert_eq!(answer.header("etag"), "\"1\"");
    let position: u64 = answer.header("x-cmdb-position").parse().unwrap();

    for reference in ["web-01", "Server:web-01", "Server%3Aweb-01", created["id"].as_str().unwrap()] {
        assert_eq!(server.get(&format!("/api/v1/items/{reference}")).expect(200), created, "{reference}");
    }
    let patch = |version: &str, body: Value| {
        server.ask(Method::PATCH, "/api/v1/items/web-01").header("if-match", version).json(body).send()
    };
    let edited = patch("\"1\"", json!({ "name": "web-02" })).expect(200);
    assert_eq!((&edited["version"], &edited["former_names"]), (&2.into(), &json!(["web-01"])));
    let renamed = server.get("/api/v1/items/web-01").problem(404, "item.unknown");
    assert!(renamed["detail"].as_str().unwrap().contains("renamed to"), "{renamed}");

    let stale =
        server.ask(Method::PATCH, "/api/v1/items/web-02").header("if-match", "\"1\"").json(json!({})).send();
    assert_eq!((&stale.problem(412, "item.stale")["version"], stale.header("etag")), (&2.into(), "\"2\""));
    assert_eq!(server.get(&format!("/api/v1/items/web-01?at={position}")).expect(200)["version"], 1);

    let history = server.get("/api/v1/items/web-02/history").expect(200);
    assert_eq!(history["entries"].as_array().unwrap().len(), 2);
    assert_eq!(history["entries"][0]["changes"][0]["field"], "name");

    assert_eq!(server.ask(Method::DELETE, "/api/v1/items/web-02").send().status, 204);
    server.get("/api/v1/items/web-02").problem(404, "item.unknown");
    let id = created["id"].as_str().unwrap();
    assert_eq!(
        server.get(&format!("/api/v1/items/{id}/history")).expect(200)["entries"].as_array().unwrap().len(),
        3
    );
}

#[test]
fn a_relationship_from_first_to_last() {
    let server = Server::with_shop();
    let body = json!({ "type": "depends_on", "source": "db1", "target": "esx1", "attributes": { "effect": "soft" } });
    let answer = server.post("/api/v1/relationships", body.clone());
    let created = answer.expect(201);
    assert_eq!(
        (&created["source"]["name"], &created["attributes"]),
        (&"db1".into(), &json!({ "effect": "soft" }))
    );
    server.post("/api/v1/relationships", body).expect(200);
    let path = format!("/api/v1/relationships/{}", created["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), path);
    let edited = server
        .ask(Method::PATCH, &path)
        .header("if-match", "\"1\"")
        .json(json!({ "attributes": { "effect": null } }))
        .send()
        .expect(200);
    assert_eq!((&edited["version"], &edited["attributes"]), (&2.into(), &json!({})));
    let stale = server.ask(Method::DELETE, &path).header("if-match", "\"1\"").send();
    assert_eq!(stale.problem(412, "relationship.stale")["version"], 2);
    let listed = server.get("/api/v1/items/db1/relationships?direction=out").expect(200);
    assert_eq!(listed["relationships"].as_array().unwrap().len(), 2);
    let ends = "/api/v1/relationships?type=depends_on&source=db1&target=esx1";
    assert_eq!(server.get(ends).expect(200)["relationships"].as_array().unwrap().len(), 1);
    assert_eq!(server.ask(Method::DELETE, ends).send().status, 204);
    server.get(&path).problem(404, "relationship.unknown");
}

#[test]
fn what_is_depended_on_stays() {
    let server = Server::with_shop();
    let refused = server.ask(Method::DELETE, "/api/v1/items/san1").send().problem(409, "item.depended-on");
    assert_eq!(refused["errors"][0]["detail"], "Database:db1");
    assert_eq!(server.ask(Method::DELETE, "/api/v1/items/san1?cascade=true").send().status, 204);
    let audit = server.get("/api/v1/audit").expect(200);
    assert_eq!(audit["records"][0]["code"], "item.depended-on");
}

#[test]
fn a_request_said_twice_under_one_key_is_done_once() {
    let server = Server::new();
    let say = |name: &str| {
        let ask = server.ask(Method::POST, "/api/v1/items").header("idempotency-key", "k1");
        ask.json(json!({ "class": "Server", "name": name })).send()
    };
    let first = say("a").expect(201);
    // Whatever became of it meanwhile, the answer is the one that was lost on its way.
    let edit = server.ask(Method::PATCH, "/api/v1/items/a");
    edit.json(json!({ "attributes": { "description": "later" } })).send().expect(200);
    let second = say("a");
    assert_eq!(second.expect(201), first);
    assert_eq!(second.header("location"), format!("/api/v1/items/{}", first["id"].as_str().unwrap()));
    assert_eq!(server.get("/api/v1/items").expect(200)["count"], 1);
}

#[test]
fn every_kind_of_request_said_twice_gets_the_same_answer_twice() {
    let server = Server::new();
    for (path, body) in [
        ("items", json!({ "class": "Server", "name": "a" })),
        ("items", json!({ "class": "Server", "name": "b" })),
        ("relationships", json!({ "type": "depends_on", "source": "a", "target": "b" })),
        (
            "relationships",
            json!({ "type": "depends_on", "source": "a", "target": "b", "attributes": { "effect": "soft" } }),
        ),
        ("baselines", json!({ "name": "before" })),
        ("users", json!({ "name": "jane", "role": "editor" })),
    ] {
        let path = format!("/api/v1/{path}");
        let say = || {
            server
                .ask(Method::POST, &path)
                .header("idempotency-key", &body.to_string())
                .json(body.clone())
                .send()
        };
        let (first, second) = (say(), say());
        assert_eq!((first.status, first.json()), (second.status, second.json()), "{path} {body}");
        assert!((200..300).contains(&first.status), "{path} {body}: {}", first.text());
        assert_eq!(first.header("x-cmdb-position"), second.header("x-cmdb-position"), "{path} {body}");
    }
}

#[test]
fn a_key_used_for_another_request_is_refused_and_does_nothing() {
    let server = Server::new();
    let say = |path: &str, body: Value| {
        server.ask(Method::POST, path).header("idempotency-key", "k1").json(body).send()
    };
    say("/api/v1/items", json!({ "class": "Server", "name": "a" })).expect(201);
    let other = say("/api/v1/items", json!({ "class": "Server", "name": "b" }));
    let problem = other.problem(422, "idempotency.key-reused");
    assert!(problem["hint"].as_str().unwrap().contains("new key"), "{problem}");
    say("/api/v1/baselines", json!({ "class": "Server", "name": "a" })).problem(400, "body.shape");
    say("/api/v1/baselines", json!({ "name": "a" })).problem(422, "idempotency.key-reused");
    let import = |text: &str| {
        let ask = server.ask(Method::POST, "/api/v1/imports?name=x.csv").header("idempotency-key", "k2");
        ask.body(text.to_owned()).send()
    };
    let first = import("class,name\nServer,x\n").expect(200);
    let again = import("class,name\nServer,x\n").expect(200);
    assert_eq!((&again["import"], &again["created"]), (&first["import"], &first["created"]), "{again}");
    assert_eq!(again["position"], first["position"]);
    import("class,name\nServer,y\n").problem(422, "idempotency.key-reused");
    assert_eq!(server.get("/api/v1/items").expect(200)["count"], 2);
}

#[test]
fn bad_items_say_what_is_wrong() {
    let server = Server::with_shop();
    let post = |body: Value| server.post("/api/v1/items", body);
    let unknown = post(json!({ "class": "Sever", "name": "x" })).problem(404, "class.unknown");
    assert!(unknown["hint"].as_str().unwrap().starts_with("did you mean \"Server\""), "{unknown}");
    let wrong = post(json!({ "class": "Database", "name": "x", "attributes": { "availability": "high" } }));
    assert_eq!(wrong.problem(400, "attribute.invalid")["errors"][0]["pointer"], "/attributes/availability");
    post(json!({ "class": "Database", "name": "db1" })).problem(409, "item.duplicate");
    post(json!({ "class": "ConfigurationItem", "name": "x" })).problem(400, "class.abstract");
    let misplaced = post(json!({ "class": "Server", "name": 7 })).problem(400, "body.shape");
    assert_eq!(misplaced["errors"][0]["pointer"], "/name");
    let body = json!({ "type": "depends_on", "source": "db1", "target": "nothing" });
    server.post("/api/v1/relationships", body).problem(404, "item.unknown");
}

#[test]
fn baselines_name_states() {
    let server = Server::with_shop();
    let created = server.post("/api/v1/baselines", json!({ "name": "before" })).expect(201);
    server
        .ask(Method::PATCH, "/api/v1/items/esx1")
        .json(json!({ "attributes": { "restore_minutes": 90 } }))
        .send()
        .expect(200);
    let then = server.get("/api/v1/items/esx1?at=before").expect(200);
    assert_eq!(then["attributes"]["restore_minutes"], 60);
    let diff = server.get("/api/v1/diff?a=before").expect(200);
    assert_eq!((&diff["summary"]["items_edited"], &diff["a"]), (&1.into(), &created["position"]));
    let change = json!({ "field": "restore_minutes", "before": 60, "after": 90 });
    assert_eq!(diff["items"][0]["changes"], json!([change]));
    for name in [
        "7",
        "-1",
        "1.5",
        "2026-11-22",
        "2026-11-22T10:00",
        "2026-11-22 10:00:00",
        "10:00",
        "2026-11-22T10:00:00Z",
    ] {
        server.post("/api/v1/baselines", json!({ "name": name })).problem(400, "baseline.name");
    }
    for name in ["2026-q4", "v1.5.2", "before 2026-11-22"] {
        server.post("/api/v1/baselines", json!({ "name": name })).expect(201);
    }
    server.get("/api/v1/items/esx1?at=befor").problem(404, "position.unknown");
    server.ask(Method::POST, "/api/v1/baselines/before/approve").send().expect(200);
    server.post("/api/v1/baselines", json!({ "name": "before" })).problem(409, "baseline.exists");
    let log = server.get("/api/v1/log").expect(200);
    let newest = log["entries"][0]["position"].as_u64().unwrap();
    assert_eq!(log["entries"].as_array().unwrap().len() as u64, newest);
    let entry = server.get(&format!("/api/v1/log/{newest}")).expect(200);
    assert_eq!(entry["kinds"], json!({ "setting written": 1 }));
}
