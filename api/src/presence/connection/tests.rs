//! What a connection keeps, and how long it may be held up.

use ally_domain::ports::{Clock, Present, PresentError, PresentView, RetryClock};
use ally_domain::room::{ConnId, Door, Member, MemberState, RoomState};
use ally_domain::testing::{MemoryEventStore, MemoryLeases, MemoryLocks};
use ally_handlers::Cursor;
use ally_handlers::channel::{ChannelParts, Channels};
use ally_handlers::presence::{Encoded, Parts, Presence, PresenceConfig, Snapshot};
use async_trait::async_trait;
use serde_json::{Map, json};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, DuplexStream};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use uuid::Uuid;

use super::*;
use crate::auth::{AuthConfig, Secret, Verifier};
use crate::presence::door::{DoorLimits, Doors};

const PATIENCE: Duration = Duration::from_secs(10);
const TIME_TO_LIVE: Duration = Duration::from_secs(30);
/// So much is under way between both ends.
const UNDER_WAY: usize = 4 * 1024;

/// The time stands still, nothing was projected, and nobody waits between two tries.
struct Nothing;

impl Clock for Nothing {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH
    }
}

impl RetryClock for Nothing {
    fn delay_after(&self, _attempt: u32) -> Duration {
        Duration::ZERO
    }
}

#[async_trait]
impl PresentView for Nothing {
    async fn present(&self) -> Result<Present, PresentError> {
        Ok(Present::default())
    }
}

fn doors() -> Doors {
    let (store, clock) = (Arc::new(MemoryEventStore::default()), Arc::new(Nothing));
    let parts = Parts {
        store: store.clone(),
        log: store.clone(),
        leases: Arc::new(MemoryLeases::new(TIME_TO_LIVE)),
        view: clock.clone(),
        clock: clock.clone(),
    };
    let channels = Channels::new(ChannelParts {
        store: store.clone(),
        log: store,
        locks: Arc::new(MemoryLocks::default()),
        retry: clock.clone(),
        clock: clock.clone(),
    });
    let secret = Secret::new("a secret of the tests, 32 bytes or more").unwrap();
    let verifier = Verifier::new(&AuthConfig { secret, issuer: None, audience: None }, clock.clone());
    let limits = DoorLimits { patience: PATIENCE, ..DoorLimits::default() };
    Doors::new(Presence::start(parts, PresenceConfig::default()), channels, verifier, clock, TIME_TO_LIVE, limits)
}

fn connection() -> Connection {
    let doors = doors();
    let admission = doors.admit(None).unwrap();
    Connection::new(Client::new(doors, None, None, admission))
}

/// A room whose snapshot has dozens of pages.
fn crowd() -> Arc<Snapshot> {
    let members = (0..100).map(|number| {
        let state = Map::from_iter([("text".to_owned(), json!("x".repeat(3_000)))]);
        let (user, state) = (format!("user{number}").parse().unwrap(), MemberState::new(&state).unwrap());
        (ConnId::from(Uuid::now_v7()), Member { user, door: Door::Websocket, epoch: number, state })
    });
    let (room, cursor) = ("hall".parse().unwrap(), Cursor { log: 0, sequence: 0 });
    Arc::new(Snapshot { room, cursor, state: RoomState::with(members), encoded: Encoded::default() })
}

/// Each frame is written at once: those that wait together would be waited for together.
fn config() -> WebSocketConfig {
    WebSocketConfig::default().write_buffer_size(0)
}

/// A client that takes a page and rests, again and again: every frame is taken in time.
async fn read_slowly(mut client: DuplexStream) {
    let mut page = vec![0; 8 * 1024];
    while client.read_exact(&mut page).await.is_ok() {
        tokio::time::sleep(PATIENCE / 3).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_begins_with_may_take_as_long_as_one_message_and_no_longer() {
    let (server, client) = tokio::io::duplex(UNDER_WAY);
    let mut stream = WebSocketStream::from_raw_socket(server, Role::Server, Some(config())).await;
    tokio::spawn(read_slowly(client));
    let begun = Instant::now();
    let ended = connection().begin(&mut stream, &Start::Fresh(crowd())).await;
    let took = begun.elapsed();
    assert!(matches!(ended, Err(End::Close { reason: Closed::SlowConsumer, .. })), "it was held up for {took:?}");
    assert!(took < PATIENCE + Duration::from_secs(1), "it was held up for {took:?}");
}

#[tokio::test(start_paused = true)]
async fn who_reads_begins_with_everybody() {
    let (server, mut client) = tokio::io::duplex(UNDER_WAY);
    let mut stream = WebSocketStream::from_raw_socket(server, Role::Server, Some(config())).await;
    let reading = tokio::spawn(async move {
        let mut taken = Vec::new();
        client.read_to_end(&mut taken).await.unwrap();
        taken
    });
    let mut connection = connection();
    assert!(connection.begin(&mut stream, &Start::Fresh(crowd())).await.is_ok());
    assert!(connection.flush(&mut stream).await.is_ok());
    drop(stream);
    let taken = reading.await.unwrap();
    assert!(taken.len() > 300_000, "{} bytes", taken.len());
}

fn size<F: Future>(_: impl FnOnce(Connection, WebSocketStream<DuplexStream>) -> F) -> usize {
    std::mem::size_of::<F>()
}

/// Each connection has one for as long as it lives, and most of them do nothing.
#[test]
fn what_serves_a_connection_is_small() {
    let bytes = size(|connection, stream| connection.run(stream));
    assert!(bytes < 3 * 1024, "{bytes} bytes: box what is rare");
}
