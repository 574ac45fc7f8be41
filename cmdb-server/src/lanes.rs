//! How much is worked on at once. What comes on top waits a little and is then told to come back later.

use crate::route::Lane;
use cmdb_core::{Error, Kind, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Writes that may wait for the writer; they share its transactions.
const WRITES_MAX: usize = 512;
/// Answers being streamed.
const STREAMS_MAX: usize = 64;
/// Questions that may wait for their turn.
const WAITING_MAX: usize = 2_048;
/// How long they wait.
const WAIT: Duration = Duration::from_secs(5);

/// Bounded pools of work.
pub struct Lanes {
    reads: Arc<Semaphore>,
    writes: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Default for Lanes {
    fn default() -> Lanes {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Lanes {
            reads: Arc::new(Semaphore::new(cores * 2 + 2)),
            writes: Arc::new(Semaphore::new(WRITES_MAX)),
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            waiting: Semaphore::new(WAITING_MAX),
        }
    }
}

impl Lanes {
    /// A place in the lane, held while the work lasts.
    ///
    /// # Errors
    /// `unavailable` when too many are waiting already, or none came free in time.
    pub(crate) async fn enter(&self, lane: Lane) -> Result<Option<OwnedSemaphorePermit>> {
        let semaphore = match lane {
            Lane::Quick => return Ok(None),
            Lane::Read => &self.reads,
            Lane::Write => &self.writes,
            Lane::Stream => &self.streams,
        };
        if let Ok(permit) = semaphore.clone().try_acquire_owned() {
            return Ok(Some(permit));
        }
        let _waiting = self.waiting.try_acquire().map_err(|_| busy())?;
        let permit = tokio::time::timeout(WAIT, semaphore.clone().acquire_owned()).await;
        permit.map_err(|_| busy())?.map(Some).map_err(|_| busy())
    }
}

fn busy() -> Error {
    Error::new(Kind::Unavailable, "server.busy", "more requests than can be worked on")
        .hint("try again shortly")
}
