//! What can go wrong between Ally and JetStream itself; what goes wrong with an append is the port's `StoreError`.

use ally_domain::ports::StoreError;

use crate::names::InvalidPrefix;

/// Why JetStream cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JetStreamError {
    /// The URL names no server.
    #[error("{url:?} is not a NATS address: write nats://host:4222, several separated by commas ({reason})")]
    InvalidUrl {
        /// What was configured.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The prefix is no subject token.
    #[error(transparent)]
    InvalidPrefix(#[from] InvalidPrefix),
    /// The server refused a stream or a consumer as we need it.
    #[error("the server refused {what}: {reason}")]
    Refused {
        /// Which stream or consumer.
        what: String,
        /// What it said.
        reason: String,
    },
    /// The server's store has no room left.
    #[error("the server has no room for {what}: {reason}")]
    Full {
        /// What was to be stored.
        what: String,
        /// What it said.
        reason: String,
    },
    /// No answer.
    #[error("JetStream does not answer for {what}: {reason}; check that nats-server runs with JetStream enabled")]
    Unavailable {
        /// What was asked for.
        what: String,
        /// What the client reported.
        reason: String,
    },
    /// A stream has settings of a later version.
    #[error(
        "the stream {stream} was written by a newer version of Ally: its schema is {found}, this version knows {known}; use the newer version, nothing was changed"
    )]
    NewerSchema {
        /// Which stream, as the server knows it.
        stream: String,
        /// The number in its metadata.
        found: u32,
        /// The number of this version.
        known: u32,
    },
    /// A stream that was there is not.
    #[error("the stream {stream} is gone, though others of this deployment are there: what it held is lost")]
    StreamGone {
        /// Which stream, as the server knows it.
        stream: String,
    },
    /// The server's answer cannot be read.
    #[error("{what} cannot be read: {reason}")]
    Unreadable {
        /// What was read.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl From<JetStreamError> for StoreError {
    fn from(error: JetStreamError) -> Self {
        match error {
            JetStreamError::Unavailable { what, reason } => Self::Unavailable { reason: format!("{what}: {reason}") },
            JetStreamError::Full { what, reason } => Self::Full { reason: format!("{what}: {reason}") },
            other => Self::Rejected { what: "a request to JetStream".to_owned(), reason: other.to_string() },
        }
    }
}
