//! What a handler may answer. It never sees an ack: the runner settles by this.

use std::time::Duration;

/// The end of one attempt at a delivered event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an outcome that nobody settles leaves its delivery open"]
pub enum Outcome {
    /// The work is done, or was done before.
    Done,
    /// It may work later.
    Retry {
        /// Why not now.
        reason: String,
        /// When to try again, where the handler knows better than the retry clock (a 429 with Retry-After).
        after: Option<Duration>,
    },
    /// It is not its turn: no attempt was made and none is counted. It waits without holding a delivery.
    Defer {
        /// Why not now.
        reason: String,
        /// When to look again.
        after: Duration,
    },
    /// Another delivery of the same message has taken the work over: its own worker settles it. Any answer from here would
    /// be taken for that worker's, and nobody would hold the message once that worker is lost.
    Superseded {
        /// By whom, where it is known.
        reason: String,
    },
    /// It can never work: park it.
    GiveUp {
        /// Why not, for the person who reads the dead letter.
        reason: String,
    },
}

impl Outcome {
    /// A retry whose delay the retry clock computes.
    pub fn retry(reason: impl ToString) -> Self {
        Self::Retry { reason: reason.to_string(), after: None }
    }

    /// The end of all attempts.
    pub fn give_up(reason: impl ToString) -> Self {
        Self::GiveUp { reason: reason.to_string() }
    }
}
