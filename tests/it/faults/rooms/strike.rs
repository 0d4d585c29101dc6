//! What goes wrong with nodes and servers, and how it is put right again.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::task::JoinHandle;

use super::super::dice::Dice;
use super::nodes::{NODES, NodeId};
use super::servers::Servers;
use super::world::World;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// SIGKILL, and another process in its place.
    Kill { place: usize, down: Duration },
    /// SIGTERM, and another process in its place.
    Drain { place: usize, down: Duration },
    /// SIGSTOP, and SIGCONT.
    Hang { place: usize, lasts: Duration },
    /// The projector is killed, and started again.
    Projector { down: Duration },
    /// A nats-server is killed; without a number the one that leads the log of presence.
    Server { server: Option<usize>, down: Duration },
}

/// What was struck, and when.
pub struct Struck {
    pub strike: Strike,
    pub node: Option<NodeId>,
    pub at: OffsetDateTime,
    /// Done once it is put right.
    pub mended: JoinHandle<()>,
}

impl Strike {
    /// Each kind once, the sooner the more it does: a short run does not come to all of them.
    pub fn in_turn(dice: &mut Dice, of_servers: bool, longest_hang: Duration) -> Vec<Self> {
        let down = dice.between(200, 1_500);
        let mut places = dice.pick_distinct(&[0, 1, 2], NODES).into_iter().cycle();
        let mut place = || places.next().unwrap_or_default();
        let mut strikes = vec![
            Self::Kill { place: place(), down },
            Self::Hang { place: place(), lasts: longest_hang },
            Self::Drain { place: place(), down },
            Self::Hang { place: place(), lasts: Duration::from_millis(900) },
            Self::Projector { down },
        ];
        if of_servers {
            strikes.insert(0, Self::Server { server: None, down });
            strikes.insert(2, Self::Server { server: Some(place()), down });
        }
        strikes
    }

    pub fn throw(dice: &mut Dice, of_servers: bool, longest_hang: Duration) -> Self {
        let (place, down) = (dice.below(NODES), dice.between(200, 1_500));
        match dice.below(if of_servers { 12 } else { 9 }) {
            0..3 => Self::Kill { place, down },
            3..5 => Self::Drain { place, down },
            5 => Self::Hang { place, lasts: dice.between(300, 1_800) },
            6 | 7 => Self::Hang { place, lasts: longest_hang + dice.between(0, 2_000) },
            8 => Self::Projector { down },
            9 | 10 => Self::Server { server: None, down },
            _ => Self::Server { server: Some(dice.below(NODES)), down },
        }
    }

    pub fn name(&self, longest_hang: Duration) -> &'static str {
        match self {
            Self::Kill { .. } => "node killed",
            Self::Drain { .. } => "node drained",
            Self::Hang { lasts, .. } if *lasts >= longest_hang => "node hangs for longer than a lease",
            Self::Hang { .. } => "node hangs for a moment",
            Self::Projector { .. } => "projector killed",
            Self::Server { server: None, .. } => "leading nats-server killed",
            Self::Server { .. } => "nats-server killed",
        }
    }

    /// Lets it happen, a moment after now.
    pub async fn strike(self, world: Arc<World>, servers: Arc<Servers>, after: Duration) -> Struck {
        tokio::time::sleep(after).await;
        let nodes = &world.nodes;
        let place = match self {
            Self::Kill { place, .. } | Self::Drain { place, .. } | Self::Hang { place, .. } => Some(place),
            Self::Projector { .. } | Self::Server { .. } => None,
        };
        let node = place.map(|place| nodes.current(place));
        let at = match self {
            Self::Kill { place, .. } => nodes.kill(place).await,
            Self::Hang { place, .. } => nodes.suspend(place).await,
            Self::Drain { place, .. } => nodes.note_away(Some(place)),
            Self::Projector { .. } => super::super::now(),
            Self::Server { .. } => nodes.note_away(None),
        };
        let mended = tokio::spawn(async move {
            let nodes = &world.nodes;
            match self {
                Self::Kill { place, down } => nodes.replace(place, down).await,
                Self::Drain { place, down } => {
                    nodes.drain(place).await;
                    nodes.replace(place, down).await;
                }
                Self::Hang { place, lasts } => nodes.wake(place, lasts).await,
                Self::Projector { down } => servers.restart_projector(&nodes.system, down).await,
                Self::Server { server, down } => {
                    servers.restart(server, down).await;
                    nodes.note_back(None);
                }
            }
        });
        Struck { strike: self, node, at, mended }
    }
}
