//! Bad input is the normal case: each mistake gets a clear message, the right exit code, and changes nothing.

use super::bench;
use serde_json::json;

#[test]
fn every_mistake_has_its_message_and_exit_code() {
    let bench = bench();
    bench.run(["list"]).ended(4).says("holds no cmdb data");
    bench.run(["create", "Server", "name=web-01"]).ended(0);
    bench.run(["create", "BusinessService", "name=Shop", "criticality=1"]).ended(0);
    let cases: &[(&[&str], i32, &str)] = &[
        (&["create", "Sever", "name=x"], 2, "did you mean \"Server\""),
        (&["create", "Server", "nam=x"], 2, "has no attribute \"nam\""),
        (&["create", "Server"], 2, "has a name"),
        (&["create", "ConfigurationItem", "name=x"], 2, "abstract"),
        (&["create", "BusinessService", "name=x", "criticality=high"], 2, "not an integer"),
        (&["create", "BusinessService", "name=x", "criticality=9"], 2, "maximum"),
        (&["set", "web-01", "status=runing"], 2, "no status"),
        (&["show", "web-02"], 2, "did you mean \"web-01\""),
        (&["show", "Web-01"], 2, "did you mean \"web-01\""),
        (&["show", "SHOP"], 2, "did you mean \"Shop\""),
        (&["show", "server:web-01"], 2, "did you mean \"Server:web-01\""),
        (&["impact", "web-01=dwon"], 2, "\"dwon\" is no state of a root; states are down, degraded, at_risk"),
        (&["impact", "web-03=down"], 2, "there is no item \"web-03\""),
        (&["impact", "web-02"], 2, "there is no item"),
        (&["impact", "web-01", "--state", "broken"], 2, "down"),
        (&["relate", "Shop", "depend_on", "web-01"], 2, "did you mean \"depends_on\""),
        (&["relate", "Shop", "depends_on", "nowhere"], 2, "there is no item"),
        (&["relate", "Shop", "depends_on", "web-01", "group=g", "needs=x"], 2, "count"),
        (&["relate", "Shop", "depends_on", "web-01", "group=g", "needs=2"], 3, "needs 2"),
        (&["set", "web-01", "name"], 2, "key=value"),
        (&["dependents", "web-01", "--types", "nope"], 2, "nope"),
        (&["--at", "yesterday", "list"], 2, "yesterday"),
        (&["import", "no-such-file.csv"], 2, "no-such-file.csv"),
        (&["import", "."], 2, ". is a folder; import takes files"),
        (&["export", "--out", "."], 2, ". is a folder; --out names a file"),
        (&["export", "--as", "csv", "--out", "no/such/folder/items.csv"], 4, "items.csv cannot be written"),
        (&["list", "--limit", "-1"], 2, "a count is a whole number, 0 or more"),
        (&["dependents", "web-01", "--limit", "-1"], 2, "a count is a whole number"),
        (&["frobnicate"], 2, "frobnicate"),
    ];
    let before = bench.json(["log"])["entries"].as_array().map(Vec::len);
    for (args, code, message) in cases {
        bench.run(*args).ended(*code).says(message);
    }
    assert_eq!(bench.json(["log"])["entries"].as_array().map(Vec::len), before, "nothing was written");
}

#[test]
fn any_attribute_of_a_class_names_an_item_if_only_one_has_the_value() {
    let bench = bench();
    for (name, rack) in [("web-01", "r1"), ("web-02", "r2"), ("web-03", "r2")] {
        bench.run(["create", "Server", &format!("name={name}"), &format!("description={rack}")]).ended(0);
    }
    bench.run(["show", "Server:name=web-02"]).ended(0).says("web-02");
    bench.run(["show", "Server:description=r1"]).ended(0).says("web-01");
    bench.run(["impact", "Server:description=r1=degraded"]).ended(0).says("web-01");
    bench.run(["show", "Database:description=r1"]).ended(2).says("there is no item");
    let ambiguous = bench.run(["show", "Server:description=r2"]).ended(2);
    ambiguous.says("several items").says("Server:web-02").says("Server:web-03");
    bench.run(["relate", "Server:description=r1", "depends_on", "Server:name=web-02"]).ended(0);
}

#[test]
fn the_past_cannot_be_changed() {
    let bench = bench();
    bench.run(["create", "Server", "name=web-01"]).ended(0);
    let position = bench.json(["log"])["entries"][0]["position"].to_string();
    for args in [
        &["create", "Server", "name=b"][..],
        &["set", "web-01", "description=x"],
        &["remove", "web-01"],
        &["baseline", "create", "before"],
        &["import", "items.csv"],
    ] {
        let args: Vec<&str> = [&["--at", position.as_str()], args].concat();
        bench.run(args).ended(2).says("the past cannot be changed");
    }
    assert_eq!(bench.json(["log"])["entries"][0]["position"].to_string(), position, "nothing was written");
    bench.run(["--at", &position, "show", "web-01"]).ended(0);
}

#[test]
fn a_small_import_with_bad_rows_changes_nothing_and_lists_them_all() {
    let bench = bench();
    let file = bench.file(
        "items.csv",
        "class,name,id,criticality\nBusinessService,a,1,1\nBusinessService,b,2,x\nBusinessService,c,3,77\nBusinessService,d,4,1,extra\n",
    );
    let report = bench.json(["import".as_ref(), file.as_os_str()]);
    let rows: Vec<_> =
        report["rejected"].as_array().expect("rejected").iter().map(|r| r["row"].clone()).collect();
    assert_eq!(rows.len(), 3, "{report}");
    assert!([3, 4, 5].iter().all(|r| rows.contains(&json!(r))), "{report}");
    bench.run(["import".as_ref(), file.as_os_str()]).ended(1);
    assert_eq!(bench.json(["list", "--class", "BusinessService"])["items"], json!([]));
}

#[test]
fn unknown_names_are_one_error_that_lists_them_all() {
    let bench = bench();
    let file = bench.file("items.csv", "class,name,colour\nSever,a,red\nServer,b,blue\n");
    bench
        .run(["import".as_ref(), file.as_os_str()])
        .ended(2)
        .says("Sever")
        .says("colour")
        .says("--define-missing");
    let args = ["import".as_ref(), "--define-missing".as_ref(), file.as_os_str()];
    let report = bench.json(args);
    assert_eq!(report["created"], 2, "{report}");
    assert!(report["assumed"].as_array().is_some_and(|a| a.len() >= 2), "{report}");
}

#[test]
fn references_to_nothing_become_reported_placeholders() {
    let bench = bench();
    let file = bench.file("links.csv", "source,type,target\nghost-a,depends_on,ghost-b\n");
    let report = bench.json(["import".as_ref(), file.as_os_str()]);
    assert_eq!(report["unresolved"], json!(["ghost-a", "ghost-b"]), "{report}");
    assert_eq!(bench.json(["show", "ghost-a"])["class"], "Placeholder");
    let items = bench.file("items.csv", "class,name,id\nServer,A,ghost-a\n");
    bench.run(["import".as_ref(), items.as_os_str()]).ended(0);
    assert_eq!(
        bench.json(["show", "Server:A"])["class"],
        "Server",
        "the placeholder became what it stood for"
    );
}

#[test]
fn two_needs_for_one_group_are_refused() {
    let bench = bench();
    let items = bench.file("items.csv", "class,name,id\nServer,a,a\nServer,b,b\nServer,c,c\n");
    let links =
        bench.file("links.csv", "source,type,target,group,needs\na,depends_on,b,g,1\na,depends_on,c,g,2\n");
    let ran = bench.run(["import".as_ref(), items.as_os_str(), links.as_os_str()]).ended(1);
    ran.says("another needs");
}

#[test]
fn a_folder_of_somebody_elses_is_left_alone() {
    let bench = bench();
    std::fs::create_dir_all(bench.data()).expect("a folder");
    std::fs::write(bench.data().join("thesis.txt"), b"chapter one").expect("a file");
    for command in [&["init"][..], &["create", "Server", "name=x"], &["serve"]] {
        bench.run(command).ended(3).says("thesis.txt");
    }
    let files = std::fs::read_dir(bench.data()).expect("a folder").count();
    assert_eq!(files, 1, "nothing was left in it");
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    let bench = bench();
    std::fs::create_dir_all(bench.data()).expect("a folder");
    std::fs::write(bench.data().join("cmdb.redb"), b"something else entirely").expect("a file");
    bench.run(["list"]).ended(4).says("not a cmdb store");
    bench.run(["create", "Server", "name=x"]).ended(4);
    assert_eq!(std::fs::read(bench.data().join("cmdb.redb")).expect("a file"), b"something else entirely");
}
