//! How long things take on a large inventory; run by hand, with `--ignored --nocapture`.

use crate::server::Server;
use axum::http::Method;
use std::fmt::Write;
use std::time::Instant;

#[test]
#[ignore = "takes a while; for people"]
fn a_million_items() {
    let server = Server::new();
    let mut csv = String::from("class,name,id,description\n");
    let words = ["web", "mail", "oracle", "gateway", "payroll", "ledger", "cache", "search"];
    for n in 0..1_000_000u32 {
        let (a, b) = (words[n as usize % 8], words[n as usize / 8 % 8]);
        writeln!(csv, "Server,{a}-{b}-{n:07},k{n},{b} node in rack {}", n % 977).unwrap();
    }
    csv.push_str("Server,zanzibar-primary,z,the odd one\n");
    let mut relationships = String::from("source,type,target\n");
    for n in 1..1_000_001u32 {
        writeln!(relationships, "k{},depends_on,k{}", n % 1_000_000, (n - 1) / 4).unwrap();
    }
    let import = |name: &str, body: String| {
        let started = Instant::now();
        let ask = server
            .ask(Method::POST, &format!("/api/v1/imports?name={name}&source=s"))
            .header("prefer", "wait=600");
        let report = ask.body(body).send().expect(200);
        eprintln!("import {name}: {:?}, rejected {}", started.elapsed(), report["rejected_count"]);
    };
    import("items.csv", csv);
    import("relationships.csv", relationships);
    let time = |path: &str| {
        for _ in 0..3 {
            let started = Instant::now();
            let answer = server.get(path);
            assert_eq!(answer.status, 200, "{}", answer.text());
            let elapsed = started.elapsed();
            let engine =
                serde_json::from_slice::<serde_json::Value>(&answer.bytes).unwrap()["elapsed_us"].clone();
            eprintln!("{path}: {elapsed:?}, engine {engine} us, {} bytes", answer.bytes.len());
        }
    };
    for q in ["w", "web", "zanz", "primary", "zanzibra", "rack%20977", "oracle%20payroll", "nothinglikethis"]
    {
        time(&format!("/api/v1/search?q={q}"));
    }
    time("/api/v1/dependents?ref=s%23k0&limit=0");
    time("/api/v1/dependents?ref=s%23k0&limit=100");
    time("/api/v1/dependents?ref=s%23k0&limit=all");
    time("/api/v1/dependents?ref=s%23k0&limit=all&fields=id");
    time("/api/v1/impact?ref=s%23k0&limit=100");
    time("/api/v1/impact?ref=s%23k999&limit=100");
    time("/api/v1/items?limit=100");
    time("/api/v1/items?limit=100&where=description%20contains%20odd");
    time("/api/v1/items?limit=100&sort=name");
}
