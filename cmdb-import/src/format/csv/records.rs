//! The records of a CSV file, one at a time in one reused buffer that stops growing at a bound.

use crate::{COLUMNS_MAX, ROW_BYTES_MAX, Source};
use cmdb_core::Result;
use cmdb_core::model::value::TEXT_BYTES_MAX;
use csv_core::ReadRecordResult as Step;

/// How the next record came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Record {
    End,
    Whole,
    /// Longer than a row may be; `field` is the cell it was in by then, `in_cell` whether that cell alone is too long.
    TooLong {
        field: usize,
        in_cell: bool,
    },
    /// More cells than a table may have columns.
    TooWide,
    /// A quote was still open at the end of the file.
    Unclosed,
}

/// How far the input has been handed to the tokenizer.
#[derive(PartialEq, Eq)]
enum Tail {
    Reading,
    /// A line break of our own was added. Inside a quote it becomes text, elsewhere it ends the record, which tells
    /// an unclosed quote from a last line without its line break.
    LineBreakAdded,
}

pub(super) struct Records<'a> {
    source: Source<'a>,
    delimiter: u8,
    tokenizer: csv_core::Reader,
    output: Vec<u8>,
    ends: Vec<usize>,
    length: usize,
    count: usize,
    tail: Tail,
}

impl<'a> Records<'a> {
    /// Begins at the header, from which the delimiter is guessed.
    pub fn new(source: Source<'a>) -> Self {
        let delimiter = delimiter(source.bytes());
        let tokenizer = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        let (output, ends) = (vec![0; 4096], vec![0; 64]);
        Records { source, delimiter, tokenizer, output, ends, length: 0, count: 0, tail: Tail::Reading }
    }

    /// As it was guessed from the header.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Reads the next record; one past a bound is read to its end and not kept.
    pub fn next(&mut self) -> Result<Record> {
        (self.length, self.count) = (0, 0);
        let mut outcome = Record::Whole;
        loop {
            if self.source.bytes().is_empty() && self.tail == Tail::Reading && !self.source.more()? {
                let (step, consumed) = self.step(Some(b"\n"));
                if consumed > 0 {
                    self.tail = Tail::LineBreakAdded;
                }
                match step {
                    Step::Record => return Ok(outcome),
                    step => self.make_room(step, &mut outcome),
                }
                continue;
            }
            let (step, consumed) = self.step(None);
            self.source.consume(consumed);
            match step {
                Step::Record if self.tail == Tail::LineBreakAdded && outcome == Record::Whole => {
                    return Ok(Record::Unclosed);
                }
                Step::Record => return Ok(outcome),
                Step::End => return Ok(Record::End),
                step => self.make_room(step, &mut outcome),
            }
        }
    }

    /// The cells of a whole record, one after the other.
    pub fn bytes(&self) -> &[u8] {
        &self.output[..self.length]
    }

    pub fn cell_count(&self) -> usize {
        self.count
    }

    /// The record as text, if it and each of its cells is UTF-8.
    pub fn text(&self) -> Option<&str> {
        let text = std::str::from_utf8(self.bytes()).ok()?;
        self.ends[..self.count].iter().all(|&end| text.is_char_boundary(end)).then_some(text)
    }

    /// The cells of [`Records::text`].
    pub fn cells<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let mut start = 0;
        self.ends[..self.count].iter().map(move |&end| {
            let cell = &text[start..end];
            start = end;
            cell
        })
    }

    pub fn cell_lengths(&self) -> impl Iterator<Item = usize> {
        let mut start = 0;
        self.ends[..self.count].iter().map(move |&end| end - std::mem::replace(&mut start, end))
    }

    /// The place of the first cell of which `holds` is true.
    pub fn first_cell(&self, holds: impl Fn(&[u8]) -> bool) -> Option<usize> {
        let mut start = 0;
        self.ends[..self.count]
            .iter()
            .position(|&end| holds(&self.bytes()[std::mem::replace(&mut start, end)..end]))
    }

    /// One step over `added` bytes of ours or, without them, over those of the file.
    fn step(&mut self, added: Option<&[u8]>) -> (Step, usize) {
        let input = added.unwrap_or(self.source.bytes());
        let (step, consumed, written, ended) =
            self.tokenizer.read_record(input, &mut self.output[self.length..], &mut self.ends[self.count..]);
        self.length += written;
        self.count += ended;
        (step, consumed)
    }

    /// Grows what is full, or at its bound notes that and overwrites what was kept.
    fn make_room(&mut self, step: Step, outcome: &mut Record) {
        match step {
            Step::OutputFull if *outcome == Record::Whole && self.output.len() < ROW_BYTES_MAX => {
                self.output.resize(self.output.len() * 2, 0);
            }
            Step::OutputFull => {
                if *outcome == Record::Whole {
                    let start = self.count.checked_sub(1).map_or(0, |last| self.ends[last]);
                    *outcome =
                        Record::TooLong { field: self.count, in_cell: self.length - start > TEXT_BYTES_MAX };
                }
                self.length = 0;
            }
            Step::OutputEndsFull if *outcome == Record::Whole && self.ends.len() < COLUMNS_MAX => {
                self.ends.resize(self.ends.len() * 2, 0);
            }
            Step::OutputEndsFull => {
                if *outcome == Record::Whole {
                    *outcome = Record::TooWide;
                }
                self.count = 0;
            }
            Step::InputEmpty | Step::Record | Step::End => {}
        }
    }
}

/// The most frequent of `,`, `;` and tab in the header outside quotes; the comma where none occurs.
fn delimiter(head: &[u8]) -> u8 {
    let candidates = [b',', b';', b'\t'];
    let mut counts = [0_usize; 3];
    let mut quoted = false;
    let start = head.iter().position(|b| !matches!(b, b'\r' | b'\n')).unwrap_or(0);
    for &byte in &head[start..] {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some(at) = candidates.iter().position(|&c| c == byte) {
                    counts[at] += 1;
                }
            }
        }
    }
    let best = (0..3).rev().max_by_key(|&at| counts[at]).unwrap_or(0);
    candidates[best]
}
