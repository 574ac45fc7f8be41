//! Barriers: rows that must all be known before the first goes on.

use super::batch::{Batch, Source};
use super::store::Kept;
use super::{Operator, Run};
use crate::error::Result;
use crate::value::Value;

/// Takes in all rows, then hands them on: what comes after cannot disturb what came before.
pub struct Eager {
    source: Source,
    kept: Kept,
    filled: bool,
}

impl Eager {
    pub fn new(source: Source) -> Eager {
        let kept = Kept::new(source.width());
        Eager { source, kept, filled: false }
    }
}

impl Operator for Eager {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.kept.clear(run);
        self.filled = false;
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, out: &mut Batch) -> Result<bool> {
        if !self.filled {
            while self.source.advance(run)? {
                self.kept.push(run, self.source.row_mut())?;
            }
            self.filled = true;
        }
        Ok(self.kept.drain(out))
    }
}

/// Runs its input for the effects and yields nothing.
pub struct Finish {
    pub source: Source,
}

impl Operator for Finish {
    fn reset(&mut self, run: &mut Run<'_>, argument: &[Value]) -> Result<()> {
        self.source.reset(run, argument)
    }
    fn next(&mut self, run: &mut Run<'_>, _: &mut Batch) -> Result<bool> {
        while self.source.advance(run)? {}
        Ok(false)
    }
}
