//! Our own envelope around every stored row: version, checksum with table and key bound in, content.
//!
//! A row that was flipped, cut, or moved to another key is refused when it is read, with its table and key named.

use crate::error::{Error, Result};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Version of the envelope and of what is in it.
pub const VERSION: u8 = 1;
/// Bytes before the content.
pub const HEAD: usize = 9;

fn checksum(table: &str, key: &[u8], content: &[u8]) -> u64 {
    let place = xxh3_64_with_seed(key, xxh3_64(table.as_bytes()));
    xxh3_64_with_seed(content, place ^ u64::from(VERSION))
}

/// Wraps `content` for its place.
pub fn seal(table: &str, key: &[u8], content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD + content.len());
    out.push(VERSION);
    out.extend_from_slice(&checksum(table, key, content).to_le_bytes());
    out.extend_from_slice(content);
    out
}

/// Unwraps a row; `corrupt` if it is not what was written at that place.
pub fn open<'a>(table: &str, key: &[u8], row: &'a [u8]) -> Result<&'a [u8]> {
    let place = || format!("{table}/{}", key.iter().map(|b| format!("{b:02x}")).collect::<String>());
    let hint = "run `cmdb verify --full`; restore the newest backup if it confirms the damage";
    let (Some(&version), Some((sum, content))) =
        (row.first(), row.get(1..).and_then(|r| r.split_at_checked(8)))
    else {
        return Err(
            Error::corrupt("store.row", format!("the stored row {} is cut short", place())).hint(hint)
        );
    };
    if version > VERSION {
        let message = format!("the stored row {} was written by a newer version of cmdb", place());
        return Err(Error::corrupt("store.newer", message).hint("upgrade cmdb"));
    }
    if version != VERSION || sum != checksum(table, key, content).to_le_bytes() {
        return Err(Error::corrupt("store.row", format!("the stored row {} is damaged", place())).hint(hint));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_flipped_cut_or_moved_is_refused() {
        let sealed = seal("items", &[1], b"content");
        assert_eq!(open("items", &[1], &sealed).unwrap(), b"content");
        assert!(open("items", &[2], &sealed).is_err());
        assert!(open("relationships", &[1], &sealed).is_err());
        for at in 0..sealed.len() {
            assert!(open("items", &[1], &sealed[..at]).is_err(), "cut at {at}");
            for bit in 0..8 {
                let mut flipped = sealed.clone();
                flipped[at] ^= 1 << bit;
                assert!(open("items", &[1], &flipped).is_err(), "bit {bit} of byte {at}");
            }
        }
    }
}
