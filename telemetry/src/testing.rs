//! What other crates' tests check themselves with.
//!
//! An OTLP receiver what it is sent: tests start roles with `OTEL_EXPORTER_OTLP_ENDPOINT` at it and assert on the
//! spans that really left them; `ally trace-check` does the same with a running system.
//!
//! [`tool`] finds the programs that the files of `compose/` are written for.
//!
//! [`undeclared`] reads a `/metrics` page and names what is not in the list of names.
//!
//! Under the cargo feature `testing`.

mod decode;
mod exposition;
mod receiver;
mod tool;

pub use exposition::undeclared;
pub use receiver::{OtlpReceiver, ReceiverError};
pub use tool::tool;
