//! Requests that are wrong, each with a problem document.

use crate::server::Server;
use axum::http::Method;
use serde_json::json;

#[test]
fn wrong_requests_get_problem_documents() {
    let server = Server::new();
    server.get("/api/v1/nothing").problem(404, "request.path");
    server.get("/nothing").problem(404, "request.path");
    let wrong = server.ask(Method::PUT, "/api/v1/items").send();
    wrong.problem(405, "request.method");
    assert!(wrong.header("allow").contains("POST"), "{:?}", wrong.headers);
    server.get("/api/v1/items?clas=x").problem(400, "request.unknown-parameter");
    server.get("/api/v1/items?at=yesterday").problem(404, "position.unknown");
    server.get("/api/v1/items?at=999").problem(404, "position.unknown");
    server.get("/api/v1/items?min_position=x").problem(400, "request.parameter");
    server.get("/api/v1/items/%FF").problem(400, "request.path");
    server.get("/api/v1/dependents").problem(400, "request.parameter");
    let post = |body: &str, media: &str| {
        let ask = server.ask(Method::POST, "/api/v1/items").header("content-type", media);
        ask.body(body.to_owned()).send()
    };
    post("{\"class\":", "application/json").problem(400, "body.json");
    post("", "application/json").problem(400, "body.json");
    post("{} {}", "application/json").problem(400, "body.shape");
    post("a=b", "application/x-www-form-urlencoded").problem(415, "body.media-type");
    post(&"[".repeat(100_000), "application/json").problem(400, "body.shape");
    post(&"{\"class\":".repeat(100_000), "application/json").problem(400, "body.shape");
    let ask = server.ask(Method::PATCH, "/api/v1/items/x").header("if-match", "seven").json(json!({}));
    ask.send().problem(400, "request.if-match");
    server.ask(Method::POST, "/api/v1/imports").send().problem(400, "csv.empty");
}

#[test]
fn an_array_is_no_record() {
    let server = Server::new();
    for (path, body) in [
        ("items", json!(["Server", "web-01", null, {}])),
        ("baselines", json!(["b", null, "note"])),
        ("impact", json!([["web-01"]])),
    ] {
        let problem = server.post(&format!("/api/v1/{path}"), body).problem(400, "body.shape");
        assert_eq!(problem["errors"][0]["pointer"], "", "{path}: {problem}");
    }
    let edit =
        json!({ "lifecycle": [{ "name": "l", "initial": "a", "states": [{ "name": "a" }, ["b", true]] }] });
    let problem = server.post("/api/v1/schema", edit).problem(400, "body.shape");
    assert_eq!(problem["errors"][0]["pointer"], "/lifecycle/0/states/1", "{problem}");
    assert_eq!(server.get("/api/v1/items").expect(200)["count"], 0);
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let server = Server::new();
    let big = "x".repeat(5 << 20);
    let answer =
        server.ask(Method::POST, "/api/v1/items").header("content-type", "application/json").body(big).send();
    answer.problem(413, "body.too-large");
    // Said beforehand, it is refused unread.
    let ask = server.ask(Method::POST, "/api/v1/items").header("content-length", "9999999999");
    ask.send().problem(413, "body.too-large");
}

#[test]
fn an_error_without_a_kept_id_gets_one() {
    let server = Server::new();
    let mine = server.ask(Method::GET, "/api/v1/nothing").header("x-request-id", "my-id-1").send();
    assert_eq!(mine.problem(404, "request.path")["trace_id"], "my-id-1");
    let odd = server.ask(Method::GET, "/api/v1/nothing").header("x-request-id", "a b\u{e9}").send();
    assert_eq!(odd.problem(404, "request.path")["trace_id"].as_str().unwrap().len(), 16);
}
