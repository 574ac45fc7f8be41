//! Long work: runs on a thread of its own, tells how far it is, can be cancelled, and is remembered for a while.

use cmdb_core::model::SmolStr;
use cmdb_core::{Error, Kind, Result};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Jobs at work at once.
pub const RUNNING_MAX: usize = 4;
/// Ended jobs remembered.
pub const KEPT_MAX: usize = 100;

/// All jobs.
#[derive(Default)]
pub struct Jobs {
    jobs: Mutex<VecDeque<Arc<Job>>>,
}

/// One piece of long work.
pub struct Job {
    pub id: String,
    pub kind: &'static str,
    /// Who started it; nobody else but administrators sees it.
    pub owner: SmolStr,
    pub cancelled: AtomicBool,
    pub started: Instant,
    state: Mutex<JobState>,
    ended: Condvar,
}

/// How a job stands.
#[derive(Default)]
pub struct JobState {
    pub phase: &'static str,
    pub done: u64,
    /// 0 while not known.
    pub total: u64,
    pub outcome: Option<Result<serde_json::Value>>,
}

impl Job {
    /// Tells how far it is.
    pub fn progress(&self, phase: &'static str, done: u64, total: u64) {
        let mut state = self.state();
        (state.phase, state.done, state.total) = (phase, done, total);
    }
    pub fn state(&self) -> std::sync::MutexGuard<'_, JobState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Waits for its end; whether it came.
    pub fn wait(&self, patience: Duration) -> bool {
        let waited = self.ended.wait_timeout_while(self.state(), patience, |state| state.outcome.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.outcome.is_some()
    }
    pub fn has_ended(&self) -> bool {
        self.state().outcome.is_some()
    }
    fn end(&self, outcome: Result<serde_json::Value>) {
        if let Err(error) = &outcome {
            tracing::warn!(job = self.id, code = error.code(), message = error.message(), "a job failed");
        }
        self.state().outcome = Some(outcome);
        self.ended.notify_all();
    }
}

impl Jobs {
    /// Starts `work` on a thread of its own.
    pub fn start(
        &self,
        kind: &'static str,
        owner: SmolStr,
        work: impl FnOnce(&Job) -> Result<serde_json::Value> + Send + 'static,
    ) -> Result<Arc<Job>> {
        let job = Arc::new(Job {
            id: format!("{kind}-{:016x}", u64::from_le_bytes(crate::call::random()?)),
            kind,
            owner,
            cancelled: AtomicBool::new(false),
            started: Instant::now(),
            state: Mutex::default(),
            ended: Condvar::new(),
        });
        self.admit(&job)?;
        let running = job.clone();
        let spawned = std::thread::Builder::new().name(format!("cmdb-{kind}")).spawn(move || {
            let panicked = || Error::new(Kind::Internal, "job.panic", "the job stopped unexpectedly");
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&running)));
            running.end(outcome.unwrap_or_else(|_| Err(panicked())));
        });
        spawned
            .map_err(|e| Error::new(Kind::Unavailable, "job.thread", "no thread for the job").caused_by(e))?;
        Ok(job)
    }
    fn admit(&self, job: &Arc<Job>) -> Result<()> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.iter().filter(|j| !j.has_ended()).count() >= RUNNING_MAX {
            return Err(Error::new(
                Kind::Unavailable,
                "job.too-many",
                format!("{RUNNING_MAX} jobs are running already"),
            )
            .hint("try again when one has ended; GET /api/v1/jobs lists them"));
        }
        jobs.push_back(job.clone());
        while jobs.len() > KEPT_MAX {
            let oldest = jobs.iter().position(|j| j.has_ended()).unwrap_or(0);
            jobs.remove(oldest);
        }
        Ok(())
    }
    /// Newest first.
    pub fn all(&self) -> Vec<Arc<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }
    /// Asks every running job to end; for a server that is being stopped.
    pub fn cancel_all(&self) {
        self.all().iter().for_each(|job| job.cancelled.store(true, Ordering::Relaxed));
    }
}
