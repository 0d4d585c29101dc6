//! The telemetry crate against a real OTLP receiver, real runtimes and the files of `compose/`.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking, also in what it calls")]

mod export;
mod logs;
mod metrics;
mod operation;
mod propagation;
mod roles;
mod support;
