//! The formats seen from outside: text in, rows and complaints out.

use crate::{Options, Sink, read};
use cmdb_core::Result;
use cmdb_core::model::intake::{Batch, Cell, Complaint, TableKind};
use std::io::Read;

mod csv;
mod export;
mod formats;
mod json;
mod mapping;
mod profile;
mod rejects;
mod speed;
mod xlsx;
mod yaml;

/// Keeps all that was read.
#[derive(Default)]
struct Kept {
    batches: Vec<Batch>,
    complaints: Vec<Complaint>,
}

impl Sink for Kept {
    fn batch(&mut self, batch: Batch) -> Result<()> {
        assert_eq!(batch.cells.len(), batch.rows.len() * batch.table.columns.len());
        self.batches.push(batch);
        Ok(())
    }
    fn complain(&mut self, complaint: Complaint) {
        self.complaints.push(complaint);
    }
}

impl Kept {
    /// Each row on a line: kind, row number, then `column=cell` for what is stated.
    fn rows(&self) -> Vec<String> {
        let mut out = Vec::new();
        for batch in &self.batches {
            let kind = if batch.table.kind == TableKind::Items { "i" } else { "r" };
            for (row, cells) in batch.iter() {
                let mut line = format!("{kind}{row}");
                for (name, cell) in batch.table.columns.iter().zip(cells) {
                    match cell {
                        Cell::Empty => {}
                        Cell::Text(text) => line.push_str(&format!(" {name}={text}")),
                        Cell::Typed(value) => {
                            line.push_str(&format!(" {name}:{}={value}", value.kind_name()))
                        }
                    }
                }
                out.push(line);
            }
        }
        out
    }
    fn codes(&self) -> Vec<(u64, &'static str)> {
        self.complaints.iter().map(|c| (c.row, c.code)).collect()
    }
}

fn take(file: &str, bytes: &[u8], options: &Options) -> (Kept, Result<()>) {
    let mut kept = Kept::default();
    let outcome = read(file, &mut &bytes[..], options, &mut kept);
    (kept, outcome)
}

/// Reads `text` without a complaint and compares the rows.
fn check(file: &str, text: &str, options: &Options, expected: &[&str]) {
    let (kept, outcome) = take(file, text.as_bytes(), options);
    outcome.unwrap();
    assert_eq!(kept.complaints, []);
    assert_eq!(kept.rows(), expected, "{text}");
}

/// Reads `bytes` and compares the rows and the complaints.
fn check_complaints(file: &str, bytes: &[u8], expected: &[&str], codes: &[(u64, &'static str)]) {
    let (kept, outcome) = take(file, bytes, &Options::default());
    outcome.unwrap();
    assert_eq!(kept.codes(), codes);
    assert_eq!(kept.rows(), expected);
}

/// The code of the error for the file as a whole.
fn failure(file: &str, bytes: &[u8]) -> &'static str {
    take(file, bytes, &Options::default()).1.unwrap_err().code()
}

fn mapped(text: &str) -> Options {
    Options { mapping: crate::Mapping::parse(text).unwrap(), ..Options::default() }
}

/// A small deterministic generator (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    }
    fn text(&mut self, alphabet: &[&str], pieces: usize) -> String {
        (0..self.roll(pieces + 1)).map(|_| alphabet[self.roll(alphabet.len())]).collect()
    }
}

/// Hands out a file in pieces of odd lengths, so that every boundary is tried.
struct Pieces<'a>(&'a [u8], Dice);

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = (1 + self.1.roll(7)).min(self.0.len()).min(into.len());
        into[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// Repeats a byte for a given length between a head and a tail, without holding it.
fn padded<'a>(head: &'a str, byte: u8, count: u64, tail: &'a str) -> impl Read + 'a {
    head.as_bytes().chain(std::io::repeat(byte).take(count)).chain(tail.as_bytes())
}

#[test]
fn noise_is_never_a_panic() {
    let pieces = [
        "{", "}", "[", "]", "\"", "\\", ",", ":", "\n", "\r", "\0", "\t", ";", "'", "a", "class", "1e9",
        "null", "é",
    ];
    for seed in 0..20_000 {
        let mut dice = Dice(seed);
        let mut bytes = dice.text(&pieces, 24).into_bytes();
        if dice.roll(4) == 0 && !bytes.is_empty() {
            let at = dice.roll(bytes.len());
            bytes[at] = 0xFF;
        }
        for format in crate::formats().iter().map(|f| f.name()) {
            let options = Options { format: Some(format.to_owned()), ..Options::default() };
            let mut kept = Kept::default();
            let _ = read("noise", &mut Pieces(&bytes, Dice(seed)), &options, &mut kept);
        }
        let _ = take("noise", &bytes, &Options::default());
    }
}

#[test]
fn the_format_is_guessed_from_the_content() {
    check("f", "class;name\nServer;a\n", &Options::default(), &["i2 class=Server name=a"]);
    check("f", "[{\"class\":\"Server\",\"name\":\"a\"}]", &Options::default(), &["i1 class=Server name=a"]);
    check(
        "f",
        "{\"class\":\"Server\"}\n\n{\"name\":\"b\"}",
        &Options::default(),
        &["i1 class=Server", "i3 name=b"],
    );
    check("f.json", "{\"name\":\"a\"}\n{\"name\":\"b\"}", &Options::default(), &["i1 name=a", "i2 name=b"]);
    check("f", "{\"items\":[]}\n", &Options::default(), &[]);
    assert_eq!(failure("f", b"<xml/>"), "import.format-not-recognised");
    assert_eq!(failure("f", b"\xFF\xFEc\0l\0"), "import.not-utf8");
    let mut options = Options::default();
    assert_eq!(
        options.read_as("relationship").unwrap_err().hint_text(),
        Some("did you mean \"relationships\"?")
    );
    options.read_as("csv").unwrap();
    options.read_as("relationships").unwrap();
    assert_eq!((options.as_kind, options.format.as_deref()), (Some(TableKind::Relationships), Some("csv")));
}
