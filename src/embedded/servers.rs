//! The whole life of the embedded servers: place, binaries, start, stop, and the end of what an earlier run left.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;

use super::account::Account;
use super::errors::{Doing, EmbeddedError};
use super::guard::StopSignal;
use super::locate::{self, Binary};
use super::nats::{self, Nats};
use super::pid::ProcessId;
use super::place::{self, DataFolder, Place};
use super::ports::PortChoice;
use super::postgres::{self, Postgres};
use super::process::{GRACE, pid_file};
use super::progress::Progress;
use super::staging::{self, Staging};
use crate::config::ServerSource;

/// Somebody may take a free port between the choice and the start; then another one is tried, so many times in all.
const PORT_TRIES: usize = 5;

/// How the servers are to run.
#[derive(Debug, Clone)]
pub struct ServersConfig {
    /// Where the binaries come from.
    pub source: ServerSource,
    /// The folder for everything that Ally writes here, `.local`.
    pub local: PathBuf,
    /// What becomes of the data.
    pub data: DataFolder,
    /// NATS for clients.
    pub nats_port: PortChoice,
    /// NATS monitoring (`/healthz`, `/jsz`, `/varz`).
    pub nats_monitoring_port: PortChoice,
    /// PostgreSQL.
    pub postgres_port: PortChoice,
    /// Whether PostgreSQL's data survives the machine. NATS's always does.
    pub durable: bool,
}

impl ServersConfig {
    /// Servers for one run: free ports, data that goes with them.
    pub fn throwaway(source: ServerSource, local: PathBuf) -> Self {
        let free = PortChoice::Free;
        Self {
            source,
            local,
            data: DataFolder::Throwaway,
            nats_port: free,
            nats_monitoring_port: free,
            postgres_port: free,
            durable: false,
        }
    }
}

/// Running servers. [`Self::stop`] ends them and waits; dropping asks them to end and does not wait.
#[derive(Debug)]
pub struct Servers {
    nats: Nats,
    postgres: Postgres,
    nats_binary: Binary,
    postgres_binary: Binary,
    place: Place,
    staging: Option<Staging>,
}

impl Servers {
    /// Starts both servers and waits until they answer. What an earlier run left on the same data is ended first.
    ///
    /// # Errors
    /// When a binary is missing and cannot be fetched, a port is taken, the data is in use, or a server does not start.
    pub async fn start(config: ServersConfig, progress: &Progress) -> Result<Self, EmbeddedError> {
        let account = Account::for_postgres()?;
        let place = Place::take(&config.local, &config.data, &account, progress).await?;
        end_servers_of(&place.data, progress).await?;
        if let Some(own) = ProcessId::of(std::process::id()) {
            own.write(&place::owner_file(&place.data))?;
        }
        let nats_binary = locate::nats(config.source, &place.servers, progress).await?;
        let postgres_binary = locate::postgres(config.source, &place.servers, &account, progress).await?;
        progress.say(format_args!(
            "starting nats-server {} and PostgreSQL {}",
            nats_binary.version, postgres_binary.version
        ));
        let settings = postgres::Settings { data: &place.data, account: &account, durable: config.durable };
        let (nats, postgres) = tokio::join!(
            start_nats(&nats_binary, &place.data, &config),
            start_postgres(&postgres_binary, settings, config.postgres_port),
        );
        match (nats, postgres) {
            (Ok(nats), Ok(postgres)) => Ok(Self { nats, postgres, nats_binary, postgres_binary, place, staging: None }),
            (Ok(nats), Err(cause)) => nats.process.stop().await.and(Err(cause)),
            (Err(cause), Ok(postgres)) => postgres.process.stop().await.and(Err(cause)),
            (Err(cause), Err(_)) => Err(cause),
        }
    }

    /// Moves the batches of the streams that are there into memory, until the servers stop. Nobody may be appending. False where
    /// they stay on the disk.
    pub fn keep_batches_in_memory(&mut self) -> bool {
        self.staging = Staging::begin(&nats::store(&self.place.data));
        self.staging.is_some()
    }

    /// `nats://127.0.0.1:…`
    pub fn nats_url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.nats.port)
    }

    /// `http://127.0.0.1:…`, NATS's own pages about itself.
    pub fn nats_monitoring_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.nats.monitoring_port)
    }

    /// The database for Ally's views, as superuser.
    pub fn database_url(&self) -> String {
        postgres::url(self.postgres.port, postgres::USER)
    }

    /// The database `postgres`, as superuser: to make and remove others.
    pub fn admin_url(&self) -> String {
        postgres::url(self.postgres.port, "postgres")
    }

    /// The nats-server that runs.
    pub fn nats_server(&self) -> &Path {
        &self.nats_binary.path
    }

    /// The folder of `postgres`, `initdb` and what else the installation has.
    pub fn postgres_bin(&self) -> &Path {
        self.postgres_binary.path.parent().unwrap_or(Path::new("/"))
    }

    /// The server that has ended by itself, if one has, with the end of its log.
    pub fn ended(&mut self) -> Option<EmbeddedError> {
        self.nats.process.ended().or_else(|| self.postgres.process.ended())
    }

    /// Waits until one of the servers ends by itself, and then tells which, with the end of its log.
    pub async fn end(&mut self) -> EmbeddedError {
        tokio::select! {
            cause = self.nats.process.end() => cause,
            cause = self.postgres.process.end() => cause,
        }
    }

    /// Ends both servers, gently and after a grace by force, and waits until they are gone.
    ///
    /// # Errors
    /// When a process outlives even that, or throwaway data cannot be removed.
    pub async fn stop(self) -> Result<(), EmbeddedError> {
        let (nats, postgres) = tokio::join!(self.nats.process.stop(), self.postgres.process.stop());
        drop(self.staging);
        nats.and(postgres).and(self.place.release())
    }
}

async fn start_nats(binary: &Binary, data: &Path, config: &ServersConfig) -> Result<Nats, EmbeddedError> {
    let mut tries = PORT_TRIES;
    loop {
        let port = config.nats_port.choose("NATS")?;
        let monitoring_port = config.nats_monitoring_port.choose("NATS monitoring")?;
        tries -= 1;
        match nats::start(binary, data, port, monitoring_port).await {
            Err(cause) if tries > 0 && lost_its_port(&cause) => {}
            result => return result,
        }
    }
}

async fn start_postgres(
    binary: &Binary,
    settings: postgres::Settings<'_>,
    choice: PortChoice,
) -> Result<Postgres, EmbeddedError> {
    let mut tries = PORT_TRIES;
    loop {
        let port = choice.choose("PostgreSQL")?;
        tries -= 1;
        match postgres::start(binary, settings, port).await {
            Err(cause) if tries > 0 && lost_its_port(&cause) => {}
            result => return result,
        }
    }
}

/// A fixed port fails the next choice with the holder's name; a free one is chosen anew.
fn lost_its_port(cause: &EmbeddedError) -> bool {
    matches!(cause, EmbeddedError::Ended { tail, .. } if tail.to_lowercase().contains("address already in use"))
}

/// Ends what runs on the kept data of a local folder: an `ally up` with all its roles, then servers without an Ally.
/// Processes are ended by the id and start time that they were written down with, never by name.
/// With `remove_data` the data is removed afterwards. Returns how many processes were ended.
///
/// # Errors
/// When a process does not end, or the data cannot be removed.
pub async fn end_leftovers(local: &Path, remove_data: bool, progress: &Progress) -> Result<usize, EmbeddedError> {
    let base = place::base(local, &Account::for_postgres()?).await?;
    let data = base.join("data");
    let mut ended = 0;
    if let Some(owner) = ProcessId::read(&place::owner_file(&data)).filter(ProcessId::is_alive) {
        progress.say(format_args!("stopping ally (process {})", owner.pid));
        // It drains its roles and then stops its servers, each with a grace of its own.
        owner.end("ally", Signal::TERM, GRACE * 2 + Duration::from_secs(20)).await?;
        ended += 1;
    }
    ended += end_servers_of(&data, progress).await?;
    let _ = std::fs::remove_file(place::owner_file(&data));
    if remove_data && data.exists() {
        staging::remove(&staging::left_by_a_kill(&nats::store(&data)));
        std::fs::remove_dir_all(&data).doing(|| format!("removing {}", data.display()))?;
        progress.say(format_args!("removed {}", data.display()));
    }
    Ok(ended)
}

async fn end_servers_of(data: &Path, progress: &Progress) -> Result<usize, EmbeddedError> {
    let mut ended = 0;
    for (name, stop) in [(nats::NAME, StopSignal::Term), (postgres::NAME, StopSignal::Int)] {
        let file = pid_file(data, name);
        if let Some(server) = ProcessId::read(&file).filter(ProcessId::is_alive) {
            progress.say(format_args!("stopping {name} (process {}), left by an earlier run", server.pid));
            server.end(name, stop.signal(), GRACE).await?;
            ended += 1;
        }
        let _ = std::fs::remove_file(file);
    }
    Ok(ended)
}
