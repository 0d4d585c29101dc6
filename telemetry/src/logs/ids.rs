//! Of a span's fields, the ids that its log lines repeat. The other fields stay on the span: they are for the trace.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FormatFields, FormattedFields};

use crate::names::attr;

/// The fields that log lines repeat.
const IDS: &[&str] = &[
    attr::JOB_ID,
    attr::PLAN_ID,
    attr::USER_ID,
    attr::PRESENCE_ROOM_ID,
    attr::MESSAGING_CONSUMER_GROUP_NAME,
    attr::PROJECTION_NAME,
    attr::POSITION,
];

// Control characters of this very purpose, which no id holds: between a key and its value, and behind the value.
const VALUE: char = '\u{1f}';
const END: char = '\u{1e}';

/// Keeps a span's ids in the shape that [`read`] reads back.
pub(super) struct IdFields;

impl<'writer> FormatFields<'writer> for IdFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut ids = Ids { writer, result: Ok(()) };
        fields.record(&mut ids);
        ids.result
    }

    fn add_fields(
        &self,
        current: &'writer mut FormattedFields<Self>,
        fields: &tracing::span::Record<'_>,
    ) -> fmt::Result {
        self.format_fields(current.as_writer(), fields)
    }
}

/// The ids that were kept, in the order they were recorded; the last of a key is the newest.
pub(super) fn read(kept: &str) -> impl Iterator<Item = (&str, &str)> {
    kept.split(END).filter_map(|id| id.split_once(VALUE))
}

struct Ids<'writer> {
    writer: Writer<'writer>,
    result: fmt::Result,
}

impl Visit for Ids<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if IDS.contains(&field.name()) && self.result.is_ok() {
            self.result = write!(self.writer, "{}{VALUE}{value:?}{END}", field.name());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}
