//! Collisions, freezes, the planner, the gate and the board's pack on the small shop, by command line and by HTTP.

use super::small_shop::shop;
use cmdb_tests::Bench;
use serde_json::{Value, json};

/// Records a change that takes an item down on a Saturday evening; its number.
fn change(bench: &Bench, item: &str, from: &str, to: &str) -> String {
    let time = |clock: &str| format!("2026-11-28T{clock}:00+01:00");
    let answer = bench.json([
        "change",
        "create",
        "--title",
        &format!("work on {item}"),
        "--affects",
        item,
        "--state",
        "down",
        "--start",
        &time(from),
        "--end",
        &time(to),
    ]);
    answer["number"].as_str().unwrap_or_else(|| panic!("no number: {answer}")).to_owned()
}

fn kinds(answer: &Value) -> Vec<&str> {
    answer["conflicts"].as_array().expect("conflicts").iter().filter_map(|c| c["kind"].as_str()).collect()
}

#[test]
fn two_changes_that_are_harmless_alone_take_the_shop_down_together() {
    let Some(bench) = shop() else { return };
    let host = change(&bench, "esx1", "22:00", "23:00");
    let copy = change(&bench, "app2", "22:30", "23:30");
    let answer = bench.json(["change", "conflicts", &host]);
    assert_eq!(kinds(&answer), ["joint_cut"], "{answer:#}");
    let conflict = &answer["conflicts"][0];
    assert_eq!(conflict["number"], json!(copy));
    assert_eq!(conflict["services"][0]["name"], "Shop");
    assert_eq!(conflict["services"][0]["state"], "down");
    let reason = conflict["reason"].as_str().expect("reason");
    for part in ["2 of 3", &format!("{host} takes app1 (by esx1)"), &format!("{copy} takes app2")] {
        assert!(reason.contains(part), "{part} is not in {reason}");
    }
    bench.run(["change", "conflicts"]).ended(0).says("joint cut").says("Shop down");
    // Apart in time they do not collide.
    bench
        .run([
            "change",
            "edit",
            &copy,
            "--start",
            "2026-11-28T23:00:00+01:00",
            "--end",
            "2026-11-28T23:30:00+01:00",
        ])
        .ended(0);
    assert_eq!(kinds(&bench.json(["change", "conflicts", &host])), [""; 0]);
    assert_eq!(kinds(&bench.json(["change", "conflicts"])), [""; 0]);
}

#[test]
fn http_answers_the_same_and_counts_the_time_for_backing_out() {
    let Some(bench) = shop() else { return };
    let server = bench.serve();
    let create = |item: &str, from: &str, to: &str, pad: u64| {
        let body = json!({
            "title": item, "affects": [item], "state": "down", "back_out_minutes": pad,
            "start": format!("2026-11-28T{from}:00Z"), "end": format!("2026-11-28T{to}:00Z"),
        });
        let (status, answer) = server.post("/api/v1/changes", &body);
        assert_eq!(status, 201, "{answer}");
        answer["number"].as_str().expect("number").to_owned()
    };
    let host = create("esx1", "22:00", "22:30", 60);
    let copy = create("app2", "23:00", "23:30", 0);
    let (status, answer) = server.get(&format!("/api/v1/changes/{host}/conflicts"));
    assert_eq!((status, kinds(&answer)), (200, vec!["joint_cut"]), "{answer:#}");
    assert_eq!(answer["number"], json!(host));
    assert_eq!(answer["conflicts"][0]["number"], json!(copy));
    let (_, all) = server.get("/api/v1/changes/conflicts");
    assert_eq!(all["conflicts"][0]["with"].as_array().expect("with").len(), 2);
    let (_, none) = server.get("/api/v1/changes/conflicts?from=2026-12-01T00:00:00Z");
    assert_eq!(none["compared"], 0);
    let (status, problem) = server.get("/api/v1/changes/conflicts?from=yesterday");
    assert_eq!((status, &problem["code"]), (400, &json!("request.parameter")), "{problem}");
}

#[test]
fn an_open_outage_makes_a_harmless_change_dangerous_until_it_is_closed() {
    let Some(bench) = shop() else { return };
    let host = change(&bench, "esx1", "22:00", "23:00");
    assert_eq!(kinds(&bench.json(["change", "conflicts", &host])), [""; 0]);
    let outage =
        bench.json(["outage", "open", "app2", "--title", "app2 hangs", "--start", "2026-11-27T20:00:00Z"]);
    assert_eq!(outage["number"], "OUT-000001", "{outage}");
    let answer = bench.json(["change", "conflicts", &host]);
    assert_eq!(kinds(&answer), ["joint_cut"]);
    assert!(
        answer["conflicts"][0]["reason"].as_str().expect("reason").contains("outage OUT-000001 takes app2")
    );
    bench
        .run(["impact", "esx1", "--with-current", "--fail-on", "state = down and criticality <= 1"])
        .ended(1);
    bench.run(["outage", "list", "--open"]).ended(0).says("OUT-000001");
    bench.run(["outage", "close", "OUT-000001"]).ended(0).says("closed");
    bench.run(["outage", "close", "OUT-000001"]).ended(3).says("already");
    assert_eq!(kinds(&bench.json(["change", "conflicts", &host])), [""; 0]);
    let incident = bench.json([
        "incident",
        "open",
        "app2",
        "--title",
        "slow",
        "--state",
        "down",
        "--start",
        "2026-11-27T20:00:00Z",
    ]);
    assert_eq!(incident["number"], "INC-000001", "{incident}");
    assert_eq!(kinds(&bench.json(["change", "conflicts", &host])), ["joint_cut"]);
    bench.run(["incident", "resolve", "INC-000001"]).ended(0).says("resolved");
    assert_eq!(kinds(&bench.json(["change", "conflicts", &host])), [""; 0]);
}

/// A freeze of the shop and all it depends on, over the weekend of the changes.
const FREEZE: &[&str] = &[
    "freeze",
    "create",
    "--title",
    "Peak weekend",
    "--start",
    "2026-11-28T18:00",
    "--end",
    "2026-11-30T06:00",
    "--zone",
    "Europe/Berlin",
    "--scope",
];

#[test]
fn a_freeze_names_itself_and_an_exception_of_somebody_else_lets_through() {
    let Some(bench) = shop() else { return };
    let scope = "MATCH (s {name: 'Shop'}) CALL cmdb.dependencies(s) YIELD node RETURN s, node";
    let freeze = bench.json(FREEZE.iter().copied().chain([scope]));
    assert_eq!((&freeze["number"], &freeze["covers"]), (&json!("FRZ-000001"), &json!(11)), "{freeze}");
    let host = change(&bench, "esx2", "22:00", "23:00");
    let answer = bench.json(["change", "conflicts", &host]);
    assert_eq!(kinds(&answer), ["freeze"], "{answer:#}");
    assert_eq!(answer["conflicts"][0]["number"], "FRZ-000001");
    let refused = bench.run(["change", "submit", &host]).ended(3).says("FRZ-000001").says("protects");
    refused.says("freeze exception request FRZ-000001");
    assert_eq!(bench.json(["change", "show", &host])["status"], "draft");
    let request = ["freeze", "exception", "request", "FRZ-000001", "--change", &host, "--reason", "security"];
    bench.run(["--principal", "ada"].iter().chain(&request)).ended(0).says("requested");
    bench
        .run(["--principal", "ada", "freeze", "exception", "approve", "EXC-000001"])
        .ended(3)
        .says("asked for");
    bench
        .run(["--principal", "bo", "freeze", "exception", "approve", "EXC-000001"])
        .ended(0)
        .says("approved");
    assert_eq!(kinds(&bench.json(["change", "conflicts", &host])), [""; 0]);
    bench.run(["change", "submit", &host]).ended(0);
    bench.run(["freeze", "list"]).ended(0).says("Peak weekend");
    bench.run(["freeze", "remove", "FRZ-000001"]).ended(0);
    let after = change(&bench, "esx2", "20:00", "21:00");
    assert_eq!(kinds(&bench.json(["change", "conflicts", &after])), [""; 0], "a lifted freeze holds nothing");
}

#[test]
fn calendar_entries_that_do_not_read_are_refused_with_what_is_wrong() {
    let Some(bench) = shop() else { return };
    let create = |extra: &[&str]| bench.run(["window", "create", "--title", "t"].iter().chain(extra));
    let times = ["--start", "2026-11-28T22:00", "--end", "2026-11-29T02:00"];
    create(&times).ended(2).says("needs a scope");
    let on = |extra: &[&'static str]| {
        times.iter().copied().chain(["--items", "esx1"]).chain(extra.iter().copied()).collect::<Vec<_>>()
    };
    create(&on(&["--zone", "Europe/Berlinn"])).ended(2).says("no IANA time zone");
    create(&on(&["--repeat", "FREQ=HOURLY"])).ended(2).says("FREQ=HOURLY");
    create(&["--start", "2026-11-28T22:00", "--end", "2026-11-28T21:00", "--items", "esx1"])
        .ended(2)
        .says("end after it begins");
    create(&["--start", "soon", "--end", "2026-11-28T21:00", "--items", "esx1"]).ended(2).says("is no time");
    create(&[
        "--start",
        "2026-11-28T22:00",
        "--end",
        "2026-11-29T02:00",
        "--scope",
        "MATCH (n) SET n.name = 'x' RETURN n",
    ])
    .ended(2)
    .says("reads");
    create(&on(&["--repeat", "FREQ=WEEKLY", "--zone", "Europe/Berlin"])).ended(0).says("MWD-000001");
    // esx1 has an agreed window on Saturdays 22:00 to 02:00; a change on Friday lies outside of it.
    let inside = change(&bench, "esx1", "22:00", "23:00");
    assert_eq!(kinds(&bench.json(["change", "conflicts", &inside])), [""; 0]);
    let outside = change(&bench, "esx1", "20:00", "21:00");
    assert_eq!(kinds(&bench.json(["change", "conflicts", &outside])), ["outside_window"]);
}

#[test]
fn the_planner_finds_waves_and_says_what_no_order_makes_safe() {
    let Some(bench) = shop() else { return };
    let plan = bench.json(["change", "plan", "--items", "app1", "app2", "app3", "web1", "web2"]);
    assert_eq!((plan["waves"].as_array().map(Vec::len), &plan["exact"]), (Some(3), &json!(true)), "{plan:#}");
    let ran = bench.run(["change", "plan", "--items", "app1", "esx2"]).ended(1);
    ran.says("no safe place for").says("Shop down");
    let answer = bench.json([
        "change",
        "plan",
        "--items",
        "app2",
        "--from",
        "2026-11-28T20:00:00Z",
        "--to",
        "2026-11-29T02:00:00Z",
    ]);
    assert_eq!(answer["waves"][0]["windows"][0]["reasons"], json!([]), "{answer:#}");
    change(&bench, "esx1", "22:00", "23:00");
    let answer = bench.json([
        "change",
        "plan",
        "--items",
        "app2",
        "--from",
        "2026-11-28T21:00:00Z",
        "--to",
        "2026-11-28T22:00:00Z",
    ]);
    let reason = answer["waves"][0]["windows"][0]["reasons"][0].to_string();
    assert!(reason.contains("2 of 3"), "esx1 is worked on then: {answer:#}");
    bench.run(["change", "plan"]).ended(2).says("1 to");
}

#[test]
fn the_gate_fails_a_change_that_matches_or_breaks_an_invariant() {
    let Some(bench) = shop() else { return };
    let bad = change(&bench, "esx2", "22:00", "23:00");
    let good = change(&bench, "esx1", "20:00", "21:00");
    let condition = "criticality<=1 and state>=degraded";
    bench.run(["change", "check", &bad, "--fail-on", condition]).ended(1).says("must not pass").says("Shop");
    bench.run(["change", "check", &good, "--fail-on", condition]).ended(0).says("passes");
    bench.run(["change", "check", &good, "--fail-on", "criticality<=1 and state>=at_risk"]).ended(1);
    bench.run(["change", "check", &good, "--fail-on", "stat>=down"]).ended(2).says("did you mean");
    bench.run(["change", "check"]).ended(2).says("nothing to check");
    let invariant = "MATCH (h:Hypervisor) WHERE NOT EXISTS { (h)<-[:runs_on]-() } RETURN h.name";
    bench.run(["query", "save", "hosts-carry", invariant, "--invariant"]).ended(0);
    bench.run(["query", "check"]).ended(0).says("hosts-carry");
    bench.run(["query", "--saved", "hosts-carry"]).ended(0);
    bench.run(["query", "list"]).ended(0).says("hosts-carry");
    bench.run(["query", "save", "writes", "CREATE (n:Server {name: 'x'})"]).ended(2).says("only reads");
    bench.run(["query", "remove", "hosts-carry"]).ended(0);
    bench.run(["query", "--saved", "hosts-carry"]).ended(2).says("no saved query");
}

#[test]
fn the_gate_reads_a_terraform_plan_against_what_was_imported() {
    let Some(bench) = shop() else { return };
    let items = bench.file(
        "cloud.csv",
        "class,id,name\nVirtualMachine,aws_instance.a,a\nVirtualMachine,aws_instance.b,b\n",
    );
    let links = "source,type,target,group,needs\nShop,depends_on,aws_instance.a,cloud,1\nShop,depends_on,aws_instance.b,cloud,1\n";
    let links = bench.file("links.csv", links);
    bench
        .run([
            "import".as_ref(),
            items.as_os_str(),
            links.as_os_str(),
            "--source".as_ref(),
            "terraform".as_ref(),
        ])
        .ended(0);
    let resource = |name: &str, actions: &str| {
        format!(
            r#"{{"address":"aws_instance.{name}","mode":"managed","type":"aws_instance","name":"{name}","change":{{"actions":[{actions}],"before":{{}},"after":{{}}}}}}"#
        )
    };
    let plan = |resources: &[String]| {
        let all = resources.join(",");
        let text =
            format!(r#"{{"format_version":"1.2","terraform_version":"1.9.0","resource_changes":[{all}]}}"#);
        bench.file("tfplan.json", &text)
    };
    let check = |file: &std::path::Path| {
        bench.run(
            ["change", "check", "--fail-on", "criticality<=1 and state>=degraded", "--plan"]
                .iter()
                .map(std::ffi::OsStr::new)
                .chain([file.as_os_str()]),
        )
    };
    check(&plan(&[resource("a", r#""delete","create""#)])).ended(0).says("replace: VirtualMachine a (down)");
    let both =
        plan(&[resource("a", r#""delete""#), resource("b", r#""delete""#), resource("c", r#""create""#)]);
    check(&both).ended(1).says("Shop").says("delete: VirtualMachine b (down)");
    let unknown = plan(&[resource("z", r#""update""#)]);
    check(&unknown).ended(0).says("not in the inventory: `aws_instance.z`");
    check(&bench.file("state.json", "{}")).ended(2);
}

#[test]
fn the_pack_for_the_board_says_the_same_in_every_form() {
    let Some(bench) = shop() else { return };
    change(&bench, "esx1", "22:00", "23:00");
    change(&bench, "app2", "22:30", "23:30");
    let period = ["cab", "--from", "2026-11-28T00:00:00Z", "--to", "2026-12-05T00:00:00Z"];
    let pack = bench.json(period);
    assert_eq!(pack["summary"]["joint_cuts"], 1, "{pack:#}");
    assert_eq!(pack["agenda"].as_array().map(Vec::len), Some(2));
    assert_eq!(pack["joint_picture"][0]["state"], "down");
    assert_eq!(pack["joint_picture"][0]["minutes"]["down"], 30);
    bench.run(period).ended(0).says("Harmless alone, dangerous together (1)").says("2 of 3");
    let html = bench.run(period.iter().copied().chain(["--as", "html", "--zone", "Europe/Berlin"])).ended(0);
    assert!(
        html.out.starts_with("<!doctype html>")
            && !html.out.contains("<script")
            && !html.out.contains("http")
    );
    assert!(html.out.contains("Sat 28 Nov 22:30–23:00"), "{}", html.out);
    let ics = bench.run(period.iter().copied().chain(["--as", "ics"])).ended(0);
    assert!(ics.out.contains("DTSTART:20261128T210000Z") && ics.out.contains("END:VCALENDAR"), "{}", ics.out);
    bench.run(["cab", "--as", "pdf"]).ended(2).says("no format");
}
