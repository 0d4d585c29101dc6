//! The same client by Socket.IO over a WebSocket: its packets, written as the messages of the plain one, and what it folds, since its events
//! carry no positions.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::feed::{Fault, known};
use super::line::Stream;
use super::log::Members;
use super::plan::HALL;

pub const PATH: &str = "socket.io/?EIO=4&transport=websocket";

/// The goodbye of a socket, and of its connection.
pub const GOODBYE: [&str; 2] = ["41", "1"];

/// Opens the session and the socket.
pub async fn greet(stream: &mut Stream, token: &str) -> Option<()> {
    text_that_begins(stream, "0{").await?;
    stream.send(Message::text(format!("40{}", json!({"token": token})))).await.ok()?;
    text_that_begins(stream, "40{").await
}

async fn text_that_begins(stream: &mut Stream, begin: &str) -> Option<()> {
    loop {
        let Message::Text(text) = stream.next().await?.ok()? else { continue };
        if let Err(answer) = frame(&text) {
            stream.send(Message::text(answer)).await.ok()?;
        }
        if text.starts_with(begin) {
            return Some(());
        }
    }
}

/// A message of the plain WebSocket as a packet.
pub fn packet(message: &Value) -> String {
    let event = message["type"].as_str().unwrap();
    let payload = match event {
        "join" => json!({"roomId": message["room"], "state": message["state"]}),
        "heartbeat" => json!({"patchState": message["patchState"]}),
        _ => json!({}),
    };
    format!("42{}{}", message["id"], json!([format!("presence:{event}"), payload]))
}

/// A packet as a frame of the plain WebSocket, or what is to be answered at once.
pub fn frame(packet: &str) -> Result<Option<Value>, &'static str> {
    if packet == "2" {
        return Err("3");
    }
    let body = |from: usize| serde_json::from_str::<Value>(&packet[from..]).unwrap();
    if let Some(rest) = packet.strip_prefix("43") {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, mut answer) = (rest[..digits].parse::<u64>().unwrap(), body(2 + digits)[0].take());
        (answer["type"], answer["id"]) = ("ack".into(), id.into());
        if answer["ok"] == false {
            answer["error"] = json!({"code": answer["code"]});
        }
        return Ok(Some(answer));
    }
    if !packet.starts_with("42[") {
        return Ok(None);
    }
    let mut event = body(2);
    let (name, mut payload) = (event[0].as_str().unwrap().to_owned(), event[1].take());
    match name.as_str() {
        "presence:event" => payload["event"] = payload["type"].take(),
        "presence:end" => payload["type"] = "end".into(),
        _ => {}
    }
    if name != "presence:end" {
        payload["type"] = name.into();
    }
    Ok(Some(payload))
}

/// Folds a frame as an app does. Whether it knows everybody from then on is told by `partial`.
pub fn fold(members: &mut Members, partial: &mut bool, room: &str, frame: &Value) -> Result<(), Fault> {
    match frame["type"].as_str() {
        Some("ack" | "presence:snapshot") => {
            let everybody = frame["snapshot"].as_array().into_iter().flatten();
            *members = everybody.map(|member| (text(&member["connId"]), known(member))).collect();
            *partial = false;
        }
        Some("presence:counts") => *partial = true,
        _ => {
            let conn = text(&frame["connId"]);
            // In a big room the last change of each member is told.
            let is_exact = !*partial && room != HALL;
            let is_known = members.contains_key(&conn);
            let is_right = match frame["event"].as_str() {
                Some("join") => !is_known,
                _ => is_known,
            };
            match frame["event"].as_str() {
                Some("leave") => members.remove(&conn),
                _ => members.insert(conn, known(frame)),
            };
            if is_exact && !is_right {
                return Err("it was told of somebody whom it did not know, or knew already".to_owned());
            }
        }
    }
    Ok(())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
