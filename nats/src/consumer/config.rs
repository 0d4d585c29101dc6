//! What a consumer is: which event it gets, how many at once, and for how long.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, ReplayPolicy, pull};

use crate::connection::JetStream;
use crate::names::StreamName;

/// Unsettled deliveries that all workers of a consumer together may hold.
const MAX_ACK_PENDING: i64 = 4_096;
const MAX_WAITING_PULLS: i64 = 512;
const UNLIMITED: i64 = -1;

/// A durable consumer and the work on its messages. All workers with the same `name` share its messages.
#[derive(Debug, Clone)]
pub struct ConsumerConfig {
    /// The durable name, one of [`names::durable`](crate::names::durable) outside of tests.
    pub name: String,
    /// The stream that it reads.
    pub stream: StreamName,
    /// The event that it gets, by name: `requested`; every event whose subject ends alike, so `redriven` too. One only, as a
    /// consumer has one filter: see [`Names::given`](crate::names::Names::given). No other consumer of the stream gets it.
    pub event: String,
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
            event: event.to_owned(),
            max_in_flight: 16,
            ack_wait: Duration::from_secs(30),
            attempt_deadline: Duration::from_secs(120),
            max_deliver: 20,
            schedule_from: Duration::from_secs(5),
            max_attempts: None,
            drain_deadline: Duration::from_secs(20),
        }
    }

    pub(super) fn on_server(&self, jetstream: &JetStream) -> pull::Config {
        pull::Config {
            durable_name: Some(self.name.clone()),
            filter_subject: jetstream.names().given(&self.event),
            deliver_policy: DeliverPolicy::All,
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
