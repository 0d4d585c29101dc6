//! What the server answers to a publish: where it stored the message, or why it did not.
//!
//! Deliberately not here: what is done about a refusal, which is another thing for an append than for a copy.

use serde::Deserialize;

/// A yes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stored {
    /// The sequence of the message.
    pub(crate) sequence: u64,
    /// The server knew the message id: this very message is stored, at that sequence.
    pub(crate) duplicate: bool,
}

/// A no.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Refusal {
    /// As HTTP would have it.
    pub(crate) code: u64,
    /// Which of JetStream's refusals it is.
    #[serde(default)]
    pub(crate) err_code: u64,
    /// In words.
    #[serde(default)]
    pub(crate) description: String,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    error: Option<Refusal>,
    #[serde(default)]
    seq: u64,
    #[serde(default)]
    duplicate: bool,
}

/// Reads an answer. The outer error is one that cannot be read.
pub(crate) fn read(payload: &[u8]) -> Result<Result<Stored, Refusal>, serde_json::Error> {
    let Answer { error, seq, duplicate } = serde_json::from_slice(payload)?;
    Ok(match error {
        None => Ok(Stored { sequence: seq, duplicate }),
        Some(refusal) => Err(refusal),
    })
}

impl Refusal {
    /// What the message expected does not hold, whether the server knew it from the log or from what is under way.
    pub(crate) const fn is_stale(&self) -> bool {
        const WRONG_LAST_SEQUENCE: u64 = 10_071;
        const WRONG_LAST_SEQUENCE_IN_FLIGHT: u64 = 10_164;
        matches!(self.err_code, WRONG_LAST_SEQUENCE | WRONG_LAST_SEQUENCE_IN_FLIGHT)
    }

    /// There is no room: in the server's store, in the account's share of it, or in the stream.
    pub(crate) const fn is_for_want_of_room(&self) -> bool {
        const ACCOUNT_RESOURCES_EXCEEDED: u64 = 10_002;
        const INSUFFICIENT_RESOURCES: u64 = 10_023;
        const STORAGE_RESOURCES_EXCEEDED: u64 = 10_047;
        // Maximum bytes, messages, or messages of a subject.
        const STREAM_STORE_FAILED: u64 = 10_077;
        matches!(
            self.err_code,
            ACCOUNT_RESOURCES_EXCEEDED | INSUFFICIENT_RESOURCES | STORAGE_RESOURCES_EXCEEDED | STREAM_STORE_FAILED
        )
    }

    /// The server could not, which says nothing about the message.
    pub(crate) const fn is_of_the_server(&self) -> bool {
        self.code >= 500
    }
}
