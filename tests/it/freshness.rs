//! What sources saw and when, how far they are believed, what is stale, and what only traffic knows.

use super::bench;
use cmdb_tests::{Bench, shared};
use serde_json::{Value, json};

fn import(bench: &Bench, name: &str, text: &str, more: &[&str]) -> Value {
    let file = bench.file(name, text);
    let args = [vec!["import", file.to_str().expect("a path")], more.to_vec()].concat();
    let report = bench.json(args);
    assert_eq!(report["rejected"], json!([]), "{report}");
    report
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn names(answer: &Value, rows: &str) -> Vec<String> {
    let rows = answer[rows].as_array().unwrap_or_else(|| panic!("no {rows}: {answer}"));
    rows.iter().map(|row| text(&row["name"]).to_owned()).collect()
}

/// One source of an item, of `show --sources`.
fn of_source<'v>(item: &'v Value, source: &str) -> &'v Value {
    let all = item["sources"]["sources"].as_array().expect("sources");
    all.iter().find(|s| s["source"] == source).unwrap_or_else(|| panic!("{source} is missing: {item}"))
}

const FEED: &str = "class,name,id,description\nServer,web1,w1,front\nServer,web2,w2,front\n";

#[test]
fn a_run_that_changes_nothing_moves_the_last_sighting_and_nothing_else() {
    let bench = bench();
    import(&bench, "feed.csv", FEED, &["--source", "scan"]);
    bench.run(["create", "Server", "name=by-hand"]).ended(0);
    let hash = || bench.json(["verify"])["state_hash"].clone();
    let (first, hash_before) = (bench.json(["show", "web1", "--sources"]), hash());
    let log = |b: &Bench| b.json(["log"])["entries"].as_array().map(Vec::len);
    let entries = log(&bench).expect("entries");
    let report = import(&bench, "feed.csv", FEED, &["--source", "scan"]);
    assert_eq!(report["unchanged"], 2, "{report}");
    let second = bench.json(["show", "web1", "--sources"]);
    assert_eq!(log(&bench), Some(entries + 1), "the run itself is one entry, as before");
    assert_eq!((&second["version"], hash()), (&first["version"], hash_before));
    let [first, second] = [&first, &second].map(|item| of_source(item, "scan").clone());
    assert!(text(&first["last_seen"]) < text(&second["last_seen"]), "{first} {second}");
    assert_eq!(first["first_seen"], second["first_seen"]);
    assert_eq!(second["import"], report["import"]);
    let manual = bench.json(["show", "by-hand", "--sources"]);
    assert_eq!(manual["sources"]["sources"][0]["source"], "manual", "{manual}");
    assert_eq!(manual["sources"]["sources"][0]["confidence"], 1.0);
}

#[test]
fn show_sources_tells_since_when_last_seen_and_confidence_of_each_part() {
    let bench = bench();
    import(&bench, "feed.csv", FEED, &["--source", "scan"]);
    import(
        &bench,
        "links.csv",
        "source,type,target,confidence\nw1,depends_on,w2,0.4\n",
        &["--source", "scan"],
    );
    import(&bench, "plain.csv", "source,type,target\nweb2,connects_to,web1\n", &["--source", "links"]);
    bench.run(["set", "web1", "description=mine", "owner=me"]).ended(0);
    bench.run(["trust", "scan", "--confidence", "0.7"]).ended(0).says("0.7");
    let item = bench.json(["show", "web1", "--sources"]);
    let known = &item["sources"];
    assert_eq!(known["attributes"]["owner"]["source"], "manual", "{known}");
    assert_eq!(known["attributes"]["owner"]["confidence"], 1.0);
    assert_eq!(known["attributes"]["owner"]["since"], known["attributes"]["owner"]["last_seen"]);
    assert_eq!(known["sources"][0]["source"], "manual", "the one that saw it last first");
    assert_eq!(of_source(&item, "scan")["confidence"], 0.7);
    // A file of relationships names its ends, too.
    assert_eq!(of_source(&item, "links")["first_seen"], Value::Null);
    let links = known["relationships"].as_array().expect("relationships");
    let link = |kind: &str| links.iter().find(|r| r["type"] == kind).expect("a relationship");
    assert_eq!(link("depends_on")["confidence"], 0.4, "its own confidence counts");
    assert_eq!(link("depends_on")["sources"][0]["source"], "scan");
    assert_eq!(
        link("connects_to")["sources"][0]["source"],
        "links",
        "one without attributes has a source, too"
    );
    assert_eq!(link("connects_to")["confidence"], 1.0);
    let web2 = bench.json(["show", "web2", "--sources"]);
    assert_eq!(web2["sources"]["attributes"]["description"]["confidence"], 0.7);
    bench.run(["show", "web2", "--sources"]).ended(0).says("first seen").says("confidence").says("scan");
    bench.run(["trust", "scan", "--clear"]).ended(0);
    let item = bench.json(["show", "web1", "--sources"]);
    assert_eq!(of_source(&item, "scan")["confidence"], 1.0);
}

#[test]
fn what_nobody_names_any_more_gets_stale_by_the_rule_of_its_class() {
    let bench = bench();
    import(&bench, "feed.csv", FEED, &["--source", "scan"]);
    bench.run(["create", "BusinessService", "name=shop"]).ended(0);
    let feed = "class,name,id,description\nServer,web1,w1,front\n";
    import(&bench, "less.csv", feed, &["--source", "scan"]);
    assert_eq!(bench.json(["freshness"])["count"], 0);
    let far = "2200-01-01T00:00:00Z";
    let all = bench.json(["freshness", "--when", far]);
    assert_eq!((&all["count"], &all["items_count"]), (&json!(3), &json!(3)), "{all}");
    assert_eq!(all["by_class"]["Server"], json!({ "stale": 2, "items": 2 }));
    assert_eq!(all["by_source"], json!({ "manual": 1, "scan": 2 }));
    assert_eq!(names(&all, "items"), ["web2", "shop", "web1"], "the longest unseen first");
    // 60 days after the second run web1 is just fresh, and web2 is not: the second run did not name it.
    let last_run = bench.json(["show", "web1", "--sources"])["sources"]["last_seen"].clone();
    let then = bench.json(["query", &format!("RETURN datetime('{}') + duration('P60D')", text(&last_run))]);
    let then = text(&then["rows"][0][0]).to_owned();
    let servers = bench.json(["freshness", "--class", "Server", "--when", &then]);
    assert_eq!(names(&servers, "items"), ["web2"], "{servers}");
    assert_eq!(servers["items"][0]["stale_after_days"], 60);
    bench.run(["freshness", "rule", "Server", "90"]).ended(0).says("90 days");
    assert_eq!(bench.json(["freshness", "--class", "Server", "--when", &then])["count"], 0);
    assert_eq!(
        bench.json(["freshness", "--older-than", "60", "--class", "Server", "--when", &then])["count"],
        1
    );
    bench.run(["freshness", "rule", "ConfigurationItem", "never"]).ended(0).says("never");
    let left = bench.json(["freshness", "--when", far]);
    assert_eq!(left["by_class"], json!({ "Server": { "stale": 2, "items": 2 } }), "the nearest rule counts");
    bench.run(["freshness", "rule", "ConfigurationItem", "--clear"]).ended(0);
    bench.run(["freshness", "rules"]).ended(0).says("60 days (default)");
    // Pages and a source of its own.
    assert_eq!(names(&bench.json(["freshness", "--when", far, "--limit", "1"]), "items"), ["web2"]);
    assert_eq!(bench.json(["freshness", "--when", far, "--source", "scan"])["items_count"], 2);
    assert_eq!(bench.json(["freshness", "--when", far, "--source", "manual"])["count"], 1);
    // An edit by hand is a sighting.
    bench.run(["set", "web2", "status=in_maintenance"]).ended(0);
    assert_eq!(names(&bench.json(["freshness", "--when", far]), "items"), ["shop", "web1", "web2"]);
    bench.run(["freshness", "rule", "Sever", "9"]).ended(2).says("Server");
    bench.run(["freshness", "rule", "Server", "0"]).ended(2);
    bench.run(["freshness", "--when", "soon"]).ended(2);
    let rows =
        bench.json(["query", "CALL cmdb.stale({olderThan: 0}) YIELD node, days, source RETURN count(*)"]);
    assert_eq!(rows["rows"][0][0], 3, "{rows}");
}

#[test]
fn a_source_that_says_itself_when_it_saw_something_is_taken_at_its_word() {
    let bench = bench();
    let feed = "class,name,id,last_seen\nServer,old,o,2001-02-03T04:05:06Z\nServer,new,n,\n";
    import(&bench, "feed.csv", feed, &["--source", "agent", "--define-missing"]);
    let stale = bench.json(["freshness"]);
    assert_eq!(names(&stale, "items"), ["old"], "{stale}");
    assert!(text(&stale["items"][0]["last_seen"]).starts_with("2001-02-03T04:05:06"), "{stale}");
    assert_eq!(of_source(&bench.json(["show", "old", "--sources"]), "agent")["stated"], true);
}

#[test]
fn undo_merge_purge_and_the_past_leave_sightings_as_they_ought_to_be() {
    let bench = bench();
    import(&bench, "feed.csv", FEED, &["--source", "scan"]);
    let seen = |item: &str, more: &[&str]| {
        let item = bench.json([&["show", item, "--sources"], more].concat());
        text(&of_source(&item, "scan")["last_seen"]).to_owned()
    };
    let (first, position) = (seen("web1", &[]), bench.json(["list"])["position"].to_string());
    let second = import(&bench, "feed.csv", FEED, &["--source", "scan"]);
    let third = import(&bench, "less.csv", "class,name,id\nServer,web1,w1\n", &["--source", "scan"]);
    let newest = seen("web1", &[]);
    assert!(first < seen("web2", &[]) && seen("web2", &[]) < newest);
    assert_eq!(seen("web1", &["--at", &position]), first, "at a past position as it was known then");
    bench.run(["undo", text(&second["import"])]).ended(0);
    assert_eq!((seen("web1", &[]), seen("web2", &[])), (newest, first.clone()));
    bench.run(["undo", text(&third["import"])]).ended(0);
    assert_eq!(seen("web1", &[]), first);
    // What named the one that was merged named the one that it was merged into.
    bench.run(["create", "Server", "name=twin"]).ended(0);
    let merged = bench.json(["merge", "web2", "twin"]);
    assert_eq!(seen("twin", &[]), first);
    bench.run(["unmerge", text(&merged["merge"])]).ended(0);
    assert_eq!(seen("web2", &[]), first);
    let twin = bench.json(["show", "twin", "--sources"]);
    assert_eq!(twin["sources"]["sources"].as_array().map(Vec::len), Some(1), "{twin}");
    bench.run(["purge", "web1", "--attribute", "description"]).ended(0);
    assert_eq!(seen("web1", &[]), first);
    bench.run(["remove", "web1"]).ended(0);
    assert_eq!(bench.json(["freshness", "--when", "2200-01-01T00:00:00Z"])["count"], 2);
    bench.run(["verify", "--full"]).ended(0).says("all is well");
}

#[test]
fn traffic_and_the_cmdb_are_compared_both_ways() {
    let Some(traces) = shared("data/otel/kiali_responseTrace.json") else {
        println!("the real traces are not here");
        return;
    };
    let bench = bench();
    let traces = traces.to_str().expect("a path").to_owned();
    bench.run(["import", &traces]).ended(0);
    let alone = bench.json(["observed"]);
    assert_eq!((&alone["observed"], &alone["undeclared"]), (&json!(4), &json!(4)), "{alone}");
    assert_eq!(alone["relation_coverage"], 0.0);
    assert_eq!(
        alone["dependencies"][0]["confidence"], 0.8,
        "what was only observed is believed less: {alone}"
    );
    // People call it depends_on, know two of the four, and one that never talks; and one out of sight.
    let declared = "source,type,target\n\
        ServiceInstance:productpage.bookinfo,depends_on,ServiceInstance:details.bookinfo\n\
        ServiceInstance:productpage.bookinfo,depends_on,ServiceInstance:reviews.bookinfo\n\
        ServiceInstance:details.bookinfo,depends_on,ServiceInstance:ratings.bookinfo\n\
        ServiceInstance:ratings.bookinfo,depends_on,db\n";
    bench.run(["create", "Database", "name=db"]).ended(0);
    import(&bench, "cmdb.csv", declared, &[]);
    let answer = bench.json(["observed"]);
    assert_eq!((&answer["observed_and_declared"], &answer["undeclared"]), (&json!(2), &json!(2)), "{answer}");
    assert_eq!((&answer["relation_coverage"], &answer["out_of_sight"]), (&json!(0.5), &json!(1)), "{answer}");
    let pairs = |answer: &Value| -> Vec<(String, String)> {
        let all = answer["dependencies"].as_array().expect("dependencies");
        let name = |end: &Value| text(&end["name"]).to_owned();
        let mut pairs: Vec<_> = all.iter().map(|d| (name(&d["source"]), name(&d["target"]))).collect();
        pairs.sort();
        pairs
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let expected = [
        pair("istio-ingressgateway.istio-system", "productpage.bookinfo"),
        pair("reviews.bookinfo", "ratings.bookinfo"),
    ];
    assert_eq!(pairs(&answer), expected);
    assert_eq!(answer["dependencies"][0]["known_by"], "import");
    let reverse = bench.json(["observed", "--unobserved"]);
    assert_eq!(pairs(&reverse), [pair("details.bookinfo", "ratings.bookinfo")], "{reverse}");
    bench
        .run(["observed"])
        .ended(0)
        .says("relation coverage 50.0 %")
        .says("seen in traffic, not in the CMDB");
    // One source both observed and declared; the two stay apart, also when the traces come again.
    bench.run(["import", &traces]).ended(0);
    assert_eq!(bench.json(["observed"])["undeclared"], 2);
    // Whoever states what was observed declares it.
    let by_hand = ["ServiceInstance:reviews.bookinfo", "uses", "ServiceInstance:ratings.bookinfo"];
    bench.run([&["relate"][..], &by_hand].concat()).ended(0);
    assert_eq!(bench.json(["observed"])["undeclared"], 1);
    bench.run(["observed", "--types", "cals"]).ended(2).says("calls");
}

#[test]
fn neighbours_that_switches_heard_are_observed_and_a_person_may_say_otherwise() {
    let Some(heard) = shared("data/lldp/lldp_cumulus.txt") else {
        println!("the real neighbours are not here");
        return;
    };
    let bench = bench();
    let heard = heard.to_str().expect("a path");
    bench.run(["import", heard, "--source", "lldp", "--define-missing"]).ended(0);
    bench.run(["trust"]).ended(0).says("lldp").says("observed").says("0.8");
    let answer = bench.json(["observed"]);
    assert_eq!(answer["observing"], json!(["lldp"]), "{answer}");
    assert!(answer["undeclared"].as_u64() > Some(0), "{answer}");
    bench.run(["trust", "lldp", "--kind", "declared"]).ended(0);
    let answer = bench.json(["observed"]);
    assert_eq!((&answer["undeclared"], &answer["relation_coverage"]), (&json!(0), &Value::Null), "{answer}");
    bench.run(["trust", "lldp", "--confidence", "1.5"]).ended(2);
}
