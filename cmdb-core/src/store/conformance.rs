//! What every commit log must do, as functions that panic on the first breach: run them from a test of the
//! implementation, with a factory that yields a fresh, empty log.

use super::log::*;
use crate::model::{CommitId, Position};

fn entry(n: u8, size: usize) -> NewEntry {
    NewEntry {
        header: Header {
            commit: CommitId([n; 16]),
            time_ms: i64::from(n),
            actor: "test".into(),
            message: "".into(),
            facts: 0,
        },
        payload: vec![n; size],
        salt: [n; 16],
    }
}

/// Runs every test of the contract.
pub fn all(fresh: &dyn Fn() -> Box<dyn CommitLog>) {
    positions_are_dense_and_conflicts_store_nothing(&*fresh());
    a_batch_is_stored_whole_and_reads_back(&*fresh());
    a_commit_id_is_stored_once(&*fresh());
    the_chain_covers_everything(&*fresh());
    large_entries_are_refused_and_blobs_stand_in(&*fresh());
    reads_are_a_prefix_whatever_the_budget(&*fresh());
}

fn positions_are_dense_and_conflicts_store_nothing(log: &dyn CommitLog) {
    assert_eq!(log.tail().expect("tail"), (Position(0), ChainHash::default()));
    for n in 1..=5u8 {
        let appended = log.append(Position(u64::from(n) - 1), &[entry(n, 10)]).expect("append");
        assert!(matches!(appended, Appended::Committed { position, .. } if position.0 == u64::from(n)));
    }
    for wrong in [0, 4, 6, 100] {
        let appended = log.append(Position(wrong), &[entry(9, 10)]).expect("append");
        assert_eq!(appended, Appended::Conflict { tail: Position(5) });
    }
    assert_eq!(log.resolve(CommitId([9; 16])).expect("resolve"), None);
    assert_eq!(log.tail().expect("tail").0, Position(5));
}

fn a_batch_is_stored_whole_and_reads_back(log: &dyn CommitLog) {
    log.append(Position(0), &[entry(1, 5), entry(2, 0), entry(3, 2000)]).expect("append");
    let entries = log.read(Position(0), usize::MAX).expect("read");
    assert_eq!(entries.iter().map(|e| e.position.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(entries[2].payload, vec![3; 2000]);
    assert_eq!(entries[1].header, entry(2, 0).header);
    let too_large = [entry(4, 5), entry(5, ENTRY_BYTES_MAX + 1)];
    assert!(log.append(Position(3), &too_large).is_err());
    assert_eq!(log.tail().expect("tail").0, Position(3), "half a batch was stored");
}

fn a_commit_id_is_stored_once(log: &dyn CommitLog) {
    log.append(Position(0), &[entry(1, 5)]).expect("append");
    log.append(Position(1), &[entry(2, 5)]).expect("append");
    assert_eq!(
        log.append(Position(2), &[entry(1, 5)]).expect("append"),
        Appended::Duplicate { position: Position(1) }
    );
    assert_eq!(log.resolve(CommitId([2; 16])).expect("resolve"), Some(Position(2)));
    assert_eq!(log.tail().expect("tail").0, Position(2));
}

fn the_chain_covers_everything(log: &dyn CommitLog) {
    log.append(Position(0), &[entry(1, 5), entry(2, 5)]).expect("append");
    log.append(Position(2), &[entry(3, 5)]).expect("append");
    let mut last = ChainHash::default();
    for e in log.read(Position(0), usize::MAX).expect("read") {
        let header = postcard::to_stdvec(&e.header).expect("encode");
        assert_eq!(e.payload_hash, payload_hash(&e.salt, &e.payload));
        last = chain(last, log.identity(), e.position, &header, &e.payload_hash);
        assert_eq!(e.chain, last, "at {}", e.position);
    }
    assert_eq!(log.tail().expect("tail"), (Position(3), last));
}

fn large_entries_are_refused_and_blobs_stand_in(log: &dyn CommitLog) {
    let refused = log.append(Position(0), &[entry(1, ENTRY_BYTES_MAX + 1)]).expect_err("too large");
    assert_eq!(refused.kind(), crate::Kind::Limit);
    let blob = vec![7u8; 1_000_000];
    let hash = log.stage(&blob).expect("stage");
    assert_eq!(log.stage(&blob).expect("stage again"), hash);
    assert_eq!(log.staged(hash).expect("staged"), blob);
    assert!(log.staged([0; 32]).is_err());
}

fn reads_are_a_prefix_whatever_the_budget(log: &dyn CommitLog) {
    for n in 1..=20u8 {
        log.append(Position(u64::from(n) - 1), &[entry(n, usize::from(n) * 100)]).expect("append");
    }
    for budget in [0, 1, 150, 5_000, usize::MAX] {
        let mut after = Position(0);
        let mut seen = Vec::new();
        loop {
            let part = log.read(after, budget).expect("read");
            let Some(last) = part.last() else { break };
            after = last.position;
            seen.extend(part.into_iter().map(|e| e.position.0));
        }
        assert_eq!(seen, (1..=20).collect::<Vec<_>>(), "budget {budget}");
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Location, Store, memory::MemoryLog};
    use super::*;
    use crate::model::LogId;
    use std::sync::Arc;

    #[test]
    fn the_log_in_memory_keeps_the_contract() {
        all(&|| Box::new(MemoryLog::new(LogId([3; 16]))));
    }

    #[test]
    fn the_embedded_log_keeps_the_contract() {
        let location = || Location::Backend(Arc::new(|| Box::new(redb::backends::InMemoryBackend::new())));
        all(&|| Box::new(Store::create(&location(), LogId([4; 16])).unwrap()));
    }
}
