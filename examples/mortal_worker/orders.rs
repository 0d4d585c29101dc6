//! What the worker is told by the test that starts it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Orders, as JSON in the first argument.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Orders {
    /// Where nats-server is.
    pub nats: String,
    /// The prefix of the deployment's names.
    pub prefix: String,
    /// The job that kills.
    pub poison: String,
    /// Where it kills.
    pub kills: Kills,
    /// How many workers of these orders died before this one.
    pub deaths: u32,
    /// Messages in hand at once.
    pub max_in_flight: usize,
    /// After so many deliveries the server gives a message up.
    pub max_deliver: u32,
    /// Attempts that a job has.
    pub max_attempts: u32,
    /// How long the server waits for a sign of life.
    pub ack_wait: Duration,
}

/// Where the poison kills its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kills {
    /// As soon as it is in hand: nothing of it is written down.
    AtOnce,
    /// In the midst of its attempt; the first time, when all the others in the same hands are in the midst of theirs.
    AtWork,
}
