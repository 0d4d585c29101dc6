//! Reads and parses the log while the events before are being written.

use ally_domain::envelope::Recorded;
use ally_domain::event_data::{EncodingError, EventType};
use ally_domain::ports::{EventLog, EventReader, Skipped, StoreError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::fact::{Fact, storable};

/// Reads that may wait for the writer. Memory is bounded by these, by the events of a read and by the log's largest event.
const READS_AHEAD: usize = 8;
/// How long one read waits for the first event before it asks anew.
const READ_WAIT: Duration = Duration::from_secs(1);

/// An event as the writer gets it.
#[derive(Debug)]
pub(crate) struct Read {
    pub recorded: Recorded,
    /// None when nobody wants to know what it says.
    pub fact: Option<Result<Fact, EncodingError>>,
}

/// What was read at once.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    pub events: Vec<Read>,
    /// What stands between them, or a little ahead, and is no event for this version.
    pub skipped: Vec<Skipped>,
}

/// Which events are parsed.
pub(crate) type Wanted = Box<dyn Fn(&EventType) -> bool + Send>;

/// A stream, read ahead in a task of its own.
pub(crate) struct ReadAhead {
    reads: mpsc::Receiver<Result<Reads, StoreError>>,
    /// Received and not taken yet: too much for the batch before, or a failure that came after good events.
    held: Option<Result<Reads, StoreError>>,
    _task: AbortOnDropHandle<()>,
}

impl ReadAhead {
    /// Opens a stream behind a sequence and begins to read, so many events at a time.
    pub(crate) async fn open(
        log: &dyn EventLog,
        stream: &str,
        after: u64,
        events: usize,
        wanted: Wanted,
    ) -> Result<Self, StoreError> {
        let reader = log.open(stream, after).await?;
        let (sender, reads) = mpsc::channel(READS_AHEAD);
        let task = AbortOnDropHandle::new(tokio::spawn(read(reader, events, wanted, sender)));
        Ok(Self { reads, held: None, _task: task })
    }

    /// All that has been read and not taken, up to a bound of events and of bytes; waits for the first one. Cancel-safe.
    pub(crate) async fn next(&mut self, max_events: usize, max_bytes: usize) -> Result<Reads, StoreError> {
        let mut taken = match self.held.take() {
            Some(held) => held?,
            None => self.reads.recv().await.ok_or_else(ended)??,
        };
        let mut bytes = size(&taken);
        while bytes < max_bytes {
            match self.reads.try_recv() {
                Ok(Ok(more)) if taken.events.len() + more.events.len() <= max_events => {
                    bytes += size(&more);
                    taken.events.extend(more.events);
                    taken.skipped.extend(more.skipped);
                }
                Ok(later) => {
                    self.held = Some(later);
                    break;
                }
                Err(_) => break,
            }
        }
        Ok(taken)
    }

    /// Gives back what was taken and is not wanted yet; it comes again first.
    pub(crate) fn put_back(&mut self, mut later: Vec<Read>) {
        if later.is_empty() {
            return;
        }
        // A failure that was held shows again: its reader has ended.
        let mut skipped = Vec::new();
        if let Some(Ok(more)) = self.held.take() {
            later.extend(more.events);
            skipped = more.skipped;
        }
        self.held = Some(Ok(Reads { events: later, skipped }));
    }
}

fn size(reads: &Reads) -> usize {
    reads.events.iter().map(|read| read.recorded.data.len()).sum()
}

fn ended() -> StoreError {
    StoreError::Unavailable { reason: "the reader of the log ended".to_owned() }
}

async fn read(
    mut reader: Box<dyn EventReader>,
    events: usize,
    wanted: Wanted,
    to: mpsc::Sender<Result<Reads, StoreError>>,
) {
    loop {
        let batch = match reader.next(events, READ_WAIT).await {
            Ok(batch) if batch.events.is_empty() && batch.skipped.is_empty() => continue,
            Ok(batch) => batch,
            Err(error) => {
                // The receiver is gone when nobody wants to know.
                let _ = to.send(Err(error)).await;
                return;
            }
        };
        let parsed = batch
            .events
            .into_iter()
            .map(storable)
            .map(|recorded| Read { fact: wanted(&recorded.event_type).then(|| Fact::read(&recorded)), recorded });
        if to.send(Ok(Reads { events: parsed.collect(), skipped: batch.skipped })).await.is_err() {
            return;
        }
    }
}
