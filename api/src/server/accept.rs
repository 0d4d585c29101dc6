//! Accepts connections and drains them. Bounds that poem's own server does not have stand here: a deadline for headers,
//! a limit on connections, a pause when the process is out of file descriptors.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::roles::RoleEndpoint;

/// The most bytes of a request's head that are read at all; smaller limits are answered with a problem document.
const MAX_HEAD_BYTES: usize = 128 * 1024;
/// The pause after a failed accept: it fails because something has run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How a listener is served.
#[derive(Debug, Clone, Copy)]
pub struct ServeConfig {
    /// The most connections at once; more wait in the listener's backlog.
    pub max_connections: usize,
    /// How long a client may take to send the head of a request, the first or the next.
    pub head_deadline: Duration,
    /// How long to go on accepting after readiness has gone, so that load balancers notice first.
    pub lame_duck: Duration,
    /// How long open requests may take to end after that.
    pub drain_deadline: Duration,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            max_connections: 8_192,
            head_deadline: Duration::from_secs(30),
            lame_duck: Duration::ZERO,
            drain_deadline: Duration::from_secs(20),
        }
    }
}

/// The end of a role, shared by its routes and its listener. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Drain {
    started: CancellationToken,
    commands: TaskTracker,
}

impl Drain {
    /// A drain that starts when a token is cancelled.
    #[must_use]
    pub fn on(started: CancellationToken) -> Self {
        Self { started, commands: TaskTracker::new() }
    }

    /// Cancelled once the role is to end: not ready any more, waits end early.
    #[must_use]
    pub const fn started(&self) -> &CancellationToken {
        &self.started
    }

    /// The commands that are under way; they end whether or not their callers wait.
    pub(crate) const fn commands(&self) -> &TaskTracker {
        &self.commands
    }
}

/// Ends a connection at once, whatever is being written to it; left in its requests' extensions. For answers that go on while the
/// client may have stopped reading.
#[derive(Debug, Clone)]
pub(crate) struct HangUp(CancellationToken);

impl HangUp {
    /// Ends it.
    pub(crate) fn now(&self) {
        self.0.cancel();
    }
}

/// A place among the connections of a listener; left in requests' extensions, for what goes on with a connection after its upgrade.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionSlot(
    #[allow(dead_code, reason = "it is held, not looked at")] Arc<Option<OwnedSemaphorePermit>>,
);

/// Serves a listener until the drain starts, and then until what is open has ended or the deadline has passed.
///
/// # Errors
/// When the listener has no address.
pub async fn serve(listener: TcpListener, endpoint: RoleEndpoint, config: ServeConfig, drain: Drain) -> io::Result<()> {
    let local = listener.local_addr()?;
    let endpoint = Arc::new(endpoint);
    let protocol = protocol(config.head_deadline);
    let connections = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(config.max_connections));
    let stopped = async {
        drain.started.cancelled().await;
        tokio::time::sleep(config.lame_duck).await;
    };
    tokio::pin!(stopped);
    let cut = CancellationToken::new();
    loop {
        let (stream, peer, slot) = tokio::select! {
            biased;
            () = &mut stopped => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        // Answers are small and whole; waiting for more to send only delays them.
        let _ = stream.set_nodelay(true);
        let endpoint = Arc::clone(&endpoint);
        let cut = cut.child_token();
        let hang_up = HangUp(cut.clone());
        let slot = ConnectionSlot(Arc::new(slot));
        let held = slot.clone();
        let service = service_fn(move |request| {
            let endpoint = Arc::clone(&endpoint);
            let parts = (request, LocalAddr(local.into()), RemoteAddr(peer.into()), Scheme::HTTP);
            let mut request: Request = parts.into();
            request.extensions_mut().insert(hang_up.clone());
            request.extensions_mut().insert(held.clone());
            async move { Ok::<hyper::Response<_>, Infallible>(endpoint.get_response(request).await.into()) }
        });
        let connection = protocol.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            tokio::select! {
                // An error here is a client's: reset, half a request, too slow.
                _ = connection => {}
                () = cut.cancelled() => {}
            }
            drop(slot);
        });
    }
    drop(listener);
    let ended = async {
        connections.shutdown().await;
        drain.commands.close();
        drain.commands.wait().await;
    };
    if tokio::time::timeout(config.drain_deadline, ended).await.is_err() {
        let open = drain.commands.len();
        tracing::warn!(%local, open_commands = open, "the drain's deadline has passed; open requests are cut off");
        cut.cancel();
    }
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there always is a slot in the end.
    let slot = Arc::clone(slots).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, slot),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// HTTP/1.1 with bounds on the head; HTTP/2 ends at the proxy in front.
fn protocol(head_deadline: Duration) -> auto::Builder<TokioExecutor> {
    let mut protocol = auto::Builder::new(TokioExecutor::new()).http1_only();
    protocol.http1().timer(TokioTimer::new()).header_read_timeout(head_deadline).max_buf_size(MAX_HEAD_BYTES);
    protocol
}
