//! Rows on their way between operators: a flat buffer of a fixed width.

use crate::error::Result;
use crate::execute::{Operator, Run};
use crate::value::Value;
use std::mem::take;

/// Rows a buffer holds at most before it is handed on.
pub const BATCH_ROWS: usize = 1_024;
/// Rows of the first buffer after a start: who wants one row should not pay for a thousand.
const FIRST_ROWS: usize = 8;
/// How much more each further buffer holds.
const GROWTH: usize = 4;

#[derive(Debug)]
pub struct Batch {
    width: usize,
    count: usize,
    goal: usize,
    values: Vec<Value>,
}

impl Batch {
    pub fn new(width: usize) -> Batch {
        Batch { width, count: 0, goal: FIRST_ROWS, values: Vec::new() }
    }
    /// Without an end: for those who keep all rows.
    pub fn whole(width: usize) -> Batch {
        Batch { width, count: 0, goal: usize::MAX, values: Vec::new() }
    }
    pub fn width(&self) -> usize {
        self.width
    }
    pub fn len(&self) -> usize {
        self.count
    }
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
    #[inline]
    pub fn is_full(&self) -> bool {
        self.count >= self.goal
    }
    pub fn clear(&mut self) {
        self.values.clear();
        self.count = 0;
    }
    /// Empties it and lets the next filling be small again.
    pub fn restart(&mut self) {
        self.clear();
        self.goal = FIRST_ROWS;
    }
    fn grow(&mut self) {
        self.goal = (self.goal * GROWTH).min(BATCH_ROWS);
    }
    #[inline]
    pub fn row(&self, index: usize) -> &[Value] {
        &self.values[index * self.width..(index + 1) * self.width]
    }
    #[inline]
    pub fn row_mut(&mut self, index: usize) -> &mut [Value] {
        &mut self.values[index * self.width..(index + 1) * self.width]
    }
    pub fn push(&mut self, row: &[Value]) {
        self.push_with(row, []);
    }
    /// Adds a row made of another one and what is new. What is missing to the width is null, what is too much is left out.
    #[inline]
    pub fn push_with<const N: usize>(&mut self, row: &[Value], more: [Value; N]) {
        self.values.extend_from_slice(&row[..row.len().min(self.width)]);
        self.values.extend(more);
        self.close();
    }
    /// Adds a row of values handed over.
    pub fn push_values(&mut self, row: &[Value], more: impl IntoIterator<Item = Value>) {
        self.values.extend_from_slice(&row[..row.len().min(self.width)]);
        self.values.extend(more);
        self.close();
    }
    /// Moves the values of a row here.
    #[inline]
    pub fn push_moved(&mut self, row: &mut [Value]) {
        self.values.extend(row.iter_mut().map(take));
        self.close();
    }
    #[inline]
    fn close(&mut self) {
        self.count += 1;
        let end = self.count * self.width;
        if self.values.len() != end {
            self.values.resize(end, Value::Null);
        }
    }
}

/// An operator's input, row by row.
pub struct Source {
    operator: Box<dyn Operator>,
    batch: Batch,
    next: usize,
    ended: bool,
}

impl Source {
    pub fn new(operator: Box<dyn Operator>, width: usize) -> Source {
        Source { operator, batch: Batch::new(width), next: 0, ended: false }
    }
    pub fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.batch.restart();
        (self.next, self.ended) = (0, false);
        self.operator.reset(run, argument)
    }
    /// Goes to the next row; false at the end.
    #[inline]
    pub fn advance(&mut self, run: &mut Run<'_>) -> Result<bool> {
        if self.next < self.batch.len() {
            self.next += 1;
            return Ok(true);
        }
        self.refill(run)
    }
    fn refill(&mut self, run: &mut Run<'_>) -> Result<bool> {
        if self.next > 0 {
            self.batch.grow();
        }
        self.batch.clear();
        self.next = 0;
        while !self.ended && self.batch.is_empty() {
            self.ended = !self.operator.next(run, &mut self.batch)?;
        }
        if self.batch.is_empty() {
            return Ok(false);
        }
        self.next = 1;
        Ok(true)
    }
    /// How many rows there are from the start on, if that can be told without making them; see [`Operator::count`].
    pub fn count(&mut self, run: &mut Run<'_>) -> Result<Option<u64>> {
        if self.ended || !self.batch.is_empty() {
            return Ok(None);
        }
        let count = self.operator.count(run)?;
        self.ended |= count.is_some();
        Ok(count)
    }
    /// The row gone to last.
    #[inline]
    pub fn row(&self) -> &[Value] {
        self.batch.row(self.next - 1)
    }
    #[inline]
    pub fn row_mut(&mut self) -> &mut [Value] {
        self.batch.row_mut(self.next - 1)
    }
    pub fn width(&self) -> usize {
        self.batch.width()
    }
}
