//! Servers of a test's own, with the folder that they live in, and when they count as there.

use std::ops::Deref;

use ally_nats::testing;
use tempfile::TempDir;

use crate::bench::{env, until};

/// A nats-server in a folder of its own.
pub struct Server {
    // Dropped first: a server ends before its data goes.
    server: testing::Server,
    _dir: TempDir,
}

impl Deref for Server {
    type Target = testing::Server;

    fn deref(&self) -> &testing::Server {
        &self.server
    }
}

impl Server {
    /// Prepares a server; it runs after `start`.
    pub fn new() -> Self {
        Self::with("n0", "")
    }

    fn with(name: &str, more: &str) -> Self {
        let dir = TempDir::new().unwrap();
        Self { server: testing::Server::prepare(env("ALLY_TEST_NATS_SERVER"), dir.path(), name, more), _dir: dir }
    }

    pub async fn started() -> Self {
        let server = Self::new();
        server.start();
        server.answers().await;
        server
    }

    /// A running server whose store takes so many bytes.
    pub async fn with_store_of(bytes: u64) -> Self {
        let server = Self::new();
        server.limit_store(bytes);
        server.start();
        server.answers().await;
        server
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

/// Three servers that know each other.
pub struct Cluster {
    pub nodes: Vec<Server>,
}

impl Cluster {
    pub async fn started() -> Self {
        let ports: Vec<_> = (0..3).map(|_| testing::free_port()).collect();
        let routes: Vec<_> = ports.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
        let nodes: Vec<_> = ports
            .iter()
            .enumerate()
            .map(|(n, port)| {
                let routes = routes.join(", ");
                let cluster = format!("cluster {{ name: test, listen: \"127.0.0.1:{port}\", routes: [{routes}] }}");
                Server::with(&format!("n{n}"), &cluster)
            })
            .collect();
        nodes.iter().for_each(|node| node.start());
        let cluster = Self { nodes };
        for node in &cluster.nodes {
            node.answers().await;
        }
        cluster
    }

    pub fn url(&self) -> String {
        self.nodes.iter().map(|node| node.url()).collect::<Vec<_>>().join(",")
    }

    /// The node with that server name.
    pub fn node(&self, name: &str) -> &Server {
        let n: usize = name.trim_start_matches('n').parse().unwrap();
        &self.nodes[n]
    }
}
