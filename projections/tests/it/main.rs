//! The views against a real PostgreSQL. Every test makes its own database and drops it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod channel;
mod checkpoints;
mod crash;
mod database;
mod dead_letter;
mod growth;
mod incomplete;
mod interleaving;
mod migrate;
mod presence;
mod projector;
mod rebuild;
mod scheduled;
mod support;
mod trace;
mod views;
mod webhooks;
