//! Which of our relationships an SPDX relationship is, and which way it runs.

use crate::intake::Intake;
use cmdb_core::model::Value;
use cmdb_core::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Relationships of one document at most; they are kept until the end, because two may be one.
const JOINS_MAX: usize = 2_000_000;

/// Word of SPDX 2, word of SPDX 3, ours, whether it runs the other way, and whether one goes on without it.
const KNOWN: [(&str, &str, &str, bool, bool); 17] = [
    ("DEPENDS_ON", "dependsOn", "depends_on", false, false),
    ("DEPENDENCY_OF", "", "depends_on", true, false),
    ("RUNTIME_DEPENDENCY_OF", "", "depends_on", true, false),
    ("PROVIDED_DEPENDENCY_OF", "", "depends_on", true, false),
    ("", "hasProvidedDependency", "depends_on", false, false),
    ("OPTIONAL_DEPENDENCY_OF", "", "depends_on", true, true),
    ("", "hasOptionalDependency", "depends_on", false, true),
    ("HAS_PREREQUISITE", "hasPrerequisite", "depends_on", false, false),
    ("PREREQUISITE_FOR", "", "depends_on", true, false),
    ("DYNAMIC_LINK", "hasDynamicLink", "depends_on", false, false),
    ("STATIC_LINK", "hasStaticLink", "depends_on", false, false),
    ("CONTAINS", "contains", "contains", false, false),
    ("CONTAINED_BY", "", "contains", true, false),
    ("PACKAGE_OF", "", "contains", true, false),
    ("FILE_ADDED", "", "contains", true, false),
    ("OPTIONAL_COMPONENT_OF", "", "part_of", false, false),
    ("", "hasOptionalComponent", "contains", false, true),
];

/// What stands for "nothing" and "not said" at an end.
pub(super) fn is_nothing(end: &str) -> bool {
    let last = end.rsplit(['#', '/']).next().unwrap_or(end);
    matches!(last, "NONE" | "NOASSERTION" | "NoneElement" | "NoAssertionElement")
}

/// The relationships of a document.
#[derive(Default)]
pub(super) struct Joins {
    /// By source, ours and target.
    all: BTreeMap<(String, &'static str, String), Join>,
}

/// One relationship of ours.
struct Join {
    row: u64,
    /// All that SPDX calls it.
    words: BTreeSet<String>,
    /// Whether the source goes on without the target.
    soft: bool,
}

impl Joins {
    /// Takes a relationship in SPDX's words.
    pub fn add(&mut self, row: u64, source: String, word: &str, target: String) -> Result<()> {
        if self.all.len() >= JOINS_MAX {
            let message = format!("a document has at most {JOINS_MAX} relationships");
            return Err(Error::limit("spdx.too-many-relationships", message));
        }
        let known = KNOWN.iter().find(|(two, three, ..)| *two == word || *three == word);
        let (ours, turned, soft) =
            known.map_or(("relates_to", false, false), |(_, _, ours, turned, soft)| (*ours, *turned, *soft));
        let ends = if turned { (target, ours, source) } else { (source, ours, target) };
        let join = self.all.entry(ends).or_insert_with(|| Join { row, words: BTreeSet::new(), soft: true });
        join.words.insert(word.to_owned());
        join.soft &= soft;
        Ok(())
    }

    pub fn finish(self, intake: &mut Intake<'_>) -> Result<()> {
        for ((source, ours, target), Join { row, words, soft }) in self.all {
            let words = words.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let mut attributes = vec![("spdx", Value::text(&words))];
            if soft && ours != "part_of" {
                attributes.push(("effect", Value::text("soft")));
            }
            intake.relate_with(row, &source, ours, &target, attributes)?;
        }
        Ok(())
    }
}
