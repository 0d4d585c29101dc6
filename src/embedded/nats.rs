//! How nats-server starts: its configuration, and when it is ready.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::account::Account;
use super::errors::{Doing, EmbeddedError};
use super::guard::StopSignal;
use super::locate::Binary;
use super::process::{GuardedProcess, Launch};
use super::staging;
use crate::cli::local;

/// What the process, its log and its folder are called.
pub const NAME: &str = "nats";
/// The largest message, in bytes. The server's default is 1 MB; a plan with its whole diff may be larger.
const MAX_PAYLOAD: &str = "4MB";
/// JetStream refuses to grow beyond this on disk, so that a development machine is not filled.
pub const MAX_FILE_STORE_BYTES: u64 = 16 * 1024 * 1024 * 1024;
/// The leases live in memory; this holds millions.
const MAX_MEMORY_STORE: &str = "512MB";

/// A nats-server that answered.
#[derive(Debug)]
pub struct Nats {
    pub process: GuardedProcess,
    pub port: u16,
    pub monitoring_port: u16,
}

/// Where it stores what it keeps.
pub fn store(data: &Path) -> PathBuf {
    data.join(NAME)
}

/// Starts nats-server on these ports and waits until JetStream is healthy.
pub async fn start(binary: &Binary, data: &Path, port: u16, monitoring_port: u16) -> Result<Nats, EmbeddedError> {
    let store = store(data);
    let left = staging::left_by_a_kill(&store);
    std::fs::create_dir_all(&store).doing(|| format!("making {}", store.display()))?;
    let file = data.join("nats.conf");
    let text = configuration(&store, port, monitoring_port);
    std::fs::write(&file, text).doing(|| format!("writing {}", file.display()))?;
    let command = vec![binary.path.clone().into(), "-c".into(), file.into()];
    let account = &Account::Same;
    let launch = Launch { name: NAME, command, account, stop_signal: StopSignal::Term, folder: data };
    let mut process = GuardedProcess::start(launch)?;
    let client = local::client(Duration::from_secs(2));
    let client = client.map_err(std::io::Error::other).doing(|| "making an HTTP client".to_owned())?;
    let health = format!("http://127.0.0.1:{monitoring_port}/healthz");
    let answers = async || client.get(&health).send().await?.error_for_status().map(|_| ());
    process.ready::<reqwest::Error>(answers).await?;
    // It has finished what it had begun to commit.
    staging::remove(&left);
    Ok(Nats { process, port, monitoring_port })
}

/// `sync_interval: always`: an acknowledged event is on disk. By default it would be within two minutes.
fn configuration(store: &Path, port: u16, monitoring_port: u16) -> String {
    let store = store.display().to_string().replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        "# Written by Ally at each start.\n\
         server_name: ally-embedded\n\
         listen: \"127.0.0.1:{port}\"\n\
         http: \"127.0.0.1:{monitoring_port}\"\n\
         max_payload: {MAX_PAYLOAD}\n\
         jetstream {{\n  \
           store_dir: \"{store}\"\n  \
           sync_interval: always\n  \
           max_file_store: {MAX_FILE_STORE_BYTES}\n  \
           max_memory_store: {MAX_MEMORY_STORE}\n\
         }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_acknowledged_event_is_on_disk_and_nobody_else_can_connect() {
        let text = configuration(Path::new("/a/\"b\""), 4222, 8222);
        assert!(text.contains("sync_interval: always"), "{text}");
        assert!(text.contains("listen: \"127.0.0.1:4222\"") && text.contains("http: \"127.0.0.1:8222\""), "{text}");
        assert!(text.contains("store_dir: \"/a/\\\"b\\\"\""), "{text}");
    }
}
