//! Dependencies that were observed beside those that are declared: what each lacks of the other.
//!
//! A dependency is observed if an observing source (traces, neighbours, scans) named it, or if it says so itself; it
//! is declared if a person or any other source stated it. The two are compared by the ends they join, since traffic
//! sees a `calls` where people wrote a `depends_on`: the same direction where both carry impact, either one else.
//! That something was never observed means something only where both ends are watched by a source that observes
//! dependencies.

use super::seen::{Known, Seen};
use crate::error::Result;
use crate::graph::{Records, View};
use crate::model::{ItemNumber, Numbers, Relationship, RelationshipNumber, SmolStr, Symbol, Value};
use rustc_hash::FxHashSet;

/// Types compared where none are named: those that traffic and neighbours can bear out.
pub const TYPES_DEFAULT: &[&str] = &["calls", "depends_on", "uses", "connects_to", "cabled_to"];
/// An attribute by which a relationship itself says that it was observed.
const OBSERVED: &str = "observed";

/// The answer. Relationships in the order in which they were recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Pairs of items between which a dependency was observed.
    pub observed: u64,
    /// Of those, pairs between which one is declared.
    pub covered: u64,
    /// Observed, and none is declared between the two.
    pub undeclared: Vec<RelationshipNumber>,
    /// Declared between two watched items, and none was observed.
    pub unobserved: Vec<RelationshipNumber>,
    /// Declared and not observed, with an end that nothing watches.
    pub out_of_sight: u64,
    /// Sources that observe dependencies.
    pub observing: Vec<SmolStr>,
}

impl Comparison {
    /// The share of observed dependencies that are declared, too; none where nothing was observed.
    pub fn coverage(&self) -> Option<f64> {
        (self.observed > 0).then(|| self.covered as f64 / self.observed as f64)
    }
}

/// Compares all visible relationships of `types`.
///
/// # Errors
/// A damaged record, or a time that cannot be read.
pub fn compare(view: View<'_>, seen: &Seen<'_>, types: &[Symbol]) -> Result<Comparison> {
    let all = Candidates { view, seen, types, sets: Sets::of(seen) }.all()?;
    let (mut observed, mut declared) = (Pairs::default(), Pairs::default());
    for one in &all {
        if one.observed {
            observed.add(one.ends);
        }
        if one.declared {
            declared.add(one.ends);
        }
    }
    let watched = Watched::of(seen, &all);
    let mut answer = Comparison {
        observed: observed.len(),
        covered: observed.iter().filter(|ends| declared.joins(*ends)).count() as u64,
        observing: watched.sources,
        ..Comparison::default()
    };
    for one in &all {
        if one.observed && !one.declared && !declared.joins(one.ends) {
            answer.undeclared.push(one.number);
        }
        if one.declared && !one.observed && !observed.joins(one.ends) {
            match [one.ends.from, one.ends.to]
                .iter()
                .all(|end| watched.ends.contains(end) || watched.items.has(*end))
            {
                true => answer.unobserved.push(one.number),
                false => answer.out_of_sight += 1,
            }
        }
    }
    Ok(answer)
}

/// The ends of a relationship: item numbers, dependent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Ends {
    from: u32,
    to: u32,
    /// Carries impact; else the direction means nothing here.
    directed: bool,
}

impl Ends {
    fn turned(self) -> Ends {
        Ends { from: self.to, to: self.from, ..self }
    }
}

#[derive(Default)]
struct Pairs(FxHashSet<Ends>);

impl Pairs {
    fn add(&mut self, ends: Ends) {
        let turned = ends.turned();
        self.0.insert(if !ends.directed && turned.from < ends.from { turned } else { ends });
    }
    fn joins(&self, ends: Ends) -> bool {
        let has = |from, to, directed| self.0.contains(&Ends { from, to, directed });
        let (low, high) = (ends.from.min(ends.to), ends.from.max(ends.to));
        let turned = !ends.directed && has(ends.to, ends.from, true);
        has(ends.from, ends.to, true) || has(low, high, false) || turned
    }
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
    fn iter(&self) -> impl Iterator<Item = Ends> + '_ {
        self.0.iter().copied()
    }
}

/// Relationships that observing and that declaring sources named.
struct Sets {
    observed: Numbers,
    declared: Numbers,
}

impl Sets {
    fn of(seen: &Seen<'_>) -> Sets {
        let settings = seen.snapshot().settings();
        let mut sets = Sets { observed: Numbers::default(), declared: Numbers::default() };
        for sightings in seen.sighted().values() {
            let observes = settings.belief_in(&sightings.source, sightings.observed).observed;
            let set = if observes { &mut sets.observed } else { &mut sets.declared };
            for run in &sightings.runs {
                *set = set.with(&run.relationships);
            }
        }
        sets
    }
}

struct Candidate {
    number: RelationshipNumber,
    ends: Ends,
    observed: bool,
    declared: bool,
}

struct Candidates<'a, 'q> {
    view: View<'a>,
    seen: &'q Seen<'a>,
    types: &'q [Symbol],
    sets: Sets,
}

impl Candidates<'_, '_> {
    fn all(&self) -> Result<Vec<Candidate>> {
        let snapshot = self.view.snapshot();
        let mut all = Vec::new();
        for number in 0..snapshot.counts().relationship_numbers {
            let Some(bytes) = snapshot.relationship_bytes(number) else { continue };
            let (kind, source, target) = Relationship::decode_ends(bytes)?;
            let is_shown = |end: ItemNumber| !self.view.is_hidden(snapshot.dense(end));
            if !self.types.contains(&kind)
                || Relationship::is_removed(bytes)
                || !is_shown(source)
                || !is_shown(target)
            {
                continue;
            }
            let kind = snapshot.schema().relationship_type(kind);
            let directed = kind.is_some_and(|k| k.carries_impact());
            let ends = Ends { from: source.0, to: target.0, directed };
            let suffers = !directed || kind.is_some_and(|k| k.source_suffers());
            let ends = if suffers { ends } else { ends.turned() };
            let (observed, declared) = self.known(number, bytes)?;
            all.push(Candidate { number: RelationshipNumber(number), ends, observed, declared });
        }
        Ok(all)
    }
    /// Whether a relationship is observed, and whether it is declared.
    fn known(&self, number: u32, bytes: &[u8]) -> Result<(bool, bool)> {
        let snapshot = self.view.snapshot();
        let observed = self.sets.observed.has(number);
        let says_so = match snapshot.names().get(OBSERVED) {
            Some(key) => Relationship::find_attribute(bytes, key)? == Some(Value::Boolean(true)),
            None => false,
        };
        if self.sets.declared.has(number) {
            return Ok((observed || says_so, true));
        }
        let record = Relationship::decode(bytes)?;
        let known = self.seen.of_relationship(number, &record)?;
        let by = |observes: bool| known.iter().any(|k: &Known| k.belief.observed == observes);
        Ok((observed || says_so || by(true), by(false)))
    }
}

/// Items of which observing sources would tell the dependencies.
struct Watched {
    items: Numbers,
    ends: FxHashSet<u32>,
    sources: Vec<SmolStr>,
}

impl Watched {
    /// What a source names that has observed any of the dependencies, and the ends of those.
    fn of(seen: &Seen<'_>, all: &[Candidate]) -> Watched {
        let settings = seen.snapshot().settings();
        let observed: Numbers = all.iter().filter(|one| one.observed).map(|one| one.number.0).collect();
        let ends = all.iter().filter(|one| one.observed).flat_map(|one| [one.ends.from, one.ends.to]);
        let mut watched = Watched { items: Numbers::default(), ends: ends.collect(), sources: Vec::new() };
        for sightings in seen.sighted().values() {
            let observes = settings.belief_in(&sightings.source, sightings.observed).observed;
            if !observes || !sightings.runs.iter().any(|run| !run.relationships.common(&observed).is_empty())
            {
                continue;
            }
            watched.sources.push(sightings.source.clone());
            for run in &sightings.runs {
                watched.items = watched.items.with(&run.items);
            }
        }
        watched.sources.dedup();
        watched
    }
}
