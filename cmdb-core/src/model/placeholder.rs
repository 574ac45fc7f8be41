//! Values that look like an identifier and identify nothing: what firmware and forms put where nobody filled anything in.
//!
//! A serial number "To be filled by O.E.M." on two machines does not make them one machine. Such values are kept as
//! they are and never used to tell which item a record is about, nor do they count as taken where values are unique.

use super::Value;

/// What is written where nothing was filled in, in lower case and without anything but letters and digits. Collected
/// from SMBIOS defaults of board vendors and from what forms make people type.
const FILLERS: &[&str] = &[
    "assettag",
    "baseboardserialnumber",
    "boardserialnumber",
    "chassisassettag",
    "chassisserialnumber",
    "default",
    "defaultstring",
    "empty",
    "filledbyoem",
    "invalid",
    "na",
    "nil",
    "no",
    "noassetinformation",
    "noassettag",
    "none",
    "noserial",
    "noserialnumber",
    "notapplicable",
    "notavailable",
    "notknown",
    "notpresent",
    "notset",
    "notspecified",
    "nosn",
    "null",
    "oem",
    "serial",
    "serialnumber",
    "sn",
    "systemassettag",
    "systemserialnumber",
    "tba",
    "tbd",
    "test",
    "tobefilled",
    "tobefilledbyoem",
    "todo",
    "undefined",
    "unknown",
    "unspecified",
    "123456",
    "1234567",
    "vmware",
    // UUIDs that boards of whole series share.
    "03000200040005000006000700080009",
    "00020003000400050006000700080009",
    "4c4c4544000020108020802020202020",
];

/// The longest text that can be a filler, in bytes.
const FILLER_BYTES_MAX: usize = 64;
/// Digits counted up or down from anywhere, of at least this many; fewer may well be a number that was given.
const SEQUENCE_MIN: usize = 8;
/// One character repeated so often.
const REPEATED_MIN: usize = 4;

/// Whether the value identifies nothing, whatever attribute it is of.
pub fn is_placeholder(value: &Value) -> bool {
    match value {
        Value::Text(text) => is_filler(text),
        Value::Integer(number) => is_filler(&number.to_string()),
        Value::Boolean(_) => true,
        _ => false,
    }
}

fn is_filler(text: &str) -> bool {
    if text.len() > FILLER_BYTES_MAX {
        return false;
    }
    let plain: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let bytes = plain.as_bytes();
    all_same(bytes) || is_sequence(bytes) || FILLERS.contains(&&*plain)
}

/// Nothing at all, zeros or crosses, or one character many times.
fn all_same(bytes: &[u8]) -> bool {
    let Some(first) = bytes.first() else { return true };
    bytes.iter().all(|b| b == first) && (matches!(first, b'0' | b'x') || bytes.len() >= REPEATED_MIN)
}

/// 0123456789, 1234567890, 987654321: one digit after the other.
fn is_sequence(bytes: &[u8]) -> bool {
    let counts = |step: u8| {
        bytes
            .windows(2)
            .all(|pair| pair.iter().all(u8::is_ascii_digit) && (pair[0] - b'0' + step) % 10 == pair[1] - b'0')
    };
    bytes.len() >= SEQUENCE_MIN && (counts(1) || counts(9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_filled_in_identifies_nothing() {
        for text in [
            "To be filled by O.E.M.",
            "To Be Filled By OEM",
            "0123456789",
            "123456789",
            "1234567890",
            "987654321",
            "None",
            "N/A",
            "n/a",
            "-",
            "",
            "Default string",
            "System Serial Number",
            "0",
            "00000000",
            "XXXXXXXX",
            "........",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "00:00:00:00:00:00",
            "03000200-0400-0500-0006-000700080009",
            "Unknown",
        ] {
            assert!(is_placeholder(&Value::text(text)), "{text}");
        }
        assert!(is_placeholder(&Value::Integer(0)));
        assert!(!is_placeholder(&Value::Integer(7)), "somebody is employee number seven");
    }

    #[test]
    fn what_looks_odd_and_is_a_serial_is_one() {
        for text in [
            "S-1",
            "s1",
            "7XQ4M52",
            "CZ1234567A",
            "1122334455",
            "VMware-56 4d 7b 1e",
            "0a",
            "PF0N0ABC",
            "12345",
        ] {
            assert!(!is_placeholder(&Value::text(text)), "{text}");
        }
        assert!(!is_placeholder(&Value::Integer(48_151_623)));
    }
}
