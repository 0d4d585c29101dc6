//! One client: what it asks, and what it makes of the frames that come.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

use serde::Deserialize;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::super::order::Over;
use super::collector::{Collector, Measure};
use super::socket::{self, Kind, Socket, find, pong};
use super::speech::Meaning;

/// What a client needs to come back.
#[derive(Debug, Clone, Default)]
pub struct Back {
    /// Which connection of the generator it is.
    pub index: u64,
    pub resume: String,
    pub position: String,
}

pub struct Client {
    socket: Socket,
    over: Over,
    /// What it says when it is greeted.
    token: String,
    welcomed: Notify,
    /// What is not answered yet: answers come in the order of the questions.
    asked: RefCell<VecDeque<(Measure, Instant)>>,
    back: RefCell<Back>,
    collector: Rc<Collector>,
}

/// The answer to a join or a resume.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    recovered: bool,
    position: Option<String>,
    resume: Option<String>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
}

const OK: &[u8] = b"\"ok\":true";
const CODE: &[u8] = b"\"code\":\"";
const POSITION: &[u8] = b"\"position\":\"";
/// The time at which a patch was due, as the state says it.
const DUE: &[u8] = b"\"due\":";

impl Client {
    pub fn new(socket: Socket, (over, token): (Over, String), back: Back, collector: &Rc<Collector>) -> Rc<Self> {
        let (collector, asked, welcomed) = (Rc::clone(collector), RefCell::default(), Notify::new());
        Rc::new(Self { socket, over, token, welcomed, asked, back: RefCell::new(back), collector })
    }

    /// Waits until it may ask.
    pub async fn welcomed(&self) {
        if self.over == Over::SocketIo {
            self.welcomed.notified().await;
        }
    }

    /// Sends a message; its time counts from `begun`.
    pub fn ask(&self, measure: Measure, begun: Instant, frame: &[u8]) {
        if let Err(error) = self.socket.send(frame) {
            return self.collector.add_error(format!("a message could not be sent: {error}"));
        }
        self.asked.borrow_mut().push_back((measure, begun));
        self.collector.add_waiting();
    }

    /// What it needs to come back.
    pub fn back(&self) -> Back {
        self.back.borrow().clone()
    }

    /// Takes what comes until the connection ends.
    pub async fn follow(self: Rc<Self>, scratch: Rc<RefCell<Vec<u8>>>) {
        self.socket.take_first(|kind, payload| self.take(kind, payload));
        let error = loop {
            if let Err(error) = self.socket.take(&scratch, |kind, payload| self.take(kind, payload)).await {
                break error;
            }
        };
        self.give_up();
        if error.kind() != io::ErrorKind::UnexpectedEof {
            self.collector.add_error(format!("a connection broke: {error}"));
        }
    }

    /// Nothing more will be answered.
    pub fn give_up(&self) {
        let asked = std::mem::take(&mut *self.asked.borrow_mut());
        for (measure, _) in &asked {
            self.collector.add_error(format!("the connection ended before its answer ({measure:?})"));
        }
        self.collector.remove_waiting(asked.len() as u64);
    }

    fn take(&self, kind: Kind, payload: &[u8]) {
        match kind {
            Kind::Text => match self.over.read(payload) {
                Meaning::Answer => self.take_answer(payload),
                Meaning::Event => self.take_event(payload),
                Meaning::End => self.collector.add_error(String::from_utf8_lossy(payload).into_owned()),
                Meaning::Welcome => self.welcomed.notify_one(),
                Meaning::Greeting => self.say(&socket::text(&Over::greet(&self.token))),
                Meaning::Ping => self.say(&socket::text(Over::PONG)),
            },
            Kind::Ping => self.say(&pong(payload)),
            Kind::Close => self.collector.add_error("the server closed a connection"),
            Kind::Other => {}
        }
    }

    /// A server that does not take it finds out by itself.
    fn say(&self, frame: &[u8]) {
        let _ = self.socket.send(frame);
    }

    fn take_answer(&self, payload: &[u8]) {
        let Some((measure, begun)) = self.asked.borrow_mut().pop_front() else {
            return self.collector.add_error(String::from_utf8_lossy(payload).into_owned());
        };
        self.collector.record_since(measure, begun);
        let ok = find(payload, OK).is_some();
        match self.over {
            Over::Websocket if !ok || matches!(measure, Measure::Join | Measure::Resume) => self.take_welcome(payload),
            Over::SocketIo if !ok => self.collector.add_error(refusal_of(payload)),
            _ => {}
        }
        self.collector.remove_waiting(1);
    }

    fn take_welcome(&self, payload: &[u8]) {
        let answer = match serde_json::from_slice::<Answer>(payload) {
            Ok(answer) => answer,
            Err(error) => return self.collector.add_error(format!("an answer cannot be read: {error}")),
        };
        // The message names connections, so each would be a failure of its own.
        if let Some(Refusal { code }) = answer.error {
            return self.collector.add_error(format!("refused as {code}"));
        }
        if answer.recovered {
            self.collector.add_recovered();
        }
        let mut back = self.back.borrow_mut();
        back.resume = answer.resume.unwrap_or_default();
        back.position = answer.position.unwrap_or_default();
    }

    fn take_event(&self, payload: &[u8]) {
        self.collector.add_frame(payload.len());
        if let Some(position) = after(payload, POSITION, |byte| byte != b'"') {
            let mut back = self.back.borrow_mut();
            back.position.clear();
            back.position.push_str(position);
        }
        if let Some(due) = after(payload, DUE, |byte| byte.is_ascii_digit()).and_then(|due| due.parse().ok()) {
            self.collector.record(Measure::Delivery, super::pace::monotonic_micros().saturating_sub(due), 1);
        }
    }
}

/// Why an event of Socket.IO did nothing. The message may name connections, so each would be a failure of its own.
fn refusal_of(payload: &[u8]) -> String {
    let code = after(payload, CODE, |byte| byte != b'"');
    code.map_or_else(|| String::from_utf8_lossy(payload).into_owned(), |code| format!("refused as {code}"))
}

/// The text behind a mark, as far as it goes on.
fn after<'a>(payload: &'a [u8], mark: &[u8], goes_on: impl Fn(u8) -> bool) -> Option<&'a str> {
    let begin = find(payload, mark)? + mark.len();
    let rest = payload.get(begin..)?;
    let end = rest.iter().position(|byte| !goes_on(*byte)).unwrap_or(rest.len());
    std::str::from_utf8(rest.get(..end)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart_by_their_codes() {
        let refused = br#"431[{"ok":false,"error":"connection 7 is in no room","code":"not_joined"}]"#;
        assert_eq!(refusal_of(refused), "refused as not_joined");
        assert_eq!(refusal_of(b"431[]"), "431[]");
    }

    #[test]
    fn a_position_and_a_time_are_found_in_a_frame() {
        let frame = br#"{"type":"event","state":{"due":1234},"position":"a.7"}"#;
        assert_eq!(after(frame, POSITION, |byte| byte != b'"'), Some("a.7"));
        assert_eq!(after(frame, DUE, |byte| byte.is_ascii_digit()), Some("1234"));
        assert_eq!(after(b"{}", DUE, |byte| byte.is_ascii_digit()), None);
    }
}
