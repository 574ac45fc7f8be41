//! somebody who knows the format edits the log. Every edit is detected; a rewrite of everything is detected
//! against a head noted outside.

use super::disk::Disk;
use super::support::*;
use cmdb_core::engine::Cmdb;
use cmdb_core::model::{LogId, Position};
use cmdb_core::store::log::{ChainHash, chain, payload_hash};
use cmdb_core::store::verify::VerifyOptions;
use cmdb_core::store::{CommitLog, seal};
use redb::{Database, ReadableTable, TableDefinition, WriteTransaction};

const CASES_PER_KIND: usize = 100;
const ENTRIES: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("entries");
const PAYLOADS: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("payloads");
const UNDO: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("undo");
const META: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("meta");

/// An entry as the store keeps it: header, payload hash, chain.
type Row = (Vec<u8>, [u8; 32], [u8; 32]);
/// Position, chain, sum over commit ids.
type Tail = (u64, [u8; 32], u128);

fn key(position: u64) -> [u8; 8] {
    position.to_be_bytes()
}

fn numbered_row(txn: &WriteTransaction, table: TableDefinition<u64, &[u8]>, name: &str, at: u64) -> Vec<u8> {
    let table = txn.open_table(table).unwrap();
    let row = table.get(at).unwrap().unwrap();
    seal::open(name, &key(at), row.value()).unwrap().to_vec()
}

fn put(txn: &WriteTransaction, table: TableDefinition<u64, &[u8]>, name: &str, at: u64, content: &[u8]) {
    let sealed = seal::seal(name, &key(at), content);
    txn.open_table(table).unwrap().insert(at, sealed.as_slice()).unwrap();
}

fn entry(txn: &WriteTransaction, at: u64) -> Row {
    postcard::from_bytes(&numbered_row(txn, ENTRIES, "entries", at)).unwrap()
}

fn put_entry(txn: &WriteTransaction, at: u64, row: &Row) {
    put(txn, ENTRIES, "entries", at, &postcard::to_stdvec(row).unwrap());
}

fn meta<T: serde::de::DeserializeOwned>(txn: &WriteTransaction, name: &str) -> T {
    let table = txn.open_table(META).unwrap();
    let row = table.get(name).unwrap().unwrap();
    postcard::from_bytes(seal::open("meta", name.as_bytes(), row.value()).unwrap()).unwrap()
}

fn put_tail(txn: &WriteTransaction, tail: &Tail) {
    let sealed = seal::seal("meta", b"tail", &postcard::to_stdvec(tail).unwrap());
    txn.open_table(META).unwrap().insert("tail", sealed.as_slice()).unwrap();
}

fn move_row(txn: &WriteTransaction, from: u64, to: u64) {
    for (table, name) in [(ENTRIES, "entries"), (PAYLOADS, "payloads"), (UNDO, "undo")] {
        let row = numbered_row(txn, table, name, from);
        put(txn, table, name, to, &row);
    }
}

/// Seals are recomputed everywhere; what gives an edit away is the chain and what stands on it.
fn tamper(txn: &WriteTransaction, kind: usize, last: u64, random: &mut Random) {
    let at = 2 + random.below(last as usize - 3) as u64;
    match kind {
        0 => {
            let payload_too = random.chance(50);
            if payload_too {
                let mut payload = numbered_row(txn, PAYLOADS, "payloads", at);
                // The first byte says "purged": setting it must not hide a changed payload either.
                let byte = random.below(payload.len());
                payload[byte] ^= 1 << random.below(8);
                put(txn, PAYLOADS, "payloads", at, &payload);
            } else {
                let mut row = entry(txn, at);
                match random.below(3) {
                    0 => {
                        let byte = random.below(row.0.len());
                        row.0[byte] ^= 1 << random.below(8);
                    }
                    1 => row.1[random.below(32)] ^= 1,
                    _ => row.2[random.below(32)] ^= 1,
                }
                put_entry(txn, at, &row);
            }
        }
        1 => {
            // Removed; sometimes the later ones move up.
            let close_gap = random.chance(50);
            for (table, name) in [(ENTRIES, "entries"), (PAYLOADS, "payloads"), (UNDO, "undo")] {
                txn.open_table(table).unwrap().remove(at).unwrap();
                for from in at + 1..=if close_gap { last } else { 0 } {
                    let row = numbered_row(txn, table, name, from);
                    put(txn, table, name, from - 1, &row);
                    txn.open_table(table).unwrap().remove(from).unwrap();
                }
            }
        }
        2 | 4 => {
            // Inserted: a copy with another header. Duplicated: the same once more.
            for from in (at..=last).rev() {
                move_row(txn, from, from + 1);
            }
            if kind == 2 {
                let mut row = entry(txn, at);
                row.0.rotate_left(1);
                put_entry(txn, at, &row);
            }
        }
        3 => {
            let other = if at == 2 { 3 } else { at - 1 };
            let (a, b) = (entry(txn, at), entry(txn, other));
            let (p, q) =
                (numbered_row(txn, PAYLOADS, "payloads", at), numbered_row(txn, PAYLOADS, "payloads", other));
            put_entry(txn, at, &b);
            put_entry(txn, other, &a);
            put(txn, PAYLOADS, "payloads", at, &q);
            put(txn, PAYLOADS, "payloads", other, &p);
        }
        5 => {
            // Truncated, the tail made to fit; the tables know better.
            for gone in at + 1..=last {
                for table in [ENTRIES, PAYLOADS, UNDO] {
                    txn.open_table(table).unwrap().remove(gone).unwrap();
                }
            }
            let tail: Tail = meta(txn, "tail");
            put_tail(txn, &(at, entry(txn, at).2, tail.2));
        }
        _ => {
            // One entry rewritten with its own hashes right; the later chain stays as it was.
            let mut payload = numbered_row(txn, PAYLOADS, "payloads", at);
            let byte = 17 + random.below(payload.len() - 17);
            payload[byte] ^= 1;
            put(txn, PAYLOADS, "payloads", at, &payload);
            let salt: [u8; 16] = payload[1..17].try_into().unwrap();
            let (header, _, _) = entry(txn, at);
            let hash = payload_hash(&salt, &payload[17..]);
            let before = ChainHash(entry(txn, at - 1).2);
            let link = chain(before, founding().log, Position(at), &header, &hash);
            put_entry(txn, at, &(header, hash, link.0));
        }
    }
}

fn filled() -> (Vec<u8>, u64) {
    let disk = Disk::new(Vec::new());
    let cmdb = create(disk.location());
    for n in 0..6 {
        run(&cmdb, server(&format!("s{n}"), &[("note", "as it was")])).unwrap();
    }
    for n in 0..6 {
        run(&cmdb, set(&format!("s{n}"), &[("note", &format!("now {n}"))])).unwrap();
    }
    let last = cmdb.snapshot().position().0;
    drop(cmdb);
    (disk.image(), last)
}

fn edited(image: &[u8], edit: impl FnOnce(&WriteTransaction)) -> Disk {
    let disk = Disk::new(image.to_vec());
    let database = Database::builder().create_with_backend(disk.backend()).unwrap();
    let txn = database.begin_write().unwrap();
    edit(&txn);
    txn.commit().unwrap();
    drop(database);
    disk
}

/// Whether opening or verifying says that something is wrong.
fn detected(disk: &Disk, expected_head: Option<(Position, ChainHash)>, full: bool) -> bool {
    match Cmdb::open(disk.location()) {
        Err(_) => true,
        Ok(cmdb) => !cmdb.verify(&VerifyOptions { full, expected_head }).unwrap().is_clean(),
    }
}

#[test]
fn r21_seven_hundred_edits_of_the_log_are_all_detected() {
    let (image, last) = filled();
    assert!(!detected(&Disk::new(image.clone()), None, true));
    let mut random = Random(31);
    for kind in 0..7 {
        for case in 0..CASES_PER_KIND {
            let disk = edited(&image, |txn| tamper(txn, kind, last, &mut random));
            assert!(detected(&disk, None, false), "kind {kind}, case {case} was not detected");
        }
    }
}

#[test]
fn r21_a_log_rewritten_with_every_hash_right_is_detected_from_outside() {
    let (image, last) = filled();
    let (position, head) =
        Cmdb::open(Disk::new(image.clone()).location()).unwrap().store().unwrap().tail().unwrap();
    assert!(!detected(&Disk::new(image.clone()), Some((position, head)), false));
    // The message of one entry is changed and the whole chain after it made anew, tail and head row included.
    let disk = edited(&image, |txn| {
        let log: LogId = founding().log;
        let mut before = ChainHash(entry(txn, 3).2);
        for at in 4..=last {
            let (mut header, hash, _) = entry(txn, at);
            if at == 4 {
                let end = header.len();
                let text = header.windows(11).position(|w| w == b"create item").unwrap_or(end - 12);
                header[text] = b'C';
            }
            before = chain(before, log, Position(at), &header, &hash);
            put_entry(txn, at, &(header, hash, before.0));
        }
        let tail: Tail = meta(txn, "tail");
        put_tail(txn, &(tail.0, before.0, tail.2));
        let mut table = txn.open_table(META).unwrap();
        let row = table.get("head").unwrap().unwrap().value().to_vec();
        let mut content = seal::open("meta", b"head", &row).unwrap().to_vec();
        // Position (one byte here), then the chain.
        content[1..33].copy_from_slice(&before.0);
        table.insert("head", seal::seal("meta", b"head", &content).as_slice()).unwrap();
    });
    assert!(!detected(&disk, None, true), "nothing inside the store can tell");
    assert!(detected(&disk, Some((position, head)), false));
    assert!(detected(&disk, Some((Position(last + 1), head)), false), "an entry noted outside is missing");
}
