//! The stream of a WebSocket as the library is given it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep};
use tokio_util::sync::WaitForCancellationFutureOwned;
use tokio_util::task::TaskTracker;

use super::super::door::Doors;
use super::transport::Transport;
use crate::server::ConnectionSlot;

/// More than the first frame of an upgrade has.
const FIRST_BYTES: usize = 256;
/// How long a client may take to end a connection that is closed.
pub(super) const LINGER: Duration = Duration::from_secs(2);

/// What a WebSocket runs over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// A stream that tells its transport what is read and written, and ends by itself.
pub(super) struct Watched<S: Stream> {
    /// `None` once it is dropped.
    stream: Option<S>,
    transport: Arc<Transport>,
    /// What was read ahead.
    first: Bytes,
    /// One for each side: they are waited for by different tasks.
    cut_read: Pin<Box<WaitForCancellationFutureOwned>>,
    cut_write: Pin<Box<WaitForCancellationFutureOwned>>,
    patience: Duration,
    /// Until when the client is to take what is being written.
    overdue: Option<Pin<Box<Sleep>>>,
    /// The listener's own hold on the connection ends with the upgrade.
    slot: Option<ConnectionSlot>,
    /// What a role that ends waits for.
    tasks: TaskTracker,
}

impl<S: Stream> Watched<S> {
    pub(super) fn new(stream: S, transport: Arc<Transport>, slot: Option<ConnectionSlot>, doors: &Doors) -> Self {
        let wait = || Box::pin(transport.cut.clone().cancelled_owned());
        let (cut_read, cut_write) = (wait(), wait());
        let first = Bytes::new();
        let (stream, patience, tasks) = (Some(stream), doors.limits.patience, doors.tasks.clone());
        Self { stream, transport, first, cut_read, cut_write, patience, overdue: None, slot, tasks }
    }

    /// What became of a write; one that waits for too long has failed.
    fn progress<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.overdue = None;
            return written;
        }
        if self.cut_write.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(cut_off()));
        }
        let until = Instant::now() + self.patience;
        let overdue = self.overdue.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        ready!(overdue.as_mut().poll(context));
        self.transport.cut.cancel();
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read")))
    }
}

impl<S: Stream> Watched<S> {
    fn stream(&mut self) -> io::Result<Pin<&mut S>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(cut_off)
    }

    /// Waits for the client's first word. An upgrade that has none must not be shown to the library, which would end the
    /// session over it.
    pub(super) async fn wait_for_first_bytes(mut self) -> io::Result<Self> {
        let mut first = [0; FIRST_BYTES];
        let patience = self.patience;
        let read = tokio::time::timeout(patience, self.stream()?.read(&mut first)).await??;
        self.first = Bytes::copy_from_slice(first.get(..read).unwrap_or_default());
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(self) }
    }
}

impl<S: Stream> Drop for Watched<S> {
    /// What is still on its way from the client is read: a connection that is closed over it takes back what was written.
    fn drop(&mut self) {
        self.transport.closed.cancel();
        let (Some(mut stream), Ok(runtime)) = (self.stream.take(), Handle::try_current()) else { return };
        let slot = self.slot.take();
        let lingering = async move {
            let ending = async {
                stream.shutdown().await?;
                tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
            };
            let _ = tokio::time::timeout(LINGER, ending).await;
            drop(slot);
        };
        self.tasks.spawn_on(lingering, &runtime);
    }
}

fn cut_off() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the connection is cut off")
}

impl<S: Stream> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.cut_read.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(cut_off()));
        }
        if self.first.has_remaining() {
            let bytes = self.first.len().min(buf.remaining());
            buf.put_slice(&self.first.split_to(bytes));
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let read = self.stream()?.poll_read(context, buf);
        if buf.filled().len() > before {
            self.transport.touch();
        }
        read
    }
}

impl<S: Stream> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.stream()?.poll_write(context, bytes);
        let written = self.progress(context, written);
        if let Poll::Ready(Ok(bytes)) = written {
            self.transport.took(bytes);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.stream()?.poll_flush(context);
        self.progress(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = self.stream()?.poll_shutdown(context);
        self.progress(context, closed)
    }
}
