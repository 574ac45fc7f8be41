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
    found: Finder<'static>,
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
        let found = Finder::new(&whole).into_owned();
        Pattern { mask: mask(&whole), words, whole, found, errors }
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
    /// How a line matches, typing errors left aside. What lacks a word does not match at all, which is soon seen.
    fn classify(&self, line: &[u8]) -> Option<Matched> {
        if !self.words.iter().all(|w| w.find(line).is_some()) {
            return None;
        }
        let name = name_of(line);
        let mut from = 0;
        while let Some(found) = self.found.find(&name[from..]) {
            let at = from + found;
            match at {
                0 if name.len() == self.whole.len() => return Some(Matched::Exact),
                0 => return Some(Matched::Prefix),
                at if is_word_start(name, at) => return Some(Matched::Word),
                at => from = at + 1,
            }
        }
        let in_name = from > 0 || self.words.iter().all(|w| w.find(name).is_some());
        Some(if in_name { Matched::Part } else { Matched::Attribute })
    }
    fn is_similar(&self, name: &[u8]) -> bool {
        word_starts(name).any(|at| begins_like(&self.whole, &name[at..], self.errors))
    }
}

/// Where words begin: at the start and after whatever is no letter or digit.
fn word_starts(name: &[u8]) -> impl Iterator<Item = usize> + '_ {
    (0..name.len()).filter(move |at| *at == 0 || is_word_start(name, *at))
}

fn is_word_start(name: &[u8], at: usize) -> bool {
    let part_of_word = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80;
    !part_of_word(name[at - 1]) && part_of_word(name[at])
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
    /// Whether a match could be among the best.
    fn wants(&self, matched: Matched, line: &[u8]) -> bool {
        let worst = self.heap.peek().filter(|_| self.heap.len() == self.limit);
        worst.is_none_or(|worst| (matched, name_of(line).len()) <= (worst.matched, worst.len))
    }
    /// Whether only names that begin with the text can still be among the best.
    fn wants_prefixes_only(&self) -> bool {
        self.heap.len() == self.limit
            && self.heap.peek().is_some_and(|worst| worst.matched <= Matched::Prefix)
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
    let (mut at, mut index) = (0, 0);
    while let Some(found) = rarest.find(&run.text[at..]) {
        // Lines come in order, so what is passed over here is passed over once.
        while run.starts.get(index + 1).is_some_and(|next| *next as usize <= at + found) {
            index += 1;
        }
        let number = run.first + index as u32;
        let line = run.line(index);
        // A letter is in most lines; once enough names begin with it nothing else needs a closer look.
        let worth_it = !best.wants_prefixes_only() || line.starts_with(&pattern.whole);
        if worth_it
            && let Some(matched) = pattern.classify(line)
            && best.wants(matched, line)
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

    /// The rule as it reads, without a short cut.
    fn plainly(text: &str, line: &str) -> Option<Matched> {
        let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = line.split('\u{1f}').next().unwrap();
        let starts = |at: usize| name.as_bytes()[at..].starts_with(whole.as_bytes());
        let all_in = |place: &str| text.split_whitespace().all(|word| place.contains(word));
        match () {
            () if name == whole => Some(Matched::Exact),
            () if name.starts_with(&whole) => Some(Matched::Prefix),
            () if word_starts(name.as_bytes()).any(starts) => Some(Matched::Word),
            () if all_in(name) => Some(Matched::Part),
            () if all_in(line) => Some(Matched::Attribute),
            () => None,
        }
    }

    #[test]
    fn the_best_of_many_lines_are_those_of_the_plain_rule() {
        let mut seed = 7u64;
        let mut random = move |n: u64| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) % n
        };
        let mut word = |longest: u64| -> String {
            (0..1 + random(longest)).map(|_| ["a", "b", "-", "ab", " "][random(5) as usize]).collect()
        };
        let lines: Vec<String> = (0..400).map(|_| format!("{}\u{1f}{}", word(6), word(4))).collect();
        let mut run = Run { first: 0, text: Vec::new(), starts: Vec::new(), masks: Vec::new() };
        for line in &lines {
            run.starts.push(run.text.len() as u32);
            run.masks.push(mask(name_of(line.as_bytes())));
            run.text.extend_from_slice(line.as_bytes());
            run.text.push(b'\n');
        }
        let table = Table { runs: vec![run] };
        for text in ["a", "b", "ab", "a-a", "b a", "ab -", "aa b", "bab"] {
            let found = best(&table, &[], &Pattern::new(text), &|number| number % 5 != 0, 12);
            let mut expected: Vec<_> = (0u32..)
                .zip(&lines)
                .filter(|(number, _)| number % 5 != 0)
                .filter_map(|(number, line)| {
                    let name = line.split('\u{1f}').next().unwrap();
                    plainly(text, line).map(|matched| (matched, name.len(), name, number))
                })
                .collect();
            expected.sort();
            expected.truncate(12);
            let expected: Vec<_> =
                expected.into_iter().map(|(matched, _, _, number)| (number, matched)).collect();
            assert!(!expected.is_empty());
            assert_eq!(found, expected, "{text}");
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
