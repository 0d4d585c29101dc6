//! Events and states as people and programs see them.

use ally_domain::envelope::Recorded;
use ally_projections::job_timeline;
use comfy_table::Table;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::terminal;

/// Characters of an event's data that a line shows.
const MAX_DATA_CHARS: usize = 80;

/// An event with all that travels with it.
pub fn object(event: &Recorded) -> Value {
    // What is no JSON is shown as text: looking back must not fail on what it is there to find.
    let data = serde_json::from_str(&event.data).unwrap_or_else(|_| Value::String(event.data.clone()));
    json!({
        "position": event.position.to_string(),
        "at": event.at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default(),
        "type": event.event_type.to_string(),
        "kind": event.aggregate.kind.as_str(),
        "id": event.aggregate.id.as_str(),
        "actor": event.actor,
        "eventId": event.event_id,
        "correlation": event.correlation,
        "causation": event.causation,
        "traceId": event.trace.trace_id(),
        "data": data,
    })
}

/// An event in a line.
pub fn line_of(event: &Recorded) -> String {
    let (position, what) = (event.position.to_string(), event.aggregate.to_string());
    format!(
        "{} {position:<14} {what:<44} {:<28} {} {}",
        moment(event.at),
        event.event_type,
        event.actor,
        summary(event)
    )
}

/// A history.
pub fn history_table(history: &[Recorded]) -> Table {
    let mut table = terminal::table(["position", "at", "event", "by", "what"]);
    for event in history {
        let (position, at) = (event.position.to_string(), moment(event.at));
        table.add_row([position, at, event.event_type.to_string(), event.actor.clone(), summary(event)]);
    }
    table
}

/// A state or an object, a row a field.
pub fn record(value: &Value) -> Table {
    let mut table = terminal::table(["field", "value"]);
    for (field, value) in value.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        table.add_row([field.clone(), value]);
    }
    table
}

/// A time to the second, in UTC.
pub fn moment(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    at.format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z")).unwrap_or_default()
}

/// What happened, in a sentence where there is one.
fn summary(event: &Recorded) -> String {
    match job_timeline::entry(event) {
        Ok(Some(entry)) => entry.summary,
        _ => event.data.chars().take(MAX_DATA_CHARS).collect(),
    }
}
