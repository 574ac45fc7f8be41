//! Attributes that make relationships, as a user sets them up.

use super::bench;
use cmdb_tests::Bench;
use serde_json::{Value, json};

/// Hosts, machines that name theirs, and the attribute they name it by.
fn estate(bench: &Bench) {
    let schema = "[[class]]\nname = \"Guest\"\nparent = \"VirtualMachine\"\nlabel = \"Guest\"\n\
        [[class.attribute]]\nname = \"host_name\"\ntype = \"text\"\n";
    let file = bench.file("guest.toml", schema);
    bench.run(["schema", "apply", file.to_str().expect("a path")]).ended(0);
    import(bench, "hosts.csv", "class,name\nHypervisor,esx1\nHypervisor,esx2\n", &[]);
    import(bench, "guests.csv", GUESTS, &[]);
}

const GUESTS: &str = "class,name,host_name\nGuest,web,esx1\nGuest,db,esx2\nGuest,lost,esx9\nGuest,none,\n";

fn import(bench: &Bench, name: &str, text: &str, more: &[&str]) -> Value {
    let file = bench.file(name, text);
    bench.json([vec!["import", file.to_str().expect("a path")], more.to_vec()].concat())
}

const RULE: [&str; 6] = ["rule", "add", "guest-host", "Guest.host_name", "runs_on", "Hypervisor.name"];

/// `source → target` of every relationship that a rule made.
fn made(bench: &Bench) -> Vec<String> {
    let query =
        "MATCH (a)-[r]->(b) WHERE r.derived_by IS NOT NULL RETURN a.name + ' → ' + b.name ORDER BY a.name";
    let rows = bench.json(["query", query])["rows"].clone();
    let text = |row: &Value| row[0].as_str().unwrap_or("").to_owned();
    rows.as_array().expect("rows").iter().map(text).collect()
}

#[test]
fn a_rule_makes_relationships_of_what_is_there_and_of_what_comes() {
    let bench = bench();
    estate(&bench);
    let dry = bench.json([&RULE[..], &["--dry-run"]].concat());
    assert_eq!(
        (&dry["made"], &dry["unmatched_count"], &dry["dry_run"]),
        (&json!(2), &json!(1), &json!(true))
    );
    assert!(made(&bench).is_empty(), "a dry run keeps nothing");
    bench.run(RULE).ended(0).says("makes 2 relationships").says("nobody has \"esx9\"");
    assert_eq!(made(&bench), ["db → esx2", "web → esx1"]);
    // The impact knows them, and they say where they come from.
    let affected = bench.json(["impact", "esx1"])["affected"].clone();
    assert_eq!((&affected[0]["name"], &affected[0]["state"]), (&json!("web"), &json!("down")));
    // Both ends move.
    bench.run(["set", "web", "host_name=esx2"]).ended(0);
    assert_eq!(made(&bench), ["db → esx2", "web → esx2"]);
    bench.run(["set", "Hypervisor:esx2", "name=esx9"]).ended(0);
    assert_eq!(made(&bench), ["lost → esx9"]);
    bench.run(["create", "Hypervisor", "name=esx2"]).ended(0);
    assert_eq!(made(&bench), ["db → esx2", "lost → esx9", "web → esx2"]);
    bench.run(["query", "MATCH (g:Guest {name: 'none'}) SET g.host_name = 'esx1'"]).ended(0);
    assert_eq!(made(&bench).len(), 4);
    bench.run(["remove", "Hypervisor:esx9", "--cascade"]).ended(0);
    assert_eq!(made(&bench), ["db → esx2", "none → esx1", "web → esx2"]);
    bench.run(["query", "MATCH (g:Guest {name: 'none'}) DETACH DELETE g"]).ended(0);
    bench.run(["rule", "list"]).ended(0).says("Guest.host_name = Hypervisor.name → runs_on");
    bench.run(["rule", "remove", "guest-host"]).ended(0);
    assert!(made(&bench).is_empty());
    bench.run(["verify", "--full"]).ended(0).says("all is well");
}

#[test]
fn the_same_file_and_an_export_come_in_again_without_a_change() {
    let bench = bench();
    estate(&bench);
    bench.run(RULE).ended(0);
    let again = import(&bench, "guests.csv", GUESTS, &[]);
    assert_eq!((&again["unchanged"], &again["derived"]), (&json!(4), &json!({ "made": 0, "ended": 0 })));
    let out = bench.folder.path().join("out");
    bench.run(["export", "--as", "csv", "--out", out.to_str().expect("a path")]).ended(0);
    let links = out.join("relationships.csv");
    let text = std::fs::read_to_string(&links).expect("relationships were exported");
    assert!(text.contains("derived_by") && text.contains("guest-host"), "{text}");
    let report = bench.json(["import", links.to_str().expect("a path")]);
    assert_eq!(
        (&report["relationships"]["unchanged"], &report["rejected"]),
        (&json!(2), &json!([])),
        "{report}"
    );
    assert_eq!(made(&bench).len(), 2);
    // An import is taken back whole.
    let report = import(&bench, "move.csv", "class,name,host_name\nGuest,web,esx2\nGuest,new,esx1\n", &[]);
    assert_eq!(report["derived"], json!({ "made": 2, "ended": 1 }), "{report}");
    assert_eq!(made(&bench), ["db → esx2", "new → esx1", "web → esx2"]);
    bench.run(["undo", report["import"].as_str().expect("an id")]).ended(0);
    assert_eq!(made(&bench), ["db → esx2", "web → esx1"]);
    // What came after an import and hangs on it by a rule alone does not keep it from being taken back.
    let report = import(&bench, "host.csv", "class,name\nHypervisor,esx9\n", &[]);
    assert_eq!(made(&bench).len(), 3);
    bench.run(["create", "Guest", "name=late", "host_name=esx9"]).ended(0);
    bench.run(["undo", report["import"].as_str().expect("an id")]).ended(0);
    assert_eq!(made(&bench), ["db → esx2", "web → esx1"]);
    let planned = import(&bench, "host.csv", "class,name\nHypervisor,esx9\n", &["--dry-run"]);
    assert_eq!(planned["derived"], json!({ "made": 2, "ended": 0 }), "{planned}");
    bench
        .run(["import", "apply", planned["plan"]["id"].as_str().expect("an id")])
        .ended(0)
        .says("rules made 2");
    assert_eq!(made(&bench).len(), 4);
}

#[test]
fn what_somebody_states_stands_before_what_a_rule_would_make() {
    let bench = bench();
    estate(&bench);
    bench.run(["relate", "web", "runs_on", "esx1", "effect=soft"]).ended(0);
    bench.run(RULE).ended(0).says("makes 1 relationship\n").says("1 relationship stated otherwise");
    assert_eq!(made(&bench), ["db → esx2"]);
    // Stated by hand it stays when the attribute goes, and ended by hand the rule makes it again.
    bench.run(["unrelate", "web", "runs_on", "esx1"]).ended(0);
    assert_eq!(made(&bench), ["db → esx2", "web → esx1"]);
    bench.run(["unrelate", "web", "runs_on", "esx1"]).ended(3).says("guest-host");
    bench.run(["query", "MATCH (:Guest {name: 'web'})-[r]->() DELETE r"]).ended(3).says("guest-host");
    bench
        .run(["query", "MATCH (:Guest {name: 'web'})-[r]->() SET r.effect = 'soft'"])
        .ended(3)
        .says("guest-host");
    bench.run(["relate", "web", "runs_on", "esx1"]).ended(0);
    bench.run(["set", "web", "host_name="]).ended(0);
    assert_eq!(made(&bench), ["db → esx2"]);
    assert_eq!(bench.json(["dependents", "esx1"])["count"], 1, "what was stated is still there");
    // An import states it, too.
    let links = "source,type,target\ndb,runs_on,esx2\n";
    let report = import(&bench, "links.csv", links, &[]);
    assert_eq!(report["relationships"]["updated"], 1, "{report}");
    assert_eq!(import(&bench, "links.csv", links, &[])["relationships"]["unchanged"], 1);
    assert!(made(&bench).is_empty());
    let file = bench.file("x.csv", "class,name\nServer,x\n");
    let args = ["import", file.to_str().expect("a path"), "--source", "derived:x"];
    bench.run(args).ended(2).says("derived:");
}

#[test]
fn a_value_that_does_not_tell_which_makes_nothing_and_is_told() {
    let bench = bench();
    estate(&bench);
    bench.run(["create", "Guest", "name=esx1", "host_name=esx1"]).ended(0);
    bench
        .run(["rule", "add", "any", "Guest.host_name", "runs_on", "ComputeResource.name"])
        .ended(0)
        .says("\"esx1\" is of 2 items: ")
        .says("nothing is made for the 2 items with it");
    assert_eq!(made(&bench), ["db → esx2"]);
    bench.run(["set", "Guest:esx1", "name=esx1-guest"]).ended(0);
    assert_eq!(made(&bench), ["db → esx2", "esx1-guest → esx1", "web → esx1"]);
    bench.run(["create", "Guest", "name=ESX2", "host_name=tbd"]).ended(0);
    bench.run(["rule", "remove", "any"]).ended(0);
    let any_case = ["--ignore-case", "effect=soft", "group=hosts"];
    bench.run([&RULE[..], &any_case].concat()).ended(0);
    bench.run(["create", "Guest", "name=loud", "host_name=Esx2"]).ended(0);
    let loud = bench.json(["dependencies", "loud"]);
    assert_eq!(loud["items"][0]["name"], "esx2", "{loud}");
}

#[test]
fn a_rule_that_cannot_be_says_what_is_wrong_with_it() {
    let bench = bench();
    estate(&bench);
    let add = |source: &str, kind: &str, target: &str| bench.run(["rule", "add", "r", source, kind, target]);
    add("Gest.host_name", "runs_on", "Hypervisor.name").ended(2).says("Guest");
    add("Guest.hostname", "runs_on", "Hypervisor.name").ended(2).says("host_name");
    add("VirtualMachine.host_name", "runs_on", "Hypervisor.name").ended(2).says("Guest has it");
    add("Guest.host_name", "run_on", "Hypervisor.name").ended(2).says("runs_on");
    add("Guest", "runs_on", "Hypervisor.name").ended(2).says("Class.attribute");
    add("Person.name", "runs_on", "Hypervisor.name").ended(2).says("runs_on is a ConfigurationItem");
    add("Change.name", "affects", "Hypervisor.name").ended(3).says("process");
    bench.run([&RULE[..], &["effect=mild"]].concat()).ended(2).says("effect");
    bench.run([&RULE[..], &["needs=2"]].concat()).ended(2).says("whole group");
    bench.run([&RULE[..], &["colour=red"]].concat()).ended(2).says("colour");
    bench.run(["rule", "add", "a b", "Guest.host_name", "runs_on", "Hypervisor.name"]).ended(2);
    bench.run(["rule", "show", "guest-hots"]).ended(2);
    bench.run(RULE).ended(0);
    bench.run(RULE).ended(3).says("already");
    bench.run(["rule", "remove", "guest-hots"]).ended(2).says("guest-host");
}

#[test]
fn over_http_a_rule_is_put_in_force_looked_at_and_taken_back() {
    let bench = bench();
    estate(&bench);
    let server = bench.serve();
    let rule = json!({
        "name": "guest-host", "type": "runs_on",
        "source": { "class": "Guest", "attribute": "host_name" },
        "target": { "class": "Hypervisor", "attribute": "name" },
    });
    let (status, dry) = server.post("/api/v1/rules?dry_run=true", &rule);
    assert_eq!((status, &dry["made"]), (200, &json!(2)), "{dry}");
    let (status, made) = server.post("/api/v1/rules", &rule);
    assert_eq!(
        (status, &made["made"], &made["rule"]["state"]),
        (201, &json!(2), &json!("in force")),
        "{made}"
    );
    let (_, links) = server.get("/api/v1/items/web/relationships");
    assert_eq!(links["relationships"][0]["attributes"]["derived_by"], "guest-host", "{links}");
    let (status, shown) = server.get("/api/v1/rules/guest-host");
    assert_eq!((status, &shown["unmatched"][0]["value"]), (200, &json!("esx9")), "{shown}");
    let (_, all) = server.get("/api/v1/rules");
    assert_eq!(all["rules"][0]["one"], "target", "{all}");
    let (status, wrong) = server.post("/api/v1/rules", &json!({ "name": "x" }));
    assert_eq!(status, 400, "{wrong}");
    bench.run(["rule", "remove", "guest-host"]).ended(0);
    assert_eq!(server.get("/api/v1/rules/guest-host").0, 404);
}

#[test]
fn a_rule_rests_while_the_definitions_do_not_fit_it() {
    let bench = bench();
    let guest = "[[class]]\nname = \"Guest\"\nparent = \"VirtualMachine\"\n";
    let whole = format!("{guest}[[class.attribute]]\nname = \"host_name\"\ntype = \"text\"\n");
    let apply = |text: &str| {
        let file = bench.file("guest.toml", text);
        bench.run(["schema", "apply", file.to_str().expect("a path")]).ended(0);
    };
    apply(&whole);
    bench.run(RULE).ended(0);
    apply(guest);
    bench.run(["rule", "show", "guest-host"]).ended(0).says("rests").says("no attribute \"host_name\"");
    bench.run(["create", "Hypervisor", "name=esx1"]).ended(0);
    bench.run(["create", "Guest", "name=early"]).ended(0);
    apply(&whole);
    bench.run(["rule", "list"]).ended(0).says("in force");
    bench.run(["set", "early", "host_name=esx1"]).ended(0);
    assert_eq!(made(&bench), ["early → esx1"]);
    // An undo takes back no definition that a rule needs.
    let rows = "class,name,shelf\nGuest,g,s1\n";
    let report = import(&bench, "g.csv", rows, &["--define-missing"]);
    let shelf = ["rule", "add", "shelf", "Guest.shelf", "located_in", "Rack.name"];
    bench.run(shelf).ended(0).says("nobody has \"s1\"");
    bench
        .run(["undo", report["import"].as_str().expect("an id")])
        .ended(0)
        .says("attribute Guest.shelf still used");
    bench.run(["rule", "show", "shelf"]).ended(0).says("in force");
}

#[test]
fn what_a_rule_makes_of_an_edit_is_no_further_unauthorised_edit() {
    let bench = bench();
    estate(&bench);
    for name in ["web", "db", "Hypervisor:esx1", "Hypervisor:esx2"] {
        bench.run(["set", name, "status=operational"]).ended(0);
    }
    bench.run(RULE).ended(0);
    let edits = || bench.json(["change", "unauthorised"])["edits"].as_array().expect("edits").clone();
    let before = edits().len();
    bench.run(["set", "web", "host_name=esx2"]).ended(0);
    assert_eq!(made(&bench), ["db → esx2", "web → esx2"]);
    let after = edits();
    assert_eq!((after.len(), &after[0]["fields"]), (before + 1, &json!(["host_name"])), "{after:#?}");
}
