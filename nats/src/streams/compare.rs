//! A stream's settings compared with those that it must have, setting by setting, as the server spells them.

use std::time::Duration;

use async_nats::jetstream::stream::Config;
use serde_json::Value;

use super::fault::{StreamDifference, StreamFault};
use crate::connection::JetStream;
use crate::names::{STREAM_SETTINGS, StreamName, stream_metadata};
use crate::topology::{SCHEMA, stream_config};

/// The settings that are told in nanoseconds.
const DURATIONS: [&str; 2] = ["max_age", "duplicate_window"];

/// What is wrong with streams as they were found. `were_there` says that none was missing before.
pub(super) fn faults(
    jetstream: &JetStream,
    found: &[(StreamName, Option<Config>)],
    were_there: bool,
) -> Vec<StreamFault> {
    if !were_there && found.iter().all(|(_, config)| config.is_none()) {
        return vec![StreamFault::NotApplied { prefix: jetstream.config().prefix.clone() }];
    }
    let faults = found.iter().flat_map(|(stream, config)| match config {
        None => vec![StreamFault::Gone { stream: jetstream.names().stream(*stream) }],
        Some(config) => match newer(config) {
            Some(newer) => vec![newer],
            None => {
                let needed = stream_config(jetstream, *stream);
                differences(config, &needed).into_iter().map(StreamFault::Differs).collect()
            }
        },
    });
    faults.collect()
}

/// The number of a stream's settings. A text that is no number was not written by us: it counts as none.
pub(super) fn schema(config: &Config) -> u32 {
    config.metadata.get(stream_metadata::SCHEMA).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// A stream whose settings a later version has written.
pub(super) fn newer(config: &Config) -> Option<StreamFault> {
    let found = schema(config);
    (found > SCHEMA).then(|| StreamFault::Newer { stream: config.name.clone(), found, known: SCHEMA })
}

/// The settings in which a stream is not as needed.
pub(super) fn differences(found: &Config, needed: &Config) -> Vec<StreamDifference> {
    let difference = |setting: &str, found_value: String, needed_value: String| StreamDifference {
        stream: found.name.clone(),
        setting: setting.to_owned(),
        found: found_value,
        needed: needed_value,
    };
    let (is, must) = (as_value(found), as_value(needed));
    let differing = STREAM_SETTINGS.into_iter().filter(|setting| is[*setting] != must[*setting]);
    let mut differences: Vec<_> = differing
        .filter(|setting| !(is_unset(&is[*setting]) && is_unset(&must[*setting])))
        .map(|setting| difference(setting, shown(setting, &is[setting]), shown(setting, &must[setting])))
        .collect();
    if schema(found) != schema(needed) {
        let number = |config: &Config| match schema(config) {
            0 => "none".to_owned(),
            number => number.to_string(),
        };
        differences.push(difference(stream_metadata::SCHEMA, number(found), number(needed)));
    }
    differences
}

fn as_value(config: &Config) -> Value {
    // Text, numbers and lists only: it cannot fail.
    serde_json::to_value(config).unwrap_or_default()
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
        Value::Number(nanos) if DURATIONS.contains(&setting) => {
            format!("{:?}", Duration::from_nanos(nanos.as_u64().unwrap_or_default()))
        }
        Value::Number(number) if number.as_i64() == Some(-1) => "unlimited".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.iter().all(Value::is_string) => {
            values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}
