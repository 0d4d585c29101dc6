//! W3C trace context in and out of spans, as the two header values `traceparent` and `tracestate`.
//!
//! Who carries them (HTTP headers, message headers, envelopes) is the caller's business. All of it does nothing, without
//! an error, where no telemetry is installed or a header does not parse: a bad header never fails a request.

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";

/// The current span's context: `(traceparent, tracestate)`, to be sent with a message or kept in an envelope.
/// `tracestate` is there only when a caller brought one.
#[must_use]
pub fn current() -> (Option<String>, Option<String>) {
    of(&Span::current())
}

/// The context of a given span, as [`current`] gives it.
#[must_use]
pub fn of(span: &Span) -> (Option<String>, Option<String>) {
    let mut carrier = Outgoing::default();
    TraceContextPropagator::new().inject_context(&span.context(), &mut carrier);
    (carrier.traceparent, carrier.tracestate.filter(|state| !state.is_empty()))
}

/// Makes a span the child of a remote one. To be called before the span is entered or has children: a span that has
/// started keeps the parent it has.
pub fn set_parent(span: &Span, traceparent: Option<&str>, tracestate: Option<&str>) {
    if let Some(context) = remote(traceparent, tracestate) {
        // Nothing to do on an error: it says that no telemetry is installed or that the span has begun.
        let _ = span.set_parent(context);
    }
}

/// Links a span to a remote one that it also works for, without making it the parent.
pub fn link(span: &Span, traceparent: Option<&str>, tracestate: Option<&str>) {
    if let Some(context) = remote(traceparent, tracestate) {
        span.add_link(context.span().span_context().clone());
    }
}

/// The trace id of the current span: 32 hex digits. People look a job up by it.
#[must_use]
pub fn trace_id() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.trace_id().to_string())
}

/// Whether the sender of a `traceparent` records its trace. False for none and for one that does not parse.
#[must_use]
pub fn is_sampled(traceparent: Option<&str>) -> bool {
    remote(traceparent, None).is_some_and(|context| context.span().span_context().is_sampled())
}

fn remote(traceparent: Option<&str>, tracestate: Option<&str>) -> Option<Context> {
    let carrier = Incoming { traceparent: traceparent?, tracestate };
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier);
    context.span().span_context().is_valid().then_some(context)
}

struct Incoming<'a> {
    traceparent: &'a str,
    tracestate: Option<&'a str>,
}

impl Extractor for Incoming<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            TRACEPARENT => Some(self.traceparent),
            TRACESTATE => self.tracestate,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT, TRACESTATE]
    }
}

#[derive(Default)]
struct Outgoing {
    traceparent: Option<String>,
    tracestate: Option<String>,
}

impl Injector for Outgoing {
    fn set(&mut self, key: &str, value: String) {
        match key {
            TRACEPARENT => self.traceparent = Some(value),
            TRACESTATE => self.tracestate = Some(value),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn sampled_is_the_last_flag() {
        assert!(is_sampled(Some(SAMPLED)));
        assert!(!is_sampled(Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")));
        assert!(!is_sampled(None));
    }

    #[test]
    fn a_header_that_does_not_parse_is_no_parent() {
        for wrong in [
            "",
            "00",
            "hello",
            "00-00000000000000000000000000000000-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert!(remote(Some(wrong), None).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn without_telemetry_there_is_no_context_and_no_failure() {
        set_parent(&Span::current(), Some(SAMPLED), None);
        link(&Span::current(), Some(SAMPLED), None);
        assert_eq!(current(), (None, None));
        assert_eq!(trace_id(), None);
    }
}
