//! What can go wrong: who is killed, what is cut, and how it is put right again.

use std::time::Duration;

use ally_nats::names::{StreamName, durable};
use time::OffsetDateTime;

use super::cluster::NODES;
use super::consumers;
use super::filler::Filler;
use super::now;
use super::stage::Stage;
use super::wire::Passage;

/// Begins the name of a fault that could not be brought about here.
pub const NOT_EXERCISED: &str = "NOT EXERCISED";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A role is killed, and started again at once.
    Role(&'static str),
    /// PostgreSQL crashes, and recovers.
    Postgres,
    /// A server is killed, and started again on its data.
    Node(usize),
    /// The server that leads the stream of jobs is killed.
    Leader,
    /// The wires around the server that leads are cut: it is alone.
    LeaderAlone(Passage),
    /// The wires between a server and the next are cut; both still see the third.
    Link(usize, Passage),
    /// Messages of a consumer are acknowledged by somebody who did nothing: their jobs are open, and nobody holds them.
    Swallowed(StreamName, &'static str),
    /// A consumer is deleted, with all that it knew of deliveries.
    ConsumerDeleted(StreamName, &'static str),
    /// The server's store takes nothing more, for a while.
    StoreFull,
    /// The file system under the store is full, for a while; the server is started again once there is room.
    DiskFull,
}

/// A fault that happened.
pub struct Struck {
    pub name: String,
    pub at: OffsetDateTime,
}

impl Fault {
    pub const ON_ONE_SERVER: [Self; 12] = [
        Self::Role("planner"),
        Self::Swallowed(StreamName::Plans, durable::PLANNER),
        Self::Node(0),
        Self::Swallowed(StreamName::Onboarding, durable::ONBOARDING),
        Self::ConsumerDeleted(StreamName::Plans, durable::PLANNER),
        Self::ConsumerDeleted(StreamName::Onboarding, durable::ONBOARDING),
        Self::StoreFull,
        Self::DiskFull,
        Self::Role("gateway"),
        Self::Postgres,
        Self::Role("projector"),
        Self::Role("onboarding"),
    ];

    /// What only a cluster can suffer, and each role beside it: a role that starts while three servers agree on a leader
    /// goes another way than one that finds a single server.
    pub const OF_A_CLUSTER: [Self; 13] = [
        Self::Leader,
        Self::Swallowed(StreamName::Plans, durable::PLANNER),
        Self::Swallowed(StreamName::Onboarding, durable::ONBOARDING),
        Self::ConsumerDeleted(StreamName::Plans, durable::PLANNER),
        Self::Role("gateway"),
        Self::Node(0),
        Self::Role("planner"),
        Self::Node(1),
        Self::Role("projector"),
        Self::Node(2),
        Self::Role("onboarding"),
        Self::LeaderAlone(Passage::Silent),
        Self::Link(0, Passage::Broken),
    ];

    pub const ON_A_CLUSTER: [Self; 18] = [
        Self::Leader,
        Self::Node(0),
        Self::Node(1),
        Self::Node(2),
        Self::LeaderAlone(Passage::Silent),
        Self::LeaderAlone(Passage::Broken),
        Self::Link(0, Passage::Silent),
        Self::Link(0, Passage::Broken),
        Self::Link(1, Passage::Silent),
        Self::Link(2, Passage::Broken),
        Self::Role("planner"),
        Self::Role("gateway"),
        Self::Role("projector"),
        Self::Role("onboarding"),
        Self::Postgres,
        Self::Swallowed(StreamName::Plans, durable::PLANNER),
        Self::Swallowed(StreamName::Onboarding, durable::ONBOARDING),
        Self::ConsumerDeleted(StreamName::Plans, durable::PLANNER),
    ];

    /// Whether it takes away one of the nats-servers.
    pub const fn is_of_the_servers(&self) -> bool {
        !matches!(self, Self::Role(_) | Self::Postgres | Self::Swallowed(..) | Self::ConsumerDeleted(..))
    }

    fn name(self) -> String {
        match self {
            Self::Role(role) => format!("{role} killed"),
            Self::Postgres => "PostgreSQL crashed".to_owned(),
            Self::Node(_) => "nats-server killed".to_owned(),
            Self::Leader => "leader killed".to_owned(),
            Self::LeaderAlone(Passage::Silent) => "leader cut off, silently".to_owned(),
            Self::LeaderAlone(_) => "leader cut off".to_owned(),
            Self::Link(_, Passage::Silent) => "link cut, silently".to_owned(),
            Self::Link(..) => "link cut".to_owned(),
            Self::Swallowed(_, consumer) => format!("messages of {consumer} swallowed"),
            Self::ConsumerDeleted(_, consumer) => format!("consumer {consumer} deleted"),
            Self::StoreFull => "store full".to_owned(),
            Self::DiskFull => "disk full".to_owned(),
        }
    }

    /// Lets it happen, for so long where it has a length, and waits until what was struck is up again.
    pub async fn strike(self, stage: &Stage, down: Duration, cut: Duration) -> Struck {
        let leader = match self {
            Self::Leader | Self::LeaderAlone(_) => stage.leader().await,
            _ => 0,
        };
        let mut struck = Struck { name: self.name(), at: now() };
        match self {
            Self::Role(role) => stage.roles.crash(role).await,
            Self::Postgres => {
                stage.postgres.kill();
                tokio::time::sleep(down).await;
                stage.postgres.restart().await;
            }
            Self::Node(node) => restart(stage, node, down).await,
            Self::Leader => restart(stage, leader, down).await,
            Self::LeaderAlone(passage) => {
                let wires = stage.wires.as_ref().unwrap();
                wires.around(leader, passage);
                tokio::time::sleep(cut).await;
                wires.around(leader, Passage::Open);
                all_healthy(stage).await;
            }
            Self::Link(node, passage) => {
                let wires = stage.wires.as_ref().unwrap();
                wires.behind(node % NODES, passage);
                tokio::time::sleep(cut).await;
                wires.behind(node % NODES, Passage::Open);
                all_healthy(stage).await;
            }
            Self::Swallowed(stream, consumer) => {
                if consumers::swallow(stage, stream, consumer).await == 0 {
                    struck.name = format!("{NOT_EXERCISED}: {} (none came)", struck.name);
                }
            }
            Self::ConsumerDeleted(stream, consumer) => consumers::delete(stage, stream, consumer).await,
            Self::StoreFull => {
                let filler = Filler::fill(stage).await;
                tokio::time::sleep(cut).await;
                filler.remove().await;
            }
            Self::DiskFull => match &stage.disk {
                Ok(disk) => {
                    disk.fill();
                    tokio::time::sleep(cut).await;
                    disk.clear();
                    // The server does without its streams once it could not write, until it is started again.
                    restart(stage, 0, Duration::ZERO).await;
                }
                Err(why) => struck.name = format!("{NOT_EXERCISED}: {} ({why})", struck.name),
            },
        }
        struck
    }
}

async fn restart(stage: &Stage, node: usize, down: Duration) {
    let node = &stage.nodes[node];
    node.kill();
    tokio::time::sleep(down).await;
    node.start();
    node.healthy().await;
}

/// A cluster of three bears one fault at a time: the next one waits until it is whole.
async fn all_healthy(stage: &Stage) {
    for node in &stage.nodes {
        node.healthy().await;
    }
}
