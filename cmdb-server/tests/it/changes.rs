//! Changes over HTTP: people with tokens plan, decide and carry out; whoever tries to decide on their own is told no and
//! noted.

use crate::server::{Answer, Server};
use axum::http::Method;
use cmdb_core::model::temporal::Instant;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A token of a user of this role.
fn person(server: &Server, name: &str, role: &str) -> String {
    server.post("/api/v1/users", json!({ "name": name, "role": role })).expect(201);
    token(server, name, role)
}

fn token(server: &Server, name: &str, role: &str) -> String {
    let made = server.post("/api/v1/tokens", json!({ "role": role, "user": name })).expect(201);
    made["token"].as_str().unwrap().to_owned()
}

fn post(server: &Server, token: &str, path: &str, body: Value) -> Answer {
    server.ask(Method::POST, &format!("/api/v1/changes{path}")).token(token).json(body).send()
}

fn minutes_from_now(minutes: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    Instant::from_millis(now + minutes * 60_000).to_string()
}

fn plan(affects: &[&str]) -> Value {
    json!({ "title": "firmware", "affects": affects, "start": minutes_from_now(-5), "end": minutes_from_now(60) })
}

#[test]
fn requester_and_their_other_token_are_told_no_and_noted() {
    let server = Server::with_shop();
    let (alice, bob) = (person(&server, "alice", "approver"), person(&server, "bob", "approver"));
    let eve = person(&server, "eve", "editor");
    let change = post(&server, &alice, "", plan(&["esx1"])).expect(201);
    assert_eq!((&change["number"], &change["requester"]), (&json!("CHG-000001"), &json!("alice")));
    post(&server, &alice, "/CHG-000001/submit", json!({})).expect(200);
    post(&server, &alice, "/CHG-000001/approve", json!({})).problem(403, "change.own");
    let other = token(&server, "alice", "approver");
    post(&server, &other, "/CHG-000001/approve", json!({})).problem(403, "change.own");
    post(&server, &eve, "/CHG-000001/approve", json!({})).problem(403, "access.denied");
    let nobody = server.post("/api/v1/tokens", json!({ "role": "approver" })).expect(201);
    let nobody = nobody["token"].as_str().unwrap().to_owned();
    post(&server, &nobody, "/CHG-000001/approve", json!({})).problem(403, "change.no-person");
    let patched =
        |body: Value| server.ask(Method::PATCH, "/api/v1/items/CHG-000001").token(&alice).json(body).send();
    patched(json!({ "status": "approved" })).problem(409, "change.owned");
    patched(json!({ "attributes": { "requester": "bob" } })).problem(409, "change.owned");
    patched(json!({ "attributes": { "approvals": [] } })).problem(409, "change.owned");
    let approved = post(&server, &bob, "/CHG-000001/approve", json!({ "note": "go" })).expect(200);
    assert_eq!(approved["status"], "approved");
    std::thread::sleep(Duration::from_millis(50));
    let audit = server.get("/api/v1/audit").expect(200).to_string();
    for code in ["change.own", "change.no-person", "change.owned"] {
        assert!(audit.contains(code), "{code} is not in the audit stream: {audit}");
    }
}

#[test]
fn illegal_moves_name_the_legal_ones() {
    let server = Server::with_shop();
    let alice = person(&server, "alice", "editor");
    post(&server, &alice, "", plan(&["esx1"])).expect(201);
    let problem = post(&server, &alice, "/CHG-000001/start", json!({})).problem(409, "change.move");
    assert_eq!(problem["hint"], "from draft it can: edit, assess, submit, cancel");
}

#[test]
fn another_item_after_approval_voids_it_and_the_frozen_impact_can_be_worked_out_again() {
    let server = Server::with_shop();
    let (alice, bob) = (person(&server, "alice", "editor"), person(&server, "bob", "approver"));
    post(&server, &alice, "", plan(&["esx2"])).expect(201);
    let submitted = post(&server, &alice, "/CHG-000001/submit", json!({})).expect(200);
    let found = &submitted["attributes"]["assessment"];
    assert_eq!(found["during"]["today"]["services"][0]["state"], "down");
    let replayed = server.get("/api/v1/changes/CHG-000001/assessment?replay=true").expect(200);
    assert_eq!((&replayed["same"], &replayed["assessment"]), (&json!(true), found));
    post(&server, &bob, "/CHG-000001/approve", json!({})).expect(200);
    let edit = server.ask(Method::PATCH, "/api/v1/changes/CHG-000001").token(&alice);
    let edited = edit.json(json!({ "add": ["db1"] })).send().expect(200);
    assert_eq!(edited["status"], "draft");
    assert_eq!(edited["attributes"].get("approvals"), None);
    post(&server, &alice, "/CHG-000001/schedule", json!({})).problem(409, "change.move");
}

#[test]
fn an_edit_that_no_change_covers_is_found() {
    let server = Server::with_shop();
    let (alice, bob) = (person(&server, "alice", "editor"), person(&server, "bob", "approver"));
    post(&server, &alice, "", plan(&["esx1"])).expect(201);
    for (who, verb) in [(&alice, "submit"), (&bob, "approve"), (&alice, "schedule"), (&alice, "start")] {
        post(&server, who, &format!("/CHG-000001/{verb}"), json!({})).expect(200);
    }
    let set = |item: &str, body: Value| {
        server
            .ask(Method::PATCH, &format!("/api/v1/items/{item}"))
            .token(&alice)
            .json(body)
            .send()
            .expect(200)
    };
    set("esx1", json!({ "attributes": { "firmware_version": "2" } }));
    set("db1", json!({ "attributes": { "version": "16" } }));
    set("db1", json!({ "attributes": { "description": "only words" } }));
    let found = server.get("/api/v1/changes/unauthorised").expect(200);
    assert_eq!(found["count"], 1, "{found:#}");
    assert_eq!(
        (&found["edits"][0]["item"]["name"], &found["edits"][0]["fields"]),
        (&json!("db1"), &json!(["version"]))
    );
    let done = post(&server, &alice, "/CHG-000001/finish", json!({})).expect(200);
    let rows = done["attributes"]["delivery"]["discrepancies"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((&rows[0]["field"], &rows[0]["kind"]), (&json!("firmware_version"), &json!("unplanned")));
}
