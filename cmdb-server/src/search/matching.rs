//! Which lines match, and how well.

use super::table::{Row, Run, Table, mask, name_of};
use memchr::memmem::Finder;
use rayon::prelude::*;
use std::collections::BinaryHeap;

/// How well an item matches; best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matched {
    /// The name is the text.
    Exact,
    /// The name begins with it.
    Prefix,
    /// A word of the name begins with it.
    Word,
    /// It stands somewhere in the name, or all its words do.
    Part,
    /// It stands in an attribute, or its words in name and attributes.
    Attribute,
    /// A word of the name begins with something like it.
    Similar,
}

impl Matched {
    pub fn word(self) -> &'static str {
        match self {
            Matched::Exact => "exact",
            Matched::Prefix => "prefix",
            Matched::Word => "word",
            Matched::Part => "part",
            Matched::Attribute => "attribute",
            Matched::Similar => "similar",
        }
    }
}

/// Bytes of a text up to which typing errors are looked for.
const SIMILAR_BYTES_MAX: usize = 64;

/// A folded text to look for.
pub struct Pattern {
    whole: Vec<u8>,
    words: Vec<Finder<'static>>,
    mask: u64,
    /// Typing errors admitted.
    errors: usize,
}

impl Pattern {
    pub fn new(folded: &str) -> Pattern {
        let mut words: Vec<&str> = folded.split_whitespace().collect();
        let whole = words.join(" ").into_bytes();
        words.sort_by_key(|w| std::cmp::Reverse(w.len()));
        let errors = match whole.len() {
            0..=2 => 0,
            3..=5 => 1,
            6..=SIMILAR_BYTES_MAX => 2,
            _ => 0,
        };
        let words = words.into_iter().map(|w| Finder::new(w.as_bytes()).into_owned()).collect();
        Pattern { mask: mask(&whole), words, whole, errors }
    }
    /// Whether every word is in a text.
    pub fn is_in(&self, folded: &str) -> bool {
        self.words.iter().all(|w| w.find(folded.as_bytes()).is_some())
    }
    /// The word that the fewest lines have, going by one run.
    fn rarest(&self, table: &Table) -> &Finder<'static> {
        let sample = table.runs.get(table.runs.len() / 2).map_or(&[][..], |run| &run.text);
        let rarest = self.words.iter().min_by_key(|word| word.find_iter(sample).count());
        rarest.unwrap_or(&self.words[0])
    }
    /// How a line matches, typing errors left aside.
    fn classify(&self, line: &[u8]) -> Option<Matched> {
        let name = name_of(line);
        if name == self.whole {
            return Some(Matched::Exact);
        }
        if name.starts_with(&self.whole) {
            return Some(Matched::Prefix);
        }
        if word_starts(name).any(|at| name[at..].starts_with(&self.whole)) {
            return Some(Matched::Word);
        }
        if self.words.iter().all(|w| w.find(name).is_some()) {
            return Some(Matched::Part);
        }
        self.words.iter().all(|w| w.find(line).is_some()).then_some(Matched::Attribute)
    }
    fn is_similar(&self, name: &[u8]) -> bool {
        word_starts(name).any(|at| begins_like(&self.whole, &name[at..], self.errors))
    }
}

/// Where words begin: at the start and after whatever is no letter or digit.
fn word_starts(name: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let part_of_word = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80;
    (0..name.len()).filter(move |at| *at == 0 || (!part_of_word(name[at - 1]) && part_of_word(name[*at])))
}

/// Whether `text` begins with something at most `errors` insertions, deletions, replacements or swaps from `pattern`.
fn begins_like(pattern: &[u8], text: &[u8], errors: usize) -> bool {
    let text = &text[..text.len().min(pattern.len() + errors)];
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=text.len()).collect());
    for i in 1..=pattern.len() {
        let mut row = vec![i; text.len() + 1];
        for j in 1..=text.len() {
            let replaced = last[j - 1] + usize::from(pattern[i - 1] != text[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && pattern[i - 1] == text[j - 2] && pattern[i - 2] == text[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        if row.iter().min().is_none_or(|least| *least > errors) {
            return false;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.iter().any(|distance| *distance <= errors)
}

/// Orders matches: kind, then shorter names, then by name and age.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Ranked<'t> {
    matched: Matched,
    len: usize,
    name: &'t [u8],
    number: u32,
}

/// The best few; the worst of them on top.
struct Best<'t> {
    heap: BinaryHeap<Ranked<'t>>,
    limit: usize,
}

impl<'t> Best<'t> {
    fn new(limit: usize) -> Best<'t> {
        Best { heap: BinaryHeap::new(), limit }
    }
    fn offer(&mut self, number: u32, line: &'t [u8], matched: Matched) {
        let name = name_of(line);
        let ranked = Ranked { matched, len: name.len(), name, number };
        if self.heap.len() < self.limit {
            self.heap.push(ranked);
        } else if self.heap.peek().is_some_and(|worst| ranked < *worst) {
            self.heap.pop();
            self.heap.push(ranked);
        }
    }
    fn join(mut self, other: Best<'t>) -> Best<'t> {
        self.heap.extend(other.heap);
        while self.heap.len() > self.limit {
            self.heap.pop();
        }
        self
    }
}

/// The best `limit` items of `table` and of `fresh` lines; `admits` says which lines of the table count.
pub fn best(
    table: &Table,
    fresh: &[Row],
    pattern: &Pattern,
    admits: &(dyn Fn(u32) -> bool + Sync),
    limit: usize,
) -> Vec<(u32, Matched)> {
    if pattern.words.is_empty() || limit == 0 {
        return Vec::new();
    }
    let rarest = pattern.rarest(table);
    let mut found = over(table, limit, |run, best| in_run(run, pattern, rarest, admits, best));
    for row in fresh {
        if let Some(matched) = pattern.classify(&row.text) {
            found.offer(row.number, &row.text, matched);
        }
    }
    // Whoever typed what there is did not mistype.
    if found.heap.is_empty() && pattern.errors > 0 {
        let mut similar = over(table, limit, |run, best| similar_in_run(run, pattern, admits, best));
        for row in fresh.iter().filter(|r| pattern.is_similar(name_of(&r.text))) {
            similar.offer(row.number, &row.text, Matched::Similar);
        }
        found = similar;
    }
    found.heap.into_sorted_vec().into_iter().map(|r| (r.number, r.matched)).collect()
}

fn over<'t>(table: &'t Table, limit: usize, search: impl Fn(&'t Run, &mut Best<'t>) + Sync) -> Best<'t> {
    let searched = table.runs.par_iter().map(|run| {
        let mut best = Best::new(limit);
        search(run, &mut best);
        best
    });
    searched.reduce(|| Best::new(limit), Best::join)
}

fn in_run<'t>(
    run: &'t Run,
    pattern: &Pattern,
    rarest: &Finder<'_>,
    admits: &dyn Fn(u32) -> bool,
    best: &mut Best<'t>,
) {
    let mut at = 0;
    while let Some(found) = rarest.find(&run.text[at..]) {
        let index = run.starts.partition_point(|start| *start as usize <= at + found) - 1;
        let number = run.first + index as u32;
        let line = run.line(index);
        if let Some(matched) = pattern.classify(line)
            && admits(number)
        {
            best.offer(number, line, matched);
        }
        at = run.starts.get(index + 1).map_or(run.text.len(), |next| *next as usize);
    }
}

fn similar_in_run<'t>(run: &'t Run, pattern: &Pattern, admits: &dyn Fn(u32) -> bool, best: &mut Best<'t>) {
    for (index, has) in run.masks.iter().enumerate() {
        // Each letter that is missing altogether is an error.
        if (pattern.mask & !has).count_ones() as usize > pattern.errors {
            continue;
        }
        let (number, line) = (run.first + index as u32, run.line(index));
        if pattern.is_similar(name_of(line)) && admits(number) {
            best.offer(number, line, Matched::Similar);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_with_typing_errors() {
        for (pattern, text, errors, expected) in [
            ("shpo", "shop front", 1, true),
            ("databse", "database-01", 1, true),
            ("web", "wab", 1, true),
            ("web", "xyz", 1, false),
            ("oracl", "oracle", 1, true),
            ("postgers", "postgres", 2, true),
        ] {
            assert_eq!(
                begins_like(pattern.as_bytes(), text.as_bytes(), errors),
                expected,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn lines_are_classified_by_the_best_reason() {
        let line = b"web front-end 01\x1fpayroll of acme";
        for (text, expected) in [
            ("web front-end 01", Some(Matched::Exact)),
            ("web f", Some(Matched::Prefix)),
            ("end", Some(Matched::Word)),
            ("ront", Some(Matched::Part)),
            ("01 web", Some(Matched::Part)),
            ("acme", Some(Matched::Attribute)),
            ("web payroll", Some(Matched::Attribute)),
            ("mail", None),
        ] {
            assert_eq!(Pattern::new(text).classify(line), expected, "{text}");
        }
    }
}
