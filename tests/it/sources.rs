//! Sources that repeat, as a user sets them up.

use super::bench;
use cmdb_tests::Bench;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

/// A file that nobody has written to for a while: one that is still being written is left alone.
fn settled(bench: &Bench, name: &str, text: &str) -> PathBuf {
    let path = bench.file(name, text);
    let file = std::fs::File::options().write(true).open(&path).expect("it was just made");
    let before = SystemTime::now() - Duration::from_secs(60);
    file.set_modified(before).expect("its time can be set");
    path
}

fn run(bench: &Bench) -> (Value, Value, Value) {
    let run = bench.json(["source", "run", "inventory"]);
    (run["ended"].clone(), run["items"]["created"].clone(), run["items"]["updated"].clone())
}

#[test]
fn a_source_is_imported_when_it_has_something_new() {
    let bench = bench();
    settled(&bench, "a.csv", "class,name,id\nServer,s1,1\nServer,s2,2\n");
    bench.run(["source", "add", "inventory", "--path", "*.csv", "--every", "1h", "--format", "csv"]).ended(0);
    let dry = bench.json(["source", "run", "inventory", "--dry-run"]);
    assert_eq!(dry["items"]["created"], 2, "{dry:#}");
    assert_eq!(bench.json(["list"])["count"], 0, "a dry run keeps nothing");
    assert_eq!(run(&bench), (json!("imported"), json!(2), json!(0)));
    assert_eq!(run(&bench).0, "unchanged", "the content was imported before");
    settled(&bench, "a.csv", "class,name,id,description\nServer,s1,1,\nServer,s2,2,second\n");
    settled(&bench, "b.csv", "class,name,id\nServer,s3,3\n");
    assert_eq!(run(&bench), (json!("imported"), json!(1), json!(1)));
    let shown = bench.json(["source", "show", "inventory"]);
    let runs = shown["runs"].as_array().expect("runs");
    assert_eq!(runs.iter().map(|r| r["rows"].as_u64()).collect::<Vec<_>>(), [Some(3), Some(0), Some(2)]);
    assert_eq!(runs[0]["trend_percent"], 50.0, "{shown:#}");
    let item = bench.json(["show", "s2"]);
    assert_eq!(item["provenance"]["description"]["source"], "inventory");
    bench
        .run(["source", "add", "inventory", "--path", "*.csv", "--every", "1h"])
        .ended(3)
        .says("repeats already");
    bench.run(["source", "add", "x", "--path", "*.csv", "--every", "5s"]).ended(2).says("every minute");
    bench.run(["source", "add", "x", "--path", "*.csv", "--every", "soon"]).ended(2);
}

#[test]
fn what_goes_wrong_with_a_source_is_seen_and_nothing_is_half_done() {
    let bench = bench();
    settled(&bench, "a.csv", "class,name,id,criticality\nServer,s1,1,1\nServer,s2,2,high\n");
    bench.run(["source", "add", "inventory", "--path", "*.csv", "--every", "1h"]).ended(0);
    bench.run(["source", "run", "inventory", "--dry-run"]).ended(1).says("criticality");
    bench.run(["source", "run", "inventory"]).ended(1).says("1 row rejected");
    assert_eq!(bench.json(["list"])["count"], 0);
    assert_eq!(bench.json(["source", "show", "inventory"])["state"], "rejected");
    settled(&bench, "a.csv", "class,name,colour\nServer,s1,red\n");
    bench.run(["source", "run", "inventory"]).ended(2).says("colour");
    bench.run(["source", "run", "inventory"]).ended(2);
    let shown = bench.json(["source", "show", "inventory"]);
    assert_eq!((&shown["state"], &shown["runs"][0]["repeated"]), (&json!("failed"), &json!(1)), "{shown:#}");
    std::fs::remove_file(bench.folder.path().join("a.csv")).expect("it is there");
    bench.run(["source", "run", "inventory"]).ended(2).says("no file matches");
    bench.run(["source", "run", "nobody"]).ended(2).says("no source");
    bench.run(["source", "remove", "inventory"]).ended(0);
    assert_eq!(bench.json(["source", "list"])["sources"], json!([]));
}

#[test]
fn the_server_looks_at_a_source_by_itself_and_each_file_once() {
    let bench = bench();
    settled(&bench, "2026-01.csv", "class,name,id\nServer,old name,1\n");
    settled(&bench, "2026-02.csv", "class,name,id\nServer,new name,1\n");
    let _server = bench.serve();
    bench.run(["source", "add", "dated", "--path", "2026-*.csv", "--every", "60s", "--each"]).ended(0);
    let started = Instant::now();
    while bench.json(["source", "show", "dated"])["runs"].as_array().map_or(0, Vec::len) < 2 {
        assert!(started.elapsed() < Duration::from_secs(20), "the server runs it");
        std::thread::sleep(Duration::from_millis(50));
    }
    bench.run(["show", "new name"]).ended(0);
    let shown = bench.json(["source", "show", "dated"]);
    let files: Vec<_> = shown["runs"].as_array().expect("runs").iter().map(|r| &r["files"][0]).collect();
    assert_eq!(files, [&json!("2026-02.csv"), &json!("2026-01.csv")], "newest first");
    assert_eq!(shown["runs"][0]["scheduled"], true);
    assert_eq!(bench.json(["source", "run", "dated"])["ended"], "unchanged");
}

#[test]
fn a_source_behind_a_url_is_fetched_only_when_it_changed() {
    let bench = bench();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/export/items.csv", listener.local_addr().expect("bound"));
    let answered = std::thread::spawn(move || {
        let mut statuses = Vec::new();
        for stream in listener.incoming().flatten().take(3) {
            let mut reader = BufReader::new(stream);
            let (mut head, mut line) = (String::new(), String::new());
            while reader.read_line(&mut line).is_ok_and(|n| n > 2) {
                head.push_str(&line.to_lowercase());
                line.clear();
            }
            let answer =
                match (head.contains("authorization: token t"), head.contains("if-none-match: \"v1\"")) {
                    (false, _) => "HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n".to_owned(),
                    (true, true) => "HTTP/1.1 304 Same\r\n\r\n".to_owned(),
                    (true, false) => {
                        let body = "class,name,id\nServer,s1,1\n";
                        format!(
                            "HTTP/1.1 200 OK\r\netag: \"v1\"\r\ncontent-length: {}\r\n\r\n{body}",
                            body.len()
                        )
                    }
                };
            let _ = reader.get_mut().write_all(answer.as_bytes());
            statuses.push(answer[9..12].to_owned());
        }
        statuses
    });
    let allow = ["--outbound-allow", "127.0.0.1"];
    let add = ["source", "add", "web", "--url", &url, "--every", "1h"];
    bench.run(add).ended(3).says("not a public address");
    bench.run(allow.iter().chain(&add)).ended(0);
    bench.run(allow.iter().chain(&["source", "run", "web"])).ended(4).says("answered 403");
    bench.run(["source", "remove", "web"]).ended(0);
    let header = ["--header", "Authorization=Token t"];
    bench.run(allow.iter().chain(&add).chain(&header)).ended(0);
    let ran = bench.json(allow.iter().chain(&["source", "run", "web"]));
    assert_eq!((&ran["ended"], &ran["items"]["created"]), (&json!("imported"), &json!(1)), "{ran:#}");
    let ran = bench.json(allow.iter().chain(&["source", "run", "web"]));
    assert_eq!(ran["ended"], "unchanged");
    assert_eq!(answered.join().expect("it ended"), ["403", "200", "304"]);
    let shown = bench.run(["source", "show", "web", "--json"]).ended(0);
    assert!(!shown.out.contains("Token t") && shown.out.contains("Authorization"), "{}", shown.out);
}

#[test]
fn a_source_that_shrinks_too_much_stops_and_says_so() {
    let bench = bench();
    let rows = |from: usize| {
        let lines: Vec<String> = (from..20).map(|n| format!("Server,srv{n},k{n}")).collect();
        format!("class,name,id\n{}\n", lines.join("\n"))
    };
    let retired = |bench: &Bench| bench.json(["list", "--where", "status = retired"])["count"].clone();
    settled(&bench, "a.csv", &rows(0));
    let add = ["source", "add", "inventory", "--path", "*.csv", "--every", "1h"];
    let policy = ["--missing", "retire", "--missing-after", "2", "--max-remove", "15%"];
    bench.run(add.iter().chain(&policy).chain(&["--each"])).ended(2);
    bench.run(add.iter().chain(&["--max-remove", "15%"])).ended(2).says("missing=retire");
    bench.run(add.iter().chain(&["--missing", "drop"])).ended(2).says("drop");
    bench.run(add.iter().chain(&policy)).ended(0).says("2 runs did not name").says("15%");
    assert_eq!(run(&bench).0, "imported");
    // Missed once it is noted, and missed again, though by the same file, it goes.
    settled(&bench, "a.csv", &rows(2));
    assert_eq!(run(&bench).0, "imported");
    assert_eq!(retired(&bench), 0);
    assert_eq!(run(&bench).0, "imported", "the same file once more counts as a run");
    assert_eq!(retired(&bench), 2);
    assert_eq!(run(&bench).0, "unchanged", "there is nothing left to count");
    settled(&bench, "a.csv", &rows(10));
    assert_eq!(run(&bench).0, "imported", "missed once, nothing goes");
    bench.run(["source", "run", "inventory"]).ended(3).says("8 of the 20").says("15.0 %");
    assert_eq!(retired(&bench), 2, "nothing was done");
    let shown = bench.json(["source", "show", "inventory"]);
    assert_eq!(
        (&shown["state"], &shown["missing"], &shown["max_remove"]),
        (&json!("failed"), &json!("retire"), &json!("15%"))
    );
    assert_eq!(shown["runs"][0]["code"], "import.removes-too-much", "{shown:#}");
    // Back again, all is well; without its policy a source keeps what it does not name.
    settled(&bench, "a.csv", &rows(0));
    assert_eq!(run(&bench).0, "imported");
    assert_eq!(retired(&bench), 0);
    bench.run(["source", "remove", "inventory"]).ended(0);
    bench.run(add).ended(0);
    assert_eq!(bench.json(["source", "show", "inventory"])["missing"], "keep");
}
