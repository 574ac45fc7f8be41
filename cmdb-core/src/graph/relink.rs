//! Carrying a draft's relationship records over into adjacency and groups, touching only the rows concerned.

use super::adjacency::{Change, Entry, Gate, flag};
use super::group::{self, Member};
use super::link::{Link, Membership};
use super::records::Records;
use super::snapshot::Snapshot;
use crate::error::Result;
use crate::model::{Relationship, RelationshipNumber};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Written = FxHashMap<u32, Arc<[u8]>>;

#[derive(Default)]
struct Changes {
    dependencies: Vec<Change>,
    dependents: Vec<Change>,
    outgoing: Vec<Change>,
    incoming: Vec<Change>,
    /// Dependents whose groups must be resolved again.
    regroup: BTreeSet<u32>,
    /// New or changed group members by dependent.
    joined: BTreeMap<u32, Vec<(Link, Membership)>>,
}

impl Changes {
    fn impact(&mut self, dependent: u32, dependency: u32, forward: Entry, backward: Entry, add: bool) {
        self.dependencies.push(Change { row: dependent, entry: forward, add });
        self.dependents.push(Change { row: dependency, entry: backward, add });
    }
    fn link(&mut self, link: &Link, add: bool) {
        if !link.carries_impact {
            self.outgoing.push(Change { row: link.dependent, entry: link.forward(0), add });
            self.incoming.push(Change { row: link.dependency, entry: link.backward(0), add });
        } else if link.gate == Gate::Group {
            self.regroup.insert(link.dependent);
        } else {
            self.impact(link.dependent, link.dependency, link.forward(0), link.backward(0), add);
        }
    }
}

/// Brings the adjacency of `snap` in line with the records written over its blocks. `relived` are the dense ids
/// of items whose live status changed: groups they are members of are resolved again.
pub(super) fn relink(snap: &mut Snapshot, written: &Written, relived: &FxHashSet<u32>) -> Result<()> {
    let mut changes = Changes::default();
    for (&number, bytes) in written {
        if let Some(before) = snap.relationship(RelationshipNumber(number))? {
            changes.link(&Link::of(&before, number, &snap.schema, |n| snap.order.dense(n)), false);
        }
        let after = Relationship::decode(bytes)?;
        if !after.removed {
            let link = Link::of(&after, number, &snap.schema, |n| snap.order.dense(n));
            changes.link(&link, true);
            if link.carries_impact
                && let Some(membership) = Membership::of(&after)
            {
                changes.joined.entry(link.dependent).or_default().push((link, membership));
            }
        }
    }
    for &dense in relived {
        let groups = snap.dependents.row(dense).entries().filter(|e| e.gate() == Gate::Group);
        changes.regroup.extend(groups.map(|e| e.other()));
    }
    for dependent in std::mem::take(&mut changes.regroup) {
        regroup(snap, written, dependent, &mut changes)?;
    }
    snap.dependencies.apply(changes.dependencies);
    snap.dependents.apply(changes.dependents);
    snap.outgoing.apply(changes.outgoing);
    snap.incoming.apply(changes.incoming);
    Ok(())
}

/// Resolves the groups of one dependent and records which of its entries change.
fn regroup(snap: &mut Snapshot, written: &Written, dependent: u32, changes: &mut Changes) -> Result<()> {
    let old: Vec<Entry> =
        snap.dependencies.row(dependent).entries().filter(|e| e.gate() == Gate::Group).collect();
    let mut members: Vec<Member> = Vec::new();
    let mut entries: FxHashMap<u32, (Entry, Option<Entry>)> = FxHashMap::default();
    let mut number_of: FxHashMap<smol_str::SmolStr, u32> = FxHashMap::default();
    for entry in old {
        // Base blocks are still the old ones, so this is the membership as it was.
        let Some(record) = snap.relationship(RelationshipNumber(entry.number))? else { continue };
        let Some(membership) = Membership::of(&record) else { continue };
        number_of.insert(membership.group.clone(), entry.group);
        if written.contains_key(&entry.number) {
            push_impact(changes, dependent, entry, false);
        } else {
            entries.insert(entry.number, (entry, Some(entry)));
            members.push(member(snap, entry.number, entry.other(), membership));
        }
    }
    for (link, membership) in changes.joined.remove(&dependent).unwrap_or_default() {
        entries.insert(link.number, (link.forward(0), None));
        members.push(member(snap, link.number, link.dependency, membership));
    }
    members.sort_by_key(|m| m.number);
    for resolved in group::resolve(dependent, &members) {
        let row = *number_of.entry(resolved.name.clone()).or_insert(snap.groups.len() as u32);
        snap.groups.set(row, resolved.row);
        for (number, shadow) in resolved.members {
            let (mut entry, old) = entries[&number];
            entry.group = row;
            entry.kind = if shadow { entry.kind | flag::SHADOW } else { entry.kind & !flag::SHADOW };
            if old == Some(entry) {
                continue;
            }
            if let Some(old) = old {
                push_impact(changes, dependent, old, false);
            }
            push_impact(changes, dependent, entry, true);
        }
    }
    Ok(())
}

fn member(snap: &Snapshot, number: u32, item: u32, membership: Membership) -> Member {
    Member { number, item, membership, live: !snap.is_hidden(item) }
}

fn push_impact(changes: &mut Changes, dependent: u32, forward: Entry, add: bool) {
    let backward = Entry { head: (forward.head & !super::adjacency::OTHER_MASK) | dependent, ..forward };
    changes.impact(dependent, forward.other(), forward, backward, add);
}
