//! A nats-server of the measurement's own, whose memory can be looked at and which can be restarted.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ally_nats::{JetStream, NatsConfig};

/// It is stopped when it is dropped.
pub struct Server {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Server {
    /// Starts one that flushes before each ack, as Ally's do, and waits until JetStream answers.
    pub async fn start(folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let store = folder.join("nats");
        let config = format!(
            "listen: \"127.0.0.1:{port}\"\nmax_payload: 4MB\njetstream {{ store_dir: {store:?}, sync_interval: always }}\n"
        );
        std::fs::write(folder.join("nats.conf"), config).unwrap();
        let server = Self { child: spawn(folder), folder: folder.to_owned(), port };
        server.answers().await;
        server
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Stops it in order and starts it again.
    pub async fn restart(&mut self) {
        self.stop();
        self.child = spawn(&self.folder);
        self.answers().await;
    }

    /// What it has in memory.
    pub fn resident_bytes(&self) -> u64 {
        resident_bytes(self.child.id())
    }

    /// What it has on disk.
    pub fn stored_bytes(&self) -> u64 {
        size(&self.folder.join("nats"))
    }

    async fn answers(&self) {
        let jetstream = JetStream::connect(NatsConfig::new(self.url())).await.unwrap();
        let answered = async {
            while jetstream.ping().await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), answered).await.expect("an answer of JetStream");
    }

    fn stop(&mut self) {
        if let Ok(pid) = i32::try_from(self.child.id())
            && let Some(pid) = rustix::process::Pid::from_raw(pid)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(folder: &Path) -> Child {
    let binary = std::env::var("ALLY_TEST_NATS_SERVER").expect("ALLY_TEST_NATS_SERVER: run `make bench-archive`");
    let mut command = Command::new(binary);
    command.arg("-c").arg(folder.join("nats.conf"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// The resident memory of a process.
pub fn resident_bytes(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a Linux that tells of its processes");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line VmRSS");
    let kibibytes: u64 = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number");
    kibibytes * 1024
}

fn size(path: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => size(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}
