//! Redundancy groups resolved: how much each has, how much it needs, and whether `needs` had to be cut.

use super::cow::CowTable;
use super::link::{Membership, Needs, UNIT_WEIGHT};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// A group as the impact engine reads it. Weights in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupRow {
    pub dependent: u32,
    /// Weight needed; never more than `active`.
    pub needs: u64,
    /// Weight of the live active members, each item once.
    pub active: u64,
    /// The same with standby members.
    pub all: u64,
    /// The heaviest active member.
    pub heaviest: u64,
    /// Every live member weighs 1 and none is standby, so a counter tells the whole state.
    pub uniform: bool,
    /// `needs` was more than the live members give.
    pub cut: bool,
}

impl GroupRow {
    /// Whether losing the heaviest active member alone already misses `needs`.
    pub fn brittle(&self) -> bool {
        self.active - self.heaviest < self.needs
    }
    /// How many members may be lost, where they all weigh 1 and none is standby.
    fn slack(&self) -> u32 {
        let lost_at_most = (self.active - self.needs) / UNIT_WEIGHT;
        if self.uniform { u32::try_from(lost_at_most).unwrap_or(SLACK_UNKNOWN) } else { SLACK_UNKNOWN }
    }
}

/// What a group that is not uniform has in the column of slacks: its row must be looked at.
pub const SLACK_UNKNOWN: u32 = u32::MAX;

/// All groups of a graph: their rows and, for impact, which reads little else of most, a column of slacks.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupTable {
    rows: CowTable<GroupRow, 256>,
    slacks: CowTable<u32, 4096>,
}

impl GroupTable {
    pub fn from_rows(rows: Vec<GroupRow>) -> GroupTable {
        let slacks = CowTable::from_rows(rows.iter().map(GroupRow::slack).collect());
        GroupTable { rows: CowTable::from_rows(rows), slacks }
    }
    pub fn len(&self) -> usize {
        self.rows.len()
    }
    pub fn get(&self, row: u32) -> Option<&GroupRow> {
        self.rows.get(row as usize)
    }
    /// How many members of a uniform group may be lost; [`SLACK_UNKNOWN`] for others.
    #[inline]
    pub fn slack(&self, row: u32) -> u32 {
        self.slacks.get(row as usize).copied().unwrap_or(SLACK_UNKNOWN)
    }
    /// Writes a row, which may be one more than there are.
    pub fn set(&mut self, row: u32, group: GroupRow) {
        let row = row as usize;
        self.rows.grow(row + 1, group);
        self.slacks.grow(row + 1, SLACK_UNKNOWN);
        if let (Some(slot), Some(slack)) = (self.rows.get_mut(row), self.slacks.get_mut(row)) {
            (*slot, *slack) = (group, group.slack());
        }
    }
    /// Dependents of groups whose `needs` was cut, ascending.
    pub fn cut_dependents(&self) -> Vec<u32> {
        let mut dependents: Vec<u32> = self.rows.iter().filter(|r| r.cut).map(|r| r.dependent).collect();
        dependents.sort_unstable();
        dependents.dedup();
        dependents
    }
    pub fn bytes(&self) -> usize {
        self.rows.bytes() + self.slacks.bytes()
    }
}

/// One relationship that is a member of some group of one dependent.
#[derive(Clone, Debug)]
pub struct Member {
    pub number: u32,
    /// Dense id of the dependency.
    pub item: u32,
    pub membership: Membership,
    pub live: bool,
}

/// One group with the relationships that do not count because the same item is a member twice.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub name: SmolStr,
    pub row: GroupRow,
    /// (relationship number, whether it is shadowed), in order of the members given.
    pub members: Vec<(u32, bool)>,
    /// What the group needs of all its members, live or not, before any cut; what a write is checked against.
    pub wanted: u64,
    pub declared_active: u64,
}

/// Resolves all groups of one dependent. Same members in any order, same result.
pub fn resolve(dependent: u32, members: &[Member]) -> Vec<Resolved> {
    let mut by_name: BTreeMap<&SmolStr, Vec<&Member>> = BTreeMap::new();
    for member in members {
        by_name.entry(&member.membership.group).or_default().push(member);
    }
    by_name.into_iter().map(|(name, members)| resolve_one(dependent, name, &members)).collect()
}

fn resolve_one(dependent: u32, name: &SmolStr, members: &[&Member]) -> Resolved {
    // A member is an item: of several rows to one item the heaviest counts, an active one before a standby.
    let mut chosen: BTreeMap<u32, &Member> = BTreeMap::new();
    let rank = |m: &Member| (!m.membership.standby, m.membership.weight, std::cmp::Reverse(m.number));
    for member in members {
        let best = chosen.entry(member.item).or_insert(member);
        if rank(member) > rank(best) {
            *best = member;
        }
    }
    let newest = members
        .iter()
        .filter_map(|m| m.membership.needs.map(|(needs, at)| (at, m.number, needs)))
        .max_by_key(|(at, number, _)| (*at, *number));
    let needs = newest.map_or(Needs::Weight(UNIT_WEIGHT), |(_, _, needs)| needs);
    let sum = |live_only: bool, with_standby: bool| -> u64 {
        let counts = |m: &&&Member| (m.live || !live_only) && (with_standby || !m.membership.standby);
        chosen.values().filter(counts).map(|m| m.membership.weight).sum()
    };
    let active = sum(true, false);
    let declared_active = sum(false, false);
    let wanted = needs.weight(active);
    let live = || chosen.values().filter(|m| m.live);
    let row = GroupRow {
        dependent,
        needs: wanted.min(active),
        active,
        all: sum(true, true),
        heaviest: live().filter(|m| !m.membership.standby).map(|m| m.membership.weight).max().unwrap_or(0),
        uniform: live().all(|m| m.membership.weight == UNIT_WEIGHT && !m.membership.standby),
        cut: wanted > active,
    };
    let members = members.iter().map(|m| (m.number, chosen[&m.item].number != m.number)).collect();
    Resolved { name: name.clone(), row, members, wanted: needs.weight(declared_active), declared_active }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Symbol;

    #[test]
    fn slack_is_how_many_members_may_be_lost() {
        for (count, needs, expected) in [(3, 2000, 1), (3, 1500, 1), (3, 1001, 1), (3, 3000, 0), (5, 1000, 4)]
        {
            let row = GroupRow { needs, active: count * 1000, uniform: true, ..GroupRow::default() };
            assert_eq!(row.slack(), expected, "{needs} of {count}");
            assert_eq!(GroupRow { uniform: false, ..row }.slack(), SLACK_UNKNOWN);
        }
    }

    fn member(number: u32, item: u32, weight: u64, needs: Option<(&str, u64)>, live: bool) -> Member {
        let membership = Membership {
            group: "web".into(),
            weight: weight * UNIT_WEIGHT,
            standby: false,
            needs: needs.map(|(text, at)| (Needs::parse(text).unwrap(), at)),
            type_symbol: Symbol(0),
        };
        Member { number, item, membership, live }
    }

    #[test]
    fn an_item_counts_once_and_the_newest_needs_holds() {
        let members = [
            member(1, 10, 1, Some(("1", 5)), true),
            member(2, 10, 3, None, true),
            member(3, 11, 1, Some(("2", 9)), true),
        ];
        let resolved = resolve(0, &members);
        assert_eq!(resolved.len(), 1);
        let row = resolved[0].row;
        assert_eq!(
            (row.active, row.needs, row.heaviest, row.uniform, row.cut),
            (4000, 2000, 3000, false, false)
        );
        assert_eq!(resolved[0].members, vec![(1, true), (2, false), (3, false)]);
    }

    #[test]
    fn a_retired_member_cuts_needs_instead_of_turning_the_dependent_down() {
        let members = [member(1, 10, 1, Some(("2", 5)), true), member(2, 11, 1, None, false)];
        let resolved = &resolve(0, &members)[0];
        assert_eq!((resolved.row.needs, resolved.row.cut, resolved.row.slack()), (1000, true, 0));
        assert_eq!((resolved.wanted, resolved.declared_active), (2000, 2000));
    }
}
