//! What the nodes stand on: nats-servers of this test's own, and the projector.

use std::time::Duration;

use ally_nats::names::{Names, StreamName};
use tempfile::TempDir;
use tokio::sync::Mutex;

use super::super::cluster::{self, Wires};
use super::super::nats::NatsNode;
use crate::system::{RoleProcess, System, eventually};

pub struct Servers {
    pub nodes: Vec<NatsNode>,
    projector: Mutex<Option<RoleProcess>>,
    names: Names,
    _wires: Option<Wires>,
    _folder: TempDir,
}

impl Servers {
    /// One nats-server, or three with three copies of everything; the streams are made, the projector runs.
    pub async fn start(system: &mut System, clustered: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (nodes, wires) = match clustered {
            true => {
                let (nodes, wires) = cluster::start(folder.path()).await;
                (nodes, Some(wires))
            }
            false => {
                let node = NatsNode::prepare(folder.path(), "n0", "");
                node.start();
                node.healthy().await;
                (vec![node], None)
            }
        };
        let urls: Vec<_> = nodes.iter().map(|node| node.url()).collect();
        system.set("NATS_URL", &urls.join(",")).set("NATS_REPLICAS", &nodes.len().to_string());
        system.apply_streams().await;
        let projector = system.start_without_streams("projector").await;
        projector.ready().await;
        let names = Names::new(system.variable("ALLY_PREFIX")).unwrap();
        let projector = Mutex::new(Some(projector));
        Self { nodes, projector, names, _wires: wires, _folder: folder }
    }

    pub fn names(&self) -> Names {
        self.names.clone()
    }

    /// The servers, through a client that knows nothing of the house.
    pub async fn client(&self) -> async_nats::jetstream::Context {
        let urls: Vec<_> = self.nodes.iter().map(|node| node.url()).collect();
        async_nats::jetstream::new(async_nats::connect(urls.as_slice()).await.unwrap())
    }

    /// SIGKILL, and started again on its data; without a number the one that leads the log of presence.
    pub async fn restart(&self, server: Option<usize>, down: Duration) {
        let server = match server {
            Some(server) => server % self.nodes.len(),
            None => self.leader().await,
        };
        let node = &self.nodes[server];
        node.kill();
        tokio::time::sleep(down).await;
        node.start();
        for node in &self.nodes {
            node.healthy().await;
        }
    }

    async fn leader(&self) -> usize {
        let (jetstream, name) = (self.client().await, self.names.stream(StreamName::Presence));
        eventually("a leader", async || {
            let stream = jetstream.get_stream(&name).await.ok()?;
            let leader = stream.cached_info().cluster.as_ref()?.leader.clone()?;
            self.nodes.iter().position(|node| node.name == leader)
        })
        .await
    }

    pub async fn restart_projector(&self, system: &System, down: Duration) {
        let mut place = self.projector.lock().await;
        place.take().unwrap().kill();
        tokio::time::sleep(down).await;
        let projector = system.start_without_streams("projector").await;
        projector.ready().await;
        *place = Some(projector);
    }
}
