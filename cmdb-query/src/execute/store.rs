//! Rows an operator keeps, charged to the budget.

use super::Run;
use super::batch::Batch;
use crate::error::Result;
use crate::value::Value;
use crate::value::size::row_bytes;

/// Bytes kept; given back when the operator starts anew.
#[derive(Debug, Default)]
pub struct Ledger {
    bytes: u64,
}

impl Ledger {
    pub fn add(&mut self, run: &Run<'_>, bytes: u64) -> Result<()> {
        self.bytes += bytes;
        run.budget.hold(bytes)
    }
    pub fn clear(&mut self, run: &Run<'_>) {
        run.budget.release(self.bytes);
        self.bytes = 0;
    }
}

/// Rows kept and handed on later, in order.
pub struct Kept {
    pub rows: Batch,
    pub ledger: Ledger,
    next: usize,
}

impl Kept {
    pub fn new(width: usize) -> Kept {
        Kept { rows: Batch::whole(width), ledger: Ledger::default(), next: 0 }
    }
    pub fn clear(&mut self, run: &Run<'_>) {
        self.rows.clear();
        self.ledger.clear(run);
        self.next = 0;
    }
    pub fn push(&mut self, run: &Run<'_>, row: &mut [Value]) -> Result<()> {
        self.ledger.add(run, row_bytes(row))?;
        self.rows.push_moved(row);
        Ok(())
    }
    /// Hands rows on until `out` is full or none is left.
    pub fn drain(&mut self, out: &mut Batch) -> bool {
        while self.next < self.rows.len() {
            if out.is_full() {
                return true;
            }
            out.push_moved(self.rows.row_mut(self.next));
            self.next += 1;
        }
        false
    }
}
