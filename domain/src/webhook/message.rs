//! What a webhook says.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

macro_rules! message_types {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// The types of messages.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum MessageType {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl MessageType {
            /// Every type there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The type as receivers read it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

message_types! {
    /// A plan was asked for.
    JobRequested = "job.requested",
    /// A worker took the job up.
    JobStarted = "job.started",
    /// An attempt failed, and another follows.
    JobAttemptFailed = "job.attempt_failed",
    /// The plan is there.
    JobCompleted = "job.completed",
    /// The job can never work.
    JobFailed = "job.failed",
    /// All attempts were used up; an operator looks at the job.
    JobDeadLettered = "job.dead_lettered",
    /// An operator put the job back.
    JobRedriven = "job.redriven",
    /// The job was stopped.
    JobCancelled = "job.cancelled",
    /// A test that somebody asked for; each endpoint gets it.
    Ping = "webhook.ping",
    /// Another endpoint of the app does not take its messages.
    WebhookFailing = "webhook.failing",
    /// Another endpoint of the app takes its messages again.
    WebhookRecovered = "webhook.recovered",
    /// Another endpoint of the app gets no more messages.
    WebhookDisabled = "webhook.disabled",
}

/// A text that is no type of a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no message of the type {text:?}")]
pub struct UnknownMessageType {
    text: String,
}

impl FromStr for MessageType {
    type Err = UnknownMessageType;

    fn from_str(text: &str) -> Result<Self, UnknownMessageType> {
        let found = Self::ALL.iter().find(|known| known.as_str() == text).copied();
        found.ok_or_else(|| UnknownMessageType { text: text.to_owned() })
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl MessageType {
    /// Whether it is about a job; otherwise it is about an endpoint.
    #[must_use]
    pub fn is_about_a_job(self) -> bool {
        self.as_str().starts_with("job.")
    }

    /// Whether an endpoint may choose it: a ping comes to whoever asked for it.
    #[must_use]
    pub const fn is_chosen(self) -> bool {
        !matches!(self, Self::Ping)
    }
}

/// A message, the same for each endpoint that gets it. It names what happened and to what, and holds nothing about anybody's health.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookMessage {
    /// The id by which a receiver tells a repeat: that of the event behind it.
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub message_type: MessageType,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub timestamp: OffsetDateTime,
    /// What it is about.
    pub data: Value,
}

impl WebhookMessage {
    /// The body, the same bytes at every attempt.
    ///
    /// # Errors
    /// When serde cannot write it.
    pub fn body(&self) -> Result<String, serde_json::Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            r#type: MessageType,
            #[serde(with = "time::serde::rfc3339")]
            timestamp: OffsetDateTime,
            data: &'a Value,
        }
        serde_json::to_string(&Body { r#type: self.message_type, timestamp: self.timestamp, data: &self.data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_reads_back_as_written() {
        for known in MessageType::ALL {
            assert_eq!(known.as_str().parse(), Ok(*known));
            assert_eq!(serde_json::to_value(known).unwrap(), known.as_str());
        }
        assert!("job.requested.v1".parse::<MessageType>().is_err());
    }
}
