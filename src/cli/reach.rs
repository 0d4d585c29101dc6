//! The servers of the configuration, for one command: reached within seconds, or a sentence that says what to do.

use std::future::Future;
use std::sync::Arc;

use ally_domain::job::JobRefusal;
use ally_domain::ports::StoreError;
use ally_handlers::{ArchiveError, ExecuteError, Executor};
use ally_nats::{JetStream, JetStreamError, NatsConfig, NatsEventStore, StreamFault, Upcasters};
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

/// JetStream of the configuration, whether it has streams or not.
pub async fn jetstream(config: &Config) -> anyhow::Result<JetStream> {
    let mut nats = NatsConfig::new(config.nats.url.expose());
    nats.prefix.clone_from(&config.nats.prefix);
    CLIENT.clone_into(&mut nats.client_name);
    let jetstream = JetStream::connect(nats).await?;
    let url = &config.nats.url;
    if let Err(error) = jetstream.ping().await {
        // What the connection complains about says more than that a request got no answer.
        let why = jetstream.reached().await.err().filter(|why| why.starts_with("not connected"));
        let why = why.unwrap_or_else(|| format!("{url}: {error}"));
        return Err(Usage(format!("{why}; start NATS, or name the right server with NATS_URL")).into());
    }
    Ok(jetstream)
}

/// The log of the configuration.
pub async fn log(config: &Config) -> anyhow::Result<Log> {
    let jetstream = jetstream(config).await?;
    let faults = jetstream.look_at_streams().await?;
    // Another setting is for the roles and `ally doctor` to tell: to look at what is there, it is no hindrance.
    if let Some(fault) = faults.iter().find(|fault| !matches!(fault, StreamFault::Differs(_))) {
        let (url, remedy) = (&config.nats.url, fault.remedy());
        return Err(Usage(format!("NATS at {url}: {fault}; {remedy}, or correct NATS_URL or ALLY_PREFIX")).into());
    }
    log_of(config, jetstream)
}

/// The log behind a connection, whatever its streams are like.
pub fn log_of(config: &Config, jetstream: JetStream) -> anyhow::Result<Log> {
    let store = NatsEventStore::new(jetstream.clone(), Upcasters::default());
    let store = Arc::new(store.with_archive(archiver::shelf(config)?));
    Ok(Log { jetstream, executor: Executor::new(store.clone()), store })
}

/// The views of the configuration.
pub async fn views(config: &Config) -> anyhow::Result<Database> {
    let mut views = DatabaseConfig::new(config.database.url.expose());
    views.max_connections = CONNECTIONS;
    CLIENT.clone_into(&mut views.application_name);
    let database = Database::connect(views)?;
    database.ping().await.map_err(|error| Usage(format!("{}: {error}", config.database.url)))?;
    Ok(database)
}

/// Whether a command ended because a server did not answer, which whoever called it can mend.
pub fn out_of_reach(error: &anyhow::Error) -> bool {
    let nats = |error: &JetStreamError| !matches!(error, JetStreamError::Unreadable { .. });
    // A missing segment is put back, an outdated program updated, room made: by whoever called it, as a server is started.
    let log = |error: &StoreError| {
        matches!(
            error,
            StoreError::Unavailable { .. }
                | StoreError::Full { .. }
                | StoreError::ArchiveMissing { .. }
                | StoreError::Newer { .. }
        )
    };
    let views = |error: &DatabaseError| !matches!(error, DatabaseError::Unreadable { .. });
    let rebuild = |error: &RebuildError| match error {
        RebuildError::Log(error) => log(error),
        RebuildError::Database(error) => views(error),
        _ => true,
    };
    let job = |error: &ExecuteError<JobRefusal>| match error {
        ExecuteError::Store(error) => log(error),
        error => matches!(error, ExecuteError::Contended { .. }),
    };
    let redrive = |error: &RedriveError| match error {
        RedriveError::DeadLetters(error) => nats(error),
        RedriveError::Job(error) => job(error),
        RedriveError::Webhook(ExecuteError::Store(error)) => log(error),
        RedriveError::Webhook(error) => matches!(error, ExecuteError::Contended { .. }),
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
        || error.downcast_ref().is_some_and(job)
}
