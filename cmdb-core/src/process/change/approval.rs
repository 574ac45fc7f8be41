//! Who has to agree, who did, and who must not: nobody decides on a change that is in any way their own.
//!
//! A vote is by a person, that is a user, or somebody who gave a name on the data folder; whatever stands for nobody (a
//! token without a user, `local` without a name) has none. A person is compared by name alone, without case, width and
//! hidden letters and without how they came in, and with everybody they act for.

use super::membership::{Claim, claim, owners};
use super::policy::{Authority, Policy, SERVICE_OWNER};
use super::record::ChangeRecord;
use super::status::Status;
use crate::analysis::impact::State;
use crate::error::{Error, Kind, Result};
use crate::model::principal::Principal;
use crate::model::spelling::folded;
use crate::model::temporal::Instant;
use crate::model::{ItemNumber, Position, SmolStr, Value};
use crate::process::fields::{Related, get, get_list, get_text, list, map, millis, text, texts, time};
use crate::process::queries::Queries;

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
    /// Of owners: since when they are on record as such.
    pub since: Vec<(SmolStr, Position)>,
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
    let bare = folded(name.strip_prefix("local as ").unwrap_or(name));
    let nobody = bare.is_empty() || bare == "local" || name == "anonymous" || is_nameless_token(name);
    (!nobody).then_some(bare)
}

/// Whether a logged name is that of a token without a user, which anybody may hold.
pub(super) fn is_nameless_token(name: &str) -> bool {
    name.starts_with("token ")
}

pub(super) fn same(a: &str, b: &str) -> bool {
    let plain = |name: &str| person(name).unwrap_or_else(|| folded(name));
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
            since: Vec::new(),
            agreed: Vec::new(),
        };
        add(&mut out, anybody, "no rule asks for anybody");
    }
    // A vote is on one assessment; whatever was assessed since is another matter.
    let digest = get_text(assessment, "digest");
    let holds = |v: &&Value| get_text(v, "verdict") == "approved" && get_text(v, "assessment") == digest;
    for one in &mut out {
        // A vote says for whom it was counted when it was given, the voter's own name included.
        let counts = |vote: &&Value| {
            let mut names = get_list(vote, "for").iter().filter_map(Value::as_text);
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
        since: Vec::new(),
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
        members: owners.iter().map(|(name, _)| name.clone()).collect(),
        since: owners,
        agreed: Vec::new(),
    })
}

/// Everybody whose own change it is, as the record names them; an implementer may be several people.
pub(in crate::process) fn involved(state: &impl Related, record: &ChangeRecord) -> Result<Vec<SmolStr>> {
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
        if claim(state, &who, name)?.is_some() {
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

/// Refuses a change that nobody answers for: one that was recorded and handed in with nothing but a token without a
/// user, which whoever decides might hold themselves.
fn check_answerable(record: &ChangeRecord) -> Result<()> {
    let mut names = record.authors.iter().chain([&record.requester]).filter(|n| !n.is_empty()).peekable();
    if names.peek().is_none() || names.any(|name| !is_nameless_token(name)) {
        return Ok(());
    }
    let message =
        format!("{} was recorded by \"{}\", and nobody answers for it", record.number, record.requester);
    Err(Error::new(Kind::Denied, "change.no-requester", message)
        .hint("a person edits it or hands it in: `cmdb change edit`, `cmdb change submit`"))
}

/// Votes of one change.
pub const VOTES_MAX: usize = 200;

/// A vote before it is judged.
#[derive(Clone, Copy)]
pub struct Ballot<'a> {
    pub by: &'a Principal,
    pub now_ms: i64,
    pub verdict: &'static str,
    pub note: &'a str,
    pub queries: &'a dyn Queries,
}

/// For whom somebody may decide on a change.
#[derive(Default)]
struct Asked {
    is_asked: bool,
    acts_for: Vec<SmolStr>,
    /// Where the records say so.
    stated: Vec<Position>,
    /// Whom they would speak for, had that been on record in time; and since when it is.
    too_new: Vec<(SmolStr, Position)>,
}

/// The vote of a principal on a change, to be kept in the record.
///
/// # Errors
/// `change.own` for whoever has a hand in it, `change.not-asked` for whom no authority names, `change.new-member` for
/// who became an authority after the change was handed in, `change.no-requester`, `change.no-person`.
pub fn vote(
    state: &impl Related,
    record: &ChangeRecord,
    policy: &Policy,
    ballot: Ballot<'_>,
) -> Result<Value> {
    let denied = |code: &'static str, message: String| Error::new(Kind::Denied, code, message);
    let principal = ballot.by;
    let acting = acting_for(policy, &person(&principal.name).unwrap_or_default(), ballot.now_ms);
    let who = uninvolved(state, record, principal, &acting)?;
    check_answerable(record)?;
    let required = required(state, record, policy)?;
    let asked = asked(state, record, &required, &who, &acting)?;
    if !asked.is_asked {
        if let Some((member, since)) = asked.too_new.first() {
            let message = format!(
                "{who} speaks for {member} since entry {since} only, after {} was handed in",
                record.number
            );
            return Err(denied("change.new-member", message)
                .hint("hand it in again (`cmdb change edit`, then `submit`), or ask another approver"));
        }
        let names: Vec<&str> = required.iter().map(|r| r.authority.as_str()).collect();
        let message = format!("{who} is a member of none of the authorities asked: {}", names.join(", "));
        return Err(denied("change.not-asked", message));
    }
    if record.approvals.len() >= VOTES_MAX {
        return Err(Error::limit("change.votes", format!("a change keeps at most {VOTES_MAX} votes")));
    }
    let again = |v: &&Value| person(get_text(v, "by")).as_ref() == Some(&who);
    if record.approvals.iter().any(|v| again(&v)) && ballot.verdict == "approved" {
        return Err(Error::refused("change.voted", format!("{who} has agreed to {} already", record.number)));
    }
    let own_word = own_word(state, record, &who, &asked.stated, ballot.queries)?;
    let assessment = record.assessment.as_ref();
    let too_new = asked.too_new.iter().map(|(member, _)| member.as_str());
    Ok(map([
        ("by", text(&principal.name)),
        ("for", list(asked.acts_for.into_iter().map(Value::Text))),
        ("verdict", text(ballot.verdict)),
        ("at", Some(time(ballot.now_ms))),
        ("assessment", assessment.and_then(|a| text(get_text(a, "digest")))),
        ("too_new_for", texts(too_new).filter(|_| !asked.too_new.is_empty())),
        ("own_word", own_word.as_deref().and_then(text)),
        ("note", text(ballot.note).filter(|_| !ballot.note.is_empty())),
    ]))
}

fn asked(
    state: &impl Related,
    record: &ChangeRecord,
    required: &[Required],
    who: &str,
    acting: &[&SmolStr],
) -> Result<Asked> {
    let handed_in = handed_in(state, record)?;
    let mut out = Asked::default();
    for one in required {
        out.is_asked |= one.members.is_empty();
        for member in &one.members {
            // Whoever acts for a member does so by the rules, which an administrator wrote.
            let delegated = acting.iter().any(|from| same(from, member)).then(Claim::default);
            let Some(mut claim) = claim(state, who, member)?.or(delegated) else { continue };
            claim.stated.extend(one.since.iter().filter(|(name, _)| name == member).map(|(_, at)| *at));
            let since = claim.since();
            if since > handed_in {
                out.too_new.push((member.clone(), since));
            } else {
                out.is_asked = true;
                out.acts_for.push(member.clone());
                out.stated.extend(claim.stated);
            }
        }
    }
    Ok(out)
}

/// The newest entry that was there when a change was handed in; of one that is decided on from its draft on, when it
/// was recorded.
fn handed_in(state: &impl Related, record: &ChangeRecord) -> Result<Position> {
    let assessed = record.assessment.as_ref().filter(|_| record.status == Status::AwaitingApproval);
    let position = assessed.and_then(|a| get(a, "position")).and_then(Value::as_integer);
    match position.and_then(|p| u64::try_from(p).ok()) {
        Some(position) => Ok(Position(position)),
        None => Ok(state.item(record.item)?.unwrap_or_default().created),
    }
}

/// Who wrote down what makes the voter an authority, if it was the voter or somebody with a hand in the change.
fn own_word(
    state: &impl Related,
    record: &ChangeRecord,
    who: &SmolStr,
    stated: &[Position],
    queries: &dyn Queries,
) -> Result<Option<SmolStr>> {
    let involved = involved(state, record)?;
    for position in stated {
        let Some(actor) = queries.actor(*position)? else { continue };
        if person(&actor).is_some_and(|a| a == *who || involved.iter().any(|name| same(name, &a))) {
            return Ok(Some(actor));
        }
    }
    Ok(None)
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
