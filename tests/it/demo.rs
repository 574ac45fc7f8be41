//! The README's first command.

use super::bench;

#[test]
fn the_demo_answers_with_proof_and_leaves_other_data_alone() {
    let bench = bench();
    let first = bench.run(["demo", "--no-serve"]).ended(0);
    let first = first.says("Card Payments").says("needs").says("down");
    let again = bench.run(["demo", "--no-serve"]).ended(0);
    let stable = |text: &str| text.lines().filter(|l| !l.contains("µs")).collect::<Vec<_>>().join("\n");
    assert_eq!(stable(&first.out), stable(&again.out), "a demo folder is used as it is");
    let counts = bench.json(["dependents", "StorageArray:san-fra1-02", "--limit", "0"]);
    assert!(counts["count"].as_u64() > Some(100), "{counts}");
    let other = super::bench();
    other.run(["create", "Server", "name=web-01"]).ended(0);
    other.run(["demo", "--no-serve"]).ended(3).says("other data");
}

#[test]
fn whatever_the_demo_holds_is_exported_and_imports_again_without_change() {
    let bench = bench();
    bench.run(["demo", "--no-serve"]).ended(0);
    // Changes hold lists and maps; a cell holds them as JSON.
    for format in ["json", "ndjson", "xlsx", "csv"] {
        let out = bench.folder.path().join(format!("all.{format}"));
        let out = if format == "csv" { out.with_extension("") } else { out };
        bench.run(["export", "--as", format, "--out", &out.to_string_lossy()]).ended(0);
        let files = match format {
            "csv" => vec![out.join("items.csv"), out.join("relationships.csv")],
            _ => vec![out],
        };
        let dry = ["import".as_ref(), "--dry-run".as_ref()].into_iter();
        let report = bench.json(dry.chain(files.iter().map(|f| f.as_os_str())));
        assert!(report["unchanged"].as_u64() > Some(2_000), "{format}: {}", report["unchanged"]);
        for counters in [&report, &report["relationships"]] {
            let changed = ["created", "updated", "removed"].map(|key| counters[key].as_u64());
            assert_eq!(changed, [Some(0); 3], "{format}: {}", report["plan"]["changes"]);
        }
        assert_eq!(report["rejected_count"], 0, "{format}: {}", report["rejected"]);
    }
}
