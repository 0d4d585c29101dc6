//! Every wire name, once: streams, subjects, headers, durable consumers. A test pins each of them.
//!
//! Deliberately not here: limits and policies of the streams (`topology`) and what a message contains (`codec`).

pub mod durable;
pub mod header;
mod lease;
mod lock;
mod settings;

use std::fmt;
use std::str::FromStr;

pub(crate) use settings::{CONSUMER_SETTINGS, STREAM_SETTINGS};

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
    /// Who comes into which room of presence, changes there, and goes.
    Presence,
    /// What channels hold.
    Channels,
    /// The endpoints of apps.
    Webhooks,
    /// Webhooks on their way, with the schedules of what waits.
    Deliveries,
    /// What was given up, whole.
    DeadLetters,
    /// What the server says about deliveries that no code settled.
    Advisories,
}

impl StreamName {
    /// Every stream there is.
    pub const ALL: [Self; 8] = [
        Self::Plans,
        Self::Onboarding,
        Self::Presence,
        Self::Channels,
        Self::Webhooks,
        Self::Deliveries,
        Self::DeadLetters,
        Self::Advisories,
    ];
    /// The streams that hold events.
    pub const LOGS: [Self; 6] =
        [Self::Plans, Self::Onboarding, Self::Presence, Self::Channels, Self::Webhooks, Self::Deliveries];
    /// The streams whose messages are work: durable consumers settle them, and what waits for another try waits there.
    pub const WORK: [Self; 4] = [Self::Plans, Self::Onboarding, Self::Webhooks, Self::Deliveries];

    /// The name without the deployment's prefix, as positions and metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plans => "PLANS",
            Self::Onboarding => "ONBOARDING",
            Self::Presence => "PRESENCE",
            Self::Channels => "CHANNELS",
            Self::Webhooks => "WEBHOOKS",
            Self::Deliveries => "DELIVERIES",
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
            AggregateKind::Room => Self::Presence,
            AggregateKind::Channel => Self::Channels,
            AggregateKind::Webhook => Self::Webhooks,
            AggregateKind::Delivery => Self::Deliveries,
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
#[error(
    "there is no stream {text:?}; there are PLANS, ONBOARDING, PRESENCE, CHANNELS, WEBHOOKS, DELIVERIES, DLQ and ADVISORIES"
)]
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

/// What a consumer's metadata holds of ours.
pub mod consumer_metadata {
    /// Who has paused it.
    pub const PAUSED_BY: &str = "ally-paused-by";
}

/// What a stream's metadata holds of ours.
pub mod stream_metadata {
    /// The number of the settings that the stream has.
    pub const SCHEMA: &str = "ally-schema";
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

    /// The subject of an event: `ally.es.job.<id>.requested`. It ends as [`event_token`] says.
    #[must_use]
    pub fn event(&self, aggregate: &AggregateRef, event_name: &str) -> String {
        let (kind, id, token) = (aggregate.kind.as_str(), aggregate.id.as_str(), event_token(event_name));
        [self.prefix.as_str(), ".es.", kind, ".", id, ".", token].concat()
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
        format!("{}.es.{}.*.{}", self.prefix, kind.as_str(), event_token(event_name))
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

    /// Where it comes back: `ally.due.PLANS.planner-42.requested`, ending as the event does that the consumer is given. Outside
    /// of `es`, so that no aggregate's last sequence moves; in the same stream, because a schedule cannot leave it.
    #[must_use]
    pub fn due(&self, stream: StreamName, consumer: &str, sequence: u64, event_name: &str) -> String {
        format!("{}.due.{stream}.{consumer}-{sequence}.{}", self.prefix, event_token(event_name))
    }

    /// All that a consumer is given, events and what comes back when it is due: `ally.*.*.*.requested`. One filter, since the
    /// server walks its index of all subjects wherever a consumer with several finds nothing more in a block.
    #[must_use]
    pub fn given(&self, event_name: &str) -> String {
        format!("{}.*.*.*.{}", self.prefix, event_token(event_name))
    }

    /// A segment of a stream's archive, in the manifest that the stream carries of it: `ally.archive.PLANS.<name>`. Outside of
    /// `es`, since it is no event of an aggregate; one subject a segment, so that noting it twice stores it once.
    #[must_use]
    pub fn archive_segment(&self, stream: StreamName, segment: &str) -> String {
        format!("{}.archive.{stream}.{segment}", self.prefix)
    }

    /// The manifest of a stream's archive: `ally.archive.PLANS.*`.
    #[must_use]
    pub fn archive_segments(&self, stream: StreamName) -> String {
        self.archive_segment(stream, "*")
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

    /// What operators did to all dead letters of one consumer (`ally.dlq-audit.planner.*`) or of all.
    #[must_use]
    pub fn dead_letter_audits(&self, consumer: Option<&str>) -> String {
        format!("{}.dlq-audit.{}.*", self.prefix, consumer.unwrap_or("*"))
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
        format!("{}.es.{}.{{id}}.{}", self.prefix, kind.as_str(), event_token(event_name))
    }

    /// The event that a template of [`Self::event_template`] is about, whatever the prefix: `job.requested`.
    #[must_use]
    pub fn event_of_template(template: &str) -> Option<String> {
        template.split_once(".es.").map(|(_, event)| event.replace(".{id}", ""))
    }

    /// The subjects of a stream.
    #[must_use]
    pub fn subjects(&self, stream: StreamName) -> Vec<String> {
        let prefix = &self.prefix;
        match stream {
            StreamName::Plans | StreamName::Onboarding | StreamName::Webhooks | StreamName::Deliveries => {
                let mut subjects: Vec<_> = stream.kinds().into_iter().map(|kind| self.kind(kind)).collect();
                subjects.extend([format!("{prefix}.schedule.{stream}.>"), format!("{prefix}.due.{stream}.>")]);
                if stream == StreamName::Plans {
                    // Only jobs ever go to an archive.
                    subjects.push(self.archive_segments(stream));
                }
                subjects
            }
            StreamName::Presence | StreamName::Channels => {
                stream.kinds().into_iter().map(|kind| self.kind(kind)).collect()
            }
            StreamName::DeadLetters => vec![format!("{prefix}.dlq.>"), format!("{prefix}.dlq-audit.>")],
            StreamName::Advisories => {
                let advisory =
                    |event: &str, stream| format!("$JS.EVENT.ADVISORY.CONSUMER.{event}.{}.>", self.stream(stream));
                StreamName::WORK
                    .into_iter()
                    .flat_map(|stream| [advisory("MAX_DELIVERIES", stream), advisory("MSG_TERMINATED", stream)])
                    .collect()
            }
        }
    }
}

/// How the subject of an event ends: with its name, but a job that is redriven goes where a requested one goes, to a consumer
/// with one filter, a webhook that is sent again goes where a queued one goes, what happens to an endpoint goes to one consumer, and what
/// happens to a channel stands on one subject, whose last message is the channel. So a subject does not
/// tell which event it is; the header `ce-type` does.
#[must_use]
pub fn event_token(event_name: &str) -> &str {
    match event_name {
        "redriven" => "requested",
        "replayed" => "queued",
        "endpoint_registered"
        | "endpoint_updated"
        | "secret_rotated"
        | "endpoint_failing"
        | "endpoint_recovered"
        | "endpoint_disabled"
        | "endpoint_enabled"
        | "endpoint_removed" => "endpoint",
        "metadata_set" | "metadata_updated" | "metadata_removed" => "metadata",
        other => other,
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

/// Where a durable consumer is asked to begin again behind the last message up to which all are settled, relative to the
/// prefix of the JetStream API.
pub(crate) fn consumer_reset(stream: &str, durable: &str) -> String {
    format!("CONSUMER.RESET.{stream}.{durable}")
}

#[cfg(test)]
mod tests;
