//! Ways to get a dangerous change past the board unnoticed, as docs/attempts.md lists them; each was tried by hand first.

use super::{by, json_by, minutes_from_now, recorded, scheduled, services};
use crate::small_shop::shop;
use cmdb_tests::Bench;
use serde_json::{Value, json};
use std::time::Duration;

fn assessment(bench: &Bench, change: &str) -> Value {
    bench.json(["change", "show", change])["attributes"]["assessment"].clone()
}

fn assessed(bench: &Bench, affects: &[&str]) -> Value {
    let change = recorded(bench, affects, &[]);
    json_by(bench, "alice", &["change", "assess", &change])["attributes"]["assessment"].clone()
}

fn shop_is(assessment: &Value, state: &str) {
    assert_eq!(services(assessment, "during"), [("Shop".to_owned(), state.to_owned())], "{assessment:#}");
}

#[test]
fn a_change_that_runs_past_its_window_or_has_none_still_counts() {
    let Some(bench) = shop() else { return };
    let late = recorded(&bench, &["esx1"], &[]);
    by(&bench, "alice", &["change", "edit", &late, "--end", &minutes_from_now(1)]).ended(0);
    by(&bench, "alice", &["change", "submit", &late]).ended(0);
    by(&bench, "bob", &["change", "approve", &late]).ended(0);
    by(&bench, "alice", &["change", "schedule", &late]).ended(0);
    by(&bench, "alice", &["change", "start", &late]).ended(0);
    // Its window is over before the other one begins.
    let (start, end) = (minutes_from_now(30), minutes_from_now(60));
    let other = recorded(&bench, &["app2"], &["--reason", "later"]);
    by(&bench, "alice", &["change", "edit", &other, "--start", &start, "--end", &end]).ended(0);
    let found = json_by(&bench, "alice", &["change", "assess", &other]);
    shop_is(&found["attributes"]["assessment"], "at_risk");
    by(&bench, "alice", &["change", "finish", &late]).ended(0);
    let urgent = json_by(
        &bench,
        "alice",
        &["change", "create", "--title", "now", "--type", "emergency", "--affects", "esx1"],
    );
    let urgent = urgent["number"].as_str().expect("a number");
    by(&bench, "bob", &["change", "approve", urgent]).ended(0);
    by(&bench, "alice", &["change", "start", urgent]).ended(0);
    std::thread::sleep(Duration::from_millis(20));
    shop_is(&assessed(&bench, &["app2"]), "down");
    let pack = bench.json(["cab"]);
    assert!(pack["agenda"].to_string().contains(urgent), "{pack:#}");
    by(&bench, "mallory", &["unrelate", urgent, "affects", "esx1"]).ended(3).says("decided on");
    shop_is(&assessed(&bench, &["app2"]), "down");
    by(&bench, "alice", &["remove", "esx1", "--cascade"]).ended(0);
}

#[test]
fn planned_edits_that_retire_a_host_are_seen_as_what_they_are() {
    let Some(bench) = shop() else { return };
    let plan = bench.file("plan.txt", "set esx2 status=retired\nset app1 version=2\n");
    let plan = plan.to_string_lossy().into_owned();
    let change = json_by(
        &bench,
        "alice",
        &[
            "change",
            "create",
            "--title",
            "edits",
            "--proposal",
            &plan,
            "--start",
            &minutes_from_now(1),
            "--end",
            &minutes_from_now(9),
        ],
    );
    let change = change["number"].as_str().expect("a number").to_owned();
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    shop_is(&assessment(&bench, &change), "down");
    let shown = bench.json(["change", "show", &change]);
    let affects = shown["affects"].as_array().expect("affects");
    let words: Vec<String> = affects
        .iter()
        .map(|a| format!("{} {}", a["name"].as_str().unwrap_or(""), a["state"].as_str().unwrap_or("")))
        .collect();
    assert!(
        words.contains(&"esx2 down".to_owned()) && words.contains(&"app1 edited".to_owned()),
        "{words:?}"
    );
    by(&bench, "alice", &["change", "edit", &change, "--drop", "esx2"]).ended(0);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    shop_is(&assessment(&bench, &change), "down");
}

#[test]
fn an_edit_without_a_change_is_not_covered_afterwards() {
    let Some(bench) = shop() else { return };
    let done = scheduled(&bench, &["web1"], &[]);
    by(&bench, "alice", &["change", "start", &done]).ended(0);
    by(&bench, "alice", &["change", "finish", &done]).ended(0);
    by(&bench, "alice", &["change", "review", &done]).ended(0);
    by(&bench, "alice", &["change", "close", &done]).ended(0);
    by(&bench, "mallory", &["set", "esx2", "firmware_version=evil"]).ended(0);
    let findings = || bench.json(["change", "unauthorised"])["count"].clone();
    assert_eq!(findings(), json!(1));
    by(&bench, "mallory", &["relate", &done, "affects", "esx2"]).ended(3).says("decided on");
    let forged = ["create", "Change", "name=LEG", "status=closed", "outcome=successful"];
    let times = ["actual_start=2026-01-01T00:00:00Z", "actual_end=2099-01-01T00:00:00Z"];
    by(&bench, "mallory", &[&forged[..], &times[..]].concat()).ended(0);
    by(&bench, "mallory", &["relate", "LEG", "affects", "esx2"]).ended(0);
    assert_eq!(findings(), json!(1), "what came from elsewhere covers nothing");
}

#[test]
fn a_freeze_is_edited_by_those_who_decide_and_leave_is_for_one_plan() {
    let Some(bench) = shop() else { return };
    for (name, role) in [("mallory", "editor"), ("bob", "approver"), ("carol", "approver")] {
        bench.run(["user", "create", name, "--role", role]).ended(0);
    }
    let (start, end) = (minutes_from_now(-60), minutes_from_now(600));
    let freeze =
        ["freeze", "create", "--title", "Peak", "--start", &start, "--end", &end, "--items", "esx2", "web1"];
    by(&bench, "bob", &freeze).ended(0);
    by(&bench, "mallory", &["set", "FRZ-000001", "title=nothing"]).ended(3).says("binds others");
    by(&bench, "mallory", &["unrelate", "FRZ-000001", "affects", "esx2"]).ended(3).says("binds others");
    let change = recorded(&bench, &["web1=edited"], &[]);
    by(&bench, "alice", &["change", "submit", &change]).ended(3).says("FRZ-000001");
    let ask = ["freeze", "exception", "request", "FRZ-000001", "--change", &change, "--reason", "small"];
    by(&bench, "alice", &ask).ended(0);
    by(&bench, "carol", &["freeze", "exception", "approve", "EXC-000001"]).ended(0);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    by(&bench, "alice", &["change", "edit", &change, "--add", "esx2"]).ended(0);
    by(&bench, "alice", &["change", "submit", &change]).ended(3).says("FRZ-000001");
}

#[test]
fn back_out_time_in_a_freeze_is_time_in_a_freeze() {
    let Some(bench) = shop() else { return };
    let (start, end) = (minutes_from_now(60), minutes_from_now(600));
    by(
        &bench,
        "bob",
        &["freeze", "create", "--title", "Peak", "--start", &start, "--end", &end, "--items", "esx2"],
    )
    .ended(0);
    let change = recorded(&bench, &["esx2"], &["--back-out-minutes", "30"]);
    by(&bench, "alice", &["change", "submit", &change]).ended(3).says("FRZ-000001");
}

#[test]
fn nobody_leaves_the_authors_by_an_undo_or_by_another_spelling() {
    let Some(bench) = shop() else { return };
    let change = recorded(&bench, &["web1"], &[]);
    let rows = bench.file("c.csv", &format!("class,name,reason\nChange,{change},because\n"));
    let rows = rows.to_string_lossy().into_owned();
    let report = json_by(&bench, "bob", &["import", &rows]);
    let import = report["import"].as_str().expect("an import").to_owned();
    by(&bench, "bob", &["change", "edit", &change, "--add", "esx2"]).ended(0);
    by(&bench, "bob", &["undo", &import, "--keep-later"]);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    by(&bench, "bob", &["change", "approve", &change]).ended(3).says("has a hand in");
    for implementer in ["bob, Ops", "Ops / Bob"] {
        let change = recorded(&bench, &["web1"], &["--implementer", implementer]);
        by(&bench, "alice", &["change", "submit", &change]).ended(0);
        by(&bench, "bob", &["change", "approve", &change]).ended(3).says("has a hand in");
    }
    by(&bench, "alice", &["create", "Person", "name=Robert Smith", "email=bob"]).ended(0);
    let change = recorded(&bench, &["web1"], &["--implementer", "Robert Smith"]);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    by(&bench, "bob", &["change", "approve", &change]).ended(3).says("has a hand in");
}

#[test]
fn a_vote_is_on_what_was_read() {
    let Some(bench) = shop() else { return };
    let change = recorded(&bench, &["web1"], &[]);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    let read = bench.json(["change", "show", &change])["version"].to_string();
    by(&bench, "alice", &["change", "edit", &change, "--affects", "esx2"]).ended(0);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    by(&bench, "bob", &["change", "approve", &change, "--if-version", &read])
        .ended(3)
        .says("nothing was decided");
    let read = bench.json(["change", "show", &change])["version"].to_string();
    by(&bench, "bob", &["change", "approve", &change, "--if-version", &read]).ended(0);
}

#[test]
fn a_model_does_not_authorise_what_two_of_its_changes_do_together() {
    let Some(bench) = shop() else { return };
    let query = "MATCH (n) WHERE n.name IN ['esx1', 'app2'] RETURN n";
    by(&bench, "alice", &["change", "model", "create", "restart", "--ci-query", query]).ended(0);
    by(&bench, "bob", &["change", "model", "approve", "restart"]).ended(0);
    let standard = |item: &str| recorded(&bench, &[item], &["--type", "standard", "--model", "restart"]);
    let (first, second) = (standard("esx1"), standard("app2"));
    by(&bench, "alice", &["change", "submit", &first]).ended(0);
    by(&bench, "alice", &["change", "submit", &second])
        .ended(3)
        .says("not what its model was authorised for");
}
