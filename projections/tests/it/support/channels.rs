//! Channels as their decider makes them.

use ally_domain::channel::{
    ChannelChange, ChannelCommand, ChannelDecider, ChannelId, ChannelState, ItemValue, KnownItem, NewItem,
};
use ally_domain::decider::Decider;
use ally_domain::envelope::{Position, Recorded, TraceContext};
use ally_domain::event_data::EventData;
use ally_domain::ids::{AggregateKind, AggregateRef};
use time::OffsetDateTime;
use time::macros::datetime;

/// One channel, told by commands; what its decider answers is appended.
pub struct Channel {
    pub id: ChannelId,
    pub state: ChannelState,
    told: u64,
    /// When the next event happens; a second later than the one before.
    now: OffsetDateTime,
}

impl Channel {
    pub fn new(channel_type: &str, name: &str) -> Self {
        let id = ChannelId::new(channel_type, name).unwrap();
        // Finer than PostgreSQL keeps, as the real clock is.
        let now = datetime!(2026-11-20 08:00:00.123456789 UTC);
        Self { id, state: ChannelState::default(), told: 0, now }
    }

    /// One item takes the place of all.
    pub fn set(&mut self, key: &str, n: u64) -> Vec<Recorded> {
        // A value that is odd on purpose, so that its bytes can be told.
        let value: ItemValue = serde_json::from_str(&format!(r#"{{"n":  {n},"é":"\u0000"}}"#)).unwrap();
        let item = NewItem { key: key.parse().unwrap(), value, revision: None };
        self.tell(ChannelChange::Set(vec![item]))
    }

    /// An item goes.
    pub fn remove(&mut self, key: &str) -> Vec<Recorded> {
        self.tell(ChannelChange::Remove(vec![KnownItem { key: key.parse().unwrap(), revision: None }]))
    }

    fn tell(&mut self, change: ChannelChange) -> Vec<Recorded> {
        self.now += time::Duration::seconds(1);
        let (author, at) = ("amy".parse().unwrap(), self.now);
        let (major_revision, lock) = (None, None);
        let command =
            ChannelCommand { change, major_revision, lock, author, at, add_timestamp: true, add_user_id: true };
        let mut told = Vec::new();
        for event in ChannelDecider::decide(&self.state, &command).unwrap() {
            self.told += 1;
            let encoded = event.encode().unwrap();
            self.state = ChannelDecider::evolve(std::mem::take(&mut self.state), &event);
            told.push(Recorded {
                event_id: format!("{}:{}", self.id.aggregate(), self.told),
                aggregate: AggregateRef { kind: AggregateKind::Channel, id: self.id.aggregate().clone() },
                event_type: encoded.event_type,
                // Set by the log.
                position: Position { stream: String::new(), sequence: 0 },
                at,
                correlation: "c".into(),
                causation: None,
                actor: "athlete:amy".into(),
                trace: TraceContext::default(),
                data: encoded.data.get().to_owned(),
            });
        }
        told
    }
}
