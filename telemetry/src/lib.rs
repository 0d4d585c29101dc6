//! How Ally is observed: the one list of names, trace propagation, logs, metrics and the export of spans.
//!
//! This crate knows no other crate of the house. Deliberately not here: what is observed; every crate records its own
//! work with the `metrics` and `tracing` macros and the names of [`names`].
//!
//! A process may play several roles. Each role has its own [`Telemetry`](export::Telemetry) and its own tokio runtime,
//! whose threads write to that role's logs, metrics and traces; nothing is installed globally.

mod config;
pub mod document;
pub mod endpoint;
pub mod export;
pub mod exposition;
mod grpc;
pub mod job;
mod logs;
pub mod mask;
pub mod names;
pub mod operation;
mod process;
pub mod propagation;
mod recorder;
mod redact;
mod runtime;
mod sampler;
pub mod series;
mod span_export;
mod span_memory;
mod span_queue;
#[cfg(feature = "testing")]
pub mod testing;
mod trace_span;
pub mod trace_tree;
mod tracer;
