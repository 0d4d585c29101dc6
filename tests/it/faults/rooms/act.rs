//! What clients do: each operation on a member, and what the model takes from its answer.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::super::now;
use super::come_back::{self, Return};
use super::line::Answer;
use super::member::{Cause, Connection, Doubt, Member};
use super::world::World;

#[derive(Debug, Clone, Copy)]
pub enum Op {
    Beat,
    Patch {
        number: u64,
        node: usize,
    },
    Leave {
        node: usize,
    },
    /// The goodbye of the WebSocket itself.
    Close,
    Cut,
    /// The connection stays open, and nobody reads or answers.
    FallSilent,
    /// A member by requests sends none any more.
    Stop,
    Kick {
        node: usize,
    },
    /// A cut and a return.
    Return(Return),
    /// A return while the old connection is open. With a number a patch is on its way over the old one, and another one follows over the
    /// new one.
    Move {
        node: usize,
        after: Duration,
        numbers: Option<[u64; 2]>,
    },
}

pub async fn act(world: Arc<World>, mut member: Member, op: Op) -> Member {
    let world = &*world;
    match op {
        Op::Beat => beat(world, &mut member).await,
        Op::Patch { number, node } => patch(world, &mut member, number, node).await,
        Op::Leave { node } => leave(world, &mut member, node).await,
        Op::Close => close(world, &mut member).await,
        Op::Cut => cut(world, &mut member).await,
        Op::FallSilent => {
            if let Connection::Web(line) = &member.connection {
                line.fall_silent();
                let cause = if line.is_socket_io() { Cause::Unanswering } else { Cause::Silent };
                member.goes(cause, now());
                world.note(&member.room, "fall silent", &member.conn);
            }
        }
        Op::Stop => stop(world, &mut member).await,
        Op::Kick { node } => kick(world, &mut member, node).await,
        Op::Return(back) => come_back::cut_and_return(world, &mut member, back).await,
        Op::Move { node, after, numbers } => come_back::move_to(world, &mut member, node, after, numbers).await,
    }
    member
}

async fn beat(world: &World, member: &mut Member) {
    let from = now();
    let Connection::Web(line) = &mut member.connection else { return };
    let answer = line.ask(json!({"type": "heartbeat"})).await;
    world.note(&member.room, "heartbeat", &format!("{} at {}: {}", member.conn, member.node, brief(&answer)));
    world.done(&member.room, &format!("a heartbeat of {}", member.conn), (member.node, from), &answer);
}

pub async fn patch(world: &World, member: &mut Member, number: u64, node: usize) {
    let (from, patch) = (now(), json!({"v": number}));
    let (node, answer) = match &mut member.connection {
        Connection::Web(line) => (member.node, line.ask(json!({"type": "heartbeat", "patchState": patch})).await),
        _ => {
            let node = world.nodes.up_from(node);
            let body = json!({"connId": member.conn, "patchState": patch});
            (node, as_answer(world.post(node, &member.room, "heartbeat", member.user, &body).await))
        }
    };
    world.note(&member.room, "patch", &format!("{} to {number} at {node}: {}", member.conn, brief(&answer)));
    let what = format!("a patch of {}", member.conn);
    let is_done = world.done(&member.room, &what, (node, from), &answer).is_some();
    // What a socket was told is newer than all that it sent before. Requests that were given up may count later.
    if is_done && (matches!(member.connection, Connection::Web(_)) || member.numbers.len() == 1) {
        member.numbers.clear();
    }
    member.numbers.insert(number);
}

async fn leave(world: &World, member: &mut Member, node: usize) {
    let from = now();
    let (node, answer) = match &mut member.connection {
        Connection::Web(line) => (member.node, line.ask(json!({"type": "leave"})).await),
        _ => {
            let (node, body) = (world.nodes.up_from(node), json!({"connId": member.conn}));
            (node, as_answer(world.post(node, &member.room, "leave", member.user, &body).await))
        }
    };
    world.note(&member.room, "leave", &format!("{} at {node}: {}", member.conn, brief(&answer)));
    let what = format!("the leave of {}", member.conn);
    member.node = node;
    match world.done(&member.room, &what, (node, from), &answer) {
        Some(_) => member.goes(Cause::Left, from),
        None => member.goes(Cause::LeaveLost, from),
    }
    if let Connection::Http(beats) = std::mem::replace(&mut member.connection, Connection::None) {
        beats.stop().await;
    }
}

async fn close(world: &World, member: &mut Member) {
    let (from, node) = (now(), member.node);
    let Connection::Web(line) = &mut member.connection else { return };
    line.close().await;
    world.note(&member.room, "close", &format!("{} at {node}", member.conn));
    // The closed connection says that the goodbye was read; no answer says that it is stored.
    member.goes(Cause::LeaveLost, from);
    member.connection = Connection::None;
}

async fn cut(world: &World, member: &mut Member) {
    if let Connection::Web(line) = std::mem::replace(&mut member.connection, Connection::None) {
        let cause = if line.is_socket_io() { Cause::CutOff } else { Cause::Cut };
        let from = now();
        line.cut().await;
        member.goes(cause, if cause == Cause::CutOff { from } else { now() });
        world.note(&member.room, "cut for good", &format!("{} at {}", member.conn, member.node));
    }
}

async fn stop(world: &World, member: &mut Member) {
    if let Connection::Http(beats) = std::mem::replace(&mut member.connection, Connection::None) {
        let beaten = beats.stop().await;
        let since = now();
        // A heartbeat that a node has yet to read counts when it does.
        let read =
            world.nodes.outages(None, since - world.times.bound(), since).iter().filter_map(|outage| outage.to).max();
        member.goes(Cause::Stopped, if beaten.lost { since.max(read.unwrap_or(since)) } else { since });
        world.note(&member.room, "stop the heartbeats", &format!("{} ({beaten:?})", member.conn));
    }
}

async fn kick(world: &World, member: &mut Member, node: usize) {
    let (from, node) = (now(), world.nodes.up_from(node));
    let answer = as_answer(world.kick(node, &member.room, &member.conn).await);
    world.note(&member.room, "kick", &format!("{} at {node}: {}", member.conn, brief(&answer)));
    // Whose node hangs may have left already.
    let is_doubtful = member.doubts.iter().any(|doubt| doubt.from <= now());
    let done = match is_doubtful && matches!(answer, Answer::Refused(_)) {
        true => None,
        false => world.done(&member.room, &format!("kicking {}", member.conn), (node, from), &answer),
    };
    match done {
        Some(_) => member.goes(Cause::Kicked, from),
        None => member.doubts.push(Doubt { reason: "kicked", from, until: None }),
    }
    if member.gone.is_some()
        && let Connection::Http(beats) = std::mem::replace(&mut member.connection, Connection::None)
    {
        beats.stop().await;
    }
}

pub fn as_answer(answer: Option<(u16, serde_json::Value)>) -> Answer {
    match answer {
        Some((200 | 201, body)) => Answer::Done(body),
        Some((status, body)) => Answer::Refused(format!("{status} {}", body["type"].as_str().unwrap_or_default())),
        None => Answer::Lost,
    }
}

pub fn brief(answer: &Answer) -> String {
    match answer {
        Answer::Done(_) => "done".to_owned(),
        Answer::Refused(code) => code.clone(),
        Answer::Lost => "no answer".to_owned(),
    }
}
