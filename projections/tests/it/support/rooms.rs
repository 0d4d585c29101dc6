//! Rooms as their decider makes them.

use ally_domain::decider::Decider;
use ally_domain::envelope::{Position, Recorded, TraceContext};
use ally_domain::event_data::EventData;
use ally_domain::ids::{AggregateId, AggregateKind, AggregateRef};
use ally_domain::room::{ConnId, Door, LeaveReason, MemberState, RoomCommand, RoomDecider, RoomId, RoomState};
use time::OffsetDateTime;
use time::macros::datetime;
use uuid::Uuid;

use super::athlete;

/// The n-th connection.
pub fn conn(n: u64) -> ConnId {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + u128::from(n)).into()
}

/// One room, told by commands; what its decider answers is appended.
pub struct Room {
    pub id: RoomId,
    state: RoomState,
    told: u64,
    /// When the next event happens; a second later than the one before.
    pub now: OffsetDateTime,
}

impl Room {
    pub fn new(name: &str) -> Self {
        // Finer than PostgreSQL keeps, as the real clock is.
        let now = datetime!(2026-11-20 08:00:00.123456789 UTC);
        Self { id: name.parse().unwrap(), state: RoomState::default(), told: 0, now }
    }

    /// A connection of a user comes in.
    pub fn enter(&mut self, n: u64, user: &str, epoch: u64) -> Vec<Recorded> {
        // A state that is odd on purpose, so that its bytes can be told.
        let state: MemberState = serde_json::from_str(&format!(r#"{{"n":  {n},"é":"\u0000"}}"#)).unwrap();
        let door = Door::ALL[usize::try_from(n % 3).unwrap()];
        let (conn, user) = (conn(n), athlete(user));
        self.tell(&RoomCommand::Join { conn, user, door, epoch, state, max_members: 100_000 })
    }

    /// It says something else of itself.
    pub fn update(&mut self, n: u64, epoch: u64, mood: &str) -> Vec<Recorded> {
        let patch = serde_json::json!({ "mood": mood }).as_object().unwrap().clone();
        self.tell(&RoomCommand::Update { conn: conn(n), epoch, patch })
    }

    /// It goes.
    pub fn leave(&mut self, n: u64, epoch: u64, reason: LeaveReason) -> Vec<Recorded> {
        self.tell(&RoomCommand::Leave { conn: conn(n), epoch, reason })
    }

    /// What the decider answers; nothing when it refuses.
    fn tell(&mut self, command: &RoomCommand) -> Vec<Recorded> {
        let Ok(events) = RoomDecider::decide(&self.state, command) else { return Vec::new() };
        let mut told = Vec::new();
        for event in events {
            self.told += 1;
            self.now += time::Duration::seconds(1);
            let encoded = event.encode().unwrap();
            self.state = RoomDecider::evolve(std::mem::take(&mut self.state), &event);
            told.push(Recorded {
                event_id: format!("{}:{}", self.id, self.told),
                aggregate: AggregateRef { kind: AggregateKind::Room, id: AggregateId::from(&self.id) },
                event_type: encoded.event_type,
                // Set by the log.
                position: Position { stream: String::new(), sequence: 0 },
                at: self.now,
                correlation: "c".into(),
                causation: None,
                actor: "system:test".into(),
                trace: TraceContext::default(),
                data: encoded.data.get().to_owned(),
            });
        }
        told
    }
}
