//! The small shop (F1): every row of its README that concerns impact and dependents, over HTTP.

use crate::server::{Server, form, shop_file};
use axum::http::Method;
use serde_json::{Value, json};

fn states(answer: &Value) -> Vec<(String, String)> {
    let affected = answer["affected"].as_array().unwrap();
    affected
        .iter()
        .map(|a| (a["name"].as_str().unwrap().into(), a["state"].as_str().unwrap().into()))
        .collect()
}

fn check_impact(roots: Value, expected: &[(&str, &str)]) -> Value {
    let server = Server::with_shop();
    let answer = server.post("/api/v1/impact", json!({ "roots": roots })).expect(200);
    let expected: Vec<(String, String)> = expected.iter().map(|(n, s)| ((*n).into(), (*s).into())).collect();
    assert_eq!(states(&answer), expected, "{answer:#}");
    assert_eq!((&answer["complete"], &answer["view"]), (&true.into(), &"full".into()));
    assert_eq!(answer["summary"]["total"], expected.len());
    for affected in answer["affected"].as_array().unwrap() {
        assert_eq!(affected["why"].as_array().unwrap().len() as u64, affected["depth"].as_u64().unwrap());
    }
    answer
}

#[test]
fn losing_esx1_leaves_the_shop_at_risk() {
    let answer = check_impact(json!(["esx1"]), &[("app1", "down"), ("web1", "down"), ("Shop", "at_risk")]);
    let shop = &answer["affected"][2];
    let gates: Vec<(&str, &str, f64, f64)> = shop["gates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| {
            let word = |key: &str| g[key].as_str().unwrap();
            (word("group"), word("rule"), g["needed"].as_f64().unwrap(), g["left"].as_f64().unwrap())
        })
        .collect();
    assert_eq!(gates, [("app", "2 of 3", 2.0, 2.0), ("web", "1 of 2", 1.0, 1.0)]);
    assert_eq!(answer["summary"]["services"][0]["state"], "at_risk");
    assert_eq!(answer["summary"]["services"][0]["criticality"], 1);
    assert_eq!(answer["summary"]["by_state"], json!({ "at_risk": 1, "down": 2 }));
    assert_eq!(answer["roots"][0]["state"], "down");
}

#[test]
fn losing_esx2_takes_the_shop_down() {
    let down = "down";
    let answer =
        check_impact(json!(["esx2"]), &[("app2", down), ("app3", down), ("web2", down), ("Shop", down)]);
    let why = &answer["affected"][3]["why"][0];
    assert_eq!((&why["gate"]["rule"], &why["gate"]["left"]), (&"2 of 3".into(), &1.into()));
    assert_eq!(why["gate"]["lost"].as_array().unwrap().len(), 2);
}

#[test]
fn esx1_with_app2_takes_the_shop_down_though_neither_alone_does() {
    check_impact(json!(["esx1", { "ref": "app2" }]), &[("app1", "down"), ("web1", "down"), ("Shop", "down")]);
    check_impact(json!(["app2"]), &[("Shop", "at_risk")]);
}

#[test]
fn a_root_may_carry_its_state_and_maintenance_is_planned() {
    let server = Server::with_shop();
    let answer = server.get("/api/v1/impact?ref=db1%3Ddegraded").expect(200);
    assert_eq!(states(&answer), [("Shop".to_owned(), "degraded".to_owned())]);
    let answer = server.get("/api/v1/impact?ref=esx2&state=maintenance").expect(200);
    assert_eq!(
        (&answer["roots"][0]["state"], &answer["roots"][0]["planned"]),
        (&"down".into(), &true.into())
    );
    server.get("/api/v1/impact?ref=esx2&state=dwon").problem(400, "impact.state");
    server.get("/api/v1/impact?ref=esx9").problem(404, "item.unknown");
}

#[test]
fn dependents_and_dependencies() {
    let server = Server::with_shop();
    let answer = server.get("/api/v1/dependents?ref=pdu1").expect(200);
    assert_eq!((&answer["count"], &answer["complete"]), (&8.into(), &true.into()));
    let names: Vec<&str> =
        answer["items"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["esx1", "esx2", "app1", "app2", "app3", "web1", "web2", "Shop"]);
    assert_eq!(
        answer["by_class"],
        json!({ "ApplicationInstance": 5, "BusinessService": 1, "Hypervisor": 2 })
    );
    let counts = server.get("/api/v1/dependents?ref=pdu1&limit=0&class=Hypervisor").expect(200);
    assert_eq!((&counts["count"], &counts["items"]), (&2.into(), &json!([])));
    let all = server.get("/api/v1/dependencies?ref=Shop&limit=all").expect(200);
    assert_eq!((&all["count"], all["items"].as_array().unwrap().len()), (&10.into(), 10));
    let one = server.get("/api/v1/dependents?ref=pdu1&depth=1").expect(200);
    assert_eq!((&one["count"], &one["complete"]), (&2.into(), &false.into()));
}

#[test]
fn pages_put_together_are_the_whole() {
    let server = Server::with_shop();
    for path in ["/api/v1/dependents?ref=pdu1", "/api/v1/impact?ref=pdu1", "/api/v1/items?sort=name"] {
        let key = if path.contains("impact") { "affected" } else { "items" };
        let whole = server.get(path).expect(200)[key].clone();
        let (mut next, mut together) = (format!("{path}&limit=3"), Vec::new());
        while !next.is_empty() {
            let answer = server.get(&next);
            together.extend(answer.expect(200)[key].as_array().unwrap().clone());
            next = answer.header("link").split(['<', '>']).nth(1).unwrap_or("").to_owned();
        }
        assert_eq!(Value::Array(together), whole, "{path}");
    }
}

#[test]
fn the_shortest_path() {
    let server = Server::with_shop();
    let answer = server.get("/api/v1/path?from=Shop&to=san1").expect(200);
    assert_eq!(answer["length"], 2);
    assert_eq!(answer["hops"][1]["relationship"], "stored_on");
    let all = server.get("/api/v1/path?from=Shop&to=pdu1&all=true").expect(200);
    assert_eq!((&all["length"], all["paths"].as_array().unwrap().len()), (&3.into(), 5));
    assert_eq!(server.get("/api/v1/path?from=san1&to=Shop").expect(200)["length"], Value::Null);
}

#[test]
fn the_same_files_twice_change_nothing() {
    let server = Server::with_shop();
    let hash = server.get("/api/v1/status").expect(200)["state_hash"].clone();
    let body = form(&[
        ("items.csv", &shop_file("items.csv")),
        ("relationships.csv", &shop_file("relationships.csv")),
    ]);
    let ask = |path: &str| {
        let form_type = "multipart/form-data; boundary=b0undary";
        server.ask(Method::POST, path).header("content-type", form_type).body(body.clone()).send().expect(200)
    };
    let again = ask("/api/v1/imports?source=shop");
    assert_eq!(
        (&again["created"], &again["updated"], &again["unchanged"]),
        (&0.into(), &0.into(), &11.into())
    );
    assert_eq!(again["relationships"]["unchanged"], 14);
    assert_eq!(server.get("/api/v1/status").expect(200)["state_hash"], hash);
    let dry = ask("/api/v1/imports?source=other&dry_run=true");
    assert_eq!((&dry["applied"], &dry["dry_run"]), (&false.into(), &true.into()));
    let runs = server.get("/api/v1/imports").expect(200);
    assert_eq!(runs["imports"].as_array().unwrap().len(), 2);
}

#[test]
fn exports_import_again_without_change() {
    let server = Server::with_shop();
    for format in ["json", "ndjson", "csv"] {
        let file = server.get(&format!("/api/v1/exports?as={format}"));
        assert_eq!(file.status, 200);
        let name = format!("/api/v1/imports?name=export.{format}&source=again");
        let report = server.ask(Method::POST, &name).body(file.bytes.clone()).send().expect(200);
        assert_eq!((&report["created"], &report["updated"]), (&0.into(), &0.into()), "{format}: {report:#}");
        assert_eq!(
            (&report["unchanged"], &report["rejected"]),
            (&11.into(), &json!([])),
            "{format}: {report:#}"
        );
    }
    let relationships = server.get("/api/v1/exports?as=csv&kind=relationships");
    let import =
        server.ask(Method::POST, "/api/v1/imports?name=r.csv").body(relationships.bytes).send().expect(200);
    assert_eq!(import["relationships"]["unchanged"], 14, "{import:#}");
}

#[test]
fn open_outages_hold_their_items_in_the_state_they_say() {
    let server = Server::with_shop();
    let outage = |name: &str, attributes: Value, affects: &str| {
        let item = json!({ "class": "Outage", "name": name, "attributes": attributes });
        server.post("/api/v1/items", item).expect(201);
        let link = json!({ "source": format!("Outage:{name}"), "type": "affects", "target": affects });
        server.post("/api/v1/relationships", link).expect(201);
    };
    outage("works", json!({ "outage_state": "maintenance" }), "app2");
    outage("slow", json!({ "outage_state": "degraded" }), "db1");
    outage("over", json!({ "ended_at": "2020-01-01T00:00:00Z" }), "esx2");
    outage("not yet", json!({ "started_at": "2200-01-01T00:00:00Z" }), "esx2");
    let asked = json!({ "roots": ["esx1"], "with_current": true });
    let answer = server.post("/api/v1/impact", asked.clone()).expect(200);
    let root = |root: &Value| {
        let records = root["records"].as_array().cloned().unwrap_or_default();
        let records: Vec<String> = records.iter().map(|r| r["name"].as_str().unwrap().to_owned()).collect();
        format!(
            "{} {} {} {}",
            root["name"].as_str().unwrap(),
            root["state"],
            root["planned"],
            records.join(",")
        )
    };
    let roots: Vec<String> = answer["roots"].as_array().unwrap().iter().map(root).collect();
    assert_eq!(roots, ["esx1 \"down\" null ", "app2 \"down\" true works", "db1 \"degraded\" null slow"]);
    assert!(states(&answer).contains(&("Shop".into(), "down".into())), "{answer:#}");
    let in_query = server.get("/api/v1/impact?ref=esx1&with_current=true").expect(200);
    assert_eq!((&in_query["roots"], &in_query["affected"]), (&answer["roots"], &answer["affected"]));
    let without = server.post("/api/v1/impact", json!({ "roots": ["esx1"] })).expect(200);
    assert_eq!(without["roots"].as_array().unwrap().len(), 1);
    // An outage of what is a root anyway is said so; the worse state counts.
    outage("both", json!({ "outage_state": "degraded" }), "esx1");
    let answer = server.post("/api/v1/impact", asked).expect(200);
    assert_eq!(root(&answer["roots"][0]), "esx1 \"down\" null both");
}
