//! `job_status` as a pure fold of events. Two streams feed it and may be read in any interleaving: the promise of a job
//! (ONBOARDING) owns how it came to be, the job's own events (PLANS) own everything else.

use ally_domain::athlete::{AthleteEvent, OnboardingCompleted};
use ally_domain::envelope::{Position, Recorded};
use ally_domain::event_data::EncodingError;
use ally_domain::ids::{AthleteId, JobId, PlanId};
use ally_domain::job::{JobEvent, JobStatus};
use time::OffsetDateTime;

use crate::fact::Fact;
use crate::projection::{PLANS, at, micros};

/// Why a job has no plan (yet).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobError {
    /// For programs: `attempt_failed`, `attempts_exhausted`, or a failure code of the domain.
    pub code: String,
    /// For people.
    pub message: String,
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobStatusView {
    /// Which job.
    pub job_id: JobId,
    /// Whose.
    pub athlete_id: AthleteId,
    /// Where it stands.
    pub status: JobStatus,
    /// 0 to 100; it survives a retry.
    pub progress: u8,
    /// What is being done, while something is.
    pub phase: Option<String>,
    /// The plan, once it is there.
    pub plan_id: Option<PlanId>,
    /// How many attempts there were.
    pub attempts: u32,
    /// When it was asked for.
    pub created_at: OffsetDateTime,
    /// When it last entered the queue: at its request, or at its redrive.
    pub queued_at: OffsetDateTime,
    /// When its first attempt began, since it last entered the queue.
    pub started_at: Option<OffsetDateTime>,
    /// When it came to an end, whichever.
    pub completed_at: Option<OffsetDateTime>,
    /// When the next attempt is due, while it waits for one.
    pub next_retry_at: Option<OffsetDateTime>,
    /// Why there is no plan.
    pub error: Option<JobError>,
    /// The trace of the request that made it: 32 hex digits.
    pub trace_id: Option<String>,
    /// Shared by all that follows from that request.
    pub correlation: String,
    /// The event that made it.
    pub created: Position,
    /// The newest event in it.
    pub last: Position,
}

/// Folds one event into a job's status; `None` is a job that nobody has heard of. An event that is not about jobs, of a
/// type that this version does not know, or already folded, changes nothing.
///
/// The caller sees to it that all events are of one job: [`from_history`] does.
///
/// # Errors
/// When the event's data does not fit its type.
pub fn fold(view: Option<JobStatusView>, event: &Recorded) -> Result<Option<JobStatusView>, EncodingError> {
    match Fact::read(event) {
        Ok(fact) => Ok(fold_fact(view, event, &fact)),
        Err(EncodingError::Unknown { .. }) => Ok(view),
        Err(error) => Err(error),
    }
}

/// The status of one job, from events of it and of its athlete, in the order of each stream: the answer for a job that is
/// not projected yet. Events of other jobs are passed over.
///
/// # Errors
/// When an event's data does not fit its type.
pub fn from_history<'a>(
    job: &JobId,
    events: impl IntoIterator<Item = &'a Recorded>,
) -> Result<Option<JobStatusView>, EncodingError> {
    events.into_iter().try_fold(None, |view, event| match Fact::read(event) {
        Ok(fact) if concerned(event, &fact).as_ref() == Some(job) => Ok(fold_fact(view, event, &fact)),
        Ok(_) | Err(EncodingError::Unknown { .. }) => Ok(view),
        Err(error) => Err(error),
    })
}

/// Which job an event is about.
pub(crate) fn concerned(event: &Recorded, fact: &Fact) -> Option<JobId> {
    match fact {
        Fact::Job(_) => Some(JobId::from(&event.aggregate.id)),
        Fact::Athlete(AthleteEvent::OnboardingCompleted(completed)) => Some(completed.job_id.clone()),
        Fact::Athlete(_) | Fact::Plan(_) => None,
    }
}

pub(crate) fn fold_fact(view: Option<JobStatusView>, event: &Recorded, fact: &Fact) -> Option<JobStatusView> {
    match (fact, view) {
        (Fact::Athlete(AthleteEvent::OnboardingCompleted(promise)), None) => Some(promised(event, promise)),
        (Fact::Athlete(AthleteEvent::OnboardingCompleted(promise)), Some(view)) => {
            Some(with_origin_of(view, promised(event, promise)))
        }
        (Fact::Job(JobEvent::Requested(requested)), view) => match view {
            Some(view) if view.is_requested() => Some(view),
            view => {
                let queued = queued(event, requested.job_id.clone(), requested.athlete_id.clone());
                Some(match view {
                    Some(promised) => with_origin_of(queued, promised),
                    None => queued,
                })
            }
        },
        (Fact::Job(fact), Some(view)) if view.is_requested() && event.position.sequence > view.last.sequence => {
            Some(view.after(event, fact))
        }
        (_, view) => view,
    }
}

/// A job that onboarding has promised and nobody has requested yet.
fn promised(event: &Recorded, promise: &OnboardingCompleted) -> JobStatusView {
    queued(event, promise.job_id.clone(), AthleteId::from(&event.aggregate.id))
}

fn queued(event: &Recorded, job_id: JobId, athlete_id: AthleteId) -> JobStatusView {
    JobStatusView {
        job_id,
        athlete_id,
        status: JobStatus::Queued,
        progress: 0,
        phase: None,
        plan_id: None,
        attempts: 0,
        created_at: at(event),
        queued_at: at(event),
        started_at: None,
        completed_at: None,
        next_retry_at: None,
        error: None,
        trace_id: event.trace.trace_id().map(ToOwned::to_owned),
        correlation: event.correlation.clone(),
        created: event.position.clone(),
        last: event.position.clone(),
    }
}

/// A view with the origin of another: the promise is how the job came to be, whichever was read first.
fn with_origin_of(view: JobStatusView, promised: JobStatusView) -> JobStatusView {
    JobStatusView {
        created_at: promised.created_at,
        trace_id: promised.trace_id,
        correlation: promised.correlation,
        created: promised.created,
        ..view
    }
}

impl JobStatusView {
    /// Whether the job's own stream has spoken; before, there is only the promise.
    pub(crate) fn is_requested(&self) -> bool {
        self.last.stream == PLANS
    }

    fn after(mut self, event: &Recorded, fact: &JobEvent) -> Self {
        self.last = event.position.clone();
        match fact {
            JobEvent::Requested(_) => {}
            JobEvent::Started(started) => {
                self.status = JobStatus::Running;
                self.attempts = started.attempt;
                self.started_at = self.started_at.or(Some(at(event)));
                self.next_retry_at = None;
                self.error = None;
            }
            JobEvent::Progressed(progressed) => {
                self.progress = progressed.percent;
                self.phase = Some(progressed.phase.clone());
            }
            JobEvent::AttemptFailed(failed) => {
                self.status = JobStatus::Retrying;
                self.next_retry_at = Some(micros(failed.retry_at));
                self.error = error("attempt_failed", &failed.reason);
            }
            JobEvent::Completed(completed) => {
                self = self.ended(JobStatus::Completed, event, None);
                self.progress = 100;
                self.plan_id = Some(completed.plan_id.clone());
            }
            JobEvent::Failed(failed) => {
                self = self.ended(JobStatus::Failed, event, error(failed.code.as_str(), &failed.reason));
            }
            JobEvent::DeadLettered(dead) => {
                self = self.ended(JobStatus::DeadLettered, event, error("attempts_exhausted", &dead.reason));
            }
            JobEvent::Cancelled(_) => self = self.ended(JobStatus::Cancelled, event, None),
            JobEvent::CancelRequested(_) => self.status = JobStatus::Cancelling,
            JobEvent::Redriven(_) => {
                self.status = JobStatus::Queued;
                self.progress = 0;
                self.phase = None;
                self.queued_at = at(event);
                self.started_at = None;
                self.completed_at = None;
                self.error = None;
            }
        }
        self
    }

    fn ended(self, status: JobStatus, event: &Recorded, error: Option<JobError>) -> Self {
        Self { status, error, phase: None, next_retry_at: None, completed_at: Some(at(event)), ..self }
    }
}

#[allow(clippy::unnecessary_wraps, reason = "every caller assigns it to an optional field")]
fn error(code: &str, message: &str) -> Option<JobError> {
    Some(JobError { code: code.to_owned(), message: message.to_owned() })
}
