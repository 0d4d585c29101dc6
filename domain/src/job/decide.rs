//! The rules of a plan job: who may do what, when, and why not.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::command::{ArchivedEvents, JobCommand, Priority, RequestPlan};
use super::event::{
    Archived, AttemptFailed, Begun, CancelRequested, Cancelled, Completed, DeadLettered, Expedited, Failed,
    FailureCode, JobEvent, Progressed, Redriven, Requested, Requeued, Started,
};
use super::state::{Job, JobState, JobStatus};
use crate::decider::Decider;
use crate::ids::{AggregateKind, PlanId};

/// The plan job as a decider.
#[derive(Debug)]
pub struct JobDecider;

/// Why a plan job refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobRefusal {
    /// The key names a job that was asked with another body.
    #[error("this idempotency key was used for another request; send a new key")]
    KeyReused,
    /// Nobody asked for this job.
    #[error("there is no such job")]
    Unknown,
    /// The job is at an end (or not at the end that the command needs).
    #[error("the job is {}", .0.as_str())]
    NotPossible(JobStatus),
    /// The job ended long ago, and its events are in the archive.
    #[error("the job is {} and archived", .0.as_str())]
    Archived(JobStatus),
    /// Another attempt has taken over.
    #[error("attempt {current} has taken over from attempt {stale}")]
    Fenced {
        /// The attempt that came back late.
        stale: u32,
        /// The attempt that counts.
        current: u32,
    },
    /// The moment has not come before which no attempt may begin.
    #[error("the job must not begin before {not_before}")]
    TooEarly {
        /// That moment.
        not_before: OffsetDateTime,
    },
    /// The workers of the other queue take it up.
    #[error("the job waits in the other queue")]
    OtherLane,
    /// The budget of attempts is used up: park it.
    #[error("all {attempts} attempts are used up")]
    Exhausted {
        /// How many there were since the request or the last redrive.
        attempts: u32,
    },
}

impl Decider for JobDecider {
    type Command = JobCommand;
    type Event = JobEvent;
    type State = JobState;
    type Refusal = JobRefusal;

    const KIND: AggregateKind = AggregateKind::Job;

    fn name(command: &JobCommand) -> &'static str {
        match command {
            JobCommand::Request(_) => "request_plan",
            JobCommand::Expedite => "expedite_job",
            JobCommand::Start { .. } => "start_job",
            JobCommand::Progress { .. } => "progress_job",
            JobCommand::Complete { .. } => "complete_job",
            JobCommand::Finish { .. } => "finish_job",
            JobCommand::FailAttempt { .. } => "fail_attempt",
            JobCommand::Fail { .. } => "fail_job",
            JobCommand::Expire { .. } => "expire_job",
            JobCommand::DeadLetter { .. } => "dead_letter_job",
            JobCommand::Redrive { .. } => "redrive_job",
            JobCommand::Requeue { .. } => "requeue_job",
            JobCommand::Cancel => "cancel_job",
            JobCommand::ConfirmCancel => "confirm_cancel",
            JobCommand::Archive(_) => "archive_job",
        }
    }

    fn decide(state: &JobState, command: &JobCommand) -> Result<Vec<JobEvent>, JobRefusal> {
        match (&state.0, command) {
            (None, JobCommand::Request(request)) => {
                let first = requested(request).into();
                Ok(match request.priority {
                    // One that is scheduled waits in the ordinary queue, and is put forward by its worker when its time has come.
                    Priority::High if request.not_before.is_none() => vec![first, Expedited {}.into()],
                    Priority::High | Priority::Normal => vec![first],
                })
            }
            (Some(job), JobCommand::Request(request)) => repeated(job, request),
            (None, _) => Err(JobRefusal::Unknown),
            (Some(job), command) if job.archived_in.is_some() => archived(job, command),
            (Some(job), JobCommand::Expedite) => expedite(job),
            (Some(job), JobCommand::Start { lane, worker, max_attempts, at }) => {
                if job.lane == *lane {
                    start(job, worker, *max_attempts, *at)
                } else {
                    Err(JobRefusal::OtherLane)
                }
            }
            (Some(job), JobCommand::Progress { attempt, phase, percent }) => {
                working(job, *attempt)?;
                Ok(vec![Progressed { attempt: *attempt, phase: phase.clone(), percent: (*percent).min(100) }.into()])
            }
            (Some(job), JobCommand::Complete { attempt, plan_id, plan_version, note, at }) => {
                if job.plan_id.as_ref() == Some(plan_id) {
                    return Ok(Vec::new());
                }
                working(job, *attempt)?;
                if let Some(late) = late(job, *at) {
                    return Ok(vec![late]);
                }
                let (plan_id, plan_version, note) = (plan_id.clone(), *plan_version, note.clone());
                Ok(vec![Completed { attempt: *attempt, plan_id, plan_version, note, begun: None }.into()])
            }
            (Some(job), JobCommand::Finish { lane, worker, max_attempts, begun_at, plan_id, at }) => {
                if job.plan_id.as_ref() == Some(plan_id) {
                    return Ok(Vec::new());
                }
                if job.lane != *lane {
                    return Err(JobRefusal::OtherLane);
                }
                Ok(finish(start(job, worker, *max_attempts, *at)?, *begun_at, plan_id))
            }
            (Some(job), JobCommand::FailAttempt { attempt, reason, retry_at, attempts_left }) => {
                working(job, *attempt)?;
                if let Some(deadline) = job.deadline().filter(|deadline| retry_at >= deadline) {
                    return Ok(vec![no_time_left(job, reason, deadline)]);
                }
                let (reason, attempts_left) = (reason.clone(), Some(*attempts_left));
                Ok(vec![AttemptFailed { attempt: *attempt, reason, retry_at: *retry_at, attempts_left }.into()])
            }
            (Some(job), JobCommand::Fail { attempt, code, reason }) => {
                working(job, *attempt)?;
                Ok(vec![Failed { attempt: *attempt, code: *code, reason: reason.clone() }.into()])
            }
            (Some(job), JobCommand::Expire { at }) => expire(job, *at),
            (Some(job), JobCommand::DeadLetter { reason, fingerprint }) => dead_letter(job, reason, fingerprint),
            (Some(job), JobCommand::Redrive { note }) => match job.status {
                JobStatus::DeadLettered => Ok(vec![Redriven { note: note.clone() }.into()]),
                status => Err(JobRefusal::NotPossible(status)),
            },
            (Some(job), JobCommand::Requeue { note }) => match job.status {
                JobStatus::Scheduled | JobStatus::Queued | JobStatus::Running | JobStatus::Retrying => {
                    Ok(vec![Requeued { note: note.clone() }.into()])
                }
                status => Err(JobRefusal::NotPossible(status)),
            },
            (Some(job), JobCommand::Cancel) => cancel(job),
            (Some(job), JobCommand::ConfirmCancel) => match job.status {
                JobStatus::Cancelling => Ok(vec![Cancelled {}.into()]),
                JobStatus::Cancelled => Ok(Vec::new()),
                status => Err(JobRefusal::NotPossible(status)),
            },
            (Some(job), JobCommand::Archive(copy)) => archive(job, copy),
        }
    }

    fn evolve(state: JobState, event: &JobEvent) -> JobState {
        JobState(match (state.0, event) {
            (None, JobEvent::Requested(requested)) => Some(Job::new(requested)),
            (None, JobEvent::Archived(archived)) => Some(Job::of_archive(archived)),
            (job, event) => job.map(|job| job.evolve(event)),
        })
    }
}

fn requested(request: &RequestPlan) -> Requested {
    Requested {
        job_id: request.job_id.clone(),
        athlete_id: request.athlete_id.clone(),
        profile_revision: request.profile_revision,
        profile: request.profile.clone(),
        request: request.request.clone(),
        fingerprint: request.fingerprint.clone(),
        replan: request.replan.clone(),
        priority: request.priority,
        not_before: request.not_before,
        deadline: request.deadline,
    }
}

/// The same request again is no new job; another request under its key is a mistake of the caller.
fn repeated(job: &Job, request: &RequestPlan) -> Result<Vec<JobEvent>, JobRefusal> {
    let same = job.fingerprint == request.fingerprint && job.athlete_id == request.athlete_id;
    if !same {
        return Err(JobRefusal::KeyReused);
    }
    // The request may be all that was stored of its append.
    let missing = job.lane == Priority::High && job.status == JobStatus::Queued && !job.put_forward;
    Ok(if missing { vec![Expedited {}.into()] } else { Vec::new() })
}

/// Only what has ended for good may leave the log.
fn archive(job: &Job, copy: &ArchivedEvents) -> Result<Vec<JobEvent>, JobRefusal> {
    if !job.status.is_final() {
        return Err(JobRefusal::NotPossible(job.status));
    }
    let ArchivedEvents { segment, first, last, events } = copy.clone();
    let archived = Archived {
        athlete_id: job.athlete_id.clone(),
        fingerprint: job.fingerprint.clone(),
        status: job.status,
        attempts: job.attempts,
        plan_id: job.plan_id.clone(),
        segment,
        first,
        last,
        events,
    };
    Ok(vec![archived.into()])
}

/// A command that comes after the archive: done already, or too late for good.
fn archived(job: &Job, command: &JobCommand) -> Result<Vec<JobEvent>, JobRefusal> {
    let done = match command {
        JobCommand::Archive(_) => true,
        JobCommand::Cancel | JobCommand::ConfirmCancel => job.status == JobStatus::Cancelled,
        JobCommand::Complete { plan_id, .. } => job.plan_id.as_ref() == Some(plan_id),
        _ => false,
    };
    if done { Ok(Vec::new()) } else { Err(JobRefusal::Archived(job.status)) }
}

/// A job may be taken up when it waits, and also when it runs: the delivery came again because its worker was lost.
fn start(job: &Job, worker: &str, max_attempts: u32, at: OffsetDateTime) -> Result<Vec<JobEvent>, JobRefusal> {
    match job.status {
        JobStatus::Scheduled | JobStatus::Queued | JobStatus::Retrying | JobStatus::Running => {
            if let Some(not_before) = job.not_before().filter(|not_before| at < *not_before) {
                return Err(JobRefusal::TooEarly { not_before });
            }
            if let Some(late) = late(job, at) {
                return Ok(vec![late]);
            }
            if job.attempts_in_budget >= max_attempts {
                return Err(JobRefusal::Exhausted { attempts: job.attempts_in_budget });
            }
            Ok(vec![Started { attempt: job.attempts + 1, worker: worker.to_owned() }.into()])
        }
        // The worker that should have acknowledged is gone; whoever holds the delivery does it.
        JobStatus::Cancelling => Ok(vec![Cancelled {}.into()]),
        status => Err(JobRefusal::NotPossible(status)),
    }
}

/// The end of a job whose deadline has passed.
fn late(job: &Job, at: OffsetDateTime) -> Option<JobEvent> {
    let deadline = job.passed_deadline(at)?;
    Some(failed_late(job, format!("the job was not finished by its deadline, {}", moment(deadline))))
}

/// The end of a job whose next attempt would come too late.
fn no_time_left(job: &Job, reason: &str, deadline: OffsetDateTime) -> JobEvent {
    let (attempt, deadline) = (job.attempts, moment(deadline));
    failed_late(
        job,
        format!("attempt {attempt} failed ({reason}), and another would come after the deadline, {deadline}"),
    )
}

fn failed_late(job: &Job, reason: String) -> JobEvent {
    Failed { attempt: job.attempts, code: FailureCode::DeadlinePassed, reason }.into()
}

fn moment(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_else(|_| at.to_string())
}

/// Whatever still waits or is worked on ends with its deadline. One that is to be stopped is cancelled by its worker.
fn expire(job: &Job, at: OffsetDateTime) -> Result<Vec<JobEvent>, JobRefusal> {
    match job.status {
        JobStatus::Scheduled | JobStatus::Queued | JobStatus::Retrying | JobStatus::Running => {
            Ok(late(job, at).into_iter().collect())
        }
        status => Err(JobRefusal::NotPossible(status)),
    }
}

/// What the beginning of an attempt becomes when its plan is there already; a job that was to be stopped is stopped by it.
fn finish(begun: Vec<JobEvent>, at: OffsetDateTime, plan_id: &PlanId) -> Vec<JobEvent> {
    let ended = begun.into_iter().map(|event| match event {
        JobEvent::Started(Started { attempt, worker }) => Completed {
            attempt,
            plan_id: plan_id.clone(),
            plan_version: None,
            note: None,
            begun: Some(Begun { at, worker }),
        }
        .into(),
        event => event,
    });
    ended.collect()
}

/// Only a job that nobody works on changes queues; one that was put forward stays there. One that is scheduled begins now.
fn expedite(job: &Job) -> Result<Vec<JobEvent>, JobRefusal> {
    match (job.status, job.lane) {
        (JobStatus::Scheduled, _) | (JobStatus::Queued, Priority::Normal) => Ok(vec![Expedited {}.into()]),
        (JobStatus::Queued, Priority::High) if !job.put_forward => Ok(vec![Expedited {}.into()]),
        (JobStatus::Queued, Priority::High) => Ok(Vec::new()),
        (status, _) => Err(JobRefusal::NotPossible(status)),
    }
}

/// Only the newest attempt of a running job may speak for it.
fn working(job: &Job, attempt: u32) -> Result<(), JobRefusal> {
    if job.attempts != attempt {
        return Err(JobRefusal::Fenced { stale: attempt, current: job.attempts });
    }
    match job.status {
        JobStatus::Running => Ok(()),
        status => Err(JobRefusal::NotPossible(status)),
    }
}

fn dead_letter(job: &Job, reason: &str, fingerprint: &str) -> Result<Vec<JobEvent>, JobRefusal> {
    match job.status {
        JobStatus::Scheduled | JobStatus::Queued | JobStatus::Running | JobStatus::Retrying | JobStatus::Cancelling => {
            Ok(vec![
                DeadLettered { attempts: job.attempts, reason: reason.to_owned(), fingerprint: fingerprint.to_owned() }
                    .into(),
            ])
        }
        JobStatus::DeadLettered => Ok(Vec::new()),
        status => Err(JobRefusal::NotPossible(status)),
    }
}

fn cancel(job: &Job) -> Result<Vec<JobEvent>, JobRefusal> {
    match job.status {
        JobStatus::Scheduled | JobStatus::Queued | JobStatus::Retrying => Ok(vec![Cancelled {}.into()]),
        JobStatus::Running => Ok(vec![CancelRequested {}.into()]),
        JobStatus::Cancelling | JobStatus::Cancelled => Ok(Vec::new()),
        status => Err(JobRefusal::NotPossible(status)),
    }
}
