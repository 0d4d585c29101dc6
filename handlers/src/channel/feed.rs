//! Follows the log of channels: the one reader of a node, from which all its followers are told.

use std::convert::Infallible;
use std::time::Duration;

use ally_domain::ports::{StoreError, StreamIdentity};
use tokio_util::sync::CancellationToken;

use super::channels::Channels;
use super::notice::ChannelNotice;
use super::observe;
use crate::interruption::Interruptions;

/// The stream, as positions name it.
const STREAM: &str = "CHANNELS";
/// Events taken at once.
const BATCH: usize = 256;
/// How long one read waits for the next event.
const WAIT: Duration = Duration::from_secs(1);

/// How far the log was read.
struct Place {
    stream: StreamIdentity,
    sequence: u64,
}

impl Channels {
    /// Follows the log until it is told to stop, from its end on: what was before is read from the channels themselves.
    pub async fn follow_log(self, stop: CancellationToken) {
        let (mut place, mut interruptions) = (None, Interruptions::default());
        let following = async {
            loop {
                let Err(error) = self.follow(&mut place).await;
                interruptions.pause("channels", &error).await;
            }
        };
        stop.run_until_cancelled(following).await;
    }

    async fn follow(&self, place: &mut Option<Place>) -> Result<Infallible, StoreError> {
        let log = &self.parts.log;
        let stream = log.identity(STREAM).await?;
        let place = match place {
            Some(known) if known.stream == stream => known,
            // Whatever is in a stream that was made anew happened since.
            Some(_) => {
                self.followers.begin_anew();
                place.insert(Place { stream, sequence: 0 })
            }
            None => {
                let sequence = log.last_sequence(STREAM).await?;
                place.insert(Place { stream, sequence })
            }
        };
        let mut reader = log.open(STREAM, place.sequence).await?;
        loop {
            let batch = reader.next(BATCH, WAIT).await?;
            for skipped in &batch.skipped {
                tracing::error!(position = %skipped.position, reason = skipped.reason, "a message of channels cannot be read");
                place.sequence = place.sequence.max(skipped.position.sequence);
            }
            for event in batch.events {
                place.sequence = place.sequence.max(event.position.sequence);
                let position = event.position.clone();
                match ChannelNotice::read(event) {
                    Ok(Some((notice, channel))) => {
                        observe::count_event(&notice);
                        self.followers.tell(notice, &channel);
                    }
                    Ok(None) => {}
                    Err(error) => {
                        tracing::error!(%position, %error, "an event of a channel is not told to its followers")
                    }
                }
            }
        }
    }
}
