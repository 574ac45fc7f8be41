//! Workbooks and profiles as people use them: made, filled in, guessed from, imported, exported.

use super::bench;

#[test]
fn a_template_is_made_for_the_classes_asked_for_and_imports_empty() {
    let bench = bench();
    bench.run(["init"]).ended(0);
    bench
        .run(["template", "--class", "Server", "--class", "Application", "--out", "t.xlsx"])
        .ended(0)
        .says("wrote t.xlsx");
    let empty = bench.json(["import", "t.xlsx"]);
    assert_eq!((empty["created"].as_u64(), empty["rejected_count"].as_u64()), (Some(0), Some(0)), "{empty}");
    bench.run(["template", "--out", "all.xlsx"]).ended(0);
    bench.run(["template", "--class", "Sever", "--out", "u.xlsx"]).ended(2).says("did you mean \"Server\"");
}

#[test]
fn a_guessed_profile_imports_what_it_was_guessed_from() {
    let bench = bench();
    let register =
        "Hostname,Serial No.,RAM (GB),Status,Bought until\nsrv1,007,16,in use,x\nsrv2,008,32,spare,y\n";
    bench.file("register.csv", register);
    bench.run(["init"]).ended(0);
    let profile = bench.run(["import", "register.csv", "--guess-map", "--set", "class=Server"]).ended(0).out;
    assert!(profile.contains("\"Hostname\" = \"name\""), "{profile}");
    bench.file("profile.toml", &profile);
    let report = bench.json([
        "import",
        "register.csv",
        "--map",
        "profile.toml",
        "--set",
        "class=Server",
        "--define-missing",
    ]);
    assert_eq!(
        (report["created"].as_u64(), report["rejected_count"].as_u64()),
        (Some(2), Some(0)),
        "{report}"
    );
    let server = bench.json(["show", "srv2"]);
    assert_eq!(
        (server["status"].as_str(), server["attributes"]["serial_number"].as_str()),
        (Some("in_stock"), Some("008"))
    );
    bench.file("bad.toml", "[columns]\nHostname = { to = \"name\", unt = \"GB\" }\n");
    bench.run(["import", "register.csv", "--map", "bad.toml"]).ended(2).says("line 2").says("did you mean");
}

#[test]
fn an_exported_workbook_imports_again_without_change() {
    let bench = bench();
    bench
        .run([
            "create",
            "Server",
            "name=web-01",
            "serial_number=000123",
            "memory=16 GiB",
            "warranty_until=2027-02-28",
        ])
        .ended(0);
    bench.run(["create", "Server", "name==1+1", "description='quoted"]).ended(0);
    bench.run(["create", "Application", "name=shop"]).ended(0);
    bench.run(["relate", "shop", "runs_on", "web-01", "group=web", "needs=1"]).ended(0);
    bench
        .run(["template", "--class", "Server", "--class", "Application", "--out", "t.xlsx"])
        .ended(0)
        .says("wrote t.xlsx");
    let empty = bench.json(["import", "t.xlsx"]);
    assert_eq!((empty["created"].as_u64(), empty["rejected_count"].as_u64()), (Some(0), Some(0)), "{empty}");
    bench.run(["export", "--as", "xlsx", "--out", "all.xlsx"]).ended(0);
    let again = bench.json(["import", "all.xlsx"]);
    for counters in [&again, &again["relationships"]] {
        let changed = ["created", "updated", "removed"].map(|key| counters[key].as_u64());
        assert_eq!(changed, [Some(0); 3], "{again}");
    }
    assert_eq!(
        (again["unchanged"].as_u64(), again["relationships"]["unchanged"].as_u64()),
        (Some(3), Some(1)),
        "{again}"
    );
    let show = bench.json(["show", "web-01"]);
    assert_eq!(show["attributes"]["serial_number"], "000123");
}
