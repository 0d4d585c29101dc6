//! `ally rooms`: who is in which room of presence and who was, from the views; and one member removed by hand.

use std::process::ExitCode;

use ally_domain::room::{ConnId, LeaveReason, RoomCommand, RoomDecider, RoomId, RoomState};
use ally_handlers::Known;
use ally_projections::Database;
use ally_projections::presence::{self, Membership, RoomView};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::dates::moment_of;
use super::hand::Hand;
use super::{Usage, reach, terminal};
use crate::config::Config;

/// Rows that one question to the views brings.
const PAGE: u32 = 1_000;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The rooms that somebody is in.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// One room: how many are there, and how those who left did.
    Show {
        /// Its name.
        room: RoomId,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Who is in a room, or was at a time in the last seven days.
    Who {
        /// Its name.
        room: RoomId,
        /// At which time, for example 2026-11-20T08:30:00Z.
        #[arg(long, value_name = "MOMENT", value_parser = moment_of)]
        at: Option<OffsetDateTime>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// End one membership. Its client is told, and may join again.
    Kick {
        /// The room's name.
        room: RoomId,
        /// The member's connection.
        conn: ConnId,
        #[command(flatten)]
        hand: Hand,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
}

pub fn run(config: &Config, command: &Command) -> anyhow::Result<ExitCode> {
    reach::run(async {
        let views = reach::views(config).await?;
        match command {
            Command::List { json } => list(&views, *json).await?,
            Command::Show { room, json } => show(&views, room, *json).await?,
            Command::Who { room, at, json } => who(&views, room, *at, *json).await?,
            Command::Kick { room, conn, hand, json } => kick(config, &views, (room, *conn), hand, *json).await?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn list(views: &Database, json: bool) -> anyhow::Result<()> {
    let mut rooms: Vec<RoomView> = Vec::new();
    loop {
        let after = rooms.last().map(|room| room.room.clone());
        let page = presence::occupied_rooms(views, after.as_ref(), PAGE).await?;
        let more = page.len() == PAGE as usize;
        rooms.extend(page);
        if !more {
            break;
        }
    }
    if json {
        return rooms.iter().try_for_each(|room| terminal::object(&room_json(room)));
    }
    if rooms.is_empty() {
        terminal::line("nobody is in any room");
        return Ok(());
    }
    let mut table = terminal::table(["room", "members", "users", "last activity"]);
    for room in &rooms {
        let (members, users) = (room.members.to_string(), room.users.to_string());
        table.add_row([room.room.to_string(), members, users, text_of(room.last_activity_at)]);
    }
    terminal::line(&table.to_string());
    Ok(())
}

async fn show(views: &Database, room: &RoomId, json: bool) -> anyhow::Result<()> {
    let Some(view) = presence::room(views, room).await? else { return Err(unknown(room).into()) };
    if json {
        return terminal::object(&room_json(&view));
    }
    let mut table = terminal::table(["of the room", ""]);
    table.add_row(["members".to_owned(), view.members.to_string()]);
    table.add_row(["users".to_owned(), view.users.to_string()]);
    table.add_row(["came in the last seven days".to_owned(), view.joined.to_string()]);
    for (reason, left) in &view.left {
        table.add_row([format!("went, {}", reason.as_str()), left.to_string()]);
    }
    table.add_row(["last activity".to_owned(), text_of(view.last_activity_at)]);
    terminal::line(&table.to_string());
    Ok(())
}

async fn who(views: &Database, room: &RoomId, at: Option<OffsetDateTime>, json: bool) -> anyhow::Result<()> {
    let members = all_members(views, room, at).await?;
    if json {
        return members.iter().try_for_each(|member| terminal::object(&member_json(member)));
    }
    if members.is_empty() {
        terminal::line(&format!("nobody {} in room {room}", if at.is_some() { "was" } else { "is" }));
        return Ok(());
    }
    let mut table = terminal::table(["user", "connection", "by", "since", "until"]);
    for member in &members {
        let until =
            member.departure.map_or_else(String::new, |left| format!("{}, {}", text_of(left.at), left.reason.as_str()));
        let (user, door) = (member.member.user.to_string(), member.member.door.as_str().to_owned());
        table.add_row([user, member.conn.to_string(), door, text_of(member.joined_at), until]);
    }
    terminal::line(&table.to_string());
    Ok(())
}

async fn all_members(views: &Database, room: &RoomId, at: Option<OffsetDateTime>) -> anyhow::Result<Vec<Membership>> {
    let mut members: Vec<Membership> = Vec::new();
    loop {
        let after = members.last().map(|member| member.conn);
        let page = match at {
            Some(at) => presence::members_at(views, room, at, after, PAGE).await?,
            None => presence::members(views, room, after, PAGE).await?,
        };
        let more = page.len() == PAGE as usize;
        members.extend(page);
        if !more {
            return Ok(members);
        }
    }
}

async fn kick(
    config: &Config,
    views: &Database,
    (room, conn): (&RoomId, ConnId),
    hand: &Hand,
    json: bool,
) -> anyhow::Result<()> {
    let Some(view) = presence::room(views, room).await? else { return Err(unknown(room).into()) };
    let members = all_members(views, room, None).await?;
    let Some(epoch) = members.iter().find(|member| member.conn == conn).map(|member| member.member.epoch) else {
        let text = format!("connection {conn} is not in room {room}; `ally rooms who {room}` lists who is");
        return Err(Usage(text).into());
    };
    // What the views hold is where the decision begins; should the room have moved on, the log is read.
    let state = RoomState::with(members.into_iter().map(|member| (member.conn, member.member)));
    let known = Known { state, sequence: view.last_sequence, since: None };
    let command = RoomCommand::Leave { conn, epoch, reason: LeaveReason::Kicked };
    let (log, context) = (reach::log(config).await?, hand.operator(config).context());
    let executed = log.executor.execute_on::<RoomDecider>(&room.into(), Some(known), &command, &context).await;
    let executed = executed.map_err(anyhow::Error::new)?;
    let position = executed.position.map(|position| position.to_string());
    if json {
        return terminal::object(&json!({"room": room, "connId": conn, "position": position}));
    }
    terminal::line(&match position.filter(|_| !executed.events.is_empty()) {
        Some(position) => format!("connection {conn} is out of room {room} ({position})"),
        None => format!("connection {conn} had left room {room} before"),
    });
    Ok(())
}

fn room_json(room: &RoomView) -> Value {
    let left: serde_json::Map<_, _> =
        room.left.iter().map(|(reason, left)| (reason.as_str().to_owned(), json!(left))).collect();
    json!({
        "room": room.room,
        "members": room.members,
        "users": room.users,
        "joined": room.joined,
        "left": left,
        "lastActivityAt": text_of(room.last_activity_at),
        "position": format!("PRESENCE:{}", room.last_sequence),
    })
}

fn member_json(member: &Membership) -> Value {
    json!({
        "userId": member.member.user,
        "connId": member.conn,
        "door": member.member.door,
        "epoch": member.member.epoch,
        "joinedAt": text_of(member.joined_at),
        "leftAt": member.departure.map(|left| text_of(left.at)),
        "reason": member.departure.map(|left| left.reason),
    })
}

fn text_of(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

fn unknown(room: &RoomId) -> Usage {
    Usage(format!("nobody is in room {room}, nor was in the last seven days; `ally rooms list` shows the rooms"))
}
