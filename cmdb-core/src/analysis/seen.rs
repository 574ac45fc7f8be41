//! Which sources know an item or a relationship, since when, when each last named it, and how far it is believed.

use crate::error::Result;
use crate::fact::Belief;
use crate::fact::setting::Settings;
use crate::fact::sighting::{Sighted, Sighting, Sightings};
use crate::graph::{Records, Snapshot};
use crate::model::temporal::Instant;
use crate::model::{Attribute, Item, Position, Relationship, SmolStr, Symbol, Value};
use crate::schema::symbols;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// When entries were accepted, in milliseconds since 1970; each is asked for once.
pub struct Times<'a> {
    read: &'a dyn Fn(Position) -> Result<i64>,
    known: RefCell<FxHashMap<Position, i64>>,
}

impl<'a> Times<'a> {
    pub fn new(read: &'a dyn Fn(Position) -> Result<i64>) -> Times<'a> {
        Times { read, known: RefCell::default() }
    }
    pub fn of(&self, position: Position) -> Result<i64> {
        if let Some(known) = self.known.borrow().get(&position) {
            return Ok(*known);
        }
        let time = (self.read)(position)?;
        self.known.borrow_mut().insert(position, time);
        Ok(time)
    }
}

/// What one source knows of a thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub source: SmolStr,
    pub belief: Belief,
    /// The oldest entry in which it stated something that still stands; none where it only names the thing.
    pub since: Option<Position>,
    /// When it last named the thing; milliseconds since 1970.
    pub last_ms: i64,
    /// At the latest, where runs were put together; else the same.
    pub until_ms: i64,
    /// The import that named it last, where that is known.
    pub import: Option<SmolStr>,
    /// The source itself says when it saw the thing, and that is earlier than its run.
    pub stated: bool,
}

/// What is known at one state of who saw what.
pub struct Seen<'a> {
    snapshot: &'a Snapshot,
    sighted: &'a Sighted,
    times: &'a Times<'a>,
    origins: Origins<'a>,
    /// Items that were merged into an item, by its number: what named them named it.
    parts: FxHashMap<u32, Vec<u32>>,
}

impl<'a> Seen<'a> {
    pub fn new(snapshot: &'a Snapshot, sighted: &'a Sighted, times: &'a Times<'a>) -> Seen<'a> {
        let settings = snapshot.settings();
        let mut parts: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        // At a position before the merge the two are two.
        let merged = settings.aliases.values().filter(|a| !a.is_over && !snapshot.exists(a.loser));
        for alias in merged {
            if let Some(winner) = snapshot.merged_into(alias.loser) {
                parts.entry(winner.0).or_default().push(alias.loser.0);
            }
        }
        Seen { snapshot, sighted, times, origins: Origins::of(settings), parts }
    }
    pub fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }
    pub fn sighted(&self) -> &'a Sighted {
        self.sighted
    }
    /// Items that were merged into an item.
    pub fn parts(&self) -> &FxHashMap<u32, Vec<u32>> {
        &self.parts
    }
    /// The sources that know an item, the one that saw it last first.
    pub fn of_item(&self, number: u32, item: &Item) -> Result<Vec<Known>> {
        let mut knowing = Knowing::default();
        let stated = item.attributes.iter().chain(&item.claims);
        stated.clone().for_each(|a| self.state(&mut knowing, a));
        let names = self.snapshot.names();
        self.state_origin(&mut knowing, item.created);
        item.keys.iter().for_each(|(source, _)| knowing.knows(*source));
        // Name, class and status do not say who stated them; but an edit that no import made is somebody's.
        if self.origins.of_entry(item.updated) == Origin::Hand {
            knowing.touches(symbols::MANUAL, item.updated);
        }
        let parts = self.parts.get(&number).map_or(&[][..], Vec::as_slice);
        let seen = |s: &'a Sightings| {
            let all = [number].into_iter().chain(parts.iter().copied());
            all.filter_map(|n| s.of_item(n)).max_by_key(|run| run.position)
        };
        let mut known = self.all(knowing, seen, item.created)?;
        for (source, at_ms) in stated.filter_map(|a| Some((a.source, says_seen(a.key, &a.value)?))) {
            let source = names.text(source);
            for one in known.iter_mut().filter(|one| one.source == source && at_ms < one.last_ms) {
                (one.last_ms, one.until_ms, one.stated) = (at_ms, at_ms, true);
            }
        }
        known.sort_by(|a, b| b.last_ms.cmp(&a.last_ms).then_with(|| a.source.cmp(&b.source)));
        Ok(known)
    }
    /// The sources that know a relationship, the one that saw it last first.
    pub fn of_relationship(&self, number: u32, record: &Relationship) -> Result<Vec<Known>> {
        let mut knowing = Knowing::default();
        record.attributes.iter().for_each(|a| self.state(&mut knowing, a));
        self.state_origin(&mut knowing, record.created);
        let seen = |s: &'a Sightings| s.of_relationship(number);
        let mut known = self.all(knowing, seen, record.created)?;
        if known.is_empty() {
            // What a merge moved, no attribute tells of and no source has named since.
            let mut knowing = Knowing::default();
            knowing.states(symbols::MANUAL, record.created);
            known = self.all(knowing, seen, record.created)?;
        }
        known.sort_by(|a, b| b.last_ms.cmp(&a.last_ms).then_with(|| a.source.cmp(&b.source)));
        Ok(known)
    }
    /// What a merge or an undo wrote on behalf of a source was not seen by it then.
    fn state(&self, knowing: &mut Knowing, attribute: &Attribute) {
        match self.origins.of_entry(attribute.at) {
            Origin::Merge | Origin::Undo => knowing.is_said(attribute.source, attribute.at),
            Origin::Import(_) | Origin::Hand => knowing.states(attribute.source, attribute.at),
        }
    }
    fn state_origin(&self, knowing: &mut Knowing, created: Position) {
        match self.origins.of_entry(created) {
            Origin::Import(source) => {
                let source = self.snapshot.names().get(source);
                source.into_iter().for_each(|source| knowing.states(source, created));
            }
            Origin::Hand => knowing.states(symbols::MANUAL, created),
            Origin::Merge | Origin::Undo => {}
        }
    }
    fn all(
        &self,
        knowing: Knowing,
        seen: impl Fn(&'a Sightings) -> Option<&'a Sighting>,
        created: Position,
    ) -> Result<Vec<Known>> {
        let settings = self.snapshot.settings();
        let mut known = Vec::with_capacity(knowing.0.len());
        let mut positions = Vec::new();
        for sightings in self.sighted.values() {
            let Some(run) = seen(sightings) else { continue };
            positions.push(run.position);
            known.push(Known {
                source: sightings.source.clone(),
                belief: settings.belief_in(&sightings.source, sightings.observed),
                since: None,
                last_ms: run.at_ms,
                until_ms: run.until_ms,
                import: Some(run.import.clone()).filter(|import| !import.is_empty()),
                stated: false,
            });
        }
        for (source, Stating { since, last }) in knowing.0 {
            let source = self.snapshot.names().text(source);
            let noted = known.iter_mut().zip(&positions).filter(|(one, _)| one.source == source);
            let mut newest = Position(0);
            for (one, position) in noted {
                one.since = since;
                newest = newest.max(*position);
            }
            if newest.0 > 0 && last.is_none_or(|last| last <= newest) {
                continue;
            }
            // People, imports that ended early, and those from before runs noted what they named.
            let last_ms = self.times.of(last.unwrap_or(created))?;
            let belief = settings.belief(source);
            let (source, until_ms) = (SmolStr::new(source), last_ms);
            known.push(Known { source, belief, since, last_ms, until_ms, import: None, stated: false });
        }
        Ok(known)
    }
}

/// When a source itself says that it saw the thing, in milliseconds since 1970.
fn says_seen(key: Symbol, value: &Value) -> Option<i64> {
    if key != symbols::LAST_SEEN {
        return None;
    }
    let parsed;
    let at = match value {
        Value::DateTime(at) => at,
        // Where nobody has said that it is a time.
        Value::Text(text) => {
            parsed = Instant::parse(text)?;
            &parsed
        }
        _ => return None,
    };
    Some(at.seconds.saturating_mul(1_000).saturating_add(i64::from(at.nanoseconds / 1_000_000)))
}

/// What sources state of a record, from its provenance.
#[derive(Default)]
struct Knowing(BTreeMap<Symbol, Stating>);

#[derive(Clone, Copy, Default)]
struct Stating {
    since: Option<Position>,
    last: Option<Position>,
}

impl Knowing {
    fn states(&mut self, source: Symbol, at: Position) {
        self.is_said(source, at);
        self.touches(source, at);
    }
    fn is_said(&mut self, source: Symbol, at: Position) {
        let stating = self.0.entry(source).or_default();
        stating.since = Some(stating.since.map_or(at, |since| since.min(at)));
    }
    fn knows(&mut self, source: Symbol) {
        self.0.entry(source).or_default();
    }
    fn touches(&mut self, source: Symbol, at: Position) {
        let stating = self.0.entry(source).or_default();
        stating.last = Some(stating.last.map_or(at, |last| last.max(at)));
    }
}

/// Who made an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin<'a> {
    /// An import from this source.
    Import(&'a SmolStr),
    Merge,
    Undo,
    Hand,
}

/// Who made which entry, as far as it was not somebody by hand.
struct Origins<'a> {
    /// (first, last, who), ascending.
    ranges: Vec<(Position, Position, Origin<'a>)>,
}

impl<'a> Origins<'a> {
    fn of(settings: &'a Settings) -> Origins<'a> {
        let merges: BTreeSet<&SmolStr> = settings.aliases.values().map(|alias| &alias.merge).collect();
        let mut ranges: Vec<_> = Vec::with_capacity(settings.trails.len());
        for trail in settings.trails.values() {
            let who = if merges.contains(&trail.id) { Origin::Merge } else { Origin::Import(&trail.source) };
            ranges.extend(trail.entries.iter().map(|(first, last)| (*first, *last, who)));
            ranges.extend(trail.undone.map(|at| (at, at, Origin::Undo)));
        }
        ranges.sort_unstable_by_key(|(first, ..)| *first);
        Origins { ranges }
    }
    fn of_entry(&self, position: Position) -> Origin<'a> {
        let after = self.ranges.partition_point(|(first, ..)| *first <= position);
        let range = after.checked_sub(1).map(|at| self.ranges[at]);
        range.filter(|(_, last, _)| position <= *last).map_or(Origin::Hand, |(.., who)| who)
    }
}
