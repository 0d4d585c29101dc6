//! Settings of streams and consumers as the server spells them, compared with those that they must have.
//!
//! Deliberately not here: which settings are compared (`names`) and what they must be (`topology`, `consumer`).

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

/// The settings that are told in nanoseconds.
const DURATIONS: [&str; 5] = ["max_age", "duplicate_window", "ack_wait", "inactive_threshold", "max_expires"];

/// A setting that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Differing {
    /// As the server spells it.
    pub(crate) setting: &'static str,
    pub(crate) found: String,
    pub(crate) needed: String,
}

/// The settings of a list that are not as needed, in the order of the list.
pub(crate) fn differing(found: &impl Serialize, needed: &impl Serialize, settings: &[&'static str]) -> Vec<Differing> {
    // Text, numbers and lists only: it cannot fail.
    let found = serde_json::to_value(found).unwrap_or_default();
    let needed = serde_json::to_value(needed).unwrap_or_default();
    let compared = settings.iter().map(|setting| (*setting, &found[*setting], &needed[*setting]));
    compared
        .filter(|(_, is, must)| !is_same(is, must))
        .map(|(setting, is, must)| Differing { setting, found: shown(setting, is), needed: shown(setting, must) })
        .collect()
}

fn is_same(is: &Value, must: &Value) -> bool {
    is == must || (is_unset(is) && is_unset(must))
}

/// What the server leaves out and what it spells out as nothing are the same.
fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) => false,
    }
}

fn shown(setting: &str, value: &Value) -> String {
    match value {
        unset if is_unset(unset) => "none".to_owned(),
        Value::Number(number) if number.as_i64() == Some(-1) => "unlimited".to_owned(),
        Value::Number(nanos) if DURATIONS.contains(&setting) => {
            format!("{:?}", Duration::from_nanos(nanos.as_u64().unwrap_or_default()))
        }
        Value::String(text) => text.clone(),
        Value::Array(values) if values.iter().all(Value::is_string) => {
            values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}
