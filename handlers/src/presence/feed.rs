//! Follows the log of presence: the one subscription of a node, from which every room is fed.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::ports::{EventReader, Present, PresentError, StoreError, StreamIdentity};
use ally_domain::room::RoomId;
use tokio_util::sync::CancellationToken;

use super::input::Input;
use super::node::{Node, Presence};
use crate::cursor::Cursor;
use crate::interruption::Interruptions;

/// The stream, as positions name it.
pub(super) const STREAM: &str = "PRESENCE";
/// Events taken at once.
const BATCH: usize = 2_000;
/// How long one read waits for the next event.
const WAIT: Duration = Duration::from_secs(1);

/// Why following has to begin again.
#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error(transparent)]
    Log(#[from] StoreError),
    #[error(transparent)]
    View(#[from] PresentError),
    /// What is known does not lead to what comes: the stream is another one, or events were taken from it unread.
    #[error("{STREAM} goes on at {next} and was read up to {read}; the rooms are read anew")]
    Broken { read: u64, next: u64 },
}

/// How far the log was read.
struct Place {
    stream: StreamIdentity,
    sequence: u64,
    /// Nothing was read behind the views yet.
    is_new: bool,
}

impl Presence {
    /// Follows the log until it is told to stop.
    pub async fn follow_log(self, stop: CancellationToken) {
        let node = self.0;
        let (mut place, mut interruptions) = (None, Interruptions::default());
        let following = async {
            loop {
                let Err(error) = node.follow(&mut place).await;
                node.fed.store(false, Ordering::Relaxed);
                if matches!(error, Interrupted::Broken { .. }) {
                    place = None;
                }
                interruptions.pause("presence", &error).await;
            }
        };
        stop.run_until_cancelled(following).await;
    }
}

impl Node {
    async fn follow(&self, place: &mut Option<Place>) -> Result<std::convert::Infallible, Interrupted> {
        let stream = self.parts.log.identity(STREAM).await?;
        let place = match place {
            Some(known) if known.stream == stream => known,
            place => {
                let sequence = self.begin(&stream).await?;
                place.insert(Place { stream, sequence, is_new: true })
            }
        };
        let end = self.parts.log.last_kept(STREAM).await?;
        let mut reader = self.parts.log.open(STREAM, place.sequence).await?;
        self.note_end(place.sequence, end);
        loop {
            self.read_on(&mut *reader, place).await?;
            self.note_end(place.sequence, end);
        }
    }

    async fn read_on(&self, reader: &mut dyn EventReader, place: &mut Place) -> Result<(), Interrupted> {
        let batch = reader.next(BATCH, WAIT).await?;
        for skipped in &batch.skipped {
            tracing::error!(position = %skipped.position, reason = skipped.reason, "a message of presence cannot be read");
        }
        let positions = batch.events.iter().map(|event| &event.position);
        let positions = positions.chain(batch.skipped.iter().map(|skipped| &skipped.position));
        let sequences = || positions.clone().map(|position| position.sequence);
        let (Some(first), Some(last)) = (sequences().min(), sequences().max()) else { return Ok(()) };
        if first != place.sequence + 1 {
            let broken = Interrupted::Broken { read: place.sequence, next: first };
            if !place.is_new {
                return Err(broken);
            }
            // The views are as far behind as the log remembers. Whoever left in between has no lease and is let go.
            tracing::warn!(%broken, "events of presence were gone before they were read");
        }
        place.sequence = last;
        place.is_new = false;
        self.dispatch(batch.events, last);
        Ok(())
    }

    /// Gives each shard the events of its rooms.
    fn dispatch(&self, events: Vec<Recorded>, up_to: u64) {
        let mut by_shard: Vec<Vec<(RoomId, Recorded)>> = self.shards().iter().map(|_| Vec::new()).collect();
        for event in events {
            let Some(room) = RoomId::of(&event.aggregate.id) else { continue };
            if let Some(of_shard) = by_shard.get_mut(self.shard_of(&room)) {
                of_shard.push((room, event));
            }
        }
        for (shard, events) in self.shards().iter().zip(by_shard) {
            let _ = shard.send(Input::Feed { events, up_to });
        }
    }

    /// Ready once what was there at the beginning is read.
    fn note_end(&self, read: u64, end: u64) {
        if read >= end && !self.fed.swap(true, Ordering::Relaxed) {
            tracing::info!(read, "the rooms of presence are known");
        }
    }

    /// Begins with the views: every room as it was at one position.
    async fn begin(&self, stream: &StreamIdentity) -> Result<u64, Interrupted> {
        self.fed.store(false, Ordering::Relaxed);
        let present = self.parts.view.present().await?;
        // What the views hold of a stream that is no more says nothing about this one.
        let present = if present.stream.as_ref() == Some(stream) { present } else { Present::default() };
        let mark = Cursor::mark_of(stream);
        let of_shard = |at: usize, room: &RoomId| self.shard_of(room) == at;
        for (at, shard) in self.shards().iter().enumerate() {
            let rooms = present.rooms.iter().filter(|(room, _)| of_shard(at, room)).cloned().collect();
            let members = present.members.iter().filter(|(room, _, _)| of_shard(at, room)).cloned().collect();
            let _ = shard.send(Input::Reset { rooms, members, mark, sequence: present.sequence });
        }
        Ok(present.sequence)
    }
}

/// A node that nobody clones any more has nobody to follow for.
impl std::fmt::Debug for Presence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Presence")
            .field("node", &self.0.config.node)
            .field("clones", &Arc::strong_count(&self.0))
            .finish()
    }
}
