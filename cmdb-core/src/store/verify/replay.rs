//! Replaying the log from nothing: it must lead to the state at hand, and each entry must undo as its record says.

use super::VerifyReport;
use crate::error::Result;
use crate::graph::{Draft, Records, Snapshot, Undo};
use crate::model::Position;
use crate::store::embedded::Store;
use crate::store::log::{self, CommitLog};

/// Records that one draft gathers before it is folded into a snapshot.
const DRAFT_RECORDS_MAX: usize = 100_000;
const READ_BYTES: usize = 8 << 20;

pub(super) fn check(store: &Store, snapshot: &Snapshot, report: &mut VerifyReport) {
    let purged = report.purged > 0;
    let Some((replayed, undone)) = report.note("replay", replay(store, snapshot.position(), purged)) else {
        return;
    };
    for position in undone {
        report.find(format!("entry {position}"), "its undo record is not what replaying it yields");
    }
    let same_schema = replayed.schema().definitions() == snapshot.schema().definitions();
    let same_names = replayed.names().since(0) == snapshot.names().since(0);
    if (replayed.state_hash(), replayed.counts()) != (snapshot.state_hash(), snapshot.counts())
        || replayed.settings() != snapshot.settings()
        || !same_names
        || !same_schema
    {
        report.find("replay", "replaying the log does not lead to the state that is stored");
    }
    report.notes.push(match purged {
        false => "the log was replayed from its first entry".into(),
        true => "the log was replayed from its first entry; undo records were not compared, since some were purged".into(),
    });
}

/// The state after all entries, and the positions whose undo record differs.
fn replay(store: &Store, until: Position, purged: bool) -> Result<(Snapshot, Vec<Position>)> {
    let mut draft = Draft::on(&Snapshot::empty());
    let mut undone = Vec::new();
    let mut at = Position(0);
    while at < until {
        for entry in store.read(at, READ_BYTES)?.into_iter().take_while(|e| e.position <= until) {
            at = entry.position;
            draft.begin_entry(entry.header.time_ms);
            log::facts(store, &entry)?.into_iter().try_for_each(|fact| draft.apply(fact))?;
            if !purged && by_number(draft.end_entry()) != by_number(store.undo(at)?) {
                undone.push(at);
            }
            if draft.len() > DRAFT_RECORDS_MAX {
                draft = Draft::on(&draft.finish()?.snapshot);
            }
        }
    }
    Ok((draft.finish()?.snapshot, undone))
}

fn by_number(mut undo: Undo) -> Undo {
    undo.item_records.sort();
    undo.relationship_records.sort();
    undo
}
