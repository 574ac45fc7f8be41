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

#[test]
fn an_import_that_was_killed_half_way_goes_on_under_its_own_name_and_is_taken_back_as_one() {
    const ROWS: u64 = 500_000;
    let bench = bench();
    bench.run(["create", "Server", "name=before"]).ended(0);
    let before = bench.json(["export", "--as", "json"])["items"].clone();
    let mut rows = "class,name,id\n".to_owned();
    for n in 0..ROWS {
        let _ = writeln!(rows, "Server,bulk-{n},bulk-{n}");
    }
    let file = bench.file("bulk.csv", &rows);
    let mut server = bench.serve();
    std::thread::scope(|scope| {
        scope.spawn(|| bench.run(["import".as_ref(), file.as_os_str()]));
        // So many rows are read that the first parts were taken, and the last ones were not.
        let job = || server.get("/api/v1/jobs").1["jobs"][0].clone();
        let is_half_way =
            |job: serde_json::Value| job["phase"] == "import" && job["done"].as_u64() > Some(ROWS * 4 / 5);
        while !is_half_way(job()) {
            std::thread::sleep(Duration::from_millis(2));
        }
        server.kill();
    });
    let runs = bench.json(["imports"]);
    assert_eq!(runs["imports"][0]["state"], "unfinished", "{runs:#}");
    let id = runs["imports"][0]["import"].as_str().expect("an id").to_owned();
    let resume = |file: &std::path::Path| {
        bench.run(["import".as_ref(), "--json".as_ref(), "--resume".as_ref(), id.as_ref(), file.as_os_str()])
    };
    let other = bench.file("other.csv", "class,name\nServer,other\n");
    resume(&other).ended(3).says("bulk.csv, not of ");

    let report: serde_json::Value = serde_json::from_str(&resume(&file).ended(0).out).expect("JSON");
    let count = |key: &str| report[key].as_u64().unwrap_or(0);
    assert_eq!((report["import"].as_str(), count("created") + count("unchanged")), (Some(&*id), ROWS));
    assert!(count("created") > 0 && count("unchanged") > 0, "it broke off in the middle: {report:#}");
    resume(&file).ended(3).says("got to its end");
    bench.run(["verify", "--full"]).ended(0).says("all is well");
    bench.run(["imports"]).ended(0).says("done");
    bench.run(["undo", &id]).ended(0).says(&format!("{ROWS} removed"));
    assert_eq!(bench.json(["export", "--as", "json"])["items"], before);
}
