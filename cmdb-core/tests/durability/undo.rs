//! An import taken back leaves what there would be without it, or says what stands on it.

use super::imports::{batches, import, part, rows};
use super::support::*;
use cmdb_core::command::merge::MergeItems;
use cmdb_core::command::undo::UndoReport;
use cmdb_core::command::{Command, resolve};
use cmdb_core::engine::Cmdb;
use cmdb_core::engine::undoing::UndoOptions;
use cmdb_core::graph::Records;
use cmdb_core::model::ItemNumber;

/// A small estate that was there before the import: servers a to f, some of them keyed and related.
fn estate(cmdb: &Cmdb) {
    for (at, name) in ["a", "b", "c", "d", "e", "f"].into_iter().enumerate() {
        let serial = format!("s{}", at + 10);
        cmdb.submit(
            numbered(100 + at as u64),
            server(name, &[("serial_number", &serial), ("cpu_count", "2")]),
        )
        .unwrap();
    }
    let links = [("a", "b", "g"), ("a", "c", "g"), ("d", "e", "")];
    for (at, (source, target, group)) in links.into_iter().enumerate() {
        let group: &[(&str, &str)] = if group.is_empty() { &[] } else { &[("group", "g"), ("needs", "1")] };
        cmdb.submit(numbered(200 + at as u64), relate(source, "depends_on", target, group)).unwrap();
    }
}

fn undo(cmdb: &Cmdb, n: u64, keep_later: bool) -> cmdb_core::Result<UndoReport> {
    let options = UndoOptions { keep_later, dry_run: false };
    cmdb.undo_import(numbered(n), "imp-1", options).map(|(_, report)| report)
}

/// Attribute edits of what was there before the import, by id, so that names that moved do not matter.
fn later_edits(cmdb: &Cmdb, random: &mut Random, many: usize) {
    for n in 0..many {
        let item = cmdb.snapshot().item_id(ItemNumber(random.below(6) as u32)).to_string();
        let cpus = (20 + random.below(3)).to_string();
        let edit = match random.below(3) {
            0 => vec![("cpu_count", cpus.as_str())],
            1 => vec![("note", "by hand")],
            _ => vec![("note", "")],
        };
        // Some are refused, in both lives alike.
        drop(cmdb.submit(numbered(3_000 + n as u64), set(&item, &edit)));
    }
}

/// What the state hash covers, to be read when hashes differ.
fn content(cmdb: &Cmdb) -> (u128, String) {
    (cmdb.snapshot().state_hash(), dump(&cmdb.snapshot()).join("\n"))
}

fn run_import(cmdb: &Cmdb, random: &mut Random, seed: u64) {
    let rows = rows(random, 40, 50);
    let import = import();
    let unseen = seed % 3 == 1;
    let size = if seed.is_multiple_of(2) { 1_000 } else { 17 };
    for (at, batch) in batches(&rows, size).into_iter().enumerate() {
        cmdb.submit(numbered(1_000 + at as u64), part(&import, vec![batch], false, unseen)).unwrap();
    }
    cmdb.reorder().unwrap();
    cmdb.submit(numbered(2_000), part(&import, Vec::new(), true, false)).unwrap();
}

#[test]
fn an_import_taken_back_leaves_the_identical_state() {
    for seed in 0..times("CMDB_UNDO_CASES", 40) as u64 {
        let dir = tempfile::tempdir().unwrap();
        let cmdb = create(folder(dir.path()));
        if seed % 4 != 3 {
            estate(&cmdb);
        }
        let before = content(&cmdb);
        run_import(&cmdb, &mut Random(seed), seed);
        assert_ne!(content(&cmdb).0, before.0, "seed {seed}: the import did something");
        let report = undo(&cmdb, 5_000, false).unwrap();
        assert_eq!(report.standing_count, 0, "seed {seed}");
        let after = content(&cmdb);
        assert_eq!(after.0, before.0, "seed {seed}:\n{}\nwas\n{}", after.1, before.1);
        let findings = cmdb.verify(&Default::default()).unwrap().findings;
        assert!(findings.is_empty(), "seed {seed}: {findings:?}");
        assert_eq!(undo(&cmdb, 5_001, false).unwrap_err().code(), "import.undone");
        let trees = adjacency(&cmdb.snapshot());
        drop(cmdb);
        let cmdb = Cmdb::open(folder(dir.path())).unwrap();
        assert_eq!(content(&cmdb), after, "seed {seed}, after a restart");
        assert_eq!(adjacency(&cmdb.snapshot()).len(), trees.len());
    }
}

#[test]
fn later_edits_stay_or_are_what_the_refusal_lists() {
    let (mut refused, mut taken_back) = (0, 0);
    for seed in 0..times("CMDB_UNDO_CASES", 40) as u64 {
        let (dir, twin_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (cmdb, twin) = (create(folder(dir.path())), create(folder(twin_dir.path())));
        estate(&cmdb);
        estate(&twin);
        run_import(&cmdb, &mut Random(seed), seed);
        let many = 1 + seed as usize % 4;
        later_edits(&cmdb, &mut Random(seed + 77), many);
        later_edits(&twin, &mut Random(seed + 77), many);
        let unharmed = content(&cmdb);
        match undo(&cmdb, 5_000, false) {
            Ok(_) => {
                taken_back += 1;
                let (is, should) = (content(&cmdb), content(&twin));
                assert_eq!(is.0, should.0, "seed {seed}:\n{}\nshould be\n{}", is.1, should.1);
            }
            Err(e) => {
                refused += 1;
                assert_eq!(e.code(), "import.stands-on", "seed {seed}: {e}");
                assert_eq!(content(&cmdb), unharmed, "seed {seed}: a refused undo does nothing");
                let known = ["note", "cpu_count"];
                for detail in e.details() {
                    let named = known.iter().any(|k| detail.message.contains(k));
                    assert!(named, "seed {seed}: only these were edited: {}", detail.message);
                }
                let report = undo(&cmdb, 5_001, true).unwrap();
                assert_eq!(report.standing_count as usize, e.details().len(), "seed {seed}");
                // What was edited by hand is still so.
                for number in (0..6).map(ItemNumber) {
                    let (is, should) =
                        (cmdb.snapshot().item(number).unwrap(), twin.snapshot().item(number).unwrap());
                    let (Some(is), Some(should)) = (is, should) else { continue };
                    for attribute in should.attributes.iter().filter(|a| a.at.0 > 10) {
                        assert_eq!(is.attribute(attribute.key), Some(&attribute.value), "seed {seed}");
                    }
                }
            }
        }
        assert!(cmdb.verify(&Default::default()).unwrap().findings.is_empty(), "seed {seed}");
    }
    assert!(refused > 0 && taken_back > 0, "both happened: {refused} refused, {taken_back} taken back");
}

#[test]
fn a_relationship_made_since_keeps_its_item() {
    let dir = tempfile::tempdir().unwrap();
    let cmdb = create(folder(dir.path()));
    estate(&cmdb);
    run_import(&cmdb, &mut Random(2), 2);
    let snapshot = cmdb.snapshot();
    let new = (6..snapshot.counts().item_numbers).map(ItemNumber).find(|n| snapshot.exists(*n)).unwrap();
    let id = snapshot.item_id(new).to_string();
    cmdb.submit(numbered(4_000), relate(&snapshot.item_id(ItemNumber(5)).to_string(), "documents", &id, &[]))
        .unwrap();
    let refusal = undo(&cmdb, 5_000, false).unwrap_err();
    assert_eq!(refusal.code(), "import.stands-on");
    assert!(refusal.details().iter().any(|d| d.message.contains("documents")), "{:?}", refusal.details());
    let report = undo(&cmdb, 5_001, true).unwrap();
    assert_eq!((report.items.kept, report.standing_count), (1, 1));
    assert!(cmdb.snapshot().exists(new));
    assert_eq!(cmdb.snapshot().counts().items, 7, "all others are gone");
}

#[test]
fn an_edit_between_two_parts_of_an_import_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    let cmdb = create(folder(dir.path()));
    estate(&cmdb);
    let rows = rows(&mut Random(1), 30, 0);
    let (import, all) = (import(), batches(&rows, 10));
    let (first, rest) = all.split_at(1);
    cmdb.submit(numbered(1_000), part(&import, first.to_vec(), false, false)).unwrap();
    let snapshot = cmdb.snapshot();
    let new = (6..snapshot.counts().item_numbers).map(ItemNumber).find(|n| snapshot.exists(*n)).unwrap();
    let id = snapshot.item_id(new).to_string();
    cmdb.submit(numbered(1_500), set(&id, &[("note", "meanwhile")])).unwrap();
    cmdb.submit(numbered(1_501), part(&import, rest.to_vec(), true, false)).unwrap();
    assert_eq!(undo(&cmdb, 5_000, false).unwrap_err().code(), "import.stands-on");
    let report = undo(&cmdb, 5_001, true).unwrap();
    assert_eq!(report.items.kept, 1);
    let kept = cmdb.snapshot().item(new).unwrap().unwrap();
    let note = cmdb.snapshot().names().get("note").unwrap();
    assert_eq!(kept.attribute(note).map(ToString::to_string), Some("meanwhile".into()));
}

#[test]
fn a_merge_taken_apart_leaves_the_identical_state() {
    let mut merged = 0;
    for seed in 0..times("CMDB_UNDO_CASES", 30) as u64 {
        let dir = tempfile::tempdir().unwrap();
        let cmdb = create(folder(dir.path()));
        estate(&cmdb);
        run_import(&cmdb, &mut Random(seed), seed);
        let mut random = Random(seed + 5);
        let items: Vec<ItemNumber> = (0..cmdb.snapshot().counts().item_numbers)
            .map(ItemNumber)
            .filter(|n| cmdb.snapshot().exists(*n))
            .collect();
        let mut one = || cmdb.snapshot().item_id(items[random.below(items.len())]).to_string();
        let (loser, winner) = (one(), one());
        let before = content(&cmdb);
        let command = Command::MergeItems(MergeItems {
            loser: reference(&loser),
            winner: reference(&winner),
            id: "mrg-1".into(),
        });
        if let Err(e) = cmdb.submit(numbered(6_000), command) {
            let expected = ["merge.same-item", "merge.classes", "group.unmet"];
            assert!(expected.contains(&e.code()), "seed {seed}: {e}");
            assert_eq!(content(&cmdb), before, "seed {seed}: a refused merge does nothing");
            continue;
        }
        merged += 1;
        let snapshot = cmdb.snapshot();
        assert_eq!(
            resolve(&*snapshot, &loser).unwrap(),
            resolve(&*snapshot, &winner).unwrap(),
            "seed {seed}"
        );
        assert_eq!(snapshot.counts().items as usize, items.len() - 1, "seed {seed}");
        assert!(cmdb.verify(&Default::default()).unwrap().findings.is_empty(), "seed {seed}");
        let options = UndoOptions { keep_later: true, dry_run: false };
        let (_, report) = cmdb.undo_import(numbered(6_001), "mrg-1", options).unwrap();
        assert_eq!(report.standing_count, 0, "seed {seed}: {report:?}");
        let after = content(&cmdb);
        assert_eq!(after.0, before.0, "seed {seed}:\n{}\nwas\n{}", after.1, before.1);
        assert_ne!(resolve(&*cmdb.snapshot(), &loser).unwrap(), resolve(&*cmdb.snapshot(), &winner).unwrap());
    }
    assert!(merged > 3, "{merged} merges");
}
