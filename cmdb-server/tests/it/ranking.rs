//! The ranking of all items, and counts answered from its table.

use crate::server::{Server, form};
use axum::http::Method;
use serde_json::{Value, json};
use std::fmt::Write;

const ITEMS: u32 = 3_000;

/// A tree of servers with cross links and a cycle, services on some leaves, so that a few items reach thousands.
fn estate() -> Server {
    let server = Server::new();
    let (mut items, mut links) =
        (String::from("class,name,id,status\n"), String::from("source,type,target\n"));
    for n in 0..ITEMS {
        let class = match n % 7 {
            0 if n > 1_000 => "BusinessService",
            1 => "VirtualMachine",
            _ => "Server",
        };
        let status = if n % 50 == 49 { "retired" } else { "operational" };
        writeln!(items, "{class},n{n:04},k{n},{status}").unwrap();
        if n > 0 {
            writeln!(links, "k{n},depends_on,k{}", (n - 1) / 3).unwrap();
        }
        if n % 5 == 0 && n > 100 {
            writeln!(links, "k{n},depends_on,k{}", n / 2 - 1).unwrap();
        }
    }
    links.push_str("k1,depends_on,k40\n");
    let files = form(&[("items.csv", &items), ("relationships.csv", &links)]);
    let ask = server.ask(Method::POST, "/api/v1/imports?source=s");
    let report =
        ask.header("content-type", "multipart/form-data; boundary=b0undary").body(files).send().expect(200);
    assert_eq!((&report["created"], &report["rejected_count"]), (&ITEMS.into(), &0.into()), "{report}");
    server
}

/// The answer with nothing but what was asked.
fn counts(server: &Server, n: u32, method: &str) -> Value {
    let mut answer = server.get(&format!("/api/v1/dependents?ref=s%23k{n}&limit=0{method}")).expect(200);
    assert!(answer["elapsed_us"].take().is_u64());
    answer
}

fn check_counts(server: &Server) {
    for n in (0..ITEMS).filter(|n| *n < 60 || n % 97 == 0) {
        assert_eq!(counts(server, n, ""), counts(server, n, "&method=traverse"), "dependents of k{n}");
    }
}

fn is_known(server: &Server) -> bool {
    server.app.rankings.known(&server.cmdb.snapshot()).is_some()
}

#[test]
fn counts_from_the_table_are_those_of_a_search_and_the_table_goes_with_the_graph() {
    let server = estate();
    check_counts(&server);
    assert!(!is_known(&server), "nobody asked for the ranking");
    server.get("/api/v1/ranking?limit=1").expect(200);
    assert!(is_known(&server));
    assert!(counts(&server, 0, "")["count"].as_u64().unwrap() > 2_000);
    check_counts(&server);
    let patch =
        |n: u32, json: Value| server.ask(Method::PATCH, &format!("/api/v1/items/s%23k{n}")).json(json).send();
    patch(4, json!({ "attributes": { "description": "moves no graph" } })).expect(200);
    assert!(is_known(&server), "an attribute is no part of the graph");
    check_counts(&server);
    let link = json!({ "source": "s#k0", "type": "depends_on", "target": "s#k2999" });
    server.post("/api/v1/relationships", link).expect(201);
    assert!(!is_known(&server), "the graph moved");
    check_counts(&server);
    server.get("/api/v1/ranking?limit=1").expect(200);
    check_counts(&server);
    patch(2, json!({ "status": "retired" })).expect(200);
    assert!(!is_known(&server), "what is not live carries nothing");
    check_counts(&server);
    server.get("/api/v1/dependents?ref=s%23k1&method=guess").problem(400, "request.parameter");
}

#[test]
fn the_ranking_lists_the_most_critical_items_first_page_by_page() {
    let server = estate();
    let rows = |path: &str| {
        let (mut rows, mut path) = (Vec::new(), format!("/api/v1/ranking?{path}"));
        loop {
            let answer = server.get(&path);
            let page = answer.expect(200);
            rows.extend(page["items"].as_array().unwrap().clone());
            if page["next_cursor"].is_null() {
                assert_eq!(page["count"], rows.len());
                return rows;
            }
            path = answer.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
        }
    };
    let all = rows("limit=700");
    let number = |row: &Value, key: &str| row[key].as_u64().unwrap();
    let key = |row: &Value| {
        let name = |key: &str| row[key].as_str().unwrap().to_owned();
        let rank = (number(row, "dependents"), number(row, "services"));
        (std::cmp::Reverse(rank), name("class"), name("name"))
    };
    assert!(all.windows(2).all(|w| key(&w[0]) < key(&w[1])), "by dependents, services, class and name");
    assert_eq!(all.len() as u32, ITEMS - ITEMS / 50, "what is not live has no rank");
    for row in all.iter().step_by(83) {
        let found = server.get(&format!("/api/v1/dependents?ref={}&limit=0", row["id"].as_str().unwrap()));
        let found = found.expect(200);
        assert_eq!(found["count"], row["dependents"]);
        assert_eq!(found["by_class"].get("BusinessService").unwrap_or(&json!(0)), &row["services"]);
    }
    let machines = rows("class=VirtualMachine&by=services&limit=100");
    assert!(machines.iter().all(|row| row["class"] == "VirtualMachine"));
    assert!(machines.windows(2).all(|w| number(&w[0], "services") >= number(&w[1], "services")));
    assert!(number(&machines[0], "services") > 10);
    server.get("/api/v1/ranking?by=luck").problem(400, "request.parameter");
    server.get("/api/v1/ranking?limit=all").problem(422, "request.limit");
}
