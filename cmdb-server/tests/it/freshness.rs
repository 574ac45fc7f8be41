//! What sources saw, over HTTP: shapes, pages, rights and refusals.

use crate::server::{Server, form};
use axum::http::Method;
use serde_json::{Value, json};

const FAR: &str = "2200-01-01T00:00:00Z";

fn import(server: &Server, source: &str, text: &str) -> Value {
    let ask = server.ask(Method::POST, &format!("/api/v1/imports?source={source}"));
    let body = form(&[("rows.csv", text)]);
    ask.header("content-type", "multipart/form-data; boundary=b0undary").body(body).send().expect(200)
}

fn estate() -> Server {
    let server = Server::new();
    let rows: String = (0..25).map(|n| format!("Server,s{n:02},k{n}\n")).collect();
    import(&server, "scan", &format!("class,name,id\n{rows}"));
    import(&server, "links", "source,type,target\ns00,depends_on,s01\n");
    server
}

#[test]
fn the_report_comes_in_pages_that_hold_every_stale_item_once() {
    let server = estate();
    let first = server.get(&format!("/api/v1/freshness?when={FAR}&limit=10"));
    assert!(first.header("link").contains("rel=\"next\""));
    let mut names = Vec::new();
    let mut page = first.expect(200);
    assert_eq!((&page["count"], &page["items_count"], &page["when"]), (&json!(25), &json!(25), &json!(FAR)));
    assert_eq!(page["by_class"], json!({ "Server": { "stale": 25, "items": 25 } }));
    loop {
        names
            .extend(page["items"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        page = server.get(&format!("/api/v1/freshness?when={FAR}&limit=10&cursor={cursor}")).expect(200);
    }
    names.sort();
    let expected: Vec<String> = (0..25).map(|n| format!("s{n:02}")).collect();
    assert_eq!(names, expected);
    assert_eq!(server.get("/api/v1/freshness").expect(200)["count"], 0, "now nothing is stale");
    server.get("/api/v1/freshness?older_than=many").problem(400, "request.parameter");
    server.get("/api/v1/freshness?when=tomorrow").problem(400, "request.parameter");
    server.get("/api/v1/freshness?class=Sever").problem(404, "class.unknown");
}

#[test]
fn rules_and_trust_are_written_listed_and_refused() {
    let server = estate();
    let rules = server.post("/api/v1/freshness/rules", json!({ "class": "Server", "days": 7 })).expect(200);
    assert_eq!(rules, json!({ "default_days": 60, "rules": [{ "class": "Server", "days": 7 }] }));
    let both = json!({ "class": "Server", "days": 7, "never": true });
    server.post("/api/v1/freshness/rules", both).problem(400, "freshness.days");
    server
        .post("/api/v1/freshness/rules", json!({ "class": "Server", "days": 0 }))
        .problem(400, "freshness.days");
    server
        .post("/api/v1/freshness/rules", json!({ "class": "Nope", "days": 3 }))
        .problem(404, "class.unknown");
    let rules = server.post("/api/v1/freshness/rules", json!({ "class": "Server" })).expect(200);
    assert_eq!(rules["rules"], json!([]));
    server
        .post("/api/v1/trust", json!({ "source": "scan", "confidence": 0.25, "kind": "observed" }))
        .expect(200);
    let all = server.get("/api/v1/trust").expect(200);
    let scan = all["sources"].as_array().unwrap().iter().find(|s| s["source"] == "scan").unwrap();
    assert_eq!(
        (&scan["kind"], &scan["confidence"], &scan["items"]),
        (&json!("observed"), &json!(0.25), &json!(25))
    );
    server
        .post("/api/v1/trust", json!({ "source": "scan", "confidence": 2 }))
        .problem(400, "trust.confidence");
    server.post("/api/v1/trust", json!({ "source": "", "confidence": 1 })).problem(400, "trust.source");
    server.post("/api/v1/trust", json!({ "source": "scan", "kind": "rumour" })).problem(400, "trust.kind");
}

#[test]
fn an_items_sources_and_the_comparison_with_traffic_have_their_shapes() {
    let server = estate();
    let known = server.get("/api/v1/items/s00/sources").expect(200);
    assert_eq!(
        (&known["name"], &known["stale_after_days"], &known["stale"]),
        (&json!("s00"), &json!(60), &json!(false))
    );
    assert_eq!(known["sources"].as_array().unwrap().len(), 2, "{known}");
    assert_eq!(known["relationships"][0]["sources"][0]["source"], "links");
    let then = server.get(&format!("/api/v1/items/s00/sources?when={FAR}")).expect(200);
    assert_eq!(then["stale"], true);
    server.get("/api/v1/items/none/sources").problem(404, "item.unknown");
    let report = server.get("/api/v1/observed").expect(200);
    assert_eq!((&report["observed"], &report["relation_coverage"]), (&json!(0), &Value::Null), "{report}");
    server.post("/api/v1/trust", json!({ "source": "links", "kind": "observed" })).expect(200);
    let report = server.get("/api/v1/observed").expect(200);
    assert_eq!((&report["undeclared"], &report["relation_coverage"]), (&json!(1), &json!(0.0)), "{report}");
    assert_eq!(report["dependencies"][0]["source"]["name"], "s00");
    server.get("/api/v1/observed?list=both").problem(400, "request.parameter");
}

#[test]
fn an_impact_that_hangs_on_a_source_hardly_believed_says_so() {
    let server = estate();
    let blind = || {
        let answer = server.post("/api/v1/impact", json!({ "roots": ["s01"] })).expect(200);
        assert_eq!(answer["summary"]["total"], 1, "{answer}");
        let spots = answer["blind_spots"].as_array().unwrap().clone();
        spots.into_iter().find(|spot| spot["kind"] == "unsure_links")
    };
    assert_eq!(blind(), None);
    server.post("/api/v1/trust", json!({ "source": "links", "confidence": 0.2 })).expect(200);
    assert_eq!(blind().unwrap()["items"][0]["name"], "s00");
    // Its own confidence speaks for itself; another source that is believed, too.
    let links = server.get("/api/v1/items/s00/relationships").expect(200);
    let path = format!("/api/v1/relationships/{}", links["relationships"][0]["id"].as_str().unwrap());
    let confident = |value: Value| {
        server
            .ask(Method::PATCH, &path)
            .json(json!({ "attributes": { "confidence": value } }))
            .send()
            .expect(200)
    };
    confident(json!(0.9));
    assert_eq!(blind(), None);
    confident(Value::Null);
    assert!(blind().is_some());
    import(&server, "audit", "source,type,target\nscan#k0,depends_on,scan#k1\n");
    assert_eq!(blind(), None);
}
