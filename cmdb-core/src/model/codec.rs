//! The small byte language of stored records: varints, texts, values. Versioned by whoever seals the bytes.

use super::Value;
use crate::error::{Error, Result};

/// Appends to a byte vector.
#[derive(Debug, Default)]
pub struct Writer {
    pub bytes: Vec<u8>,
}

impl Writer {
    pub fn varint(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.bytes.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.bytes.push(n as u8);
    }
    pub fn text(&mut self, text: &str) {
        self.varint(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }
    /// A value as a kind byte and its content; rarer kinds go through `postcard`.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Boolean(false) => self.bytes.push(0),
            Value::Boolean(true) => self.bytes.push(1),
            Value::Integer(n) => {
                self.bytes.push(2);
                self.varint(((n << 1) ^ (n >> 63)) as u64);
            }
            Value::Decimal(n) => {
                self.bytes.push(3);
                self.bytes.extend_from_slice(&n.to_le_bytes());
            }
            Value::Text(text) => {
                self.bytes.push(4);
                self.text(text);
            }
            other => {
                self.bytes.push(5);
                let encoded = postcard::to_stdvec(other).unwrap_or_default();
                self.varint(encoded.len() as u64);
                self.bytes.extend_from_slice(&encoded);
            }
        }
    }
}

/// Reads what [`Writer`] wrote; every method fails on bytes that no writer wrote.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

fn damaged() -> Error {
    Error::corrupt("store.record", "a stored record does not decode")
        .hint("run `cmdb verify --full`, then restore from the newest backup")
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
    pub fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(n).ok_or_else(damaged)?;
        self.rest = rest;
        Ok(head)
    }
    pub fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }
    #[inline]
    pub fn varint(&mut self) -> Result<u64> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(n);
            }
        }
        Err(damaged())
    }
    #[inline]
    pub fn u32(&mut self) -> Result<u32> {
        u32::try_from(self.varint()?).map_err(|_| damaged())
    }
    /// A count of things that each take at least one byte, so a damaged one cannot ask for much memory.
    pub fn count(&mut self) -> Result<usize> {
        let n = self.varint()? as usize;
        if n > self.rest.len() { Err(damaged()) } else { Ok(n) }
    }
    pub fn text(&mut self) -> Result<&'a str> {
        let len = self.varint()? as usize;
        std::str::from_utf8(self.take(len)?).map_err(|_| damaged())
    }
    /// Passes over a value without making it.
    pub fn skip_value(&mut self) -> Result<()> {
        match self.byte()? {
            0 | 1 => {}
            2 => {
                self.varint()?;
            }
            3 => {
                self.take(8)?;
            }
            4 | 5 => {
                let len = self.varint()? as usize;
                self.take(len)?;
            }
            _ => return Err(damaged()),
        }
        Ok(())
    }
    pub fn value(&mut self) -> Result<Value> {
        Ok(match self.byte()? {
            0 => Value::Boolean(false),
            1 => Value::Boolean(true),
            2 => {
                let n = self.varint()?;
                Value::Integer((n >> 1) as i64 ^ -((n & 1) as i64))
            }
            3 => {
                let mut bytes = [0u8; 8];
                bytes.copy_from_slice(self.take(8)?);
                Value::Decimal(f64::from_le_bytes(bytes))
            }
            4 => Value::text(self.text()?),
            5 => {
                let len = self.varint()? as usize;
                postcard::from_bytes(self.take(len)?).map_err(|_| damaged())?
            }
            _ => return Err(damaged()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_back_and_cut_bytes_are_refused() {
        let values = [
            Value::Boolean(true),
            Value::Integer(i64::MIN),
            Value::Integer(-1),
            Value::Decimal(0.1),
            Value::text("größe"),
            Value::List(vec![Value::Integer(1), Value::text("x")]),
            Value::map([("b".into(), Value::Boolean(false)), ("a".into(), Value::List(vec![]))]),
            Value::Date(jiff::civil::date(2026, 11, 22)),
            Value::DateTime(crate::model::temporal::Instant::from_millis(-5)),
        ];
        for value in values {
            let mut w = Writer::default();
            w.value(&value);
            assert_eq!(Reader::new(&w.bytes).value().unwrap(), value);
            let mut reader = Reader::new(&w.bytes);
            reader.skip_value().unwrap();
            assert!(reader.is_empty(), "{value:?} is stepped over whole");
            for cut in 0..w.bytes.len() {
                assert!(Reader::new(&w.bytes[..cut]).value().is_err(), "{value:?} cut at {cut}");
            }
        }
    }
}
