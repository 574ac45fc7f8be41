//! Which item a row is about, whose word counts, what is missing, what was rejected, and two records of one thing.

use super::bench;
use cmdb_tests::Bench;
use serde_json::{Value, json};

fn import(bench: &Bench, name: &str, text: &str, more: &[&str]) -> Value {
    let file = bench.file(name, text);
    let args = [vec!["import", file.to_str().expect("a path")], more.to_vec()].concat();
    bench.json(args)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

#[test]
fn a_serial_that_nobody_filled_in_makes_no_two_machines_one() {
    let bench = bench();
    let rows = "class,name,serial_number\n\
        Server,a,To be filled by O.E.M.\nServer,b,To be filled by O.E.M.\nServer,c,0123456789\nServer,d,None\nServer,e,None\n";
    let report = import(&bench, "rows.csv", rows, &[]);
    assert_eq!((&report["created"], &report["rejected"]), (&json!(5), &json!([])), "{report}");
    let assumed = report["assumed"].to_string();
    assert!(assumed.contains("To be filled by O.E.M.") && assumed.contains("(2 rows)"), "{assumed}");
    assert_eq!(bench.json(["show", "b"])["attributes"]["serial_number"], "To be filled by O.E.M.");
    let again = import(&bench, "rows.csv", rows, &[]);
    assert_eq!((&again["unchanged"], &again["created"]), (&json!(5), &json!(0)));
}

#[test]
fn a_serial_shared_by_machines_of_different_names_is_told_and_not_used() {
    let bench = bench();
    let rows = "class,name,serial_number\nServer,a,PF0X1\nServer,b,PF0X1\nServer,c,PF0X1\n";
    let report = import(&bench, "rows.csv", rows, &[]);
    assert_eq!((&report["created"], &report["rejected"]), (&json!(3), &json!([])), "{report}");
    assert!(report["assumed"].to_string().contains("shared by rows of different names"), "{report}");
    let again = import(&bench, "rows.csv", rows, &[]);
    assert_eq!((&again["unchanged"], &again["created"]), (&json!(3), &json!(0)), "{again}");
    // One more row that could be any of them is a conflict, and overwrites none.
    let more = import(&bench, "more.csv", "class,name,serial_number\nServer,z,PF0X1\n", &["--dry-run"]);
    assert_eq!(more["plan"]["items"]["conflict"], 1, "{more}");
    assert_eq!(more["rejected"][0]["code"], "item.ambiguous");
    bench.run(["duplicates"]).ended(0).says("PF0X1");
}

#[test]
fn one_machine_of_two_sources_is_one_item_by_its_serial() {
    let bench = bench();
    import(
        &bench,
        "scan.csv",
        "class,name,id,serial_number\nServer,web1,s-1,CZ1234\n",
        &["--source", "scan"],
    );
    let report = import(
        &bench,
        "cloud.csv",
        "class,name,id,serial_number,description\nServer,web1,vm-9,CZ1234,x\n",
        &["--source", "cloud"],
    );
    assert_eq!((&report["created"], &report["updated"]), (&json!(0), &json!(1)), "{report}");
    let item = bench.json(["show", "web1"]);
    assert_eq!(item["keys"], json!(["scan#s-1", "cloud#vm-9"]));
    // The same name under another key of a source is another machine; so is a second key of one source.
    let report = import(
        &bench,
        "more.csv",
        "class,name,id,serial_number\nServer,web1,s-2,\nServer,web9,s-3,CZ1234\n",
        &["--source", "scan"],
    );
    assert_eq!(report["created"], 2, "{report}");
    // A row of the general class does not take away what is known better.
    bench.run(["schema", "show", "VirtualMachine"]).ended(0);
}

#[test]
fn keys_that_point_at_two_items_are_a_conflict_and_a_candidate() {
    let bench = bench();
    bench
        .run(["create", "VirtualMachine", "name=one", "instance_uuid=11111111-2222-3333-4444-555555555556"])
        .ended(0);
    bench.run(["create", "VirtualMachine", "name=two", "serial_number=SN-77-A"]).ended(0);
    let report = import(
        &bench,
        "rows.csv",
        "class,name,instance_uuid,serial_number\nVirtualMachine,three,11111111-2222-3333-4444-555555555556,SN-77-A\n",
        &[],
    );
    assert_eq!(report["rejected"][0]["code"], "item.conflicting-keys", "{report}");
    assert_eq!(bench.json(["show", "one"])["name"], "one", "nothing was overwritten");
}

#[test]
fn two_records_of_one_thing_are_merged_and_taken_apart_again() {
    let bench = bench();
    import(&bench, "a.csv", "class,name,id,description,status\nServer,web1,a1,from a,\n", &["--source", "a"]);
    import(
        &bench,
        "b.csv",
        "class,name,id,serial_number\nServer,WEB1.example.com,b1,CZ99X1\n",
        &["--source", "b"],
    );
    bench.run(["create", "Application", "name=shop"]).ended(0);
    bench.run(["relate", "shop", "depends_on", "Server:WEB1.example.com"]).ended(0);
    let before = bench.json(["export"]);
    bench.run(["duplicates"]).ended(0).says("both are called");
    let loser = bench.json(["show", "Server:WEB1.example.com"])["id"].clone();
    let merged = bench.json(["merge", "Server:WEB1.example.com", "web1"]);
    let item = bench.json(["show", text(&loser)]);
    assert_eq!(
        (&item["name"], &item["id"]),
        (&json!("web1"), &merged["item"]["id"]),
        "the old id names it: {item}"
    );
    assert_eq!(item["attributes"]["serial_number"], "CZ99X1");
    assert_eq!(item["provenance"]["serial_number"]["source"], "b");
    assert_eq!(item["keys"], json!(["a#a1", "b#b1"]));
    assert_eq!(bench.json(["dependents", "web1"])["count"], 1);
    // Each source goes on to know it by its own key.
    let again =
        import(&bench, "b.csv", "class,name,id,serial_number\nServer,web1,b1,CZ99X1\n", &["--source", "b"]);
    assert_eq!(again["unchanged"], 1, "{again}");
    bench.run(["unmerge", text(&merged["merge"])]).ended(0).says("taken back");
    assert_eq!(bench.json(["export"]), before);
    assert_eq!(bench.json(["show", text(&loser)])["name"], "WEB1.example.com");
    bench.run(["unmerge", text(&merged["merge"])]).ended(3);
    bench.run(["merge", "web1", "shop"]).ended(3).says("unrelated classes");
    bench.run(["merge", "web1", "web1"]).ended(2);
    bench.run(["verify", "--full"]).ended(0).says("all is well");
}

#[test]
fn a_lower_source_does_not_overwrite_a_higher_one() {
    let bench = bench();
    bench.run(["precedence", "asset", "scan", "--attribute", "description"]).ended(0).says("asset");
    let row = |value: &str| format!("class,name,description,cpu_count\nServer,web,{value},4\n");
    import(&bench, "a.csv", &row("from asset"), &["--source", "asset"]);
    let report = import(&bench, "s.csv", &row("from scan"), &["--source", "scan"]);
    assert_eq!(report["updated"], 1, "{report}");
    let shown = bench.json(["show", "web"]);
    assert_eq!(shown["attributes"]["description"], "from asset");
    assert_eq!(shown["claims"]["description"][0]["source"], "scan");
    assert_eq!(shown["claims"]["description"][0]["value"], "from scan");
    bench.run(["show", "web", "--sources"]).ended(0).says("scan says").says("from scan");
    let again = import(&bench, "s.csv", &row("from scan"), &["--source", "scan"]);
    assert_eq!(again["unchanged"], 1, "{again}");
    // The higher source takes its word back: the next one's shows.
    import(&bench, "a.csv", &row(""), &["--source", "asset", "--empty", "clear"]);
    assert_eq!(bench.json(["show", "web"])["attributes"]["description"], "from scan");
    // People rank above all unless the rule says otherwise.
    bench.run(["set", "web", "description=by hand"]).ended(0);
    import(&bench, "a.csv", &row("from asset"), &["--source", "asset"]);
    assert_eq!(bench.json(["show", "web"])["attributes"]["description"], "by hand");
    bench.run(["precedence", "asset", "manual", "--attribute", "description"]).ended(0);
    import(&bench, "a.csv", &row("asset again"), &["--source", "asset"]);
    bench.run(["set", "web", "description=by hand"]).ended(3).says("ranks above manual");
    bench.run(["verify", "--full"]).ended(0).says("all is well");
}

#[test]
fn a_feed_that_lacks_too_much_stops_and_what_is_gone_is_retired_and_comes_back() {
    let bench = bench();
    let rows = |from: usize| -> String {
        let lines: Vec<String> = (from..20).map(|n| format!("Server,srv{n},k{n}")).collect();
        format!("class,name,id\n{}\n", lines.join("\n"))
    };
    let retire = ["--source", "feed", "--missing", "retire"];
    import(&bench, "all.csv", &rows(0), &retire);
    bench.run(["create", "Server", "name=by-hand"]).ended(0);
    let half = bench.file("half.csv", &rows(10));
    let half = [vec!["import", half.to_str().expect("a path")], retire.to_vec()].concat();
    bench.run(&half).ended(3).says("10 of the 20").says("--max-remove");
    assert_eq!(bench.json(["list", "--where", "status = retired"])["items"], json!([]));
    let planned = import(&bench, "less.csv", &rows(2), &[&retire[..], &["--dry-run"]].concat());
    assert_eq!(planned["plan"]["items"]["remove"], 2, "{planned}");
    assert_eq!(planned["plan"]["removals"]["count"], 2);
    let report = import(&bench, "less.csv", &rows(2), &retire);
    assert_eq!(report["removed"], 2, "{report}");
    let retired = bench.json(["list", "--where", "status = retired"]);
    assert_eq!(retired["items"].as_array().map(Vec::len), Some(2), "others' items stay: {retired}");
    let back = import(&bench, "all.csv", &rows(0), &retire);
    assert_eq!(back["updated"], 2, "{back}");
    assert_eq!(bench.json(["list", "--where", "status = retired"])["items"], json!([]));
    // Only after two misses in a row.
    let patient = [&retire[..], &["--missing-after", "2"]].concat();
    assert_eq!(import(&bench, "less.csv", &rows(1), &patient)["removed"], 0);
    assert_eq!(import(&bench, "less.csv", &rows(1), &patient)["removed"], 1);
}

#[test]
fn rejected_rows_come_back_with_their_reasons_and_go_in_again() {
    let bench = bench();
    let file = bench.file("rows.csv", "class;name;cpu_count\nServer;ok;4\nServer;\"b; quoted\";many\n;c;1\n");
    let out = bench.folder.path().join("rejects.csv");
    let args = ["import".as_ref(), file.as_os_str(), "--rejects".as_ref(), out.as_os_str()];
    bench.run(args).ended(1).says("rejected rows of");
    let rejects = std::fs::read_to_string(&out).expect("it was written");
    let lines: Vec<&str> = rejects.lines().collect();
    assert_eq!(lines.len(), 3, "{rejects}");
    assert_eq!(lines[0], "class;name;cpu_count;reject_reason");
    assert!(
        lines[1].starts_with("Server;\"b; quoted\";many;") && lines[1].contains("cpu_count"),
        "{rejects}"
    );
    let mended = rejects.replace("many", "8").replace("\n;c;1", "\nServer;c;1");
    let report = import(&bench, "mended.csv", &mended, &[]);
    assert_eq!((&report["created"], &report["rejected"]), (&json!(2), &json!([])), "{report}");
    let lines = "{\"class\":\"Server\",\"name\":\"x\",\"cpu_count\":\"many\"}\n";
    let file = bench.file("rows.ndjson", lines);
    let args = ["import".as_ref(), file.as_os_str(), "--rejects".as_ref(), out.as_os_str()];
    bench.run(args).ended(1);
    let rejects = std::fs::read_to_string(&out).expect("it was written");
    assert!(rejects.contains("\"reject_reason\":\"cpu_count"), "{rejects}");
}

#[test]
fn rejected_objects_and_rows_of_workbooks_come_back_in_their_own_format() {
    let bench = bench();
    bench.file(
        "rows.json",
        r#"[{"class":"Server","name":"ok"},{"class":"Server","name":"x","cpu_count":"many"}]"#,
    );
    let rejects = |file: &str, out: &str| bench.run(["import", file, "--rejects", out]).ended(1);
    rejects("rows.json", "bad.json").says("rejected rows of rows.json are in bad.json");
    let bad = std::fs::read_to_string(bench.folder.path().join("bad.json")).expect("it was written");
    assert!(bad.contains("\"reject_reason\":\"cpu_count: "), "{bad}");
    let report = import(&bench, "mended.json", &bad.replace("many", "8"), &[]);
    assert_eq!((&report["created"], &report["rejected"]), (&json!(1), &json!([])), "{report}");
    // A workbook whose values another schema does not take.
    let schema = |values: &str| {
        let text = format!(
            "[[class]]\nname = \"Lamp\"\nparent = \"ConfigurationItem\"\n[[class.attribute]]\nname = \"colour\"\n\
             type = \"enum\"\nvalues = [{values}]\n"
        );
        bench.file("lamp.toml", &text)
    };
    let apply = |bench: &Bench, values: &str| {
        bench.run(["schema".as_ref(), "apply".as_ref(), schema(values).as_os_str()]).ended(0);
    };
    apply(&bench, "\"red\", \"blue\"");
    import(&bench, "lamps.csv", "class,name,colour\nLamp,l1,red\nLamp,l2,blue\n", &[]);
    let book = bench.folder.path().join("lamps.xlsx");
    let book = book.to_str().expect("a path");
    bench.run(["export", "--as", "xlsx", "--class", "Lamp", "--out", book]).ended(0);
    let other = super::bench();
    apply(&other, "\"red\"");
    let bad = bench.folder.path().join("bad.xlsx");
    let bad = bad.to_str().expect("a path");
    other.run(["import", book, "--rejects", bad]).ended(1).says("blue");
    let again = other.json(["import", bad]);
    assert_eq!((&again["rejected_count"], &again["rejected"][0]["row"]), (&json!(1), &json!(2)), "{again}");
    apply(&other, "\"red\", \"blue\"");
    assert_eq!(other.json(["import", bad])["created"], 1);
}
