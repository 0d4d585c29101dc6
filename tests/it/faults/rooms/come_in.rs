//! Who comes in: members by a socket or by requests, and observers.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::super::now;
use super::act::{as_answer, brief};
use super::beats::Beats;
use super::feed::Feed;
use super::line::{Answer, Line};
use super::member::{Connection, Doubt, Member};
use super::nodes::NodeId;
use super::world::{LostJoin, World};

/// How a member comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Websocket,
    SocketIo,
    Requests,
}

/// A member to be.
#[derive(Debug, Clone)]
pub struct Join {
    pub room: &'static str,
    pub user: &'static str,
    pub node: usize,
    /// What its state says; no other join has it.
    pub number: u64,
    pub door: Door,
}

pub async fn join(world: Arc<World>, join: Join) -> Option<Member> {
    let (from, node) = (now(), world.nodes.up_from(join.node));
    let state = json!({"by": join.number, "v": join.number});
    let (answer, line) = match join.door {
        Door::Requests => {
            (as_answer(world.post(node, join.room, "join", join.user, &json!({"state": state})).await), None)
        }
        Door::Websocket | Door::SocketIo => by_socket(&world, node, &join, &state).await,
    };
    let kind = match join.door {
        Door::Websocket => "join",
        Door::SocketIo => "join by Socket.IO",
        Door::Requests => "join by request",
    };
    let about = format!("{} of {} at {node}: {}", join.number, join.user, brief(&answer));
    let Some(answer) = world.done(join.room, &format!("the join {about}"), (node, from), &answer) else {
        world.note(join.room, kind, &about);
        // A refusal may come of an answer of the log that was lost.
        world.lost_joins.lock().unwrap().push(LostJoin {
            room: join.room.to_owned(),
            number: join.number,
            since: now(),
        });
        return None;
    };
    let own = if join.door == Door::Requests { &answer } else { &answer["self"] };
    let conn = own["connId"].as_str().unwrap().to_owned();
    world.note(join.room, kind, &format!("{about}, as {conn}"));
    // Its time may be over when the answer comes.
    let doubt = Doubt { reason: "expired", from: from + world.times.time_to_live / 2, until: None };
    let is_late = join.door == Door::Requests && now() > doubt.from;
    let connection = match line {
        Some(line) => Connection::Web(line),
        None => Connection::Http(Beats::start(&world, join.room, &conn, join.user, node)),
    };
    Some(Member {
        conn,
        room: join.room.to_owned(),
        user: join.user,
        node,
        resume: answer["resume"].as_str().map(str::to_owned),
        numbers: [join.number].into(),
        connection,
        doubts: is_late.then_some(doubt).into_iter().collect(),
        gone: None,
    })
}

async fn by_socket(world: &World, node: NodeId, join: &Join, state: &Value) -> (Answer, Option<Line>) {
    let mut feed = Feed::of(join.room, false);
    feed.without_positions = join.door == Door::SocketIo;
    let Some(mut line) = Line::open(&world.nodes.address(node), world.token(join.user), feed).await else {
        return (Answer::Lost, None);
    };
    let answer = line.ask(json!({"type": "join", "room": join.room, "state": state})).await;
    (answer, Some(line))
}

/// Somebody who follows a room and is not in it.
pub struct Observer {
    pub room: &'static str,
    pub user: &'static str,
    pub node: NodeId,
    pub counts_only: bool,
    pub line: Option<Line>,
}

impl Observer {
    pub fn new(room: &'static str, user: &'static str, node: usize, counts_only: bool) -> Self {
        Self { room, user, node, counts_only, line: None }
    }

    /// Follows the room, from where it was if it was there before.
    pub async fn follow(mut self, world: Arc<World>, node: usize, after: Duration) -> Self {
        let (from, feed) = match self.line.take() {
            Some(line) => (now(), line.cut().await),
            None => (now(), Feed::of(self.room, self.counts_only)),
        };
        tokio::time::sleep(after).await;
        self.node = world.nodes.up_from(node);
        // Counts are told whole each time.
        let position = feed.position.as_ref().filter(|_| !self.counts_only);
        let audience = if self.counts_only { "counts" } else { "full" };
        let answer = match Line::open(&world.nodes.address(self.node), world.token(self.user), feed.clone()).await {
            Some(mut line) => {
                let ask = json!({"type": "observe", "room": self.room, "audience": audience, "position": position});
                let answer = line.ask(ask).await;
                self.line = Some(line);
                answer
            }
            None => Answer::Lost,
        };
        let kind = if feed.position.is_some() { "observe again" } else { "observe" };
        world.note(self.room, kind, &format!("by {} at {}: {}", self.user, self.node, brief(&answer)));
        self.settle(&world, from, &answer);
        self
    }

    fn settle(&mut self, world: &World, from: OffsetDateTime, answer: &Answer) {
        if world.done(self.room, &format!("observing as {}", self.user), (self.node, from), answer).is_none() {
            self.line = None;
        }
    }
}
