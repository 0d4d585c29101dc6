//! What the demonstration shows: hops as lines, a week as a table.

use std::time::Duration;

use serde_json::Value;

use super::client::Status;
use crate::cli::terminal::{line, paint};

/// Who it is, and what they answered, in a line.
pub fn athlete(name: &str, answers: &Value) {
    line(&format!("\n{}", paint(name, "1;36")));
    let told = [
        "purpose",
        "proficiency",
        "season",
        "competitionDate",
        "availabilityDays",
        "weeklyGoalDays",
        "equipment",
        "injuries",
    ];
    let told: Vec<String> =
        told.iter().filter_map(|key| answers.get(key).map(|value| format!("{key} {}", plain(value)))).collect();
    line(&format!("  {}", told.join(" · ")));
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields.values().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// One hop of the walk, at so long after the request.
pub fn hop(what: &str, after: Duration, detail: &str) {
    let millis = after.as_secs_f64() * 1_000.0;
    line(&format!("  {:>8.1} ms  {:<10} {detail}", millis, paint(what, "1;32")));
}

/// The times that the status carries, and the trace to look up.
pub fn times(status: &Status) {
    let told = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
    let times = [
        told("created", &status.created_at),
        told("started", &status.started_at),
        told("completed", &status.completed_at),
        told("trace", &status.trace_id),
    ];
    for time in times.into_iter().flatten() {
        line(&format!("               {time}"));
    }
}
