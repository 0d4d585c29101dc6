//! Some nodes, and clients that fold what they are told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Actor;
use ally_domain::ports::{Present, PresentError, PresentView};
use ally_domain::room::{ConnId, Door, LeaveReason, MemberState, RoomEvent, RoomId, RoomState};
use ally_domain::testing::{MemoryEventStore, MemoryLeases};
use ally_handlers::presence::{
    Audience, Change, EndReason, JoinRequest, Notice, Parts, Presence, PresenceConfig, Resume, Session, Start,
};
use ally_handlers::{Cursor, Origin};
use async_trait::async_trait;
use futures::FutureExt;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub const TIME_TO_LIVE: Duration = Duration::from_secs(4);

/// Nothing was projected: nodes begin with the log alone.
struct NoView;

#[async_trait]
impl PresentView for NoView {
    async fn present(&self) -> Result<Present, PresentError> {
        Ok(Present::default())
    }
}

struct FixedClock;

impl ally_domain::ports::Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH
    }
}

pub fn origin() -> Origin {
    Origin { actor: Actor::Athlete("amy".into()), correlation: "test".into(), trace: Default::default() }
}

pub fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

/// The log, the leases, and the nodes over them.
pub struct Cluster {
    pub store: MemoryEventStore,
    pub leases: MemoryLeases,
    pub nodes: Vec<Node>,
    config: PresenceConfig,
    clock: JoinHandle<()>,
    started: usize,
}

/// A node and its tasks.
pub struct Node {
    pub presence: Presence,
    stop: CancellationToken,
    hung: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Works on, but while its node hangs.
async fn unless(mut hung: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            Ok(_) = hung.wait_for(|hung| *hung) => {}
            () = &mut work => return,
        }
        let _ = hung.wait_for(|hung| !hung).await;
    }
}

impl Node {
    /// No code of the node runs any more.
    pub fn kill(self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }

    /// Nothing that it does by itself happens any more, as while a process hangs.
    pub fn hang(&self) {
        self.hung.send_replace(true);
    }

    /// It goes on where it was.
    pub fn wake(&self) {
        self.hung.send_replace(false);
    }

    pub async fn drain(self) {
        self.presence.drain().await;
        self.stop.cancel();
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.clock.abort();
    }
}

impl Cluster {
    pub async fn start(nodes: usize, config: PresenceConfig) -> Self {
        let leases = MemoryLeases::new(TIME_TO_LIVE);
        let passing = leases.clone();
        // The leases' time is the runtime's.
        let clock = tokio::spawn(async move {
            let step = Duration::from_millis(50);
            loop {
                tokio::time::sleep(step).await;
                passing.advance(step);
            }
        });
        let mut cluster =
            Self { store: MemoryEventStore::default(), leases, nodes: Vec::new(), config, clock, started: 0 };
        for _ in 0..nodes {
            cluster.add_node().await;
        }
        cluster
    }

    pub async fn add_node(&mut self) {
        self.add_unready_node();
        let Some(node) = self.nodes.last() else { return };
        while node.presence.ready().is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A node that may not have read the log yet.
    pub fn add_unready_node(&mut self) {
        self.started += 1;
        let parts = Parts {
            store: Arc::new(self.store.clone()),
            log: Arc::new(self.store.clone()),
            leases: Arc::new(self.leases.clone()),
            view: Arc::new(NoView),
            clock: Arc::new(FixedClock),
        };
        let config = PresenceConfig { node: format!("node-{}", self.started), ..self.config.clone() };
        let (presence, stop) = (Presence::start(parts, config), CancellationToken::new());
        let hung = watch::Sender::new(false);
        let tasks = vec![
            tokio::spawn(unless(hung.subscribe(), presence.clone().follow_log(stop.clone()))),
            tokio::spawn(unless(hung.subscribe(), presence.clone().renew_leases(stop.clone()))),
            tokio::spawn(unless(hung.subscribe(), presence.clone().reap(stop.clone()))),
        ];
        self.nodes.push(Node { presence, stop, hung, tasks });
    }

    /// Who is in a room, as the log says.
    pub fn logged(&self, room: &RoomId) -> RoomState {
        use ally_domain::decider::Decider;
        let events = self
            .store
            .events("PRESENCE")
            .into_iter()
            .filter(|event| RoomId::of(&event.aggregate.id).as_ref() == Some(room));
        let events: Vec<RoomEvent> = events.map(|event| event.decode().unwrap()).collect();
        ally_domain::room::RoomDecider::fold(&events)
    }

    /// How often each membership ended, as the log says.
    pub fn departures(&self) -> BTreeMap<(ConnId, u64), Vec<LeaveReason>> {
        let mut departures: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for event in self.store.events("PRESENCE") {
            if let RoomEvent::Left(left) = event.decode().unwrap() {
                departures.entry((left.conn_id, left.epoch)).or_default().push(left.reason);
            }
        }
        departures
    }
}

/// What a client knows of a room, folded from what it was told.
pub type Known = BTreeMap<ConnId, (u64, String)>;

pub fn known_of(state: &RoomState) -> Known {
    state.members_behind(None).map(|(conn, member)| (conn, (member.epoch, member.state.as_json().to_owned()))).collect()
}

/// A client that is connected.
pub struct Client {
    pub session: Session,
    /// Whether it began with what it had missed, and not with everybody.
    pub recovered: bool,
    pub known: Known,
    pub cursor: Cursor,
    /// The departures that it was told of.
    pub told: Vec<(ConnId, u64)>,
    pub end: Option<EndReason>,
    /// Whether it was told that it does not know everybody.
    pub partial: bool,
}

/// A client whose connection broke.
#[derive(Clone)]
pub struct Absent {
    pub conn: ConnId,
    pub resume: String,
    pub known: Known,
    pub cursor: Cursor,
    pub told: Vec<(ConnId, u64)>,
    pub partial: bool,
}

pub async fn join(node: &Node, room: &str, user: &str) -> Result<Client, ally_handlers::presence::PresenceError> {
    let request = JoinRequest {
        room: room.parse().unwrap(),
        user: user.parse().unwrap(),
        door: Door::Websocket,
        state: MemberState::new(&object(json!({"user": user}))).unwrap(),
        audience: Audience::Full,
        resumable: true,
    };
    let session = node.presence.join(request, &origin()).await?;
    Ok(Client::of(session, Known::new(), Vec::new(), false))
}

impl Absent {
    pub async fn resume(self, node: &Node) -> Result<Client, ally_handlers::presence::PresenceError> {
        let Self { resume, known, cursor, told, partial, .. } = self;
        let request =
            Resume { token: resume, user: None, door: Door::Websocket, audience: Audience::Full, since: Some(cursor) };
        Ok(Client::of(node.presence.resume(request).await?, known, told, partial))
    }
}

impl Client {
    fn of(mut session: Session, known: Known, told: Vec<(ConnId, u64)>, partial: bool) -> Self {
        let start = session.take_start();
        let recovered = matches!(start, Start::Missed { .. });
        let cursor = Cursor { log: 0, sequence: 0 };
        let mut client = Self { session, recovered, known, cursor, told, end: None, partial };
        match start {
            Start::Fresh(snapshot) => {
                client.partial = false;
                client.known = known_of(&snapshot.state);
                client.cursor = snapshot.cursor;
            }
            Start::Missed { changes, cursor } => {
                changes.iter().for_each(|change| client.fold(change));
                client.cursor = cursor;
            }
        }
        client
    }

    pub fn conn(&self) -> ConnId {
        self.session.socket.conn
    }

    /// Folds what waits.
    pub fn catch_up(&mut self) {
        while self.end.is_none()
            && let Some(Some(notice)) = self.session.next().now_or_never()
        {
            match notice {
                Notice::Change(change) => self.fold(&change),
                Notice::Delta(delta) => {
                    self.partial |= delta.changes.is_none();
                    delta.changes.iter().flatten().for_each(|change| self.fold(change));
                    self.cursor = delta.to;
                }
                Notice::Fresh(snapshot) => {
                    self.partial = false;
                    self.known = known_of(&snapshot.state);
                    self.cursor = snapshot.cursor;
                }
                Notice::End(end) => self.end = Some(end),
            }
        }
    }

    fn fold(&mut self, change: &Change) {
        match &change.event {
            RoomEvent::Joined(joined) => {
                self.known.insert(joined.conn_id, (joined.epoch, joined.state.as_json().to_owned()));
            }
            RoomEvent::Updated(updated) => {
                self.known.insert(updated.conn_id, (updated.epoch, updated.state.as_json().to_owned()));
            }
            RoomEvent::Left(left) => {
                self.told.push((left.conn_id, left.epoch));
                self.known.remove(&left.conn_id);
            }
        }
        self.cursor = change.cursor;
    }

    /// The client with a copy of what it needs to come back, and the socket that it leaves behind.
    pub fn duplicate(self) -> (Absent, Session) {
        let Self { session, known, cursor, told, partial, .. } = self;
        let (conn, resume) = (session.socket.conn, session.resume.clone().unwrap());
        (Absent { conn, resume, known, cursor, told, partial }, session)
    }

    /// The connection breaks.
    pub fn cut(self) -> Absent {
        let Self { session, known, cursor, told, partial, .. } = self;
        let (conn, resume) = (session.socket.conn, session.resume.clone().unwrap());
        Absent { conn, resume, known, cursor, told, partial }
    }
}
