//! Watches the commit log for what alters the impact of changes that were handed in: cheaply first (does a commit touch
//! anything the change reaches?), then by assessing the change again.

use crate::call::{fresh_context, now_ms};
use crate::queries::LanguageQueries;
use cmdb_core::command::Command;
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::principal::{Principal, Role};
use cmdb_core::model::{ItemNumber, Position, RelationshipNumber, SmolStr};
use cmdb_core::process::change::assessment::assess_now;
use cmdb_core::process::change::drift::{drift, is_of_plan};
use cmdb_core::process::change::note_drift::NoteDrift;
use cmdb_core::process::change::policy::Policy;
use cmdb_core::process::change::record::{self, ChangeRecord};
use cmdb_core::process::fields::get_text;
use cmdb_core::{Cmdb, Result};
use rustc_hash::FxHashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How long the watch keeps the inventory open after everybody else has let go of it.
const LOOK: Duration = Duration::from_millis(250);
/// Entries looked at one by one; after more, everything is assessed again.
const ENTRIES_MAX: u64 = 1_000;

/// What a change reached when it was assessed last, and against which frozen assessment.
struct Watched {
    digest: SmolStr,
    reached: Vec<ItemNumber>,
}

/// See the module.
#[derive(Default)]
struct Watch {
    known: FxHashMap<ItemNumber, Watched>,
}

/// Watches for as long as the inventory is open.
pub fn stay(cmdb: &Arc<Cmdb>) {
    let mut seen = cmdb.snapshot().position();
    let cmdb = Arc::downgrade(cmdb);
    std::thread::spawn(move || {
        let mut watch = Watch::default();
        look(&cmdb, &mut watch, None);
        while let Some(open) = cmdb.upgrade() {
            let Ok(snapshot) = open.wait_for(Position(seen.0 + 1), LOOK) else { continue };
            let from = std::mem::replace(&mut seen, snapshot.position());
            drop(open);
            look(&cmdb, &mut watch, Some(from));
        }
    });
}

fn look(cmdb: &Weak<Cmdb>, watch: &mut Watch, from: Option<Position>) {
    let Some(cmdb) = cmdb.upgrade() else { return };
    if let Err(e) = watch.look(&cmdb, from) {
        tracing::warn!(code = e.code(), message = e.message(), "changes could not be looked at for drift");
    }
}

impl Watch {
    /// Looks at what was committed after `from`; at everything for none.
    fn look(&mut self, cmdb: &Arc<Cmdb>, from: Option<Position>) -> Result<()> {
        let snapshot = cmdb.snapshot();
        let touched = from.map(|from| touched(cmdb, &snapshot, from)).transpose()?.flatten();
        let mut records = record::all(&snapshot)?;
        records.retain(|r| r.status.is_committed() && is_of_plan(&*snapshot, r));
        self.known.retain(|item, _| records.iter().any(|r| r.item == *item));
        for record in &records {
            let digest = record.assessment.as_ref().map_or("", |a| get_text(a, "digest"));
            let is_known = self.known.get(&record.item).filter(|known| known.digest == digest);
            let may_differ = match (is_known, &touched) {
                (Some(known), Some(touched)) => {
                    touched.iter().any(|i| known.reached.binary_search(i).is_ok())
                }
                _ => true,
            };
            if may_differ {
                self.assess(cmdb, &snapshot, record, digest)?;
            }
        }
        Ok(())
    }
    fn assess(
        &mut self,
        cmdb: &Arc<Cmdb>,
        snapshot: &Arc<Snapshot>,
        record: &ChangeRecord,
        digest: &str,
    ) -> Result<()> {
        let Some(decided) = &record.assessment else { return Ok(()) };
        let policy = Policy::in_force(snapshot.settings())?;
        let queries = LanguageQueries::over(cmdb);
        let now = assess_now(snapshot, record.item, &policy, &*queries, now_ms())?;
        let found = drift(decided, &now.value);
        self.known.insert(record.item, Watched { digest: digest.into(), reached: now.reached });
        let is_news = match &record.drift {
            None => !found.is_none(),
            Some(known) => found.is_none() || *known != found.value(),
        };
        if is_news {
            let who = Principal { name: SmolStr::new_static("cmdb"), role: Role::Admin };
            let note = NoteDrift { change: record.item, digest: digest.into(), drift: found };
            cmdb.submit(fresh_context(&who)?, Command::Run(Arc::new(note)))?;
        }
        Ok(())
    }
}

/// Items that commits after `from` touched, relationships by both ends, ascending; none where anything may have
/// changed, because a record did or there were too many.
fn touched(cmdb: &Cmdb, snapshot: &Snapshot, from: Position) -> Result<Option<Vec<ItemNumber>>> {
    if snapshot.position().0 - from.0 > ENTRIES_MAX {
        return Ok(None);
    }
    let store = cmdb.store()?;
    let (mut items, mut relationships) = (Vec::new(), Vec::new());
    let mut firsts = None;
    for position in (from.0 + 1..=snapshot.position().0).map(Position) {
        let undo = store.undo(position)?;
        if undo.schema.is_some() {
            return Ok(None);
        }
        firsts.get_or_insert((undo.items, undo.relationships));
        items.extend(undo.item_records.iter().map(|(n, _)| *n));
        relationships.extend(undo.relationship_records.iter().map(|(n, _)| *n));
    }
    if let Some((first_item, first_relationship)) = firsts {
        items.extend(first_item..snapshot.counts().item_numbers);
        relationships.extend(first_relationship..snapshot.counts().relationship_numbers);
    }
    for number in relationships {
        if let Some(record) = snapshot.relationship_or_tombstone(RelationshipNumber(number))? {
            items.extend([record.identity.source.0, record.identity.target.0]);
        }
    }
    let record = snapshot.names().get("Record");
    let is_record = |n: &u32| {
        record.zip(snapshot.class(ItemNumber(*n))).is_some_and(|(r, c)| snapshot.schema().is_a(c, r))
    };
    if items.iter().any(is_record) {
        return Ok(None);
    }
    items.sort_unstable();
    items.dedup();
    Ok(Some(items.into_iter().map(ItemNumber).collect()))
}
