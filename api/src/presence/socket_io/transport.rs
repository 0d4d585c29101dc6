//! The connection below a socket: when something was heard of it, what waits to be taken by it, and how it is cut.
//!
//! The library closes a session only once its writer has let go, and a writer that waits for a client that does not read never does.
//! So the stream that the library is given ends by itself: when it is cut, and when it takes nothing for too long.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ally_handlers::presence::Socket as MemberSocket;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::super::client::Client;
use super::inbox::Opened;

/// What may wait in the library for one client, in bytes. One that is larger waits alone.
const MAX_WAITING_BYTES: usize = 256 * 1024;
/// Sockets of one connection that are refused, before it is cut.
const MAX_REFUSED: u32 = 5;

/// What both transports of one client and its socket share.
pub(super) struct Transport {
    /// Cancelled when the connection is to end.
    pub cut: CancellationToken,
    /// Cancelled once its WebSocket is gone.
    pub closed: CancellationToken,
    /// The client took something: there may be room for more.
    pub taken: Notify,
    /// Bytes that wait for it, about: never more than there are.
    waiting: AtomicUsize,
    /// An upgrade to WebSocket is under way, or done.
    upgraded: AtomicBool,
    refused: AtomicU32,
    state: Mutex<State>,
}

/// What is there for moments only is boxed: each connection has its place for as long as it lives.
struct State {
    /// Who is alive by what is read here.
    member: Option<Arc<MemberSocket>>,
    /// The client until its socket takes it over; a second socket of the same connection finds none.
    client: Option<Box<Client>>,
    /// What was made ready for the socket that is about to open.
    opened: Option<Box<(Client, Opened)>>,
}

impl Transport {
    pub(super) fn new(client: Client) -> Arc<Self> {
        Arc::new(Self {
            cut: CancellationToken::new(),
            closed: CancellationToken::new(),
            taken: Notify::new(),
            waiting: AtomicUsize::new(0),
            upgraded: AtomicBool::new(false),
            refused: AtomicU32::new(0),
            state: Mutex::new(State { member: None, client: Some(Box::new(client)), opened: None }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Its fields are replaced whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take_client(&self) -> Option<Client> {
        self.state().client.take().map(|client| *client)
    }

    /// The client's socket was refused; it may try another one, some times.
    pub(super) fn refuse(&self, client: Client) {
        self.state().client = Some(Box::new(client));
        if self.refused.fetch_add(1, Ordering::Relaxed) >= MAX_REFUSED {
            self.cut.cancel();
        }
    }

    pub(super) fn set_opened(&self, client: Client, opened: Opened) {
        self.state().opened = Some(Box::new((client, opened)));
    }

    pub(super) fn take_opened(&self) -> Option<(Client, Opened)> {
        self.state().opened.take().map(|opened| *opened)
    }

    /// Who is alive by this connection from now on.
    pub(super) fn set_member(&self, member: Option<Arc<MemberSocket>>) {
        self.state().member = member;
    }

    /// Something came from the client.
    pub(super) fn touch(&self) {
        if let Some(member) = &self.state().member {
            member.touch();
        }
    }

    /// Whether so many bytes may be left for the client. There is one who asks: the socket's task.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        let waiting = self.waiting.load(Ordering::Acquire);
        waiting == 0 || waiting + bytes <= MAX_WAITING_BYTES
    }

    /// So many bytes, or some more, were left for the client.
    pub(super) fn left(&self, bytes: usize) {
        self.waiting.fetch_add(bytes, Ordering::AcqRel);
    }

    /// The client took so many bytes, of whatever.
    pub(super) fn took(&self, bytes: usize) {
        let less = |waiting: usize| Some(waiting.saturating_sub(bytes));
        let _ = self.waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, less);
        self.taken.notify_waiters();
    }

    /// Whether an upgrade may begin: one at a time.
    pub(super) fn begin_upgrade(&self) -> bool {
        !self.upgraded.swap(true, Ordering::AcqRel)
    }

    /// The upgrade that was begun came to nothing.
    pub(super) fn end_upgrade(&self) {
        self.upgraded.store(false, Ordering::Release);
    }
}
