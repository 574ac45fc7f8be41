//! Tells asynchronous listeners when a commit was published. The one thread that waits for commits is started by
//! the first listener and ends with the inventory.

use cmdb_core::Cmdb;
use cmdb_core::model::Position;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::watch;

/// How long the thread keeps the inventory open after everybody else has let go of it.
const LOOK: Duration = Duration::from_millis(250);

/// See the module.
#[derive(Debug, Default)]
pub struct Watch {
    sender: Mutex<Option<watch::Sender<Position>>>,
}

impl Watch {
    /// The newest position, and a word whenever it moves.
    pub fn listen(&self, cmdb: &Arc<Cmdb>) -> watch::Receiver<Position> {
        let mut sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = &*sender {
            return sender.subscribe();
        }
        let (new, receiver) = watch::channel(cmdb.snapshot().position());
        *sender = Some(new.clone());
        let cmdb = Arc::downgrade(cmdb);
        std::thread::spawn(move || follow(&cmdb, &new));
        receiver
    }
}

fn follow(cmdb: &Weak<Cmdb>, sender: &watch::Sender<Position>) {
    let mut seen = *sender.borrow();
    while let Some(cmdb) = cmdb.upgrade() {
        if let Ok(snapshot) = cmdb.wait_for(Position(seen.0 + 1), LOOK) {
            seen = snapshot.position();
            sender.send_replace(seen);
        }
    }
}
