//! Finds open jobs whose message no consumer holds, and brings each back or to its end: its message is put back before its
//! consumer, or parked when its attempts are used up; a job that is to stop is cancelled; a promised job that was never
//! requested is requested.
//!
//! Every step may be repeated and run side by side: what is appended expects the history that was looked at.
//!
//! Deliberately not here: how it is known what a consumer holds (`Deliveries`), and when to look.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ally_domain::decider::Decider;
use ally_domain::envelope::{Actor, CommandContext, Recorded, TraceContext};
use ally_domain::event_data::EncodingError;
use ally_domain::ids::{AggregateKind, AggregateRef, CommandId, JobId};
use ally_domain::job::{self, JobCommand, JobDecider, JobRefusal, JobStatus, OrphanLimits, QUEUED_BY, Remedy};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{
    Clock, Deliveries, DeliveryContext, EventHandler, History, StoreError, Unheld, UnheldMessages,
};
use uuid::Uuid;

use crate::execute::{ExecuteError, Executor, encode, replay};
use crate::metrics;
use crate::onboarding::OnboardingHandler;

/// Looks for orphaned jobs and treats them. Cheap to clone.
#[derive(Clone)]
pub struct Reconciler {
    executor: Executor,
    deliveries: Arc<dyn Deliveries>,
    clock: Arc<dyn Clock>,
    limits: OrphanLimits,
}

/// A job that nobody holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Orphan {
    /// The message that its consumer has settled.
    pub unheld: Unheld,
    /// Where the job stands; none while it is only promised.
    pub status: Option<JobStatus>,
    /// What to do about it.
    pub remedy: Remedy,
    /// The last event of the job, or the promise: the history that the remedy was decided on.
    pub last: u64,
    /// The trace of the request, so that what is done stands in it.
    trace: TraceContext,
    correlation: String,
}

/// What a look found.
#[derive(Debug, Clone, Default)]
pub struct Orphans {
    /// A bounded number of them, the oldest first.
    pub found: Vec<Orphan>,
    /// How many there may be beyond these.
    pub more: u64,
    /// Jobs without a holder whose events cannot be judged here, so that they are left alone.
    pub unjudged: Vec<Unjudged>,
}

impl Orphans {
    /// How many open jobs nobody holds, as far as the look went.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.found.len() as u64 + self.more + self.unjudged.len() as u64
    }
}

/// A job that nobody holds, and that a newer version or a repair must judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjudged {
    /// Which job.
    pub job: JobId,
    /// What its events lack: one written by a newer version, one that cannot be read.
    pub reason: String,
}

/// What became of an orphan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reconciled {
    /// The remedy was applied.
    Done(Remedy),
    /// Somebody moved it meanwhile, or holds it: nothing was done.
    Moved,
    /// A worker may still be at it: nothing was done.
    Waits,
}

/// Why an orphan could not be treated. Doing it again is safe.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The log or the consumers.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The event could not be written as JSON.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// The job's events.
    #[error(transparent)]
    Job(#[from] ExecuteError<JobRefusal>),
    /// The promise could not be kept.
    #[error("job {job} could not be requested: {reason}")]
    Request {
        /// Which job.
        job: JobId,
        /// What the process manager answered.
        reason: String,
    },
}

/// What the last looks found: only what two looks in a row find unmoved is treated, since a replica may answer the first from
/// a past that another has left behind; and what nothing could be done for makes room for the rest.
#[derive(Debug, Default)]
pub struct Suspects {
    found: HashMap<JobId, u64>,
    stuck: HashSet<JobId>,
}

impl Suspects {
    /// The jobs that the next look names behind all others, see [`Reconciler::look`].
    #[must_use]
    pub const fn stuck(&self) -> &HashSet<JobId> {
        &self.stuck
    }

    /// Nothing could be done for a job now.
    pub fn note_stuck(&mut self, job: &JobId) {
        self.stuck.insert(job.clone());
    }

    /// Those of a look that the last one found as well. This look is then the last one.
    pub fn confirm(&mut self, orphans: &Orphans) -> Vec<Orphan> {
        let jobs = orphans.found.iter().map(|orphan| &orphan.unheld.job);
        let mut jobs = jobs.chain(orphans.unjudged.iter().map(|unjudged| &unjudged.job));
        // All were in sight, now or one after the other: each has its turn again.
        if orphans.more == 0 || jobs.all(|job| self.stuck.contains(job)) {
            self.stuck.clear();
        }
        self.stuck.extend(orphans.unjudged.iter().map(|unjudged| unjudged.job.clone()));
        let before = std::mem::take(&mut self.found);
        self.found = orphans.found.iter().map(|orphan| (orphan.unheld.job.clone(), orphan.last)).collect();
        let again = |orphan: &&Orphan| before.get(&orphan.unheld.job) == Some(&orphan.last);
        orphans.found.iter().filter(again).cloned().collect()
    }
}

impl Reconciler {
    /// A reconciler over a log and what its consumers hold.
    pub fn new(
        executor: Executor,
        deliveries: Arc<dyn Deliveries>,
        clock: Arc<dyn Clock>,
        limits: OrphanLimits,
    ) -> Self {
        Self { executor, deliveries, clock, limits }
    }

    /// Every job that nobody holds, those of `last` behind all others; nothing is changed. A look is bounded: whoever looks
    /// again names those that it could do nothing for, so that they do not keep the rest out of sight.
    ///
    /// # Errors
    /// When the log or the consumers do not answer.
    pub async fn look(&self, last: &HashSet<JobId>) -> Result<Orphans, StoreError> {
        let UnheldMessages { messages, more } = self.deliveries.unheld(last).await?;
        let mut orphans = Orphans { more, ..Orphans::default() };
        for unheld in messages {
            let job = unheld.job.clone();
            match self.judge(unheld).await {
                Ok(orphan) => orphans.found.extend(orphan),
                Err(error @ (StoreError::Unavailable { .. } | StoreError::Full { .. })) => return Err(error),
                // One job that cannot be judged keeps no other from being found.
                Err(error) => orphans.unjudged.push(Unjudged { job, reason: error.to_string() }),
            }
        }
        Ok(orphans)
    }

    /// One job, whether it is one of them; nothing is changed.
    ///
    /// # Errors
    /// When the log or the consumers do not answer.
    pub async fn look_at(&self, id: &JobId) -> Result<Option<Orphan>, StoreError> {
        let job = AggregateRef { kind: AggregateKind::Job, id: id.into() };
        let history = self.executor.store().load(&job).await?;
        let Some(queued_by) = queued_by(&history) else { return Ok(None) };
        match self.deliveries.unheld_of(id, &job, queued_by).await? {
            Some(unheld) => self.judge(unheld).await,
            None => Ok(None),
        }
    }

    /// Applies the remedy, after one more look at this job, in somebody's name.
    ///
    /// # Errors
    /// See [`ReconcileError`].
    pub async fn treat(&self, orphan: &Orphan, actor: &Actor, note: &str) -> Result<Reconciled, ReconcileError> {
        let Some(event) = self.queued_by(&orphan.unheld).await? else { return Ok(Reconciled::Moved) };
        let (job, about) = (&orphan.unheld.job, &orphan.unheld.about);
        let again = match self.deliveries.unheld_of(job, about, &event).await? {
            Some(unheld) => self.judge(unheld).await?,
            None => None,
        };
        let Some(now) = again.filter(|again| again.last == orphan.last) else { return Ok(Reconciled::Moved) };
        let reconciled = match now.remedy {
            Remedy::Wait => return Ok(Reconciled::Waits),
            Remedy::Request => self.request(&now, &event).await?,
            Remedy::PutBack => self.put_back(&now, actor, note).await?,
            Remedy::Park => self.park(&now, actor).await?,
            Remedy::Cancel => self.execute(&now, &JobCommand::ConfirmCancel, actor).await?,
        };
        if let Reconciled::Done(remedy) = reconciled {
            metrics::reconciled(remedy.as_str());
        }
        Ok(reconciled)
    }

    /// The event that the message holds, as the log has it now.
    async fn queued_by(&self, unheld: &Unheld) -> Result<Option<Recorded>, StoreError> {
        let history = self.executor.store().load(&unheld.about).await?;
        Ok(history.events.into_iter().find(|event| event.position == unheld.message))
    }

    /// Whether the job is an orphan, by its history of now: loaded after what the consumers have settled was read.
    async fn judge(&self, unheld: Unheld) -> Result<Option<Orphan>, StoreError> {
        let job = AggregateRef { kind: AggregateKind::Job, id: (&unheld.job).into() };
        let history = self.executor.store().load(&job).await?;
        let Some(last) = history.events.last() else {
            let promised = unheld.about.kind == AggregateKind::Athlete;
            return Ok(promised.then(|| Orphan {
                status: None,
                remedy: Remedy::Request,
                last: unheld.message.sequence,
                trace: TraceContext::default(),
                correlation: String::new(),
                unheld,
            }));
        };
        let state = replay::<JobDecider>(&history)?.0;
        let Some((state, queued_by)) = state.zip(queued_by(&history)) else { return Ok(None) };
        // Another message may have put it into another queue since.
        if queued_by.position != unheld.message {
            return Ok(None);
        }
        let remedy = job::remedy(&state, last.at, self.clock.now(), &self.limits);
        Ok(remedy.map(|remedy| Orphan {
            status: Some(state.status),
            remedy,
            last: last.position.sequence,
            trace: queued_by.trace.clone(),
            correlation: queued_by.correlation.clone(),
            unheld,
        }))
    }

    /// First the record, then the deed: whoever appends it first has the right to the deed, and what was recorded and not
    /// done is found by the next look.
    async fn put_back(&self, orphan: &Orphan, actor: &Actor, note: &str) -> Result<Reconciled, ReconcileError> {
        let job = AggregateRef { kind: AggregateKind::Job, id: (&orphan.unheld.job).into() };
        let history = self.executor.store().load(&job).await?;
        if history.last_sequence() != orphan.last {
            return Ok(Reconciled::Moved);
        }
        let requeue = JobCommand::Requeue { note: note.to_owned() };
        let Ok(events) = JobDecider::decide(&replay::<JobDecider>(&history)?, &requeue) else {
            return Ok(Reconciled::Moved);
        };
        let append = encode(&job, orphan.last, &events, &self.context(orphan, actor))?;
        match self.executor.store().append(append).await {
            Ok(_) => {}
            Err(StoreError::Conflict { .. }) => return Ok(Reconciled::Moved),
            Err(error) => return Err(error.into()),
        }
        let stored = self.deliveries.put_back(&orphan.unheld).await?;
        Ok(if stored { Reconciled::Done(Remedy::PutBack) } else { Reconciled::Moved })
    }

    async fn park(&self, orphan: &Orphan, actor: &Actor) -> Result<Reconciled, ReconcileError> {
        let reason = format!("all {} attempts are used up, and no worker lived to say so", self.limits.max_attempts);
        let fingerprint = self.deliveries.park(&orphan.unheld, &reason, self.clock.now()).await?;
        self.execute(orphan, &JobCommand::DeadLetter { reason, fingerprint }, actor).await
    }

    async fn execute(
        &self,
        orphan: &Orphan,
        command: &JobCommand,
        actor: &Actor,
    ) -> Result<Reconciled, ReconcileError> {
        let context = self.context(orphan, actor);
        match self.executor.execute::<JobDecider>(&(&orphan.unheld.job).into(), command, &context).await {
            Ok(executed) if executed.events.is_empty() => Ok(Reconciled::Moved),
            Ok(_) => Ok(Reconciled::Done(orphan.remedy)),
            // It found another end meanwhile.
            Err(ExecuteError::Refused(_)) => Ok(Reconciled::Moved),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps the promise in the consumer's place; all of it is derived from the event, so keeping it twice keeps it once.
    async fn request(&self, orphan: &Orphan, promise: &Recorded) -> Result<Reconciled, ReconcileError> {
        let context = DeliveryContext { consumer: orphan.unheld.consumer.clone(), delivery: 1 };
        match OnboardingHandler::new(self.executor.clone()).handle(promise, &context).await {
            Outcome::Done => Ok(Reconciled::Done(orphan.remedy)),
            Outcome::Retry { reason, .. }
            | Outcome::Defer { reason, .. }
            | Outcome::Superseded { reason }
            | Outcome::GiveUp { reason } => Err(ReconcileError::Request { job: orphan.unheld.job.clone(), reason }),
        }
    }

    fn context(&self, orphan: &Orphan, actor: &Actor) -> CommandContext {
        CommandContext {
            command_id: CommandId::from(Uuid::now_v7()),
            correlation: orphan.correlation.clone(),
            causation: None,
            actor: actor.clone(),
            at: self.clock.now(),
            trace: orphan.trace.clone(),
        }
    }
}

/// The event that put the job into its queue last.
fn queued_by(history: &History) -> Option<&Recorded> {
    let queues = |event: &&Recorded| QUEUED_BY.iter().any(|(name, _)| *name == event.event_type.name);
    history.events.iter().rev().find(queues)
}
