//! Small named things beside the items: baselines, users, tokens, import runs, series of numbers, rules of processes,
//! webhooks, sources that repeat, what they saw and how far they are believed, rules that make relationships. Read
//! with today's values at any past position: a right withdrawn is withdrawn for the past, too.

use super::sighting::{Sighted, Sightings};
use super::trust::{StaleRule, Trust};
use crate::model::feed::{Feed, FeedMissing};
use crate::model::principal::{Password, Token, User};
use crate::model::rule::Rule;
use crate::model::webhook::Webhook;
use crate::model::{ItemNumber, Position, SmolStr, Symbol};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A named, perhaps approved, position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    pub name: SmolStr,
    pub position: Position,
    pub created_ms: i64,
    pub by: SmolStr,
    pub note: SmolStr,
    pub approved_by: Option<SmolStr>,
}

/// One import, as it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRun {
    pub id: SmolStr,
    pub source: SmolStr,
    pub files: Vec<SmolStr>,
    pub first: Position,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub rejected: u64,
    pub by: SmolStr,
    pub at_ms: i64,
}

/// Which entries an import made, from its first part on: what it takes to take it back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportTrail {
    pub id: SmolStr,
    pub source: SmolStr,
    pub files: Vec<SmolStr>,
    pub by: SmolStr,
    /// When its newest part was taken; milliseconds since 1970.
    pub at_ms: i64,
    /// Positions of its entries, as ascending ranges with both ends.
    pub entries: Vec<(Position, Position)>,
    /// It got to its end; otherwise only some of its parts were taken.
    pub finished: bool,
    /// The entry that took it back.
    pub undone: Option<Position>,
}

impl ImportTrail {
    /// Notes an entry; positions come in order.
    pub fn note(&mut self, position: Position) {
        match self.entries.last_mut() {
            Some((_, last)) if last.0 + 1 >= position.0 => *last = position.max(*last),
            _ => self.entries.push((position, position)),
        }
    }
    pub fn contains(&self, position: Position) -> bool {
        let after = self.entries.partition_point(|(first, _)| *first <= position);
        after.checked_sub(1).is_some_and(|at| position <= self.entries[at].1)
    }
    /// Every entry, ascending.
    pub fn positions(&self) -> impl Iterator<Item = Position> + '_ {
        self.entries.iter().flat_map(|(first, last)| (first.0..=last.0).map(Position))
    }
}

/// The last number given out of a series, such as that of changes; numbers are never given out twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    pub name: SmolStr,
    pub last: u64,
}

/// One version of the rules of a process. Versions stay, so that what was decided by one can be worked out again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub process: SmolStr,
    pub version: u32,
    /// TOML.
    pub text: SmolStr,
    pub by: SmolStr,
    pub at_ms: i64,
}

/// What a source knew and the newest of its whole feeds did not name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absent {
    pub source: SmolStr,
    /// Ascending by number.
    pub items: Vec<AbsentItem>,
}

/// One item that was missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbsentItem {
    pub item: ItemNumber,
    /// Feeds in a row that did not name it.
    pub runs: u32,
    pub is_retired: bool,
    /// The status that it had before it was retired for that.
    pub retired_from: Option<Symbol>,
}

/// An id that names another item since the two were merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    pub loser: ItemNumber,
    pub winner: ItemNumber,
    /// The trail of the merge, by which it is taken apart.
    pub merge: SmolStr,
    /// The merge was taken apart.
    pub is_over: bool,
}

/// Which source's word counts, highest first. Sources that are not named rank below those that are and among
/// themselves the last word counts; what people enter by hand ranks above all unless `manual` is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precedence {
    /// Of items of this class and its subclasses; of all without it.
    pub class: Option<SmolStr>,
    /// Of this attribute; of all without it.
    pub attribute: Option<SmolStr>,
    /// None takes the rule back.
    pub sources: Vec<SmolStr>,
}

/// One setting as written. Stored; append variants only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Setting {
    Baseline(Baseline),
    User(User),
    Token(Token),
    Import(ImportRun),
    Trail(ImportTrail),
    Sequence(Sequence),
    Policy(Policy),
    Webhook(Webhook),
    Feed(Feed),
    Password(Password),
    Absent(Absent),
    Alias(Alias),
    Precedence(Precedence),
    Rule(Rule),
    FeedMissing(FeedMissing),
    Sightings(Sightings),
    Trust(Trust),
    StaleRule(StaleRule),
}

/// All settings of a graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    pub baselines: BTreeMap<SmolStr, Baseline>,
    pub users: BTreeMap<SmolStr, User>,
    pub tokens: BTreeMap<SmolStr, Token>,
    pub imports: BTreeMap<SmolStr, ImportRun>,
    pub trails: BTreeMap<SmolStr, ImportTrail>,
    pub sequences: BTreeMap<SmolStr, u64>,
    /// By process and version.
    pub policies: BTreeMap<(SmolStr, u32), Policy>,
    pub webhooks: BTreeMap<SmolStr, Webhook>,
    pub feeds: BTreeMap<SmolStr, Feed>,
    /// By user.
    pub passwords: BTreeMap<SmolStr, Password>,
    /// By source.
    pub absent: BTreeMap<SmolStr, Absent>,
    /// By the number of the merged item.
    pub aliases: BTreeMap<u32, Alias>,
    /// By class and attribute.
    pub precedence: BTreeMap<(Option<SmolStr>, Option<SmolStr>), Precedence>,
    pub rules: BTreeMap<SmolStr, Rule>,
    /// By feed; none where a feed keeps what it does not name.
    pub feeds_missing: BTreeMap<SmolStr, FeedMissing>,
    /// By source and whether it observed; shared, since settings are copied when one of them changes.
    pub sightings: Sighted,
    /// By source.
    pub trust: BTreeMap<SmolStr, Trust>,
    /// By class.
    pub stale_rules: BTreeMap<SmolStr, StaleRule>,
}

impl Settings {
    pub fn put(&mut self, setting: Setting) {
        match setting {
            Setting::Baseline(b) => drop(self.baselines.insert(b.name.clone(), b)),
            Setting::User(u) => drop(self.users.insert(u.name.clone(), u)),
            Setting::Token(t) => drop(self.tokens.insert(t.id.clone(), t)),
            Setting::Import(i) => drop(self.imports.insert(i.id.clone(), i)),
            Setting::Trail(t) => drop(self.trails.insert(t.id.clone(), t)),
            Setting::Sequence(s) => drop(self.sequences.insert(s.name, s.last)),
            Setting::Policy(p) => drop(self.policies.insert((p.process.clone(), p.version), p)),
            Setting::Webhook(w) if w.removed => drop(self.webhooks.remove(&w.name)),
            Setting::Webhook(w) => drop(self.webhooks.insert(w.name.clone(), w)),
            Setting::Feed(f) if f.removed => drop(self.feeds.remove(&f.name)),
            Setting::Feed(f) => drop(self.feeds.insert(f.name.clone(), f)),
            Setting::Password(p) => drop(self.passwords.insert(p.user.clone(), p)),
            Setting::Absent(a) => drop(self.absent.insert(a.source.clone(), a)),
            Setting::Alias(a) => drop(self.aliases.insert(a.loser.0, a)),
            Setting::Rule(r) if r.removed => drop(self.rules.remove(&r.name)),
            Setting::Rule(r) => drop(self.rules.insert(r.name.clone(), r)),
            Setting::FeedMissing(m) if m.removed => drop(self.feeds_missing.remove(&m.name)),
            Setting::FeedMissing(m) => drop(self.feeds_missing.insert(m.name.clone(), m)),
            Setting::Precedence(p) => {
                let of = (p.class.clone(), p.attribute.clone());
                match p.sources.is_empty() {
                    true => drop(self.precedence.remove(&of)),
                    false => drop(self.precedence.insert(of, p)),
                }
            }
            Setting::Sightings(s) if s.runs.is_empty() => {
                drop(self.sightings.remove(&(s.source, s.observed)))
            }
            Setting::Sightings(s) => drop(self.sightings.insert((s.source.clone(), s.observed), Arc::new(s))),
            Setting::Trust(t) if t.confidence.is_none() && t.observed.is_none() => {
                drop(self.trust.remove(&t.source));
            }
            Setting::Trust(t) => drop(self.trust.insert(t.source.clone(), t)),
            Setting::StaleRule(r) if r.after.is_none() => drop(self.stale_rules.remove(&r.class)),
            Setting::StaleRule(r) => drop(self.stale_rules.insert(r.class.clone(), r)),
        }
    }
}

impl Setting {
    /// Where it is stored: its kind and its name.
    pub fn key(&self) -> String {
        match self {
            Setting::Baseline(b) => format!("baseline/{}", b.name),
            Setting::User(u) => format!("user/{}", u.name),
            Setting::Token(t) => format!("token/{}", t.id),
            Setting::Import(i) => format!("import/{}", i.id),
            Setting::Trail(t) => format!("trail/{}", t.id),
            Setting::Sequence(s) => format!("sequence/{}", s.name),
            Setting::Policy(p) => format!("policy/{}/{}", p.process, p.version),
            Setting::Webhook(w) => format!("webhook/{}", w.name),
            Setting::Feed(f) => format!("feed/{}", f.name),
            Setting::Password(p) => format!("password/{}", p.user),
            Setting::Absent(a) => format!("absent/{}", a.source),
            Setting::Alias(a) => format!("alias/{}", a.loser),
            Setting::Rule(r) => format!("rule/{}", r.name),
            Setting::FeedMissing(m) => format!("feed-missing/{}", m.name),
            // Quoted, so that no name runs into the other.
            Setting::Precedence(p) => format!("precedence/{:?}/{:?}", p.class, p.attribute),
            Setting::Sightings(s) => format!("sightings/{}/{}", s.observed, s.source),
            Setting::Trust(t) => format!("trust/{}", t.source),
            Setting::StaleRule(r) => format!("stale/{}", r.class),
        }
    }
}
