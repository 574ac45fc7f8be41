//! What came out, by group and as a list.

use crate::Verdict;
use crate::scenario::Instance;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Counts of one group.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub passed: usize,
    pub wrong: usize,
    pub errors: usize,
    pub panics: usize,
    pub timeouts: usize,
    pub unreadable: usize,
}

impl Counts {
    pub fn all(&self) -> usize {
        self.passed + self.wrong + self.errors + self.panics + self.timeouts + self.unreadable
    }
    fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::WrongAnswer(_) => self.wrong += 1,
            Verdict::Error(_) => self.errors += 1,
            Verdict::Panic(_) => self.panics += 1,
            Verdict::Timeout => self.timeouts += 1,
            Verdict::Unreadable(_) => self.unreadable += 1,
        }
    }
}

/// The counts of all instances together.
pub fn total(verdicts: &[Verdict]) -> Counts {
    let mut total = Counts::default();
    verdicts.iter().for_each(|verdict| total.add(verdict));
    total
}

/// A table with a line per group.
pub fn table(instances: &[Instance], verdicts: &[Verdict]) -> String {
    let mut groups: BTreeMap<&str, Counts> = BTreeMap::new();
    for (instance, verdict) in instances.iter().zip(verdicts) {
        groups.entry(&instance.group).or_default().add(verdict);
    }
    let mut out = format!(
        "{:<38}{:>7}{:>7}{:>8}{:>7}{:>7}{:>7}\n",
        "group", "passed", "of", "%", "wrong", "error", "panic"
    );
    let total = total(verdicts);
    for (group, counts) in groups.into_iter().chain([("all", total)]) {
        let share = 100.0 * counts.passed as f64 / counts.all().max(1) as f64;
        let errors = counts.errors + counts.timeouts + counts.unreadable;
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{group:<38}{:>7}{:>7}{share:>8.1}{:>7}{errors:>7}{:>7}",
            counts.passed,
            counts.all(),
            counts.wrong,
            counts.panics
        );
    }
    out
}

/// The names of those that did not pass, with the reason.
pub fn failures<'a>(instances: &'a [Instance], verdicts: &'a [Verdict]) -> Vec<(&'a str, &'a Verdict)> {
    let pairs = instances.iter().zip(verdicts).filter(|(_, verdict)| **verdict != Verdict::Passed);
    pairs.map(|(instance, verdict)| (instance.name.as_str(), verdict)).collect()
}
