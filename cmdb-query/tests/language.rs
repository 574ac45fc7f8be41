//! The conformance scenarios on a graph in memory: the language alone, without store and server. The same scenarios run
//! on the product in `cmdb-tests`.

#![allow(clippy::print_stdout, reason = "the table is what this test is read for")]

use cmdb_tck::subjects::InMemory;
use cmdb_tck::{Verdict, report, run_all, scenario};
use std::path::{Path, PathBuf};

/// `CMDB_TCK_DIR`, else the suite beside the repository. `CMDB_TCK_ONLY` keeps the instances whose name contains it,
/// `CMDB_TCK_SHOW` lists that many failures.
#[test]
fn scenarios_on_a_graph_in_memory() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/opencypher-tck/features");
    let folder = std::env::var_os("CMDB_TCK_DIR").map_or(beside, PathBuf::from);
    if !folder.exists() {
        println!("SKIPPED: no scenarios at {}", folder.display());
        return;
    }
    let only = std::env::var("CMDB_TCK_ONLY").unwrap_or_default();
    let mut instances = scenario::load(&folder).unwrap();
    instances.retain(|instance| instance.name.contains(&only));
    let graphs = folder.parent().unwrap().join("graphs");
    let verdicts = run_all(&instances, &graphs, &|| Box::new(InMemory::default()));
    let show = std::env::var("CMDB_TCK_SHOW").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    for (name, verdict) in report::failures(&instances, &verdicts).into_iter().take(show) {
        println!("{name}\n    {verdict:?}");
    }
    println!("{}", report::table(&instances, &verdicts));
    assert!(!verdicts.iter().any(|v| matches!(v, Verdict::Panic(_) | Verdict::Unreadable(_))));
}
