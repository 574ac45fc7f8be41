//! What a relationship means for the graph: which end depends on which, behind which gate, in which group.

use super::adjacency::{Entry, Gate, flag};
use crate::error::{Error, Result};
use crate::model::{ItemNumber, Relationship, SmolStr, Symbol, Value};
use crate::schema::{Schema, symbols};

/// Weights and needs are counted in thousandths, so that sums are exact.
pub const UNIT_WEIGHT: u64 = 1000;
/// A confidence below this marks a link as unsure.
pub const CONFIDENCE_LOW: f64 = 0.5;

/// What a group needs of its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// So much weight, in thousandths.
    Weight(u64),
    /// That share of the active members' weight, in thousandths of a percent, rounded up to the unit.
    Percent(u64),
}

impl Needs {
    /// Reads `2`, `50%` or `weight>=120`.
    pub fn parse(text: &str) -> Option<Needs> {
        let text = text.trim();
        let (number, percent) = match text.strip_suffix('%') {
            Some(number) => (number, true),
            None => {
                (text.strip_prefix("weight").map_or(text, |t| t.trim_start().trim_start_matches(">=")), false)
            }
        };
        let n: f64 = number.trim().parse().ok().filter(|n: &f64| n.is_finite() && *n > 0.0 && *n <= 1e9)?;
        let thousandths = (n * 1000.0).round() as u64;
        match percent {
            true if n <= 100.0 => Some(Needs::Percent(thousandths)),
            true => None,
            false => Some(Needs::Weight(thousandths)),
        }
    }
    /// The weight needed, where the active members have `active` in all.
    pub fn weight(self, active: u64) -> u64 {
        match self {
            Needs::Weight(weight) => weight,
            // "percent rounded up": to a whole member where members weigh 1.
            Needs::Percent(share) => {
                let exact = u128::from(active) * u128::from(share);
                let unit = u128::from(UNIT_WEIGHT);
                (exact.div_ceil(100_000 * unit) * unit).min(u128::from(active)) as u64
            }
        }
    }
}

/// Refuses a `needs` that is no number, share or weight.
pub fn check_needs(text: &str) -> Result<Needs> {
    Needs::parse(text).ok_or_else(|| {
        Error::invalid(
            "relationship.needs",
            format!("needs \"{text}\" is not a count, a percentage or a weight"),
        )
        .hint("write needs as 2, 50% or weight>=120")
    })
}

/// A relationship read for traversal.
#[derive(Clone, Debug)]
pub struct Link {
    /// Dense id of the dependent; the source end where the type carries no impact.
    pub dependent: u32,
    pub dependency: u32,
    pub carries_impact: bool,
    pub gate: Gate,
    pub kind: u32,
    pub number: u32,
}

impl Link {
    /// Reads a record against the schema. A type the schema does not know carries no impact.
    pub fn of(record: &Relationship, number: u32, schema: &Schema, dense: impl Fn(u32) -> u32) -> Link {
        let identity = &record.identity;
        let kind = schema.relationship_type(identity.kind);
        let carries_impact = kind.is_some_and(|k| k.carries_impact());
        let reversed = carries_impact && !kind.is_some_and(|k| k.source_suffers());
        let (source, target) = (dense(identity.source.0), dense(identity.target.0));
        let (dependent, dependency) = if reversed { (target, source) } else { (source, target) };
        let gate = match (&identity.group, carries_impact) {
            (Some(_), true) => Gate::Group,
            (None, true) if record.attribute(symbols::EFFECT).and_then(Value::as_text) == Some("soft") => {
                Gate::Soft
            }
            _ => Gate::Hard,
        };
        let mut kind = identity.kind.0 << flag::BITS;
        if reversed {
            kind |= flag::REVERSED;
        }
        Link { dependent, dependency, carries_impact, gate, kind: kind | flags(record), number }
    }
    /// Reads a record without group or attributes by item numbers; the same as [`Link::of`] would.
    pub(crate) fn plain(ends: (Symbol, ItemNumber, ItemNumber), number: u32, schema: &Schema) -> Link {
        let (kind, source, target) = ends;
        let known = schema.relationship_type(kind);
        let carries_impact = known.is_some_and(|k| k.carries_impact());
        let reversed = carries_impact && !known.is_some_and(|k| k.source_suffers());
        let (dependent, dependency) = if reversed { (target.0, source.0) } else { (source.0, target.0) };
        let kind = kind.0 << flag::BITS | if reversed { flag::REVERSED } else { 0 };
        Link { dependent, dependency, carries_impact, gate: Gate::Hard, kind, number }
    }
    /// As an entry of the dependent's row.
    pub fn forward(&self, group: u32) -> Entry {
        self.entry(self.dependency, group)
    }
    /// As an entry of the dependency's row.
    pub fn backward(&self, group: u32) -> Entry {
        self.entry(self.dependent, group)
    }
    fn entry(&self, other: u32, group: u32) -> Entry {
        Entry { head: (self.gate as u32) << 30 | other, kind: self.kind, group, number: self.number }
    }
}

fn flags(record: &Relationship) -> u32 {
    let mut flags = 0;
    for attribute in &record.attributes {
        flags |= match (attribute.key, &attribute.value) {
            (symbols::STANDBY, Value::Boolean(true)) => flag::STANDBY,
            (symbols::WEIGHT, value) if value.as_number() != Some(1.0) => flag::WEIGHTED,
            (symbols::LAG_MINUTES, value) if value.as_number().is_some_and(|n| n > 0.0) => flag::LAGGED,
            (symbols::CONFIDENCE, value) if value.as_number().is_some_and(|n| n < CONFIDENCE_LOW) => {
                flag::UNSURE
            }
            _ => 0,
        };
    }
    flags
}

/// What a member row says about its group.
#[derive(Clone, Debug)]
pub struct Membership {
    pub group: SmolStr,
    pub weight: u64,
    pub standby: bool,
    /// A stated `needs` with the position at which it was stated.
    pub needs: Option<(Needs, u64)>,
    pub type_symbol: Symbol,
}

impl Membership {
    pub fn of(record: &Relationship) -> Option<Membership> {
        let group = record.identity.group.clone()?;
        let weight = record.attribute(symbols::WEIGHT).and_then(Value::as_number).unwrap_or(1.0);
        let stated = record.attributes.iter().find(|a| a.key == symbols::NEEDS);
        let needs = stated.and_then(|a| Some((Needs::parse(a.value.as_text()?)?, a.at.0)));
        Some(Membership {
            group,
            weight: (weight * UNIT_WEIGHT as f64).round().clamp(1.0, 1e12) as u64,
            standby: record.attribute(symbols::STANDBY) == Some(&Value::Boolean(true)),
            needs,
            type_symbol: record.identity.kind,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_read_as_count_share_or_weight() {
        assert_eq!(Needs::parse("2"), Some(Needs::Weight(2000)));
        assert_eq!(Needs::parse("weight>=120"), Some(Needs::Weight(120_000)));
        assert_eq!(Needs::parse(" 50% "), Some(Needs::Percent(50_000)));
        for bad in ["", "0", "-1", "x", "101%", "NaN", "inf"] {
            assert_eq!(Needs::parse(bad), None, "{bad}");
        }
        assert_eq!(Needs::Percent(50_000).weight(3000), 2000, "half of three is two, rounded up");
        assert_eq!(Needs::Percent(100_000).weight(3000), 3000);
        assert_eq!(Needs::Percent(34_000).weight(3000), 2000);
    }
}
