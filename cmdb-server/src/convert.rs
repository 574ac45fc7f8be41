//! The core's records as wire types, and back.

use crate::api;
use cmdb_core::command::Reference;
use cmdb_core::command::attributes::{Input, Inputs};
use cmdb_core::graph::{Records, Snapshot};
use cmdb_core::model::relationship::Relationship;
use cmdb_core::model::temporal::Instant;
use cmdb_core::model::{Item, ItemNumber, Position, RelationshipNumber, Symbol};
use cmdb_core::schema::symbols;
use cmdb_core::{Cmdb, Error, Result};
use cmdb_import::json;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Converts records of one snapshot.
pub struct Convert<'a> {
    pub snapshot: &'a Snapshot,
    cmdb: &'a Cmdb,
    times: RefCell<FxHashMap<Position, String>>,
}

impl<'a> Convert<'a> {
    pub fn new(snapshot: &'a Snapshot, cmdb: &'a Cmdb) -> Convert<'a> {
        Convert { snapshot, cmdb, times: RefCell::default() }
    }
    /// When an entry was accepted.
    pub fn time(&self, position: Position) -> Result<String> {
        if let Some(known) = self.times.borrow().get(&position) {
            return Ok(known.clone());
        }
        let time = timestamp(self.cmdb.time_of(position)?);
        self.times.borrow_mut().insert(position, time.clone());
        Ok(time)
    }
    fn text(&self, symbol: Symbol) -> String {
        self.snapshot.names().text(symbol).to_owned()
    }
    pub fn item(&self, number: ItemNumber, item: &Item) -> Result<api::Item> {
        let names = self.snapshot.names();
        let mut attributes = api::Attributes::new();
        let mut provenance = BTreeMap::new();
        for attribute in &item.attributes {
            let name = self.text(attribute.key);
            let by = api::Provenance { source: self.text(attribute.source), at: self.time(attribute.at)? };
            provenance.insert(name.clone(), by);
            attributes.insert(name, json::from_value(&attribute.value));
        }
        Ok(api::Item {
            id: self.snapshot.item_id(number).to_string(),
            class: item.class().map(|c| self.text(c)).unwrap_or_default(),
            name: item.name.as_ref().map(ToString::to_string),
            status: item.status.map(|s| self.text(s)),
            attributes,
            version: item.version,
            created_at: self.time(item.created)?,
            updated_at: self.time(item.updated)?,
            provenance,
            claims: self.claims(item)?,
            keys: item.keys.iter().map(|(source, key)| format!("{}#{key}", names.text(*source))).collect(),
            former_names: item.former_names.iter().map(ToString::to_string).collect(),
            labels: item.labels.iter().skip(1).map(|l| self.text(*l)).collect(),
        })
    }
    /// What sources say of attributes of which another value is shown, by attribute.
    fn claims(&self, item: &Item) -> Result<BTreeMap<String, Vec<api::Claim>>> {
        let mut claims: BTreeMap<String, Vec<api::Claim>> = BTreeMap::new();
        for claim in &item.claims {
            let value = json::from_value(&claim.value);
            let said = api::Claim { source: self.text(claim.source), value, at: self.time(claim.at)? };
            claims.entry(self.text(claim.key)).or_default().push(said);
        }
        Ok(claims)
    }
    pub fn relationship(
        &self,
        number: RelationshipNumber,
        record: &Relationship,
    ) -> Result<api::Relationship> {
        let mut attributes: api::Attributes =
            record.attributes.iter().map(|a| (self.text(a.key), json::from_value(&a.value))).collect();
        if let Some(group) = &record.identity.group {
            attributes.insert("group".to_owned(), group.as_str().into());
        }
        Ok(api::Relationship {
            id: self.snapshot.relationship_id(number).to_string(),
            kind: self.text(record.identity.kind),
            source: item_ref(self.snapshot, self.snapshot.dense(record.identity.source)),
            target: item_ref(self.snapshot, self.snapshot.dense(record.identity.target)),
            attributes,
            version: record.version,
            created_at: self.time(record.created)?,
            updated_at: self.time(record.updated)?,
        })
    }
}

/// What names an item, by its dense id.
pub fn item_ref(snapshot: &Snapshot, dense: u32) -> api::ItemRef {
    api::ItemRef {
        id: snapshot.item_id(snapshot.number(dense)).to_string(),
        class: snapshot.class_name(dense).to_owned(),
        name: snapshot.name_of(dense).to_owned(),
    }
}

/// Milliseconds since 1970 as RFC 3339.
pub fn timestamp(ms: i64) -> String {
    Instant::from_millis(ms).to_string()
}

/// Attributes as a command takes them; null clears.
pub fn inputs(attributes: api::Attributes) -> Result<Inputs> {
    let input = |(name, value): (String, serde_json::Value)| {
        let pointer = format!("/attributes/{name}");
        let value = json::to_value(&value).map_err(|e| {
            Error::invalid(e.code(), format!("{name}: {}", e.message())).detail(pointer, e.message())
        })?;
        Ok((name.into(), value.map_or(Input::Clear, Input::Typed)))
    };
    attributes.into_iter().map(input).collect()
}

/// A REF as a command takes it.
pub fn reference(text: &str) -> Reference {
    Reference(text.into())
}

/// A class and everything that inherits from it.
#[derive(Clone, Debug)]
pub struct ClassSet(FxHashSet<Symbol>);

impl ClassSet {
    /// The class of this name.
    ///
    /// # Errors
    /// `not-found`, with near names.
    pub fn named(snapshot: &Snapshot, name: &str) -> Result<ClassSet> {
        let class = snapshot.schema().class_named(snapshot.names(), name)?.symbol;
        Ok(ClassSet::of(snapshot, class))
    }
    pub fn of(snapshot: &Snapshot, ancestor: Symbol) -> ClassSet {
        let inherits = snapshot.schema().classes().filter(|c| c.lineage.contains(&ancestor));
        ClassSet(inherits.map(|c| c.symbol).chain([ancestor]).collect())
    }
    pub fn business_services(snapshot: &Snapshot) -> ClassSet {
        ClassSet::of(snapshot, symbols::BUSINESS_SERVICE)
    }
    pub fn holds(&self, class: Option<Symbol>) -> bool {
        class.is_some_and(|c| self.0.contains(&c))
    }
}

/// Relationship types by name.
pub fn types<'n>(snapshot: &Snapshot, names: impl IntoIterator<Item = &'n str>) -> Result<Vec<Symbol>> {
    names.into_iter().map(|n| Ok(snapshot.schema().type_named(snapshot.names(), n)?.symbol)).collect()
}

/// Counts by class name.
pub fn by_class_name(
    snapshot: &Snapshot,
    counts: impl IntoIterator<Item = (Option<Symbol>, u32)>,
) -> BTreeMap<String, u64> {
    let mut out = BTreeMap::new();
    for (class, count) in counts {
        let name = class.map_or("", |c| snapshot.names().text(c));
        *out.entry(name.to_owned()).or_default() += u64::from(count);
    }
    out
}
