//! The Debian package graph: real, large, cyclic, and with reference answers.

use super::bench;
use cmdb_tests::shared;
use serde_json::Value;
use std::process::Command;

/// Makes the graph and its reference answers; none where apt's index or the maker is missing.
fn graph(folder: &std::path::Path) -> Option<Value> {
    let make = shared("data/debian/make.py")?;
    let made = Command::new("python3").arg(make).arg(folder).arg("--truth").output().ok()?;
    let text = std::fs::read_to_string(folder.join("summary.json")).ok()?;
    made.status.success().then(|| serde_json::from_str(&text).ok())?
}

#[test]
fn dependents_equal_the_reference_answers_and_a_second_import_changes_nothing() {
    let bench = bench();
    let folder = bench.folder.path().join("debian");
    let Some(summary) = graph(&folder) else {
        println!("SKIPPED: no package index, no python3, or no maker here");
        return;
    };
    let (nodes, edges) = (folder.join("nodes.csv"), folder.join("edges.csv"));
    let map = "kind=class,src=source,dst=target,rel=type,group=clause,alt=alternative";
    let import = || {
        let args = ["import", "--define-missing", "--map", map].map(AsRef::as_ref);
        bench.json(args.into_iter().chain([nodes.as_os_str(), edges.as_os_str()]))
    };
    let first = import();
    assert_eq!(first["created"], summary["nodes"], "{:#}", first["assumed"]);
    let relationships = &first["relationships"];
    let rejected = first["rejected_count"].as_u64().unwrap_or(0);
    let taken = ["created", "unchanged"].iter().filter_map(|k| relationships[*k].as_u64()).sum::<u64>();
    assert_eq!(taken + rejected, summary["edges"].as_u64().expect("a count"));
    let truth = summary["truth"]["impact"].as_object().expect("reference answers");
    for (package, answer) in truth {
        let reference = format!("package:{package}");
        let ask = |which: &str, depth: Option<&str>| {
            let mut args = vec![which, &reference, "--types", "Depends,Pre-Depends", "--limit", "0"];
            args.extend(depth.iter().flat_map(|d| ["--depth", d]));
            bench.json(args)["count"].clone()
        };
        assert_eq!(ask("dependents", None), answer["dependents_all_depths"], "{package}");
        assert_eq!(ask("dependents", Some("1")), answer["direct"], "{package}");
        assert_eq!(ask("dependents", Some("2")), answer["within_2"], "{package}");
        assert_eq!(ask("dependencies", None), answer["depends_on_all_depths"], "{package}");
    }
    let second = import();
    for counters in [&second, &second["relationships"]] {
        assert_eq!((counters["created"].as_u64(), counters["updated"].as_u64()), (Some(0), Some(0)));
    }
}
