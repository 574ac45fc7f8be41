//! The façade on a real folder: what was written is there, what was refused is not, and a folder that cannot be
//! used says why.

use super::support::*;
use cmdb_core::command::baseline::CreateBaseline;
use cmdb_core::command::import::{Import, ImportOptions, ImportPart};
use cmdb_core::command::schema::ApplySchema;
use cmdb_core::command::{Command, Context};
use cmdb_core::model::intake::{Batch, Cell, Table, TableKind};
use cmdb_core::model::{CommitId, Position, SmolStr};
use cmdb_core::schema::SchemaEdit;
use cmdb_core::store::{CommitLog, Location};
use cmdb_core::{Cmdb, Kind};
use std::sync::Arc;

pub fn table(kind: TableKind, columns: &[&str], rows: &[&[&str]]) -> Batch {
    let cell = |text: &&str| if text.is_empty() { Cell::Empty } else { Cell::Text(SmolStr::new(*text)) };
    Batch {
        table: Arc::new(Table {
            file: "test.csv".into(),
            kind,
            columns: columns.iter().map(|c| SmolStr::new(*c)).collect(),
        }),
        rows: (2..).take(rows.len()).collect(),
        cells: rows.iter().flat_map(|row| row.iter().map(cell)).collect(),
    }
}

pub fn import(batches: Vec<Batch>) -> Command {
    let options = ImportOptions {
        source: "cmdbtest".into(),
        id: format!("run-{}", context().time_ms).into(),
        ..Default::default()
    };
    let import = Import::new(options).shared();
    Command::Import(ImportPart { import, define: SchemaEdit::default(), batches, last: true })
}

/// One of everything; the hashes of all positions as they were seen.
pub fn scenario(cmdb: &Cmdb) -> Vec<(Position, u128)> {
    let items = table(
        TableKind::Items,
        &["class", "name", "id", "serial_number"],
        &[
            &["Server", "web-01", "1", "S1"],
            &["Server", "web-02", "2", "S2"],
            &["Application", "shop", "3", ""],
            &["Server", "db-01", "4", "S4"],
        ],
    );
    let relationships = table(
        TableKind::Relationships,
        &["source", "type", "target", "group", "needs"],
        &[
            &["shop", "depends_on", "web-01", "web", "1"],
            &["shop", "depends_on", "web-02", "web", ""],
            &["shop", "depends_on", "db-01", "", ""],
        ],
    );
    let schema = "[[class]]\nname = \"Gadget\"\nparent = \"ConfigurationItem\"\n[[class.attribute]]\nname = \"shine\"\ntype = \"integer\"\n";
    let edit: SchemaEdit = toml::from_str(schema).unwrap();
    let baseline = CreateBaseline { name: "first".into(), position: None, note: "".into() };
    let mut seen = vec![(cmdb.snapshot().position(), cmdb.snapshot().state_hash())];
    for command in [
        import(vec![items, relationships]),
        set("web-01", &[("serial_number", "S1b"), ("name", "web-one")]),
        server("cache-01", &[]),
        relate("shop", "depends_on", "cache-01", &[("effect", "soft")]),
        set("web-02", &[("status", "retired")]),
        Command::ApplySchema(ApplySchema { edit }),
        Command::CreateBaseline(baseline),
        unrelate("shop", "depends_on", "cache-01", None),
        remove("cache-01", false),
        set("web-02", &[("status", "operational")]),
        remove("db-01", true),
        server("cache-01", &[("serial_number", "new")]),
    ] {
        let receipt =
            run(cmdb, command.clone()).unwrap_or_else(|e| panic!("{command:?}: {e} {:?}", e.details()));
        assert!(receipt.changed && !receipt.duplicate, "{command:?}");
        let snapshot = cmdb.snapshot();
        assert_eq!(snapshot.position(), receipt.position);
        seen.push((receipt.position, snapshot.state_hash()));
    }
    seen
}

#[test]
fn what_was_written_is_there_after_reopening_and_at_every_position() {
    let dir = tempfile::tempdir().unwrap();
    let location = folder(&dir.path().join("data"));
    let cmdb = create(location.clone());
    let seen = scenario(&cmdb);
    let before = cmdb.snapshot();
    for (position, hash) in &seen {
        assert_eq!(cmdb.at(*position).unwrap().state_hash(), *hash, "at {position} before closing");
    }
    drop(cmdb);
    let cmdb = Cmdb::open(location).unwrap();
    assert_same(&before, &cmdb.snapshot(), "after reopening");
    for (position, hash) in seen.iter().rev().chain(&seen) {
        let past = cmdb.at(*position).unwrap();
        assert_eq!((past.position(), past.state_hash()), (*position, *hash), "after reopening");
    }
    assert_eq!(cmdb.at(Position(0)).unwrap_err().kind(), Kind::NotFound);
    assert_eq!(cmdb.at(Position(99)).unwrap_err().kind(), Kind::NotFound);
    let (tail, _) = cmdb.store().unwrap().tail().unwrap();
    assert_eq!(tail, before.position());
}

#[test]
fn a_refused_command_leaves_nothing_and_a_repeated_one_is_done_once() {
    let dir = tempfile::tempdir().unwrap();
    let cmdb = create(folder(dir.path()));
    run(&cmdb, server("a", &[])).unwrap();
    let before = cmdb.snapshot();
    for bad in [
        server("a", &[]),
        server("b", &[("nonsense", "1")]),
        set("nobody", &[]),
        set("a", &[("cpu_count", "x")]),
    ] {
        run(&cmdb, bad).unwrap_err();
    }
    let unchanged = run(&cmdb, set("a", &[])).unwrap();
    assert!(!unchanged.changed && unchanged.position == before.position());
    assert_same(&before, &cmdb.snapshot(), "after refusals");
    let again = context();
    let first = cmdb.submit(again.clone(), server("b", &[])).unwrap();
    let second = cmdb.submit(again.clone(), server("b", &[])).unwrap();
    assert!(second.duplicate && second.position == first.position);
    assert_eq!(cmdb.snapshot().counts().items, 2);
    drop(cmdb);
    let cmdb = Cmdb::open(folder(dir.path())).unwrap();
    let after = cmdb.submit(again, server("b", &[])).unwrap();
    assert!(after.duplicate, "remembered across a restart");
    assert_eq!((after.answer, after.position), (first.answer, first.position));
}

#[test]
fn a_key_used_for_another_request_is_refused_after_a_restart_too() {
    let dir = tempfile::tempdir().unwrap();
    let cmdb = Cmdb::create(folder(dir.path()), founding(), &context()).unwrap();
    let under = |request: u8| Context { commit: CommitId::of_request(&[1; 32], &[request; 32]), ..context() };
    cmdb.submit(under(1), server("a", &[])).unwrap();
    let reused = |cmdb: &Cmdb| cmdb.submit(under(2), server("b", &[])).unwrap_err().code();
    assert_eq!(reused(&cmdb), "idempotency.key-reused");
    drop(cmdb);
    let cmdb = Cmdb::open(folder(dir.path())).unwrap();
    assert_eq!(reused(&cmdb), "idempotency.key-reused");
    assert!(cmdb.submit(under(1), server("a", &[])).unwrap().duplicate);
    assert_eq!(cmdb.snapshot().counts().items, 1);
}

#[test]
fn eight_threads_share_transactions_and_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let cmdb = create(folder(dir.path()));
    let repeated = context();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (cmdb, repeated) = (&cmdb, repeated.clone());
            scope.spawn(move || {
                for n in 0..25 {
                    let name = format!("t{thread}-{n}");
                    let receipt = run(cmdb, server(&name, &[])).unwrap();
                    let snapshot = cmdb.snapshot();
                    assert!(snapshot.position() >= receipt.position, "not visible when answered");
                    run(cmdb, set(&name, &[("note", "x")])).unwrap();
                    run(cmdb, server(&name, &[])).unwrap_err();
                }
                cmdb.submit(repeated, server("only-once", &[])).unwrap();
            });
        }
    });
    let before = cmdb.snapshot();
    assert_eq!(before.counts().items, 8 * 25 + 1);
    assert_eq!(before.position().0, 1 + 8 * 50 + 1);
    drop(cmdb);
    assert_same(&before, &Cmdb::open(folder(dir.path())).unwrap().snapshot(), "after reopening");
}

#[test]
fn the_built_in_catalogue_founds_a_graph() {
    let dir = tempfile::tempdir().unwrap();
    let cmdb = Cmdb::open_or_create(folder(dir.path()), founding(), &context()).unwrap();
    run(&cmdb, server("web-01", &[])).unwrap();
    let before = cmdb.snapshot();
    drop(cmdb);
    let cmdb = Cmdb::open_or_create(folder(dir.path()), founding(), &context()).unwrap();
    assert_same(&before, &cmdb.snapshot(), "after reopening");
}

fn refused(location: Location) -> (Kind, &'static str) {
    let error = Cmdb::open(location).expect_err("opened");
    assert!(error.hint_text().is_some(), "no way out of: {error}");
    (error.kind(), error.code())
}

#[test]
fn a_folder_that_cannot_be_used_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let place = |name: &str| dir.path().join(name);
    assert_eq!(refused(folder(&place("nowhere"))), (Kind::Unavailable, "store.missing"));

    let cmdb = create(folder(&place("used")));
    assert_eq!(refused(folder(&place("used"))), (Kind::Unavailable, "store.locked"));
    scenario(&cmdb);
    drop(cmdb);
    let again = Cmdb::create(folder(&place("used")), founding(), &context()).err().unwrap();
    assert_eq!(again.code(), "store.exists");

    let write = |name: &str, bytes: &[u8]| {
        std::fs::create_dir_all(place(name)).unwrap();
        std::fs::write(place(name).join("cmdb.redb"), bytes).unwrap();
        refused(folder(&place(name)))
    };
    assert_eq!(
        write("text", b"hello, this is a text file and nothing else"),
        (Kind::Corrupt, "store.not-ours")
    );
    assert_eq!(write("empty", b""), (Kind::Corrupt, "store.not-ours"));
    let whole = std::fs::read(place("used").join("cmdb.redb")).unwrap();
    for part in 1..8 {
        let (kind, _) = write("cut", &whole[..whole.len() * part / 8]);
        assert_eq!(kind, Kind::Corrupt, "{part}/8 of the file");
    }

    let foreign = redb::Database::create({
        std::fs::create_dir_all(place("foreign")).unwrap();
        place("foreign").join("cmdb.redb")
    });
    drop(foreign.unwrap());
    assert_eq!(refused(folder(&place("foreign"))), (Kind::Corrupt, "store.not-ours"));

    let newer = redb::Database::open(place("used").join("cmdb.redb")).unwrap();
    let txn = newer.begin_write().unwrap();
    {
        let mut meta = txn.open_table(redb::TableDefinition::<&str, &[u8]>::new("meta")).unwrap();
        let row = cmdb_core::store::seal::seal("meta", b"format", &99u32.to_le_bytes());
        meta.insert("format", row.as_slice()).unwrap();
    }
    txn.commit().unwrap();
    drop(newer);
    assert_eq!(refused(folder(&place("used"))), (Kind::Unavailable, "store.newer"));
}

#[test]
fn an_unfinished_creation_is_garbage() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("cmdb.redb.new"), b"half a store").unwrap();
    assert_eq!(refused(folder(dir.path())), (Kind::Unavailable, "store.missing"));
    drop(create(folder(dir.path())));
    assert!(!dir.path().join("cmdb.redb.new").exists());
    Cmdb::open(folder(dir.path())).unwrap();
}
