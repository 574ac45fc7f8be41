//! How far a source is believed, and when what it said is stale.

use super::Answer;
use super::decider::Decider;
use crate::error::{Error, Result};
use crate::fact::trust::{StaleAfter, StaleRule, Trust};
use crate::fact::{Fact, Setting};
use crate::graph::Records;

/// Sources of which something is said, at most.
pub const TRUST_MAX: usize = 1_000;
/// Rules of staleness at most.
pub const RULES_MAX: usize = 1_000;
/// Days after which something may be stale: a day at least, a century at most.
pub const DAYS: std::ops::RangeInclusive<u32> = 1..=36_525;
/// A source's name at most, in bytes.
pub const SOURCE_BYTES_MAX: usize = 256;

/// Says how far a source is believed; with neither confidence nor kind that is taken back.
#[derive(Clone, Debug)]
pub struct SetTrust {
    pub trust: Trust,
}

/// Writes a rule of staleness, or takes it back.
#[derive(Clone, Debug)]
pub struct SetStaleRule {
    pub rule: StaleRule,
}

impl SetTrust {
    /// # Errors
    /// `trust.source`, `trust.confidence`, and `trust.too-many` beyond [`TRUST_MAX`].
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let Trust { source, confidence, observed } = &self.trust;
        if source.is_empty() || source.len() > SOURCE_BYTES_MAX || source.contains('\0') {
            let message = format!("a source is called by 1 to {SOURCE_BYTES_MAX} bytes without a NUL");
            return Err(Error::invalid("trust.source", message.clone()).detail("/source", message));
        }
        if confidence.is_some_and(|thousandths| thousandths > 1_000) {
            let message = "a confidence lies between 0 and 1";
            return Err(Error::invalid("trust.confidence", message).detail("/confidence", message));
        }
        let known = &decider.draft().settings().trust;
        let is_new = !known.contains_key(source);
        let says_nothing = confidence.is_none() && observed.is_none();
        if is_new && !says_nothing && known.len() >= TRUST_MAX {
            let message = format!("something is said of {TRUST_MAX} sources already");
            return Err(
                Error::limit("trust.too-many", message).hint("take one back: `cmdb trust SOURCE --clear`")
            );
        }
        let is_same = if says_nothing { is_new } else { known.get(source) == Some(&self.trust) };
        if !is_same {
            decider.accept(Fact::Set(Setting::Trust(self.trust)))?;
        }
        Ok(Answer::Nothing)
    }
}

impl SetStaleRule {
    /// # Errors
    /// `class.unknown`, `freshness.days`, and `freshness.too-many` beyond [`RULES_MAX`]. A rule of a class that is
    /// not defined any more can still be taken back.
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let draft = decider.draft();
        let StaleRule { class, after } = &self.rule;
        let known = &draft.settings().stale_rules;
        let before = known.get(class);
        if after.is_some() || before.is_none() {
            draft.schema().class_named(draft.names(), class)?;
        }
        if let Some(StaleAfter::Days(days)) = after
            && !DAYS.contains(days)
        {
            let message = format!("items are stale after {} to {} days, or never", DAYS.start(), DAYS.end());
            return Err(Error::invalid("freshness.days", message.clone()).detail("/days", message));
        }
        if before.is_none() && after.is_some() && known.len() >= RULES_MAX {
            let message = format!("there are {RULES_MAX} rules of staleness already");
            return Err(Error::limit("freshness.too-many", message).hint("take one back that nobody needs"));
        }
        if before.and_then(|rule| rule.after) != *after {
            decider.accept(Fact::Set(Setting::StaleRule(self.rule)))?;
        }
        Ok(Answer::Nothing)
    }
}
