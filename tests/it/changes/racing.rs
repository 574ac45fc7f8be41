//! Approvals, edits and starts by many at once: whatever their order, no change begins that was not decided on as it
//! stands, by somebody who had no hand in it.

use cmdb_core::command::attributes::Input;
use cmdb_core::command::item::CreateItem;
use cmdb_core::command::program::Program;
use cmdb_core::command::{Answer, Command, Context, Reference};
use cmdb_core::engine::Founding;
use cmdb_core::graph::Snapshot;
use cmdb_core::model::principal::{Principal, Role};
use cmdb_core::model::temporal::Instant;
use cmdb_core::model::{CommitId, IdKey, ItemNumber, LogId, Position, SmolStr, Value};
use cmdb_core::process::change::assessment::plan_digest;
use cmdb_core::process::change::carry_out::{EndChange, Ending, ScheduleChange, StartChange};
use cmdb_core::process::change::create::{CreateChange, Plan};
use cmdb_core::process::change::delivery::Delivered;
use cmdb_core::process::change::edit::EditChange;
use cmdb_core::process::change::moves::CancelChange;
use cmdb_core::process::change::submit::SubmitChange;
use cmdb_core::process::change::vote::ApproveChange;
use cmdb_core::process::change::{ChangeRecord, Status};
use cmdb_core::process::fields::get_text;
use cmdb_core::process::queries::Queries;
use cmdb_core::store::Location;
use cmdb_core::{Cmdb, Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const CHANGES: usize = 20;
const THREADS: u64 = 4;
const OPERATIONS: u64 = 10_000;
const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "dave"];
const NOW_MS: i64 = 1_800_000_000_000;

/// No records here carry queries.
#[derive(Debug)]
struct NoQueries;

impl Queries for NoQueries {
    fn items(&self, _: &Arc<Snapshot>, _: &str) -> Result<Vec<ItemNumber>> {
        Err(Error::invalid("test", "no queries here"))
    }
    fn program(&self, _: &str) -> Result<Arc<dyn Program>> {
        Err(Error::invalid("test", "no queries here"))
    }
    fn actor(&self, _: Position) -> Result<Option<SmolStr>> {
        Ok(None)
    }
}

fn context(commit: u64, who: &str) -> Context {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&commit.to_le_bytes());
    Context {
        principal: Principal { name: who.into(), role: Role::Approver },
        time_ms: NOW_MS,
        commit: CommitId(id),
        salt: [1; 16],
        message: Default::default(),
    }
}

fn text(value: &str) -> Input {
    Input::Text(value.into())
}

/// Two hosts that a service needs one of, and changes of alice's to either.
fn estate() -> (Cmdb, Vec<Reference>) {
    let founding = Founding { log: LogId([3; 16]), id_key: IdKey([5; 16]), open_schema: false };
    let admin = Context { principal: Principal::local(), ..context(1, "local") };
    let cmdb = Cmdb::create(Location::in_memory(), founding, &admin).expect("a graph in memory");
    for (n, name) in ["host1", "host2"].into_iter().enumerate() {
        let create = CreateItem { class: "Server".into(), name: Some(name.into()), ..CreateItem::default() };
        cmdb.submit(context(10 + n as u64, "alice"), Command::CreateItem(create)).expect("a host");
    }
    let window = |offset: i64| Input::Typed(Value::DateTime(Instant::from_millis(NOW_MS + offset)));
    let changes = (0..CHANGES).map(|n| {
        let plan = Plan {
            attributes: vec![
                ("title".into(), text("reboot")),
                ("planned_start".into(), window(-1_000)),
                ("planned_end".into(), window(3_600_000)),
            ],
            affects: Some(vec![format!("host{}", n % 2 + 1).into()]),
            follows: None,
        };
        let receipt = cmdb
            .submit(context(100 + n as u64, "alice"), Command::Run(Arc::new(CreateChange { plan })))
            .expect("a change");
        let Answer::Item(item) = receipt.answer else { panic!("no item") };
        Reference(cmdb.snapshot().item_id(item).to_string().into())
    });
    let changes = changes.collect();
    (cmdb, changes)
}

/// A step of somebody's; chance decides which.
fn step(chance: u64, change: Reference, upto: Position) -> Arc<dyn Program> {
    let queries: Arc<dyn Queries> = Arc::new(NoQueries);
    let note = Default::default();
    match chance % 16 {
        0..=2 => Arc::new(SubmitChange { change, note, queries }),
        3..=6 => Arc::new(ApproveChange { change, if_version: None, note, queries }),
        7..=8 => Arc::new(ScheduleChange { change, note, queries }),
        9..=11 => Arc::new(StartChange { change, note, queries }),
        12..=13 => {
            let (add, drop) = if chance & 32 == 0 { ("host1", "host2") } else { ("host2", "host1") };
            let (add, drop) = (vec![add.into()], vec![drop.into()]);
            Arc::new(EditChange { change, if_version: None, plan: Plan::default(), add, drop })
        }
        14 if chance & 64 == 0 => Arc::new(CancelChange { change, note }),
        _ => {
            let delivered = Delivered { upto, value: Value::Map(Vec::new()) };
            Arc::new(EndChange { change, note, ending: Ending::Successful, delivered })
        }
    }
}

fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[test]
fn nothing_begins_that_was_not_decided_on_as_it_stands() {
    let (cmdb, changes) = estate();
    let begun = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (cmdb, changes, begun) = (&cmdb, &changes, &begun);
            scope.spawn(move || {
                let mut chance = 0x9e37_79b9_7f4a_7c15 ^ (thread + 1);
                for n in 0..OPERATIONS / THREADS {
                    let change = changes[(next(&mut chance) % changes.len() as u64) as usize].clone();
                    let who = PEOPLE[(next(&mut chance) % PEOPLE.len() as u64) as usize];
                    let program = step(next(&mut chance), change, cmdb.snapshot().position());
                    // Planners and approvers are different people, or soon nobody could decide any more.
                    let plans = matches!(program.name(), "edit change" | "submit change");
                    let who = if plans { PEOPLE[usize::from(chance & 128 == 0)] } else { who };
                    let starts = program.name() == "start change";
                    let commit = 1_000_000 + thread * 1_000_000 + n;
                    let done = cmdb.submit(context(commit, who), Command::Run(program));
                    begun.fetch_add(u64::from(starts && done.is_ok()), Ordering::Relaxed);
                }
            });
        }
    });
    let begun = begun.into_inner();
    assert!(begun >= 3, "the race got somewhere: {begun} changes began");
    let mut checked = 0;
    for position in 2..=cmdb.snapshot().position().0 {
        let header =
            cmdb.store().expect("a store").header(Position(position)).expect("reads").expect("an entry");
        if header.message != "start change" {
            continue;
        }
        checked += 1;
        check_begun(&cmdb, Position(position));
    }
    assert_eq!(checked, begun);
}

/// The change that began at a position was decided on: looked at in the state just before.
fn check_begun(cmdb: &Cmdb, position: Position) {
    let (before, after) =
        (cmdb.at(Position(position.0 - 1)).expect("a past"), cmdb.at(position).expect("a past"));
    let began = cmdb_core::process::change::record::all(&after).expect("reads").into_iter().find(|change| {
        let was = ChangeRecord::read(&*before, change.item).expect("it was there");
        change.status == Status::Implementing && was.status != Status::Implementing
    });
    let began = began.expect("a change that began");
    let was = ChangeRecord::read(&*before, began.item).expect("it was there");
    assert_eq!(was.status, Status::Scheduled);
    let assessment = was.assessment.as_ref().expect("assessed");
    assert_eq!(get_text(assessment, "plan"), plan_digest(&*before, &was), "another plan than was assessed");
    let digest = get_text(assessment, "digest");
    let agreed = was.approvals.iter().filter(|vote| {
        let by = get_text(vote, "by");
        let own = was.requester == by || was.authors.iter().any(|author| author == by);
        get_text(vote, "verdict") == "approved" && get_text(vote, "assessment") == digest && !own
    });
    assert!(agreed.count() > 0, "nobody else agreed to what began at {position}: {was:?}");
    assert_eq!(was.affected, began.affected);
}
