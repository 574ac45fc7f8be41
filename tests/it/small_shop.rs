//! F1, the small shop: every row of its README that concerns impact and dependents, by command line and by HTTP.

use super::bench;
use cmdb_tests::{Bench, shared};
use serde_json::{Value, json};

/// The shop imported into a folder of its own.
pub fn shop() -> Option<Bench> {
    let Some(folder) = shared("data/f1") else {
        println!("SKIPPED: the small shop's files are not there");
        return None;
    };
    let bench = bench();
    let report = bench.json([
        "import".as_ref(),
        folder.join("items.csv").as_os_str(),
        folder.join("relationships.csv").as_os_str(),
    ]);
    assert_eq!(
        (&report["created"], &report["relationships"]["created"]),
        (&json!(11), &json!(14)),
        "{report}"
    );
    Some(bench)
}

/// (name, state) of everything affected, sorted.
fn affected(answer: &Value) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    let mut out: Vec<_> = answer["affected"]
        .as_array()
        .expect("affected")
        .iter()
        .map(|a| (text(&a["name"]), text(&a["state"])))
        .collect();
    out.sort();
    out
}

/// What is affected, with its state.
type Expected = &'static [(&'static str, &'static str)];

const QUESTIONS: &[(&[&str], Expected)] = &[
    (&["esx1"], &[("Shop", "at_risk"), ("app1", "down"), ("web1", "down")]),
    (&["esx2"], &[("Shop", "down"), ("app2", "down"), ("app3", "down"), ("web2", "down")]),
    (&["esx1", "app2"], &[("Shop", "down"), ("app1", "down"), ("web1", "down")]),
    (&["app2"], &[("Shop", "at_risk")]),
];

fn check(answer: &Value, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(n, s)| ((*n).to_owned(), (*s).to_owned())).collect();
    assert_eq!(affected(answer), expected, "{answer:#}");
    assert_eq!(answer["complete"], true);
    for item in answer["affected"].as_array().expect("affected") {
        let why = item["why"].as_array().expect("why");
        assert_eq!(
            why.len() as u64,
            item["depth"].as_u64().expect("depth"),
            "the chain is as long as the depth: {item}"
        );
    }
}

#[test]
fn impact_counts_redundancy_on_the_command_line() {
    let Some(bench) = shop() else { return };
    for (roots, expected) in QUESTIONS {
        let args = ["impact"].iter().chain(roots.iter());
        check(&bench.json(args), expected);
    }
    let one = bench.json(["impact", "esx1"]);
    let shop = one["affected"]
        .as_array()
        .expect("affected")
        .iter()
        .find(|a| a["name"] == "Shop")
        .expect("Shop")
        .clone();
    let gates: Vec<_> = shop["gates"]
        .as_array()
        .expect("gates")
        .iter()
        .map(|g| (g["rule"].clone(), g["left"].clone()))
        .collect();
    assert_eq!(gates, [(json!("2 of 3"), json!(2)), (json!("1 of 2"), json!(1))], "app and web: {shop}");
    bench.run(["impact", "esx1"]).ended(0).says("at risk").says("Shop");
    bench.run(["impact", "esx2", "--fail-on", "state = down and criticality <= 1"]).ended(1);
    bench.run(["impact", "esx1", "--fail-on", "state = down and criticality <= 1"]).ended(0);
    // A typo in the guard of a pipeline must not let everything pass.
    bench.run(["impact", "esx2", "--fail-on", "state >= dwn"]).ended(2).says("character 10").says("\"down\"");
    bench
        .run(["impact", "esx2", "--fail-on", "critcality <= 1"])
        .ended(2)
        .says("did you mean \"criticality\"");
    bench.run(["list", "--where", "criticality = high"]).ended(2).says("character 15");
}

#[test]
fn dependents_of_the_power_unit_are_all_eight() {
    let Some(bench) = shop() else { return };
    let answer = bench.json(["dependents", "pdu1"]);
    assert_eq!(answer["count"], 8);
    let mut names: Vec<&str> =
        answer["items"].as_array().expect("items").iter().filter_map(|i| i["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Shop", "app1", "app2", "app3", "esx1", "esx2", "web1", "web2"]);
    assert_eq!(bench.json(["dependents", "pdu1", "--limit", "0"])["items"], json!([]));
    assert_eq!(bench.json(["dependents", "pdu1", "--class", "Hypervisor"])["count"], 2);
    assert_eq!(bench.json(["dependencies", "Shop"])["count"], 10);
    assert_eq!(bench.json(["path", "Shop", "pdu1"])["length"], 3);
    bench.run(["path", "pdu1", "Shop"]).ended(1);
}

#[test]
fn http_answers_the_same() {
    let Some(bench) = shop() else { return };
    let server = bench.serve();
    for (roots, expected) in QUESTIONS {
        let (status, answer) = server.post("/api/v1/impact", &json!({ "roots": roots }));
        assert_eq!(status, 200, "{answer}");
        check(&answer, expected);
    }
    let (status, answer) = server.get("/api/v1/dependents?ref=pdu1");
    assert_eq!((status, &answer["count"]), (200, &json!(8)));
    // The command line finds the server that holds the folder.
    assert_eq!(bench.json(["dependents", "pdu1"])["count"], 8);
}

#[test]
fn an_open_outage_counts_when_it_is_asked_for_and_only_while_it_is_open() {
    let Some(bench) = shop() else { return };
    bench.run(["create", "Outage", "name=app2 is broken"]).ended(0);
    bench.run(["relate", "Outage:app2 is broken", "affects", "app2"]).ended(0);
    // Without it the shop is at risk; the application server is a root and no longer listed as affected.
    check(&bench.json(["impact", "esx1"]), QUESTIONS[0].1);
    let answer = bench.json(["impact", "esx1", "--with-current"]);
    check(&answer, QUESTIONS[2].1);
    let roots: Vec<_> =
        answer["roots"].as_array().expect("roots").iter().map(|r| (&r["name"], &r["state"])).collect();
    assert_eq!(roots, [(&json!("esx1"), &json!("down")), (&json!("app2"), &json!("down"))]);
    assert_eq!(answer["roots"][1]["records"][0]["name"], "app2 is broken");
    assert!(answer["roots"][0]["records"].is_null(), "nobody holds esx1 down");
    bench.run(["impact", "esx1", "--with-current"]).ended(0).says("by Outage app2 is broken");
    bench
        .run(["impact", "esx1", "--with-current", "--fail-on", "state = down and criticality <= 1"])
        .ended(1);
    let before = bench.json(["impact", "esx1"])["position"].to_string();
    bench.run(["set", "Outage:app2 is broken", "status=closed"]).ended(0);
    check(&bench.json(["impact", "esx1", "--with-current"]), QUESTIONS[0].1);
    check(&bench.json(["impact", "esx1", "--with-current", "--at", &before]), QUESTIONS[2].1);
}

#[test]
fn the_ranking_names_what_most_hangs_on() {
    let Some(bench) = shop() else { return };
    let answer = bench.json(["ranking", "--limit", "3"]);
    let rows = answer["items"].as_array().expect("items");
    let most: Vec<_> = rows.iter().map(|r| (&r["name"], &r["dependents"], &r["services"])).collect();
    assert_eq!(most[0], (&json!("pdu1"), &json!(8), &json!(1)), "{answer}");
    assert_eq!(rows.len(), 3);
    let hosts = bench.json(["ranking", "--services", "--class", "Hypervisor"]);
    let hosts: Vec<_> = hosts["items"].as_array().expect("items").iter().map(|r| &r["name"]).collect();
    assert_eq!(hosts, [&json!("esx2"), &json!("esx1")], "esx2 carries one more");
    bench.run(["ranking"]).ended(0).says("DEPENDENTS").says("pdu1");
}

#[test]
fn the_same_files_twice_change_nothing() {
    let Some(bench) = shop() else { return };
    let folder = shared("data/f1").expect("it was there");
    let before = bench.json(["export"]);
    let report = bench.json([
        "import".as_ref(),
        folder.join("items.csv").as_os_str(),
        folder.join("relationships.csv").as_os_str(),
    ]);
    assert_eq!(
        (&report["created"], &report["updated"], &report["unchanged"]),
        (&json!(0), &json!(0), &json!(11))
    );
    let relationships = &report["relationships"];
    assert_eq!((&relationships["created"], &relationships["unchanged"]), (&json!(0), &json!(14)));
    assert_eq!(bench.json(["export"]), before);
}
