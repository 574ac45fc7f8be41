//! Who has to agree, who did, and who must not: nobody decides on a change that is in any way their own.
//!
//! A vote is by a person, that is a user, or somebody who gave a name on the data folder; whatever stands for nobody (a
//! token without a user, `local` without a name) has none. A person is compared by name alone, without case and
//! without how they came in, and with everybody they act for.

use super::outlook::owners;
use super::policy::{Authority, Policy, SERVICE_OWNER};
use super::record::ChangeRecord;
use crate::analysis::impact::State;
use crate::error::{Error, Kind, Result};
use crate::model::principal::Principal;
use crate::model::temporal::Instant;
use crate::model::{ItemNumber, SmolStr, Value};
use crate::process::fields::{Related, get, get_list, get_text, list, map, millis, text, time};

/// An authority that a change needs, and how far it is with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Required {
    pub authority: SmolStr,
    /// For `service_owner`: the service.
    pub of: Option<SmolStr>,
    /// Why: the names of the rules.
    pub because: Vec<SmolStr>,
    pub quorum: u32,
    /// Who may decide; none = everybody with the right to approve.
    pub members: Vec<SmolStr>,
    /// Who agreed.
    pub agreed: Vec<SmolStr>,
}

impl Required {
    pub fn is_met(&self) -> bool {
        self.agreed.len() >= self.quorum as usize
    }
    pub fn value(&self) -> Value {
        map([
            ("authority", text(&self.authority)),
            ("of", self.of.as_deref().and_then(text)),
            ("because", list(self.because.iter().map(|b| Value::Text(b.clone())))),
            ("quorum", Some(Value::Integer(i64::from(self.quorum)))),
            ("members", list(self.members.iter().map(|m| Value::Text(m.clone())))),
            ("agreed", list(self.agreed.iter().map(|a| Value::Text(a.clone())))),
            ("met", Some(Value::Boolean(self.is_met()))),
        ])
    }
}

/// The person a logged name stands for, by which people are compared; none for what stands for nobody.
pub fn person(name: &str) -> Option<SmolStr> {
    let bare = name.strip_prefix("local as ").unwrap_or(name).trim();
    let nobody = bare.is_empty() || bare == "local" || name == "anonymous" || name.starts_with("token ");
    (!nobody).then(|| bare.to_lowercase().into())
}

fn same(a: &str, b: &str) -> bool {
    let plain = |name: &str| person(name).unwrap_or_else(|| name.to_lowercase().into());
    plain(a) == plain(b)
}

/// What the policy asks for, given what was assessed; `service_owner` is resolved to whoever owns each service.
pub fn required(state: &impl Related, record: &ChangeRecord, policy: &Policy) -> Result<Vec<Required>> {
    let empty = Value::Map(Vec::new());
    let assessment = record.assessment.as_ref().unwrap_or(&empty);
    let level = get(assessment, "risk").map_or("low", |risk| get_text(risk, "level"));
    let rank = |level: &str| super::policy::LEVELS.iter().position(|l| *l == level).unwrap_or(0);
    let mut out: Vec<Required> = Vec::new();
    for rule in &policy.rules {
        let of_type = rule.types.is_empty() || rule.types.iter().any(|t| t == record.kind.word());
        let risky = rule.risk_min.as_deref().is_none_or(|min| rank(level) >= rank(min));
        let services = matching(assessment, rule.criticality_max, rule.service_state_min.as_deref());
        let asks_services = rule.criticality_max.is_some() || rule.service_state_min.is_some();
        if !of_type || !risky || asks_services && services.is_empty() {
            continue;
        }
        for name in &rule.requires {
            if name == SERVICE_OWNER {
                for service in &services {
                    add(&mut out, owner_of(state, service, policy)?, &rule.name);
                }
            } else if let Some(authority) = policy.authority(name) {
                add(&mut out, of(authority, None), &rule.name);
            }
        }
    }
    // Whatever the policy says, nothing happens that nobody agreed to.
    if out.is_empty() && record.kind != super::record::ChangeType::Standard {
        let anybody = Required {
            authority: "anybody".into(),
            of: None,
            because: Vec::new(),
            quorum: 1,
            members: Vec::new(),
            agreed: Vec::new(),
        };
        add(&mut out, anybody, "no rule asks for anybody");
    }
    // A vote is on one assessment; whatever was assessed since is another matter.
    let digest = get_text(assessment, "digest");
    let holds = |v: &&Value| get_text(v, "verdict") == "approved" && get_text(v, "assessment") == digest;
    for one in &mut out {
        let counts = |vote: &&Value| {
            let acts_for = get_list(vote, "for").iter().filter_map(Value::as_text);
            let mut names = acts_for.chain([get_text(vote, "by")]);
            one.members.is_empty() || names.any(|name| one.members.iter().any(|m| same(m, name)))
        };
        let agreed = record.approvals.iter().filter(holds).filter(counts);
        one.agreed = agreed.filter_map(|v| person(get_text(v, "by"))).collect();
        one.agreed.sort();
        one.agreed.dedup();
    }
    Ok(out)
}

fn of(authority: &Authority, service: Option<SmolStr>) -> Required {
    Required {
        authority: authority.name.clone(),
        of: service,
        because: Vec::new(),
        quorum: authority.quorum,
        members: authority.members.clone(),
        agreed: Vec::new(),
    }
}

fn add(out: &mut Vec<Required>, mut one: Required, rule: &str) {
    match out.iter_mut().find(|r| r.authority == one.authority && r.of == one.of) {
        Some(known) => known.because.push(rule.into()),
        None => {
            one.because.push(rule.into());
            out.push(one);
        }
    }
}

/// Services of the assessment that a rule is about: id and name.
fn matching(
    assessment: &Value,
    criticality_max: Option<i64>,
    state_min: Option<&str>,
) -> Vec<(SmolStr, SmolStr)> {
    let min = state_min.and_then(State::parse).unwrap_or(State::AtRisk);
    let mut out = Vec::new();
    for scenario in ["during", "if_it_fails", "after"] {
        for graph in ["today", "proposed"] {
            let Some(found) = get(assessment, scenario).and_then(|s| get(s, graph)) else { continue };
            for service in get_list(found, "services") {
                let state = |key: &str| State::parse(get_text(service, key)).unwrap_or_default();
                let criticality = get(service, "criticality").and_then(Value::as_integer);
                let critical = criticality_max.is_none_or(|max| criticality.is_some_and(|c| c <= max));
                if state("state") >= min && state("state") > state("without_the_change") && critical {
                    out.push((get_text(service, "id").into(), get_text(service, "name").into()));
                }
            }
        }
    }
    out.sort();
    out.dedup();
    out
}

/// Whoever owns the service; where nobody does on record, the change manager.
fn owner_of(state: &impl Related, service: &(SmolStr, SmolStr), policy: &Policy) -> Result<Required> {
    let number: Option<ItemNumber> = crate::command::resolve(state, &service.0).ok();
    let owners = number.map(|n| owners(state, n)).transpose()?.unwrap_or_default();
    if owners.is_empty() {
        let manager = policy.authority("change_manager").or(policy.authorities.first());
        if let Some(manager) = manager {
            return Ok(of(manager, None));
        }
    }
    Ok(Required {
        authority: SERVICE_OWNER.into(),
        of: Some(service.1.clone()),
        because: Vec::new(),
        quorum: 1,
        members: owners,
        agreed: Vec::new(),
    })
}

/// Everybody whose own change it is, as the record names them; an implementer may be several people.
fn involved(state: &impl Related, record: &ChangeRecord) -> Result<Vec<SmolStr>> {
    let mut names: Vec<SmolStr> = record.authors.iter().chain([&record.requester]).cloned().collect();
    if let Some(implementer) = &record.implementer {
        names.push(implementer.clone());
        let parts = implementer.split([',', ';', '/', '&', '+']).map(str::trim);
        names.extend(parts.map(SmolStr::new));
    }
    for party in crate::process::record::targets(state, record.item, "assigned_to")? {
        names.extend(state.item(party)?.and_then(|party| party.name));
    }
    names.retain(|name| !name.is_empty());
    names.sort();
    names.dedup();
    Ok(names)
}

/// Refuses whoever has a hand in a change, in person or for somebody else; the person the principal stands for.
///
/// # Errors
/// `change.own`, `change.no-person`.
pub(super) fn uninvolved(
    state: &impl Related,
    record: &ChangeRecord,
    principal: &Principal,
    acting: &[&SmolStr],
) -> Result<SmolStr> {
    let denied = |code: &'static str, message: String| Error::new(Kind::Denied, code, message);
    let Some(who) = person(&principal.name) else {
        let message =
            format!("\"{}\" stands for nobody, and deciding on a change takes a person", principal.name);
        return Err(denied("change.no-person", message).hint(
            "--principal NAME on a data folder, or a token of a user (`cmdb token create --user NAME`)",
        ));
    };
    let involved = involved(state, record)?;
    for name in &involved {
        if stands_for(state, &who, name)? {
            let message = format!("{who} has a hand in {} ({name}) and does not decide on it", record.number);
            return Err(denied("change.own", message).hint("ask another approver"));
        }
    }
    if let Some(own) = acting.iter().find(|from| involved.iter().any(|name| same(name, from))) {
        let message = format!("{who} acts for {own}, whose own change {} is", record.number);
        return Err(denied("change.own", message).hint("ask another approver"));
    }
    Ok(who)
}

/// Whether a name is one of the parties' that a person belongs to, or the person's own.
fn stands_for(state: &impl Related, person: &str, name: &str) -> Result<bool> {
    if same(person, name) {
        return Ok(true);
    }
    let belongs_to = state.names().get("belongs_to");
    for party in state.named(name, PARTIES_MAX) {
        let item = state.item(party)?;
        let email = item.as_ref().and_then(|i| crate::process::fields::Fields::of(state, i).text("email"));
        if email.is_some_and(|e| same(e, person)) {
            return Ok(true);
        }
        for (_, record) in state.relationships_at(party)? {
            let member = record.identity.target == party && Some(record.identity.kind) == belongs_to;
            let source = if member { state.item(record.identity.source)? } else { None };
            let email =
                source.as_ref().and_then(|s| crate::process::fields::Fields::of(state, s).text("email"));
            if email.is_some_and(|e| same(e, person))
                || source.as_ref().and_then(|s| s.name.as_deref()).is_some_and(|n| same(n, person))
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Items of one name that are looked at for members.
const PARTIES_MAX: usize = 16;

/// Votes of one change.
pub const VOTES_MAX: usize = 200;

/// The vote of a principal on a change, to be kept in the record.
///
/// # Errors
/// `change.own` for whoever has a hand in it, `change.not-asked` for whom no authority names, `change.no-person`.
pub fn vote(
    state: &impl Related,
    record: &ChangeRecord,
    policy: &Policy,
    principal: &Principal,
    now_ms: i64,
    verdict: &'static str,
    note: &str,
) -> Result<Value> {
    let denied = |code: &'static str, message: String| Error::new(Kind::Denied, code, message);
    let acting = acting_for(policy, &person(&principal.name).unwrap_or_default(), now_ms);
    let who = uninvolved(state, record, principal, &acting)?;
    let asked = required(state, record, policy)?;
    let mut acts_for: Vec<SmolStr> = Vec::new();
    let mut is_asked = false;
    for one in &asked {
        if one.members.is_empty() {
            is_asked = true;
        }
        for member in &one.members {
            if stands_for(state, &who, member)? {
                is_asked = true;
                acts_for.push(member.clone());
            } else if let Some(from) = acting.iter().find(|from| same(from, member)) {
                is_asked = true;
                acts_for.push((*from).clone());
            }
        }
    }
    if !is_asked {
        let names: Vec<&str> = asked.iter().map(|r| r.authority.as_str()).collect();
        let message = format!("{who} is a member of none of the authorities asked: {}", names.join(", "));
        return Err(denied("change.not-asked", message));
    }
    if record.approvals.len() >= VOTES_MAX {
        return Err(Error::limit("change.votes", format!("a change keeps at most {VOTES_MAX} votes")));
    }
    let again = |v: &&Value| person(get_text(v, "by")).as_ref() == Some(&who);
    if record.approvals.iter().any(|v| again(&v)) && verdict == "approved" {
        return Err(Error::refused("change.voted", format!("{who} has agreed to {} already", record.number)));
    }
    let assessment = record.assessment.as_ref();
    Ok(map([
        ("by", text(&principal.name)),
        ("for", list(acts_for.into_iter().map(Value::Text))),
        ("verdict", text(verdict)),
        ("at", Some(time(now_ms))),
        ("assessment", assessment.and_then(|a| text(get_text(a, "digest")))),
        ("note", text(note).filter(|_| !note.is_empty())),
    ]))
}

/// Whom a person may act for now.
fn acting_for<'p>(policy: &'p Policy, who: &str, now_ms: i64) -> Vec<&'p SmolStr> {
    let lasts = |until: &str| Instant::parse(until).is_some_and(|i| now_ms < millis(&i));
    let delegations = policy.delegations.iter().filter(|d| same(&d.to, who) && lasts(&d.until));
    delegations.map(|d| &d.from).collect()
}

/// Whether the votes still hold: none is older than the policy allows.
pub fn expired(record: &ChangeRecord, policy: &Policy, now_ms: i64) -> bool {
    let days = i64::from(policy.approval.valid_days) * 86_400_000;
    let at = |vote: &Value| Instant::parse(get_text(vote, "at")).map(|i| millis(&i));
    record.approvals.iter().filter_map(at).any(|at| now_ms.saturating_sub(at) > days)
}
