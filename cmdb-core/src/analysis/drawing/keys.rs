//! What items are put together by: their class, site, service, owner or environment, read off attributes and
//! relationships as far as an inventory has them.

use super::Subject;
use crate::analysis::criticality::rank;
use crate::error::Result;
use crate::graph::adjacency::Adjacency;
use crate::graph::{Records, Snapshot, View};
use crate::model::{Item, SmolStr, Symbol};
use crate::schema::symbols;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Steps to a site at most; racks, rooms and clusters lie between.
const STEPS_TO_SITE: usize = 12;
/// Types along which an item is where its dependency is, nearest to the ground first.
const CARRIERS: [&str; 8] =
    ["located_in", "runs_on", "hosted_on", "hosts", "contains", "stored_on", "stores_on", "member_of"];

/// What items may be put together by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    Class,
    /// Where the item stands: its attribute `site` or `location`, else the outermost place it, or what it runs on, is
    /// located in.
    Site,
    /// The most critical business service among those drawn that depends on the item.
    Service,
    /// Attribute `owner`, else whom `owned_by` names.
    Owner,
    Environment,
}

impl GroupBy {
    pub const ALL: [GroupBy; 5] =
        [GroupBy::Class, GroupBy::Site, GroupBy::Service, GroupBy::Owner, GroupBy::Environment];
    pub fn word(self) -> &'static str {
        match self {
            GroupBy::Class => "class",
            GroupBy::Site => "site",
            GroupBy::Service => "service",
            GroupBy::Owner => "owner",
            GroupBy::Environment => "environment",
        }
    }
    pub fn parse(word: &str) -> Option<GroupBy> {
        GroupBy::ALL.into_iter().find(|by| by.word() == word)
    }
}

/// A value for each member of a subject.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// By member: index into `texts`.
    pub of: Vec<u32>,
    /// The first one is empty: no value.
    pub texts: Vec<SmolStr>,
}

impl Values {
    pub fn text(&self, member: usize) -> &SmolStr {
        &self.texts[self.of[member] as usize]
    }
}

/// Gives texts numbers.
struct Interner {
    texts: Vec<SmolStr>,
    numbers: FxHashMap<SmolStr, u32>,
}

impl Interner {
    fn new() -> Interner {
        let numbers = [(SmolStr::default(), 0)].into_iter().collect();
        Interner { texts: vec![SmolStr::default()], numbers }
    }
    fn number(&mut self, text: &str) -> u32 {
        if let Some(known) = self.numbers.get(text) {
            return *known;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }
}

/// Reads one value for each member.
pub fn values(view: View<'_>, subject: &Subject, by: GroupBy) -> Result<Values> {
    match by {
        GroupBy::Service => services(view, subject),
        other => values_of(view, subject.members.iter().map(|m| m.item), other),
    }
}

/// The same for any items. Services are those of a subject, so there are none.
pub fn values_of(view: View<'_>, items: impl Iterator<Item = u32>, by: GroupBy) -> Result<Values> {
    let snapshot = view.snapshot();
    match by {
        GroupBy::Class => Ok(classes(snapshot, items)),
        GroupBy::Site => Sites::new(view).values(items),
        GroupBy::Service => each(items, |_, _| Ok(0)),
        GroupBy::Owner => owners(view, items),
        GroupBy::Environment => {
            let key = snapshot.names().get("environment");
            each(
                items,
                |item, found| Ok(found.number(text_of(snapshot, item, key)?.as_deref().unwrap_or(""))),
            )
        }
    }
}

fn each(
    items: impl Iterator<Item = u32>,
    mut value: impl FnMut(u32, &mut Interner) -> Result<u32>,
) -> Result<Values> {
    let mut found = Interner::new();
    let of = items.map(|item| value(item, &mut found)).collect::<Result<_>>()?;
    Ok(Values { of, texts: found.texts })
}

fn classes(snapshot: &Snapshot, items: impl Iterator<Item = u32>) -> Values {
    let mut texts = vec![SmolStr::default()];
    let mut numbers: FxHashMap<Symbol, u32> = FxHashMap::default();
    let mut number = |class: Symbol| {
        *numbers.entry(class).or_insert_with(|| {
            texts.push(snapshot.names().text(class).into());
            texts.len() as u32 - 1
        })
    };
    let of = items.map(|item| snapshot.class_of(item).map_or(0, &mut number)).collect();
    Values { of, texts }
}

/// An attribute as text, if it is one and stated.
fn text_of(snapshot: &Snapshot, item: u32, key: Option<Symbol>) -> Result<Option<SmolStr>> {
    let Some(key) = key else { return Ok(None) };
    let Some(bytes) = snapshot.item_bytes(snapshot.number(item).0) else { return Ok(None) };
    let value = Item::find_attribute(bytes, key)?;
    Ok(value.as_ref().and_then(|v| v.as_text()).filter(|t| !t.is_empty()).map(SmolStr::new))
}

fn owners(view: View<'_>, items: impl Iterator<Item = u32>) -> Result<Values> {
    let snapshot = view.snapshot();
    let (key, kind) = (snapshot.names().get("owner"), snapshot.names().get("owned_by"));
    each(items, |item, found| {
        if let Some(text) = text_of(snapshot, item, key)? {
            return Ok(found.number(&text));
        }
        let Some(kind) = kind else { return Ok(0) };
        let named = snapshot.outgoing().row(item).entries().filter(|e| e.type_symbol() == kind.0);
        let visible = named.map(|e| e.other()).filter(|other| !view.is_hidden(*other));
        Ok(visible.map(|other| snapshot.name_of(other)).min().map_or(0, |name| found.number(name)))
    })
}

/// Walks to where things stand, each step once.
struct Sites<'a> {
    view: View<'a>,
    attributes: [Option<Symbol>; 2],
    carriers: Vec<Symbol>,
    located_in: Option<Symbol>,
    location: Option<Symbol>,
    /// Found before; an empty text where there is none.
    known: FxHashMap<u32, SmolStr>,
}

impl<'a> Sites<'a> {
    fn new(view: View<'a>) -> Sites<'a> {
        let names = view.snapshot().names();
        Sites {
            view,
            attributes: [names.get("site"), names.get("location")],
            carriers: CARRIERS.iter().filter_map(|name| names.get(name)).collect(),
            located_in: names.get("located_in"),
            location: names.get("Location"),
            known: FxHashMap::default(),
        }
    }
    fn values(mut self, items: impl Iterator<Item = u32>) -> Result<Values> {
        each(items, |item, found| Ok(found.number(&self.site(item)?)))
    }
    fn site(&mut self, item: u32) -> Result<SmolStr> {
        let mut walked = Vec::new();
        let mut at = item;
        let site = loop {
            if let Some(known) = self.known.get(&at) {
                break known.clone();
            }
            walked.push(at);
            let onwards =
                self.onwards(at).filter(|next| !walked.contains(next) && walked.len() <= STEPS_TO_SITE);
            // A stated place says more than where the trail would lead.
            match (self.stated(at)?, onwards) {
                (Some(stated), _) => break stated,
                (None, Some(next)) => at = next,
                (None, None) => break if self.is_place(at) { self.name(at) } else { SmolStr::default() },
            }
        };
        for item in walked {
            self.known.insert(item, site.clone());
        }
        Ok(site)
    }
    fn stated(&self, item: u32) -> Result<Option<SmolStr>> {
        let snapshot = self.view.snapshot();
        for key in self.attributes {
            if let Some(text) = text_of(snapshot, item, key)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }
    fn name(&self, item: u32) -> SmolStr {
        self.view.snapshot().name_of(item).into()
    }
    /// A location, or something that others are located in.
    fn is_place(&self, item: u32) -> bool {
        let snapshot = self.view.snapshot();
        let is_location = || {
            let (class, location) = (snapshot.class_of(item)?, self.location?);
            Some(snapshot.schema().is_a(class, location))
        };
        let houses = || {
            let kind = self.located_in?;
            Some(snapshot.dependents().row(item).entries().any(|e| e.type_symbol() == kind.0))
        };
        is_location().unwrap_or(false) || houses().unwrap_or(false)
    }
    /// The next item on the way: along the carrier nearest to the ground, the first by name.
    fn onwards(&self, item: u32) -> Option<u32> {
        let snapshot = self.view.snapshot();
        let row = Adjacency::row(snapshot.dependencies(), item);
        let rank = |kind: u32| self.carriers.iter().position(|c| c.0 == kind);
        let steps = row.entries().filter_map(|e| Some((rank(e.type_symbol())?, e.other())));
        let steps = steps.filter(|(_, other)| !self.view.is_hidden(*other));
        // Whatever is a place itself moves on to the place around it and nowhere else.
        let steps = steps.filter(|(rank, _)| *rank == 0 || !self.is_place(item));
        steps
            .min_by(|a, b| a.0.cmp(&b.0).then_with(|| snapshot.name_of(a.1).cmp(snapshot.name_of(b.1))))
            .map(|s| s.1)
    }
}

/// From the most critical service on, whatever it depends on and no service before it did.
fn services(view: View<'_>, subject: &Subject) -> Result<Values> {
    let snapshot = view.snapshot();
    let mut services = Vec::new();
    for (at, member) in subject.members.iter().enumerate() {
        let class = snapshot.class_of(member.item);
        if class.is_some_and(|c| snapshot.schema().is_a(c, symbols::BUSINESS_SERVICE)) {
            services.push((rank(snapshot, member.item)?, snapshot.name_of(member.item), at));
        }
    }
    services.sort();
    let (mut of, mut texts) = (vec![0; subject.members.len()], vec![SmolStr::default()]);
    for (_, name, service) in services {
        if of[service] != 0 {
            continue;
        }
        let number = texts.len() as u32;
        texts.push(name.into());
        of[service] = number;
        let mut queue = VecDeque::from([service]);
        while let Some(at) = queue.pop_front() {
            for entry in snapshot.dependencies().row(subject.members[at].item).entries() {
                let Some(next) = subject.index_of(entry.other()).map(|n| n as usize) else { continue };
                if of[next] == 0 {
                    of[next] = number;
                    queue.push_back(next);
                }
            }
        }
    }
    Ok(Values { of, texts })
}
