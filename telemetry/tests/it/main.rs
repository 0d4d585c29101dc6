//! The telemetry crate against a real OTLP receiver, real runtimes and the files of `compose/`.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking, also in what it calls")]

mod compose;
mod export;
mod logs;
mod metrics;
mod operation;
mod otlp;
mod promql;
mod propagation;
mod roles;
mod rules;
mod support;
