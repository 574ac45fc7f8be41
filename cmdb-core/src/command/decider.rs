//! A decision in progress: reads the draft, accepts facts, remembers them encoded for the log.

use super::owned::Owned;
use crate::error::{Error, Kind, Result};
use crate::fact::Fact;
use crate::graph::{Draft, Records};
use crate::model::principal::Principal;
use crate::model::relationship::Identity;
use crate::model::rule::Rule;
use crate::model::{CommitId, ItemNumber, SmolStr, Symbol};
use crate::schema::names::NAMES_MAX;
use rayon::prelude::*;

/// What the edge knows about a request: who, when, and fresh randomness.
#[derive(Clone, Debug)]
pub struct Context {
    pub principal: Principal,
    /// Milliseconds since 1970.
    pub time_ms: i64,
    /// Makes the request idempotent.
    pub commit: CommitId,
    /// Secret salt for the entry's payload hash.
    pub salt: [u8; 16],
    /// Why, in the user's words; may be empty.
    pub message: SmolStr,
}

/// Facts of one entry, encoded in segments small enough to be staged one by one.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// (how many facts, their bytes).
    segments: Vec<(u32, Vec<u8>)>,
}

/// Facts worked out together where there are many.
const FACTS_TOGETHER: usize = 512;
/// Bytes at which a segment is closed.
const SEGMENT_BYTES: usize = 4 << 20;

impl Recorded {
    pub fn count(&self) -> u32 {
        self.segments.iter().map(|(count, _)| count).sum()
    }
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }
    fn push(&mut self, fact: &Fact) -> Result<()> {
        let Some((count, bytes)) = self.open_segment() else { return Ok(()) };
        *bytes = encode_onto(std::mem::take(bytes), fact)?;
        *count += 1;
        Ok(())
    }
    /// Adds facts that are encoded already.
    fn append(&mut self, facts: u32, encoded: &[u8]) {
        if let Some((count, bytes)) = self.open_segment() {
            bytes.extend_from_slice(encoded);
            *count += facts;
        }
    }
    fn open_segment(&mut self) -> Option<&mut (u32, Vec<u8>)> {
        if self.segments.last().is_none_or(|(_, bytes)| bytes.len() > SEGMENT_BYTES) {
            self.segments.push((0, Vec::new()));
        }
        self.segments.last_mut()
    }
    /// Each segment as an encoded `Payload::Inline`, before compression.
    pub fn payloads(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.segments.iter().map(|(count, bytes)| {
            let mut out = crate::model::codec::Writer { bytes: Vec::with_capacity(bytes.len() + 8) };
            // `postcard` writes an enum as its variant's number and a list as its length, both as varints.
            out.varint(0);
            out.varint(u64::from(*count));
            out.bytes.extend_from_slice(bytes);
            out.bytes
        })
    }
}

fn encode_onto(bytes: Vec<u8>, fact: &Fact) -> Result<Vec<u8>> {
    postcard::to_extend(fact, bytes)
        .map_err(|e| Error::new(Kind::Internal, "log.encode", "a fact does not encode").caused_by(e))
}

/// See the module.
pub struct Decider<'a> {
    draft: &'a mut Draft,
    context: &'a Context,
    recorded: Recorded,
    owned: Owned,
    /// A process is at work, which may write what it owns.
    in_process: bool,
    /// The item that is about to be removed with its relationships.
    ending: Option<ItemNumber>,
    /// Commands that are being decided, one within the other.
    depth: u32,
    /// Rules that the command has put in force.
    added_rules: Vec<SmolStr>,
    /// Relationships of rules that the command has ended by name.
    ended_by_hand: Vec<Identity>,
}

impl<'a> Decider<'a> {
    pub fn new(draft: &'a mut Draft, context: &'a Context) -> Decider<'a> {
        let owned = Owned::of(draft);
        Decider {
            draft,
            context,
            recorded: Recorded::default(),
            owned,
            in_process: false,
            ending: None,
            depth: 0,
            added_rules: Vec::new(),
            ended_by_hand: Vec::new(),
        }
    }
    pub fn draft(&self) -> &Draft {
        self.draft
    }
    pub(super) fn draft_mut(&mut self) -> &mut Draft {
        self.draft
    }
    /// Decides a command or one within it; whether it was the outermost one.
    pub(super) fn within<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<(T, bool)> {
        self.depth += 1;
        let done = work(self);
        self.depth -= 1;
        Ok((done?, self.depth == 0))
    }
    pub(super) fn rule_added(&mut self, name: SmolStr) {
        self.added_rules.push(name);
    }
    pub(super) fn added_rules(&self) -> &[SmolStr] {
        &self.added_rules
    }
    pub(super) fn note_ended_by_hand(&mut self, identity: Identity) {
        self.ended_by_hand.push(identity);
    }
    pub(super) fn ended_by_hand(&self) -> &[Identity] {
        &self.ended_by_hand
    }
    /// Refuses a rule at whose ends stands what a process owns.
    pub(super) fn refuse_guarded(&self, rule: &Rule) -> Result<()> {
        [&rule.source, &rule.target].iter().try_for_each(|end| self.owned.refuse_rule(self.draft, &end.class))
    }
    pub fn context(&self) -> &Context {
        self.context
    }
    /// Accepts a fact: it is applied and recorded.
    ///
    /// # Errors
    /// `change.owned` where it writes what only a process may.
    pub fn accept(&mut self, mut fact: Fact) -> Result<()> {
        let along = self.check(&mut fact)?;
        self.record(fact)?;
        along.map_or(Ok(()), |fact| self.record(fact))
    }
    /// Whether a process has a say in items of a class.
    pub(super) fn guards(&self, class: Symbol) -> bool {
        self.owned.guards(self.draft, class)
    }
    /// Whether a process has a say in a relationship.
    pub(super) fn guards_link(&self, identity: &Identity) -> bool {
        self.owned.guards_link(self.draft, identity)
    }
    fn check(&self, fact: &mut Fact) -> Result<Option<Fact>> {
        if self.in_process {
            return Ok(None);
        }
        self.owned.check(self.draft, &self.context.principal, self.ending, fact)
    }
    /// Refuses what [`Self::accept`] would refuse, before others are accepted that only lead up to it.
    pub(crate) fn foresee(&self, mut fact: Fact) -> Result<()> {
        self.check(&mut fact).map(drop)
    }
    fn record(&mut self, fact: Fact) -> Result<()> {
        self.recorded.push(&fact)?;
        self.draft.apply(fact)
    }
    /// Lets a process write what it owns, for as long as `work` lasts.
    pub(crate) fn in_process<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let outer = std::mem::replace(&mut self.in_process, true);
        let done = work(self);
        self.in_process = outer;
        done
    }
    /// Ends an item's relationships, for it goes.
    pub(crate) fn ending<T>(
        &mut self,
        item: ItemNumber,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let outer = self.ending.replace(item);
        let done = work(self);
        self.ending = outer;
        done
    }
    /// Accepts facts that create items or relationships, each with the next number. They are worked out side by
    /// side; the entry is the same as if they had been accepted one by one.
    pub fn accept_new(&mut self, mut facts: Vec<Fact>) -> Result<()> {
        let mut along = Vec::new();
        for fact in &mut facts {
            along.extend(self.check(fact)?);
        }
        let draft: &Draft = self.draft;
        let work_out = |facts: Vec<Fact>| -> Result<_> {
            let encoded = facts.iter().try_fold(Vec::new(), encode_onto)?;
            Ok((facts.len() as u32, encoded, draft.stage(facts)?))
        };
        let parts: Vec<_> = match facts.len() > FACTS_TOGETHER {
            true => facts.into_par_iter().chunks(FACTS_TOGETHER).map(work_out).collect::<Result<_>>()?,
            false => vec![work_out(facts)?],
        };
        let mut all = Vec::with_capacity(parts.len());
        for (count, encoded, staged) in parts {
            self.recorded.append(count, &encoded);
            all.push(staged);
        }
        self.draft.take(all)?;
        along.into_iter().try_for_each(|fact| self.record(fact))
    }
    /// The symbol of a name, which is recorded if it is new.
    pub fn symbol(&mut self, name: &str) -> Result<Symbol> {
        if let Some(symbol) = self.draft.names().get(name) {
            return Ok(symbol);
        }
        let first = self.draft.names().len();
        if first >= NAMES_MAX {
            return Err(Error::limit(
                "graph.names",
                format!("a graph holds at most {NAMES_MAX} distinct names"),
            ));
        }
        if name.is_empty() || name.len() > 256 || name.contains('\0') {
            return Err(Error::invalid("name.invalid", "a name has 1 to 256 bytes and no NUL"));
        }
        self.accept(Fact::NamesAdded { first: first as u32, names: vec![SmolStr::new(name)] })?;
        Ok(Symbol(first as u32))
    }
    /// Whether anything was accepted.
    pub fn has_recorded(&self) -> bool {
        !self.recorded.is_empty()
    }
    pub fn finish(self) -> Recorded {
        self.recorded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Payload;
    use crate::store::log::pack;

    #[test]
    fn recorded_facts_read_back_as_a_payload() {
        let mut recorded = Recorded::default();
        let facts: Vec<Fact> = (0..300)
            .map(|n| Fact::NamesAdded {
                first: n,
                names: vec![SmolStr::new("x"), SmolStr::new("long enough to spill over")],
            })
            .collect();
        facts.iter().for_each(|f| recorded.push(f).unwrap());
        let payloads: Vec<Vec<u8>> = recorded.payloads().collect();
        assert_eq!(Payload::decode(&pack(&payloads[0])).unwrap(), Payload::Inline(facts));
    }
}
