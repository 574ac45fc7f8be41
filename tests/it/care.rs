//! Looking after a folder, also while a server holds it.

use super::bench;
use serde_json::json;
use std::time::Duration;

#[test]
fn a_folder_is_looked_after_through_the_server_that_holds_it() {
    let bench = bench();
    bench.run(["create", "Server", "name=web-01", "description=secret"]).ended(0);
    let _server = bench.serve();
    bench.run(["purge", "web-01", "--attribute", "description"]).ended(0).says("erased description");
    bench.run(["compact"]).ended(0).says("unused space was given back");
    bench.run(["verify", "--full"]).ended(0).says("all is well");
    assert_eq!(bench.json(["verify"])["clean"], json!(true));
    let backup = bench.folder.path().join("b.cmdb");
    bench.run(["backup".as_ref(), backup.as_os_str()]).ended(0);
}

#[test]
fn writers_without_a_server_wait_for_each_other() {
    let bench = bench();
    bench.run(["init"]).ended(0);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let bench = &bench;
            scope.spawn(move || bench.run(["create", "Server", &format!("name=s{n}")]).ended(0));
        }
    });
    assert_eq!(bench.json(["list"])["items"].as_array().map(Vec::len), Some(8));
}

#[test]
fn a_folder_held_for_long_is_said_to_be_held_by_whom() {
    let bench = bench();
    bench.run(["create", "Server", "name=a"]).ended(0);
    // A server that was killed left its address behind; this process is not that server.
    let stale = json!({ "url": "http://127.0.0.1:9", "pid": 1, "secret": "x" }).to_string();
    std::fs::write(bench.data().join("server.json"), stale).expect("a file");
    let held = std::fs::File::open(bench.data().join("cmdb.redb")).expect("a store");
    held.lock().expect("nobody holds it");
    let ran = bench.run(["--wait", "0", "create", "Server", "name=b"]).ended(4);
    if cfg!(target_os = "linux") {
        ran.says(&format!("held by process {}", std::process::id())).says("--wait");
    }
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| bench.run(["create", "Server", "name=b"]).ended(0));
        std::thread::sleep(Duration::from_millis(500));
        assert!(!waiting.is_finished());
        drop(held);
    });
    bench.run(["show", "b"]).ended(0);
}

#[test]
fn a_missing_note_of_the_newest_entry_is_reported() {
    let bench = bench();
    bench.run(["create", "Server", "name=a"]).ended(0);
    let clean = bench.run(["verify"]).ended(0);
    assert!(!clean.out.contains("cmdb.head"), "{clean:?}");
    let note = bench.data().join("cmdb.head");
    std::fs::remove_file(&note).expect("a note");
    bench.run(["verify"]).ended(0).says("cmdb.head was missing or unreadable");
    std::fs::write(&note, b"garbage").expect("a note");
    bench.run(["verify"]).ended(0).says("cmdb.head was missing or unreadable");
    bench.run(["create", "Server", "name=b"]).ended(0);
    let clean = bench.run(["verify"]).ended(0);
    assert!(!clean.out.contains("cmdb.head"), "written again with the next commit: {clean:?}");
}
