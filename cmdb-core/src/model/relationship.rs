//! A relationship: directed, typed, between two items; identified by (type, source, target, group).

use super::codec::{Reader, Writer};
use super::item::{
    Attribute, decode_attributes, decode_provenance, encode_attributes, encode_provenance, find_attribute,
    set, unset,
};
use super::{ItemNumber, Position, SmolStr, Symbol, Value};
use crate::error::Result;

/// What makes a relationship that relationship.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    pub kind: Symbol,
    pub source: ItemNumber,
    pub target: ItemNumber,
    /// The redundancy group of the dependent end, where it is in one.
    pub group: Option<SmolStr>,
}

/// A relationship as stored. Its number is where it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Relationship {
    pub identity: Identity,
    /// Sorted by key.
    pub attributes: Vec<Attribute>,
    pub version: u32,
    pub created: Position,
    pub updated: Position,
    pub removed: bool,
}

impl Relationship {
    pub fn attribute(&self, key: Symbol) -> Option<&Value> {
        self.attributes.binary_search_by_key(&key, |a| a.key).ok().map(|i| &self.attributes[i].value)
    }
    pub fn set(&mut self, attribute: Attribute) -> bool {
        set(&mut self.attributes, attribute)
    }
    pub fn unset(&mut self, key: Symbol) -> bool {
        unset(&mut self.attributes, key)
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut content = Writer { bytes: Vec::with_capacity(24) };
        content.varint(u64::from(self.identity.kind.0));
        content.varint(u64::from(self.identity.source.0));
        content.varint(u64::from(self.identity.target.0));
        match &self.identity.group {
            Some(group) => {
                content.varint(group.len() as u64 + 1);
                content.bytes.extend_from_slice(group.as_bytes());
            }
            None => content.varint(0),
        }
        encode_attributes(&mut content, &self.attributes);
        let mut out = Writer { bytes: Vec::with_capacity(content.bytes.len() + 8) };
        out.varint(content.bytes.len() as u64);
        out.bytes.extend_from_slice(&content.bytes);
        out.varint(u64::from(self.version));
        out.varint(self.created.0);
        out.varint(self.updated.0 - self.created.0);
        out.bytes.push(u8::from(self.removed));
        encode_provenance(&mut out, &self.attributes);
        out.bytes
    }
    /// Type, source and target, without decoding the rest.
    pub fn decode_ends(bytes: &[u8]) -> Result<(Symbol, ItemNumber, ItemNumber)> {
        let mut r = Reader::new(bytes);
        r.varint()?;
        Ok((Symbol(r.u32()?), ItemNumber(r.u32()?), ItemNumber(r.u32()?)))
    }
    /// One attribute's value, without decoding what comes after it.
    pub fn find_attribute(bytes: &[u8], key: Symbol) -> Result<Option<Value>> {
        let mut r = Reader::new(bytes);
        for _ in 0..4 {
            r.varint()?;
        }
        let group = r.varint()?;
        r.take(group.saturating_sub(1) as usize)?;
        find_attribute(&mut r, key)
    }
    pub fn decode(bytes: &[u8]) -> Result<Relationship> {
        let mut all = Reader::new(bytes);
        let content_len = all.varint()? as usize;
        let mut r = Reader::new(all.take(content_len)?);
        let identity = Identity {
            kind: Symbol(r.u32()?),
            source: ItemNumber(r.u32()?),
            target: ItemNumber(r.u32()?),
            group: match r.varint()? {
                0 => None,
                len => {
                    Some(SmolStr::new(std::str::from_utf8(r.take(len as usize - 1)?).unwrap_or("\u{fffd}")))
                }
            },
        };
        let mut attributes = decode_attributes(&mut r)?;
        let version = all.u32()?;
        let created = Position(all.varint()?);
        let updated = Position(created.0.saturating_add(all.varint()?));
        let removed = all.byte()? != 0;
        decode_provenance(&mut all, &mut attributes)?;
        Ok(Relationship { identity, attributes, version, created, updated, removed })
    }
    /// Whether the record is what a removal left, without decoding the rest; damaged ones count as removed.
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
    /// Type, source and target of a record that exists and has neither group nor attributes, as most do.
    pub fn plain(bytes: &[u8]) -> Option<(Symbol, ItemNumber, ItemNumber)> {
        let mut r = Reader::new(bytes);
        r.varint().ok()?;
        let ends = (Symbol(r.u32().ok()?), ItemNumber(r.u32().ok()?), ItemNumber(r.u32().ok()?));
        let (group, attributes) = (r.varint().ok()?, r.varint().ok()?);
        for _ in 0..3 {
            r.varint().ok()?;
        }
        (group == 0 && attributes == 0 && r.byte().ok()? == 0).then_some(ends)
    }
    /// Whether the record is of this type and between these items, without decoding the rest.
    pub fn joins(bytes: &[u8], kind: Symbol, source: ItemNumber, target: ItemNumber) -> bool {
        let found = || -> Result<bool> {
            let mut r = Reader::new(bytes);
            r.varint()?;
            Ok(r.u32()? == kind.0 && r.u32()? == source.0 && r.u32()? == target.0)
        };
        found().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relationship_reads_back_whole() {
        let mut relationship = Relationship {
            identity: Identity {
                kind: Symbol(2),
                source: ItemNumber(70_000),
                target: ItemNumber(3),
                group: Some("web".into()),
            },
            attributes: Vec::new(),
            version: 1,
            created: Position(4),
            updated: Position(9),
            removed: false,
        };
        relationship.set(Attribute {
            key: Symbol(1),
            value: Value::Integer(2),
            source: Symbol(8),
            at: Position(9),
        });
        let bytes = relationship.encode();
        assert_eq!(Relationship::decode(&bytes).unwrap(), relationship);
        let ends = (Symbol(2), ItemNumber(70_000), ItemNumber(3));
        assert_eq!(Relationship::decode_ends(&bytes).unwrap(), ends);
        assert_eq!(Relationship::find_attribute(&bytes, Symbol(1)).unwrap(), Some(Value::Integer(2)));
        assert_eq!(Relationship::find_attribute(&bytes, Symbol(2)).unwrap(), None);
    }
}
