//! A node of presence on 127.0.0.1, and what tests say to it.

use std::sync::Arc;
use std::time::Duration;

use ally_api::{DoorLimits, Doors, Drain, Health, Limits, PresenceRole, ServeConfig, Verifier, presence};
use ally_domain::ports::{Clock, Leases};
use ally_domain::testing::{MemoryEventStore, MemoryLocks};
use ally_handlers::channel::{ChannelParts, Channels};
use ally_handlers::presence::{Parts, Presence, PresenceConfig};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::doubles::{BreakableClock, EndlessLeases, NobodyYet, Past, Slowly};
use crate::harness::{Answers, Server, auth, body, checked, generous};

/// A node and what stands behind it.
pub struct Node {
    pub server: Server,
    pub presence: Presence,
    pub store: MemoryEventStore,
    pub locks: MemoryLocks,
    pub leases: Arc<EndlessLeases>,
    pub past: Arc<Past>,
    pub clock: Arc<BreakableClock>,
}

/// What a test changes about a node.
pub struct Setup {
    pub limits: Limits,
    pub doors: DoorLimits,
    pub rooms: PresenceConfig,
}

impl Default for Setup {
    fn default() -> Self {
        let rooms = PresenceConfig { delta_every: Duration::from_millis(10), ..PresenceConfig::default() };
        Self { limits: generous(), doors: DoorLimits::default(), rooms }
    }
}

/// A token with a claim `rooms`.
pub fn token_with(subject: &str, rooms: &Value, roles: &[&str]) -> String {
    let exp = BreakableClock::default().now().unix_timestamp() + 3_600;
    let mut claims = json!({"sub": subject, "exp": exp, "roles": roles});
    if !rooms.is_null() {
        claims["rooms"] = rooms.clone();
    }
    let key = EncodingKey::from_secret(b"a secret of the tests, 32 bytes or more");
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()
}

impl Node {
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Self {
        let store = MemoryEventStore::default();
        let (leases, past) = (Arc::new(EndlessLeases::default()), Arc::new(Past::default()));
        let clock = Arc::new(BreakableClock::default());
        let parts = Parts {
            store: Arc::new(store.clone()),
            log: Arc::new(store.clone()),
            leases: leases.clone(),
            view: Arc::new(NobodyYet),
            clock: clock.clone(),
        };
        let presence = Presence::start(parts, setup.rooms);
        let locks = MemoryLocks::default();
        let channels = Channels::new(ChannelParts {
            store: Arc::new(store.clone()),
            log: Arc::new(store.clone()),
            locks: Arc::new(locks.clone()),
            retry: Arc::new(Slowly),
            clock: clock.clone(),
        });
        let drain = Drain::on(CancellationToken::new());
        tokio::spawn(presence.clone().follow_log(CancellationToken::new()));
        tokio::spawn(presence.clone().renew_leases(CancellationToken::new()));
        while presence.ready().is_err() {
            tokio::task::yield_now().await;
        }
        let verifier = Verifier::new(&auth(), clock.clone());
        let doors = Doors::new(presence.clone(), channels, verifier, clock.clone(), leases.time_to_live(), setup.doors);
        let health = Health::new("realtime-presence-service", "1.2.3", Vec::new(), drain.started().clone());
        let role = PresenceRole { doors, past: past.clone(), health, limits: setup.limits };
        let endpoint = self::presence(role).unwrap();
        let server = checked(endpoint, ServeConfig::default(), drain, Answers::of_presence()).await;
        Self { server, presence, store, locks, leases, past, clock }
    }

    pub fn request(&self, method: Method, path: &str, user: &str) -> RequestBuilder {
        self.request_with(method, path, &token_with(user, &Value::Null, &[]))
    }

    pub fn request_with(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.below(method, &format!("/rooms{path}"), token)
    }

    /// A request for any path of presence.
    pub fn below(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.server.request(method, &format!("/api/v1/presence{path}")).bearer_auth(token)
    }

    pub async fn get(&self, path: &str, user: &str) -> Response {
        self.request(Method::GET, path, user).send().await.unwrap()
    }

    pub async fn post(&self, path: &str, user: &str, body: &Value) -> Response {
        self.request(Method::POST, path, user).json(body).send().await.unwrap()
    }

    /// Joins a room, and gives what the join was answered with.
    pub async fn join(&self, room: &str, user: &str, state: &Value) -> Value {
        let response = self.post(&format!("/{room}/join"), user, &json!({"state": state})).await;
        assert_eq!(response.status(), 201);
        body(response).await
    }
}
