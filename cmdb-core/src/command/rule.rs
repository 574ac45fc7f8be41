//! Attributes that make relationships: "VM.host_name = Hypervisor.name → runs_on" as data.
//!
//! A rule names two ends, each a class with what of it is compared. Wherever the ends have a value in common there
//! is a relationship, marked as made by the rule ([`mark`]); when they have not any more, it is gone. Every command
//! ends with that ([`settle`]), in its own entry. What somebody states by hand or imports stands before what a rule
//! would make of the same ends, and of two rules that want the same the first by name makes it.

pub mod mark;
mod resolved;
mod settle;
pub mod survey;

pub use resolved::Resolved;
pub use settle::{Settled, settle};

use super::Answer;
use super::decider::Decider;
use super::handle::check_handle;
use crate::error::{Error, Result, did_you_mean};
use crate::fact::{Fact, Setting};
use crate::graph::Records;
use crate::model::SmolStr;
use crate::model::rule::{Rule, RuleField};

/// Rules at most in one graph.
pub const RULES_MAX: usize = 200;
/// Items that may share a value at the looked-up end of a rule without an end that must be one.
pub const MATCHES_MAX: usize = 100;
/// Relationships that the rules make in one entry at most.
pub const MADE_MAX: usize = 5_000_000;

/// Puts a rule in force for all that is there and all that comes.
#[derive(Clone, Debug)]
pub struct AddRule {
    /// Who and when is noted here.
    pub rule: Rule,
}

impl AddRule {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let name = self.rule.name.clone();
        check_handle("rule", &name)?;
        let draft = decider.draft();
        if draft.schema().open {
            return Err(Error::refused(
                "rule.open-schema",
                "a graph without a schema has no classes to go by",
            ));
        }
        let known = &draft.settings().rules;
        if known.contains_key(&name) {
            let message = format!("there is a rule \"{name}\" already");
            return Err(Error::refused("rule.exists", message).hint(format!(
                "`cmdb rule show {name}` shows it; `cmdb rule remove {name}` takes it back with what it made"
            )));
        }
        if known.len() >= RULES_MAX {
            return Err(Error::limit("rule.too-many", format!("there are at most {RULES_MAX} rules"))
                .hint("remove one that nobody needs: `cmdb rule list`"));
        }
        decider.symbol(mark::ATTRIBUTE)?;
        decider.symbol(&mark::origin(&name))?;
        for end in [&self.rule.source, &self.rule.target] {
            if let RuleField::Key(source) = &end.field {
                decider.symbol(source)?;
            }
        }
        Resolved::of(decider.draft(), &self.rule)?;
        decider.refuse_guarded(&self.rule)?;
        let created = decider.draft().moment().position;
        let by = decider.context().principal.name.clone();
        let rule = Rule { created, by, removed: false, ..self.rule };
        decider.accept(Fact::Set(Setting::Rule(rule)))?;
        decider.rule_added(name.clone());
        Ok(Answer::Name(name))
    }
}

/// Takes a rule back, and with it every relationship that it made.
#[derive(Clone, Debug)]
pub struct RemoveRule {
    pub name: SmolStr,
}

impl RemoveRule {
    pub(super) fn decide(self, decider: &mut Decider<'_>) -> Result<Answer> {
        let rule = known(decider.draft(), &self.name)?;
        for number in mark::all_made_by(decider.draft(), &self.name)? {
            if let Some(record) = decider.draft().relationship(number)? {
                super::relationship::end(decider, number, &record)?;
            }
        }
        decider.accept(Fact::Set(Setting::Rule(Rule { removed: true, ..rule })))?;
        Ok(Answer::Name(self.name))
    }
}

/// The rule of this name.
///
/// # Errors
/// `rule.unknown`, with the nearest names.
pub fn known(records: &dyn Records, name: &str) -> Result<Rule> {
    let rules = &records.settings().rules;
    rules.get(name).cloned().ok_or_else(|| {
        let near = did_you_mean(name, rules.keys().map(SmolStr::as_str));
        Error::not_found("rule.unknown", format!("there is no rule \"{name}\""))
            .hint(near.unwrap_or_else(|| "`cmdb rule list` lists them".to_owned()))
    })
}
