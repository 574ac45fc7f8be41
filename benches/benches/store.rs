//! Promise: a million CIs and three million relationships are imported, validated and durable at 500,000 rows a
//! second, and open within a second. Baseline: the same CSV read by the `csv` crate and turned into a CSR, nothing
//! validated, nothing kept.

use cmdb_benches::baseline::Csr;
use cmdb_benches::estate::Estate;
use cmdb_benches::{SEED, nodes};
use cmdb_core::Cmdb;
use cmdb_core::command::import::{Import, ImportOptions, ImportPart, Survey};
use cmdb_core::command::{Command, Context};
use cmdb_core::engine::Founding;
use cmdb_core::model::intake::{Batch, Complaint};
use cmdb_core::model::principal::Principal;
use cmdb_core::model::{CommitId, IdKey, LogId};
use cmdb_core::schema::SchemaEdit;
use cmdb_core::store::Location;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

static COMMITS: AtomicU64 = AtomicU64::new(1);

fn context() -> Context {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&COMMITS.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    let principal = Principal::local();
    Context { principal, time_ms: 1, commit: CommitId(id), salt: id, message: "".into() }
}

struct Collect(Vec<Batch>);

impl cmdb_import::Sink for Collect {
    fn batch(&mut self, batch: Batch) -> cmdb_core::Result<()> {
        self.0.push(batch);
        Ok(())
    }
    fn complain(&mut self, complaint: Complaint) {
        panic!("{complaint:?}");
    }
}

fn parse(name: &str, csv: &[u8]) -> Vec<Batch> {
    let mut sink = Collect(Vec::new());
    cmdb_import::read(name, &mut &csv[..], &cmdb_import::Options::default(), &mut sink).expect("our own CSV");
    sink.0
}

/// From CSV bytes to a durable store, in parts of eight batches, as the server does it.
fn import(folder: &Path, files: [&[u8]; 2]) {
    let location = Location::Folder(folder.to_owned());
    let founding = Founding { log: LogId([1; 16]), id_key: IdKey([2; 16]), open_schema: false };
    let cmdb = Cmdb::create(location, founding, &context()).expect("an empty folder");
    let options = ImportOptions { source: "bench".into(), id: "bench".into(), ..ImportOptions::default() };
    let shared = Import::new(options).shared();
    let items = parse("items.csv", files[0]);
    let relationships = parse("relationships.csv", files[1]);
    let mut survey = Survey::default();
    items.iter().chain(&relationships).for_each(|b| survey.see(b));
    let (mut define, _) = survey.missing(&*cmdb.snapshot());
    for batches in items.chunks(8).chain(relationships.chunks(8)) {
        let define = std::mem::take(&mut define);
        let part = ImportPart {
            import: shared.clone(),
            define,
            batches: batches.to_vec(),
            last: false,
            unseen: true,
        };
        cmdb.submit(context(), Command::Import(part)).expect("a legal part");
    }
    let last = ImportPart {
        import: shared.clone(),
        define: SchemaEdit::default(),
        batches: Vec::new(),
        last: true,
        unseen: false,
    };
    cmdb.submit(context(), Command::Import(last)).expect("the end of the run");
    assert_eq!(shared.lock().expect("no panic").report.rejected_count, 0);
}

fn store(c: &mut Criterion) {
    let estate = Estate::new(nodes(), SEED);
    let (mut items, mut relationships) = (Vec::new(), Vec::new());
    estate.write_items_csv(&mut items).expect("memory");
    estate.write_relationships_csv(&mut relationships).expect("memory");
    let mut group =
        c.benchmark_group(format!("store, {} CIs and {} relationships", estate.nodes(), estate.edges.len()));
    group.sample_size(10);
    group.bench_function("baseline: CSV parsed, CSR built, nothing kept", |b| {
        b.iter(|| {
            let batches = parse("items.csv", &items).len() + parse("relationships.csv", &relationships).len();
            (batches, Csr::new(estate.nodes(), &estate.dependencies()))
        });
    });
    let folder = || tempfile::tempdir().expect("a temporary folder");
    group.bench_function("import: validated, durable, with history", |b| {
        b.iter_batched(
            folder,
            |dir| {
                import(dir.path(), [&items, &relationships]);
                dir
            },
            BatchSize::PerIteration,
        );
    });
    let filled = folder();
    import(filled.path(), [&items, &relationships]);
    group.bench_function("open: every checksum, graph built", |b| {
        b.iter(|| Cmdb::open(Location::Folder(filled.path().to_owned())).expect("a sound store"));
    });
    group.finish();
}

criterion_group!(benches, store);
criterion_main!(benches);
