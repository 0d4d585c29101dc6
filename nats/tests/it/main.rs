//! This crate against real servers. `make test` starts one; tests that need more start their own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what it calls"
)]

mod append_queue;
mod archive;
mod archive_missing;
mod batches;
mod bench;
mod cancellations;
mod channels;
mod conformance;
mod consumer;
mod consumer_settings;
mod dead_letter;
mod drain;
mod faults;
mod flat_reads;
mod full_store;
mod lease_loss;
mod lease_races;
mod lease_scale;
mod leases;
mod locks;
mod log;
mod one_filter;
mod proxy;
mod recorder;
mod rooms;
mod servers;
mod streams;
mod topology;
mod unheld;
