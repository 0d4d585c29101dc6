//! What the demonstration prints about a walk: who asks, and each status as it is reached.

use std::fmt::Write;
use std::time::Duration;

use serde_json::Value;

use super::trace;
use super::walk::Walk;
use crate::cli::terminal::{columns, line, paint, text_width};

/// What an athlete answered that decides most about the plan.
const ANSWERS: [&str; 8] = [
    "purpose",
    "proficiency",
    "season",
    "competitionDate",
    "availabilityDays",
    "minutesPerSession",
    "equipment",
    "injuries",
];

/// Who it is, and what they answered.
pub fn athlete(name: &str, answers: &Value) {
    line(&format!("\n{}", paint(name, "1;36")));
    let answered = ANSWERS.iter().filter_map(|key| {
        let text = answers.get(key).map(plain).filter(|text| !text.is_empty())?;
        Some(match *key {
            "availabilityDays" if text.parse::<u8>().is_ok() => format!("{text} days a week"),
            "minutesPerSession" => format!("{text} minutes"),
            "competitionDate" => format!("competes on {text}"),
            "injuries" => format!("pain: {text} of 10"),
            _ => text.replace('_', " "),
        })
    });
    line(&columns([[answered.collect::<Vec<_>>().join(" · ")]], text_width()));
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields.values().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// The statuses in the order in which they were seen, each with the time since the request.
pub fn statuses(reached: &[(String, Duration)]) {
    let ms = |after: &Duration| format!("{:.0} ms", after.as_secs_f64() * 1_000.0);
    let steps: Vec<_> = reached.iter().map(|(status, after)| format!("{status} {}", ms(after))).collect();
    line(&format!("  {} {}\n", paint("✔", "1;32"), steps.join(" → ")));
}

/// The trace of a walk, what all roles published and consumed meanwhile, and where to look next.
pub fn trace(walk: &Walk, spans: &[ally_telemetry::trace_tree::TraceSpan], traffic: &str) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n{}", paint("the trace of one job", "1;36"));
    let _ = writeln!(text, "  job {}\n  trace {}\n", walk.job, walk.trace_id.as_deref().unwrap_or("none"));
    text.push_str(&trace::render(spans, text_width()));
    let _ = writeln!(text, "\n{}\n{traffic}", paint("published and consumed by all roles", "1;36"));
    text
}

/// What a newcomer may try next.
pub fn next_steps() {
    line(&format!("\n{}", paint("where to look next", "1;36")));
    let steps = [
        ["make up", "keeps it running: the API on :4000, its page on :4000/docs, NATS on :8222"],
        ["README.md", "the same walk with curl: the first ten minutes of an app developer"],
        ["ally doctor", "looks at every role and server, and says what to do about what is wrong"],
        ["docs/tracing.md", "what each span means, and how to see them in Jaeger"],
        ["docs/ARCHITECTURE.md", "the walk of one job, file by file"],
    ];
    line(&columns(steps.map(|step| step.map(str::to_owned)), text_width()));
}
