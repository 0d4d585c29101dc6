//! What a consumer is: which event it gets, how many at once, and for how long.

use std::time::Duration;

use ally_domain::event_data::{self, EventType};
use ally_domain::ids::AggregateKind;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, ReplayPolicy, pull};

use crate::connection::JetStream;
use crate::names::{StreamName, event_token};

/// Unsettled deliveries that all workers of a consumer together may hold.
const MAX_ACK_PENDING: i64 = 4_096;
const MAX_WAITING_PULLS: i64 = 512;
const UNLIMITED: i64 = -1;

/// What a consumer gets of its stream. One filter, as it costs the server little (ADR 0066).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// One event, by name: `requested`; every event whose subject ends alike, so `redriven` too, and what comes back of it: see
    /// [`Names::given`](crate::names::Names::given). No other consumer of the stream gets it.
    Event(String),
    /// Every event of a kind that stands behind a place. Nothing comes back of it, so what is to be tried again stays a delivery.
    AllOf {
        /// Which kind.
        kind: AggregateKind,
        /// The sequence of the last message that it does not get. It counts when the consumer is made.
        after: u64,
    },
}

/// A durable consumer and the work on its messages. All workers with the same `name` share its messages.
#[derive(Debug, Clone)]
pub struct ConsumerConfig {
    /// The durable name, one of [`names::durable`](crate::names::durable) outside of tests.
    pub name: String,
    /// The stream that it reads.
    pub stream: StreamName,
    /// What it gets.
    pub given: Given,
    /// Messages that this process works on at once.
    pub max_in_flight: usize,
    /// After this long without a sign of life a delivery goes to another worker.
    pub ack_wait: Duration,
    /// One attempt may take this long; then it counts as failed.
    pub attempt_deadline: Duration,
    /// A message is parked, and its handler not called, once it was delivered so often and came again. The server itself
    /// never gives a message up: whom it gives up, nobody holds any more.
    pub max_deliver: u32,
    /// Retries from this delay on are scheduled as messages; shorter ones keep their delivery and its ack slot.
    pub schedule_from: Duration,
    /// Parks a message that a handler would retry after so many deliveries; `None` leaves the budget to the handler.
    pub max_attempts: Option<u64>,
    /// What is in hand at the end may take this long before it is handed back.
    pub drain_deadline: Duration,
}

impl ConsumerConfig {
    /// A consumer with everything else as it is by default.
    #[must_use]
    pub fn new(name: &str, stream: StreamName, event: &str) -> Self {
        Self {
            name: name.to_owned(),
            stream,
            given: Given::Event(event.to_owned()),
            max_in_flight: 16,
            ack_wait: Duration::from_secs(30),
            attempt_deadline: Duration::from_secs(120),
            max_deliver: 20,
            schedule_from: Duration::from_secs(5),
            max_attempts: None,
            drain_deadline: Duration::from_secs(20),
        }
    }

    /// A consumer of every event of a kind behind a place. What its handler cannot do yet is delivered again, for ever.
    #[must_use]
    pub fn of_all(name: &str, stream: StreamName, kind: AggregateKind, after: u64) -> Self {
        let given = Given::AllOf { kind, after };
        // What waits as a message of its own would come back on a subject that this consumer does not get.
        let (schedule_from, max_deliver) = (Duration::MAX, u32::MAX);
        Self { given, schedule_from, max_deliver, ..Self::new(name, stream, "") }
    }

    /// Whether it gets the events of a name.
    pub(super) fn gets(&self, event: &EventType) -> bool {
        match &self.given {
            Given::Event(given) => event_token(&event.name) == given,
            Given::AllOf { kind, .. } => event_data::types_of(*kind).iter().any(|known| known.noun == event.noun),
        }
    }

    pub(super) fn on_server(&self, jetstream: &JetStream) -> pull::Config {
        let (filter_subject, deliver_policy) = match &self.given {
            Given::Event(event) => (jetstream.names().given(event), DeliverPolicy::All),
            Given::AllOf { kind, after } => {
                (jetstream.names().kind(*kind), DeliverPolicy::ByStartSequence { start_sequence: after + 1 })
            }
        };
        pull::Config {
            durable_name: Some(self.name.clone()),
            filter_subject,
            deliver_policy,
            ack_policy: AckPolicy::Explicit,
            replay_policy: ReplayPolicy::Instant,
            ack_wait: self.ack_wait,
            max_deliver: UNLIMITED,
            max_ack_pending: MAX_ACK_PENDING,
            max_waiting: MAX_WAITING_PULLS,
            // No `num_replicas`: a consumer is held by as many servers as its stream.
            // No `backoff`: the retry clock is ours, and a backoff would override the ack wait.
            ..pull::Config::default()
        }
    }
}
