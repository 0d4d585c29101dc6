//! What each role stands on, asked whether it answers.

use ally_api::Probe;
use ally_nats::{JetStream, Workload};
use ally_projections::{Database, Projector};
use async_trait::async_trait;

/// NATS: connected, and JetStream answers; with a warning while its store fills up.
pub struct NatsProbe(pub JetStream);

#[async_trait]
impl Probe for NatsProbe {
    fn name(&self) -> &'static str {
        "nats"
    }

    async fn check(&self) -> Result<(), String> {
        self.0.reached().await
    }

    async fn warning(&self) -> Option<String> {
        self.0.capacity().warning()
    }
}

/// The streams: there, and as this version needs them.
pub struct StreamsProbe(pub JetStream);

#[async_trait]
impl Probe for StreamsProbe {
    fn name(&self) -> &'static str {
        "streams"
    }

    async fn check(&self) -> Result<(), String> {
        self.0.streams_ready()
    }
}

/// A consumer: it is there and as its role made it, and messages are pulled from it.
pub struct ConsumerProbe {
    /// The consumer's name.
    pub name: &'static str,
    /// The runner's hands.
    pub hands: Workload,
}

#[async_trait]
impl Probe for ConsumerProbe {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn check(&self) -> Result<(), String> {
        self.hands.ready().map_err(|why| match self.hands.is_pulling() {
            true => why,
            false => format!("nothing is pulled from the consumer {}: {why}", self.name),
        })
    }
}

/// PostgreSQL: a statement answers.
pub struct PostgresProbe(pub Database);

#[async_trait]
impl Probe for PostgresProbe {
    fn name(&self) -> &'static str {
        "postgres"
    }

    async fn check(&self) -> Result<(), String> {
        self.0.ping().await.map_err(|error| error.to_string())
    }
}

/// The projector: every stream projected here or by another process.
pub struct ProjectorProbe(pub Projector);

#[async_trait]
impl Probe for ProjectorProbe {
    fn name(&self) -> &'static str {
        "projections"
    }

    async fn check(&self) -> Result<(), String> {
        self.0.ready()
    }

    async fn warning(&self) -> Option<String> {
        self.0.incomplete()
    }
}
