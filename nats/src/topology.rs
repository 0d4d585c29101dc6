//! The streams as the server must have them: every limit explicit, under a number that grows with each change.
//!
//! Deliberately not here: how many servers hold a stream, which the stream itself says; making and comparing streams
//! (`streams`); consumers, which belong to whoever consumes.

use std::time::Duration;

use async_nats::jetstream::stream::{Compression, Config, DiscardPolicy, Republish, RetentionPolicy, StorageType};

use crate::connection::JetStream;
use crate::names::{StreamName, stream_metadata};

/// The number of these settings, kept in each stream's metadata. Whoever changes a setting below raises it, once a release:
/// an older version then leaves the streams alone. 0 is what streams have that were made before there was a number.
pub(crate) const SCHEMA: u32 = 4;
/// The server keeps every message id of the window in memory, and expectations make idempotency permanent: short.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(5);
/// The largest message that an event stream takes.
pub(crate) const MAX_MESSAGE_BYTES: i32 = 1024 * 1024;
const MAX_CONSUMERS: i32 = 256;
/// Each event of a channel says all that the channel holds, so its last message is enough. The others are for readers that are a little
/// behind, and for an append that is sent again to be recognised.
const MESSAGES_PER_CHANNEL: i64 = 8;
/// So long a webhook can be looked at and sent again.
const DELIVERY_AGE: Duration = Duration::from_secs(30 * 24 * 3600);
const ADVISORY_AGE: Duration = Duration::from_secs(7 * 24 * 3600);
const UNLIMITED: i64 = -1;

pub(crate) fn stream_config(jetstream: &JetStream, stream: StreamName) -> Config {
    let (names, config) = (jetstream.names(), jetstream.config());
    let common = Config {
        name: names.stream(stream),
        subjects: names.subjects(stream),
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        metadata: [(stream_metadata::SCHEMA.to_owned(), SCHEMA.to_string())].into(),
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
        StreamName::Plans | StreamName::Onboarding | StreamName::Webhooks | StreamName::Deliveries => Config {
            description: Some("The log of events, and the schedules of what waits".to_owned()),
            // The server allows no schedules in a stream that refuses when it is full, and a log must not forget either: so
            // no limit here. The server's own `max_file_store` is the limit, and there it refuses.
            max_bytes: UNLIMITED,
            discard: DiscardPolicy::Old,
            max_age: if stream == StreamName::Deliveries { DELIVERY_AGE } else { Duration::ZERO },
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
        StreamName::Presence => Config {
            description: Some("Who came into which room, changed there, and went".to_owned()),
            discard: DiscardPolicy::Old,
            max_age: config.presence_age,
            allow_atomic_publish: true,
            ..common
        },
        StreamName::Channels => Config {
            description: Some("What channels hold: the last changes of each".to_owned()),
            discard: DiscardPolicy::Old,
            max_messages_per_subject: MESSAGES_PER_CHANNEL,
            allow_atomic_publish: true,
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
