//! Which job the current span is about, or the nearest span around it that says so: what is done on the way for a job, by code
//! that knows no jobs, is found by it all the same.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Span, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::names::attr;

/// The job of the current span; `None` outside of one, and where no telemetry is installed.
#[must_use]
pub fn current() -> Option<String> {
    let found = Span::current().with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<Registry>()?;
        registry.span(id)?.scope().find_map(|span| span.extensions().get::<Job>().map(|job| job.0.clone()))
    });
    found.flatten()
}

/// Remembers of each span which job it says that it is about.
pub(crate) struct JobLayer;

struct Job(String);

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for JobLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().fields().field(attr::JOB_ID).is_some() {
            let mut said = Said(None);
            attributes.record(&mut said);
            remember(said, id, &context);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut said = Said(None);
        values.record(&mut said);
        remember(said, id, &context);
    }
}

fn remember<S: Subscriber + for<'span> LookupSpan<'span>>(said: Said, id: &Id, context: &Context<'_, S>) {
    if let (Some(job), Some(span)) = (said.0, context.span(id)) {
        span.extensions_mut().replace(Job(job));
    }
}

struct Said(Option<String>);

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == attr::JOB_ID {
            self.0 = Some(format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == attr::JOB_ID {
            self.0 = Some(value.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn the_nearest_span_that_names_a_job_counts() {
        assert_eq!(current(), None);
        let subscriber = Registry::default().with(JobLayer);
        tracing::subscriber::with_default(subscriber, || {
            let outer = tracing::info_span!("process", { attr::JOB_ID } = "one");
            let inner =
                tracing::info_span!(parent: &outer, "part", { attr::JOB_ID } = tracing::field::Empty, other = 3);
            let below = tracing::info_span!(parent: &inner, "below");
            assert_eq!(below.in_scope(current).as_deref(), Some("one"));
            inner.record(attr::JOB_ID, tracing::field::display("two"));
            assert_eq!(
                [&outer, &inner, &below].map(|span| span.in_scope(current)).map(Option::unwrap),
                ["one", "two", "two"]
            );
            assert_eq!(tracing::info_span!("alone").in_scope(current), None);
        });
    }
}
