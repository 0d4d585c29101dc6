//! Members whose connection broke, or who go to another node: who comes back in time was never gone.

use std::time::Duration;

use serde_json::json;
use time::OffsetDateTime;

use super::super::now;
use super::act::{brief, patch};
use super::feed::Feed;
use super::line::{Answer, Line};
use super::member::{Cause, Connection, Gone, Member};
use super::world::{OldLine, World};

/// How long a client waits before it tries once more.
const PAUSE: Duration = Duration::from_millis(50);

/// How a member comes back.
#[derive(Debug, Clone, Copy)]
pub struct Return {
    pub after: Duration,
    pub node: usize,
    /// Whether the connection breaks again right behind the answer.
    pub twice: bool,
}

/// The connection breaks, and its client comes back after a while.
pub async fn cut_and_return(world: &World, member: &mut Member, back: Return) {
    let Connection::Web(line) = std::mem::replace(&mut member.connection, Connection::None) else { return };
    let feed = line.cut().await;
    member.gone.get_or_insert(Gone { cause: Cause::Cut, since: now() });
    world.note(&member.room, "cut", &format!("{} at {}", member.conn, member.node));
    tokio::time::sleep(back.after).await;
    let Some(line) = come_back(world, member, feed, back.node).await else { return };
    let line = if back.twice {
        let feed = line.cut().await;
        member.goes(Cause::Cut, now());
        world.note(&member.room, "cut again", &format!("{} at {}", member.conn, member.node));
        come_back(world, member, feed, back.node + 1).await
    } else {
        Some(line)
    };
    if let Some(line) = line {
        member.connection = Connection::Web(line);
    }
}

/// Its client comes back elsewhere while the old connection is open, and the old one is fenced.
pub async fn move_to(world: &World, member: &mut Member, node: usize, after: Duration, numbers: Option<[u64; 2]>) {
    tokio::time::sleep(after).await;
    let Connection::Web(line) = std::mem::replace(&mut member.connection, Connection::None) else { return };
    if let Some([number, _]) = numbers {
        line.send(&json!({"type": "heartbeat", "patchState": {"v": number}}));
        member.numbers.insert(number);
        world.note(&member.room, "patch", &format!("{} to {number} at {}: not waited for", member.conn, member.node));
    }
    let (feed, old) = (line.feed(), member.node);
    let hung = world.nodes.outages(Some(old), now(), now()).iter().map(|outage| outage.from).max();
    // It is as if it were cut, as long as nobody answers.
    member.gone = Some(Gone { cause: Cause::NodeKilled, since: hung.unwrap_or_else(now) });
    let back = come_back(world, member, feed, node).await;
    let is_fenced = back.is_some() || member.gone.is_some_and(|gone| gone.cause == Cause::Cut);
    if is_fenced {
        world.old_lines.lock().unwrap().push(OldLine {
            line,
            room: member.room.clone(),
            conn: member.conn.clone(),
            node: old,
        });
    } else {
        // The old one is what it has.
        member.gone = None;
        member.connection = Connection::Web(line);
    }
    if let Some(new) = back {
        member.connection = Connection::Web(new);
        if let Some([_, number]) = numbers {
            patch(world, member, number, node).await;
        }
    }
}

/// Tries to come back until it does, or is told that it cannot, or it is too late.
async fn come_back(world: &World, member: &mut Member, feed: Feed, node: usize) -> Option<Line> {
    let begun = member.gone.map_or_else(now, |gone| gone.since);
    let (old, mut lost) = (member.node, false);
    let too_late = now() + world.times.bound();
    let mut wanted = node;
    while now() < too_late {
        let node = world.nodes.up_from(wanted);
        let Some(mut line) = Line::open(&world.nodes.address(node), world.token(member.user), feed.clone()).await
        else {
            wanted += 1;
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let ask = json!({"type": "resume", "resume": member.resume, "position": feed.position});
        let answer = line.ask(ask).await;
        world.note_only(&member.room, &format!("resume {} at {node}: {}", member.conn, brief(&answer)));
        match answer {
            Answer::Done(answer) => {
                world.note(
                    &member.room,
                    if answer["recovered"] == true { "recovered" } else { "begun afresh" },
                    &member.conn,
                );
                if answer["self"]["connId"] != member.conn.as_str() {
                    world.fail(&member.room, format!("{} came back as {answer}", member.conn));
                }
                (member.gone, member.node) = (None, node);
                member.doubts.retain(|doubt| doubt.reason == "kicked");
                return Some(line);
            }
            Answer::Refused(code) if code == "unresumable" => {
                refused(world, member, old, begun, lost);
                return None;
            }
            Answer::Refused(_) => {}
            Answer::Lost => {
                // It may have come back without knowing; then it was cut again.
                lost = true;
                (member.gone, member.node) = (Some(Gone { cause: Cause::Cut, since: now() }), node);
            }
        }
        wanted += 1;
        tokio::time::sleep(PAUSE).await;
    }
    None
}

/// Who comes back within the grace, or before the lease can have ended, is let in.
fn refused(world: &World, member: &Member, old: usize, begun: OffsetDateTime, lost: bool) {
    let node_died = !world.nodes.outages(Some(old), begun, now()).is_empty();
    let is_cut = member.gone.is_some_and(|gone| gone.cause == Cause::Cut);
    let limit = match is_cut && !node_died {
        true => world.times.grace,
        false => world.times.time_to_live / 2,
    };
    let late = now() - begun;
    let is_doubtful = lost || member.doubts.iter().any(|doubt| doubt.from <= now());
    if !is_doubtful && late + Duration::from_millis(50) < limit {
        world.fail(&member.room, format!("{} was not let in {late} behind {:?}", member.conn, member.gone));
    }
}
