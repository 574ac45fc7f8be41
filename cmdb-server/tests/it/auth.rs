//! Every route for every role, derived from the table of routes; tokens and local callers.

use crate::server::Server;
use axum::http::Method;
use cmdb_core::command::Right;
use cmdb_core::command::access::allows;
use cmdb_core::model::principal::Role;
use cmdb_server::{Caller, routes};
use serde_json::{Value, json};

/// A token of each role.
fn tokens(server: &Server) -> Vec<(Role, String)> {
    let make = |role: Role| {
        let made = server.post("/api/v1/tokens", json!({ "role": role.name() })).expect(201);
        (role, made["token"].as_str().unwrap().to_owned())
    };
    Role::ALL.into_iter().map(make).collect()
}

/// A path that leads nowhere, so that nothing is changed by the asking.
fn nowhere(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "no-such-thing".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[test]
fn every_route_for_every_role() {
    let server = Server::new();
    let tokens = tokens(&server);
    for route in routes::table() {
        let path = nowhere(route.path);
        let ask =
            || server.ask(route.method.clone(), &path).body("{").header("content-type", "application/json");
        // Streams that never end are asked for what does not exist.
        if route.id == "follow_commits" {
            continue;
        }
        for caller in [
            None,
            Some(Caller::Remote(([203, 0, 113, 9], 1).into())),
            Some(Caller::Loopback(([127, 0, 0, 1], 1).into())),
        ] {
            let status = ask().caller(caller.clone()).send().status;
            match route.right {
                Right::Open => assert_ne!(status, 401, "{} {}", route.method, route.path),
                _ => assert_eq!(status, 401, "{} {} {caller:?}", route.method, route.path),
            }
        }
        if route.right != Right::Open {
            assert_eq!(ask().token("cmdb_wrong").send().status, 401, "{} {}", route.method, route.path);
        }
        for (role, token) in &tokens {
            let answer = ask().token(token).send();
            let denied = answer.status == 403;
            assert_eq!(
                denied,
                !allows(*role, route.right),
                "{} {} as {}",
                route.method,
                route.path,
                role.name()
            );
            assert!(answer.status < 500, "{} {}: {}", route.method, route.path, answer.text());
        }
    }
}

#[test]
fn every_route_is_described_and_named_once() {
    let mut seen = std::collections::BTreeSet::new();
    let mut ids = std::collections::BTreeSet::new();
    for route in routes::table() {
        assert!(!route.summary.is_empty(), "{}", route.id);
        assert!(ids.insert(route.id), "{} twice", route.id);
        assert!(seen.insert((route.method.as_str(), route.path)), "{} {} twice", route.method, route.path);
        if route.right == Right::Open {
            // Whoever signs in, or asks whether they have, has no right yet.
            let open = ["healthz", "readyz", "openapi", "read_session", "sign_in", "sign_out"];
            assert!(open.contains(&route.id), "{} needs no right", route.id);
        }
        if route.method != Method::GET && route.right == Right::Read {
            // Questions too long for an address, and one's own password.
            let questions =
                ["ask_impact", "export_impact", "query", "guess_mapping", "check_change", "plan_changes"];
            let harmless = questions.contains(&route.id) || route.id == "change_password";
            assert!(harmless, "{} changes on a right to read", route.id);
        }
    }
}

#[test]
fn tokens_expire_and_are_revoked() {
    let server = Server::new();
    let made = server.post("/api/v1/tokens", json!({ "role": "viewer", "label": "ci" })).expect(201);
    let token = made["token"].as_str().unwrap();
    let ask = || server.ask(Method::GET, "/api/v1/items").token(token).send();
    ask().expect(200);
    let listed = server.get("/api/v1/tokens").expect(200);
    assert_eq!((&listed["tokens"][0]["label"], &listed["tokens"][0]["token"]), (&"ci".into(), &Value::Null));
    let id = made["id"].as_str().unwrap();
    server.ask(Method::DELETE, &format!("/api/v1/tokens/{id}")).send().expect(200);
    ask().problem(401, "auth.invalid");
    let past = server.post("/api/v1/tokens", json!({ "role": "viewer", "expires": "2020-01-01T00:00:00Z" }));
    past.problem(400, "token.expires");
    server.post("/api/v1/tokens", json!({ "role": "viewer", "expires": "90d" })).expect(201);
    server.post("/api/v1/tokens", json!({ "role": "king" })).problem(400, "role.unknown");
}

#[test]
fn a_users_tokens_stop_with_the_user() {
    let server = Server::new();
    server.post("/api/v1/users", json!({ "name": "jane", "role": "editor" })).expect(201);
    let made = server.post("/api/v1/tokens", json!({ "role": "editor", "user": "jane" })).expect(201);
    let token = made["token"].as_str().unwrap();
    let status = || server.ask(Method::GET, "/api/v1/status").token(token).send();
    assert_eq!(status().expect(200)["principal"], "jane");
    server.ask(Method::PATCH, "/api/v1/users/jane").json(json!({ "disabled": true })).send().expect(200);
    status().problem(401, "auth.invalid");
    server.post("/api/v1/users", json!({ "name": "jane" })).problem(409, "user.exists");
    server.post("/api/v1/tokens", json!({ "role": "admin", "user": "jane" })).problem(409, "token.role");
}

#[test]
fn loopback_is_local_until_somebody_is_known() {
    let server = Server::new();
    let loopback = || Some(Caller::Loopback(([127, 0, 0, 1], 4711).into()));
    let ask =
        || server.ask(Method::GET, "/api/v1/status").caller(loopback()).header("host", "localhost:7070");
    assert_eq!(ask().send().expect(200)["principal"], "local");
    ask().header("origin", "http://evil.example").send().problem(401, "auth.required");
    ask().header("sec-fetch-site", "cross-site").send().problem(401, "auth.required");
    ask().header("origin", "http://localhost:7070").send().expect(200);
    let rebound =
        server.ask(Method::GET, "/api/v1/status").caller(loopback()).header("host", "evil.example:7070");
    rebound.send().problem(401, "auth.required");
    server.app.set_local_secret("s3cret".to_owned());
    server.post("/api/v1/users", json!({ "name": "jane" })).expect(201);
    ask().send().problem(401, "auth.required");
    let local =
        ask().header("authorization", "Bearer s3cret").header("x-cmdb-principal", "jane").send().expect(200);
    assert_eq!(local["principal"], "local as jane");
    let named =
        server.ask(Method::GET, "/api/v1/status").caller(Some(Caller::Local { as_name: Some("joe".into()) }));
    assert_eq!(named.send().expect(200)["principal"], "local as joe");
}

#[test]
fn denied_attempts_are_audited() {
    let server = Server::new();
    let tokens = tokens(&server);
    let viewer = &tokens[0].1;
    server
        .ask(Method::POST, "/api/v1/items")
        .token(viewer)
        .json(json!({}))
        .send()
        .problem(403, "access.denied");
    let records = server.get("/api/v1/audit").expect(200);
    assert_eq!(
        (&records["records"][0]["action"], &records["records"][0]["code"]),
        (&"create_item".into(), &"access.denied".into())
    );
}

#[test]
fn an_editor_is_told_which_definitions_an_import_needs_and_who_may_add_them() {
    let server = Server::new();
    server.post("/api/v1/users", json!({ "name": "jane", "role": "editor" })).expect(201);
    let made = server.post("/api/v1/tokens", json!({ "user": "jane", "role": "editor" })).expect(201);
    let token = made["token"].as_str().unwrap();
    let import = |text: &str| {
        let ask = server.ask(Method::POST, "/api/v1/imports?name=x.csv&define_missing=true").token(token);
        ask.body(text.to_owned()).send()
    };
    let refused = import("class,name,colour\nSever,a,red\nServer,b,blue\n").problem(403, "access.denied");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("jane is editor") && detail.contains("class Sever"), "{refused}");
    assert!(detail.contains("Server.colour"), "{refused}");
    assert!(refused["hint"].as_str().unwrap().starts_with("roles that may: admin"), "{refused}");
    import("class,name\nServer,c\n").expect(200);
}
