//! What is believed of a source, and for how long what it said holds.

use super::setting::Settings;
use crate::model::{SmolStr, Symbol};
use crate::schema::{Names, Schema, symbols};
use serde::{Deserialize, Serialize};

/// Confidence in what people enter and declared sources state, where nothing else is said; thousandths.
pub const DECLARED_DEFAULT: u16 = 1_000;
/// Confidence in what was observed (traffic, neighbours, scans), where nothing else is said; thousandths.
pub const OBSERVED_DEFAULT: u16 = 800;
/// Days after which a configuration item that nobody has seen is stale, where no rule says another number.
pub const STALE_DAYS_DEFAULT: u32 = 60;

/// What somebody said of a source. Stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    pub source: SmolStr,
    /// Thousandths, 0 to 1000; by its kind if none.
    pub confidence: Option<u16>,
    /// It observes rather than declares; as its files' formats say if none. Neither: taken back.
    pub observed: Option<bool>,
}

/// When items of a class are stale. Stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleRule {
    /// And its subclasses, unless those have a rule of their own.
    pub class: SmolStr,
    /// None takes the rule back.
    pub after: Option<StaleAfter>,
}

/// See [`StaleRule`]. Stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StaleAfter {
    Days(u32),
    Never,
}

/// What is believed of a source, all considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belief {
    /// Thousandths.
    pub confidence: u16,
    pub observed: bool,
}

impl Settings {
    /// What is believed of a source where nothing tells its observations from what it declares: it observes if it
    /// never declared anything.
    pub fn belief(&self, source: &str) -> Belief {
        let has = |observed| self.sightings.contains_key(&(SmolStr::new(source), observed));
        self.belief_in(source, has(true) && !has(false))
    }
    /// What is believed of what a source observed, or declared.
    pub fn belief_in(&self, source: &str, observed: bool) -> Belief {
        let said = self.trust.get(source);
        let observed = said.and_then(|s| s.observed).unwrap_or(observed);
        let default = if observed { OBSERVED_DEFAULT } else { DECLARED_DEFAULT };
        Belief { confidence: said.and_then(|s| s.confidence).unwrap_or(default), observed }
    }
    /// Days after which an item of a class is stale; none: never. The nearest rule counts, a class before its
    /// ancestors; without any, configuration items are stale after [`STALE_DAYS_DEFAULT`] and nothing else is.
    pub fn stale_after(&self, class: Symbol, schema: &Schema, names: &Names) -> Option<u32> {
        let lineage = schema.class(class).map_or(&[][..], |c| &c.lineage);
        for ancestor in lineage {
            match self.stale_rules.get(names.text(*ancestor)).and_then(|rule| rule.after) {
                Some(StaleAfter::Days(days)) => return Some(days),
                Some(StaleAfter::Never) => return None,
                None => {}
            }
        }
        lineage.contains(&symbols::CONFIGURATION_ITEM).then_some(STALE_DAYS_DEFAULT)
    }
}
