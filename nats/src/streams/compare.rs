//! A stream's settings compared with those that it must have.

use async_nats::jetstream::stream::Config;

use super::fault::{StreamDifference, StreamFault};
use crate::connection::JetStream;
use crate::names::{STREAM_SETTINGS, StreamName, stream_metadata};
use crate::settings;
use crate::topology::{SCHEMA, stream_config};

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
    let differing = settings::differing(found, needed, &STREAM_SETTINGS);
    let mut differences: Vec<_> = differing.into_iter().map(|it| difference(it.setting, it.found, it.needed)).collect();
    if schema(found) != schema(needed) {
        let number = |config: &Config| match schema(config) {
            0 => "none".to_owned(),
            number => number.to_string(),
        };
        differences.push(difference(stream_metadata::SCHEMA, number(found), number(needed)));
    }
    differences
}
