//! How a line looks: a JSON object for machines, a readable line for people.

use std::fmt;
use std::sync::{Arc, OnceLock};

use opentelemetry::trace::TraceContextExt;
use serde_json::Value;
use tracing::dispatcher::WeakDispatch;
use tracing::{Event, Level, Subscriber};
use tracing_opentelemetry::get_otel_context;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::ids::{self, IdFields};
use super::line::Fields;
use crate::config::LogFormat;

/// Keys that every JSON line has; an event's field of the same name is written as `field.<name>`.
const RESERVED: &[&str] = &["timestamp", "level", "message", "target", "service", "trace_id", "span_id"];

pub(super) struct Lines {
    pub(super) service: String,
    pub(super) format: LogFormat,
    pub(super) dispatch: Arc<OnceLock<WeakDispatch>>,
}

struct Trace {
    trace_id: String,
    span_id: String,
}

impl<S> FormatEvent<S, IdFields> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, IdFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let span_ids = span_ids(context, &fields);
        let trace = self.trace(context);
        match self.format {
            LogFormat::Json => self.json(&mut writer, event, &fields, &span_ids, trace.as_ref()),
            LogFormat::Text { colour } => self.text(&mut writer, event, &fields, &span_ids, trace.as_ref(), colour),
        }
    }
}

impl Lines {
    fn trace<S>(&self, context: &FmtContext<'_, S, IdFields>) -> Option<Trace>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let dispatch = self.dispatch.get()?.upgrade()?;
        let context = get_otel_context(&context.lookup_current()?.id(), &dispatch)?;
        let span = context.span();
        let span = span.span_context();
        span.is_valid().then(|| Trace { trace_id: span.trace_id().to_string(), span_id: span.span_id().to_string() })
    }

    fn json(
        &self,
        writer: &mut Writer<'_>,
        event: &Event<'_>,
        fields: &Fields,
        span_ids: &[(String, String)],
        trace: Option<&Trace>,
    ) -> fmt::Result {
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        write!(writer, "{{\"timestamp\":{}", Value::String(timestamp))?;
        let mut pair = |key: &str, value: &Value| write!(writer, ",{}:{value}", Value::String(key.to_owned()));
        pair("level", &Value::from(event.metadata().level().as_str()))?;
        pair("message", &Value::from(fields.message.as_str()))?;
        pair("target", &Value::from(event.metadata().target()))?;
        pair("service", &Value::from(self.service.as_str()))?;
        if let Some(trace) = trace {
            pair("trace_id", &Value::from(trace.trace_id.as_str()))?;
            pair("span_id", &Value::from(trace.span_id.as_str()))?;
        }
        for (key, value) in span_ids {
            pair(key, &Value::from(value.as_str()))?;
        }
        for (key, value) in &fields.others {
            if RESERVED.contains(key) {
                pair(&format!("field.{key}"), value)?;
            } else {
                pair(key, value)?;
            }
        }
        writeln!(writer, "}}")
    }

    fn text(
        &self,
        writer: &mut Writer<'_>,
        event: &Event<'_>,
        fields: &Fields,
        span_ids: &[(String, String)],
        trace: Option<&Trace>,
        colour: bool,
    ) -> fmt::Result {
        SystemTime.format_time(writer)?;
        let level = *event.metadata().level();
        if colour {
            write!(writer, " \u{1b}[{}m{level:>5}\u{1b}[0m", ansi(level))?;
        } else {
            write!(writer, " {level:>5}")?;
        }
        write!(writer, " {} {}: {}", self.service, event.metadata().target(), fields.message)?;
        for (key, value) in &fields.others {
            match value {
                Value::String(text) if plain(text) => write!(writer, " {key}={text}")?,
                value => write!(writer, " {key}={value}")?,
            }
        }
        for (key, value) in span_ids {
            write!(writer, " {key}={value}")?;
        }
        if let Some(trace) = trace {
            write!(writer, " trace_id={}", trace.trace_id)?;
        }
        writeln!(writer)
    }
}

/// The ids of the spans around an event: the innermost span wins, and the event's own field wins over all of them.
fn span_ids<S>(context: &FmtContext<'_, S, IdFields>, fields: &Fields) -> Vec<(String, String)>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let mut found: Vec<(String, String)> = Vec::new();
    for span in context.event_scope().into_iter().flatten() {
        let extensions = span.extensions();
        let Some(kept) = extensions.get::<FormattedFields<IdFields>>() else { continue };
        let kept: Vec<_> = ids::read(kept).collect();
        for (key, value) in kept.into_iter().rev() {
            if !fields.contains(key) && !found.iter().any(|(known, _)| known == key) {
                found.push((key.to_owned(), value.to_owned()));
            }
        }
    }
    found
}

fn plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"')
}

const fn ansi(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        Level::DEBUG => 34,
        Level::TRACE => 35,
    }
}
