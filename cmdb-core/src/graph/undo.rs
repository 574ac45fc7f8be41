//! What an entry changed, kept so that it can be walked back: past positions and undo are made of these.

use crate::error::Result;
use crate::model::codec::{Reader, Writer};

/// The state just before one entry, as far as the entry changed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undo {
    /// Items that existed (removed ones included); those from here on were created by the entry.
    pub items: u32,
    pub relationships: u32,
    /// Records of older items as they were: (number, encoded record), each number once.
    pub item_records: Vec<(u32, Vec<u8>)>,
    pub relationship_records: Vec<(u32, Vec<u8>)>,
    /// The schema's encoded definitions, where the entry changed them.
    pub schema: Option<Vec<u8>>,
}

impl Undo {
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.varint(u64::from(self.items));
        w.varint(u64::from(self.relationships));
        for records in [&self.item_records, &self.relationship_records] {
            w.varint(records.len() as u64);
            for (number, record) in records {
                w.varint(u64::from(*number));
                w.varint(record.len() as u64);
                w.bytes.extend_from_slice(record);
            }
        }
        match &self.schema {
            Some(schema) => {
                w.varint(schema.len() as u64 + 1);
                w.bytes.extend_from_slice(schema);
            }
            None => w.varint(0),
        }
        w.bytes
    }
    pub fn decode(bytes: &[u8]) -> Result<Undo> {
        let mut r = Reader::new(bytes);
        let mut undo = Undo { items: r.u32()?, relationships: r.u32()?, ..Undo::default() };
        undo.item_records = records(&mut r)?;
        undo.relationship_records = records(&mut r)?;
        let schema = r.varint()? as usize;
        if schema > 0 {
            undo.schema = Some(r.take(schema - 1)?.to_vec());
        }
        Ok(undo)
    }
    /// The earlier record of an item the entry changed.
    pub fn item(&self, number: u32) -> Option<&[u8]> {
        self.item_records.iter().find(|(n, _)| *n == number).map(|(_, record)| record.as_slice())
    }
}

fn records(r: &mut Reader<'_>) -> Result<Vec<(u32, Vec<u8>)>> {
    let count = r.count()?;
    let mut out = Vec::with_capacity(count);
    for _ in 0..count {
        let number = r.u32()?;
        let len = r.varint()? as usize;
        out.push((number, r.take(len)?.to_vec()));
    }
    Ok(out)
}
