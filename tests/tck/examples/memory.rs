//! Runs the suite on the language alone, over a graph in memory: `cargo run -p cmdb-tck --example memory -- [FILTER]`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use cmdb_tck::subjects::InMemory;
use cmdb_tck::{Factory, Verdict, report, run_all, scenario};
use std::path::PathBuf;

fn main() {
    let folder = std::env::var_os("CMDB_TCK_DIR")
        .map(PathBuf::from)
        .unwrap_or_else(|| "../shared/data/opencypher-tck".into());
    let filter = std::env::args().nth(1).unwrap_or_default();
    let mut instances = scenario::load(&folder.join("features")).unwrap();
    instances.retain(|instance| instance.name.contains(&filter));
    let make: &'static Factory =
        Box::leak(Box::new(|| Box::new(InMemory::default()) as Box<dyn cmdb_tck::Subject>));
    std::panic::set_hook(Box::new(|_| {}));
    let verdicts = run_all(&instances, &folder.join("graphs"), make);
    for (instance, verdict) in instances.iter().zip(&verdicts) {
        if *verdict != Verdict::Passed {
            println!("{}: {verdict:?}", instance.name);
        }
    }
    println!("{}", report::table(&instances, &verdicts));
}
