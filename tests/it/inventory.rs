//! Creating, showing, editing, relating, removing; history and the past.

use super::bench;
use serde_json::json;

#[test]
fn an_item_lives_from_creation_to_removal() {
    let bench = bench();
    let created = bench.json(["create", "Server", "name=web-01", "serial_number=S-1"]);
    assert_eq!(
        (&created["class"], &created["name"], &created["version"]),
        (&json!("Server"), &json!("web-01"), &json!(1))
    );
    bench.run(["create", "Server", "name=web-01"]).ended(3).says("already is");
    bench.run(["create", "Application", "name=shop"]).ended(0);
    bench.run(["relate", "shop", "depends_on", "web-01"]).ended(0);
    bench.run(["remove", "web-01"]).ended(3).says("shop").says("--cascade");
    bench.run(["set", "web-01", "name=web-02"]).ended(0);
    bench.run(["show", "web-01"]).ended(2).says("renamed to").says("web-02");
    bench.run(["set", "web-02", "description=front end", "--if-version", "1"]).ended(3).says("version 2");
    bench.run(["set", "web-02", "description=front end", "--if-version", "2"]).ended(0);
    let shown = bench.json(["show", "web-02"]);
    assert_eq!(shown["attributes"]["description"], "front end");
    assert_eq!(shown["provenance"]["description"]["source"], "manual");
    assert_eq!(shown["id"], created["id"], "ids never change");
    bench.run(["unrelate", "shop", "depends_on", "web-02"]).ended(0);
    bench.run(["remove", "web-02"]).ended(0);
    bench.run(["show", "web-02"]).ended(2);
}

#[test]
fn the_past_is_read_as_it_was() {
    let bench = bench();
    bench.run(["create", "Server", "name=web-01", "description=old"]).ended(0);
    bench.run(["baseline", "create", "before"]).ended(0);
    bench.run(["set", "web-01", "description=new"]).ended(0);
    bench.run(["remove", "web-01"]).ended(0);
    assert_eq!(bench.json(["--at", "before", "show", "web-01"])["attributes"]["description"], "old");
    assert_eq!(bench.json(["--at", "4", "show", "web-01"])["attributes"]["description"], "new");
    assert_eq!(bench.json(["list", "--class", "Server"])["items"], json!([]));
    let log = bench.json(["log"]);
    assert_eq!(log["entries"].as_array().map(Vec::len), Some(5), "{log}");
    bench.run(["--at", "99", "show", "web-01"]).ended(2);
    bench.run(["verify", "--full"]).ended(0).says("all is well");
}

#[test]
fn classes_and_attributes_are_added_at_run_time() {
    let bench = bench();
    let schema = bench.file(
        "own.toml",
        "[[class]]\nname = \"CoffeeMachine\"\nparent = \"ConfigurationItem\"\n\
         [[class.attribute]]\nname = \"beans\"\ntype = \"integer\"\nunit = \"kg\"\nrequired = true\n",
    );
    bench.run(["schema".as_ref(), "apply".as_ref(), schema.as_os_str()]).ended(0);
    bench.run(["create", "CoffeeMachine", "name=c1"]).ended(2).says("requires \"beans\"");
    bench.run(["create", "CoffeeMachine", "name=c1", "beans=3 kg"]).ended(0);
    bench.run(["create", "CofeeMachine", "name=c2", "beans=3"]).ended(2).says("CoffeeMachine");
    let narrower = bench.file(
        "narrower.toml",
        "[[class]]\nname = \"CoffeeMachine\"\nparent = \"ConfigurationItem\"\n\
         [[class.attribute]]\nname = \"beans\"\ntype = \"integer\"\nmaximum = 2\n",
    );
    bench.run(["schema".as_ref(), "apply".as_ref(), narrower.as_os_str()]).ended(3).says("CoffeeMachine:c1");
}

#[test]
fn an_export_imports_again_without_change_and_elsewhere_whole() {
    let bench = bench();
    let items = bench.file(
        "items.csv",
        "class,name,id,description\nServer,\"a, \"\"b\"\"\",s1,=1+1\nServer,ü,s2,\"two\nlines\"\n",
    );
    let links = bench.file("links.csv", "source,type,target,group,needs\ns1,depends_on,s2,g,1\n");
    bench.run(["import".as_ref(), items.as_os_str(), links.as_os_str()]).ended(0);
    for format in ["json", "ndjson", "csv"] {
        let out = bench.folder.path().join(format!("out.{format}"));
        bench.run(["export", "--as", format, "--out", &out.to_string_lossy()]).ended(0);
        let report = bench.json(["import".as_ref(), out.as_os_str()]);
        assert_eq!(
            (&report["created"], &report["updated"], &report["unchanged"]),
            (&json!(0), &json!(0), &json!(2)),
            "{format}: {report}"
        );
    }
    // A CSV holds one table, so a folder gets both, and without one the rest is said to be missing.
    let both = bench.folder.path().join("both");
    bench.run(["export", "--as", "csv"]).ended(0).says("--kind relationships");
    bench
        .run(["export".as_ref(), "--as".as_ref(), "csv".as_ref(), "--out".as_ref(), both.as_os_str()])
        .ended(0);
    let (items, links) = (both.join("items.csv"), both.join("relationships.csv"));
    let report = bench.json(["import".as_ref(), items.as_os_str(), links.as_os_str()]);
    assert_eq!(
        (&report["unchanged"], &report["created"], &report["updated"]),
        (&json!(2), &json!(0), &json!(0))
    );
    let relationships = &report["relationships"];
    assert_eq!((&relationships["unchanged"], &relationships["created"]), (&json!(1), &json!(0)), "{report}");
    let elsewhere = super::bench();
    let report = elsewhere.json(["import".as_ref(), items.as_os_str(), links.as_os_str()]);
    assert_eq!((&report["created"], &report["relationships"]["created"]), (&json!(2), &json!(1)), "{report}");
    let elsewhere = super::bench();
    let report = elsewhere.json(["import".as_ref(), bench.folder.path().join("out.json").as_os_str()]);
    assert_eq!((&report["created"], &report["relationships"]["created"]), (&json!(2), &json!(1)), "{report}");
    assert_eq!(elsewhere.json(["show", "ü"])["attributes"]["description"], "two\nlines");
}

#[test]
fn a_backup_restores_into_an_empty_folder_only() {
    let bench = bench();
    bench.run(["create", "Server", "name=web-01"]).ended(0);
    let file = bench.folder.path().join("b.cmdb");
    bench.run(["backup".as_ref(), file.as_os_str()]).ended(0);
    let other = super::bench();
    other.run(["restore".as_ref(), file.as_os_str()]).ended(0);
    assert_eq!(other.json(["show", "web-01"])["name"], "web-01");
    other.run(["restore".as_ref(), file.as_os_str()]).ended(3);
    other.run(["verify", "--full"]).ended(0);
    let mut bytes = std::fs::read(&file).expect("the backup");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).expect("writable");
    super::bench().run(["restore".as_ref(), file.as_os_str()]).ended(4);
}

#[test]
fn eight_processes_that_find_an_empty_folder_lose_nothing_they_acknowledged() {
    let bench = bench();
    let made: Vec<String> = std::thread::scope(|scope| {
        let create = |n: u32| {
            let bench = &bench;
            scope.spawn(move || (n, bench.run(["create", "Server", &format!("name=c{n}")]).code))
        };
        let running: Vec<_> = (0..8).map(create).collect();
        let ended = running.into_iter().map(|r| r.join().expect("no panic"));
        ended.filter(|(_, code)| *code == 0).map(|(n, _)| format!("c{n}")).collect()
    });
    assert!(!made.is_empty(), "one of them comes first");
    made.iter().for_each(|name| drop(bench.run(["show", name]).ended(0)));
}

#[test]
fn what_a_group_needs_outlives_the_row_that_stated_it() {
    let bench = bench();
    for name in ["s", "a", "b", "c"] {
        bench.run(["create", "Server", &format!("name={name}")]).ended(0);
    }
    for name in ["b", "c", "a"] {
        bench.run(["relate", "s", "depends_on", name, "group=g"]).ended(0);
    }
    bench.run(["relate", "s", "depends_on", "a", "group=g", "needs=2"]).ended(0);
    bench.run(["relate", "s", "depends_on", "a", "needs=2"]).ended(2).says("in none");
    assert_eq!(bench.json(["impact", "b"])["affected"][0]["state"], "at_risk");
    bench.run(["remove", "a", "--cascade"]).ended(0);
    assert_eq!(bench.json(["impact", "b"])["affected"][0]["state"], "down", "2 of 2 are needed now");
}
