//! What is in the log of presence, read by a client that knows nothing of the house: who came, changed and went, in which order, and
//! when the server stored it.

use std::collections::BTreeMap;

use ally_domain::event_data::EventType;
use ally_domain::room::RoomId;
use ally_nats::names::{Names, StreamName};
use async_nats::jetstream::{Context, Message};
use serde_json::Value;
use time::OffsetDateTime;

use super::super::log::{ReadError, messages};

/// Who somebody is and what they say of themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    pub user: String,
    pub epoch: u64,
    pub state: Value,
}

/// Everybody in a room, by connection.
pub type Members = BTreeMap<String, Known>;

#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Join { state: Value, first: bool },
    Update { state: Value },
    Leave { reason: String, last: bool },
}

#[derive(Debug, Clone)]
pub struct Event {
    pub sequence: u64,
    pub stored_at: OffsetDateTime,
    pub conn: String,
    pub user: String,
    pub epoch: u64,
    pub what: What,
}

/// The events of all rooms so far.
pub struct RoomLog {
    jetstream: Context,
    names: Names,
    pub read: u64,
    rooms: BTreeMap<String, Vec<Event>>,
}

impl RoomLog {
    pub fn new(jetstream: Context, names: Names) -> Self {
        Self { jetstream, names, read: 0, rooms: BTreeMap::new() }
    }

    /// Reads on to the present end.
    pub async fn catch_up(&mut self) -> Result<(), ReadError> {
        let stream = self.jetstream.get_stream(self.names.stream(StreamName::Presence)).await?;
        for message in messages(&stream, self.read + 1).await? {
            self.note(&message);
        }
        Ok(())
    }

    fn note(&mut self, message: &Message) {
        let info = message.info().unwrap();
        self.read = info.stream_sequence;
        let aggregate = self.names.parse_event(&message.subject).unwrap();
        let room = RoomId::of(&aggregate.id).unwrap();
        let event_type = message.headers.as_ref().unwrap().get("ce-type").unwrap();
        let name = EventType::parse(event_type.as_str()).unwrap().name;
        let body: Value = serde_json::from_slice(&message.payload).unwrap();
        let text = |key: &str| body[key].as_str().unwrap_or_else(|| panic!("{key} of {body}")).to_owned();
        let flag = |key: &str| body[key].as_bool().unwrap();
        let what = match name.as_str() {
            "joined" => What::Join { state: body["state"].clone(), first: flag("first") },
            "updated" => What::Update { state: body["state"].clone() },
            "left" => What::Leave { reason: text("reason"), last: flag("last") },
            other => panic!("an event of presence that is called {other}"),
        };
        let event = Event {
            sequence: info.stream_sequence,
            stored_at: info.published,
            conn: text("connId"),
            user: text("userId"),
            epoch: body["epoch"].as_u64().unwrap(),
            what,
        };
        self.rooms.entry(room.as_str().to_owned()).or_default().push(event);
    }

    /// The events of a room, in their order.
    pub fn of(&self, room: &str) -> &[Event] {
        self.rooms.get(room).map_or(&[], Vec::as_slice)
    }

    /// The events of a room behind a sequence, up to another one.
    pub fn between(&self, room: &str, behind: u64, up_to: u64) -> &[Event] {
        let events = self.of(room);
        let at = |sequence: u64| events.partition_point(|event| event.sequence <= sequence);
        &events[at(behind)..at(up_to).max(at(behind))]
    }

    pub fn rooms(&self) -> impl Iterator<Item = &str> {
        self.rooms.keys().map(String::as_str)
    }

    /// Who was in a room at a sequence.
    pub fn members_at(&self, room: &str, sequence: u64) -> Members {
        let mut members = Members::new();
        for event in self.between(room, 0, sequence) {
            fold(&mut members, event);
        }
        members
    }

    pub fn members(&self, room: &str) -> Members {
        self.members_at(room, u64::MAX)
    }

    /// How a connection left, if it has.
    pub fn departure(&self, room: &str, conn: &str) -> Option<(&str, OffsetDateTime)> {
        self.of(room).iter().find_map(|event| match &event.what {
            What::Leave { reason, .. } if event.conn == conn => Some((reason.as_str(), event.stored_at)),
            _ => None,
        })
    }

    /// What is wrong with the log by itself: a join or a departure that is told twice, a change of somebody who is not there, a first or
    /// last that is none.
    pub fn faults(&self, room: &str) -> Vec<String> {
        let (mut members, mut seen, mut faults) = (Members::new(), BTreeMap::<&str, usize>::new(), Vec::new());
        for event in self.of(room) {
            let others =
                members.iter().filter(|(conn, known)| **conn != event.conn && known.user == event.user).count();
            let is_there = members.contains_key(&event.conn);
            let is_right = match &event.what {
                What::Join { first, .. } => {
                    let joins = seen.entry(event.conn.as_str()).or_default();
                    *joins += 1;
                    *joins == 1 && !is_there && *first == (others == 0)
                }
                What::Update { .. } => is_there && members[&event.conn].epoch == event.epoch,
                What::Leave { last, .. } => {
                    is_there && members[&event.conn].epoch == event.epoch && *last == (others == 0)
                }
            };
            if !is_right {
                faults.push(format!(
                    "the log holds {event:?} while its user has {others} other connections (it is there: {is_there})"
                ));
            }
            fold(&mut members, event);
        }
        faults
    }
}

pub fn fold(members: &mut Members, event: &Event) {
    match &event.what {
        What::Join { state, .. } | What::Update { state } => {
            let known = Known { user: event.user.clone(), epoch: event.epoch, state: state.clone() };
            members.insert(event.conn.clone(), known);
        }
        What::Leave { .. } => {
            members.remove(&event.conn);
        }
    }
}
