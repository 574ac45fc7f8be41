//! Numbers of records. Decided by the writer, so that no two get the same; never given out twice.

use crate::command::Decider;
use crate::error::Result;
use crate::fact::{Fact, Sequence, Setting};
use crate::graph::Records;
use crate::model::{SmolStr, Value};

/// The series of changes: `CHG-000001`.
pub const CHANGES: &str = "CHG";

/// The next number of a series. Numbers that came with records from elsewhere are passed over.
pub fn next(decider: &mut Decider<'_>, series: &str) -> Result<SmolStr> {
    let mut last = decider.draft().settings().sequences.get(series).copied().unwrap_or(0);
    let attribute = decider.draft().names().get("number");
    let number = loop {
        last += 1;
        let number = SmolStr::new(format!("{series}-{last:06}"));
        let taken = |key| !decider.draft().with_attribute(key, &Value::Text(number.clone())).is_empty();
        if !attribute.is_some_and(taken) {
            break number;
        }
    };
    decider.accept(Fact::Set(Setting::Sequence(Sequence { name: series.into(), last })))?;
    Ok(number)
}
