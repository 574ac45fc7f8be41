//! Who holds a data folder: found by the system's table of file locks, where there is one.

use std::path::Path;

/// The process that has locked a folder's store.
#[derive(Debug, PartialEq)]
pub struct Holder {
    pub pid: u32,
    /// Its command line, as far as it may be seen.
    pub command: String,
}

/// Who holds the store in `folder`; none where nobody does or the system does not tell.
#[cfg(target_os = "linux")]
pub fn holder(folder: &Path) -> Option<Holder> {
    use std::os::unix::fs::MetadataExt;
    let inode = std::fs::metadata(folder.join(cmdb_core::store::location::FILE)).ok()?.ino();
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    let pid = locks.lines().find_map(|line| locked_by(line, inode))?;
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<_> = command.split(|b| *b == 0).map(String::from_utf8_lossy).collect();
    Some(Holder { pid, command: words.join(" ").trim_end().to_owned() })
}

#[cfg(not(target_os = "linux"))]
pub fn holder(_: &Path) -> Option<Holder> {
    None
}

/// The process of a line such as `3: FLOCK  ADVISORY  WRITE 4711 08:01:123456 0 EOF`, if it is about this file.
#[cfg(target_os = "linux")]
fn locked_by(line: &str, inode: u64) -> Option<u32> {
    let words: Vec<&str> = line.split_whitespace().collect();
    // One that waits for the lock has an arrow before its kind.
    if words.get(1) == Some(&"->") {
        return None;
    }
    let of: u64 = words.get(5)?.rsplit(':').next()?.parse().ok()?;
    if of == inode { words.get(4)?.parse().ok() } else { None }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_locks_is_read() {
        let line = "3: FLOCK  ADVISORY  WRITE 4711 08:01:123456 0 EOF";
        assert_eq!(locked_by(line, 123_456), Some(4711));
        assert_eq!(locked_by(line, 12), None);
        assert_eq!(locked_by("3: -> FLOCK ADVISORY WRITE 4712 08:01:123456 0 EOF", 123_456), None);
        assert_eq!(locked_by("nonsense", 1), None);
    }
}
