//! An OTLP receiver that keeps what it is sent: tests start roles with `OTEL_EXPORTER_OTLP_ENDPOINT` at it and assert on the
//! spans that really left them; `ally trace-check` does the same with a running system.
//!
//! Under the cargo feature `testing`.

mod decode;
mod receiver;

pub use receiver::{OtlpReceiver, ReceiverError};
