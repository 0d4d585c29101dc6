//! Servers of a test's own: started from the binary that `make test` names, killed when the test ends, in whatever way.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::bench::{env, until};

/// A nats-server with JetStream that flushes before each ack.
pub struct Server {
    child: Option<Child>,
    config: String,
    dir: TempDir,
    pub port: u16,
}

impl Server {
    /// Prepares a server; it runs after [`Self::start`].
    pub fn new() -> Self {
        Self::with("")
    }

    fn with(more: &str) -> Self {
        let (dir, port) = (TempDir::new().unwrap(), free_port());
        let store = dir.path().join("store");
        let config = format!(
            "listen: 127.0.0.1:{port}\nmax_payload: 4MB\njetstream {{ store_dir: {store:?}, sync_interval: always }}\n{more}"
        );
        Self { child: None, config, dir, port }
    }

    pub async fn started() -> Self {
        let mut server = Self::new();
        server.start();
        server.answers().await;
        server
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub fn start(&mut self) {
        let config = self.dir.path().join("server.conf");
        std::fs::write(&config, &self.config).unwrap();
        let log = std::fs::File::create(self.dir.path().join("server.log")).unwrap();
        let mut command = Command::new(env("ALLY_TEST_NATS_SERVER"));
        command.arg("-c").arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().unwrap());
    }

    /// SIGKILL: no goodbye, no flush.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Waits until JetStream answers.
    pub async fn answers(&self) {
        until("an answer of JetStream", || async {
            let Ok(client) = async_nats::connect(self.url()).await else { return false };
            async_nats::jetstream::new(client).query_account().await.is_ok()
        })
        .await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Three servers that know each other.
pub struct Cluster {
    pub nodes: Vec<Server>,
}

impl Cluster {
    pub async fn started() -> Self {
        let ports: Vec<_> = (0..3).map(|_| free_port()).collect();
        let routes: Vec<_> = ports.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
        let mut nodes: Vec<_> = ports
            .iter()
            .enumerate()
            .map(|(n, port)| {
                let routes = routes.join(", ");
                Server::with(&format!(
                    "server_name: n{n}\ncluster {{ name: test, listen: \"127.0.0.1:{port}\", routes: [{routes}] }}"
                ))
            })
            .collect();
        nodes.iter_mut().for_each(Server::start);
        let cluster = Self { nodes };
        for node in &cluster.nodes {
            node.answers().await;
        }
        cluster
    }

    pub fn url(&self) -> String {
        self.nodes.iter().map(Server::url).collect::<Vec<_>>().join(",")
    }

    /// The node with that server name.
    pub fn node(&mut self, name: &str) -> &mut Server {
        let n: usize = name.trim_start_matches('n').parse().unwrap();
        &mut self.nodes[n]
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
