//! An item: anything recorded, from a business service to a change record.
//!
//! Encoded as *content* (what it is: name, labels, status, keys, attributes) followed by *history* (version,
//! positions, provenance), so that the content can be hashed alone and the name can be read without the rest.

use super::codec::{Reader, Writer};
use super::{Position, SmolStr, Symbol, Value};
use crate::error::Result;
use smallvec::SmallVec;

/// An item's labels; in a closed schema exactly one, its class.
pub type Labels = SmallVec<[Symbol; 2]>;

/// One attribute with who stated it and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    pub key: Symbol,
    pub value: Value,
    pub source: Symbol,
    pub at: Position,
}

/// An item as stored. Its number is where it is stored, not part of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    pub name: Option<SmolStr>,
    pub labels: Labels,
    pub status: Option<Symbol>,
    /// The keys by which sources know it, sorted: (source, key within that source).
    pub keys: Vec<(Symbol, SmolStr)>,
    /// Sorted by key.
    pub attributes: Vec<Attribute>,
    pub version: u32,
    pub created: Position,
    pub updated: Position,
    /// Names it had before, newest last; kept so that an old name can say what became of it.
    pub former_names: Vec<SmolStr>,
    /// A removed item leaves this behind; it is part of no graph.
    pub removed: bool,
    /// What other sources say of an attribute than what is shown, sorted by key and source. No part of the content.
    pub claims: Vec<Attribute>,
}

/// What [`Item::glance`] tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance {
    pub class: Option<Symbol>,
    pub status: Option<Symbol>,
    pub removed: bool,
}

/// One text by which an item may be found.
#[derive(Clone, Debug, PartialEq)]
pub enum Text<'a> {
    Name(&'a str),
    FormerName(&'a str),
    Key(Symbol, &'a str),
    Attribute(Symbol, Value),
}

/// Former names kept per item.
pub const FORMER_NAMES_MAX: usize = 8;

impl Item {
    pub fn attribute(&self, key: Symbol) -> Option<&Value> {
        self.attributes.binary_search_by_key(&key, |a| a.key).ok().map(|i| &self.attributes[i].value)
    }
    /// Sets one attribute; says whether anything changed.
    pub fn set(&mut self, attribute: Attribute) -> bool {
        set(&mut self.attributes, attribute)
    }
    pub fn unset(&mut self, key: Symbol) -> bool {
        unset(&mut self.attributes, key)
    }
    /// What `source` says of an attribute, shown or not.
    pub fn said_by(&self, key: Symbol, source: Symbol) -> Option<&Value> {
        let is_it = |a: &&Attribute| a.key == key && a.source == source;
        self.attributes.iter().chain(&self.claims).find(is_it).map(|a| &a.value)
    }
    /// Notes what a source says of an attribute that another one's value is shown of.
    pub fn claim(&mut self, claim: Attribute) {
        match self.claims.binary_search_by_key(&(claim.key, claim.source), |c| (c.key, c.source)) {
            Ok(at) => self.claims[at] = claim,
            Err(at) => self.claims.insert(at, claim),
        }
    }
    /// Forgets what a source said of an attribute that another one's value is shown of.
    pub fn disclaim(&mut self, key: Symbol, source: Symbol) {
        self.claims.retain(|c| (c.key, c.source) != (key, source));
    }
    pub fn add_key(&mut self, source: Symbol, key: SmolStr) {
        let entry = (source, key);
        if let Err(at) = self.keys.binary_search(&entry) {
            self.keys.insert(at, entry);
        }
    }
    pub fn class(&self) -> Option<Symbol> {
        self.labels.first().copied()
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut content = Writer { bytes: Vec::with_capacity(128) };
        self.encode_content(&mut content);
        let mut out = Writer { bytes: Vec::with_capacity(content.bytes.len() + 16) };
        out.varint(content.bytes.len() as u64);
        out.bytes.extend_from_slice(&content.bytes);
        out.varint(u64::from(self.version));
        out.varint(self.created.0);
        out.varint(self.updated.0);
        out.bytes.push(u8::from(self.removed));
        encode_provenance(&mut out, &self.attributes);
        out.varint(self.former_names.len() as u64);
        for name in &self.former_names {
            out.text(name);
        }
        // Most items have none, and then not a byte.
        for claim in &self.claims {
            out.varint(u64::from(claim.key.0));
            out.varint(u64::from(claim.source.0));
            out.varint(claim.at.0);
            out.value(&claim.value);
        }
        out.bytes
    }
    fn encode_content(&self, out: &mut Writer) {
        match &self.name {
            Some(name) => {
                out.varint(name.len() as u64 + 1);
                out.bytes.extend_from_slice(name.as_bytes());
            }
            None => out.varint(0),
        }
        out.varint(self.labels.len() as u64);
        for label in &self.labels {
            out.varint(u64::from(label.0));
        }
        out.varint(self.status.map_or(0, |s| u64::from(s.0) + 1));
        out.varint(self.keys.len() as u64);
        for (source, key) in &self.keys {
            out.varint(u64::from(source.0));
            out.text(key);
        }
        encode_attributes(out, &self.attributes);
    }
    pub fn decode(bytes: &[u8]) -> Result<Item> {
        let mut all = Reader::new(bytes);
        let content_len = all.varint()? as usize;
        let mut r = Reader::new(all.take(content_len)?);
        let mut item = Item { name: read_name(&mut r)?.map(SmolStr::new), ..Item::default() };
        for _ in 0..r.count()? {
            item.labels.push(Symbol(r.u32()?));
        }
        item.status = r.u32()?.checked_sub(1).map(Symbol);
        for _ in 0..r.count()? {
            item.keys.push((Symbol(r.u32()?), SmolStr::new(r.text()?)));
        }
        item.attributes = decode_attributes(&mut r)?;
        item.version = all.u32()?;
        item.created = Position(all.varint()?);
        item.updated = Position(all.varint()?);
        item.removed = all.byte()? != 0;
        decode_provenance(&mut all, &mut item.attributes)?;
        for _ in 0..all.count()? {
            item.former_names.push(SmolStr::new(all.text()?));
        }
        while !all.is_empty() {
            let (key, source, at) = (Symbol(all.u32()?), Symbol(all.u32()?), Position(all.varint()?));
            item.claims.push(Attribute { key, value: all.value()?, source, at });
        }
        Ok(item)
    }
    /// What opening a store needs of a record, read without making an item of it. `text` is handed every text by
    /// which the item may be found; attributes for which `indexed` is true come as their values.
    pub fn glance<'a>(
        bytes: &'a [u8],
        indexed: impl Fn(Option<Symbol>, Symbol) -> bool,
        mut text: impl FnMut(Text<'a>),
    ) -> Result<Glance> {
        let mut all = Reader::new(bytes);
        let content_len = all.varint()? as usize;
        let mut r = Reader::new(all.take(content_len)?);
        let mut history = all.clone();
        for _ in 0..3 {
            history.varint()?;
        }
        let removed = history.byte()? != 0;
        if let Some(name) = read_name(&mut r)?
            && !removed
        {
            text(Text::Name(name));
        }
        let mut class = None;
        for _ in 0..r.count()? {
            let label = Symbol(r.u32()?);
            class.get_or_insert(label);
        }
        let status = r.u32()?.checked_sub(1).map(Symbol);
        if removed {
            return Ok(Glance { class, status, removed });
        }
        for _ in 0..r.count()? {
            text(Text::Key(Symbol(r.u32()?), r.text()?));
        }
        let attributes = r.count()?;
        for _ in 0..attributes {
            let key = Symbol(r.u32()?);
            match indexed(class, key) {
                true => text(Text::Attribute(key, r.value()?)),
                false => r.skip_value()?,
            }
        }
        let mut covered = 0;
        while covered < attributes {
            covered += (history.varint()? as usize).max(1);
            history.varint()?;
            history.varint()?;
        }
        for _ in 0..history.count()? {
            text(Text::FormerName(history.text()?));
        }
        Ok(Glance { class, status, removed })
    }
    /// Whether the record is what a removal left, without decoding the rest.
    pub fn is_removed(bytes: &[u8]) -> bool {
        let removed = || -> Result<bool> {
            let mut r = Reader::new(bytes);
            let content = r.varint()? as usize;
            r.take(content)?;
            for _ in 0..3 {
                r.varint()?;
            }
            Ok(r.byte()? != 0)
        };
        removed().unwrap_or(true)
    }
    /// Whether `source` knows the item by `key`, without decoding the rest.
    pub fn has_key(bytes: &[u8], source: Symbol, key: &str) -> bool {
        let found = || -> Result<bool> {
            let mut r = Reader::new(bytes);
            r.varint()?;
            read_name(&mut r)?;
            for _ in 0..r.count()? {
                r.varint()?;
            }
            r.varint()?;
            for _ in 0..r.count()? {
                let (known_source, known_key) = (r.u32()?, r.text()?);
                if known_source == source.0 && known_key == key {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        found().unwrap_or(false)
    }
    /// One attribute's value, without decoding what comes after it.
    pub fn find_attribute(bytes: &[u8], key: Symbol) -> Result<Option<Value>> {
        let mut r = Reader::new(bytes);
        r.varint()?;
        skip_name(&mut r)?;
        for _ in 0..r.count()? {
            r.varint()?;
        }
        r.varint()?;
        for _ in 0..r.count()? {
            r.varint()?;
            let len = r.varint()? as usize;
            r.take(len)?;
        }
        find_attribute(&mut r, key)
    }
    /// The labels and the status, without decoding the rest.
    pub fn decode_labels(bytes: &[u8]) -> Result<(Labels, Option<Symbol>)> {
        let mut r = Reader::new(bytes);
        r.varint()?;
        read_name(&mut r)?;
        let mut labels = Labels::new();
        for _ in 0..r.count()? {
            labels.push(Symbol(r.u32()?));
        }
        Ok((labels, r.u32()?.checked_sub(1).map(Symbol)))
    }
    /// The entries that made the item and changed it last, without decoding the rest.
    pub fn decode_moments(bytes: &[u8]) -> Result<(Position, Position)> {
        let mut r = Reader::new(bytes);
        let content = r.varint()? as usize;
        r.take(content)?;
        r.u32()?;
        Ok((Position(r.varint()?), Position(r.varint()?)))
    }
    /// The name alone, without decoding the rest.
    pub fn decode_name(bytes: &[u8]) -> Result<Option<&str>> {
        let mut r = Reader::new(bytes);
        r.varint()?;
        read_name(&mut r)
    }
}

fn read_name<'a>(r: &mut Reader<'a>) -> Result<Option<&'a str>> {
    match r.varint()? {
        0 => Ok(None),
        len => Ok(Some(
            std::str::from_utf8(r.take(len as usize - 1)?)
                .map_err(|_| crate::error::Error::corrupt("store.record", "a stored name is not UTF-8"))?,
        )),
    }
}

fn skip_name(r: &mut Reader<'_>) -> Result<()> {
    let len = (r.varint()? as usize).saturating_sub(1);
    r.take(len).map(drop)
}

/// The content part of an encoded record: equal content, equal bytes. Items and relationships alike.
pub fn content_of(bytes: &[u8]) -> &[u8] {
    let mut r = Reader::new(bytes);
    let Ok(len) = r.varint() else { return &[] };
    r.take(len as usize).unwrap_or(&[])
}

pub(super) fn set(attributes: &mut Vec<Attribute>, attribute: Attribute) -> bool {
    match attributes.binary_search_by_key(&attribute.key, |a| a.key) {
        Ok(i) if attributes[i].value == attribute.value => false,
        Ok(i) => {
            attributes[i] = attribute;
            true
        }
        Err(i) => {
            attributes.insert(i, attribute);
            true
        }
    }
}

pub(super) fn unset(attributes: &mut Vec<Attribute>, key: Symbol) -> bool {
    match attributes.binary_search_by_key(&key, |a| a.key) {
        Ok(i) => {
            attributes.remove(i);
            true
        }
        Err(_) => false,
    }
}

pub(super) fn encode_attributes(out: &mut Writer, attributes: &[Attribute]) {
    out.varint(attributes.len() as u64);
    for attribute in attributes {
        out.varint(u64::from(attribute.key.0));
        out.value(&attribute.value);
    }
}

/// The value of one attribute of an encoded, sorted list.
pub(super) fn find_attribute(r: &mut Reader<'_>, key: Symbol) -> Result<Option<Value>> {
    for _ in 0..r.count()? {
        let found = r.u32()?;
        if found == key.0 {
            return r.value().map(Some);
        }
        if found > key.0 {
            return Ok(None);
        }
        r.skip_value()?;
    }
    Ok(None)
}

pub(super) fn decode_attributes(r: &mut Reader<'_>) -> Result<Vec<Attribute>> {
    let count = r.count()?;
    let mut attributes = Vec::with_capacity(count);
    for _ in 0..count {
        let key = Symbol(r.u32()?);
        attributes.push(Attribute { key, value: r.value()?, source: Symbol(0), at: Position(0) });
    }
    Ok(attributes)
}

/// Runs of (how many attributes, source, position): one run for an item that came whole from one import.
pub(super) fn encode_provenance(out: &mut Writer, attributes: &[Attribute]) {
    for run in attributes.chunk_by(|a, b| a.source == b.source && a.at == b.at) {
        out.varint(run.len() as u64);
        out.varint(u64::from(run[0].source.0));
        out.varint(run[0].at.0);
    }
}

pub(super) fn decode_provenance(r: &mut Reader<'_>, attributes: &mut [Attribute]) -> Result<()> {
    let mut done = 0;
    while done < attributes.len() {
        let run = (r.varint()? as usize).clamp(1, attributes.len() - done);
        let (source, at) = (Symbol(r.u32()?), Position(r.varint()?));
        for attribute in &mut attributes[done..done + run] {
            attribute.source = source;
            attribute.at = at;
        }
        done += run;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_reads_back_whole_and_history_is_not_content() {
        let at = |p| Position(p);
        let mut item = Item {
            name: Some("web-01".into()),
            labels: [Symbol(3)].into_iter().collect(),
            status: Some(Symbol(9)),
            version: 2,
            created: at(1),
            updated: at(300),
            former_names: vec!["web-old".into()],
            ..Item::default()
        };
        item.add_key(Symbol(4), "srv-1".into());
        for (key, position) in [(7, 1), (5, 1), (6, 300)] {
            let value = Value::text("x");
            assert!(item.set(Attribute { key: Symbol(key), value, source: Symbol(4), at: at(position) }));
        }
        let bytes = item.encode();
        assert_eq!(Item::decode(&bytes).unwrap(), item);
        assert_eq!(Item::decode_name(&bytes).unwrap(), Some("web-01"));
        let mut texts = Vec::new();
        let glance = Item::glance(&bytes, |_, key| key == Symbol(6), |text| texts.push(text)).unwrap();
        assert_eq!(glance, Glance { class: Some(Symbol(3)), status: Some(Symbol(9)), removed: false });
        let found_by = [
            Text::Name("web-01"),
            Text::Key(Symbol(4), "srv-1"),
            Text::Attribute(Symbol(6), Value::text("x")),
            Text::FormerName("web-old"),
        ];
        assert_eq!(texts, found_by);
        assert_eq!(Item::find_attribute(&bytes, Symbol(6)).unwrap(), Some(Value::text("x")));
        assert_eq!(Item::find_attribute(&bytes, Symbol(8)).unwrap(), None);
        assert_eq!(Item::decode_labels(&bytes).unwrap(), (item.labels.clone(), item.status));
        assert_eq!(Item::decode_moments(&bytes).unwrap(), (at(1), at(300)));
        let mut later = item.clone();
        later.version = 9;
        later.updated = at(500);
        assert_eq!(content_of(&later.encode()), content_of(&bytes));
        for cut in 0..bytes.len() {
            assert!(Item::decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }
}
