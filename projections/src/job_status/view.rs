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
    /// Which version of it, where a plan was adapted.
    pub plan_version: Option<u32>,
    /// What became of an adaptation, in words.
    pub note: Option<String>,
    /// How many attempts there were.
    pub attempts: u32,
    /// When it was asked for.
    pub created_at: OffsetDateTime,
    /// When it last entered the queue: at its request, at the moment that this was scheduled for, or at its redrive. While it is
    /// scheduled, that moment is to come.
    pub queued_at: OffsetDateTime,
    /// When its first attempt began, since it last entered the queue.
    pub started_at: Option<OffsetDateTime>,
    /// When it came to an end, whichever.
    pub completed_at: Option<OffsetDateTime>,
    /// When the next attempt is due, while it waits for one.
    pub next_retry_at: Option<OffsetDateTime>,
    /// The moment before which its request lets no attempt begin.
    pub not_before: Option<OffsetDateTime>,
    /// The moment by which it must be finished.
    pub deadline: Option<OffsetDateTime>,
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

/// What a job's request says beside whose job it is.
#[derive(Debug, Clone)]
pub struct Request {
    /// When.
    pub at: OffsetDateTime,
    /// In which trace.
    pub trace_id: Option<String>,
    /// Shared by all that follows from it.
    pub correlation: String,
    /// Where it stands in the log.
    pub position: Position,
    /// The moment before which no attempt may begin.
    pub not_before: Option<OffsetDateTime>,
    /// The moment by which it must be finished.
    pub deadline: Option<OffsetDateTime>,
}

/// How far a reading of a job has come: of two readings of one job, the greater one knows more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reach {
    /// Its own stream has spoken, and not only the promise.
    requested: bool,
    /// The newest event in it, of the stream that spoke.
    sequence: u64,
}

/// Folds one event into a job's status; `None` is a job that nobody has heard of. An event that is not about jobs, of a
/// type that this version does not know, or already folded, changes nothing.
///
/// The caller sees to it that all events are of one job: [`from_history`] does.
///
/// # Errors
/// When the event's data does not fit its type.
pub fn fold(mut view: Option<JobStatusView>, event: &Recorded) -> Result<Option<JobStatusView>, EncodingError> {
    match Fact::read(event) {
        Ok(fact) => fold_fact(&mut view, event, &fact),
        Err(EncodingError::Unknown { .. }) => {}
        Err(error) => return Err(error),
    }
    Ok(view)
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
    let mut view = None;
    for event in events {
        match Fact::read(event) {
            Ok(fact) if concerned(event, &fact).is_some_and(|concerned| concerned == job.as_str()) => {
                fold_fact(&mut view, event, &fact);
            }
            Ok(_) | Err(EncodingError::Unknown { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(view)
}

/// Which job an event is about.
pub(crate) fn concerned<'a>(event: &'a Recorded, fact: &'a Fact) -> Option<&'a str> {
    match fact {
        Fact::Job(_) => Some(event.aggregate.id.as_str()),
        Fact::Athlete(fact) => match &**fact {
            AthleteEvent::OnboardingCompleted(completed) => Some(completed.job_id.as_str()),
            AthleteEvent::OnboardingAnswered(_) | AthleteEvent::HealthReported(_) => None,
        },
        Fact::Plan(_)
        | Fact::Log(_)
        | Fact::DeadLetter(_)
        | Fact::Room(_)
        | Fact::Channel(_)
        | Fact::Endpoint(_)
        | Fact::Delivery(_) => None,
    }
}

/// Folds a fact about the view's job.
pub(crate) fn fold_fact(view: &mut Option<JobStatusView>, event: &Recorded, fact: &Fact) {
    match fact {
        Fact::Job(fact) => fold_job(view, event, fact),
        Fact::Athlete(fact) => {
            if let AthleteEvent::OnboardingCompleted(promise) = &**fact {
                let promised = promised(event, promise);
                match view {
                    Some(view) => view.take_origin_of(promised),
                    None => *view = Some(promised),
                }
            }
        }
        Fact::Plan(_)
        | Fact::Log(_)
        | Fact::DeadLetter(_)
        | Fact::Room(_)
        | Fact::Channel(_)
        | Fact::Endpoint(_)
        | Fact::Delivery(_) => {}
    }
}

fn fold_job(view: &mut Option<JobStatusView>, event: &Recorded, fact: &JobEvent) {
    match (fact, &mut *view) {
        (JobEvent::Requested(_), Some(known)) if known.is_requested() => {}
        (JobEvent::Requested(requested), _) => {
            let moments = (requested.not_before, requested.deadline);
            let mut queued = queued(event, requested.job_id.clone(), requested.athlete_id.clone(), moments);
            if let Some(promised) = view.take() {
                queued.take_origin_of(promised);
            }
            *view = Some(queued);
        }
        // Where the events are kept says nothing about the job.
        (JobEvent::Archived(_), _) => {}
        (fact, Some(known)) if known.is_requested() && event.position.sequence > known.last.sequence => {
            known.evolve(event, fact);
        }
        // Folded already, or its request was never seen.
        _ => {}
    }
}

/// A job that onboarding has promised and nobody has requested yet.
fn promised(event: &Recorded, promise: &OnboardingCompleted) -> JobStatusView {
    queued(event, promise.job_id.clone(), AthleteId::from(&event.aggregate.id), (None, None))
}

fn queued(
    event: &Recorded,
    job_id: JobId,
    athlete_id: AthleteId,
    (not_before, deadline): (Option<OffsetDateTime>, Option<OffsetDateTime>),
) -> JobStatusView {
    let request = Request {
        at: event.at,
        trace_id: event.trace.trace_id().map(ToOwned::to_owned),
        correlation: event.correlation.clone(),
        position: event.position.clone(),
        not_before,
        deadline,
    };
    JobStatusView::requested(job_id, athlete_id, request)
}

impl JobStatusView {
    /// A job as its request makes it: what whoever has appended that knows without reading.
    #[must_use]
    pub fn requested(job_id: JobId, athlete_id: AthleteId, request: Request) -> Self {
        let Request { at, trace_id, correlation, position, not_before, deadline } = request;
        let (at, not_before) = (micros(at), not_before.map(micros));
        Self {
            job_id,
            athlete_id,
            status: if not_before.is_some() { JobStatus::Scheduled } else { JobStatus::Queued },
            progress: 0,
            phase: None,
            plan_id: None,
            plan_version: None,
            note: None,
            attempts: 0,
            created_at: at,
            queued_at: not_before.unwrap_or(at),
            started_at: None,
            completed_at: None,
            next_retry_at: None,
            not_before,
            deadline: deadline.map(micros),
            error: None,
            trace_id,
            correlation,
            created: position.clone(),
            last: position,
        }
    }

    /// The job as it stands at a moment: one whose time has come waits for a worker.
    #[must_use]
    pub fn as_of(mut self, now: OffsetDateTime) -> Self {
        if self.status == JobStatus::Scheduled && self.queued_at <= now {
            self.status = JobStatus::Queued;
        }
        self
    }

    /// Where it stands in a listing of its athlete's jobs.
    #[must_use]
    pub fn place(&self) -> (OffsetDateTime, JobId) {
        (self.created_at, self.job_id.clone())
    }

    /// How far this reading has come, to compare it with another of the same job.
    #[must_use]
    pub fn reach(&self) -> Reach {
        Reach { requested: self.is_requested(), sequence: self.last.sequence }
    }

    /// Whether the job's own stream has spoken; before, there is only the promise.
    pub(crate) fn is_requested(&self) -> bool {
        self.last.stream == PLANS
    }

    /// The promise is how the job came to be, whichever was read first.
    fn take_origin_of(&mut self, promised: Self) {
        self.created_at = promised.created_at;
        self.trace_id = promised.trace_id;
        self.correlation = promised.correlation;
        self.created = promised.created;
    }

    fn evolve(&mut self, event: &Recorded, fact: &JobEvent) {
        self.last.sequence = event.position.sequence;
        match fact {
            JobEvent::Requested(_) | JobEvent::Requeued(_) | JobEvent::Archived(_) => {}
            JobEvent::Expedited(_) => {
                if self.status == JobStatus::Scheduled {
                    self.status = JobStatus::Queued;
                    // Put forward by its worker when it was due, or by an operator before.
                    self.queued_at = self.queued_at.min(at(event));
                }
            }
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
                if let Some(begun) = &completed.begun {
                    self.attempts = completed.attempt;
                    self.started_at = self.started_at.or(Some(micros(begun.at)));
                }
                self.end(JobStatus::Completed, event, None);
                self.progress = 100;
                self.plan_id = Some(completed.plan_id.clone());
                self.plan_version = completed.plan_version;
                self.note.clone_from(&completed.note);
            }
            JobEvent::Failed(failed) => {
                self.end(JobStatus::Failed, event, error(failed.code.as_str(), &failed.reason));
            }
            JobEvent::DeadLettered(dead) => {
                self.end(JobStatus::DeadLettered, event, error("attempts_exhausted", &dead.reason));
            }
            JobEvent::Cancelled(_) => self.end(JobStatus::Cancelled, event, None),
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
    }

    fn end(&mut self, status: JobStatus, event: &Recorded, error: Option<JobError>) {
        self.status = status;
        self.error = error;
        self.phase = None;
        self.next_retry_at = None;
        self.completed_at = Some(at(event));
    }
}

#[allow(clippy::unnecessary_wraps, reason = "every caller assigns it to an optional field")]
fn error(code: &str, message: &str) -> Option<JobError> {
    Some(JobError { code: code.to_owned(), message: message.to_owned() })
}
