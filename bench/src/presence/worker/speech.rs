//! How a client spells what it asks, and what it makes of what it is sent: over a plain WebSocket, or in Socket.IO's packets over one.
//!
//! Answers come in the order of the questions, so they all have the id 1.

use super::super::order::Over;

const ACK: &[u8] = b"{\"type\":\"ack\"";
const END: &[u8] = b"{\"type\":\"end\"";

/// What a text means.
#[derive(Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Of Engine.IO: say who you are.
    Greeting,
    /// Of Socket.IO: you are in.
    Welcome,
    /// Of Engine.IO: are you there?
    Ping,
    Answer,
    Event,
    /// The last thing that comes.
    End,
}

impl Over {
    /// Where it connects to.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Websocket => "/ws/v1/presence",
            Self::SocketIo => "/socket.io/?EIO=4&transport=websocket",
        }
    }

    /// The answer to the greeting.
    pub fn greet(token: &str) -> String {
        format!(r#"40{{"token":"{token}"}}"#)
    }

    /// The answer to a ping of Engine.IO.
    pub const PONG: &str = "3";

    pub fn join(self, room: &str) -> String {
        match self {
            Self::Websocket => format!(r#"{{"type":"join","id":1,"room":"{room}"}}"#),
            Self::SocketIo => format!(r#"421["presence:join",{{"roomId":"{room}"}}]"#),
        }
    }

    pub fn beat(self) -> String {
        match self {
            Self::Websocket => r#"{"type":"heartbeat","id":1}"#,
            Self::SocketIo => r#"421["presence:heartbeat",{}]"#,
        }
        .to_owned()
    }

    pub fn patch(self, state: &str) -> String {
        match self {
            Self::Websocket => format!(r#"{{"type":"heartbeat","id":1,"patchState":{state}}}"#),
            Self::SocketIo => format!(r#"421["presence:heartbeat",{{"patchState":{state}}}]"#),
        }
    }

    pub fn leave(self) -> String {
        match self {
            Self::Websocket => r#"{"type":"leave","id":1}"#,
            Self::SocketIo => r#"421["presence:leave"]"#,
        }
        .to_owned()
    }

    pub fn read(self, payload: &[u8]) -> Meaning {
        match self {
            Self::Websocket if payload.starts_with(ACK) => Meaning::Answer,
            Self::Websocket if payload.starts_with(END) => Meaning::End,
            Self::Websocket => Meaning::Event,
            Self::SocketIo => match payload {
                [b'0', ..] => Meaning::Greeting,
                [b'2'] => Meaning::Ping,
                [b'4', b'0', ..] => Meaning::Welcome,
                [b'4', b'3', ..] => Meaning::Answer,
                [b'4', b'2', rest @ ..] if !rest.starts_with(b"[\"presence:end\"") => Meaning::Event,
                _ => Meaning::End,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The event of a packet, the id by which it is acknowledged in front of it.
    fn event(packet: &str) -> Value {
        serde_json::from_str(packet.strip_prefix("421").unwrap()).unwrap()
    }

    #[test]
    fn packets_are_events_that_want_an_acknowledgement() {
        let over = Over::SocketIo;
        assert_eq!(event(&over.join("r1")), json!(["presence:join", {"roomId": "r1"}]));
        assert_eq!(event(&over.beat()), json!(["presence:heartbeat", {}]));
        assert_eq!(event(&over.patch(r#"{"due":7}"#)), json!(["presence:heartbeat", {"patchState": {"due": 7}}]));
        assert_eq!(event(&over.leave()), json!(["presence:leave"]));
        assert_eq!(Over::greet("t"), r#"40{"token":"t"}"#);
    }

    #[test]
    fn packets_are_told_apart() {
        for (over, text, meaning) in [
            (Over::Websocket, r#"{"type":"ack","id":1,"ok":true}"#, Meaning::Answer),
            (Over::Websocket, r#"{"type":"event"}"#, Meaning::Event),
            (Over::Websocket, r#"{"type":"end"}"#, Meaning::End),
            (Over::SocketIo, r#"0{"sid":"a"}"#, Meaning::Greeting),
            (Over::SocketIo, r#"40{"sid":"a"}"#, Meaning::Welcome),
            (Over::SocketIo, "2", Meaning::Ping),
            (Over::SocketIo, r#"431[{"ok":true}]"#, Meaning::Answer),
            (Over::SocketIo, r#"42["presence:event",{}]"#, Meaning::Event),
            (Over::SocketIo, r#"42["presence:end",{}]"#, Meaning::End),
            (Over::SocketIo, r#"44{"message":"unauthorized"}"#, Meaning::End),
        ] {
            assert_eq!(over.read(text.as_bytes()), meaning, "{text}");
        }
    }
}
