//! `job_timeline` as a pure reading of events: each becomes one sentence.

use ally_domain::athlete::AthleteEvent;
use ally_domain::envelope::{Position, Recorded};
use ally_domain::event_data::EncodingError;
use ally_domain::ids::JobId;
use ally_domain::job::JobEvent;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::fact::Fact;
use crate::projection::at;

/// One thing that happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// Which job.
    pub job_id: JobId,
    /// The event.
    pub position: Position,
    /// Its type: `plan_job.started.v1`.
    pub event_type: String,
    /// When it was decided.
    pub at: OffsetDateTime,
    /// Who did it: `system:planner`.
    pub actor: String,
    /// Which attempt, where there is one.
    pub attempt: Option<u32>,
    /// What happened, in a sentence.
    pub summary: String,
}

/// What an event says about a job; none when it says nothing about any.
///
/// # Errors
/// When the event's data does not fit its type.
pub fn entry(event: &Recorded) -> Result<Option<TimelineEntry>, EncodingError> {
    match Fact::read(event) {
        Ok(fact) => Ok(entry_of(event, &fact)),
        Err(EncodingError::Unknown { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn entry_of(event: &Recorded, fact: &Fact) -> Option<TimelineEntry> {
    let (job_id, attempt, summary) = match fact {
        Fact::Job(fact) => {
            let (attempt, summary) = attempt_and_summary(fact);
            (JobId::from(&event.aggregate.id), attempt, summary)
        }
        Fact::Athlete(fact) => {
            let AthleteEvent::OnboardingCompleted(completed) = &**fact else { return None };
            let summary = format!("Onboarding made revision {} of the profile and promised a plan", completed.revision);
            (completed.job_id.clone(), None, summary)
        }
        Fact::Plan(_)
        | Fact::Log(_)
        | Fact::DeadLetter(_)
        | Fact::Room(_)
        | Fact::Channel(_)
        | Fact::Endpoint(_)
        | Fact::Delivery(_) => return None,
    };
    Some(TimelineEntry {
        job_id,
        position: event.position.clone(),
        event_type: event.event_type.to_string(),
        at: at(event),
        actor: event.actor.clone(),
        attempt,
        summary,
    })
}

fn attempt_and_summary(fact: &JobEvent) -> (Option<u32>, String) {
    match fact {
        JobEvent::Requested(job) => match &job.replan {
            Some(replan) => (
                None,
                format!("A next version of plan {} was asked for, after {}", replan.plan_id, replan.base_version),
            ),
            None => (None, format!("A plan of {} weeks was asked for", job.request.weeks)),
        },
        JobEvent::Expedited(_) => (None, "Put before others".to_owned()),
        JobEvent::Started(it) => (Some(it.attempt), format!("Attempt {} began on {}", it.attempt, it.worker)),
        JobEvent::Progressed(it) => (Some(it.attempt), format!("{} %: {}", it.percent, it.phase)),
        JobEvent::AttemptFailed(it) => {
            let due = it.retry_at.format(&Rfc3339).unwrap_or_else(|_| it.retry_at.to_string());
            let left = it.attempts_left.map(|left| format!(", {left} left")).unwrap_or_default();
            let summary = format!("Attempt {} failed{left}: {}; the next one is due at {due}", it.attempt, it.reason);
            (Some(it.attempt), summary)
        }
        JobEvent::Completed(it) => match (&it.plan_version, &it.note) {
            (Some(version), Some(note)) => {
                (Some(it.attempt), format!("Plan {} is at version {version}: {note}", it.plan_id))
            }
            _ => {
                let begun =
                    it.begun.as_ref().map(|begun| format!("; attempt {} was made by {}", it.attempt, begun.worker));
                (Some(it.attempt), format!("Plan {} is there{}", it.plan_id, begun.unwrap_or_default()))
            }
        },
        JobEvent::Failed(it) => (Some(it.attempt), format!("It can never work ({}): {}", it.code.as_str(), it.reason)),
        JobEvent::DeadLettered(it) => {
            (Some(it.attempts), format!("Parked after {} attempts: {}", it.attempts, it.reason))
        }
        JobEvent::Redriven(it) => (None, format!("Put back into the queue: {}", it.note)),
        JobEvent::Requeued(it) => (None, format!("Its lost message was put back before its consumer: {}", it.note)),
        JobEvent::CancelRequested(_) => (None, "Cancellation was asked for while a worker is on it".to_owned()),
        JobEvent::Cancelled(_) => (None, "Cancelled".to_owned()),
        JobEvent::Archived(it) => (None, format!("Its {} events went to the archive", it.events)),
    }
}
