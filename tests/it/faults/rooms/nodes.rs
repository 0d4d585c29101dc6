//! Three nodes of presence that die, end in order, and hang; and when each of them was away.

use std::fs::File;
use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::super::now;
use crate::system::{RoleProcess, System};

pub const NODES: usize = 3;

/// A process of a node: the places are [`NODES`], and each start in a place gives another one.
pub type NodeId = usize;

/// A time in which a node, or with `None` the log and the leases, did not do what it should.
#[derive(Debug, Clone, Copy)]
pub struct Outage {
    /// The place.
    pub node: Option<usize>,
    pub from: OffsetDateTime,
    pub to: Option<OffsetDateTime>,
}

pub struct Nodes {
    pub system: System,
    places: [Mutex<Option<RoleProcess>>; NODES],
    addresses: [StdMutex<String>; NODES],
    /// Whether a client may choose it.
    up: [AtomicBool; NODES],
    starts: [AtomicUsize; NODES],
    outages: StdMutex<Vec<Outage>>,
}

impl Nodes {
    pub async fn start(system: System) -> Self {
        let nodes = Self {
            system,
            places: Default::default(),
            addresses: Default::default(),
            up: Default::default(),
            starts: Default::default(),
            outages: StdMutex::default(),
        };
        futures::future::join_all((0..NODES).map(|node| nodes.begin(node))).await;
        nodes
    }

    async fn begin(&self, node: usize) {
        let mut command = self.system.command(&["serve", "--role", "presence"]);
        command.stderr(File::options().create(true).append(true).open(self.log(node)).unwrap());
        let process = RoleProcess::start(command, "presence").await;
        process.ready().await;
        self.addresses[node].lock().unwrap().clone_from(&process.http);
        *self.places[node].lock().await = Some(process);
        self.starts[node].fetch_add(1, Ordering::Relaxed);
        self.up[node].store(true, Ordering::Relaxed);
    }

    pub fn log(&self, node: usize) -> std::path::PathBuf {
        self.system.folder().join(format!("presence-{node}.log"))
    }

    /// Where a node listens, or listened last.
    pub fn address(&self, node: NodeId) -> String {
        self.addresses[node % NODES].lock().unwrap().clone()
    }

    /// A node that is up, as near to the wanted one as may be.
    pub fn up_from(&self, wanted: usize) -> NodeId {
        let mut places = (0..NODES).map(|n| (wanted + n) % NODES);
        self.current(places.find(|node| self.up[*node].load(Ordering::Relaxed)).unwrap())
    }

    /// The process in a place.
    pub fn current(&self, place: usize) -> NodeId {
        place + NODES * self.starts[place].load(Ordering::Relaxed)
    }

    /// SIGKILL. The answer is when; another process takes its place in [`Self::replace`].
    pub async fn kill(&self, node: usize) -> OffsetDateTime {
        let from = self.note_away(Some(node));
        self.places[node].lock().await.take().unwrap().kill();
        from
    }

    pub async fn replace(&self, node: usize, after: Duration) {
        tokio::time::sleep(after).await;
        self.begin(node).await;
        self.note_back(Some(node));
    }

    /// SIGTERM; the answer is when it had ended.
    pub async fn drain(&self, node: usize) -> OffsetDateTime {
        self.note_away(Some(node));
        let process = self.places[node].lock().await.take().unwrap();
        assert_eq!(process.terminate().await, Some(0), "node {node} drains");
        now()
    }

    /// SIGSTOP; [`Self::wake`] lets it go on.
    pub async fn suspend(&self, node: usize) -> OffsetDateTime {
        let from = self.note_away(Some(node));
        self.places[node].lock().await.as_ref().unwrap().suspend();
        from
    }

    pub async fn wake(&self, node: usize, after: Duration) {
        tokio::time::sleep(after).await;
        let place = self.places[node].lock().await;
        let process = place.as_ref().unwrap();
        process.wake();
        process.ready().await;
        self.up[node].store(true, Ordering::Relaxed);
        self.note_back(Some(node));
    }

    pub fn note_away(&self, node: Option<usize>) -> OffsetDateTime {
        if let Some(node) = node {
            self.up[node].store(false, Ordering::Relaxed);
        }
        let from = now();
        self.outages.lock().unwrap().push(Outage { node, from, to: None });
        from
    }

    pub fn note_back(&self, node: Option<usize>) {
        let mut outages = self.outages.lock().unwrap();
        let open = outages.iter_mut().filter(|outage| outage.node == node && outage.to.is_none());
        open.for_each(|outage| outage.to = Some(now()));
    }

    /// The outages of a node, and of the log and the leases, that touch a time.
    pub fn outages(&self, node: Option<NodeId>, from: OffsetDateTime, to: OffsetDateTime) -> Vec<Outage> {
        let (outages, place) = (self.outages.lock().unwrap(), node.map(|node| node % NODES));
        let touches = |outage: &&Outage| {
            (outage.node.is_none() || outage.node == place || place.is_none())
                && outage.from <= to
                && outage.to.is_none_or(|end| end >= from)
        };
        outages.iter().filter(touches).copied().collect()
    }

    /// The log and the leases were away.
    pub fn servers_away(&self, from: OffsetDateTime, to: OffsetDateTime) -> Option<Outage> {
        self.outages(None, from, to).into_iter().rfind(|outage| outage.node.is_none())
    }

    /// What the nodes said last, for a run that failed.
    pub fn last_words(&self) -> String {
        let mut words = String::new();
        for node in 0..NODES {
            let said = std::fs::read_to_string(self.log(node)).unwrap_or_default();
            let lines: Vec<_> = said.lines().collect();
            words += &format!("-- node {node}\n{}\n", lines[lines.len().saturating_sub(15)..].join("\n"));
        }
        words
    }
}
