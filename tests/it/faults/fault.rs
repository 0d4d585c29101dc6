//! What can go wrong: who is killed, what is cut, and how it is put right again.

use std::time::Duration;

use time::OffsetDateTime;

use super::cluster::NODES;
use super::now;
use super::stage::Stage;
use super::wire::Passage;

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
}

/// A fault that happened.
pub struct Struck {
    pub name: String,
    pub at: OffsetDateTime,
}

impl Fault {
    pub const ON_ONE_SERVER: [Self; 6] = [
        Self::Role("planner"),
        Self::Node(0),
        Self::Role("gateway"),
        Self::Postgres,
        Self::Role("projector"),
        Self::Role("onboarding"),
    ];

    /// What only a cluster can suffer, and each role beside it: a role that starts while three servers agree on a leader
    /// goes another way than one that finds a single server.
    pub const OF_A_CLUSTER: [Self; 10] = [
        Self::Leader,
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

    pub const ON_A_CLUSTER: [Self; 15] = [
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
    ];

    /// Whether it takes away one of the nats-servers.
    pub const fn is_of_the_servers(&self) -> bool {
        !matches!(self, Self::Role(_) | Self::Postgres)
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
        }
    }

    /// Lets it happen, for so long where it has a length, and waits until what was struck is up again.
    pub async fn strike(self, stage: &Stage, down: Duration, cut: Duration) -> Struck {
        let leader = match self {
            Self::Leader | Self::LeaderAlone(_) => stage.leader().await,
            _ => 0,
        };
        let struck = Struck { name: self.name(), at: now() };
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
