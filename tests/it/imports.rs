//! Imports that can be believed and taken back: plans, their application, undo.

use super::bench;
use cmdb_tests::{Bench, shared};
use serde_json::{Value, json};

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

/// The hash over all content.
fn state(bench: &Bench) -> Value {
    let mut all = bench.json(["export", "--as", "json"]);
    // The export says where it stands; its content must not.
    all.as_object_mut().map(|map| map.remove("position"));
    all
}

#[test]
fn a_plan_says_what_would_happen_and_is_taken_exactly_or_not_at_all() {
    let bench = bench();
    bench.run(["create", "Server", "name=web", "description=old"]).ended(0);
    bench.run(["create", "Server", "name=db"]).ended(0);
    bench.run(["create", "BusinessService", "name=Shop", "criticality=1"]).ended(0);
    bench.run(["relate", "Shop", "depends_on", "db"]).ended(0);
    let file = bench.file(
        "rows.csv",
        "class,name,description,status\nServer,web,new,\nServer,db,,retired\nServer,mail,,\n",
    );
    let before = state(&bench);
    let dry = bench.json(["import".as_ref(), file.as_os_str(), "--dry-run".as_ref()]);
    let plan = &dry["plan"];
    assert_eq!(
        plan["items"],
        json!({"create": 1, "update": 2, "unchanged": 0, "remove": 0, "conflict": 0, "reject": 0})
    );
    let changes: Vec<_> =
        plan["changes"].as_array().expect("changes").iter().map(|c| (&c["action"], &c["row"])).collect();
    assert_eq!(
        changes,
        [(&json!("update"), &json!(2)), (&json!("update"), &json!(3)), (&json!("create"), &json!(4)),]
    );
    assert_eq!(
        plan["changes"][0]["attributes"],
        json!([{"name": "description", "old": "old", "new": "new"}])
    );
    assert_eq!(plan["removals"]["items"][0]["name"], "db", "a retired item is lost to what needs it");
    assert_eq!(plan["removals"]["services"][0]["name"], "Shop");
    assert_eq!(state(&bench), before, "a dry run changes nothing");

    // An edit that the plan does not rest on leaves it as it was; one that it does rest on makes it stale.
    bench.run(["create", "Server", "name=unrelated"]).ended(0);
    let other = bench.json(["import".as_ref(), file.as_os_str(), "--dry-run".as_ref()]);
    let (first, second) = (text(&plan["id"]), text(&other["plan"]["id"]));
    bench.run(["imports", "--plans"]).ended(0).says(first).says(second);
    bench.run(["import", "apply", first]).ended(0).says("import imp-");
    assert_eq!(bench.json(["show", "web"])["attributes"]["description"], "new");
    bench.run(["import", "apply", first]).ended(2).says("there is no plan");
    bench.run(["import", "apply", second]).ended(3).says("has changed since");
    bench.run(["set", "web", "description=by hand"]).ended(0);
    bench.run(["import", "apply", second]).ended(3);

    // So does another file under the same name.
    let third = bench.json(["import".as_ref(), file.as_os_str(), "--dry-run".as_ref()]);
    bench.file("rows.csv", "class,name\nServer,other\n");
    bench.run(["import", "apply", text(&third["plan"]["id"])]).ended(3).says("not the file");
}

#[test]
fn a_plan_with_rejected_rows_is_shown_whole_and_not_applied() {
    let bench = bench();
    let file = bench.file("rows.csv", "class,name,cpu_count\nServer,a,4\nServer,b,many\n,c,1\n");
    let dry = bench.run(["import".as_ref(), file.as_os_str(), "--dry-run".as_ref()]).ended(1);
    dry.says("row").says("cannot be applied");
    let answer = bench.json(["import".as_ref(), file.as_os_str(), "--dry-run".as_ref()]);
    assert_eq!(answer["plan"]["applicable"], false);
    assert_eq!(answer["plan"]["items"]["reject"], 2);
    bench.run(["import", "apply", text(&answer["plan"]["id"])]).ended(3).says("rejected row");
}

#[test]
fn undo_takes_the_whole_of_an_import_back() {
    let bench = bench();
    bench.run(["create", "Server", "name=web", "description=old"]).ended(0);
    let before = state(&bench);
    let items = bench.file(
        "items.csv",
        "class,name,id,description,rack_unit\nServer,web,,new,7\nServer,db,k1,,8\nShelf,s1,k2,,\n",
    );
    let links = bench.file("links.csv", "source,type,target\nk1,stands_in,k2\nweb,depends_on,k1\n");
    let import =
        bench.json(["import".as_ref(), items.as_os_str(), links.as_os_str(), "--define-missing".as_ref()]);
    let id = text(&import["import"]).to_owned();
    bench.run(["imports"]).ended(0).says(&id).says("done");
    bench.run(["undo", &id, "--dry-run"]).ended(0).says("dry run");
    assert_ne!(state(&bench), before);
    bench.run(["undo", &id]).ended(0).says("2 removed, 1 restored").says("class Shelf taken back");
    assert_eq!(state(&bench), before);
    bench.run(["schema", "show", "Shelf"]).ended(2);
    bench.run(["undo", &id]).ended(3).says("taken back before");
    bench.run(["imports"]).ended(0).says("undone");
    bench.run(["undo", "imp-nonsense"]).ended(2).says("there is no import");
    bench.run(["verify", "--full"]).ended(0).says("all is well");
    // And in again.
    let again =
        bench.json(["import".as_ref(), items.as_os_str(), links.as_os_str(), "--define-missing".as_ref()]);
    assert_eq!((&again["created"], &again["updated"]), (&json!(2), &json!(1)));
}

#[test]
fn what_was_edited_since_is_named_and_kept() {
    let bench = bench();
    let file = bench.file("rows.csv", "class,name,description\nServer,web,a\nServer,db,b\n");
    let import = bench.json(["import".as_ref(), file.as_os_str()]);
    let id = text(&import["import"]).to_owned();
    bench.run(["set", "web", "description=by hand"]).ended(0);
    bench.run(["create", "Application", "name=shop"]).ended(0);
    bench.run(["relate", "shop", "depends_on", "web"]).ended(0);
    let refused = bench.run(["undo", &id]).ended(3);
    let refused =
        refused.says("Server:web: description edited since").says("depends_on").says("--keep-later");
    assert!(!refused.err.contains("Server:db"), "{refused:?}");
    bench.run(["undo", &id, "--keep-later"]).ended(0).says("1 removed, 0 restored, 1 kept");
    assert_eq!(bench.json(["show", "web"])["attributes"]["description"], "by hand");
    bench.run(["show", "db"]).ended(2);
}

#[test]
fn plan_and_undo_over_http_say_the_same() {
    let Some(folder) = shared("data/f1") else {
        println!("SKIPPED: the small shop's files are not there");
        return;
    };
    let bench = bench();
    let import = bench.json([
        "import".as_ref(),
        folder.join("items.csv").as_os_str(),
        folder.join("relationships.csv").as_os_str(),
    ]);
    let id = text(&import["import"]).to_owned();
    let server = bench.serve();
    // The command line speaks to the server, and its plan is kept there with the file's own copy.
    let file = bench.file("rows.csv", "class,name\nServer,extra\n");
    let dry = bench.json(["import".as_ref(), file.as_os_str(), "--dry-run".as_ref()]);
    std::fs::remove_file(&file).expect("it was there");
    let plan = text(&dry["plan"]["id"]).to_owned();
    let (status, kept) = server.get(&format!("/api/v1/import-plans/{plan}"));
    assert_eq!((status, &kept["plan"]), (200, &dry["plan"]));
    let (status, report) = server.post(&format!("/api/v1/imports/{plan}/apply"), &json!({}));
    assert_eq!((status, &report["created"]), (200, &json!(1)), "{report}");
    assert_eq!(server.get("/api/v1/import-plans").1["plans"], json!([]));
    bench.run(["relate", "extra", "depends_on", "esx1"]).ended(0);
    let (status, problem) = server.post(&format!("/api/v1/imports/{id}/undo"), &json!({}));
    assert_eq!((status, &problem["code"]), (409, &json!("import.stands-on")), "{problem}");
    let named = problem["errors"][0]["detail"].as_str().expect("a detail");
    assert!(named.contains("esx1") && named.contains("extra"), "{named}");
    let (status, answer) = server.post(&format!("/api/v1/imports/{id}/undo?keep_later=true"), &json!({}));
    assert_eq!((status, &answer["items"]["kept"]), (200, &json!(1)), "{answer}");
    assert_eq!(server.get("/api/v1/imports/nonsense").0, 404);
}

#[test]
fn a_row_that_only_a_process_may_write_is_rejected_by_itself() {
    let bench = bench();
    let rows =
        "class,name,status,description\nServer,a,,\nChange,CHG-X,approved,\nServer,b,,\nServer,c,melted,\n";
    let file = bench.file("rows.csv", rows);
    let report = bench.json(["import".as_ref(), file.as_os_str()]);
    let rejected = report["rejected"].as_array().expect("a list");
    let at: Vec<_> = rejected.iter().map(|r| (r["row"].as_u64(), text(&r["code"]))).collect();
    assert_eq!(at, [(Some(3), "change.owned"), (Some(5), "item.status")], "{report:#}");
    assert!(text(&rejected[0]["message"]).contains("begins as a draft"), "{report:#}");
    assert_eq!(report["applied"], false);
    bench.run(["show", "a"]).ended(2);
}
