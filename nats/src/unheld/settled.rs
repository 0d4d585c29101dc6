//! Up to where each consumer has settled its messages, for good.

use std::collections::BTreeMap;

use async_nats::jetstream::context::ConsumerInfoErrorKind;

use crate::connection::JetStream;
use crate::error::JetStreamError;
use crate::names::durable;

/// The settled sequences, by consumer. One that is not there has settled nothing: when a worker makes it anew, it delivers
/// from the beginning.
#[derive(Debug, Default)]
pub(super) struct Settled(BTreeMap<&'static str, u64>);

impl Settled {
    pub(super) async fn read(jetstream: &JetStream) -> Result<Self, JetStreamError> {
        let mut settled = BTreeMap::new();
        for (name, stream, _) in durable::GIVEN {
            match jetstream.stream(stream).await?.consumer_info(name).await {
                Ok(info) => {
                    let floor = info.ack_floor.stream_sequence;
                    // The floor stays below a message that the server gave up, and no one holds any where none is unsettled.
                    let none_held = info.num_ack_pending == 0;
                    let delivered = info.delivered.stream_sequence;
                    settled.insert(name, if none_held { floor.max(delivered) } else { floor });
                }
                Err(error) if matches!(error.kind(), ConsumerInfoErrorKind::NotFound) => {}
                Err(error) => {
                    let (what, reason) = (format!("the consumer {name}"), error.to_string());
                    return Err(JetStreamError::Unavailable { what, reason });
                }
            }
        }
        Ok(Self(settled))
    }

    pub(super) fn up_to(&self, consumer: &str) -> u64 {
        self.0.get(consumer).copied().unwrap_or(0)
    }

    /// Whether the consumer will not deliver the message at this sequence again.
    pub(super) fn is_settled(&self, consumer: &str, sequence: u64) -> bool {
        sequence <= self.up_to(consumer)
    }
}
