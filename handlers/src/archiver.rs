//! Lets jobs that ended long ago leave the log for the archive: copy, then let one event stand for the copied ones, then
//! remove them. A run may end after any step; the next one finishes what it finds begun, and doing a step twice does it once.
//!
//! Deliberately not here: how a copy is written and read (`Archive`'s matter) and that only one run is under way at a time,
//! which saves work and is no condition: runs side by side lose and double nothing either.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::decider::Decider;
use ally_domain::envelope::{Actor, CommandContext, TraceContext};
use ally_domain::event_data::EncodingError;
use ally_domain::ids::CommandId;
use ally_domain::job::{ArchivedEvents, JobCommand, JobDecider};
use ally_domain::ports::{Archive, Clock, Copied, Due, EventStore, Found, Passed, PassedError, Segment, StoreError};
use futures::{StreamExt, TryStreamExt, stream};
use tokio_util::sync::CancellationToken;

use crate::execute::{encode, replay};
use crate::metrics;

/// The stream whose jobs age out.
const STREAM: &str = "PLANS";
/// Histories under way at once in one step.
const AT_ONCE: usize = 64;
/// How often one job is decided anew when something is appended to it meanwhile, which nothing should.
const MAX_TRIES: u32 = 8;

/// Moves jobs to the archive. Cheap to clone.
#[derive(Clone)]
pub struct Archiver {
    store: Arc<dyn EventStore>,
    archive: Arc<dyn Archive>,
    passed: Arc<dyn Passed>,
    clock: Arc<dyn Clock>,
    /// How long ago a job must have ended.
    after: Duration,
}

/// What a run moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// Segments, those included that an earlier run had begun.
    pub segments: u64,
    /// Jobs whose events are now in the archive only.
    pub jobs: u64,
    /// Their events.
    pub events: u64,
    /// How large all segments are as JSON.
    pub raw_bytes: u64,
    /// How large they are in the archive.
    pub bytes: u64,
}

/// Why a run ended early. What it had begun is finished by the next one.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The log or the archive.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The views.
    #[error(transparent)]
    Views(#[from] PassedError),
    /// The event could not be written as JSON.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
}

/// Told how many jobs were moved so far.
pub type OnMoved<'a> = &'a (dyn Fn(&Moved) + Send + Sync);

impl Archiver {
    /// Moves jobs that ended at least so long ago.
    pub fn new(
        store: Arc<dyn EventStore>,
        archive: Arc<dyn Archive>,
        passed: Arc<dyn Passed>,
        clock: Arc<dyn Clock>,
        after: Duration,
    ) -> Self {
        Self { store, archive, passed, clock, after }
    }

    /// What a run would move; nothing is changed.
    ///
    /// # Errors
    /// When the log or the views do not answer.
    pub async fn find(&self) -> Result<Found, ArchiveError> {
        Ok(self.archive.find(self.due().await?).await?)
    }

    /// Finishes what an earlier run began, then moves all that is due, a segment at a time, until there is no more or it is
    /// told to stop.
    ///
    /// # Errors
    /// See [`ArchiveError`].
    pub async fn run(
        &self,
        actor: &Actor,
        stop: &CancellationToken,
        on_moved: OnMoved<'_>,
    ) -> Result<Moved, ArchiveError> {
        let mut moved = Moved::default();
        for segment in self.archive.unfinished().await? {
            tracing::info!(segment = segment.name, "finishing a segment of an earlier run");
            self.finish(&segment, actor, &mut moved).await?;
            on_moved(&moved);
        }
        let mut due = self.due().await?;
        while !stop.is_cancelled() {
            let written = self.archive.write(due).await?;
            let Some(segment) = written.segment else { break };
            due.after = written.up_to;
            self.finish(&segment, actor, &mut moved).await?;
            on_moved(&moved);
        }
        Ok(moved)
    }

    /// Only what every view has read may leave: a view that reads on from its checkpoint needs no archive.
    async fn due(&self) -> Result<Due, ArchiveError> {
        let ended_before = self.clock.now() - self.after;
        Ok(Due { ended_before, after: 0, up_to: self.passed.passed(STREAM).await? })
    }

    async fn finish(&self, segment: &Segment, actor: &Actor, moved: &mut Moved) -> Result<(), ArchiveError> {
        let standing = stream::iter(segment.histories.clone()).map(|history| async move {
            let stands = self.stand_for(&history, segment, actor).await?;
            Ok::<_, ArchiveError>(stands.then_some(history))
        });
        let stood_for: Vec<Option<Copied>> = standing.buffer_unordered(AT_ONCE).try_collect().await?;
        let stood_for: Vec<Copied> = stood_for.into_iter().flatten().collect();
        let removed = stream::iter(stood_for.clone()).map(|history| async move { self.archive.remove(&history).await });
        removed.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        self.archive.finish(segment).await?;
        let (jobs, events) = (stood_for.len() as u64, stood_for.iter().map(|history| history.events).sum::<u64>());
        moved.segments += 1;
        moved.jobs += jobs;
        moved.events += events;
        moved.raw_bytes += segment.raw_bytes;
        moved.bytes += segment.bytes;
        metrics::archived(jobs, events, segment.bytes);
        tracing::info!(segment = segment.name, jobs, events, bytes = segment.bytes, "jobs went to the archive");
        Ok(())
    }

    /// Lets one event stand for a job's copied ones. False when the job is not as it was copied: it then stays.
    async fn stand_for(&self, copy: &Copied, segment: &Segment, actor: &Actor) -> Result<bool, ArchiveError> {
        let command = JobCommand::Archive(ArchivedEvents {
            segment: segment.name.clone(),
            first: copy.first,
            last: copy.last,
            events: copy.events,
        });
        // Nothing happens to a job behind its end, so what was copied is what there is; the append fails where it is not.
        let mut history = copy.history.clone();
        for _ in 0..MAX_TRIES {
            let state = replay::<JobDecider>(&history)?;
            if state.0.as_ref().is_some_and(|job| job.archived_in.is_some()) {
                return Ok(true);
            }
            let events = match JobDecider::decide(&state, &command) {
                Ok(events) if history.last_sequence() == copy.last => events,
                Ok(_) => return Ok(stays(copy, "it went on after it was copied")),
                Err(refusal) => return Ok(stays(copy, &refusal.to_string())),
            };
            let append = encode(&copy.aggregate, copy.last, &events, &self.context(copy, segment, actor))?;
            match self.store.append(append).await {
                Ok(_) => return Ok(true),
                Err(StoreError::Conflict { .. }) => metrics::conflict(JobDecider::name(&command)),
                Err(error) => return Err(error.into()),
            }
            history = self.store.load(&copy.aggregate).await?;
        }
        Ok(stays(copy, "others kept appending to it"))
    }

    fn context(&self, copy: &Copied, segment: &Segment, actor: &Actor) -> CommandContext {
        CommandContext {
            // Derived: a run that does it again stores it once.
            command_id: CommandId::caused_by(copy.aggregate.id.as_str(), "archive"),
            correlation: segment.name.clone(),
            causation: None,
            actor: actor.clone(),
            at: self.clock.now(),
            trace: TraceContext::default(),
        }
    }
}

fn stays(copy: &Copied, why: &str) -> bool {
    tracing::warn!(job = %copy.aggregate.id, why, "a job stays in the log although it was copied to the archive");
    false
}
