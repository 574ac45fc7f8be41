//! kill -9 of the server in the middle of imports and single edits; nothing acknowledged is lost.

use super::bench;
use serde_json::json;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const KILLS: u64 = 30;

#[test]
fn thirty_kills_lose_nothing_that_was_acknowledged() {
    let bench = bench();
    let mut rows = "class,name,id\n".to_owned();
    for n in 0..3000 {
        let _ = writeln!(rows, "Server,bulk-{n},bulk-{n}");
    }
    let bulk = bench.file("bulk.csv", &rows);
    let acknowledged: Mutex<Vec<String>> = Mutex::default();
    for round in 0..KILLS {
        let mut server = bench.serve();
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for worker in 0..2 {
                let (server_url, stop, acknowledged) = (server.url.clone(), &stop, &acknowledged);
                scope.spawn(move || {
                    let client = cmdb_tests::Remote::new(&server_url);
                    for n in 0.. {
                        let name = format!("r{round}-w{worker}-{n}");
                        let (status, _) =
                            client.post("/api/v1/items", &json!({ "class": "Server", "name": name }));
                        match status {
                            201 => acknowledged.lock().expect("no panic").push(name),
                            _ if stop.load(Ordering::Relaxed) => return,
                            _ => {}
                        }
                    }
                });
            }
            scope.spawn(|| {
                // Ends with an error when the server goes; what counts is what is found afterwards.
                bench.run(["import".as_ref(), bulk.as_os_str()]);
            });
            std::thread::sleep(Duration::from_millis(20 + (round * 37) % 230));
            server.kill();
            stop.store(true, Ordering::Relaxed);
        });
    }
    bench.run(["verify", "--full"]).ended(0).says("all is well");
    let list = bench.json(["list", "--class", "Server", "--fields", "name"]);
    let names: std::collections::HashSet<&str> =
        list["items"].as_array().expect("items").iter().filter_map(|i| i["name"].as_str()).collect();
    let acknowledged = acknowledged.into_inner().expect("no panic");
    assert!(acknowledged.len() > 100, "the kills came too early to mean anything: {}", acknowledged.len());
    let lost: Vec<_> = acknowledged.iter().filter(|name| !names.contains(name.as_str())).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let bulk_rows = names.iter().filter(|n| n.starts_with("bulk-")).count();
    assert!(
        bulk_rows == 0 || bulk_rows == 3000,
        "an atomic import is there whole or not at all: {bulk_rows}"
    );
}

#[test]
fn an_import_larger_than_two_megabytes_goes_through_a_running_server() {
    let bench = bench();
    let mut rows = "class,name,id,description\n".to_owned();
    for n in 0..40_000 {
        let _ =
            writeln!(rows, "Server,upload-{n},upload-{n},a description that makes the file a little longer");
    }
    assert!(rows.len() > 3_000_000);
    let file = bench.file("large.csv", &rows);
    let _server = bench.serve();
    let report = bench.json(["import".as_ref(), file.as_os_str()]);
    assert_eq!(report["created"], 40_000, "{report}");
}
