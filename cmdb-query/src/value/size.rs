//! How much a value weighs, for the memory account, and how deep it is, for the bound on nesting.

use super::Value;
use crate::error::{Error, Result};
use crate::scene::Budget;
use std::mem::size_of;

/// How deep lists and maps may lie in each other: comparing, hashing and dropping a value walk down that far.
pub const NESTING_MAX: usize = 256;
/// The most elements one list may have.
pub const LIST_LENGTH_MAX: usize = 50_000_000;
/// The longest text one value may hold, in bytes.
pub const TEXT_BYTES_MAX: usize = 256 << 20;

/// What a text of up to this many bytes costs beyond the value itself: nothing.
const INLINE_BYTES: usize = 23;
/// What an entry of a map costs beyond key and value.
const ENTRY_OVERHEAD_BYTES: usize = 16;
/// Elements looked at for one step charged.
const ELEMENTS_PER_STEP: usize = 64;

/// Bytes a value holds, roughly. Shared parts are counted in each value that holds them.
pub fn bytes(value: &Value) -> u64 {
    size_of::<Value>() as u64 + beyond(value)
}

/// Bytes outside the value itself.
fn beyond(value: &Value) -> u64 {
    match value {
        Value::Text(text) if text.len() > INLINE_BYTES => text.len() as u64,
        Value::List(values) => values.iter().map(bytes).sum(),
        Value::Map(entries) => {
            entries.iter().map(|(key, value)| (key.len() + ENTRY_OVERHEAD_BYTES) as u64 + bytes(value)).sum()
        }
        Value::Path(path) => (path.nodes.len() * 8) as u64,
        Value::Temporal(_) => 48,
        _ => 0,
    }
}

/// Bytes of a row.
pub fn row_bytes(row: &[Value]) -> u64 {
    row.iter().map(bytes).sum()
}

/// Bytes charged to a budget as long as this lives.
pub struct Held<'a> {
    budget: &'a Budget<'a>,
    bytes: u64,
}

impl<'a> Held<'a> {
    pub fn new(budget: &'a Budget<'a>) -> Held<'a> {
        Held { budget, bytes: 0 }
    }
    /// Charges more.
    pub fn add(&mut self, bytes: u64) -> Result<()> {
        self.budget.step(bytes / SMALL_BYTES as u64)?;
        self.bytes += bytes;
        self.budget.hold(bytes)
    }
    /// Charges so much instead of what was charged.
    pub fn set(&mut self, bytes: u64) -> Result<()> {
        self.budget.release(std::mem::take(&mut self.bytes));
        self.add(bytes)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.budget.release(self.bytes);
    }
}

/// A list that grows value by value, charged while it does.
pub struct Gathering<'a> {
    values: Vec<Value>,
    held: Held<'a>,
}

impl<'a> Gathering<'a> {
    pub fn new(budget: &'a Budget<'a>) -> Gathering<'a> {
        Gathering { values: Vec::new(), held: Held::new(budget) }
    }
    pub fn push(&mut self, value: Value) -> Result<()> {
        self.held.add(bytes(&value))?;
        self.values.push(value);
        Ok(())
    }
    pub fn finish(self) -> Result<Value> {
        checked_list(self.held.budget, self.values)
    }
}

/// A new list, if it is neither too long nor too deep nor too much to hold.
pub fn checked_list(budget: &Budget<'_>, values: Vec<Value>) -> Result<Value> {
    room_for_list(budget, values.len())?;
    check_nesting(budget, values.iter())?;
    Ok(Value::list(values))
}

/// Refuses a list of so many elements before it is built.
pub fn room_for_list(budget: &Budget<'_>, length: usize) -> Result<()> {
    if length > LIST_LENGTH_MAX {
        let message = format!("a list of {length} elements is longer than the {LIST_LENGTH_MAX} allowed");
        return Err(Error::limit("ListLength", message));
    }
    room_for(budget, length.saturating_mul(size_of::<Value>()))
}

/// Refuses a text of so many bytes before it is built.
pub fn room_for_text(budget: &Budget<'_>, bytes: usize) -> Result<()> {
    if bytes > TEXT_BYTES_MAX {
        let message = format!("a text of {bytes} bytes is longer than the {TEXT_BYTES_MAX} allowed");
        return Err(Error::limit("TextLength", message));
    }
    room_for(budget, bytes)
}

/// Bytes below which a value is not worth a look at the account: an expression holds few of them at a time.
const SMALL_BYTES: usize = 4_096;

fn room_for(budget: &Budget<'_>, bytes: usize) -> Result<()> {
    if bytes < SMALL_BYTES {
        return Ok(());
    }
    budget.step((bytes / SMALL_BYTES) as u64)?;
    let held = budget.hold(bytes as u64);
    budget.release(bytes as u64);
    held
}

/// Refuses elements that are as deep as a value may be: what holds them would be deeper.
pub fn check_nesting<'a>(budget: &Budget<'_>, elements: impl Iterator<Item = &'a Value>) -> Result<()> {
    for element in elements {
        if matches!(element, Value::List(_) | Value::Map(_)) {
            budget.step(1)?;
            if !shallower(budget, element, NESTING_MAX - 1)? {
                let message = format!("lists and maps lie more than {NESTING_MAX} deep in each other");
                return Err(Error::limit("NestingDepth", message));
            }
        }
    }
    Ok(())
}

/// Whether a value is at most so deep.
fn shallower(budget: &Budget<'_>, value: &Value, depth: usize) -> Result<bool> {
    let mut inner: Box<dyn Iterator<Item = &Value>> = match value {
        Value::List(values) => {
            budget.step((values.len() / ELEMENTS_PER_STEP) as u64)?;
            Box::new(values.iter())
        }
        Value::Map(entries) => Box::new(entries.values()),
        _ => return Ok(true),
    };
    if depth == 0 {
        return Ok(false);
    }
    inner.try_fold(true, |fine, value| {
        Ok(fine && (!matches!(value, Value::List(_) | Value::Map(_)) || shallower(budget, value, depth - 1)?))
    })
}
