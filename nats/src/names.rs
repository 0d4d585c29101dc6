//! Every wire name, once: streams, subjects, headers, durable consumers. A test pins each of them.
//!
//! Deliberately not here: limits and policies of the streams (`topology`) and what a message contains (`codec`).

use std::fmt;
use std::str::FromStr;

use ally_domain::ids::{AggregateId, AggregateKind, AggregateRef};

/// The prefix of a deployment that shares its server with nobody; its stream names stay short.
pub const DEFAULT_PREFIX: &str = "ally";
/// The event of a job that asks its worker to stop: the one event that is heard live.
pub const STOP_WISH: &str = "cancel_requested";
const MAX_PREFIX_CHARS: usize = 32;

/// A text that cannot be a prefix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a prefix: use 1 to {MAX_PREFIX_CHARS} letters, digits, '-' or '_', for example \"ally\"")]
pub struct InvalidPrefix {
    text: String,
}

/// The streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StreamName {
    /// Plan jobs and plans, with the schedules of what waits.
    Plans,
    /// Onboarding and profiles.
    Onboarding,
    /// What was given up, whole.
    DeadLetters,
    /// What the server says about deliveries that no code settled.
    Advisories,
}

impl StreamName {
    /// Every stream there is.
    pub const ALL: [Self; 4] = [Self::Plans, Self::Onboarding, Self::DeadLetters, Self::Advisories];
    /// The streams that hold events.
    pub const LOGS: [Self; 2] = [Self::Plans, Self::Onboarding];

    /// The name without the deployment's prefix, as positions and metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plans => "PLANS",
            Self::Onboarding => "ONBOARDING",
            Self::DeadLetters => "DLQ",
            Self::Advisories => "ADVISORIES",
        }
    }

    /// Which stream holds the events of a kind.
    #[must_use]
    pub const fn of(kind: AggregateKind) -> Self {
        match kind {
            AggregateKind::Job | AggregateKind::Plan => Self::Plans,
            AggregateKind::Athlete => Self::Onboarding,
        }
    }

    /// The kinds whose events a stream holds.
    #[must_use]
    pub fn kinds(self) -> Vec<AggregateKind> {
        AggregateKind::ALL.into_iter().filter(|kind| Self::of(*kind) == self).collect()
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no stream {text:?}; there are PLANS, ONBOARDING, DLQ and ADVISORIES")]
pub struct UnknownStream {
    text: String,
}

impl FromStr for StreamName {
    type Err = UnknownStream;

    fn from_str(text: &str) -> Result<Self, UnknownStream> {
        Self::ALL
            .into_iter()
            .find(|stream| stream.as_str() == text)
            .ok_or_else(|| UnknownStream { text: text.to_owned() })
    }
}

/// The durable consumers.
pub mod durable {
    use ally_domain::job::Priority;

    /// Works on requested plans.
    pub const PLANNER: &str = "planner";
    /// Works on jobs that go before others.
    pub const PLANNER_EXPRESS: &str = "planner-express";
    /// Requests the first plan of a completed onboarding.
    pub const ONBOARDING: &str = "onboarding";
    /// Parks what no code settled.
    pub const BACKSTOP: &str = "backstop";

    /// Which one is given the jobs of a queue.
    #[must_use]
    pub const fn of(queue: Priority) -> &'static str {
        match queue {
            Priority::Normal => PLANNER,
            Priority::High => PLANNER_EXPRESS,
        }
    }
}

/// The headers of a message.
pub mod header {
    /// Stored once within the duplicate window: `<command id>:<n>`.
    pub const MESSAGE_ID: &str = "Nats-Msg-Id";
    /// The last sequence that the filter below may have.
    pub const EXPECTED_SEQUENCE: &str = "Nats-Expected-Last-Subject-Sequence";
    /// Which subjects that expectation is about. The client has no constant for it.
    pub const EXPECTED_FILTER: &str = "Nats-Expected-Last-Subject-Sequence-Subject";
    /// Which atomic batch.
    pub const BATCH_ID: &str = "Nats-Batch-Id";
    /// Which message of it, from 1.
    pub const BATCH_SEQUENCE: &str = "Nats-Batch-Sequence";
    /// On its last message.
    pub const BATCH_COMMIT: &str = "Nats-Batch-Commit";
    /// When a schedule is due: `@at <RFC 3339>`.
    pub const SCHEDULE: &str = "Nats-Schedule";
    /// Where it then goes.
    pub const SCHEDULE_TARGET: &str = "Nats-Schedule-Target";
    /// Which stream a read message comes from.
    pub const STREAM: &str = "Nats-Stream";
    /// The subject of a message that was read directly.
    pub const SUBJECT: &str = "Nats-Subject";
    /// Its sequence.
    pub const SEQUENCE: &str = "Nats-Sequence";
    /// When it was stored.
    pub const TIME_STAMP: &str = "Nats-Time-Stamp";
    /// How many more a batched read would find.
    pub const NUM_PENDING: &str = "Nats-Num-Pending";
    /// Which message a batched read sent before it.
    pub const LAST_SEQUENCE: &str = "Nats-Last-Sequence";

    /// CloudEvents: the event's id.
    pub const CE_ID: &str = "ce-id";
    /// CloudEvents: the event's type with its version.
    pub const CE_TYPE: &str = "ce-type";
    /// CloudEvents: who wrote it.
    pub const CE_SOURCE: &str = "ce-source";
    /// CloudEvents: what it happened to, `job/<id>`.
    pub const CE_SUBJECT: &str = "ce-subject";
    /// CloudEvents: when it was decided.
    pub const CE_TIME: &str = "ce-time";
    /// CloudEvents: 1.0.
    pub const CE_SPECVERSION: &str = "ce-specversion";
    /// What the payload is.
    pub const CONTENT_TYPE: &str = "content-type";
    /// W3C trace context.
    pub const TRACEPARENT: &str = "traceparent";
    /// W3C trace context, vendors' part.
    pub const TRACESTATE: &str = "tracestate";
    /// Shared by all that follows from one request.
    pub const CORRELATION: &str = "ally-correlation";
    /// The event that caused this one.
    pub const CAUSATION: &str = "ally-causation";
    /// Who did it.
    pub const ACTOR: &str = "ally-actor";

    /// On a copy of an event (scheduled or parked): where the event itself stands, `PLANS:42`.
    pub const ORIGIN: &str = "ally-origin";
    /// On such a copy: the subject of the event itself.
    pub const ORIGIN_SUBJECT: &str = "ally-origin-subject";
    /// On such a copy: how often the event had been delivered.
    pub const DELIVERIES: &str = "ally-deliveries";
    /// On a dead letter that was put back: the sequence of the entry it had.
    pub const DEAD_BEFORE: &str = "ally-dead-before";
    /// On a dead letter: which consumer gave up.
    pub const DEAD_CONSUMER: &str = "ally-dead-consumer";
    /// On a dead letter: why.
    pub const DEAD_REASON: &str = "ally-dead-reason";
    /// On a dead letter: the group of like causes.
    pub const DEAD_FINGERPRINT: &str = "ally-dead-fingerprint";
    /// On a dead letter: when it was parked.
    pub const DEAD_AT: &str = "ally-dead-at";
}

/// The names of one deployment. Tests and tenants that share a server differ by prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    prefix: String,
}

impl Names {
    /// The names under a prefix.
    ///
    /// # Errors
    /// When the prefix is no safe subject token.
    pub fn new(prefix: &str) -> Result<Self, InvalidPrefix> {
        let token = (1..=MAX_PREFIX_CHARS).contains(&prefix.len())
            && prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if token { Ok(Self { prefix: prefix.to_owned() }) } else { Err(InvalidPrefix { text: prefix.to_owned() }) }
    }

    /// A stream as the server knows it: `PLANS`, or `t1_PLANS` under another prefix than the default.
    #[must_use]
    pub fn stream(&self, stream: StreamName) -> String {
        if self.prefix == DEFAULT_PREFIX { stream.as_str().to_owned() } else { format!("{}_{stream}", self.prefix) }
    }

    /// Which of our streams a server's stream name is.
    #[must_use]
    pub fn parse_stream(&self, physical: &str) -> Option<StreamName> {
        StreamName::ALL.into_iter().find(|stream| self.stream(*stream) == physical)
    }

    /// The subject of an event: `ally.es.job.<id>.requested`.
    #[must_use]
    pub fn event(&self, aggregate: &AggregateRef, event_name: &str) -> String {
        [self.prefix.as_str(), ".es.", aggregate.kind.as_str(), ".", aggregate.id.as_str(), ".", event_name].concat()
    }

    /// The subjects of one aggregate: `ally.es.job.<id>.>`. A cluster compares the filter of an expectation as text, so
    /// every writer must use this very one.
    #[must_use]
    pub fn aggregate(&self, aggregate: &AggregateRef) -> String {
        [self.prefix.as_str(), ".es.", aggregate.kind.as_str(), ".", aggregate.id.as_str(), ".>"].concat()
    }

    /// One event of all aggregates of a kind: `ally.es.job.*.requested`.
    #[must_use]
    pub fn event_of_all(&self, kind: AggregateKind, event_name: &str) -> String {
        format!("{}.es.{}.*.{event_name}", self.prefix, kind.as_str())
    }

    /// All events of a kind: `ally.es.job.>`.
    #[must_use]
    pub fn kind(&self, kind: AggregateKind) -> String {
        format!("{}.es.{}.>", self.prefix, kind.as_str())
    }

    /// All events: `ally.es.>`.
    #[must_use]
    pub fn all_events(&self) -> String {
        format!("{}.es.>", self.prefix)
    }

    /// What the server republishes when it has stored it, `ally.es.job.*.cancel_requested`, and where to.
    #[must_use]
    pub fn republished(&self) -> (String, String) {
        let wishes = self.event_of_all(AggregateKind::Job, STOP_WISH);
        (wishes, self.live_wish_of("{{wildcard(1)}}"))
    }

    /// Wishes to stop a job, whichever, as they are republished: `ally.live.job.*.cancel_requested`.
    #[must_use]
    pub fn live_wishes(&self) -> String {
        self.live_wish_of("*")
    }

    fn live_wish_of(&self, job: &str) -> String {
        format!("{}.live.{}.{job}.{STOP_WISH}", self.prefix, AggregateKind::Job.as_str())
    }

    /// Where a waiting delivery is kept until it is due: `ally.schedule.PLANS.planner.42`. One subject an event, so that
    /// a second schedule replaces the first.
    #[must_use]
    pub fn schedule(&self, stream: StreamName, consumer: &str, sequence: u64) -> String {
        format!("{}.schedule.{stream}.{consumer}.{sequence}", self.prefix)
    }

    /// Where it comes back: `ally.due.PLANS.planner.42`. Outside of `es`, so that no aggregate's last sequence moves; in
    /// the same stream, because a schedule cannot leave it.
    #[must_use]
    pub fn due(&self, stream: StreamName, consumer: &str, sequence: u64) -> String {
        format!("{}.due.{stream}.{consumer}.{sequence}", self.prefix)
    }

    /// All that comes back to a consumer: `ally.due.PLANS.planner.*`.
    #[must_use]
    pub fn all_due(&self, stream: StreamName, consumer: &str) -> String {
        format!("{}.due.{stream}.{consumer}.*", self.prefix)
    }

    /// A dead letter: `ally.dlq.planner.PLANS-42`. One subject an event, so that parking twice stores once.
    #[must_use]
    pub fn dead_letter(&self, consumer: &str, stream: StreamName, sequence: u64) -> String {
        format!("{}.dlq.{consumer}.{stream}-{sequence}", self.prefix)
    }

    /// The dead letters of one consumer (`ally.dlq.planner.*`) or of all.
    #[must_use]
    pub fn dead_letters(&self, consumer: Option<&str>) -> String {
        format!("{}.dlq.{}.*", self.prefix, consumer.unwrap_or("*"))
    }

    /// What operators did to dead letters: `ally.dlq-audit.planner.PLANS-42`.
    #[must_use]
    pub fn dead_letter_audit(&self, consumer: &str, stream: StreamName, sequence: u64) -> String {
        format!("{}.dlq-audit.{consumer}.{stream}-{sequence}", self.prefix)
    }

    /// What a message on an event subject happened to: `None` for any other subject and for kinds of a later version.
    #[must_use]
    pub fn parse_event(&self, subject: &str) -> Option<AggregateRef> {
        let rest = subject.strip_prefix(self.prefix.as_str())?.strip_prefix(".es.")?;
        let mut tokens = rest.split('.');
        let (kind, id, _name) = (tokens.next()?, tokens.next()?, tokens.next()?);
        let kind = AggregateKind::ALL.into_iter().find(|known| known.as_str() == kind)?;
        let id: AggregateId = id.parse().ok()?;
        tokens.next().is_none().then_some(AggregateRef { kind, id })
    }

    /// An event's subject without its id, for span names: `ally.es.job.{id}.requested`.
    #[must_use]
    pub fn event_template(&self, kind: AggregateKind, event_name: &str) -> String {
        format!("{}.es.{}.{{id}}.{event_name}", self.prefix, kind.as_str())
    }

    /// The subjects of a stream.
    #[must_use]
    pub fn subjects(&self, stream: StreamName) -> Vec<String> {
        let prefix = &self.prefix;
        match stream {
            StreamName::Plans | StreamName::Onboarding => {
                let mut subjects: Vec<_> = stream.kinds().into_iter().map(|kind| self.kind(kind)).collect();
                subjects.extend([format!("{prefix}.schedule.{stream}.>"), format!("{prefix}.due.{stream}.>")]);
                subjects
            }
            StreamName::DeadLetters => vec![format!("{prefix}.dlq.>"), format!("{prefix}.dlq-audit.>")],
            StreamName::Advisories => {
                let advisory =
                    |event: &str, stream| format!("$JS.EVENT.ADVISORY.CONSUMER.{event}.{}.>", self.stream(stream));
                StreamName::LOGS
                    .into_iter()
                    .flat_map(|stream| [advisory("MAX_DELIVERIES", stream), advisory("MSG_TERMINATED", stream)])
                    .collect()
            }
        }
    }
}

/// Where JetStream answers with messages of a stream, by sequence or by subject.
pub(crate) fn direct_get(stream: &str) -> String {
    format!("$JS.API.DIRECT.GET.{stream}")
}

/// Where a durable consumer is asked for its next messages.
pub(crate) fn next_messages(stream: &str, durable: &str) -> String {
    format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}")
}

#[cfg(test)]
mod tests;
