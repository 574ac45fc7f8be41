//! A purged value is nowhere: not in records, log, undo records, staged blobs or past positions; the chain holds.

use super::disk::{Disk, Fault};
use super::smoke::{import, table};
use super::support::*;
use cmdb_core::Kind;
use cmdb_core::command::{Answer, Command};
use cmdb_core::engine::Cmdb;
use cmdb_core::graph::Records;
use cmdb_core::model::intake::TableKind;
use cmdb_core::model::principal::{Principal, Role};
use cmdb_core::store::log::unpack;
use cmdb_core::store::verify::VerifyOptions;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

const SECRET: &str = "hunter2-correct-horse";

/// Rows of all tables that hold the secret, as stored or unpacked.
fn traces(disk: &Disk) -> Vec<String> {
    let database = Database::builder().create_with_backend(Disk::new(disk.image()).backend()).unwrap();
    let txn = database.begin_read().unwrap();
    let mut found = Vec::new();
    let mut look = |place: String, row: &[u8]| {
        // Nine bytes of seal; payloads have a flag and a salt before the packed bytes.
        let unpacked = [9, 26].into_iter().filter_map(|skip| unpack(row.get(skip..)?).ok());
        let has = |bytes: &[u8]| bytes.windows(SECRET.len()).any(|w| w == SECRET.as_bytes());
        if has(row) || unpacked.into_iter().any(|bytes| has(&bytes)) {
            found.push(place);
        }
    };
    for name in ["entries", "payloads", "items", "relationships", "undo", "names", "ended", "audit"] {
        for row in txn.open_table(TableDefinition::<u64, &[u8]>::new(name)).unwrap().iter().unwrap() {
            let (key, row) = row.unwrap();
            look(format!("{name} {}", key.value()), row.value());
        }
    }
    for name in ["meta", "settings"] {
        for row in txn.open_table(TableDefinition::<&str, &[u8]>::new(name)).unwrap().iter().unwrap() {
            look(name.into(), row.unwrap().1.value());
        }
    }
    for row in txn.open_table(TableDefinition::<&[u8], &[u8]>::new("blobs")).unwrap().iter().unwrap() {
        look("blobs".into(), row.unwrap().1.value());
    }
    found
}

fn large_import() -> Command {
    let mut random = Random(5);
    let noise: Vec<String> =
        (0..300).map(|_| (0..5000).map(|_| char::from(b'!' + random.below(90) as u8)).collect()).collect();
    let rows: Vec<[String; 4]> = noise
        .into_iter()
        .enumerate()
        .map(|(n, noise)| {
            let note = if n == 150 { format!("token {SECRET} here") } else { noise };
            ["Server".into(), format!("bulk-{n}"), format!("{n}"), note]
        })
        .collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|r| r.iter().map(String::as_str).collect()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    import(vec![table(TableKind::Items, &["class", "name", "id", "note"], &rows)])
}

#[test]
fn a_purged_value_is_nowhere_and_the_log_still_verifies() {
    let disk = Disk::new(Vec::new());
    let cmdb = create(disk.location());
    let Answer::Item(item) = run(&cmdb, server("vault", &[("note", "harmless")])).unwrap().answer else {
        panic!()
    };
    run(&cmdb, set("vault", &[("note", &format!("{SECRET} first"))])).unwrap();
    run(&cmdb, set("vault", &[("cpu_count", "4")])).unwrap();
    run(&cmdb, set("vault", &[("note", &format!("{SECRET} {}", "long ".repeat(500)))])).unwrap();
    run(&cmdb, server("other", &[("note", "kept")])).unwrap();
    run(&cmdb, large_import()).unwrap();
    let before = cmdb.snapshot().position();
    assert!(dump(&cmdb.at(cmdb_core::model::Position(4)).unwrap()).iter().any(|l| l.contains(SECRET)));
    assert!(traces(&disk).iter().any(|t| t == "blobs"), "{:?}", traces(&disk));

    let mut viewer = context();
    viewer.principal = Principal { name: "v".into(), role: Role::Viewer };
    assert_eq!(cmdb.purge(viewer, "vault", "note").unwrap_err().kind(), Kind::Denied);
    assert_eq!(cmdb.purge(context(), "vault", "nonsense").unwrap_err().kind(), Kind::NotFound);
    let never = cmdb.purge(context(), "other", "cpu_count").unwrap_err();
    assert_eq!((never.kind(), never.code()), (Kind::NotFound, "attribute.never-set"));
    assert_eq!(cmdb.snapshot().position(), before, "a refused purge left something");

    let once = context();
    let purged = cmdb.purge(once.clone(), "vault", "note").unwrap();
    assert_eq!((purged.entries, purged.receipt.position.0), (3, before.0 + 1));
    assert!(cmdb.purge(once, "vault", "note").unwrap().receipt.duplicate);
    let bulk = cmdb.purge(context(), "bulk-150", "note").unwrap();
    assert_eq!(bulk.entries, 1);
    cmdb.compact().unwrap();
    assert_eq!(traces(&disk), Vec::<String>::new());

    let check = |cmdb: &Cmdb| {
        let report = cmdb.verify(&VerifyOptions { full: true, expected_head: None }).unwrap();
        assert!(report.is_clean(), "{:?}", report.findings);
        assert_eq!(report.purged, 4);
        for position in 1..=cmdb.snapshot().position().0 {
            let past = cmdb.at(cmdb_core::model::Position(position)).unwrap();
            assert!(!dump(&past).iter().any(|l| l.contains(SECRET)), "at {position}");
        }
        assert!(!format!("{:?}", cmdb.history(item, 99).unwrap()).contains(SECRET));
        let vault = cmdb.snapshot().item(item).unwrap().unwrap();
        assert_eq!(vault.attributes.len(), 1, "only cpu_count is left");
    };
    check(&cmdb);
    drop(cmdb);
    let cmdb = Cmdb::open(disk.location()).unwrap();
    check(&cmdb);

    // A backup made afterwards does not know it either; restored, not even the bytes of the file do.
    let dir = tempfile::tempdir().unwrap();
    let mut backup = Vec::new();
    cmdb.backup(&mut backup).unwrap();
    drop(
        Cmdb::restore(folder(dir.path()), &mut &*backup, cmdb_core::model::LogId([3; 16]), &context())
            .unwrap(),
    );
    let file = std::fs::read(dir.path().join("cmdb.redb")).unwrap();
    assert!(!file.windows(SECRET.len()).any(|w| w == SECRET.as_bytes()));
}

#[test]
fn a_removed_items_value_can_be_purged_by_its_id() {
    let disk = Disk::new(Vec::new());
    let cmdb = create(disk.location());
    let Answer::Item(item) = run(&cmdb, server("vault", &[("note", SECRET)])).unwrap().answer else {
        panic!()
    };
    run(&cmdb, remove("vault", false)).unwrap();
    let id = cmdb.snapshot().item_id(item).to_string();
    cmdb.purge(context(), &id, "note").unwrap();
    cmdb.compact().unwrap();
    assert_eq!(traces(&disk), Vec::<String>::new());
    assert!(cmdb.verify(&VerifyOptions { full: true, expected_head: None }).unwrap().is_clean());
}

/// Entry and erasure are one transaction: whatever call to the disk fails, a purge is done or not, and can be
/// repeated in the same process.
#[test]
fn a_purge_that_fails_half_way_is_done_whole_when_repeated() {
    let disk = Disk::new(Vec::new());
    let cmdb = create(disk.location());
    run(&cmdb, server("vault", &[("note", SECRET)])).unwrap();
    run(&cmdb, set("vault", &[("cpu_count", "4")])).unwrap();
    drop(cmdb);
    let image = disk.image();
    let mut failed = 0;
    for n in 0..200 {
        let disk = Disk::new(image.clone());
        let cmdb = Cmdb::open(disk.location()).unwrap();
        let context = context();
        disk.set_fault(Fault::Nth { n, for_good: n % 2 == 0 });
        let first = cmdb.purge(context.clone(), "vault", "note");
        disk.set_fault(Fault::None);
        if first.is_ok() && n > 20 {
            break;
        }
        failed += u32::from(first.is_err());
        for attempt in 0.. {
            match cmdb.purge(context.clone(), "vault", "note") {
                Ok(_) => break,
                Err(e) => assert!(attempt < 100, "call {n}: still {e}"),
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(traces(&disk), Vec::<String>::new(), "call {n}");
        let report = cmdb.verify(&VerifyOptions { full: true, expected_head: None }).unwrap();
        assert!(report.is_clean(), "call {n}: {:?}", report.findings);
        assert_eq!(cmdb.snapshot().position().0, 4, "call {n}");
    }
    assert!(failed > 10, "only {failed} purges failed");
}
