//! Changes on the small shop, as planners, approvers and those who carry them out meet them on the command line.

mod outsider;
mod racing;

use super::small_shop::shop;
use cmdb_core::model::temporal::Instant;
use cmdb_tests::{Bench, Ran};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as i64
}

/// A time so many minutes from now.
fn minutes_from_now(minutes: i64) -> String {
    Instant::from_millis(now_ms() + minutes * 60_000).to_string()
}

/// The program as somebody.
fn by(bench: &Bench, who: &str, args: &[&str]) -> Ran {
    bench.run(["--principal", who].iter().chain(args))
}

fn json_by(bench: &Bench, who: &str, args: &[&str]) -> Value {
    bench.json(["--principal", who].iter().chain(args))
}

/// A change of alice's that could begin now.
fn recorded(bench: &Bench, affects: &[&str], more: &[&str]) -> String {
    let (start, end) = (minutes_from_now(-5), minutes_from_now(55));
    let mut args = vec!["change", "create", "--title", "a change", "--start", &start, "--end", &end];
    args.push("--affects");
    args.extend(affects);
    args.extend(more);
    let change = json_by(bench, "alice", &args);
    change["number"].as_str().unwrap_or_else(|| panic!("no number in {change}")).to_owned()
}

/// The same, decided on by bob and scheduled.
fn scheduled(bench: &Bench, affects: &[&str], more: &[&str]) -> String {
    let change = recorded(bench, affects, more);
    by(bench, "alice", &["change", "submit", &change]).ended(0);
    by(bench, "bob", &["change", "approve", &change]).ended(0);
    by(bench, "alice", &["change", "schedule", &change]).ended(0);
    change
}

fn services(assessment: &Value, scenario: &str) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    let services = assessment[scenario]["today"]["services"].as_array().expect("services");
    services.iter().map(|s| (text(&s["name"]), text(&s["state"]))).collect()
}

#[test]
fn rebooting_one_host_puts_the_shop_at_risk_and_the_other_takes_it_down() {
    let Some(bench) = shop() else { return };
    for (host, state) in [("esx1", "at_risk"), ("esx2", "down")] {
        let change = recorded(&bench, &[host], &[]);
        let assessed = json_by(&bench, "alice", &["change", "assess", &change]);
        assert_eq!(assessed["status"], "assessed");
        let found = &assessed["attributes"]["assessment"];
        assert_eq!(services(found, "during"), [("Shop".to_owned(), state.to_owned())], "{found:#}");
        assert_eq!(services(found, "after"), [], "nothing is down once it is done");
    }
    let list = bench.json(["change", "list"]);
    assert_eq!(list["count"], 2);
    let esx2 = bench.json(["change", "show", "CHG-000002"]);
    let shop = &esx2["attributes"]["assessment"]["during"]["today"]["services"][0];
    let gate = &shop["gates"].as_array().expect("gates").iter().find(|g| g["group"] == "app").expect("app");
    assert_eq!((&gate["needed"], &gate["left"], &gate["of"]), (&json!(2), &json!(1), &json!(3)));
    assert_eq!(gate["lost"], json!(["ApplicationInstance:app2", "ApplicationInstance:app3"]));
    assert_eq!(esx2["attributes"]["assessment"]["risk"]["impact"], "high");
}

#[test]
fn nobody_approves_their_own_change_and_the_attempt_is_on_record() {
    let Some(bench) = shop() else { return };
    let change = recorded(&bench, &["esx1"], &["--implementer", "dave"]);
    by(&bench, "carol", &["change", "edit", &change, "--reason", "firmware"]).ended(0);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    for (who, why) in [
        ("alice", "the requester"),
        ("Alice", "the requester, spelled otherwise"),
        ("carol", "who edited the plan"),
        ("dave", "who carries it out"),
    ] {
        let denied = by(&bench, who, &["change", "approve", &change]);
        assert_eq!(denied.code, 3, "{why}: {denied:?}");
        assert!(denied.err.contains("does not decide on it"), "{why}: {denied:?}");
    }
    bench.run(["change", "approve", &change]).ended(3).says("stands for nobody");
    assert_eq!(bench.json(["change", "show", &change])["status"], "awaiting_approval");
    by(&bench, "bob", &["change", "approve", &change]).ended(0);
    assert_eq!(bench.json(["change", "show", &change])["status"], "approved");
}

#[test]
fn what_the_process_owns_is_not_set_by_other_means() {
    let Some(bench) = shop() else { return };
    let change = recorded(&bench, &["esx1"], &[]);
    let set = |pair: &str| bench.run(["set", &change, pair]);
    set("status=approved").ended(3).says("moved by its process");
    set("requester=bob").ended(3).says("written by the change's process");
    bench
        .run(["query", "MATCH (c:Change) SET c.status = 'approved' RETURN c.name"])
        .ended(3)
        .says("moved by its process");
    bench.run(["query", "MATCH (c:Change) SET c.approvals = ['bob'] RETURN c.name"]).ended(3);
    let file = bench.file("changes.csv", &format!("class,name,status\nChange,{change},approved\n"));
    bench.run(["import".as_ref(), file.as_os_str(), "--atomic".as_ref()]);
    assert_eq!(bench.json(["change", "show", &change])["status"], "draft");
    bench.run(["create", "Change", "name=mine", "status=approved"]).ended(3).says("begins as a draft");
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    by(&bench, "bob", &["change", "approve", &change]).ended(0);
    bench.run(["relate", &change, "affects", "db1"]).ended(3).says("change edit");
    bench.run(["remove", &change, "--cascade"]).ended(3).says("stays on record");
    set("planned_end=2030-01-01T00:00:00Z").ended(3);
    let schema = bench.file(
        "schema.toml",
        "[[lifecycle]]\nname = \"change\"\ninitial = \"approved\"\nstates = [{ name = \"approved\" }]\n",
    );
    bench.run(["schema".as_ref(), "apply".as_ref(), schema.as_os_str()]).ended(3);
}

#[test]
fn another_item_after_the_approval_voids_it_and_says_why() {
    let Some(bench) = shop() else { return };
    let change = recorded(&bench, &["esx1"], &[]);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    by(&bench, "bob", &["change", "approve", &change]).ended(0);
    by(&bench, "alice", &["change", "edit", &change, "--add", "db1"]).ended(0);
    let edited = bench.json(["change", "show", &change]);
    assert_eq!(edited["status"], "draft");
    assert_eq!(edited["attributes"]["approvals"], Value::Null);
    let journal = edited["attributes"]["journal"].as_array().expect("journal");
    let last = journal.last().expect("an entry");
    assert!(last["reason"].as_str().unwrap_or("").contains("+Database:db1"), "{last}");
    assert_eq!(last["voided"][0]["by"], "local as bob");
    by(&bench, "alice", &["change", "schedule", &change]).ended(3).says("from draft it can");
}

#[test]
fn the_graph_moving_under_an_approval_is_noticed_before_the_change_begins() {
    let Some(bench) = shop() else { return };
    let change = recorded(&bench, &["esx1"], &[]);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    by(&bench, "bob", &["change", "approve", &change]).ended(0);
    // app2 moves to esx1: now esx1 takes two of three application instances with it.
    bench.run(["unrelate", "app2", "runs_on", "esx2"]).ended(0);
    bench.run(["relate", "app2", "runs_on", "esx1"]).ended(0);
    let shown = bench.json(["change", "show", &change]);
    assert_eq!(shown["drift"]["services"][0]["name"], "Shop", "{shown:#}");
    by(&bench, "alice", &["change", "schedule", &change]).ended(3).says("Shop is down instead of at_risk");
}

#[test]
fn an_assessment_worked_out_again_gives_the_same_bytes() {
    let Some(bench) = shop() else { return };
    let change = recorded(&bench, &["esx1"], &[]);
    by(&bench, "alice", &["change", "assess", &change]).ended(0);
    let before = bench.json(["change", "show", &change])["attributes"]["assessment"].clone();
    bench.run(["relate", "app2", "runs_on", "esx1"]).ended(0);
    bench.run(["set", "Shop", "criticality=3"]).ended(0);
    bench.run(["change", "assess", &change, "--replay"]).ended(0).says("the same bytes again");
    assert_eq!(bench.json(["change", "show", &change])["attributes"]["assessment"], before);
}

#[test]
fn an_edit_nobody_planned_is_the_only_discrepancy() {
    let Some(bench) = shop() else { return };
    let plan = bench
        .file("plan.json", r#"[{"op": "set", "item": "esx1", "attributes": {"firmware_version": "2.1"}}]"#);
    let plan = plan.to_string_lossy().into_owned();
    let change = scheduled(&bench, &["esx1"], &["--proposal", &plan]);
    by(&bench, "alice", &["change", "start", &change]).ended(0);
    bench.run(["set", "esx1", "firmware_version=2.1"]).ended(0);
    bench.run(["set", "esx1", "memory=512 GiB"]).ended(0);
    by(&bench, "alice", &["change", "finish", &change]).ended(0);
    let done = bench.json(["change", "show", &change]);
    let delivery = &done["attributes"]["delivery"];
    assert_eq!(delivery["edits_count"], 2, "{delivery:#}");
    assert_eq!(delivery["discrepancies_count"], 1, "{delivery:#}");
    let row = &delivery["discrepancies"][0];
    assert_eq!(
        (&row["kind"], &row["field"], &row["item"]["name"]),
        (&json!("unplanned"), &json!("memory"), &json!("esx1"))
    );
}

#[test]
fn a_standard_change_keeps_to_its_model() {
    let Some(bench) = shop() else { return };
    let model =
        ["change", "model", "create", "restart", "--ci-query", "MATCH (n:ApplicationInstance) RETURN n"];
    by(&bench, "alice", &model).ended(0);
    let standard =
        |affects: &str| recorded(&bench, &[affects], &["--type", "standard", "--model", "restart"]);
    let early = standard("app1");
    by(&bench, "alice", &["change", "submit", &early]).ended(3).says("not in force");
    by(&bench, "alice", &["change", "model", "approve", "restart"]).ended(3).says("does not put it in force");
    by(&bench, "bob", &["change", "model", "approve", "restart"]).ended(0);
    by(&bench, "alice", &["change", "submit", &early]).ended(0);
    assert_eq!(bench.json(["change", "show", &early])["status"], "approved");
    let outside = standard("db1");
    by(&bench, "alice", &["change", "submit", &outside]).ended(3).says("Database:db1");
}

#[test]
fn an_emergency_needs_one_voice_and_a_review() {
    let Some(bench) = shop() else { return };
    let change = json_by(
        &bench,
        "alice",
        &["change", "create", "--title", "power cut", "--type", "emergency", "--affects", "pdu1"],
    );
    let change = change["number"].as_str().expect("a number").to_owned();
    by(&bench, "alice", &["change", "start", &change]).ended(3).says("it is draft");
    by(&bench, "alice", &["change", "approve", &change]).ended(3);
    by(&bench, "bob", &["change", "approve", &change]).ended(0);
    by(&bench, "alice", &["change", "start", &change]).ended(0);
    by(&bench, "alice", &["change", "close", &change]).ended(3).says("from implementing it can");
    by(&bench, "alice", &["change", "finish", &change]).ended(0);
    by(&bench, "alice", &["change", "close", &change]).ended(3).says("review");
    by(&bench, "alice", &["change", "review", &change]).ended(3).says("does not decide on it");
    by(&bench, "bob", &["change", "review", &change]).ended(0);
    by(&bench, "alice", &["change", "close", &change]).ended(0);
}

#[test]
fn planned_edits_give_a_graph_to_ask_and_say_which_of_them_would_be_refused() {
    let Some(bench) = shop() else { return };
    let plan = bench.file(
        "plan.json",
        r#"[
          {"op": "unrelate", "source": "app3", "type": "runs_on", "target": "esx2"},
          {"op": "create", "class": "Hypervisor", "name": "esx3"},
          {"op": "relate", "source": "esx3", "type": "powered_by", "target": "pdu1"},
          {"op": "relate", "source": "app3", "type": "runs_on", "target": "esx3"},
          {"op": "set", "item": "esx9", "status": "retired"},
          {"op": "query", "text": "MATCH (h:Hypervisor {name: 'esx3'}) SET h.firmware_version = '3'"}
        ]"#,
    );
    let plan = plan.to_string_lossy().into_owned();
    let change = recorded(&bench, &["app3=edited"], &["--proposal", &plan]);
    let assessed = json_by(&bench, "alice", &["change", "assess", &change]);
    let proposal = &assessed["attributes"]["assessment"]["proposal"];
    assert_eq!(proposal["refused"].as_array().map(Vec::len), Some(1), "{proposal:#}");
    assert_eq!(proposal["refused"][0]["edit"], 4);
    by(&bench, "alice", &["change", "submit", &change]).ended(3).says("esx9");
    bench.run(["impact", "esx2", "--on", &change]).ended(3).says("mend the proposal first");
    let lines = bench.file(
        "plan.txt",
        "# the same without the mistake, as one would type it\n\
         unrelate app3 runs_on esx2\n\
         create Hypervisor name=esx3\n\
         relate esx3 powered_by pdu1\n\
         relate app3 runs_on esx3\n\
         query MATCH (h:Hypervisor {name: 'esx3'}) SET h.firmware_version = '3'\n",
    );
    let lines = lines.to_string_lossy().into_owned();
    by(&bench, "alice", &["change", "edit", &change, "--proposal", &lines]).ended(0);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    // On the graph as it will be, losing esx2 no longer takes the shop down.
    let today = bench.json(["impact", "esx2"]);
    let proposed = bench.json(["impact", "esx2", "--on", &change]);
    let shop = |answer: &Value| answer["summary"]["services"][0]["state"].clone();
    assert_eq!((shop(&today), shop(&proposed)), (json!("down"), json!("at_risk")));
    let found = bench.json([
        "query",
        "MATCH (h:Hypervisor {name: 'esx3'}) RETURN h.firmware_version",
        "--on",
        &change,
    ]);
    assert_eq!(found["rows"], json!([["3"]]));
    assert_eq!(bench.run(["show", "esx3"]).code, 2, "nothing of it exists yet");
}

#[test]
fn a_running_server_voids_an_approval_whose_ground_moves() {
    let Some(bench) = shop() else { return };
    let server = bench.serve();
    let change = recorded(&bench, &["esx1"], &[]);
    by(&bench, "alice", &["change", "submit", &change]).ended(0);
    by(&bench, "bob", &["change", "approve", &change]).ended(0);
    let shown = || server.get(&format!("/api/v1/changes/{change}")).1;
    // What touches nothing the change reaches leaves it alone.
    bench.run(["create", "Server", "name=elsewhere"]).ended(0);
    bench.run(["unrelate", "app2", "runs_on", "esx2"]).ended(0);
    bench.run(["relate", "app2", "runs_on", "esx1"]).ended(0);
    let started = std::time::Instant::now();
    while shown()["status"] == "approved" {
        assert!(started.elapsed().as_secs() < 20, "nobody noticed: {:#}", shown());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let after = shown();
    assert_eq!(after["status"], "draft");
    let journal = after["attributes"]["journal"].as_array().expect("journal").clone();
    let last = journal.last().expect("an entry");
    assert_eq!((&last["verb"], &last["by"]), (&json!("drift"), &json!("cmdb")));
    assert!(last["reason"].as_str().unwrap_or("").contains("Shop is down instead of at_risk"), "{last}");
    assert_eq!(after["attributes"]["drift"]["worse"], true);
}

#[test]
fn a_review_says_what_was_foreseen_and_what_was_not() {
    let Some(bench) = shop() else { return };
    let outage = |name: &str, on: &str| {
        let (name, started) = (format!("name={name}"), format!("started_at={}", minutes_from_now(0)));
        bench.run(["create", "Outage", &name, "outage_state=down", &started]).ended(0);
        bench.run(["relate", &name[5..], "affects", on]).ended(0);
    };
    let foreseen = scheduled(&bench, &["esx2"], &[]);
    by(&bench, "alice", &["change", "start", &foreseen]).ended(0);
    outage("out-1", "esx2");
    by(&bench, "alice", &["change", "finish", &foreseen]).ended(0);
    by(&bench, "alice", &["change", "review", &foreseen]).ended(0);
    let review = bench.json(["change", "show", &foreseen])["attributes"]["review"].clone();
    assert_eq!((&review["precision"], &review["recall"]), (&json!(1.0), &json!(1.0)), "{review:#}");
    bench.run(["remove", "out-1", "--cascade"]).ended(0);
    let surprising = scheduled(&bench, &["esx1"], &[]);
    by(&bench, "alice", &["change", "start", &surprising]).ended(0);
    outage("out-2", "db1");
    by(&bench, "alice", &["change", "finish", &surprising, "--outcome", "failed"]).ended(0);
    by(&bench, "alice", &["change", "review", &surprising]).ended(0);
    let review = bench.json(["change", "show", &surprising])["attributes"]["review"].clone();
    assert_eq!(
        (&review["recall"], &review["missed"][0]["name"]),
        (&json!(0.0), &json!("Shop")),
        "{review:#}"
    );
    let edit = &review["proposed_relationships"][0];
    assert_eq!((&edit["op"], &edit["target_name"]), (&json!("relate"), &json!("Hypervisor:esx1")));
    let accuracy = bench.json(["change", "accuracy"]);
    assert_eq!(accuracy["changes"], 2);
    assert!(accuracy["brier"].as_f64().is_some_and(|b| b > 0.0 && b < 1.0), "{accuracy}");
}

#[test]
fn a_collision_with_what_was_approved_makes_a_change_riskier_and_a_draft_does_not() {
    let Some(bench) = shop() else { return };
    let first = recorded(&bench, &["esx1"], &[]);
    let second = recorded(&bench, &["app2"], &[]);
    let assessed = || {
        let shown = json_by(&bench, "alice", &["change", "assess", &second]);
        let found = shown["attributes"]["assessment"].clone();
        (found["collisions"].as_array().map_or(0, Vec::len), services(&found, "during"))
    };
    assert_eq!(assessed(), (0, vec![("Shop".to_owned(), "at_risk".to_owned())]));
    by(&bench, "alice", &["change", "submit", &first]).ended(0);
    by(&bench, "bob", &["change", "approve", &first]).ended(0);
    let (collisions, during) = assessed();
    assert!(collisions > 0);
    assert_eq!(during, [("Shop".to_owned(), "down".to_owned())], "with esx1 away only one of three is left");
    let shown = bench.json(["change", "show", &second]);
    assert!(shown["attributes"]["assessment"]["risk"]["factors"].to_string().contains("collision"));
}
