//! For tests, those of other crates too: a nats-server of a test's own, killed without a goodbye, started again on the same
//! data and port.
//!
//! Deliberately not here: when it counts as ready, which each test asks in its own way.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::{JetStream, JetStreamError, Replicas};

impl JetStream {
    /// Makes the streams of a test's own deployment, as `ally streams apply` does for a real one.
    ///
    /// # Errors
    /// When the server does not answer or refuses a stream.
    pub async fn ensure_topology(&self) -> Result<(), JetStreamError> {
        self.apply_streams(Replicas::AsFound).await.map(|_| ())
    }
}

/// A nats-server with JetStream. As in production, an acknowledged event is on disk. It is killed when it is dropped.
#[derive(Debug)]
pub struct Server {
    /// What it calls itself.
    pub name: String,
    /// Where clients connect.
    pub port: u16,
    monitoring: u16,
    binary: PathBuf,
    config: PathBuf,
    log: PathBuf,
    child: Mutex<Option<Child>>,
}

impl Server {
    /// Writes the configuration of a server under a folder, with more lines of its own; it runs after [`Self::start`].
    ///
    /// # Panics
    /// When the folder cannot be written to.
    #[must_use]
    pub fn prepare(binary: impl Into<PathBuf>, folder: &Path, name: &str, more: &str) -> Self {
        let (port, monitoring) = (free_port(), free_port());
        let [config, log, store] = ["conf", "log", "store"].map(|end| folder.join(format!("{name}.{end}")));
        let text = format!(
            "server_name: {name}\nlisten: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:{monitoring}\"\nmax_payload: 4MB\n\
             jetstream {{ store_dir: {store:?}, sync_interval: always }}\n{more}"
        );
        std::fs::write(&config, text).unwrap();
        let (name, binary) = (name.to_owned(), binary.into());
        Self { name, port, monitoring, binary, config, log, child: Mutex::default() }
    }

    /// `nats://127.0.0.1:…`
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Where it says that its streams are there and, in a cluster, that it has caught up with them.
    #[must_use]
    pub fn health_url(&self) -> String {
        format!("http://127.0.0.1:{}/healthz", self.monitoring)
    }

    /// Lets its store take so many bytes, all streams together; it holds from the next start on.
    ///
    /// # Panics
    /// When the configuration cannot be read or written.
    pub fn limit_store(&self, bytes: u64) {
        const UNLIMITED: &str = "sync_interval: always";
        let text = std::fs::read_to_string(&self.config).unwrap();
        let line = |line: &str| match line.find(UNLIMITED) {
            Some(at) => format!("{}{UNLIMITED}, max_file_store: {bytes} }}\n", &line[..at]),
            None => format!("{line}\n"),
        };
        std::fs::write(&self.config, text.lines().map(line).collect::<String>()).unwrap();
    }

    /// The port of its monitoring pages.
    #[must_use]
    pub const fn monitoring_port(&self) -> u16 {
        self.monitoring
    }

    /// The processor time that it has used since it was started, in ticks of the system's clock.
    ///
    /// # Panics
    /// When it does not run, or the system has no `/proc`.
    #[must_use]
    pub fn processor_ticks(&self) -> u64 {
        let child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.as_ref().unwrap().id())).unwrap();
        // Behind the name, which may hold anything: the 12th and 13th are the user's and the system's time.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        [11, 12].iter().map(|at| fields[*at].parse::<u64>().unwrap()).sum()
    }

    /// Starts it, for the first time or again.
    ///
    /// # Panics
    /// When the binary cannot be started.
    pub fn start(&self) {
        let mut command = Command::new(&self.binary);
        command.arg("-c").arg(&self.config).arg("-l").arg(&self.log);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(command.spawn().unwrap());
    }

    /// The id of its process.
    ///
    /// # Panics
    /// When it does not run.
    pub fn pid(&self) -> u32 {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).as_ref().unwrap().id()
    }

    /// SIGKILL: no goodbye, no flush.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(&self) {
        if let Some(mut child) = self.child.lock().unwrap_or_else(PoisonError::into_inner).take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port below those that the machine gives to whoever asks for any, so that it is still free after a restart.
///
/// # Panics
/// Never: the remainder of a division by 12,000 is a port's worth.
#[must_use]
pub fn free_port() -> u16 {
    loop {
        let port = 20_000 + u16::try_from(uuid::Uuid::now_v7().as_u128() % 12_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
