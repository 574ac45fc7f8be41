//! The rules by which changes are judged, as data: authorities, approval rules, risk weights, what is controlled.
//!
//! Version 0 ships with the product; a graph's own versions lie in its settings and stay there.

use super::record::ChangeType;
use crate::analysis::impact::State;
use crate::command::program::Program;
use crate::command::{Answer, Decider, Right, access};
use crate::error::{Error, Result};
use crate::fact::setting::Settings;
use crate::fact::{self, Fact, Setting};
use crate::graph::Records;
use crate::model::SmolStr;
use serde::Deserialize;

/// What policies of this process are filed under.
pub const PROCESS: &str = "change";
const BUILT_IN: &str = include_str!("../../../catalogue/policies/change.toml");
/// The longest policy, in bytes.
pub const POLICY_BYTES_MAX: usize = 65_536;
/// Members, rules and factors of one policy.
const ENTRIES_MAX: usize = 1_000;

/// One version of the rules.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    #[serde(skip)]
    pub version: u32,
    #[serde(default, rename = "authority")]
    pub authorities: Vec<Authority>,
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    #[serde(default, rename = "delegation")]
    pub delegations: Vec<Delegation>,
    pub approval: Approval,
    pub risk: Risk,
    pub controlled: Controlled,
}

/// Who decides.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    pub name: SmolStr,
    /// Principals, people and teams by name; none = everybody with the right to approve.
    #[serde(default)]
    pub members: Vec<SmolStr>,
    /// Members that must agree.
    #[serde(default = "one")]
    pub quorum: u32,
    #[serde(default)]
    pub description: SmolStr,
}

/// Adds authorities where all its conditions hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub name: SmolStr,
    #[serde(default)]
    pub types: Vec<SmolStr>,
    #[serde(default)]
    pub risk_min: Option<SmolStr>,
    /// A business service of this criticality or a higher one (a lower number) …
    #[serde(default)]
    pub criticality_max: Option<i64>,
    /// … is in this state or a worse one in one of the scenarios.
    #[serde(default)]
    pub service_state_min: Option<SmolStr>,
    pub requires: Vec<SmolStr>,
}

/// Somebody decides for somebody else.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delegation {
    pub from: SmolStr,
    pub to: SmolStr,
    /// RFC 3339; it ends then.
    pub until: SmolStr,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    pub valid_days: u32,
    pub on_drift: OnDrift,
    pub review_days: u32,
}

/// What becomes of an approval when the impact is no longer the approved one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnDrift {
    Void,
    Flag,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    pub prior_failures: u32,
    pub prior_changes: u32,
    pub comparable_max: usize,
    pub band_medium_min: f64,
    pub band_high_min: f64,
    pub stale_days: u32,
    pub stale_share_max: f64,
    #[serde(default, rename = "factor")]
    pub factors: Vec<Factor>,
}

/// Something about a change that multiplies its odds of failing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    pub name: SmolStr,
    pub odds: f64,
    /// Orders what is cheapest to remove.
    pub effort: u32,
    pub description: SmolStr,
    pub remedy: SmolStr,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controlled {
    pub classes: Vec<SmolStr>,
    pub statuses: Vec<SmolStr>,
    pub uncontrolled_attributes: Vec<SmolStr>,
}

fn one() -> u32 {
    1
}

/// Risk levels, least first.
pub const LEVELS: [&str; 4] = ["low", "moderate", "high", "very_high"];

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// `policy.invalid`, naming line and what is wrong.
    pub fn parse(text: &str, version: u32) -> Result<Policy> {
        if text.len() > POLICY_BYTES_MAX {
            return Err(Error::limit(
                "policy.bytes",
                format!("a policy has at most {POLICY_BYTES_MAX} bytes"),
            ));
        }
        let mut policy: Policy = toml::from_str(text)
            .map_err(|e| invalid(format!("the policy does not read: {}", e.to_string().trim_end())))?;
        policy.version = version;
        policy.check()?;
        Ok(policy)
    }
    /// The version in force.
    pub fn in_force(settings: &Settings) -> Result<Policy> {
        let of = (SmolStr::new_static(PROCESS), 0)..=(SmolStr::new_static(PROCESS), u32::MAX);
        match settings.policies.range(of).next_back() {
            Some(((_, version), policy)) => Policy::parse(&policy.text, *version),
            None => Policy::parse(BUILT_IN, 0),
        }
    }
    /// A version by its number.
    pub fn of_version(settings: &Settings, version: u32) -> Result<Policy> {
        match settings.policies.get(&(SmolStr::new_static(PROCESS), version)) {
            Some(policy) => Policy::parse(&policy.text, version),
            None if version == 0 => Policy::parse(BUILT_IN, 0),
            None => Err(Error::not_found(
                "policy.unknown",
                format!("there is no version {version} of the policy"),
            )),
        }
    }
    /// The text of the version in force.
    pub fn text_in_force(settings: &Settings) -> (u32, SmolStr) {
        let of = (SmolStr::new_static(PROCESS), 0)..=(SmolStr::new_static(PROCESS), u32::MAX);
        let newest = settings.policies.range(of).next_back();
        newest.map_or((0, BUILT_IN.into()), |((_, version), policy)| (*version, policy.text.clone()))
    }
    pub fn authority(&self, name: &str) -> Option<&Authority> {
        self.authorities.iter().find(|a| a.name == name)
    }
    fn check(&self) -> Result<()> {
        let many =
            [self.authorities.len(), self.rules.len(), self.delegations.len(), self.risk.factors.len()];
        if many.iter().any(|n| *n > ENTRIES_MAX) {
            return Err(Error::limit(
                "policy.entries",
                format!("a policy has at most {ENTRIES_MAX} entries of a kind"),
            ));
        }
        if self.authorities.iter().any(|a| a.quorum == 0) {
            return Err(invalid("a quorum is 1 or more".into()));
        }
        for rule in &self.rules {
            let known = |name: &SmolStr| name == SERVICE_OWNER || self.authority(name).is_some();
            if let Some(unknown) = rule.requires.iter().find(|n| !known(n)) {
                return Err(invalid(format!(
                    "rule \"{}\" requires \"{unknown}\", which is no authority",
                    rule.name
                )));
            }
            if rule.risk_min.as_deref().is_some_and(|r| !LEVELS.contains(&r)) {
                return Err(invalid(format!(
                    "rule \"{}\": risk_min is one of {}",
                    rule.name,
                    LEVELS.join(", ")
                )));
            }
            if rule.service_state_min.as_deref().is_some_and(|s| State::parse(s).is_none()) {
                return Err(invalid(format!("rule \"{}\": service_state_min is no state", rule.name)));
            }
            let kinds =
                [ChangeType::Normal, ChangeType::Standard, ChangeType::Emergency].map(ChangeType::word);
            if let Some(unknown) = rule.types.iter().find(|t| !kinds.contains(&t.as_str())) {
                return Err(invalid(format!("rule \"{}\": \"{unknown}\" is no type of change", rule.name)));
            }
        }
        for delegation in &self.delegations {
            if crate::model::temporal::Instant::parse(&delegation.until).is_none() {
                return Err(invalid(format!(
                    "delegation from {}: until is no time with an offset",
                    delegation.from
                )));
            }
        }
        let risk = &self.risk;
        let sound = risk.prior_changes > 0
            && risk.prior_failures < risk.prior_changes
            && risk.band_medium_min < risk.band_high_min
            && risk.factors.iter().all(|f| f.odds.is_finite() && f.odds > 0.0);
        if sound { Ok(()) } else { Err(invalid("the risk's prior, bands or odds make no sense".into())) }
    }
}

/// The authority that is whoever owns the service concerned.
pub const SERVICE_OWNER: &str = "service_owner";

fn invalid(message: String) -> Error {
    Error::invalid("policy.invalid", message)
        .hint("`cmdb change policy show` prints the one in force to begin with")
}

/// Puts a new version in force.
#[derive(Clone, Debug)]
pub struct ApplyPolicy {
    pub text: SmolStr,
}

impl Program for ApplyPolicy {
    fn name(&self) -> &'static str {
        "apply change policy"
    }
    fn run(&self, decider: &mut Decider<'_>) -> Result<Answer> {
        access::check(&decider.context().principal, Right::Administer)?;
        let (version, text) = Policy::text_in_force(decider.draft().settings());
        let next = version + 1;
        Policy::parse(&self.text, next)?;
        if text != self.text {
            let policy = fact::Policy {
                process: PROCESS.into(),
                version: next,
                text: self.text.clone(),
                by: decider.context().principal.name.clone(),
                at_ms: decider.draft().moment().time_ms,
            };
            decider.accept(Fact::Set(Setting::Policy(policy)))?;
        }
        Ok(Answer::Name(format!("{next}").into()))
    }
}
