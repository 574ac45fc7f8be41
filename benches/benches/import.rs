//! Promise: a dry run of a CSV with a row for each of a million known items takes in 100,000 rows a second and more,
//! and importing the same files again takes less than half of what the first time took. Baseline: the same files read
//! into rows, nothing looked up, nothing decided.

use cmdb_benches::estate::Estate;
use cmdb_benches::{SEED, nodes};
use cmdb_core::Cmdb;
use cmdb_core::command::import::{Import, ImportOptions, ImportPart, Survey};
use cmdb_core::command::{Command, Context, Decider};
use cmdb_core::engine::Founding;
use cmdb_core::graph::Draft;
use cmdb_core::model::intake::{Batch, Complaint};
use cmdb_core::model::principal::Principal;
use cmdb_core::model::{CommitId, IdKey, LogId};
use cmdb_core::store::Location;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

static COMMITS: AtomicU64 = AtomicU64::new(1);

fn context() -> Context {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&COMMITS.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    Context { principal: Principal::local(), time_ms: 1, commit: CommitId(id), salt: id, message: "".into() }
}

fn options() -> ImportOptions {
    let id = format!("bench-{}", COMMITS.fetch_add(1, Ordering::Relaxed)).into();
    ImportOptions { source: "bench".into(), id, ..ImportOptions::default() }
}

/// Hands batches on as they are read, as the server does.
struct Forward<'a>(&'a mut dyn FnMut(Batch));

impl cmdb_import::Sink for Forward<'_> {
    fn batch(&mut self, batch: Batch) -> cmdb_core::Result<()> {
        (self.0)(batch);
        Ok(())
    }
    fn complain(&mut self, complaint: Complaint) {
        panic!("{complaint:?}");
    }
}

fn read(files: [&[u8]; 2], to: &mut dyn FnMut(Batch)) {
    for (name, mut csv) in ["items.csv", "relationships.csv"].into_iter().zip(files) {
        cmdb_import::read(name, &mut csv, &cmdb_import::Options::default(), &mut Forward(to))
            .expect("our own CSV");
    }
}

fn create(folder: &Path) -> Cmdb {
    let founding = Founding { log: LogId([1; 16]), id_key: IdKey([2; 16]), open_schema: false };
    Cmdb::create(Location::Folder(folder.to_owned()), founding, &context()).expect("an empty folder")
}

/// From CSV bytes to the store, in parts of eight batches.
fn import(cmdb: &Cmdb, files: [&[u8]; 2]) {
    let mut survey = Survey::default();
    read(files, &mut |batch| survey.see(&batch));
    let (mut define, _) = survey.missing(&*cmdb.snapshot());
    let shared = Import::new(options()).shared();
    let mut waiting: Vec<Batch> = Vec::new();
    let mut submit = |batches: Vec<Batch>, last: bool| {
        let define = std::mem::take(&mut define);
        let part = ImportPart { import: shared.clone(), define, batches, last, unseen: !last };
        cmdb.submit(context(), Command::Import(part)).expect("our own rows");
    };
    read(files, &mut |batch| {
        waiting.push(batch);
        if waiting.len() == 8 {
            submit(std::mem::take(&mut waiting), false);
        }
    });
    submit(waiting, false);
    cmdb.reorder().expect("a graph");
    submit(Vec::new(), true);
}

/// Decides every row on a draft of its own and keeps nothing; rows that would change something.
fn dry_run(cmdb: &Cmdb, files: [&[u8]; 2]) -> u64 {
    let context = context();
    let mut draft = Draft::on(&cmdb.snapshot());
    draft.begin_entry(context.time_ms);
    let mut import = Import::new(options()).noting();
    let mut decider = Decider::new(&mut draft, &context);
    read(files, &mut |batch| import.batch(&mut decider, &batch).expect("our own rows"));
    import.finish(&mut decider).expect("our own rows");
    import.plan(&draft).expect("a plan").changes_count
}

fn imports(c: &mut Criterion) {
    let estate = Estate::new(nodes(), SEED);
    let (mut items, mut relationships) = (Vec::new(), Vec::new());
    estate.write_items_csv(&mut items).expect("memory");
    estate.write_relationships_csv(&mut relationships).expect("memory");
    let files = [items.as_slice(), relationships.as_slice()];
    let rows = u64::from(estate.nodes()) + estate.edges.len() as u64;
    let sizes = format!("import, {} CIs and {} relationships", estate.nodes(), estate.edges.len());
    let mut group = c.benchmark_group(sizes);
    group.sample_size(10).throughput(Throughput::Elements(rows));
    group.bench_function("baseline: rows read", |b| {
        b.iter(|| {
            let mut seen = 0;
            read(files, &mut |batch| seen += batch.rows.len());
            seen
        });
    });
    group.bench_function("first", |b| {
        b.iter_batched(
            || tempfile::tempdir().expect("a folder"),
            |dir| {
                import(&create(dir.path()), files);
                dir
            },
            BatchSize::PerIteration,
        );
    });
    let dir = tempfile::tempdir().expect("a folder");
    let cmdb = create(dir.path());
    import(&cmdb, files);
    group.bench_function("again, unchanged", |b| b.iter(|| import(&cmdb, files)));
    group.bench_function("dry run, unchanged", |b| b.iter(|| assert_eq!(dry_run(&cmdb, files), 0)));
    group.finish();
}

criterion_group!(benches, imports);
criterion_main!(benches);
