//! The page: its document, its files, and how sessions open and close the door.

use crate::server::{Answer, Server};
use axum::http::Method;
use cmdb_server::Caller;
use serde_json::{Value, json};

fn browser(server: &Server, path: &str) -> Answer {
    server.ask(Method::GET, path).header("accept", "text/html,application/xhtml+xml").send()
}

fn loopback() -> Option<Caller> {
    Some(Caller::Loopback(([127, 0, 0, 1], 1).into()))
}

/// The JSON that the document carries.
fn boot(document: &str) -> Value {
    let text = document.split("id=\"boot\">").nth(1).unwrap().split("</script>").next().unwrap();
    serde_json::from_str(text).unwrap()
}

#[test]
fn every_address_of_the_page_is_its_document_with_the_first_answers() {
    let server = Server::with_shop();
    let item =
        server.post("/api/v1/items", json!({ "class": "Server", "name": "</script><b>x" })).expect(201);
    let id = item["id"].as_str().unwrap();
    for path in ["/", "/ci", "/ci?class=Server", &format!("/ci/{id}"), "/no/such/screen"] {
        let answer = browser(&server, path);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "text/html; charset=utf-8"),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.header("content-security-policy").starts_with("default-src 'self';"));
        assert!(!answer.header("content-security-policy").contains("unsafe"));
        let boot = boot(&answer.text());
        assert_eq!(boot["answers"]["/api/v1/session"]["data"]["kind"], "local");
    }
    let shown = boot(&browser(&server, &format!("/ci/{id}")).text());
    let embedded = &shown["answers"][format!("/api/v1/items/{id}")];
    assert_eq!(embedded["data"]["name"], "</script><b>x", "a name cannot end the element it stands in");
    assert_eq!(embedded["etag"], "\"1\"");
}

#[test]
fn what_is_no_address_of_the_page_stays_the_api_s() {
    let server = Server::new();
    server.get("/no/such/thing").problem(404, "request.path");
    browser(&server, "/api/v1/nothing").problem(404, "request.path");
    server.ask(Method::POST, "/ci").header("accept", "text/html").send().problem(404, "request.path");
    assert_eq!(browser(&server, "/assets/gone-12345678.js").status, 404);
    assert_eq!(server.get("/assets/../Cargo.toml").status, 404);
}

#[test]
fn files_are_compressed_beforehand_and_kept_for_good() {
    let server = Server::new();
    let document = browser(&server, "/").text();
    let script =
        document.split('"').find(|part| part.starts_with("/assets/") && part.ends_with(".js")).unwrap();
    let with = |encoding: &str| server.ask(Method::GET, script).header("accept-encoding", encoding).send();
    let (plain, gzip, brotli) = (server.get(script), with("gzip, br;q=0"), with("gzip, deflate, br"));
    assert_eq!(plain.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(plain.header("content-encoding"), "");
    assert_eq!((gzip.header("content-encoding"), brotli.header("content-encoding")), ("gzip", "br"));
    assert!(brotli.bytes.len() < gzip.bytes.len() && gzip.bytes.len() < plain.bytes.len());
    assert!(plain.header("cache-control").contains("immutable"));
}

/// Signs in and gives the cookie.
fn sign_in(server: &Server, user: &str, password: &str) -> Result<String, Box<Answer>> {
    let body = json!({ "user": user, "password": password });
    let answer = server.ask(Method::POST, "/api/v1/session").caller(loopback()).json(body).send();
    match answer.status {
        200 => Ok(answer.header("set-cookie").split(';').next().unwrap().to_owned()),
        _ => Err(Box::new(answer)),
    }
}

fn with_cookie(server: &Server, method: Method, path: &str, cookie: &str, site: &str) -> Answer {
    let asking = server.ask(method, path).caller(loopback()).header("cookie", cookie);
    asking.header("sec-fetch-site", site).send()
}

#[test]
fn a_session_is_the_user_with_the_role_of_now() {
    let server = Server::new();
    let users = [("ada", "admin"), ("vera", "viewer")];
    for (name, role) in users {
        let body = json!({ "name": name, "role": role, "password": format!("password of {name}") });
        server.post("/api/v1/users", body).expect(201);
    }
    sign_in(&server, "ada", "password of vera").unwrap_err().problem(401, "auth.invalid");
    sign_in(&server, "nobody", "password of ada").unwrap_err().problem(401, "auth.invalid");
    let cookie = sign_in(&server, "vera", "password of vera").unwrap();
    let get = |path: &str, site: &str| with_cookie(&server, Method::GET, path, &cookie, site);
    let session = get("/api/v1/session", "same-origin").expect(200);
    assert_eq!((&session["principal"], &session["kind"]), (&json!("vera"), &json!("session")));
    assert_eq!(session["rights"], json!(["read"]));
    get("/api/v1/items", "same-origin").expect(200);
    get("/api/v1/users", "same-origin").problem(403, "access.denied");
    // A page elsewhere can make the browser send the cookie, but not say that it is this page.
    for site in ["cross-site", "same-site"] {
        get("/api/v1/items", site).problem(401, "auth.required");
    }
    let silent = server.ask(Method::GET, "/api/v1/items").caller(loopback()).header("cookie", &cookie).send();
    silent.problem(401, "auth.required");

    server.ask(Method::PATCH, "/api/v1/users/vera").json(json!({ "role": "editor" })).send().expect(200);
    assert_eq!(get("/api/v1/session", "same-origin").json()["rights"], json!(["read", "edit"]));
    server.ask(Method::PATCH, "/api/v1/users/vera").json(json!({ "disabled": true })).send().expect(200);
    get("/api/v1/items", "same-origin").problem(401, "auth.required");
}

#[test]
fn sessions_end_with_a_sign_out_and_with_a_new_password() {
    let server = Server::new();
    server
        .post("/api/v1/users", json!({ "name": "ada", "role": "admin", "password": "the first one" }))
        .expect(201);
    let one = sign_in(&server, "ada", "the first one").unwrap();
    let two = sign_in(&server, "ada", "the first one").unwrap();
    let is_on = |cookie: &str| {
        with_cookie(&server, Method::GET, "/api/v1/items", cookie, "same-origin").status == 200
    };
    assert!(is_on(&one) && is_on(&two));
    let gone = with_cookie(&server, Method::DELETE, "/api/v1/session", &one, "same-origin");
    assert!(gone.header("set-cookie").contains("Max-Age=0"));
    assert!(!is_on(&one) && is_on(&two));

    let change = |current: &str| {
        let body = json!({ "current": current, "password": "the second one" });
        let asking = server.ask(Method::POST, "/api/v1/session/password").caller(loopback());
        asking.header("cookie", &two).header("sec-fetch-site", "same-origin").json(body).send()
    };
    change("a wrong one").problem(409, "password.wrong");
    let fresh = change("the first one");
    assert_eq!(fresh.status, 204, "{}", fresh.text());
    assert!(!is_on(&two), "the old session is over");
    assert!(is_on(fresh.header("set-cookie").split(';').next().unwrap()));
    assert!(sign_in(&server, "ada", "the first one").is_err());
    sign_in(&server, "ada", "the second one").unwrap();
    let short = json!({ "password": "short" });
    let answer = server.ask(Method::PUT, "/api/v1/users/ada/password").json(short).send();
    answer.problem(400, "password.length");
}

#[test]
fn passwords_are_in_no_answer() {
    let server = Server::new();
    let made = server.post("/api/v1/users", json!({ "name": "ada", "password": "the first one" }));
    let texts = [made.text(), server.get("/api/v1/users").text(), server.get("/api/v1/log?limit=all").text()];
    for text in texts {
        assert!(!text.contains("the first one") && !text.contains("argon2"), "{text}");
    }
}
