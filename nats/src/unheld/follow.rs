//! Reading on in a stream, from where the last look left off to its present end.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures::StreamExt;

use crate::codec::Raw;
use crate::connection::JetStream;
use crate::error::JetStreamError;
use crate::names::StreamName;

/// Messages that are asked for at once.
const BATCH: usize = 1_000;
/// A consumer that nobody asks any more is removed by the server.
const INACTIVE: Duration = Duration::from_secs(10);

/// What is read of a stream.
pub(super) struct Wanted {
    pub(super) stream: StreamName,
    /// One, as every consumer has that is asked often.
    pub(super) filter: String,
    pub(super) headers_only: bool,
    pub(super) after: u64,
}

/// Hands over each message in order, until there is none or no more is wanted.
pub(super) async fn follow(
    jetstream: &JetStream,
    wanted: Wanted,
    mut take: impl FnMut(Raw) -> bool,
) -> Result<(), JetStreamError> {
    let Wanted { stream, filter, headers_only, after } = wanted;
    let unavailable =
        |reason: String| JetStreamError::Unavailable { what: format!("the events of {stream} behind {after}"), reason };
    let config = pull::Config {
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
        ack_policy: AckPolicy::None,
        filter_subject: filter,
        headers_only,
        memory_storage: true,
        num_replicas: 1,
        inactive_threshold: INACTIVE,
        ..pull::Config::default()
    };
    let held = jetstream.stream(stream).await?;
    let consumer = held.create_consumer(config).await.map_err(|error| unavailable(error.to_string()))?;
    let mut consumed = 0;
    loop {
        let fetched = consumer.fetch().max_messages(BATCH).messages().await;
        let mut messages = fetched.map_err(|error| unavailable(error.to_string()))?;
        let mut pending = 0;
        while let Some(message) = messages.next().await {
            let message = message.map_err(|error| unavailable(error.to_string()))?;
            let info = message.info().map_err(|error| unavailable(error.to_string()))?;
            consumed += 1;
            if info.consumer_sequence != consumed {
                return Err(unavailable("a message was lost on its way".to_owned()));
            }
            pending = info.pending;
            let (sequence, stored_at) = (info.stream_sequence, info.published);
            if !take(Raw::delivered(message.message, sequence, stored_at)) {
                pending = 0;
                break;
            }
        }
        if pending == 0 {
            // Doing without is no harm: the server forgets it soon.
            let _ = held.delete_consumer(&consumer.cached_info().name).await;
            return Ok(());
        }
    }
}
