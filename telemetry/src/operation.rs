//! A span around a business operation, for work that no other span describes: what kind, for whom, how much data. It ends
//! whatever happens, and says so when it did not end well.
//!
//! ```ignore
//! let file = Operation::new("export_plan").user("amy").size_bytes(plan.len()).run(async { render(&plan).await }).await?;
//! ```

use std::any::type_name;
use std::fmt::Display;
use std::future::Future;

use opentelemetry::KeyValue;
use tracing::{Instrument, Span, field};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::names::{attr, span};

/// Fallible work that gets its own span.
#[derive(Debug, Clone)]
#[must_use = "an operation does nothing until it is run"]
pub struct Operation {
    span: Span,
}

impl Operation {
    /// Opens the span, as a child of the current one. The type is one of few: `export_plan`, never an id.
    pub fn new(operation_type: &str) -> Self {
        let span = tracing::info_span!(
            span::OPERATION,
            otel.name = span::operation(operation_type),
            otel.kind = span::kind::INTERNAL,
            otel.status_code = field::Empty,
            otel.status_description = field::Empty,
            { attr::OPERATION_TYPE } = operation_type,
            { attr::USER_ID } = field::Empty,
            { attr::OPERATION_SIZE_BYTES } = field::Empty,
        );
        Self { span }
    }

    /// For whom: an opaque id, never a name or an address.
    pub fn user(self, user_id: &str) -> Self {
        self.span.record(attr::USER_ID, user_id);
        self
    }

    /// How many bytes it works on; their content never.
    pub fn size_bytes(self, size_bytes: usize) -> Self {
        self.span.record(attr::OPERATION_SIZE_BYTES, size_bytes as u64);
        self
    }

    /// Runs asynchronous work inside the span. Dropped half-way, for a timeout or a shutdown, the span ends as an error too.
    ///
    /// # Errors
    /// Those of the work, unchanged; the span keeps their text and type.
    pub async fn run<T, E: Display>(self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let unfinished = Unfinished { span: &self.span, armed: true };
        let result = work.instrument(self.span.clone()).await;
        unfinished.finish(&result);
        result
    }

    /// Runs blocking work inside the span.
    ///
    /// # Errors
    /// Those of the work, unchanged; the span keeps their text and type.
    pub fn run_blocking<T, E: Display>(self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let unfinished = Unfinished { span: &self.span, armed: true };
        let result = self.span.in_scope(work);
        unfinished.finish(&result);
        result
    }
}

/// Marks the span when the work never came back: a panic, or a future that was dropped.
struct Unfinished<'a> {
    span: &'a Span,
    armed: bool,
}

impl Unfinished<'_> {
    fn finish<T, E: Display>(mut self, result: &Result<T, E>) {
        self.armed = false;
        match result {
            Ok(_) => {
                self.span.record(attr::OTEL_STATUS_CODE, span::status::OK);
            }
            Err(error) => fail(self.span, type_name::<E>(), &error.to_string()),
        }
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if self.armed {
            let what = if std::thread::panicking() { "panicked" } else { "cancelled" };
            fail(self.span, what, "the operation did not come to its end");
        }
    }
}

fn fail(span: &Span, exception_type: &str, message: &str) {
    span.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
    span.record(attr::OTEL_STATUS_DESCRIPTION, message);
    span.add_event(
        "exception",
        vec![
            KeyValue::new(attr::EXCEPTION_TYPE, exception_type.to_owned()),
            KeyValue::new(attr::EXCEPTION_MESSAGE, message.to_owned()),
        ],
    );
}
