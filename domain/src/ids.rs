//! Typed ids. Every one of them is safe as a subject token: letters, digits, `-` and `_`, at most 64 of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most characters an id may have. Subjects stay short, and so do the index keys behind them.
pub const MAX_ID_CHARS: usize = 64;

/// Ids that Ally derives (a job from an athlete and a key, a plan from a job) live in this namespace.
/// Changing it would give every derived id another value: never do.
const DERIVED: Uuid = Uuid::from_u128(0x6f1d_3f0e_5c1b_4f7a_9a53_0a3c_7a11_a11e);

/// A text that cannot be an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an id: use 1 to {MAX_ID_CHARS} letters, digits, '-' or '_'")]
pub struct InvalidId {
    text: String,
}

pub(crate) fn is_token(text: &str) -> bool {
    (1..=MAX_ID_CHARS).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The same parts always give the same UUID, on every node and for ever.
pub(crate) fn derive(parts: &[&str]) -> Uuid {
    // The unit separator cannot stand in an id or an HTTP header, so no two lists of parts join to one text.
    Uuid::new_v5(&DERIVED, parts.join("\u{1f}").as_bytes())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text, safe as a subject token.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if is_token(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId { text: text.to_owned() }) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id.to_string())
            }
        }
    };
}

id! {
    /// An athlete, made of a token's issuer and subject ([`crate::subject`]) and never taken from a payload.
    AthleteId
}
id! {
    /// One request for a plan, from submission to its end.
    JobId
}
id! {
    /// A plan with all its versions.
    PlanId
}
id! {
    /// An entry of a plan's training log: a workout, or a report of pain.
    LogEntryId
}
id! {
    /// An endpoint of an app, to which webhooks go.
    EndpointId
}
id! {
    /// A webhook on its way to one endpoint.
    DeliveryId
}
id! {
    /// One command. Its events are numbered `<command id>:<n>`, which is also their message id.
    CommandId
}

/// The id of an aggregate of any kind. Beside what other ids consist of it may hold `=`, which stands before the two hex digits
/// of a byte of a name that people chose ([`crate::token`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AggregateId(String);

impl AggregateId {
    /// The id as text, safe as a subject token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An id that [`crate::token`] gave.
    pub(crate) const fn of_token(token: String) -> Self {
        Self(token)
    }
}

impl fmt::Display for AggregateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AggregateId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=');
        let token = (1..=MAX_ID_CHARS).contains(&text.len()) && text.bytes().all(safe);
        if token { Ok(Self(text.to_owned())) } else { Err(InvalidId { text: text.to_owned() }) }
    }
}

impl TryFrom<String> for AggregateId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<AggregateId> for String {
    fn from(id: AggregateId) -> Self {
        id.0
    }
}

impl From<Uuid> for AggregateId {
    fn from(id: Uuid) -> Self {
        Self(id.to_string())
    }
}

impl AthleteId {
    /// An id that was derived from a subject, which see.
    pub(crate) const fn derived(id: String) -> Self {
        Self(id)
    }
}

impl JobId {
    /// The job that an athlete's idempotency key names, for ever: no table of keys, no window that closes.
    #[must_use]
    pub fn for_key(athlete: &AthleteId, idempotency_key: &str) -> Self {
        derive(&["job", athlete.as_str(), idempotency_key]).into()
    }

    /// The job that follows from a revision of an athlete's profile.
    #[must_use]
    pub fn for_profile(athlete: &AthleteId, revision: u32) -> Self {
        derive(&["job-of-profile", athlete.as_str(), &revision.to_string()]).into()
    }
}

impl PlanId {
    /// The one plan that a job makes, however often the job is tried.
    #[must_use]
    pub fn for_job(job: &JobId) -> Self {
        derive(&["plan", job.as_str()]).into()
    }
}

impl LogEntryId {
    /// The entry of a plan's log that an athlete's idempotency key names, for ever. `kind` keeps a workout and a report
    /// of pain under one key apart.
    #[must_use]
    pub fn for_key(plan: &PlanId, kind: &str, idempotency_key: &str) -> Self {
        derive(&["log-entry", plan.as_str(), kind, idempotency_key]).into()
    }
}

impl EndpointId {
    /// The endpoint that an idempotency key of an app names, for ever.
    #[must_use]
    pub fn for_key(app: &str, idempotency_key: &str) -> Self {
        derive(&["webhook", app, idempotency_key]).into()
    }
}

impl DeliveryId {
    /// The one delivery of a message to an endpoint, however often it is queued.
    #[must_use]
    pub fn of(endpoint: &EndpointId, message_id: &str) -> Self {
        derive(&["webhook-delivery", endpoint.as_str(), message_id]).into()
    }
}

impl CommandId {
    /// The command that an aggregate owes to something that happened elsewhere; the same cause gives the same id.
    #[must_use]
    pub fn caused_by(cause: &str, purpose: &str) -> Self {
        derive(&["command", cause, purpose]).into()
    }
}

macro_rules! aggregate_id {
    ($($name:ident),*) => {$(
        impl From<&$name> for AggregateId {
            fn from(id: &$name) -> Self {
                Self(id.0.clone())
            }
        }

        impl From<&AggregateId> for $name {
            fn from(id: &AggregateId) -> Self {
                Self(id.0.clone())
            }
        }
    )*};
}
aggregate_id!(AthleteId, JobId, PlanId, EndpointId, DeliveryId);

/// The kinds of aggregates. The word is the subject token between the prefix and the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AggregateKind {
    /// An athlete's onboarding and profile.
    Athlete,
    /// A plan job.
    Job,
    /// A training plan.
    Plan,
    /// A room of presence: who is there.
    Room,
    /// A channel: its metadata.
    Channel,
    /// An endpoint of an app, to which webhooks go.
    Webhook,
    /// A webhook on its way to one endpoint.
    Delivery,
}

impl AggregateKind {
    /// Every kind there is.
    pub const ALL: [Self; 7] =
        [Self::Athlete, Self::Job, Self::Plan, Self::Room, Self::Channel, Self::Webhook, Self::Delivery];

    /// The kind as a subject token.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Athlete => "athlete",
            Self::Job => "job",
            Self::Plan => "plan",
            Self::Room => "room",
            Self::Channel => "channel",
            Self::Webhook => "webhook",
            Self::Delivery => "delivery",
        }
    }
}

/// One aggregate: what it is and which.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AggregateRef {
    /// What it is.
    pub kind: AggregateKind,
    /// Which one.
    pub id: AggregateId,
}

impl fmt::Display for AggregateRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.as_str(), self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_safe_subject_token() {
        for good in ["a", "0198c0de-7000-7000-8000-000000000000", "amy_2", &"x".repeat(64)] {
            assert_eq!(good.parse::<JobId>().map(String::from), Ok(good.to_owned()));
        }
        for bad in ["", "a.b", "a b", "*", ">", "é", "a\n", "$JS", &"x".repeat(65)] {
            assert!(bad.parse::<JobId>().is_err(), "{bad:?} must not become a token");
        }
    }

    #[test]
    fn a_derived_id_is_the_same_for_ever() {
        let amy: AthleteId = "amy".parse().unwrap();
        assert_eq!(JobId::for_key(&amy, "k1").as_str(), "2ca73fdb-0d2a-5622-8a43-2aeb6bcd084b");
        assert_eq!(PlanId::for_job(&JobId::for_profile(&amy, 1)).as_str(), "d05d3361-636e-5db6-b1b6-e3cf614a7d61");
        assert_ne!(JobId::for_key(&amy, "k1"), JobId::for_key(&amy, "k2"));
    }
}
