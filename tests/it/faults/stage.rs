//! What a run stands on: servers of its own, and every role over them.

use std::os::unix::fs::PermissionsExt;

use ally_nats::names::{Names, StreamName};
use ally_nats::{JetStream, NatsConfig};
use tempfile::TempDir;

use super::cluster::{self, Wires};
use super::disk::Disk;
use super::nats::NatsNode;
use super::postgres::Postgres;
use super::roles::Roles;
use crate::system::{System, eventually};

/// How long a delivery of a worker that died stays with it. Shorter than in production, so that a short run is over soon.
const ACK_WAIT_MS: &str = "2000";

/// An attempt takes milliseconds here; one that nobody holds is not waited for longer than twice this.
const ATTEMPT_DEADLINE_MS: &str = "10000";
/// What the one server may store, and the file system under it: far more than a run's load, and soon full.
const STORE_MIB: u64 = 192;
const DISK_MIB: u64 = 256;

pub struct Stage {
    // Dropped in this order: the roles end before their servers, the servers before their data.
    pub roles: Roles,
    pub nodes: Vec<NatsNode>,
    pub wires: Option<Wires>,
    pub postgres: Postgres,
    /// The small file system under the store of the one server, or why there is none.
    pub disk: Result<Disk, String>,
    _folder: TempDir,
}

impl Stage {
    /// One nats-server, one PostgreSQL.
    pub async fn single() -> Self {
        Self::single_with(|_| {}).await
    }

    /// The same, with variables of the test's own.
    pub async fn single_with(set: impl FnOnce(&mut System)) -> Self {
        let folder = open_folder();
        let store = folder.path().join("n0.store");
        let disk = Disk::mount(&store, DISK_MIB);
        let limited = format!(
            "jetstream {{ store_dir: {store:?}, sync_interval: always, max_file_store: {} }}\n",
            STORE_MIB << 20
        );
        let node = NatsNode::prepare(folder.path(), "n0", &limited);
        node.start();
        node.healthy().await;
        Self::on(folder, vec![node], None, disk, set).await
    }

    /// Three nats-servers with three copies of each stream, one PostgreSQL.
    pub async fn cluster() -> Self {
        let folder = open_folder();
        let (nodes, wires) = cluster::start(folder.path()).await;
        Self::on(folder, nodes, Some(wires), Err("servers of a cluster share a disk".to_owned()), |_| {}).await
    }

    async fn on(
        folder: TempDir,
        nodes: Vec<NatsNode>,
        wires: Option<Wires>,
        disk: Result<Disk, String>,
        set: impl FnOnce(&mut System),
    ) -> Self {
        let postgres = Postgres::start(folder.path()).await;
        let mut system = System::new();
        let urls: Vec<_> = nodes.iter().map(|node| node.url()).collect();
        system.set("NATS_URL", &urls.join(",")).set("NATS_REPLICAS", &nodes.len().to_string());
        system.set("DATABASE_URL", &postgres.url()).set("ACK_WAIT_MS", ACK_WAIT_MS);
        system.set("ATTEMPT_DEADLINE_MS", ATTEMPT_DEADLINE_MS).set("RECONCILE_EVERY_SECONDS", "1");
        set(&mut system);
        system.apply_streams().await;
        Self { roles: Roles::start(system).await, nodes, wires, postgres, disk, _folder: folder }
    }

    /// The log, through the house's own client.
    pub async fn jetstream(&self) -> JetStream {
        let mut config = NatsConfig::new(self.roles.system.variable("NATS_URL"));
        self.roles.system.variable("ALLY_PREFIX").clone_into(&mut config.prefix);
        JetStream::connect(config).await.unwrap()
    }

    /// The servers, through a client that knows nothing of the house.
    pub async fn client(&self) -> async_nats::jetstream::Context {
        let urls: Vec<_> = self.nodes.iter().map(|node| node.url()).collect();
        async_nats::jetstream::new(async_nats::connect(urls.as_slice()).await.unwrap())
    }

    pub fn names(&self) -> Names {
        Names::new(self.roles.system.variable("ALLY_PREFIX")).unwrap()
    }

    /// Which node leads the stream of jobs and plans.
    pub async fn leader(&self) -> usize {
        let (jetstream, name) = (self.client().await, self.names().stream(StreamName::Plans));
        eventually("a leader", async || {
            let stream = jetstream.get_stream(&name).await.ok()?;
            let leader = stream.cached_info().cluster.as_ref()?.leader.clone()?;
            self.nodes.iter().position(|node| node.name == leader)
        })
        .await
    }

    /// The end in good order.
    pub async fn leave(self) {
        self.roles.terminate().await;
    }
}

/// The account that PostgreSQL runs as must be able to pass through.
fn open_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}
