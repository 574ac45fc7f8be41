//! Links that hang on sources which are hardly believed, or which named them last too long ago.

use super::freshness::DAY_MS;
use super::seen::{Known, Seen};
use crate::error::Result;
use crate::fact::setting::Settings;
use crate::fact::trust::{STALE_DAYS_DEFAULT, StaleAfter};
use crate::graph::Records;
use crate::graph::link::CONFIDENCE_LOW;
use crate::model::{Numbers, RelationshipNumber};
use crate::schema::symbols;

/// A source believed less than this makes a link unsure, as a link's own confidence does; thousandths.
const TRUST_LOW: u16 = (CONFIDENCE_LOW * 1_000.0) as u16;

/// See the module.
pub struct Doubts<'q, 'a> {
    seen: &'q Seen<'a>,
    when_ms: i64,
    candidates: &'q Numbers,
}

/// Relationships that any source named which is hardly believed, or that any named last so long ago that they may be
/// stale. As a rule there are none, and nothing else need be looked at. Costs a look at each run, and of those that
/// are old a copy of their set.
pub fn candidates(settings: &Settings, when_ms: i64) -> Numbers {
    let ruled = settings.stale_rules.values().filter_map(|rule| match rule.after {
        Some(StaleAfter::Days(days)) => Some(days),
        Some(StaleAfter::Never) | None => None,
    });
    let days = ruled.min().unwrap_or(STALE_DAYS_DEFAULT).min(STALE_DAYS_DEFAULT);
    let cutoff_ms = when_ms.saturating_sub(i64::from(days) * DAY_MS);
    let mut found = Numbers::default();
    for sightings in settings.sightings.values() {
        let belief = settings.belief_in(&sightings.source, sightings.observed);
        let is_in_doubt = |at_ms: i64| belief.confidence < TRUST_LOW || at_ms < cutoff_ms;
        for run in sightings.runs.iter().filter(|run| is_in_doubt(run.at_ms)) {
            found = found.with(&run.relationships);
        }
    }
    found
}

impl<'q, 'a> Doubts<'q, 'a> {
    pub fn new(seen: &'q Seen<'a>, candidates: &'q Numbers, when_ms: i64) -> Doubts<'q, 'a> {
        Doubts { seen, when_ms, candidates }
    }
    /// Whether nobody who is believed has named a link lately. What people state by hand does not age, and a link
    /// that states its own confidence speaks for itself.
    ///
    /// # Errors
    /// A damaged record, or a time that cannot be read.
    pub fn has(&self, number: u32) -> Result<bool> {
        if !self.candidates.has(number) {
            return Ok(false);
        }
        let snapshot = self.seen.snapshot();
        let Some(record) = snapshot.relationship(RelationshipNumber(number))? else { return Ok(false) };
        if record.attribute(symbols::CONFIDENCE).is_some() {
            return Ok(false);
        }
        let kind = snapshot.schema().relationship_type(record.identity.kind);
        let suffers = kind.is_none_or(|k| k.source_suffers());
        let dependent = if suffers { record.identity.source } else { record.identity.target };
        let class = snapshot.class_of(snapshot.dense(dependent));
        let days = class
            .and_then(|c| snapshot.settings().stale_after(c, snapshot.schema(), snapshot.names()))
            .map(|days| self.when_ms.saturating_sub(i64::from(days) * DAY_MS));
        let is_stale = |k: &Known| k.source != "manual" && days.is_some_and(|cutoff| k.last_ms < cutoff);
        let is_sure = |k: &Known| k.belief.confidence >= TRUST_LOW && !is_stale(k);
        Ok(!self.seen.of_relationship(number, &record)?.iter().any(is_sure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Setting, Sighting, Sightings, StaleRule, Trust};
    use crate::model::Position;

    #[test]
    fn links_come_into_doubt_when_their_run_grows_old_or_their_source_is_not_believed() {
        let mut settings = Settings::default();
        let run = |at_ms: i64, position: u64, links: &[u32]| Sighting {
            at_ms,
            until_ms: at_ms,
            position: Position(position),
            relationships: links.iter().copied().collect(),
            ..Sighting::default()
        };
        let mut sightings = Sightings { source: "scan".into(), ..Sightings::default() };
        sightings.see(run(0, 1, &[1, 2, 3]));
        sightings.see(run(10 * DAY_MS, 2, &[2, 3]));
        settings.put(Setting::Sightings(sightings));
        let all =
            |settings: &Settings, days: i64| candidates(settings, days * DAY_MS).iter().collect::<Vec<_>>();
        assert_eq!(all(&settings, 60), [0u32; 0]);
        assert_eq!(all(&settings, 61), [1]);
        assert_eq!(all(&settings, 71), [1, 2, 3]);
        let after = Some(StaleAfter::Days(5));
        settings.put(Setting::StaleRule(StaleRule { class: "Server".into(), after }));
        assert_eq!(all(&settings, 6), [1]);
        let trust = |confidence| Setting::Trust(Trust { source: "scan".into(), confidence, observed: None });
        settings.put(trust(Some(499)));
        assert_eq!(all(&settings, 0), [1, 2, 3]);
        settings.put(trust(Some(500)));
        assert_eq!(all(&settings, 0), [0u32; 0]);
    }
}
