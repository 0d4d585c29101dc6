//! The servers of the configuration, for one command: reached within seconds, or a sentence that says what to do.

use std::future::Future;
use std::sync::Arc;

use ally_domain::ports::{EventLog, StoreError};
use ally_handlers::{ArchiveError, Executor};
use ally_nats::names::StreamName;
use ally_nats::{JetStream, JetStreamError, NatsConfig, NatsEventStore, Upcasters};
use ally_projections::{Database, DatabaseConfig, DatabaseError, MigrateError, RebuildError};
use anyhow::Context;

use super::Usage;
use crate::app::{RedriveError, archiver};
use crate::config::Config;

/// The name that the servers show for this process.
const CLIENT: &str = "ally-cli";
/// A command asks one thing after another; a check takes a connection for itself.
const CONNECTIONS: usize = 2;

/// The log, reached.
#[derive(Clone)]
pub struct Log {
    pub jetstream: JetStream,
    pub store: Arc<NatsEventStore>,
    pub executor: Executor,
}

/// Runs a command on a runtime of its own; what still waits for a server when it ends is left alone.
pub fn run<T>(command: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Runtime::new().context("the runtime could not start")?;
    let done = runtime.block_on(command);
    runtime.shutdown_background();
    done
}

/// The log of the configuration.
pub async fn log(config: &Config) -> anyhow::Result<Log> {
    let mut nats = NatsConfig::new(config.nats.url.expose());
    nats.prefix.clone_from(&config.nats.prefix);
    nats.replicas = config.nats.replicas;
    CLIENT.clone_into(&mut nats.client_name);
    let jetstream = JetStream::connect(nats).await?;
    let url = config.nats.url.masked_url();
    if let Err(error) = jetstream.ping().await {
        // What the connection complains about says more than that a request got no answer.
        let why = jetstream.ready().await.err().filter(|why| why.starts_with("not connected"));
        let why = why.unwrap_or_else(|| format!("{url}: {error}"));
        return Err(Usage(format!("{why}; start NATS, or name the right server with NATS_URL")).into());
    }
    let store = NatsEventStore::new(jetstream.clone(), Upcasters::default());
    let store = Arc::new(store.with_archive(archiver::shelf(config)?));
    if let Err(error) = store.last_sequence(StreamName::Plans.as_str()).await {
        let prefix = jetstream.names().stream(StreamName::Plans);
        let text = format!(
            "NATS at {url} has no stream {prefix} ({error}); start a role there first, or correct NATS_URL or ALLY_PREFIX"
        );
        return Err(Usage(text).into());
    }
    Ok(Log { jetstream, executor: Executor::new(store.clone()), store })
}

/// The views of the configuration.
pub async fn views(config: &Config) -> anyhow::Result<Database> {
    let mut views = DatabaseConfig::new(config.database.url.expose());
    views.max_connections = CONNECTIONS;
    CLIENT.clone_into(&mut views.application_name);
    let database = Database::connect(views)?;
    database.ping().await.map_err(|error| Usage(format!("{}: {error}", config.database.url.masked_url())))?;
    Ok(database)
}

/// Whether a command ended because a server did not answer, which whoever called it can mend.
pub fn out_of_reach(error: &anyhow::Error) -> bool {
    let nats = |error: &JetStreamError| !matches!(error, JetStreamError::Unreadable { .. });
    let log = |error: &StoreError| matches!(error, StoreError::Unavailable { .. } | StoreError::Full { .. });
    let views = |error: &DatabaseError| !matches!(error, DatabaseError::Unreadable { .. });
    let rebuild = |error: &RebuildError| match error {
        RebuildError::Log(error) => log(error),
        RebuildError::Database(error) => views(error),
        _ => true,
    };
    let redrive = |error: &RedriveError| match error {
        RedriveError::DeadLetters(error) => nats(error),
        RedriveError::Job(error) => match error {
            ally_handlers::ExecuteError::Store(error) => log(error),
            error => matches!(error, ally_handlers::ExecuteError::Contended { .. }),
        },
    };
    let archive = |error: &ArchiveError| match error {
        ArchiveError::Store(error) => log(error),
        error => matches!(error, ArchiveError::Views(_)),
    };
    error.is::<MigrateError>()
        || error.downcast_ref().is_some_and(archive)
        || error.downcast_ref().is_some_and(nats)
        || error.downcast_ref().is_some_and(log)
        || error.downcast_ref().is_some_and(views)
        || error.downcast_ref().is_some_and(rebuild)
        || error.downcast_ref().is_some_and(redrive)
}
