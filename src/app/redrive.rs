//! Putting dead letters back: a job's by its own command, so that it runs again from its full history; any other one
//! before its consumer. Doing it twice does it once.

use ally_domain::envelope::{Position, Recorded};
use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::job::{JobCommand, JobDecider, JobEvent, JobRefusal};
use ally_domain::ports::{History, StoreError};
use ally_domain::webhook::{DeliveryCommand, DeliveryDecider, DeliveryEvent, DeliveryRefusal};
use ally_handlers::{ExecuteError, Executor};
use ally_nats::{DeadLetter, DeadLetters, JetStream, JetStreamError};
use ally_telemetry::names::{attr, span};
use ally_telemetry::propagation;
use tracing::{Instrument, Span};

use super::operator::Operator;

/// What became of a dead letter that was to be put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutBack {
    /// Its job is in the queue again.
    Redriven,
    /// Its message stands before its consumer again.
    Requeued,
    /// It was put back before; nothing is left to do.
    Already,
    /// Its job has come to another end; the letter was discarded.
    Obsolete,
    /// Its job is not parked yet, the worker is at it: nothing was done.
    TooEarly,
}

/// Why a dead letter could not be put back; doing it again is safe.
#[derive(Debug, thiserror::Error)]
pub enum RedriveError {
    /// The job's events.
    #[error(transparent)]
    Job(#[from] ExecuteError<JobRefusal>),
    /// A webhook's events.
    #[error(transparent)]
    Webhook(#[from] ExecuteError<DeliveryRefusal>),
    /// The dead letters.
    #[error(transparent)]
    DeadLetters(#[from] JetStreamError),
}

impl From<StoreError> for RedriveError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

/// Puts dead letters back.
#[derive(Clone)]
pub struct Redrive {
    jetstream: JetStream,
    executor: Executor,
    dead_letters: DeadLetters,
}

impl Redrive {
    /// Over a log and the dead letters beside it.
    pub fn new(jetstream: JetStream, executor: Executor) -> Self {
        Self { dead_letters: DeadLetters::new(jetstream.clone()), jetstream, executor }
    }

    /// Which aggregate a dead letter is about; none when its subject is no event's.
    pub fn aggregate(&self, letter: &DeadLetter) -> Option<AggregateRef> {
        self.jetstream.names().parse_event(&letter.subject)
    }

    /// Puts one back, in an operator's name.
    ///
    /// # Errors
    /// When JetStream does not answer or the job's history cannot be read.
    pub async fn redrive(&self, letter: &DeadLetter, operator: &Operator, note: &str) -> Result<PutBack, RedriveError> {
        let about = self.aggregate(letter);
        let job = about.as_ref().filter(|aggregate| aggregate.kind == AggregateKind::Job);
        let span = redrive_span(letter, job);
        let put_back = async {
            match &about {
                Some(job) if job.kind == AggregateKind::Job => self.redrive_job(job, letter, operator, note).await,
                Some(webhook) if webhook.kind == AggregateKind::Delivery => {
                    self.replay(webhook, letter, operator, note).await
                }
                _ => self.requeue(letter, operator, note).await,
            }
        };
        put_back.instrument(span).await
    }

    async fn redrive_job(
        &self,
        job: &AggregateRef,
        letter: &DeadLetter,
        operator: &Operator,
        note: &str,
    ) -> Result<PutBack, RedriveError> {
        if self.is_redriven(job, letter, operator, note).await? {
            return Ok(PutBack::Already);
        }
        let command = JobCommand::Redrive { note: note.to_owned() };
        match self.executor.execute::<JobDecider>(&job.id, &command, &operator.context_after(letter)).await {
            Ok(_) => {
                self.dead_letters.redriven(&letter.id, &operator.removal(note)).await?;
                Ok(PutBack::Redriven)
            }
            Err(ExecuteError::Refused(JobRefusal::Unknown)) => self.requeue(letter, operator, note).await,
            // Somebody else may have been quicker by a moment.
            Err(ExecuteError::Refused(_)) if self.is_redriven(job, letter, operator, note).await? => {
                Ok(PutBack::Already)
            }
            Err(ExecuteError::Refused(JobRefusal::NotPossible(status) | JobRefusal::Archived(status)))
                if status.is_terminal() =>
            {
                let why = format!("{note} (its job is {})", status.as_str());
                self.dead_letters.discard(&letter.id, &operator.removal(&why)).await?;
                Ok(PutBack::Obsolete)
            }
            Err(ExecuteError::Refused(_)) => Ok(PutBack::TooEarly),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the letter's job was redriven since; then the letter goes too, should whoever did it not have come to that.
    async fn is_redriven(
        &self,
        job: &AggregateRef,
        letter: &DeadLetter,
        operator: &Operator,
        note: &str,
    ) -> Result<bool, RedriveError> {
        let redriven = redriven_behind(&self.executor.store().load(job).await?, &letter.origin);
        if redriven {
            self.dead_letters.redriven(&letter.id, &operator.removal(note)).await?;
        }
        Ok(redriven)
    }

    /// A webhook that was given up begins another round: what stands in the dead letters would find the last one ended.
    async fn replay(
        &self,
        webhook: &AggregateRef,
        letter: &DeadLetter,
        operator: &Operator,
        note: &str,
    ) -> Result<PutBack, RedriveError> {
        // Sent again since, by whichever way: the letter is of an earlier round.
        let history = self.executor.store().load(webhook).await?;
        let is_behind = |event: &Recorded| event.position.sequence > letter.origin.sequence && is_replay(event);
        if history.events.iter().any(is_behind) {
            self.dead_letters.redriven(&letter.id, &operator.removal(note)).await?;
            return Ok(PutBack::Already);
        }
        let replayed = self
            .executor
            .execute::<DeliveryDecider>(&webhook.id, &DeliveryCommand::Replay, &operator.context_after(letter))
            .await;
        match replayed {
            // One that is on its way again was put back by somebody else.
            Ok(_) | Err(ExecuteError::Refused(DeliveryRefusal::Waiting)) => {
                self.dead_letters.redriven(&letter.id, &operator.removal(note)).await?;
                Ok(PutBack::Redriven)
            }
            // Age has taken its events.
            Err(ExecuteError::Refused(DeliveryRefusal::Unknown)) => {
                self.dead_letters.discard(&letter.id, &operator.removal(note)).await?;
                Ok(PutBack::Obsolete)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn requeue(&self, letter: &DeadLetter, operator: &Operator, note: &str) -> Result<PutBack, RedriveError> {
        let put_back = self.dead_letters.requeue(&letter.id, &operator.removal(note)).await?;
        Ok(if put_back { PutBack::Requeued } else { PutBack::Already })
    }
}

fn is_replay(event: &Recorded) -> bool {
    matches!(event.decode(), Ok(DeliveryEvent::Replayed(_)))
}

/// Part of the operator's request, and linked to the trace in which the letter was given up.
fn redrive_span(letter: &DeadLetter, job: Option<&AggregateRef>) -> Span {
    let span = tracing::info_span!(
        span::REDRIVE,
        { attr::OTEL_KIND } = span::kind::INTERNAL,
        { attr::MESSAGING_MESSAGE_ID } = letter.event_id,
        { attr::MESSAGING_MESSAGE_CONVERSATION_ID } = letter.correlation,
        { attr::MESSAGING_CONSUMER_GROUP_NAME } = letter.id.consumer,
        { attr::POSITION } = %letter.origin,
        { attr::JOB_ID } = job.map(|job| job.id.as_str()),
    );
    propagation::link(&span, letter.traceparent.as_deref(), None);
    span
}

/// Whether the job was redriven after the event that its letter holds.
fn redriven_behind(history: &History, origin: &Position) -> bool {
    let later = history.events.iter().filter(|event| event.position.sequence > origin.sequence);
    later.into_iter().any(|event| matches!(event.decode(), Ok(JobEvent::Redriven(_))))
}
