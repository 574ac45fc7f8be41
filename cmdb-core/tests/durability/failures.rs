//! every single call to the disk fails, once or for good. Errors are clean, answers are never wrong, and the
//! same process goes on once the disk works again.

use super::disk::{Disk, Fault};
use super::power::created;
use super::support::*;
use cmdb_core::command::{Command, Context};
use cmdb_core::engine::Cmdb;
use cmdb_core::store::CommitLog;
use cmdb_core::store::verify::VerifyOptions;
use cmdb_core::{Error, Kind};
use std::time::{Duration, Instant};

fn commands() -> Vec<Command> {
    let long = "z".repeat(60_000);
    vec![
        server("a", &[("note", &long)]),
        server("b", &[]),
        relate("a", "depends_on", "b", &[]),
        set("a", &[("note", "short"), ("name", "aa")]),
        remove("b", true),
    ]
}

fn clean(error: &Error, when: &str) {
    assert!(matches!(error.kind(), Kind::Unavailable | Kind::Corrupt), "{when}: {error}");
    assert!(!error.message().is_empty());
}

/// The same command until it is taken; the engine may need a moment to reopen.
fn until_taken(cmdb: &Cmdb, context: &Context, command: &Command, when: &str) {
    let started = Instant::now();
    loop {
        match cmdb.submit(context.clone(), command.clone()) {
            Ok(_) => return,
            Err(e) => {
                clean(&e, when);
                assert!(started.elapsed() < Duration::from_secs(5), "{when}: still {e}");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// Runs the scenario under a fault; whatever failed is repeated with the same commit id once the disk works.
fn scenario(fault: Fault) -> (Disk, bool) {
    let when = format!("{fault:?}");
    let disk = Disk::new(created());
    disk.set_fault(fault);
    disk.count_calls();
    let cmdb = Cmdb::open(disk.location()).unwrap_or_else(|e| {
        clean(&e, &when);
        disk.set_fault(Fault::None);
        Cmdb::open(disk.location()).unwrap_or_else(|e| panic!("{when}: cannot start again: {e} {e:?}"))
    });
    let mut hit = disk.faulted();
    for (n, command) in commands().into_iter().enumerate() {
        let context = numbered(2_000_000 + n as u64);
        let before = cmdb.snapshot();
        match cmdb.submit(context.clone(), command.clone()) {
            Ok(receipt) => assert_eq!(receipt.position, cmdb.snapshot().position(), "{when}"),
            Err(e) => {
                clean(&e, &when);
                let now = cmdb.snapshot();
                assert!(now.position().0 <= before.position().0 + 1, "{when}");
                hit |= disk.faulted();
                disk.set_fault(Fault::None);
                until_taken(&cmdb, &context, &command, &when);
            }
        }
        // Reading goes on whatever happens.
        assert_eq!(cmdb.snapshot().position().0, 2 + n as u64, "{when}");
        match cmdb.at(before.position()) {
            Ok(past) => assert_eq!(past.state_hash(), before.state_hash(), "{when}"),
            Err(e) => clean(&e, &when),
        }
    }
    hit |= disk.faulted();
    disk.set_fault(Fault::None);
    let report = verified(&cmdb, &when);
    assert!(report.is_empty(), "{when}: {report:?}");
    let before = cmdb.snapshot();
    drop(cmdb);
    let again = Cmdb::open(disk.location()).unwrap();
    assert_same(&before, &again.snapshot(), &when);
    for n in 0..commands().len() as u64 {
        let commit = numbered(2_000_000 + n).commit;
        assert_eq!(again.store().unwrap().resolve(commit).unwrap().map(|p| p.0), Some(2 + n), "{when}");
    }
    (disk, hit)
}

fn verified(cmdb: &Cmdb, when: &str) -> Vec<String> {
    let options = VerifyOptions { full: true, expected_head: None };
    // A read that failed during the last command may have poisoned the handle; the next write reopens it.
    until_taken(cmdb, &context(), &set("aa", &[]), when);
    let report = cmdb.verify(&options).unwrap_or_else(|e| panic!("{when}: {e}"));
    report.findings.iter().map(ToString::to_string).collect()
}

#[test]
fn r04_any_call_to_the_disk_may_fail() {
    let (disk, _) = scenario(Fault::None);
    let calls = disk.calls().len() as u64;
    assert!(calls > 50, "{calls}");
    let mut hits = 0;
    for n in 0..calls {
        for for_good in [false, true] {
            hits += u64::from(scenario(Fault::Nth { n, for_good }).1);
        }
    }
    assert!(hits > calls, "{hits} of {calls} calls failed");
}

#[test]
fn a_store_that_cannot_be_reopened_serves_reads_and_resumes_when_it_can() {
    let disk = Disk::new(created());
    let cmdb = Cmdb::open(disk.location()).unwrap();
    run(&cmdb, server("a", &[])).unwrap();
    disk.set_fault(Fault::Nth { n: 0, for_good: true });
    for _ in 0..3 {
        let error = run(&cmdb, server("b", &[])).unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert_eq!(cmdb.snapshot().counts().items, 1, "reading goes on from memory");
        std::thread::sleep(Duration::from_millis(60));
    }
    assert_eq!(cmdb.store().err().map(|e| e.kind()), Some(Kind::Unavailable));
    disk.set_fault(Fault::None);
    std::thread::sleep(Duration::from_millis(120));
    cmdb.store().expect("reading the log brings the store back");
    run(&cmdb, server("b", &[])).unwrap();
    assert_eq!(cmdb.snapshot().counts().items, 2);
}
