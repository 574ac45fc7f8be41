//! Denied and refused attempts on their way to the store's audit stream: off the request's path, bounded in number.

use cmdb_core::Cmdb;
use cmdb_core::store::embedded::AuditRecord;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Records waiting at most, which also is how many are written a second; more are counted and dropped.
const WAITING_MAX: usize = 500;
/// How often waiting records are written.
const EVERY: Duration = Duration::from_secs(1);
/// Longest text of a record.
const TEXT_MAX: usize = 512;

/// See the module.
#[derive(Debug, Default)]
pub struct Audit {
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Debug, Default)]
struct Waiting {
    records: VecDeque<AuditRecord>,
    dropped: u64,
    /// A thread is on its way to write them.
    writing: bool,
}

impl Audit {
    /// Notes one attempt.
    pub fn note(&self, cmdb: &Arc<Cmdb>, mut record: AuditRecord) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.records.len() >= WAITING_MAX {
            waiting.dropped += 1;
            return;
        }
        record.message = record.message.chars().take(TEXT_MAX).collect::<String>().into();
        waiting.records.push_back(record);
        if !waiting.writing {
            waiting.writing = true;
            let (cmdb, waiting) = (Arc::downgrade(cmdb), self.waiting.clone());
            std::thread::spawn(move || {
                std::thread::sleep(EVERY);
                if let Some(cmdb) = cmdb.upgrade() {
                    write(&cmdb, &waiting);
                }
            });
        }
    }
    /// Writes what is waiting now; for a process that is about to end.
    pub fn flush(&self, cmdb: &Cmdb) {
        write(cmdb, &self.waiting);
    }
}

fn write(cmdb: &Cmdb, waiting: &Mutex<Waiting>) {
    let (mut records, dropped) = {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.writing = false;
        (std::mem::take(&mut waiting.records), std::mem::take(&mut waiting.dropped))
    };
    let Some(last) = records.back().cloned() else { return };
    if dropped > 0 {
        let message = format!("{dropped} more attempts were not kept").into();
        let (actor, action, code) = ("cmdb".into(), "audit".into(), "audit.dropped".into());
        records.push_back(AuditRecord { time_ms: last.time_ms, actor, action, code, message });
    }
    let written = cmdb.store().and_then(|store| store.audit(records.make_contiguous()));
    if let Err(error) = written {
        tracing::error!(code = error.code(), message = error.message(), "audit records were lost");
    }
}
