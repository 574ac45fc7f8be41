//! The flat snapshot file: the graph as opening the store would build it, and the blocks of records, kept beside the
//! store.
//!
//! It saves time and nothing else. It is used only if it is whole and bound to the very entry that the store ends at;
//! a file that is missing, older, damaged or another store's is passed over, with a note, and the graph is built from
//! the rows. The graph is read and checked when the store is opened, blocks when they are first asked for
//! ([`super::unread`]); a block whose section is damaged comes from the rows.
//!
//! | bytes | content |
//! |---|---|
//! | 0..8 | `cmdbflat` |
//! | 8..12 | version of the sections, `u32` (all numbers little-endian) |
//! | 12..16 | length of the sealed header, `u32` |
//! | 16..24 | where it begins, `u64` |
//! | 24..32 | XXH3-64 of bytes 0..24 |
//! | 32.. | the sections one after the other, see [`crate::graph::flat`] |
//! | then | the header, sealed like a row of table `flat` under its offset; `postcard` of [`Header`] |
//!
//! A section's checksum is XXH3-64 seeded with the chain hash of the entry, its kind and its part. The file is written
//! under another name and renamed; it is not synced, since a file that a power cut spoils is one that is damaged.

use super::log::ChainHash;
use super::seal;
use super::tables::{decode, encode};
use crate::graph::Snapshot;
use crate::graph::flat::{self, Place, Section};
use crate::model::{LogId, Position};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

const MAGIC: &[u8; 8] = b"cmdbflat";
const PREAMBLE: usize = 32;
/// Longest header taken, in bytes; one of a hundred million items is shorter.
const HEADER_BYTES_MAX: u32 = 16 << 20;
/// Sections worked out together while writing, which bounds what writing holds in memory.
const SECTIONS_TOGETHER: usize = 4;

/// The state that a file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bound {
    pub(super) log: LogId,
    pub(super) position: Position,
    pub(super) chain: ChainHash,
    pub(super) state_hash: u128,
    pub(super) item_numbers: u32,
    pub(super) relationship_numbers: u32,
}

#[derive(Serialize, Deserialize)]
struct Header {
    bound: Bound,
    /// Place, length and checksum of each section.
    sections: Vec<(Place, u64, u64)>,
}

fn checksum(bound: &Bound, place: Place, bytes: &[u8]) -> u64 {
    let seed = xxh3_64(&bound.chain.0) ^ u64::from(place.kind) << 32 ^ u64::from(place.part);
    xxh3_64_with_seed(bytes, seed)
}

/// Writes the file for a snapshot and puts it in the place of the one before.
pub(super) fn write(path: &Path, snapshot: &Snapshot, bound: Bound) -> io::Result<()> {
    let unfinished = path.with_extension("flat.new");
    let written =
        write_unfinished(&unfinished, snapshot, bound).and_then(|()| std::fs::rename(&unfinished, path));
    if written.is_err() {
        // Nobody reads it, and the next writing replaces it.
        let _ = std::fs::remove_file(&unfinished);
    }
    written
}

fn write_unfinished(path: &Path, snapshot: &Snapshot, bound: Bound) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => super::location::keep_private(path)?,
    }
    let mut out = BufWriter::with_capacity(1 << 20, File::options().write(true).open(path)?);
    out.write_all(&[0; PREAMBLE])?;
    let mut header = Header { bound, sections: Vec::new() };
    let mut offset = PREAMBLE as u64;
    for places in flat::places(snapshot).chunks(SECTIONS_TOGETHER) {
        let sections: Vec<(Vec<u8>, u64)> = places
            .par_iter()
            .map(|place| {
                let bytes = flat::section(snapshot, *place);
                let sum = checksum(&bound, *place, &bytes);
                (bytes, sum)
            })
            .collect();
        for (place, (bytes, sum)) in places.iter().zip(sections) {
            out.write_all(&bytes)?;
            offset += bytes.len() as u64;
            header.sections.push((*place, bytes.len() as u64, sum));
        }
    }
    let sealed = seal::seal("flat", &offset.to_le_bytes(), &encode(&header).map_err(io::Error::other)?);
    out.write_all(&sealed)?;
    out.seek(SeekFrom::Start(0))?;
    out.write_all(&preamble(sealed.len() as u32, offset))?;
    out.flush()
}

fn preamble(header_len: u32, offset: u64) -> [u8; PREAMBLE] {
    let mut out = [0; PREAMBLE];
    out[..8].copy_from_slice(MAGIC);
    out[8..12].copy_from_slice(&flat::VERSION.to_le_bytes());
    out[12..16].copy_from_slice(&header_len.to_le_bytes());
    out[16..24].copy_from_slice(&offset.to_le_bytes());
    let sum = xxh3_64(&out[..24]);
    out[24..].copy_from_slice(&sum.to_le_bytes());
    out
}

/// A file that belongs to the state at hand. What replaces it on disk changes nothing here.
#[derive(Debug)]
pub(super) struct Flat {
    file: File,
    bound: Bound,
    /// Place, offset, length and checksum of each section, in the order of the file.
    sections: Vec<(Place, u64, u64, u64)>,
}

impl Flat {
    /// The file if it belongs to `bound`; else a sentence on why not.
    pub(super) fn open(path: &Path, bound: &Bound) -> Result<Flat, String> {
        let mut file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let header = read_header(&mut file, length).map_err(unreadable)?;
        let header = header.ok_or("the flat snapshot file is damaged or of another version")?;
        if header.bound != *bound {
            let message = format!(
                "the flat snapshot file belongs to position {} and not to {}, or to another store",
                header.bound.position, bound.position
            );
            return Err(message);
        }
        let mut end = PREAMBLE as u64;
        let mut place = |(place, len, sum): &(Place, u64, u64)| {
            let offset = end;
            end = end.saturating_add(*len);
            (*place, offset, *len, *sum)
        };
        let sections: Vec<_> = header.sections.iter().map(&mut place).collect();
        match end <= length && sections.is_sorted_by_key(|section| section.0) {
            true => Ok(Flat { file, bound: header.bound, sections }),
            false => Err("the flat snapshot file is cut short".into()),
        }
    }
    /// The sections that are read at once, taken apart.
    pub(super) fn graph(&self) -> Result<Vec<Section>, String> {
        // A buffer is used for many sections: clearing fresh memory costs more than reading into it.
        let buffers: Mutex<Vec<Vec<u8>>> = Mutex::default();
        let first: Vec<Place> =
            self.sections.iter().map(|s| s.0).filter(|p| flat::is_read_first(*p)).collect();
        let parse = |place: &Place| {
            let buffer = buffers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut buffer = buffer.unwrap_or_default();
            let bytes = self.read(*place, &mut buffer).map_err(unreadable)?;
            let nodes = self.bound.item_numbers as usize;
            let section = bytes.and_then(|bytes| flat::parse(*place, bytes, nodes));
            buffers.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
            section.ok_or_else(|| {
                format!("section {}.{} of the flat snapshot file is damaged", place.kind, place.part)
            })
        };
        first.par_iter().with_max_len(1).map(parse).collect()
    }
    /// Whether the file holds so many sections of a kind.
    pub(super) fn holds(&self, kind: u8, parts: usize) -> bool {
        self.sections.iter().filter(|(place, ..)| place.kind == kind).count() == parts
    }
    /// The bytes of a section; none if they are not what was written.
    pub(super) fn section(&self, place: Place) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let whole = self.read(place, &mut bytes).ok()?.is_some();
        whole.then_some(bytes)
    }
    /// Reads a section into a buffer, which grows if need be; none if it is not what was written.
    fn read<'b>(&self, place: Place, buffer: &'b mut Vec<u8>) -> io::Result<Option<&'b [u8]>> {
        let Ok(at) = self.sections.binary_search_by_key(&place, |section| section.0) else { return Ok(None) };
        let (_, offset, len, sum) = self.sections[at];
        if buffer.len() < len as usize {
            buffer.resize(len as usize, 0);
        }
        let bytes = &mut buffer[..len as usize];
        read_at(&self.file, bytes, offset)?;
        Ok((checksum(&self.bound, place, bytes) == sum).then_some(bytes))
    }
}

fn unreadable(e: io::Error) -> String {
    match e.kind() {
        io::ErrorKind::NotFound => "there is no flat snapshot file".to_owned(),
        _ => format!("the flat snapshot file cannot be read: {e}"),
    }
}

/// Reads at an offset, whatever others read through the same handle.
#[cfg(unix)]
fn read_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, offset)
}
#[cfg(windows)]
fn read_at(file: &File, mut out: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !out.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, out, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            many => (out, offset) = (&mut out[many..], offset + many as u64),
        }
    }
    Ok(())
}

/// The header, or none if the file is not a whole one of this version.
fn read_header(file: &mut File, length: u64) -> io::Result<Option<Header>> {
    let mut head = [0; PREAMBLE];
    if length < PREAMBLE as u64 {
        return Ok(None);
    }
    file.read_exact(&mut head)?;
    let header_len = u32::from_le_bytes([head[12], head[13], head[14], head[15]]);
    let offset =
        u64::from_le_bytes([head[16], head[17], head[18], head[19], head[20], head[21], head[22], head[23]]);
    let whole = head == preamble(header_len, offset)
        && header_len <= HEADER_BYTES_MAX
        && offset.checked_add(u64::from(header_len)) == Some(length);
    if !whole {
        return Ok(None);
    }
    let mut sealed = vec![0; header_len as usize];
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut sealed)?;
    let content = seal::open("flat", &offset.to_le_bytes(), &sealed).ok();
    Ok(content.and_then(|content| decode(content).ok()))
}
