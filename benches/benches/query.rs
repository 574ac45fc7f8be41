//! Promises: a two-hop pattern costs at most 5 times a hand-written loop over the same graph, a look-up by name at most
//! 10 µs, the dependents of an item counted by a query at most twice `analysis::reach`, parse and plan at most 100 µs.

use cmdb_benches::estate::{Estate, class, kind};
use cmdb_benches::inventory::Inventory;
use cmdb_benches::{SEED, nodes};
use cmdb_core::analysis::reach::{self, TypeFilter};
use cmdb_core::graph::adjacency::{Adjacency, OTHER_MASK, flag};
use cmdb_core::graph::{Records, Snapshot, View};
use cmdb_core::model::{Item, SmolStr, Symbol};
use cmdb_query::check::{self, Context};
use cmdb_query::estate::Seen;
use cmdb_query::execute::batch::Source;
use cmdb_query::execute::{self, Run};
use cmdb_query::graph::Graph;
use cmdb_query::plan::{Planned, Planner};
use cmdb_query::procedure::Procedures;
use cmdb_query::run::{Output, Request, Stats, Store, run};
use cmdb_query::scene::{Budget, Clock, Limits, Parameters};
use cmdb_query::syntax::{self, tree::Body};
use cmdb_query::value::Value;
use criterion::{Criterion, criterion_group, criterion_main};
use std::cell::Cell;
use std::hint::black_box;

/// The site with the most items: the estate's shares fall off from the first on.
const SITE: &str = "s000";

/// A site with about a hundredth of all items.
const SMALL_SITE: &str = "s004";

/// Everything a run needs but the query.
struct Bench<'a> {
    graph: Seen<'a, Snapshot>,
    parameters: Parameters,
    procedures: Procedures,
}

impl<'a> Bench<'a> {
    fn new(snapshot: &'a Snapshot) -> Bench<'a> {
        let graph = Seen::of(View::full(snapshot));
        Bench { graph, parameters: Parameters::new(), procedures: Procedures::default() }
    }
    /// Parsed, checked and planned.
    fn prepare(&self, text: &str) -> Planned {
        let statement = syntax::parse(text).expect("the query is one");
        let context =
            Context { procedures: &self.procedures, parameters: Some(&self.parameters), read_only: true };
        check::check(&statement, &context).expect("the query is sound");
        let Body::Query(query) = &statement.body else { panic!("a query is wanted") };
        Planner::new(&self.graph, &self.procedures, text, false).plan(query).expect("the query has a plan")
    }
    /// Runs a plan and hands its rows on.
    fn rows(&self, planned: &Planned, mut each: impl FnMut(&[Value])) {
        let (budget, chance) = (Budget::new(Limits::default(), None), Cell::new(1));
        let mut run = Run {
            store: Store::Read(&self.graph),
            parameters: &self.parameters,
            clock: Clock::default(),
            chance: &chance,
            budget: &budget,
            stats: Stats::default(),
            doomed: Vec::new(),
            counted: None,
        };
        let mut source = Source::new(execute::build(&planned.plan, false), planned.plan.width);
        source.reset(&mut run, &[]).expect("the plan starts");
        while source.advance(&mut run).expect("the plan runs") {
            each(source.row());
        }
    }
    fn count(&self, planned: &Planned) -> u64 {
        let mut count = 0;
        self.rows(planned, |row| {
            black_box(row);
            count += 1;
        });
        count
    }
    /// The one number a plan yields.
    fn number(&self, planned: &Planned) -> i64 {
        let mut number = 0;
        self.rows(planned, |row| {
            if let Some(Value::Integer(n)) = row.last() {
                number = *n;
            }
        });
        number
    }
    /// From text to rows.
    fn run(&self, text: &str) -> u64 {
        let request = Request {
            text,
            parameters: &self.parameters,
            procedures: &self.procedures,
            clock: Clock::default(),
            chance: 1,
            limits: Limits::default(),
            cancelled: None,
        };
        run(&request, Store::Read(&self.graph), &mut Nobody).expect("the query runs").rows
    }
}

/// Takes rows and drops them.
struct Nobody;

impl Output for Nobody {
    fn columns(&mut self, _: &[SmolStr]) -> cmdb_query::Result<()> {
        Ok(())
    }
    fn row(&mut self, _: &dyn Graph, values: &[Value]) -> cmdb_query::Result<()> {
        black_box(values);
        Ok(())
    }
}

/// The hand-written loop: instance → database → machine, attributes decoded only where they decide.
struct Loop<'a> {
    snapshot: &'a Snapshot,
    classes: [Symbol; 3],
    uses: u32,
    runs_on: u32,
    environment: Symbol,
    site: Symbol,
}

impl<'a> Loop<'a> {
    fn new(snapshot: &'a Snapshot) -> Loop<'a> {
        let symbol = |name: &str| snapshot.names().get(name).expect("the estate has it");
        Loop {
            snapshot,
            classes: ["app_instance", "database", "vm"].map(symbol),
            uses: symbol("uses").0,
            runs_on: symbol("runs_on").0,
            environment: symbol("environment"),
            site: symbol("site"),
        }
    }
    fn is(&self, dense: u32, key: Symbol, wanted: &str) -> bool {
        let bytes = self.snapshot.item_bytes(self.snapshot.number(dense).0);
        let found = bytes.and_then(|bytes| Item::find_attribute(bytes, key).ok().flatten());
        found.is_some_and(|value| value.as_text() == Some(wanted))
    }
    /// Along the relationships of a type, or against them.
    fn each_next(&self, rows: &Adjacency, dense: u32, kind: u32, class: Symbol, mut next: impl FnMut(u32)) {
        for part in rows.row(dense).parts() {
            for (head, word) in part.heads().iter().zip(part.kinds()) {
                let other = head & OTHER_MASK;
                let fits = word >> flag::BITS == kind && word & flag::REVERSED == 0;
                if fits && self.snapshot.class_of(other) == Some(class) {
                    next(other);
                }
            }
        }
    }
    /// In the order of the pattern.
    fn count(&self, site: &str) -> u64 {
        let [instance, database, machine] = self.classes;
        let rows = self.snapshot.dependencies();
        let mut count = 0;
        for first in self.of_class(instance).filter(|first| self.is(*first, self.environment, "prod")) {
            self.each_next(rows, first, self.uses, database, |second| {
                self.each_next(rows, second, self.runs_on, machine, |third| {
                    count += u64::from(self.is(third, self.site, site));
                });
            });
        }
        count
    }
    /// From the other end, as a planner would that knows how few machines a site has.
    fn count_backwards(&self, site: &str) -> u64 {
        let [instance, database, machine] = self.classes;
        let rows = self.snapshot.dependents();
        let mut count = 0;
        for third in self.of_class(machine).filter(|third| self.is(*third, self.site, site)) {
            self.each_next(rows, third, self.runs_on, database, |second| {
                self.each_next(rows, second, self.uses, instance, |first| {
                    count += u64::from(self.is(first, self.environment, "prod"));
                });
            });
        }
        count
    }
    fn of_class(&self, class: Symbol) -> impl Iterator<Item = u32> {
        self.snapshot.live_nodes().filter(move |node| self.snapshot.class_of(*node) == Some(class))
    }
}

fn two_hops(c: &mut Criterion, estate: &Estate, bench: &Bench<'_>, snapshot: &Snapshot) {
    let by_hand = Loop::new(snapshot);
    for site in [SITE, SMALL_SITE] {
        let mut group = c.benchmark_group(format!("two hops to site {site}, {} CIs", estate.nodes()));
        group.sample_size(10);
        let pattern = format!(
            "MATCH (i:app_instance {{environment: 'prod'}})-[:uses]->(d:database)-[:runs_on]->(v:vm {{site: '{site}'}})"
        );
        let (counted, named) = (format!("{pattern} RETURN count(*)"), format!("{pattern} RETURN i, d, v"));
        let (counted, named) = (bench.prepare(&counted), bench.prepare(&named));
        assert_eq!(bench.number(&counted) as u64, by_hand.count(site));
        assert_eq!(bench.count(&named), by_hand.count(site));
        assert_eq!(by_hand.count_backwards(site), by_hand.count(site));
        group.bench_function("baseline: loop over the snapshot", |b| b.iter(|| by_hand.count(site)));
        group.bench_function("baseline: loop from the machines", |b| {
            b.iter(|| by_hand.count_backwards(site));
        });
        group.bench_function("cmdb, counted", |b| b.iter(|| bench.number(&counted)));
        group.bench_function("cmdb, as rows", |b| b.iter(|| bench.count(&named)));
        group.finish();
    }
}

fn look_up(c: &mut Criterion, estate: &Estate, bench: &Bench<'_>, snapshot: &Snapshot) {
    let mut group = c.benchmark_group(format!("look-up by name, {} CIs", estate.nodes()));
    let name = estate.name(estate.nodes() / 3);
    let text = format!("MATCH (n {{name: '{name}'}}) RETURN n.name, n.criticality, n.site");
    let planned = bench.prepare(&text);
    assert_eq!(bench.count(&planned), 1);
    group.bench_function("baseline: Records::named", |b| b.iter(|| snapshot.named(&name, 2)));
    group.bench_function("cmdb, prepared", |b| b.iter(|| bench.count(&planned)));
    group.bench_function("cmdb, from the text", |b| b.iter(|| bench.run(&text)));
    group.finish();
}

/// Types whose source suffers, as the pattern names them.
const SUFFERED: [u8; 9] = [
    kind::DEPENDS_ON,
    kind::CALLS,
    kind::RUNS_ON,
    kind::USES,
    kind::STORES_ON,
    kind::CONNECTS_TO,
    kind::MEMBER_OF,
    kind::LOCATED_IN,
    kind::REPLICATES_WITH,
];

fn dependents(c: &mut Criterion, estate: &Estate, bench: &Bench<'_>, inventory: &Inventory) {
    let types: Vec<&str> = SUFFERED.iter().map(|kind| estate.types[usize::from(*kind)]).collect();
    let symbols = types.iter().filter_map(|name| inventory.snapshot.names().get(name));
    let filter = TypeFilter::of(symbols);
    let starts: Vec<u32> = estate.starts(SEED);
    let dense: Vec<u32> = starts.iter().map(|id| inventory.dense(*id)).collect();
    let plans: Vec<Planned> = starts
        .iter()
        .map(|id| {
            let (name, types) = (estate.name(*id), types.join("|"));
            bench.prepare(&format!("MATCH (a {{name: '{name}'}})<-[:{types}*]-(b) RETURN count(DISTINCT b)"))
        })
        .collect();
    let view = View::full(&inventory.snapshot);
    let mut scratch = reach::Scratch::default();
    let mut count = |start: u32, types: Option<&TypeFilter>| {
        let starts = [start];
        let question = reach::Question { types, ..reach::Question::dependents(&starts) };
        reach::reach(view, &question, &reach::Limits::none(), &mut scratch).count()
    };
    for (start, plan) in dense.iter().zip(&plans) {
        // On a cycle the query finds the start itself, too.
        let (found, expected) = (bench.number(plan), count(*start, Some(&filter)) as i64);
        assert!(found == expected || found == expected + 1, "{found} {expected}");
    }
    let mut group = c.benchmark_group(format!("dependents of 100 items, counted, {} CIs", estate.nodes()));
    group.sample_size(10);
    group.bench_function("baseline: analysis::reach, the same types", |b| {
        b.iter(|| dense.iter().map(|start| count(*start, Some(&filter))).sum::<usize>());
    });
    group.bench_function("baseline: analysis::reach, all types", |b| {
        b.iter(|| dense.iter().map(|start| count(*start, None)).sum::<usize>());
    });
    group.bench_function("cmdb", |b| {
        b.iter(|| plans.iter().map(|plan| bench.number(plan)).sum::<i64>());
    });
    group.finish();
}

/// A question as people ask it.
const TYPICAL: &str =
    "MATCH (s:business_service)-[:depends_on*1..3]->(a:technical_application)-[:depends_on]->(i:app_instance)
WHERE i.environment = 'prod' AND s.criticality <= 2 AND NOT i.name STARTS WITH 'old'
OPTIONAL MATCH (i)-[:uses]->(d:database)
WITH s, count(DISTINCT i) AS instances, collect(DISTINCT d.name) AS databases
WHERE instances > 3
RETURN s.name AS service, instances, size(databases) AS stores
ORDER BY instances DESC LIMIT 20";

fn planning(c: &mut Criterion, bench: &Bench<'_>) {
    let mut group = c.benchmark_group("parse, check and plan a typical question");
    group.bench_function("parse", |b| b.iter(|| syntax::parse(TYPICAL).is_ok()));
    group.bench_function("parse, check and plan", |b| b.iter(|| bench.prepare(TYPICAL).columns.len()));
    group.finish();
}

fn rows(c: &mut Criterion, estate: &Estate, bench: &Bench<'_>) {
    let mut group = c.benchmark_group(format!("every item with name and site, {} CIs", estate.nodes()));
    group.sample_size(10);
    let planned = bench.prepare("MATCH (n) RETURN n.name, n.site");
    assert_eq!(bench.count(&planned), u64::from(estate.nodes()));
    group.bench_function("cmdb", |b| b.iter(|| bench.count(&planned)));
    group.finish();
}

fn queries(c: &mut Criterion) {
    let estate = Estate::new(nodes(), SEED);
    let inventory = Inventory::described(&estate).expect("the estate is legal");
    assert!(!estate.of_class(class::VM).is_empty());
    let bench = Bench::new(&inventory.snapshot);
    two_hops(c, &estate, &bench, &inventory.snapshot);
    look_up(c, &estate, &bench, &inventory.snapshot);
    dependents(c, &estate, &bench, &inventory);
    planning(c, &bench);
    rows(c, &estate, &bench);
}

criterion_group!(benches, queries);
criterion_main!(benches);
