//! What an import named, and its note of that: see [`crate::fact::sighting`].

use super::Import;
use crate::command::decider::Decider;
use crate::error::Result;
use crate::fact::{Fact, Setting, Sighting, Sightings};
use crate::graph::Records;
use crate::model::Numbers;

/// A bit a number.
#[derive(Debug, Default)]
pub(super) struct Seen(Vec<u64>);

impl Seen {
    /// Marks; whether it was marked before.
    pub(super) fn mark(&mut self, number: u32) -> bool {
        let (word, bit) = (number as usize / 64, 1u64 << (number % 64));
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        let before = self.0[word] & bit != 0;
        self.0[word] |= bit;
        before
    }
    pub(super) fn has(&self, number: u32) -> bool {
        let word = self.0.get(number as usize / 64).copied().unwrap_or(0);
        word & (1 << (number % 64)) != 0
    }
    fn with(&self, other: &Seen) -> Numbers {
        let word = |words: &[u64], at: usize| words.get(at).copied().unwrap_or(0);
        let words = (0..self.0.len().max(other.0.len())).map(|at| word(&self.0, at) | word(&other.0, at));
        Numbers::of_bits(&words.collect::<Vec<_>>())
    }
}

/// Notes at the end of a run what it named. An item that was made and is gone again by then counts like any other:
/// its number is never given out again.
pub(super) fn note(import: &Import, decider: &mut Decider<'_>) -> Result<()> {
    let items = import.items_seen.with(&import.ends_seen);
    let relationships = import.relationships_seen.with(&Seen::default());
    if items.is_empty() && relationships.is_empty() {
        return Ok(());
    }
    let moment = decider.draft().moment();
    let run = Sighting {
        import: import.options.id.clone(),
        at_ms: moment.time_ms,
        until_ms: moment.time_ms,
        position: moment.position,
        items,
        relationships,
    };
    let of = (import.options.source.clone(), import.options.observed);
    let known = decider.draft().settings().sightings.get(&of);
    let mut sightings = known.map_or_else(Sightings::default, |known| Sightings::clone(known));
    (sightings.source, sightings.observed) = of;
    sightings.see(run);
    decider.accept(Fact::Set(Setting::Sightings(sightings)))
}
