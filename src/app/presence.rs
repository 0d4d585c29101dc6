//! The presence role: a node of realtime presence, its leases and the ways in.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use ally_api::{DoorLimits, Doors, Drain, PresenceRole, Probe, ServeConfig, Verifier, presence};
use ally_domain::ids::AggregateKind;
use ally_handlers::channel::{ChannelParts, Channels};
use ally_handlers::presence::{Parts, Presence, PresenceConfig};
use ally_nats::{JetStream, JitteredClock, NatsEventStore, NatsLeases, NatsLocks};
use anyhow::Context;
use async_trait::async_trait;
use tokio::net::TcpListener as AsyncListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::admission::Admission;
use super::clock::SystemClock;
use super::context::RoleContext;
use super::gateway::auth_config;
use super::present::PostgresPresent;
use super::probes::{NatsProbe, PostgresProbe, StreamsProbe};
use crate::config;

/// How long a change of a channel waits before it is decided again: the others need a few milliseconds.
const DECIDE_AGAIN: JitteredClock =
    JitteredClock::new(Duration::ZERO, Duration::from_millis(8), Duration::from_millis(400));

pub async fn run(context: &RoleContext, listener: TcpListener) -> anyhow::Result<()> {
    let settings = &context.config.presence;
    let jetstream = context.jetstream().await?;
    let database = context.database()?;
    let store = context.store(&jetstream, &[AggregateKind::Room, AggregateKind::Channel])?;
    store.begin_reader_series();
    let clock = Arc::new(SystemClock);
    let time_to_live = Duration::from_secs(settings.lease_seconds);
    let node = Presence::start(
        Parts {
            store: store.clone(),
            log: store.clone(),
            leases: Arc::new(NatsLeases::new(jetstream.clone(), time_to_live)),
            view: Arc::new(PostgresPresent(database.clone())),
            clock: clock.clone(),
        },
        node_config(settings),
    );
    let secret = context.config.auth.jwt_secret.as_ref().context("ALLY_JWT_SECRET is not set")?;
    let verifier = Verifier::new(&auth_config(&context.config, secret.expose())?, clock.clone());
    if settings.trust_user_ids {
        tracing::warn!(
            "PRESENCE_TRUST_USER_IDS is on: clients without a token come in and say who they are; never switch it on where others can connect"
        );
    }
    let channels = channels(&jetstream, store);
    let doors = Doors::new(node.clone(), channels.clone(), verifier, clock, time_to_live, door_limits(settings));
    let endpoint = presence(PresenceRole {
        doors: doors.clone(),
        past: Arc::new(PostgresPresent(database.clone())),
        health: context.health(vec![
            Arc::new(NatsProbe(jetstream.clone())),
            Arc::new(StreamsProbe(jetstream)),
            Arc::new(PostgresProbe(database)),
            Arc::new(PresenceProbe(node.clone())),
        ]),
        limits: context.limits(),
    })
    .context("CORS_ALLOWED_ORIGINS cannot be used")?;
    let listener = AsyncListener::from_std(listener).context("the port cannot be listened on")?;
    let serving = ServeConfig {
        max_connections: settings.max_connections,
        drain_deadline: context.drain_deadline(),
        ..ServeConfig::default()
    };
    let port = tokio::spawn(ally_api::serve(listener, endpoint, serving, Drain::on(context.stop.clone())));
    // Leases are renewed and rooms are followed until the last client was told to go elsewhere.
    let drained = CancellationToken::new();
    let background = [
        keep(context, &drained, "feed of presence", &node, |node, stop| node.follow_log(stop)),
        keep(context, &drained, "renewal of leases", &node, |node, stop| node.renew_leases(stop)),
        keep(context, &drained, "reaper of presence", &node, |node, stop| node.reap(stop)),
        keep(context, &drained, "feed of channels", &channels, |channels, stop| channels.follow_log(stop)),
    ];
    context.stop.cancelled().await;
    node.drain().await;
    doors.tasks.close();
    let waited = tokio::time::timeout(context.drain_deadline(), doors.tasks.wait()).await;
    if waited.is_err() {
        tracing::warn!(open = doors.tasks.len(), "the drain's deadline has passed; open connections are cut off");
    }
    drained.cancel();
    for task in background {
        task.await.context("presence broke down")?;
    }
    port.await.context("the port of presence broke down")??;
    Ok(())
}

/// The channels of this node, over the same log. What they hold stays, so it comes in only while the store has room for the rest.
fn channels(jetstream: &JetStream, store: Arc<NatsEventStore>) -> Channels {
    Channels::new(ChannelParts {
        store: Arc::new(Admission::new(store.clone(), jetstream.capacity().clone())),
        log: store,
        locks: Arc::new(NatsLocks::new(jetstream.clone(), Arc::new(SystemClock))),
        retry: Arc::new(DECIDE_AGAIN),
        clock: Arc::new(SystemClock),
    })
}

fn keep<T, F>(
    context: &RoleContext,
    stop: &CancellationToken,
    task: &'static str,
    node: &T,
    work: impl Fn(T, CancellationToken) -> F + Send + 'static,
) -> tokio::task::JoinHandle<()>
where
    T: Clone + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (node, until) = (node.clone(), stop.clone());
    context.background.keep(task, stop, move || work(node.clone(), until.clone()))
}

fn node_config(settings: &config::Presence) -> PresenceConfig {
    PresenceConfig {
        node: Uuid::now_v7().to_string(),
        shards: std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(1, 16)),
        max_members: settings.max_members,
        grace: Duration::from_millis(settings.grace_ms),
        reap_every: Duration::from_millis(settings.reap_every_ms),
        big_from: settings.big_room_from,
        big_until: settings.big_room_from * 4 / 5,
        ..PresenceConfig::default()
    }
}

fn door_limits(settings: &config::Presence) -> DoorLimits {
    DoorLimits {
        per_user: settings.connections_per_user,
        per_address: settings.connections_per_address,
        messages_per_second: settings.messages_per_second,
        messages_burst: settings.messages_burst,
        whole_snapshot: settings.big_room_from,
        trust_user_ids: settings.trust_user_ids,
        ..DoorLimits::default()
    }
}

/// The node: it knows the rooms.
struct PresenceProbe(Presence);

#[async_trait]
impl Probe for PresenceProbe {
    fn name(&self) -> &'static str {
        "presence"
    }

    async fn check(&self) -> Result<(), String> {
        self.0.ready().map_err(|error| error.to_string())
    }
}
