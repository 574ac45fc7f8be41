//! Real files imported into an inventory of their own.

use super::*;
use cmdb_core::Cmdb;
use cmdb_core::command::import::{Import, ImportOptions, ImportPart, Report, Survey};
use cmdb_core::command::{Command, Context};
use cmdb_core::engine::Founding;
use cmdb_core::model::principal::Principal;
use cmdb_core::model::{CommitId, IdKey, LogId};
use cmdb_core::store::Location;
use std::sync::atomic::{AtomicU64, Ordering};

static COMMITS: AtomicU64 = AtomicU64::new(1);

fn context() -> Context {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&COMMITS.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    let principal = Principal::local();
    Context { principal, time_ms: 1, commit: CommitId(id), salt: id, message: "".into() }
}

/// Items of all files before relationships of all files, with what they use defined on the way.
fn import(cmdb: &Cmdb, files: &[(&str, Kept)]) -> Report {
    let id = format!("test-{}", COMMITS.fetch_add(1, Ordering::Relaxed)).into();
    let options = ImportOptions { source: "test".into(), id, ..ImportOptions::default() };
    let shared = Import::new(options).shared();
    let mut survey = Survey::default();
    let of = |kind| {
        let batches = files.iter().flat_map(|(_, kept)| &kept.batches);
        batches.filter(move |b| b.table.kind == kind).cloned().collect::<Vec<Batch>>()
    };
    let batches = [of(TableKind::Items), of(TableKind::Relationships)].concat();
    batches.iter().for_each(|b| survey.see(b));
    let (define, _) = survey.missing(&*cmdb.snapshot());
    let part = ImportPart { import: shared.clone(), define, batches, last: true, unseen: false };
    cmdb.submit(context(), Command::Import(part)).unwrap();
    shared.lock().unwrap().report.clone()
}

/// Every row is taken, and the second time every row is known.
pub(super) fn import_twice(files: Vec<(&str, Kept)>) {
    let folder = tempfile::tempdir().unwrap();
    let founding = Founding { log: LogId([1; 16]), id_key: IdKey([2; 16]), open_schema: false };
    let cmdb = Cmdb::create(Location::Folder(folder.path().join("store")), founding, &context()).unwrap();
    let first = import(&cmdb, &files);
    assert_eq!(first.rejected_count, 0, "{:#?}", &first.rejected[..first.rejected.len().min(10)]);
    let again = import(&cmdb, &files);
    assert_eq!(again.rejected_count, 0, "{:#?}", &again.rejected[..again.rejected.len().min(10)]);
    let changed = [again.items, again.relationships].map(|c| (c.created, c.updated, c.removed));
    assert_eq!(changed, [(0, 0, 0); 2], "the second import changed something");
}
