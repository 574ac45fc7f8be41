//! Gives a body to what hyper answers by itself.
//!
//! A head that is too long or does not parse never becomes a request, so no route answers it: hyper writes a bare
//! status and closes. Clients are promised `application/problem+json` for every error, so the bare head is replaced
//! on its way out. Every answer of ours carries an `x-request-id`; a head of a client error without one is hyper's.

use crate::dispatch::fresh_id;
use crate::problem;
use axum::http::StatusCode;
use cmdb_core::Error;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// See the module.
pub struct Bare<S> {
    stream: S,
    /// What takes the place of a bare head, and how much of it was written.
    instead: Option<(Vec<u8>, usize)>,
}

impl<S> Bare<S> {
    pub fn new(stream: S) -> Bare<S> {
        Bare { stream, instead: None }
    }
}

/// A head of hyper's own is shorter.
const BARE_BYTES_MAX: usize = 256;

/// The status of a head that hyper wrote by itself.
fn bare_status(bytes: &[u8]) -> Option<StatusCode> {
    if bytes.len() > BARE_BYTES_MAX || !bytes.starts_with(b"HTTP/1.1 4") {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let bare = text.ends_with("\r\n\r\n")
        && text.contains("\r\ncontent-length: 0\r\n")
        && !text.contains("\r\nx-request-id:");
    bare.then(|| StatusCode::from_bytes(&bytes[9..12]).ok()).flatten()
}

fn error_of(status: StatusCode) -> Error {
    match status {
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            let message = format!("the head of a request has at most {} bytes", super::HEAD_BYTES_MAX);
            Error::limit("request.head-too-large", message).hint("send less in headers, cookies and URL")
        }
        StatusCode::URI_TOO_LONG => Error::limit("request.uri-too-long", "the URL is too long")
            .hint("`POST` takes a question in its body"),
        StatusCode::REQUEST_TIMEOUT => {
            Error::limit("request.head-too-slow", "the request's head took too long")
        }
        _ => Error::invalid("request.malformed", "this is not an HTTP request"),
    }
}

/// The head and body of a problem.
fn problem_of(status: StatusCode) -> Vec<u8> {
    let id = fresh_id();
    let body = serde_json::to_vec(&problem::problem(&error_of(status), &id)).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nx-request-id: {id}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

impl<S: AsyncWrite + Unpin> Bare<S> {
    /// Writes what stands in for a bare head to its end; then as much as was asked to be written counts as written.
    fn replace(&mut self, cx: &mut Context<'_>, asked: usize) -> Poll<io::Result<usize>> {
        while let Some((bytes, done)) = &mut self.instead {
            if *done == bytes.len() {
                self.instead = None;
                break;
            }
            match ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[*done..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                many => *done += many,
            }
        }
        Poll::Ready(Ok(asked))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bare<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bare<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.instead.is_none()
            && let Some(status) = bare_status(bytes)
        {
            self.instead = Some((problem_of(status), 0));
        }
        match self.instead {
            Some(_) => self.replace(cx, bytes.len()),
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
        }
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match bytes {
            // A head alone, as hyper's own are.
            [head] => self.poll_write(cx, head),
            _ => Pin::new(&mut self.stream).poll_write_vectored(cx, bytes),
        }
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bare_head_is_replaced() {
        let bare =
            b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(bare_status(bare), Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
        let ours = b"HTTP/1.1 404 Not Found\r\nx-request-id: 1\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(bare_status(ours), None);
        assert_eq!(bare_status(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n"), None);
        assert_eq!(bare_status(&bare[..bare.len() - 1]), None);
    }
}
