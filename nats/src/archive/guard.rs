//! A reader without an archive, for streams whose events may have gone to one: it stops rather than skip them.

use std::time::Duration;

use ally_domain::job::JobEvent;
use ally_domain::ports::{EventReader, ReadBatch, StoreError};
use async_trait::async_trait;

/// The reader.
pub(crate) struct Guarded {
    hot: Box<dyn EventReader>,
    after: u64,
    end: u64,
}

impl Guarded {
    /// Guards a reader that was opened behind a sequence when the stream ended with another. What went to the archive
    /// later than that was handed out by then.
    pub(crate) fn new(hot: Box<dyn EventReader>, after: u64, end: u64) -> Self {
        Self { hot, after, end }
    }
}

#[async_trait]
impl EventReader for Guarded {
    async fn next(&mut self, max: usize, wait: Duration) -> Result<ReadBatch, StoreError> {
        let batch = self.hot.next(max, wait).await?;
        for event in &batch.events {
            if event.position.sequence <= self.end
                && event.event_type.name == "archived"
                && let Ok(JobEvent::Archived(archived)) = event.decode()
                && archived.last > self.after
            {
                return Err(elsewhere(&event.aggregate.to_string(), &archived.segment));
            }
        }
        Ok(batch)
    }
}

/// The events are in the archive, and this process was not told where that is.
pub(crate) fn elsewhere(aggregate: &str, segment: &str) -> StoreError {
    let reason = format!(
        "the events of {aggregate} are in the archive, in {segment}; set ARCHIVE_URL to where the archive is kept"
    );
    StoreError::Unavailable { reason }
}
