//! A nats-server of this test's own: killed without a goodbye, started again on the same data and port.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use crate::system::{eventually, server};

pub struct NatsNode {
    pub name: String,
    pub port: u16,
    monitoring: u16,
    config: PathBuf,
    log: PathBuf,
    child: Mutex<Option<Child>>,
}

impl NatsNode {
    /// Writes its configuration; it runs after [`Self::start`]. As in production, an acknowledged event is on disk.
    pub fn prepare(folder: &Path, name: &str, more: &str) -> Self {
        let (port, monitoring) = (free_port(), free_port());
        let [config, log, store] = ["conf", "log", "store"].map(|end| folder.join(format!("{name}.{end}")));
        let text = format!(
            "server_name: {name}\nlisten: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:{monitoring}\"\nmax_payload: 4MB\n\
             jetstream {{ store_dir: {store:?}, sync_interval: always }}\n{more}"
        );
        std::fs::write(&config, text).unwrap();
        Self { name: name.to_owned(), port, monitoring, config, log, child: Mutex::default() }
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub fn start(&self) {
        let mut command = Command::new(server("ALLY_TEST_NATS_SERVER"));
        command.arg("-c").arg(&self.config).arg("-l").arg(&self.log);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        *self.child.lock().unwrap() = Some(command.spawn().unwrap());
    }

    /// SIGKILL: no goodbye, no flush.
    pub fn kill(&self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Waits until it says that its streams are there and, in a cluster, that it has caught up with them.
    pub async fn healthy(&self) {
        let health = format!("http://127.0.0.1:{}/healthz", self.monitoring);
        eventually(&format!("{} healthy", self.name), async || {
            reqwest::get(&health).await.ok()?.error_for_status().ok().map(|_| ())
        })
        .await;
    }
}

impl Drop for NatsNode {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port below those that the machine gives to whoever asks for any, so that it is still free after a restart.
pub fn free_port() -> u16 {
    loop {
        let port = 20_000 + u16::try_from(uuid::Uuid::new_v4().as_u128() % 12_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
