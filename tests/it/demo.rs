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
