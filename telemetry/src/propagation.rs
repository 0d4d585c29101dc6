//! W3C trace context in and out of spans, as the two header values `traceparent` and `tracestate`.
//!
//! Who carries them (HTTP headers, message headers, envelopes) is the caller's business. All of it does nothing, without
//! an error, where no telemetry is installed or a header does not parse: a bad header never fails a request. What parses
//! is what the specification's grammar allows (Level 1, the recommendation); the SDK's own propagator takes more.

mod traceparent;
mod tracestate;

use opentelemetry::Context;
use opentelemetry::propagation::{Injector, TextMapPropagator};
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use self::traceparent::Traceparent;
use crate::sampler::Untrusted;

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

/// The same for a sender whom nobody has vouched for: the trace goes on by its id, and whether it is recorded is decided here,
/// whatever the sender has decided.
pub fn set_untrusted_parent(span: &Span, traceparent: Option<&str>, tracestate: Option<&str>) {
    if let Some(context) = remote(traceparent, tracestate) {
        let _ = span.set_parent(context.with_value(Untrusted));
    }
}

/// The same for a span that begins here with such a sender, whether they name a trace or not: it counts to the share of strangers where
/// this process remembers traces.
pub fn begin_untrusted(span: &Span, traceparent: Option<&str>, tracestate: Option<&str>) {
    let context = remote(traceparent, tracestate).unwrap_or_default();
    let _ = span.set_parent(context.with_value(Untrusted));
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

/// The two values of a request whose headers came as often as these: a `traceparent` that is there twice names nobody, and
/// several `tracestate` are one list. `None` stands for a value that is no text, which makes the whole header nothing.
#[must_use]
pub fn of_headers<'a>(
    traceparent: impl IntoIterator<Item = Option<&'a str>>,
    tracestate: impl IntoIterator<Item = Option<&'a str>>,
) -> (Option<&'a str>, Option<String>) {
    let mut parents = traceparent.into_iter();
    let parent = match (parents.next(), parents.next()) {
        (Some(only), None) => only,
        _ => None,
    };
    let state: Option<Vec<&str>> = tracestate.into_iter().collect();
    (parent, state.map(|values| values.join(",")).filter(|state| !state.is_empty()))
}

fn remote(traceparent: Option<&str>, tracestate: Option<&str>) -> Option<Context> {
    let Traceparent { trace, span, flags } = Traceparent::parse(traceparent?)?;
    let state = tracestate.map(tracestate::parse).unwrap_or_default();
    Some(Context::new().with_remote_span_context(SpanContext::new(trace, span, flags, true, state)))
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
    fn a_header_that_does_not_parse_is_no_parent_and_a_bad_state_changes_nothing() {
        let unused = format!("{SAMPLED}-");
        for wrong in ["", "00-1-1-01", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-", &unused] {
            assert!(remote(Some(wrong), Some("a=1")).is_none(), "{wrong:?}");
        }
        let state = |tracestate| {
            let context = remote(Some(SAMPLED), tracestate).unwrap();
            context.span().span_context().trace_state().header()
        };
        assert_eq!(state(Some("a=1, b=2")), "a=1,b=2");
        assert_eq!(state(Some("A=1")), "");
        assert_eq!(state(None), "");
    }

    #[test]
    fn headers_that_come_more_than_once_are_one_list_or_nothing() {
        let of = |parents: &[Option<&'static str>], states: &[Option<&'static str>]| {
            of_headers(parents.iter().copied(), states.iter().copied())
        };
        assert_eq!(of(&[], &[]), (None, None));
        assert_eq!(of(&[Some(SAMPLED)], &[Some("a=1")]), (Some(SAMPLED), Some("a=1".to_owned())));
        assert_eq!(of(&[Some(SAMPLED), Some(SAMPLED)], &[]), (None, None));
        assert_eq!(of(&[Some(SAMPLED), None], &[]), (None, None));
        assert_eq!(of(&[None], &[Some("a=1"), None]), (None, None));
        let joined = of(&[Some(SAMPLED)], &[Some("a=1,b=2"), Some(""), Some("c=3")]).1;
        assert_eq!(joined.as_deref(), Some("a=1,b=2,,c=3"));
        assert_eq!(tracestate::parse(&joined.unwrap()).header(), "a=1,b=2,c=3");
    }

    #[test]
    fn without_telemetry_there_is_no_context_and_no_failure() {
        set_parent(&Span::current(), Some(SAMPLED), None);
        link(&Span::current(), Some(SAMPLED), None);
        assert_eq!(current(), (None, None));
        assert_eq!(trace_id(), None);
    }
}
