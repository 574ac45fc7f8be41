//! Ways to get a dangerous change past the board unnoticed, as docs/attempts.md lists them; each was tried by hand first.

use super::{by, json_by, minutes_from_now, recorded, scheduled, services};
use crate::small_shop::shop;
use cmdb_core::model::temporal::Instant;
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
    let found = assessment(&bench, &change);
    shop_is(&found, "down");
    // It does not come back with the end of the change.
    assert_eq!(services(&found, "after"), [("Shop".to_owned(), "down".to_owned())], "{found:#}");
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

#[test]
fn two_edits_that_would_take_the_shop_down_if_both_fail_are_a_collision() {
    let Some(bench) = shop() else { return };
    let first = recorded(&bench, &["esx1=edited"], &[]);
    by(&bench, "alice", &["change", "submit", &first]).ended(0);
    by(&bench, "bob", &["change", "approve", &first]).ended(0);
    let second = recorded(&bench, &["app2=edited"], &[]);
    by(&bench, "alice", &["change", "submit", &second]).ended(0);
    let found = bench.json(["change", "conflicts"]);
    let reason = found["conflicts"][0]["reason"].as_str().unwrap_or("").to_owned();
    assert_eq!(found["conflicts"][0]["kind"], "joint_failure", "{found:#}");
    assert!(reason.contains("app of Shop needs 2 of 3"), "{reason}");
    assert!(reason.ends_with("if both fail, together they take Shop down"), "{reason}");
    let kept = assessment(&bench, &second)["collisions"].clone();
    assert_eq!(kept[0]["kind"], "joint_failure", "{kept:#}");
    let pack = bench.run(["cab", "--as", "markdown"]).ended(0).out;
    assert!(pack.contains("Dangerous together if they fail (1)"), "{pack}");
}

#[test]
fn whoever_holds_a_token_without_a_user_neither_hands_in_nor_approves_their_own() {
    let Some(bench) = shop() else { return };
    bench.run(["user", "create", "mallory", "--role", "approver"]).ended(0);
    let nameless = bench.json(["token", "create", "--role", "editor", "--label", "pipeline"]);
    let own = bench.json(["token", "create", "--role", "approver", "--user", "mallory", "--label", "own"]);
    let secret = |token: &Value| token["token"].as_str().unwrap_or_else(|| panic!("{token}")).to_owned();
    let (nameless, own) = (secret(&nameless), secret(&own));
    let server = bench.serve();
    let with = |token: &str, args: &[&str]| {
        bench.run(["--server", &server.url, "--token", token].iter().chain(args).copied().collect::<Vec<_>>())
    };
    let (start, end) = (minutes_from_now(-5), minutes_from_now(55));
    let plan =
        ["change", "create", "--title", "hidden", "--affects", "esx2", "--start", &start, "--end", &end];
    with(&nameless, &plan).ended(0);
    with(&nameless, &["change", "submit", "CHG-000001"]).ended(3).says("somebody has to answer");
    with(&own, &["change", "submit", "CHG-000001"]).ended(0);
    with(&own, &["change", "approve", "CHG-000001"]).ended(3).says("has a hand in");
    let urgent = ["change", "create", "--title", "now", "--type", "emergency", "--affects", "esx2"];
    with(&nameless, &urgent).ended(0);
    with(&own, &["change", "approve", "CHG-000002"]).ended(3).says("nobody answers for it");
}

#[test]
fn who_joins_the_owning_team_after_the_change_was_handed_in_joins_for_the_next_one() {
    let Some(bench) = shop() else { return };
    by(&bench, "zoe", &["create", "Team", "name=Shop team"]).ended(0);
    by(&bench, "zoe", &["create", "Person", "name=Olga", "email=olga"]).ended(0);
    by(&bench, "zoe", &["relate", "Olga", "belongs_to", "Shop team"]).ended(0);
    by(&bench, "zoe", &["relate", "Shop", "owned_by", "Shop team"]).ended(0);
    let change = recorded(&bench, &["esx2=edited"], &[]);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    by(&bench, "alice", &["create", "Person", "name=Robert", "email=bob"]).ended(0);
    by(&bench, "alice", &["relate", "Robert", "belongs_to", "Shop team"]).ended(0);
    // Bob is a manager under the rules that come with the program, and no owner.
    by(&bench, "bob", &["change", "approve", &change]).ended(0);
    assert_eq!(bench.json(["change", "show", &change])["status"], "awaiting_approval");
    let vote = bench.json(["change", "show", &change])["attributes"]["approvals"][0].clone();
    assert_eq!(vote["too_new_for"], json!(["Shop team"]), "{vote}");
    by(&bench, "olga", &["change", "approve", &change]).ended(0);
    assert_eq!(bench.json(["change", "show", &change])["status"], "approved");
    // Had it been on record in time, it still is the requester's word.
    let change = recorded(&bench, &["esx2=edited"], &["--reason", "again"]);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    by(&bench, "bob", &["change", "approve", &change]).ended(0);
    let shown = bench.json(["change", "show", &change]);
    assert_eq!(shown["status"], "approved");
    assert!(shown["concerns"].to_string().contains("by what local as alice wrote down"), "{shown:#}");
}

#[test]
fn a_freeze_is_lifted_by_a_second_person_and_the_board_sees_it() {
    let Some(bench) = shop() else { return };
    let (start, end) = (minutes_from_now(-600), minutes_from_now(600));
    let freeze = |title: &str| {
        by(
            &bench,
            "bob",
            &["freeze", "create", "--title", title, "--start", &start, "--end", &end, "--items", "esx2"],
        )
        .ended(0);
    };
    freeze("Peak");
    let change = recorded(&bench, &["esx2=edited"], &[]);
    by(&bench, "alice", &["freeze", "remove", "FRZ-000001"]).ended(3).says("does not lift it");
    by(&bench, "carol", &["freeze", "remove", "FRZ-000001"]).ended(0);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    let pack = bench.json(["cab"]);
    let edit = &pack["calendar_edits"][0];
    assert_eq!((&edit["what"], &edit["by"]), (&json!("lifted"), &json!("local as carol")), "{pack:#}");
    assert_eq!(edit["lets_through"], json!([change]));
    assert!(pack["attention"].to_string().contains("FRZ-000001 Peak was lifted by"), "{pack:#}");
    freeze("Other");
    by(&bench, "bob", &["set", "FRZ-000002", "title=Nothing"]).ended(0);
    let pack = bench.run(["cab", "--as", "markdown"]).ended(0).out;
    assert!(pack.contains("**FRZ-000002** Nothing — edited: title by local as bob"), "{pack}");
}

#[test]
fn a_tag_that_brings_an_item_into_a_model_is_not_set_by_the_requester() {
    let Some(bench) = shop() else { return };
    let query = "MATCH (n) WHERE 'restartable' IN n.tags RETURN n";
    let tag = |who: &str, item: &str| {
        let text = format!("MATCH (n {{name: '{item}'}}) SET n.tags = ['restartable'] RETURN n.name");
        by(&bench, who, &["query", &text]).ended(0);
    };
    tag("zoe", "web1");
    by(&bench, "zoe", &["change", "model", "create", "restart", "--ci-query", query]).ended(0);
    by(&bench, "bob", &["change", "model", "approve", "restart"]).ended(0);
    tag("alice", "esx2");
    tag("carol", "web2");
    let standard = |item: &str| recorded(&bench, &[item], &["--type", "standard", "--model", "restart"]);
    let (own, others, old) = (standard("esx2=edited"), standard("web2=edited"), standard("web1=edited"));
    by(&bench, "alice", &["change", "submit", &own]).ended(3).says("came into the model");
    by(&bench, "alice", &["change", "submit", &old]).ended(0);
    by(&bench, "alice", &["set", "web2", "description=front"]).ended(0);
    by(&bench, "alice", &["change", "submit", &others]).ended(0);
}

#[test]
fn a_baseline_is_not_forged_and_the_change_names_the_true_one() {
    let Some(bench) = shop() else { return };
    let change = scheduled(&bench, &["web1=edited"], &[]);
    let name = format!("{change}-before");
    by(&bench, "mallory", &["baseline", "create", &name]).ended(3).says("names the state before or after");
    by(&bench, "alice", &["change", "start", &change]).ended(0);
    by(&bench, "alice", &["change", "back-out", &change]).ended(0);
    let delivery = bench.json(["change", "show", &change])["attributes"]["delivery"].clone();
    assert_eq!(delivery["baseline"], json!(name));
    let baselines = bench.json(["baseline", "list"]);
    let named =
        baselines["baselines"].as_array().expect("baselines").iter().find(|b| b["name"] == json!(name));
    assert_eq!(named.expect("the baseline")["position"], delivery["from"]);
}

#[test]
fn a_change_that_is_never_finished_covers_nothing_after_its_time() {
    let Some(bench) = shop() else { return };
    let change = recorded(&bench, &["esx2=edited"], &[]);
    let end = Instant::from_millis(super::now_ms() + 2_500).to_string();
    by(&bench, "alice", &["change", "edit", &change, "--end", &end]).ended(0);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    by(&bench, "bob", &["change", "approve", &change]).ended(0);
    by(&bench, "alice", &["change", "schedule", &change]).ended(0);
    by(&bench, "alice", &["change", "start", &change]).ended(0);
    by(&bench, "alice", &["set", "esx2", "version=2"]).ended(0);
    let findings = || bench.json(["change", "unauthorised"])["count"].clone();
    assert_eq!(findings(), json!(0));
    std::thread::sleep(Duration::from_millis(2_600));
    by(&bench, "mallory", &["set", "esx2", "version=evil"]).ended(0);
    assert_eq!(findings(), json!(1));
    let pack = bench.json(["cab"]);
    assert!(
        pack["attention"].to_string().contains(&format!("{change} a change is still running")),
        "{pack:#}"
    );
}

#[test]
fn changes_that_came_over_and_done_with_do_not_lower_the_risk() {
    let Some(bench) = shop() else { return };
    let mut rows = "class,name,status,outcome,actual_start,actual_end\n".to_owned();
    for n in 0..30 {
        rows += &format!("Change,LEG-{n},closed,successful,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z\n");
    }
    let rows = bench.file("legacy.csv", &rows);
    bench.run(["import".as_ref(), rows.as_os_str()]).ended(0);
    let risk = assessed(&bench, &["esx2"])["risk"].clone();
    assert_eq!(risk["prior"], json!(0.1), "{risk:#}");
    assert_eq!(risk["comparable"]["imported_left_out"], json!(30), "{risk:#}");
}

#[test]
fn names_that_look_the_same_are_one_user() {
    let Some(bench) = shop() else { return };
    bench.run(["user", "create", "dave", "--role", "viewer"]).ended(0);
    by(&bench, "Dave", &["set", "esx2", "version=2"]).ended(3).says("dave is viewer");
    by(&bench, "ＤＡＶＥ", &["set", "esx2", "version=2"]).ended(3).says("dave is viewer");
    by(&bench, "da\u{200b}ve", &["set", "esx2", "version=2"]).ended(2).says("not seen");
    by(&bench, "dаve", &["set", "esx2", "version=2"]).ended(2).says("Cyrillic");
    for (name, why) in [("Dave", "can be taken for"), ("Anonymous", "stand for nobody"), ("bоb", "Cyrillic")]
    {
        let refused = bench.run(["user", "create", name, "--role", "viewer"]);
        assert!(refused.code != 0 && refused.err.contains(why), "{name}: {refused:?}");
    }
}

#[test]
fn what_a_title_hides_is_not_printed_and_what_was_rejected_is_said() {
    let Some(bench) = shop() else { return };
    let change = recorded(&bench, &["web1"], &[]);
    by(&bench, "alice", &["change", "edit", &change, "--title", "\u{202e}evil\u{200b} title"]).ended(0);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    by(&bench, "bob", &["change", "reject", &change, "--note", "not at noon"]).ended(0);
    by(&bench, "alice", &["change", "edit", &change, "--reason", "really"]).ended(0);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    for form in ["html", "markdown"] {
        let pack = bench.run(["cab", "--as", form]).ended(0).out;
        assert!(pack.contains("evil title"), "{form}: {pack}");
        assert!(!pack.contains('\u{202e}') && !pack.contains('\u{200b}'), "{form}");
        assert!(pack.contains("was rejected before by local as bob: not at noon"), "{form}: {pack}");
    }
    bench.run(["change", "show", &change]).ended(0).says("was rejected before");
}

#[test]
fn downtime_beyond_a_service_s_target_is_said_in_minutes_and_makes_the_risk_high() {
    let Some(bench) = shop() else { return };
    bench
        .run(["set", "Shop", "availability_target=99.9", "criticality=4", "time_zone=Europe/Berlin"])
        .ended(0);
    let change = |start: &str, end: &str, reason: &str| {
        let change = recorded(&bench, &["esx2"], &["--reason", reason]);
        by(&bench, "alice", &["change", "edit", &change, "--start", start, "--end", end]).ended(0);
        change
    };
    // April has 30 days: 43.2 minutes.
    let fits = change("2031-04-01T01:00:00Z", "2031-04-01T01:40:00Z", "fits");
    let found = json_by(&bench, "alice", &["change", "assess", &fits])["attributes"]["assessment"].clone();
    let budget = &found["budgets"][0];
    assert_eq!((&budget["month"], &budget["broken"]), (&json!("April 2031"), &json!(false)), "{budget:#}");
    let figures = ["allowed_minutes", "used_minutes", "this_change_minutes", "left_minutes"];
    assert_eq!(figures.map(|key| budget[key].as_f64()), [43.2, 0.0, 40.0, 3.2].map(Some), "{budget:#}");
    assert_eq!(found["risk"]["impact"], "low");
    by(&bench, "alice", &["change", "submit", &fits]).ended(0);
    by(&bench, "bob", &["change", "approve", &fits]).ended(0);
    // Ten of its twenty minutes lie beside the first one.
    let second = change("2031-04-01T01:30:00Z", "2031-04-01T01:50:00Z", "too much");
    let found = json_by(&bench, "alice", &["change", "assess", &second])["attributes"]["assessment"].clone();
    let budget = &found["budgets"][0];
    assert_eq!(figures.map(|key| budget[key].as_f64()), [43.2, 40.0, 10.0, -6.8].map(Some), "{budget:#}");
    assert_eq!(
        (&found["risk"]["impact"], &found["risk"]["impact_by"]),
        (&json!("high"), &json!("BusinessService:Shop"))
    );
    let same = bench.run(["change", "assess", &second, "--replay"]).ended(0);
    assert!(same.out.contains("the same bytes again"), "{same:?}");
    bench.run(["change", "show", &second]).ended(0).says("10 minutes of downtime are 6.8 more than");
    // The planner prefers May, in which nothing is used up yet.
    let ask = ["change", "plan", "--items", "esx2", "--minutes", "10", "--from", "2031-04-30T20:00:00Z"];
    let plan = bench.json([&ask[..], &["--to", "2031-05-01T02:00:00Z"]].concat());
    let windows = plan["impossible"][0]["windows"].as_array().unwrap_or_else(|| panic!("{plan:#}"));
    // Midnight in Berlin is 22:00 by UTC.
    assert_eq!(windows[0]["start"], "2031-04-30T22:00:00Z", "{plan:#}");
    assert!(windows.iter().all(|w| w["breaks_budget"] == false), "{plan:#}");
    let plan = bench.json([&ask[..], &["--to", "2031-04-30T21:30:00Z"]].concat());
    let window = &plan["impossible"][0]["windows"][0];
    assert_eq!(window["breaks_budget"], true, "{plan:#}");
    let reason = window["reasons"][0].as_str().unwrap_or("");
    assert!(reason.contains("6.8 more than its target of 99.9 % leaves in April 2031"), "{reason}");
}

#[test]
fn an_older_folder_gets_what_the_catalogue_has_gained_and_keeps_what_its_people_defined() {
    let Some(bench) = shop() else { return };
    bench.run(["schema", "upgrade"]).ended(0).says("has everything");
    // A class as an older version knew it, to which its people added something of their own.
    let text = "[[class]]\nname = \"FreezeException\"\nparent = \"Record\"\nlabel = \"Our leave\"\nlifecycle = \"exception\"\n\
                [[class.attribute]]\nname = \"requested_by\"\ntype = \"text\"\n[[class.attribute]]\nname = \"desk\"\ntype = \"text\"\n";
    let older = bench.file("older.toml", text);
    bench.run(["schema".as_ref(), "apply".as_ref(), older.as_os_str()]).ended(0);
    bench.run(["schema", "upgrade"]).ended(0).says("FreezeException");
    let class = bench.json(["schema", "show", "FreezeException"]);
    let names: Vec<&str> = class["attributes"]
        .as_array()
        .expect("attributes")
        .iter()
        .filter_map(|a| a["name"].as_str())
        .collect();
    assert!(["desk", "plan", "reason"].iter().all(|name| names.contains(name)), "{names:?}");
    assert_eq!(class["label"], "Our leave", "{class:#}");
    bench.run(["schema", "upgrade"]).ended(0).says("has everything");
}
