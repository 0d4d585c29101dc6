//! The view of dead letters, asked so that it contains what was done a moment ago: an operator who has just put a letter
//! back looks at the list next.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::ports::EventLog;
use ally_nats::names::StreamName;
use ally_projections::dead_letter::{self, DeadLetterGroup, DeadLetterView, Wanted};
use ally_projections::{Checkpoints, Database, DatabaseError, Waited};

/// The most that a look waits for the projector.
const BEHIND: Duration = Duration::from_secs(2);

/// Dead letters in Postgres, beside the stream that they are folded from.
pub struct Letters {
    log: Arc<dyn EventLog>,
    database: Database,
    checkpoints: Checkpoints,
}

impl Letters {
    /// The view of a database, with the waiter for its checkpoints.
    pub const fn new(log: Arc<dyn EventLog>, database: Database, checkpoints: Checkpoints) -> Self {
        Self { log, database, checkpoints }
    }

    /// Waits until the view contains all that the stream held a moment ago, for two seconds at most; whether it does. A
    /// stream that does not answer is not waited for: the view is what is left.
    pub async fn caught_up(&self) -> bool {
        let stream = StreamName::DeadLetters.as_str();
        let Ok(sequence) = self.log.last_sequence(stream).await else { return false };
        let last = Position { stream: stream.to_owned(), sequence };
        self.checkpoints.wait_for(&last, BEHIND).await == Waited::Reached
    }

    /// See [`dead_letter::page`].
    pub async fn page(&self, wanted: &Wanted, behind: u64, limit: u32) -> Result<Vec<DeadLetterView>, DatabaseError> {
        dead_letter::page(&self.database, wanted, behind, limit).await
    }

    /// See [`dead_letter::groups`].
    pub async fn groups(&self, wanted: &Wanted) -> Result<Vec<DeadLetterGroup>, DatabaseError> {
        dead_letter::groups(&self.database, wanted).await
    }
}
