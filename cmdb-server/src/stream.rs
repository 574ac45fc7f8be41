//! Answers written while they are sent: a blocking thread writes, the connection reads, a short queue between them.

use crate::reply::Writer;
use axum::body::Body;
use bytes::Bytes;
use std::io::{self, Write};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;

/// Bytes of one piece.
const PIECE_BYTES: usize = 64 * 1024;
/// Pieces on their way at most.
const PIECES_MAX: usize = 4;
/// How long a client may take to read one piece.
const STALL: Duration = Duration::from_secs(60);

/// A body that `writer` fills; `permit` is held until it is done.
pub(crate) fn body(writer: Writer, permit: Option<OwnedSemaphorePermit>) -> Body {
    let (sender, receiver) = channel(PIECES_MAX);
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let mut pieces =
            Pieces { sender: sender.clone(), handle: handle.clone(), piece: Vec::with_capacity(PIECE_BYTES) };
        if let Err(error) = writer(&mut pieces).and_then(|()| pieces.flush()) {
            // An unfinished body must not look finished. If the client has gone, nobody is left to tell.
            let _ = handle.block_on(sender.send(Err(error)));
        }
    });
    Body::from_stream(ReceiverStream::new(receiver))
}

struct Pieces {
    sender: Sender<io::Result<Bytes>>,
    handle: Handle,
    piece: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES)));
        let sent = self.handle.block_on(tokio::time::timeout(STALL, self.sender.send(Ok(piece))));
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::Error::new(io::ErrorKind::BrokenPipe, "the client has gone")),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the client reads too slowly")),
        }
    }
}
