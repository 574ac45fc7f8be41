//! The flat snapshot file: it spares work and never changes an answer, whatever becomes of it.

use super::smoke::scenario;
use super::support::*;
use cmdb_core::engine::Cmdb;
use cmdb_core::graph::Snapshot;
use cmdb_core::store::Opened;
use std::path::Path;

fn everything(snapshot: &Snapshot) -> String {
    format!(
        "{} {:?} {:?} {:?} {}",
        snapshot.position(),
        snapshot.counts(),
        dump(snapshot),
        adjacency(snapshot),
        snapshot.state_hash()
    )
}

/// By row or file, what is found under every name.
fn found(cmdb: &Cmdb) -> Vec<String> {
    use cmdb_core::graph::Records;
    let snapshot = cmdb.snapshot();
    (0..40).map(|n| format!("{:?}", snapshot.named(&format!("s{n}"), 9))).collect()
}

/// A closed store with its flat file; everything in it, and what is found in it.
fn filled(folder_path: &Path) -> (String, Vec<String>) {
    let cmdb = create(folder(folder_path));
    scenario(&cmdb);
    for n in 0..40 {
        run(&cmdb, server(&format!("s{n}"), &[])).unwrap();
        if n > 2 {
            run(&cmdb, relate(&format!("s{n}"), "depends_on", &format!("s{}", n / 2), &[])).unwrap();
        }
    }
    // Twice the same state, so that the order is that of an opened store.
    cmdb.reorder().unwrap();
    assert!(cmdb.write_flat().unwrap());
    assert!(!cmdb.write_flat().unwrap(), "it is there already");
    (everything(&cmdb.snapshot()), found(&cmdb))
}

fn open(path: &Path) -> Cmdb {
    Cmdb::open(folder(path)).unwrap()
}

fn rows(cmdb: &Cmdb) -> &str {
    match cmdb.opened() {
        Opened::Rows(why) => why,
        Opened::Flat => panic!("the flat file was used"),
    }
}

#[test]
fn a_store_opened_from_the_flat_file_is_the_one_that_is_built_from_rows() {
    let dir = tempfile::tempdir().unwrap();
    let (expected, names) = filled(dir.path());
    let cmdb = open(dir.path());
    assert_eq!((cmdb.opened(), everything(&cmdb.snapshot()), found(&cmdb)), (&Opened::Flat, expected, names));
    let by_rows = cmdb.store().unwrap().load().unwrap().into_snapshot().unwrap();
    assert_eq!(everything(&cmdb.snapshot()), everything(&by_rows));
    // And it goes on like any other.
    run(&cmdb, server("later", &[])).unwrap();
    run(&cmdb, relate("later", "depends_on", "s3", &[])).unwrap();
    let report = cmdb.verify(&Default::default()).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[test]
fn a_flat_file_that_is_missing_old_or_foreign_is_passed_over_and_said_why() {
    let dir = tempfile::tempdir().unwrap();
    let (expected, _) = filled(dir.path());
    let flat = dir.path().join("cmdb.flat");
    let kept = std::fs::read(&flat).unwrap();
    std::fs::remove_file(&flat).unwrap();
    let cmdb = open(dir.path());
    assert_eq!((rows(&cmdb), everything(&cmdb.snapshot())), ("there is no flat snapshot file", expected));
    run(&cmdb, server("newer", &[])).unwrap();
    let newer = everything(&cmdb.snapshot());
    drop(cmdb);
    std::fs::write(&flat, &kept).unwrap();
    let cmdb = open(dir.path());
    assert!(rows(&cmdb).contains("belongs to position"), "{}", rows(&cmdb));
    assert_eq!(everything(&cmdb.snapshot()), newer);
    drop(cmdb);
    // Another store at the same position with the same content, but another chain.
    let other = tempfile::tempdir().unwrap();
    std::fs::copy(dir.path().join("cmdb.redb"), other.path().join("cmdb.redb")).unwrap();
    let (_, _) = {
        let third = tempfile::tempdir().unwrap();
        let filled = filled(third.path());
        std::fs::copy(third.path().join("cmdb.flat"), other.path().join("cmdb.flat")).unwrap();
        filled
    };
    let cmdb = open(other.path());
    assert!(!rows(&cmdb).is_empty());
    assert_eq!(everything(&cmdb.snapshot()), newer);
}

#[test]
fn bits_flipped_in_the_flat_file_and_cuts_never_change_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    let (expected, names) = filled(dir.path());
    let flat = dir.path().join("cmdb.flat");
    let sound = std::fs::read(&flat).unwrap();
    let mut random = Random(7);
    let (mut passed_over, mut took_rows) = (0, 0);
    for case in 0..times("CMDB_FLAT_CASES", 300) {
        let mut damaged = sound.clone();
        if case % 5 == 4 {
            damaged.truncate(random.below(sound.len()));
        } else {
            let at = random.below(sound.len());
            damaged[at] ^= 1 << random.below(8);
        }
        std::fs::write(&flat, &damaged).unwrap();
        let cmdb = open(dir.path());
        assert_eq!(everything(&cmdb.snapshot()), expected, "case {case}");
        if case % 20 == 0 {
            assert_eq!(found(&cmdb), names, "case {case}");
        }
        match cmdb.opened() {
            Opened::Rows(_) => passed_over += 1,
            // Every bit is covered: what was not seen at once was seen when it was read.
            Opened::Flat => {
                assert!(cmdb.settle().unwrap(), "case {case}");
                assert!(cmdb.write_flat().unwrap(), "a damaged file is replaced");
                took_rows += 1;
            }
        }
    }
    assert!(passed_over > 0 && took_rows > 0, "{passed_over} {took_rows}");
}

/// Damages what the flat file says about items: the last sections are those of the records.
fn damage_records(folder: &Path) {
    let flat = folder.join("cmdb.flat");
    let mut bytes = std::fs::read(&flat).unwrap();
    let name = bytes.windows(3).rposition(|w| w == b"s39").unwrap();
    bytes[name] ^= 1;
    std::fs::write(&flat, bytes).unwrap();
}

#[test]
fn records_are_read_when_they_are_asked_for_and_a_commit_keeps_the_others() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let cmdb = open(dir.path());
    let before = cmdb.snapshot().memory();
    assert!(before.items < 40 * 33, "{before:?}");
    run(&cmdb, set("s5", &[("serial_number", "abc")])).unwrap();
    assert!(!cmdb.settle().unwrap());
    assert!(cmdb.snapshot().memory().items > before.items);
    let by_rows = cmdb.store().unwrap().load().unwrap().into_snapshot().unwrap();
    assert_eq!(dump(&cmdb.snapshot()), dump(&by_rows));
    assert!(cmdb.verify(&Default::default()).unwrap().is_clean());
    // Nothing holds the store as it was any more.
    cmdb.compact().unwrap();
}

#[test]
fn a_snapshot_that_outlives_its_store_still_reads_and_keeps_nobody_out() {
    let dir = tempfile::tempdir().unwrap();
    let (expected, _) = filled(dir.path());
    let cmdb = open(dir.path());
    let snapshot = cmdb.snapshot();
    drop(cmdb);
    let again = open(dir.path());
    assert_eq!(everything(&snapshot), expected);
    assert_eq!(everything(&again.snapshot()), expected);
}

#[test]
fn records_damaged_in_the_flat_file_come_from_the_rows_as_they_were_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let (expected, _) = filled(dir.path());
    damage_records(dir.path());
    let cmdb = open(dir.path());
    let then = cmdb.snapshot();
    // The rows move on before anybody asks for the damaged ones.
    let position = run(&cmdb, server("newer", &[])).unwrap().position;
    assert_eq!(cmdb.opened(), &Opened::Flat);
    assert_eq!(everything(&then), expected);
    assert_eq!(cmdb.at(position).unwrap().counts().items, then.counts().items + 1);
    assert!(cmdb.settle().unwrap(), "rows were taken");
    let report = cmdb.verify(&Default::default()).unwrap();
    assert!(report.is_clean() && report.notes.iter().any(|n| n.contains("flat")), "{report:?}");
}

#[test]
fn records_that_neither_the_flat_file_nor_the_rows_hold_are_an_error_and_never_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    damage_records(dir.path());
    let store = dir.path().join("cmdb.redb");
    let mut bytes = std::fs::read(&store).unwrap();
    // Every copy of the row, in pages no longer used, too.
    let places: Vec<usize> =
        bytes.windows(3).enumerate().filter(|(_, w)| *w == b"s39").map(|(at, _)| at).collect();
    places.iter().for_each(|at| bytes[*at] ^= 1);
    std::fs::write(&store, bytes).unwrap();
    let cmdb = open(dir.path());
    cmdb.sound().unwrap();
    assert!(!format!("{:?}", dump(&cmdb.snapshot())).contains("s39"));
    let damage = cmdb.sound().unwrap_err();
    assert_eq!(damage.kind(), cmdb_core::Kind::Corrupt);
    // A commit would carry the loss into the store.
    let refused = run(&cmdb, set("s5", &[("serial_number", "abc")])).unwrap_err();
    assert_eq!(refused.kind(), cmdb_core::Kind::Corrupt, "{refused}");
    assert!(cmdb.settle().is_err());
    assert!(!cmdb.verify(&Default::default()).is_ok_and(|report| report.is_clean()));
}

#[test]
fn a_flat_file_half_written_is_no_flat_file() {
    let dir = tempfile::tempdir().unwrap();
    let (expected, _) = filled(dir.path());
    let flat = dir.path().join("cmdb.flat");
    let whole = std::fs::read(&flat).unwrap();
    std::fs::remove_file(&flat).unwrap();
    std::fs::write(dir.path().join("cmdb.flat.new"), &whole[..whole.len() / 2]).unwrap();
    let cmdb = open(dir.path());
    assert_eq!((rows(&cmdb), everything(&cmdb.snapshot())), ("there is no flat snapshot file", expected));
    assert!(cmdb.write_flat().unwrap());
    drop(cmdb);
    assert_eq!(open(dir.path()).opened(), &Opened::Flat);
}

#[test]
fn an_erased_value_is_not_kept_in_a_flat_file() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let cmdb = open(dir.path());
    run(&cmdb, set("s5", &[("serial_number", "secret-1")])).unwrap();
    assert!(cmdb.write_flat().unwrap());
    cmdb.purge(context(), "s5", "serial_number").unwrap();
    assert!(!dir.path().join("cmdb.flat").exists());
    assert!(!cmdb.write_flat().unwrap(), "its index still knows the value");
    drop(cmdb);
    let cmdb = open(dir.path());
    assert!(cmdb.write_flat().unwrap(), "a new start has forgotten it");
}
