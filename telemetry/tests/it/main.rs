//! The telemetry crate against a real OTLP receiver and real runtimes.
