//! Building a snapshot's graph from its records: at open, after a schema edit, after a large import.

use super::adjacency::{Adjacency, Entry, Gate, flag};
use super::block::{Block, ITEMS_PER_BLOCK, RELATIONSHIPS_PER_BLOCK};
use super::cow::CowTable;
use super::draft::{item_hash, relationship_hash, texts};
use super::group::{self, GroupRow, GroupTable, Member};
use super::link::{Link, Membership};
use super::order::Order;
use super::snapshot::{NO_CLASS, Snapshot};
use crate::error::Result;
use crate::model::{Item, Relationship, Symbol};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Builds columns, order, adjacency, groups, counts and index of `snap` anew from its records, names and schema.
pub fn rebuild(mut snap: Snapshot) -> Result<Snapshot> {
    let columns = read_items(&snap)?;
    let mut links = read_links(&snap)?;
    let nodes = columns.class.len();
    snap.order = order(nodes, &links);
    for link in &mut links.links {
        link.dependent = snap.order.dense(link.dependent);
        link.dependency = snap.order.dense(link.dependency);
    }
    lay_columns(&mut snap, &columns);
    snap.index.insert_all(&columns.texts);
    snap.own_candidates = Arc::default();
    snap.counts.items = columns.items;
    snap.counts.relationships = links.links.len() as u32;
    snap.state_hash = columns.hash.wrapping_add(links.hash);
    link_up(&mut snap, links);
    Ok(snap)
}

/// What a scan over the item blocks yields, by item number.
#[derive(Default)]
struct Columns {
    class: Vec<u32>,
    hidden: Vec<bool>,
    gone: Vec<bool>,
    texts: Vec<(u32, u32)>,
    items: u32,
    hash: u128,
}

fn read_items(snap: &Snapshot) -> Result<Columns> {
    let chunks: Vec<&[Block]> = snap.items.chunks().collect();
    let parts: Vec<Columns> = chunks
        .par_iter()
        .enumerate()
        .map(|(i, blocks)| read_item_blocks(snap, blocks, (i * 256 * ITEMS_PER_BLOCK) as u32))
        .collect::<Result<_>>()?;
    let mut all = Columns::default();
    for part in parts {
        all.class.extend(part.class);
        all.hidden.extend(part.hidden);
        all.gone.extend(part.gone);
        all.texts.extend(part.texts);
        all.items += part.items;
        all.hash = all.hash.wrapping_add(part.hash);
    }
    let nodes = snap.counts.item_numbers as usize;
    all.class.resize(nodes, NO_CLASS);
    all.hidden.resize(nodes, true);
    all.gone.resize(nodes, true);
    Ok(all)
}

fn read_item_blocks(snap: &Snapshot, blocks: &[Block], first: u32) -> Result<Columns> {
    let mut out = Columns::default();
    for (i, block) in blocks.iter().enumerate() {
        for slot in 0..ITEMS_PER_BLOCK {
            let number = first + (i * ITEMS_PER_BLOCK + slot) as u32;
            let Some(bytes) = block.get(slot) else {
                out.class.push(NO_CLASS);
                out.hidden.push(true);
                out.gone.push(true);
                continue;
            };
            let item = Item::decode(bytes)?;
            let live = !item.removed && snap.schema.is_live_in(item.class(), item.status, &snap.names);
            out.class.push(item.class().map_or(NO_CLASS, |c| c.0));
            out.hidden.push(!live);
            out.gone.push(item.removed);
            out.texts.extend(texts(&item, &snap.schema, None).into_iter().map(|hash| (hash, number)));
            out.items += u32::from(!item.removed);
            out.hash = out.hash.wrapping_add(item_hash(number, bytes));
        }
    }
    Ok(out)
}

fn lay_columns(snap: &mut Snapshot, columns: &Columns) {
    let nodes = columns.class.len();
    let mut class = vec![NO_CLASS; nodes];
    let mut hidden = vec![0u64; nodes.div_ceil(64)];
    let mut gone = hidden.clone();
    for number in 0..nodes {
        let dense = snap.order.dense(number as u32) as usize;
        class[dense] = columns.class[number];
        hidden[dense / 64] |= u64::from(columns.hidden[number]) << (dense % 64);
        gone[dense / 64] |= u64::from(columns.gone[number]) << (dense % 64);
    }
    snap.class_of = CowTable::from_rows(class);
    snap.hidden = CowTable::from_rows(hidden);
    snap.gone = CowTable::from_rows(gone);
}

#[derive(Default)]
struct Links {
    links: Vec<Link>,
    /// Group members: index into `links`, and what the record says.
    members: Vec<(u32, Membership)>,
    hash: u128,
}

fn read_links(snap: &Snapshot) -> Result<Links> {
    let chunks: Vec<&[Block]> = snap.relationships.chunks().collect();
    let parts: Vec<Links> = chunks
        .par_iter()
        .enumerate()
        .map(|(i, blocks)| read_link_blocks(snap, blocks, (i * 256 * RELATIONSHIPS_PER_BLOCK) as u32))
        .collect::<Result<_>>()?;
    let mut all =
        Links { links: Vec::with_capacity(parts.iter().map(|p| p.links.len()).sum()), ..Links::default() };
    for part in parts {
        let base = all.links.len() as u32;
        all.links.extend(part.links);
        all.members.extend(part.members.into_iter().map(|(at, m)| (at + base, m)));
        all.hash = all.hash.wrapping_add(part.hash);
    }
    Ok(all)
}

fn read_link_blocks(snap: &Snapshot, blocks: &[Block], first: u32) -> Result<Links> {
    let mut out = Links::default();
    for (i, block) in blocks.iter().enumerate() {
        for slot in 0..block.slots() {
            let Some(bytes) = block.get(slot) else { continue };
            let record = Relationship::decode(bytes)?;
            if record.removed {
                continue;
            }
            let number = first + (i * RELATIONSHIPS_PER_BLOCK + slot) as u32;
            out.hash = out.hash.wrapping_add(relationship_hash(number, bytes));
            let link = Link::of(&record, number, &snap.schema, |n| n);
            if link.gate == Gate::Group
                && let Some(membership) = Membership::of(&record)
            {
                out.members.push((out.links.len() as u32, membership));
            }
            out.links.push(link);
        }
    }
    Ok(out)
}

fn order(nodes: usize, links: &Links) -> Order {
    let carrying = || links.links.iter().filter(|l| l.carries_impact);
    let mut offsets = vec![0u32; nodes + 1];
    for link in carrying() {
        offsets[link.dependent as usize + 1] += 1;
    }
    for i in 0..nodes {
        offsets[i + 1] += offsets[i];
    }
    let mut at = offsets.clone();
    let mut targets = vec![0u32; offsets[nodes] as usize];
    for link in carrying() {
        targets[at[link.dependent as usize] as usize] = link.dependency;
        at[link.dependent as usize] += 1;
    }
    Order::by_dependency(nodes, &offsets, &targets)
}

/// Resolves groups and lays the four directions.
fn link_up(snap: &mut Snapshot, links: Links) {
    let Links { mut links, members, .. } = links;
    let mut members: Vec<(u32, u32, Membership)> =
        members.into_iter().map(|(at, m)| (links[at as usize].dependent, at, m)).collect();
    members.sort_by_key(|(dependent, at, _)| (*dependent, *at));
    let mut group_of = vec![0u32; if members.is_empty() { 0 } else { links.len() }];
    let mut rows: Vec<GroupRow> = Vec::new();
    for chunk in members.chunk_by(|a, b| a.0 == b.0) {
        let dependent = chunk[0].0;
        let of_one: Vec<Member> = chunk
            .iter()
            .map(|(_, at, membership)| {
                let item = links[*at as usize].dependency;
                // The place in `links` stands in for the number; both ascend alike.
                Member { number: *at, item, membership: membership.clone(), live: !snap.is_hidden(item) }
            })
            .collect();
        for resolved in group::resolve(dependent, &of_one) {
            for (at, shadow) in resolved.members {
                group_of[at as usize] = rows.len() as u32;
                links[at as usize].kind |= if shadow { flag::SHADOW } else { 0 };
            }
            rows.push(resolved.row);
        }
    }
    snap.groups = GroupTable::from_rows(rows);
    let group = |at: usize| group_of.get(at).copied().unwrap_or(0);
    let nodes = snap.nodes() as usize;
    let lay = |carries: bool, forward: bool| {
        let picked = links.iter().enumerate().filter(move |(_, l)| l.carries_impact == carries);
        lay_direction(
            nodes,
            picked.map(|(at, l)| {
                if forward {
                    (l.dependent, l.forward(group(at)))
                } else {
                    (l.dependency, l.backward(group(at)))
                }
            }),
        )
    };
    let ((dependencies, dependents), (outgoing, incoming)) = rayon::join(
        || rayon::join(|| lay(true, true), || lay(true, false)),
        || rayon::join(|| lay(false, true), || lay(false, false)),
    );
    snap.dependencies = dependencies;
    snap.dependents = dependents;
    snap.outgoing = outgoing;
    snap.incoming = incoming;
}

/// Counting sort by row, then pages.
fn lay_direction(nodes: usize, entries: impl Iterator<Item = (u32, Entry)> + Clone) -> Adjacency {
    let mut offsets = vec![0u32; nodes + 1];
    for (row, _) in entries.clone() {
        offsets[row as usize + 1] += 1;
    }
    for i in 0..nodes {
        offsets[i + 1] += offsets[i];
    }
    let mut at = offsets.clone();
    let mut laid = vec![Entry { head: 0, kind: 0, group: 0, number: 0 }; offsets[nodes] as usize];
    for (row, entry) in entries {
        laid[at[row as usize] as usize] = entry;
        at[row as usize] += 1;
    }
    Adjacency::build(nodes, &offsets, &mut laid)
}

/// Live items of classes that expect dependencies and have none, by class; made once per snapshot on demand.
pub(super) fn without_dependencies(snapshot: &Snapshot) -> BTreeMap<Symbol, Vec<u32>> {
    let mut out: BTreeMap<Symbol, Vec<u32>> = BTreeMap::new();
    let expecting: Vec<Symbol> =
        snapshot.schema.classes().filter(|c| c.expects_dependencies).map(|c| c.symbol).collect();
    for dense in 0..snapshot.nodes() {
        if let Some(class) = snapshot.class_of(dense)
            && expecting.contains(&class)
            && !snapshot.is_hidden(dense)
            && snapshot.dependencies().row(dense).is_empty()
        {
            out.entry(class).or_default().push(dense);
        }
    }
    out
}
