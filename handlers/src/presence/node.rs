//! A node of presence: what the doors ask of it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ally_domain::envelope::{Actor, CommandContext, TraceContext};
use ally_domain::ports::{Clock, EventLog, EventStore, Leases, PresentView};
use ally_domain::room::{ConnId, RoomCommand, RoomId};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::config::PresenceConfig;
use super::error::PresenceError;
use super::followers::Follower;
use super::input::Input;
use super::live_room::{Asked, Done};
use super::observe;
use super::shard::Shard;
use super::sockets::{Socket, Sockets};
use crate::submit::Origin;

/// What a node stands on.
pub struct Parts {
    /// The log of presence.
    pub store: Arc<dyn EventStore>,
    /// The same log, to be read whole.
    pub log: Arc<dyn EventLog>,
    /// Who is alive.
    pub leases: Arc<dyn Leases>,
    /// Who was there, to begin with.
    pub view: Arc<dyn PresentView>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A node. Cheap to clone.
#[derive(Clone)]
pub struct Presence(pub(super) Arc<Node>);

pub(super) struct Node {
    pub parts: Parts,
    pub config: Arc<PresenceConfig>,
    shards: Vec<mpsc::UnboundedSender<Input>>,
    pub sockets: Sockets,
    /// Sockets that are done with, for the task that renews leases to tidy up.
    pub closed: mpsc::UnboundedSender<Arc<Socket>>,
    pub closed_queue: tokio::sync::Mutex<mpsc::UnboundedReceiver<Arc<Socket>>>,
    /// When this node last renewed the lease of a connection without a socket.
    pub requests: Mutex<HashMap<ConnId, Instant>>,
    followers: AtomicU64,
    waiting: AtomicUsize,
    /// Whether the log was read up to its end once.
    pub fed: AtomicBool,
    /// Cancelled once the node is about to end.
    pub draining: CancellationToken,
}

impl Presence {
    /// A node; its shards begin to work at once, and its rooms are known once [`Self::follow_log`] has read them.
    #[must_use]
    pub fn start(parts: Parts, config: PresenceConfig) -> Self {
        observe::begin_series();
        let config = Arc::new(config);
        let shards = (0..config.shards.max(1))
            .map(|_| {
                let (input, inputs) = mpsc::unbounded_channel();
                let shard = Shard::new(Arc::clone(&config), Arc::clone(&parts.store), input.downgrade());
                tokio::spawn(shard.run(inputs));
                input
            })
            .collect();
        let (closed, closed_queue) = mpsc::unbounded_channel();
        Self(Arc::new(Node {
            parts,
            config,
            shards,
            sockets: Sockets::default(),
            closed,
            closed_queue: tokio::sync::Mutex::new(closed_queue),
            requests: Mutex::default(),
            followers: AtomicU64::new(1),
            waiting: AtomicUsize::new(0),
            fed: AtomicBool::new(false),
            draining: CancellationToken::new(),
        }))
    }

    /// Whether it knows the rooms, and why not.
    ///
    /// # Errors
    /// What it has yet to do.
    pub fn ready(&self) -> Result<(), PresenceError> {
        if self.0.is_draining() {
            return Err(PresenceError::Draining);
        }
        if self.0.fed.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(PresenceError::unavailable("this node has yet to read the log of presence up to its end"))
    }

    /// Cancelled once the node is about to end.
    #[must_use]
    pub fn draining(&self) -> CancellationToken {
        self.0.draining.clone()
    }

    /// How many sockets this node holds.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.0.sockets.len()
    }
}

pub(super) fn ended() -> PresenceError {
    PresenceError::unavailable("the shard of the room has ended")
}

impl Node {
    fn shard(&self, room: &RoomId) -> Option<&mpsc::UnboundedSender<Input>> {
        self.shards.get(self.shard_of(room))
    }

    pub(super) fn shard_of(&self, room: &RoomId) -> usize {
        let mut hasher = DefaultHasher::new();
        room.hash(&mut hasher);
        (hasher.finish() % self.shards.len().max(1) as u64) as usize
    }

    pub(super) fn shards(&self) -> &[mpsc::UnboundedSender<Input>] {
        &self.shards
    }

    pub(super) async fn ask<T>(
        &self,
        room: &RoomId,
        input: impl FnOnce(oneshot::Sender<T>) -> Input,
    ) -> Result<T, PresenceError> {
        let (answer, answered) = oneshot::channel();
        self.shard(room).ok_or_else(ended)?.send(input(answer)).map_err(|_| ended())?;
        answered.await.map_err(|_| ended())
    }

    /// Has a command decided and appended, and waits until this node knows of it.
    pub(super) async fn command(
        &self,
        room: &RoomId,
        command: RoomCommand,
        follower: Option<Follower>,
        origin: &Origin,
    ) -> Result<Done, PresenceError> {
        let _waiting = Waiting::count(&self.waiting, self.config.max_waiting)?;
        let deadline = Instant::now() + self.config.command_deadline;
        let context = self.context(origin);
        let ask = |answer| {
            let asked = Asked { command, context, deadline, follower, answer: Some(answer) };
            Input::Ask { room: room.clone(), asked: Box::new(asked) }
        };
        self.ask(room, ask).await?
    }

    pub(super) fn context(&self, origin: &Origin) -> CommandContext {
        CommandContext {
            command_id: Uuid::now_v7().into(),
            correlation: origin.correlation.clone(),
            causation: None,
            actor: origin.actor.clone(),
            at: self.parts.clock.now(),
            trace: observe::trace_or(&origin.trace),
        }
    }

    /// A command of the node itself.
    pub(super) fn own_origin(&self) -> Origin {
        Origin {
            actor: Actor::System("presence"),
            correlation: Uuid::now_v7().to_string(),
            trace: TraceContext::default(),
        }
    }

    pub(super) fn new_follower(&self) -> u64 {
        self.followers.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn unfollow(&self, room: &RoomId, follower: u64) {
        if let Some(shard) = self.shard(room) {
            let _ = shard.send(Input::Unfollow { room: room.clone(), follower });
        }
    }

    /// Ends a lease. Should that fail, it ends by itself, and its member is gone already.
    pub(super) async fn release(&self, conn: ConnId) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).remove(&conn);
        if let Err(error) = self.parts.leases.release(conn).await {
            tracing::debug!(conn_id = %conn, %error, "a lease was not released and ends by itself");
        }
    }
}

/// A command that waits, counted.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn count(waiting: &'a AtomicUsize, max: usize) -> Result<Self, PresenceError> {
        let counted = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) < max { Ok(counted) } else { Err(PresenceError::Busy) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
