//! the power goes at any call to the disk, during creation, commits and recovery. Nothing acknowledged is
//! lost, nothing is there by half.

use super::disk::{Disk, Fault};
use super::support::*;
use cmdb_core::command::{Command, Context};
use cmdb_core::engine::Cmdb;
use cmdb_core::model::CommitId;
use cmdb_core::store::CommitLog;
use cmdb_core::store::verify::VerifyOptions;
use std::sync::OnceLock;

const CUTS_IN_CREATION: usize = 200;

/// A store as it is after creation, so that a life need not begin with one.
pub fn created() -> Vec<u8> {
    static IMAGE: OnceLock<Vec<u8>> = OnceLock::new();
    IMAGE
        .get_or_init(|| {
            let disk = Disk::new(Vec::new());
            drop(create(disk.location()));
            disk.image()
        })
        .clone()
}

fn command(random: &mut Random, n: u64) -> Command {
    let name = format!("s{}", random.below(12));
    match random.below(6) {
        0 | 1 => server(&format!("s{}", n % 12), &[("note", &"x".repeat(random.below(3000)))]),
        2 => set(&name, &[("note", &format!("{n} {}", "y".repeat(random.below(2000))))]),
        3 => relate(&name, "depends_on", &format!("s{}", random.below(12)), &[]),
        4 => remove(&name, true),
        _ => set(&name, &[("status", if n.is_multiple_of(2) { "retired" } else { "operational" })]),
    }
}

/// What a life knows to be durable: the state at each acknowledged position, and what was under way at the cut.
#[derive(Default)]
struct Known {
    acknowledged: Vec<(CommitId, u64)>,
    position: u64,
    hash: u128,
    under_way: Option<(CommitId, u64, u128)>,
}

impl Known {
    /// Finds out whether what was under way at a cut is there, whole.
    fn settle(&mut self, cmdb: &Cmdb) -> Option<CommitId> {
        let snapshot = cmdb.snapshot();
        let seen = (snapshot.position().0, snapshot.state_hash());
        let under_way = self.under_way.take();
        match under_way {
            Some((commit, position, hash)) if seen == (position, hash) => {
                self.acknowledged.push((commit, position));
                (self.position, self.hash) = seen;
                None
            }
            _ => {
                assert_eq!(seen, (self.position, self.hash), "lost, or part of a commit is there");
                under_way.map(|(commit, ..)| commit)
            }
        }
    }
    fn check(&mut self, cmdb: &Cmdb) {
        let gone = self.settle(cmdb);
        let store = cmdb.store().unwrap();
        for (commit, position) in &self.acknowledged {
            assert_eq!(
                store.resolve(*commit).unwrap().map(|p| p.0),
                Some(*position),
                "acknowledged and lost"
            );
        }
        if let Some(commit) = gone {
            assert_eq!(store.resolve(commit).unwrap(), None);
        }
        drop(store);
        let report = cmdb.verify(&VerifyOptions { full: true, expected_head: None }).unwrap();
        assert!(report.is_clean(), "{:?}", report.findings);
    }
    /// Commits until the power goes or `count` are done.
    fn work(&mut self, cmdb: &Cmdb, random: &mut Random, count: usize, n: &mut u64) {
        for _ in 0..count {
            *n += 1;
            let (context, command): (Context, Command) = (numbered(1_000_000 + *n), command(random, *n));
            let Ok((_, expected)) = cmdb.dry_run(&context, command.clone()) else { continue };
            let commit = context.commit;
            match cmdb.submit(context, command) {
                Ok(receipt) => {
                    (self.position, self.hash) = (receipt.position.0, expected.state_hash());
                    if receipt.changed {
                        self.acknowledged.push((commit, receipt.position.0));
                    }
                }
                Err(_) => {
                    self.under_way = Some((commit, self.position + 1, expected.state_hash()));
                    return;
                }
            }
        }
    }
}

fn lives(seed: u64, cuts: usize) {
    let mut random = Random(seed);
    let (mut done, mut in_recovery) = (0, 0);
    while done < cuts {
        let disk = Disk::new(created());
        let mut known = Known { position: 1, ..Known::default() };
        // Founding makes no records, so the hash is 0.
        let mut n = 0;
        for _ in 0..1 + random.below(3) {
            // Opening makes a few calls, each commit some more: most cuts fall into commits, some into recovery.
            let calls = if random.chance(25) { random.below(12) } else { random.below(200) } as u64;
            disk.set_fault(Fault::Nth { n: calls, for_good: true });
            match Cmdb::open(disk.location()) {
                Ok(cmdb) => {
                    known.settle(&cmdb);
                    known.work(&cmdb, &mut random, 8, &mut n);
                    disk.cut(&mut random);
                }
                Err(_) => {
                    in_recovery += 1;
                    disk.cut(&mut random);
                }
            }
            done += 1;
            // Now and then the next life must recover under the next cut.
            if random.chance(70) {
                let cmdb = Cmdb::open(disk.location())
                    .unwrap_or_else(|e| panic!("seed {seed}, cut {done}: {e} {e:?}"));
                known.check(&cmdb);
            }
        }
        let cmdb =
            Cmdb::open(disk.location()).unwrap_or_else(|e| panic!("seed {seed}, cut {done}: {e} {e:?}"));
        known.check(&cmdb);
    }
    assert!(in_recovery > cuts / 50, "only {in_recovery} cuts fell into opening");
}

#[test]
fn r02_power_cuts_lose_nothing_acknowledged() {
    lives(21, times("CMDB_R02_CUTS", 1_800) / 2);
}

#[test]
fn r02_power_cuts_leave_nothing_by_half() {
    lives(22, times("CMDB_R02_CUTS", 1_800) / 2);
}

/// A folder's store is made under another name: whatever a cut leaves of it is garbage until it was renamed.
#[test]
fn r02_power_cuts_in_creation() {
    let mut random = Random(23);
    let (mut finished, mut unfinished) = (0, 0);
    let total = {
        let disk = Disk::new(Vec::new());
        disk.count_calls();
        drop(create(disk.location()));
        disk.calls().len()
    };
    for cut in 0..CUTS_IN_CREATION {
        let disk = Disk::new(Vec::new());
        disk.set_fault(Fault::Nth { n: random.below(total + 4) as u64, for_good: true });
        let created = try_create(disk.location());
        let renamed = created.is_ok();
        disk.cut(&mut random);
        drop(created);
        let dir = tempfile::tempdir().unwrap();
        // The rename comes after the sync, so it may be there or not whenever creation got that far.
        let seen = renamed && random.chance(50);
        let name = if seen { "cmdb.redb" } else { "cmdb.redb.new" };
        std::fs::write(dir.path().join(name), disk.image()).unwrap();
        let cmdb = match Cmdb::open(folder(dir.path())) {
            Ok(cmdb) => {
                assert!(seen);
                finished += 1;
                cmdb
            }
            Err(e) => {
                assert!(!seen && e.code() == "store.missing", "cut {cut}: {e}");
                unfinished += 1;
                create(folder(dir.path()))
            }
        };
        assert_eq!(cmdb.snapshot().position().0, 1);
        let report = cmdb.verify(&VerifyOptions { full: true, expected_head: None }).unwrap();
        assert!(report.is_clean(), "{:?}", report.findings);
    }
    assert!(finished > 2 && unfinished > 50, "{finished} {unfinished}");
}
