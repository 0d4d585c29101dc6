//! The streams as the server must have them: every limit explicit, created or brought up to date, never dropped.
//!
//! Deliberately not here: consumers, which belong to whoever consumes.

use std::time::Duration;

use async_nats::jetstream::context::CreateStreamErrorKind;
use async_nats::jetstream::stream::{Compression, Config, DiscardPolicy, Republish, RetentionPolicy, StorageType};

use crate::connection::JetStream;
use crate::error::JetStreamError;
use crate::names::StreamName;

/// The server keeps every message id of the window in memory, and expectations make idempotency permanent: short.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(5);
/// The largest message that an event stream takes.
pub(crate) const MAX_MESSAGE_BYTES: i32 = 1024 * 1024;
const MAX_CONSUMERS: i32 = 256;
const ADVISORY_AGE: Duration = Duration::from_secs(7 * 24 * 3600);
const UNLIMITED: i64 = -1;

pub(crate) async fn ensure(jetstream: &JetStream) -> Result<(), JetStreamError> {
    for stream in StreamName::ALL {
        let config = stream_config(jetstream, stream);
        let what = || format!("the stream {}", config.name);
        jetstream.context().create_or_update_stream(config.clone()).await.map_err(|error| match error.kind() {
            CreateStreamErrorKind::TimedOut | CreateStreamErrorKind::Response => {
                JetStreamError::Unavailable { what: what(), reason: error.to_string() }
            }
            _ => JetStreamError::Refused { what: what(), reason: error.to_string() },
        })?;
    }
    Ok(())
}

fn stream_config(jetstream: &JetStream, stream: StreamName) -> Config {
    let (names, config) = (jetstream.names(), jetstream.config());
    let common = Config {
        name: names.stream(stream),
        subjects: names.subjects(stream),
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        num_replicas: config.replicas,
        compression: Some(Compression::None),
        max_message_size: MAX_MESSAGE_BYTES,
        max_consumers: MAX_CONSUMERS,
        max_messages: UNLIMITED,
        max_messages_per_subject: UNLIMITED,
        max_bytes: UNLIMITED,
        duplicate_window: DUPLICATE_WINDOW,
        allow_direct: true,
        ..Config::default()
    };
    match stream {
        StreamName::Plans | StreamName::Onboarding => Config {
            description: Some("The log of events, and the schedules of what waits".to_owned()),
            // The server allows no schedules in a stream that refuses when it is full, and a log must not forget either: so
            // no limit here. The server's own `max_file_store` is the limit, and there it refuses.
            max_bytes: UNLIMITED,
            discard: DiscardPolicy::Old,
            allow_atomic_publish: true,
            allow_message_schedules: true,
            // A schedule replaces the one before it on its subject.
            allow_rollup: true,
            republish: (stream == StreamName::Plans).then(|| {
                let (source, destination) = names.republished();
                Republish { source, destination, headers_only: false }
            }),
            ..common
        },
        StreamName::DeadLetters => Config {
            description: Some("What was given up, whole, with why".to_owned()),
            discard: DiscardPolicy::Old,
            max_age: config.dead_letter_age,
            ..common
        },
        StreamName::Advisories => Config {
            description: Some("Deliveries that no code settled".to_owned()),
            discard: DiscardPolicy::Old,
            max_age: ADVISORY_AGE,
            ..common
        },
    }
}
