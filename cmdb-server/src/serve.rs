//! The listener: accepts connections, caps them, and closes those that are silent, slow or stuck.
//!
//! HTTP/1.1 only: nobody needs more between a page or tool and its server, and whole families of attacks are absent.
//! hyper's own header deadline needs a timer and begins with the connection, so one that sends nothing is closed
//! just like one that sends a byte every ten seconds.

use crate::app::App;
use crate::caller::Caller;
use crate::dispatch::{anyone_known, router};
use axum::Router;
use axum::extract::Request;
use cmdb_core::{Error, Kind, Result};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

mod bare;
mod stall;
#[cfg(feature = "tls")]
pub mod tls;

use bare::Bare;
use stall::Stall;

/// Connections open at once; one more is closed at once.
pub const CONNECTIONS_MAX: usize = 8_192;
/// From the connection, or the end of the answer before, to the end of a request's head.
pub const HEAD_DEADLINE: Duration = Duration::from_secs(12);
/// Bytes of a request's head at most.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;
/// How long an answer may be stuck because its client reads nothing.
pub const WRITE_STALL: Duration = Duration::from_secs(60);
/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long open requests may go on after the server was told to stop.
const SHUTDOWN: Duration = Duration::from_secs(8);

/// Where and how to listen.
pub struct ServeOptions {
    pub listen: SocketAddr,
    /// Certificate chain and key; plain HTTP if none.
    #[cfg(feature = "tls")]
    pub tls: Option<tls::Tls>,
    /// Told the address that was bound, before the first connection is taken.
    pub bound: Option<Box<dyn FnOnce(SocketAddr) + Send>>,
}

impl ServeOptions {
    pub fn new(listen: SocketAddr) -> ServeOptions {
        ServeOptions {
            listen,
            #[cfg(feature = "tls")]
            tls: None,
            bound: None,
        }
    }
}

/// Serves until `shutdown` completes, then lets open requests end.
///
/// # Errors
/// The address cannot be bound, or must not be: beyond loopback only once a user or token is known.
pub async fn serve(
    app: Arc<App>,
    options: ServeOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<()> {
    refuse_open_door(&app, options.listen)?;
    let listener = TcpListener::bind(options.listen).await.map_err(|e| {
        Error::new(Kind::Unavailable, "serve.bind", format!("{} cannot be listened on: {e}", options.listen))
            .hint("another process may be using it; `--listen 127.0.0.1:0` takes any free port")
            .caused_by(e)
    })?;
    if let (Some(bound), Ok(address)) = (options.bound, listener.local_addr()) {
        bound(address);
    }
    #[cfg(feature = "tls")]
    let tls = options.tls.map(tls::Acceptor::new);
    let (stop, stopping) = watch::channel(());
    let door = Arc::new(Door {
        router: router(app.clone()),
        app: app.clone(),
        places: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
        stopping,
        #[cfg(feature = "tls")]
        tls,
    });
    app.stay();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => door.clone().admit(stream, peer),
            // Out of file descriptors, or the peer has gone: neither ends the server.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    app.jobs.cancel_all();
    app.rankings.stop();
    app.webhooks.stop();
    app.feeds.stop();
    // Every connection holds a receiver until it has ended.
    let places = door.places.clone();
    drop(door);
    stop.send_replace(());
    let all = places.acquire_many(CONNECTIONS_MAX as u32);
    if tokio::time::timeout(SHUTDOWN, all).await.is_err() {
        tracing::warn!("some requests were cut off by the shutdown");
    }
    if let Ok(cmdb) = app.cmdb().cloned() {
        // Writing waits for the disk; the last requests are over.
        let flushed = tokio::task::spawn_blocking(move || app.audit.flush(&cmdb)).await;
        drop(flushed);
    }
    Ok(())
}

fn refuse_open_door(app: &App, listen: SocketAddr) -> Result<()> {
    if listen.ip().is_loopback() || anyone_known(app) {
        return Ok(());
    }
    app.cmdb()?;
    let message = format!("{listen} is not a loopback address, and no user or token is configured");
    Err(Error::refused("serve.open-door", message)
        .hint("create one first (`cmdb token create --role admin`), or listen on 127.0.0.1"))
}

struct Door {
    router: Router,
    app: Arc<App>,
    places: Arc<Semaphore>,
    stopping: watch::Receiver<()>,
    #[cfg(feature = "tls")]
    tls: Option<tls::Acceptor>,
}

impl Door {
    fn admit(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let metrics = &self.app.metrics;
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            metrics.connections_refused.fetch_add(1, Ordering::Relaxed);
            return;
        };
        metrics.connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            // Small answers must not wait for more to come.
            let _ = stream.set_nodelay(true);
            let stream = Stall::new(stream, WRITE_STALL);
            #[cfg(feature = "tls")]
            if let Some(tls) = &self.tls {
                if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                    self.talk(TokioIo::new(Bare::new(stream)), peer).await;
                }
                self.app.metrics.connections.fetch_sub(1, Ordering::Relaxed);
                return drop(place);
            }
            self.talk(TokioIo::new(Bare::new(stream)), peer).await;
            self.app.metrics.connections.fetch_sub(1, Ordering::Relaxed);
            drop(place);
        });
    }
    async fn talk<I>(&self, io: I, peer: SocketAddr)
    where
        I: hyper::rt::Read + hyper::rt::Write + Unpin + 'static,
    {
        let caller = match peer.ip().to_canonical().is_loopback() {
            true => Caller::Loopback(peer),
            false => Caller::Remote(peer),
        };
        let service = hyper::service::service_fn(|request: hyper::Request<Incoming>| {
            let mut request: Request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(caller.clone());
            self.router.clone().oneshot(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_DEADLINE)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(io, service);
        let mut connection = std::pin::pin!(connection);
        let mut stopping = self.stopping.clone();
        tokio::select! {
            ended = connection.as_mut() => return note(ended, peer),
            _ = stopping.changed() => connection.as_mut().graceful_shutdown(),
        }
        note(connection.await, peer);
    }
}

fn note(ended: hyper::Result<()>, peer: SocketAddr) {
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection ended");
    }
}
