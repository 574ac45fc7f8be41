//! Backups: whole, taken while writes go on, refused when damaged, restored only into an empty folder.

use super::disk::Disk;
use super::smoke::scenario;
use super::support::*;
use cmdb_core::engine::Cmdb;
use cmdb_core::model::{LogId, Position};
use cmdb_core::store::CommitLog;
use cmdb_core::store::verify::VerifyOptions;
use std::sync::atomic::{AtomicBool, Ordering};

fn restore(path: &std::path::Path, backup: &[u8]) -> cmdb_core::Result<Cmdb> {
    Cmdb::restore(folder(path), &mut &*backup, LogId([9; 16]), &context())
}

fn noise(n: u64) -> String {
    let mut random = Random(n);
    (0..3000).map(|_| char::from(b'a' + random.below(26) as u8)).collect()
}

fn filled(cmdb: &Cmdb) -> Vec<(Position, u128)> {
    let mut seen = scenario(cmdb);
    for n in 0..400 {
        run(cmdb, server(&format!("n{n}"), &[("note", &noise(n))])).unwrap();
    }
    seen.push((cmdb.snapshot().position(), cmdb.snapshot().state_hash()));
    seen
}

#[test]
fn a_backup_restores_to_the_same_state_and_the_log_goes_on_under_a_new_id() {
    let dir = tempfile::tempdir().unwrap();
    let cmdb = create(Disk::new(Vec::new()).location());
    let seen = filled(&cmdb);
    let (before, old_log) = (cmdb.snapshot(), cmdb.log_id().unwrap());
    let head = cmdb.store().unwrap().tail().unwrap();
    let mut backup = Vec::new();
    let report = cmdb.backup(&mut backup).unwrap();
    assert_eq!(report.position, before.position().0);
    assert!(report.bytes > 3 << 19, "{} bytes make too few chunks", report.bytes);

    let restored = restore(&dir.path().join("new"), &backup).unwrap();
    assert_eq!(restored.snapshot().position().0, before.position().0 + 1);
    assert_eq!(dump(&restored.snapshot()), dump(&before));
    assert_eq!(restored.snapshot().state_hash(), before.state_hash());
    for (position, hash) in &seen {
        assert_eq!(restored.at(*position).unwrap().state_hash(), *hash);
    }
    assert_eq!(restored.log_id().unwrap(), LogId([9; 16]));
    assert_eq!(restored.store().unwrap().log_of(before.position()), old_log);
    run(&restored, server("after", &[])).unwrap();
    let options = VerifyOptions { full: true, expected_head: Some(head) };
    let verified = restored.verify(&options).unwrap();
    assert!(verified.is_clean(), "{:?}", verified.findings);
    drop(restored);
    let again = Cmdb::open(folder(&dir.path().join("new"))).unwrap();
    assert!(again.verify(&options).unwrap().is_clean());

    // A backup of the restored one restores, too, and knows both logs.
    let mut second = Vec::new();
    again.backup(&mut second).unwrap();
    let third =
        Cmdb::restore(folder(&dir.path().join("third")), &mut &*second, LogId([8; 16]), &context()).unwrap();
    assert!(third.verify(&options).unwrap().is_clean());
}

#[test]
fn a_backup_goes_only_into_an_empty_folder() {
    let dir = tempfile::tempdir().unwrap();
    let cmdb = create(folder(&dir.path().join("a")));
    let mut backup = Vec::new();
    cmdb.backup(&mut backup).unwrap();
    assert_eq!(restore(&dir.path().join("a"), &backup).unwrap_err().code(), "restore.not-empty");
    std::fs::create_dir(dir.path().join("b")).unwrap();
    std::fs::write(dir.path().join("b/precious.txt"), "x").unwrap();
    assert_eq!(restore(&dir.path().join("b"), &backup).unwrap_err().code(), "restore.not-empty");
    assert_eq!(std::fs::read_dir(dir.path().join("b")).unwrap().count(), 1);
}

#[test]
fn two_hundred_damaged_and_fifty_cut_backups_are_refused_and_leave_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("new");
    let cmdb = create(Disk::new(Vec::new()).location());
    scenario(&cmdb);
    let mut backup = Vec::new();
    cmdb.backup(&mut backup).unwrap();
    let mut random = Random(41);
    let refused = |bytes: &[u8], what: String| {
        let error = restore(&place, bytes).err().unwrap_or_else(|| panic!("{what} was not noticed"));
        assert!(error.hint_text().is_some(), "{what}: {error}");
        let left = std::fs::read_dir(&place).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{what} left something behind");
    };
    for _ in 0..200 {
        let mut damaged = backup.clone();
        let at = random.below(damaged.len());
        damaged[at] ^= 1 + random.below(255) as u8;
        refused(&damaged, format!("byte {at}"));
    }
    for _ in 0..50 {
        let at = random.below(backup.len());
        refused(&backup[..at], format!("cut at {at}"));
    }
    refused(&[backup.clone(), vec![0]].concat(), "a byte more".into());
    refused(b"a,b,c\n1,2,3\n", "a CSV".into());
    restore(&place, &backup).unwrap();
}

#[test]
fn a_backup_taken_while_writes_go_on_is_one_position() {
    let dir = tempfile::tempdir().unwrap();
    let cmdb = create(Disk::new(Vec::new()).location());
    filled(&cmdb);
    let stop = AtomicBool::new(false);
    struct Stop<'a>(&'a AtomicBool);
    impl Drop for Stop<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    std::thread::scope(|scope| {
        let _stop = Stop(&stop);
        scope.spawn(|| {
            let mut n = 0;
            while !stop.load(Ordering::Relaxed) {
                n += 1;
                run(&cmdb, server(&format!("busy-{n}"), &[])).unwrap();
            }
        });
        for n in 0..3 {
            let mut backup = Vec::new();
            let report = cmdb.backup(&mut backup).unwrap();
            let restored = restore(&dir.path().join(n.to_string()), &backup).unwrap();
            let at = Position(report.position);
            assert_eq!(restored.at(at).unwrap().state_hash(), cmdb.at(at).unwrap().state_hash());
        }
    });
}

#[test]
fn a_long_backup_makes_compaction_wait_and_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let cmdb = Cmdb::create(folder(dir.path()), founding(), &context()).unwrap();
    let released = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = cmdb.store().unwrap();
        let care = scope.spawn(|| {
            let verified = cmdb.verify(&VerifyOptions { full: true, ..VerifyOptions::default() }).unwrap();
            assert!(released.load(Ordering::SeqCst), "pages were checked under a reader");
            (verified, cmdb.compact())
        });
        std::thread::sleep(std::time::Duration::from_millis(600));
        for n in 0..10 {
            run(&cmdb, server(&format!("n{n}"), &[])).unwrap();
            cmdb.store().unwrap().tail().unwrap();
        }
        assert!(!care.is_finished());
        released.store(true, Ordering::SeqCst);
        drop(reader);
        let (verified, compacted) = care.join().unwrap();
        assert!(verified.is_clean(), "{:?}", verified.findings);
        compacted.unwrap();
    });
}
