//! What keeps a member by requests alive: a heartbeat every so often, at another node where one does not answer.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::nodes::NODES;
use super::world::World;

/// How long a heartbeat waits for an answer before it is sent elsewhere.
const ANSWER: Duration = Duration::from_millis(1_000);
const PAUSE: Duration = Duration::from_millis(50);

pub struct Beats {
    stop: watch::Sender<bool>,
    task: JoinHandle<Beaten>,
}

/// What became of the heartbeats.
#[derive(Debug, Default)]
pub struct Beaten {
    /// An answer was lost: the heartbeat may count later.
    pub lost: bool,
    /// Somebody said that there is no such member.
    pub refused: bool,
}

impl Beats {
    pub fn start(world: &Arc<World>, room: &str, conn: &str, user: &'static str, node: usize) -> Self {
        let (stop, stopped) = watch::channel(false);
        let world = Arc::clone(world);
        let task = tokio::spawn(beat(world, room.to_owned(), conn.to_owned(), user, node, stopped));
        Self { stop, task }
    }

    /// The last heartbeat is through when this is.
    pub async fn stop(self) -> Beaten {
        self.stop.send_replace(true);
        self.task.await.unwrap()
    }
}

async fn beat(
    world: Arc<World>,
    room: String,
    conn: String,
    user: &'static str,
    node: usize,
    mut stopped: watch::Receiver<bool>,
) -> Beaten {
    let (mut beaten, mut node) = (Beaten::default(), node);
    let every = world.times.time_to_live / 4;
    loop {
        let mut pause = every;
        let body = json!({"connId": conn});
        let request = world.post(node, &room, "heartbeat", user, &body);
        match tokio::time::timeout(ANSWER, request).await {
            Ok(Some((200, _))) => {}
            Ok(Some((404, _))) => {
                world.note_only(&room, &format!("a heartbeat of {conn} at {node} came to 404"));
                beaten.refused = true;
                return beaten;
            }
            other => {
                let came_to = other.as_ref().map_or(0, |answer| answer.as_ref().map_or(0, |(status, _)| *status));
                world.note_only(&room, &format!("a heartbeat of {conn} at {node} came to {came_to}"));
                beaten.lost |= other.is_err();
                node = world.nodes.up_from((node + 1) % NODES);
                pause = PAUSE;
            }
        }
        if tokio::time::timeout(pause, stopped.wait_for(|stopped| *stopped)).await.is_ok() {
            return beaten;
        }
    }
}
