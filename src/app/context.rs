//! What every role stands on: the log, the views, its ports and its limits, from one configuration.

use std::sync::Arc;
use std::time::Duration;

use ally_api::{Drain, Health, Limits, Probe, Rate, RoleEndpoint, ServeConfig, serve};
use ally_domain::ids::AggregateKind;
use ally_nats::{JetStream, NatsConfig, NatsEventStore, Upcasters};
use ally_projections::{Database, DatabaseConfig};
use ally_telemetry::export::Telemetry;
use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::archiver;
use super::background::Background;
use super::dependencies;
use crate::config::{Config, Role};

/// How often the store is measured. At 200 plans a second it grows by tens of megabytes meanwhile.
const STORE_INTERVAL: Duration = Duration::from_secs(2);

/// What every role gets.
pub struct RoleContext {
    pub role: Role,
    pub config: Arc<Config>,
    pub telemetry: Telemetry,
    /// Cancelled when the process is to end.
    pub stop: CancellationToken,
    /// What runs beside the role's own work.
    pub background: Background,
}

/// A role's own port, served beside its work.
pub type Serving = tokio::task::JoinHandle<std::io::Result<()>>;

impl RoleContext {
    /// The log. The connection is made in the background, and for ever; the streams are looked at, never made or changed.
    pub async fn jetstream(&self) -> anyhow::Result<JetStream> {
        let nats = &self.config.nats;
        let mut config = NatsConfig::new(nats.url.expose());
        config.prefix.clone_from(&nats.prefix);
        config.store_limit_bytes = nats.store_limit_bytes;
        config.commit.share_from = nats.share_batch_from.unwrap_or(config.commit.share_from);
        config.client_name = self.role.service().to_owned();
        let jetstream = JetStream::connect(config).await.context("NATS_URL or ALLY_PREFIX cannot be used")?;
        let (streams, stop) = (jetstream.clone(), self.stop.clone());
        self.background.keep("watch over the streams", &self.stop, move || {
            let (streams, stop) = (streams.clone(), stop.clone());
            async move { streams.watch_streams(&stop).await }
        });
        let (measured, stop) = (jetstream.clone(), self.stop.clone());
        self.background.keep("measuring of the store", &self.stop, move || {
            let (measured, stop) = (measured.clone(), stop.clone());
            async move { measured.measure_store(STORE_INTERVAL, &stop).await }
        });
        Ok(jetstream)
    }

    /// The event store on the log, with its archive, for a role that appends to aggregates of some kinds.
    pub fn store(&self, jetstream: &JetStream, kinds: &[AggregateKind]) -> anyhow::Result<Arc<NatsEventStore>> {
        let store = NatsEventStore::new(jetstream.clone(), Upcasters::default());
        store.begin_series(kinds);
        Ok(Arc::new(store.with_archive(archiver::shelf(&self.config)?)))
    }

    /// The views. The connections are made when they are needed.
    pub fn database(&self) -> anyhow::Result<Database> {
        let mut config = DatabaseConfig::new(self.config.database.url.expose());
        config.max_connections = self.config.database.max_connections;
        self.role.service().clone_into(&mut config.application_name);
        let database = Database::connect(config).context("DATABASE_URL cannot be used")?;
        database.begin_series(self.role == Role::Projector);
        Ok(database)
    }

    /// What the role says of itself.
    pub fn health(&self, mut probes: Vec<Arc<dyn Probe>>) -> Health {
        for dependency in &probes {
            let Some((_, task)) = dependencies::ALL.iter().find(|(name, _)| *name == dependency.name()) else {
                continue;
            };
            let (dependency, stop) = (Arc::clone(dependency), self.stop.clone());
            self.background.keep(task, &self.stop, move || {
                let (dependency, stop) = (Arc::clone(&dependency), stop.clone());
                async move { dependencies::watch(&*dependency, &stop).await }
            });
        }
        probes.push(self.background.probe());
        Health::new(self.role.service(), env!("CARGO_PKG_VERSION"), probes, self.stop.clone())
    }

    /// The bounds of a listener.
    pub fn limits(&self) -> Limits {
        let limits = &self.config.limits;
        let rate = &limits.rate;
        Limits {
            max_body_bytes: limits.body_bytes,
            deadline: Duration::from_millis(limits.request_deadline_ms),
            max_concurrent_requests: limits.max_in_flight,
            per_athlete: Rate { per_minute: rate.athlete_per_minute, burst: rate.athlete_burst },
            per_client: Rate { per_minute: rate.client_per_minute, burst: rate.client_burst },
            trust_forwarded_for: limits.trust_forwarded_for,
            cors_allowed_origins: list(&limits.cors_allowed_origins),
            ..Limits::default()
        }
    }

    /// How long work in hand may go on after a request to stop.
    pub fn drain_deadline(&self) -> Duration {
        Duration::from_millis(self.config.workers.drain_deadline_ms)
    }

    /// Serves a port until the drain.
    pub fn serve(
        &self,
        listener: std::net::TcpListener,
        endpoint: RoleEndpoint,
        drain: Drain,
    ) -> anyhow::Result<Serving> {
        let listener = TcpListener::from_std(listener).context("the port cannot be listened on")?;
        let config = ServeConfig { drain_deadline: self.drain_deadline(), ..ServeConfig::default() };
        Ok(tokio::spawn(serve(listener, endpoint, config, drain)))
    }
}

/// The entries of a list that is written with commas.
fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}
