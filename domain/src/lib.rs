//! The rules of Ally, as pure functions.
//!
//! Here live the aggregates (deciders), the envelope, the plan engine and the ports.
//! Deliberately not here: IO, clocks, randomness and any async runtime. Time and ids arrive inside a command.

pub mod athlete;
pub mod channel;
pub mod dates;
pub mod dead_letter;
pub mod decider;
pub mod engine;
pub mod envelope;
pub mod event_data;
pub mod fingerprint;
pub mod ids;
pub mod job;
pub mod json;
pub mod outcome;
pub mod plan;
pub mod ports;
pub mod problem;
pub mod recent;
pub mod room;
#[cfg(test)]
mod scenario;
pub mod subject;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod text;
pub mod token;
pub mod webhook;
