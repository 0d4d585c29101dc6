//! What a job's event says to the outside: which job, whose, and where it stands, and nothing about anybody's health.

use ally_domain::envelope::Recorded;
use ally_domain::event_data::EncodingError;
use ally_domain::ids::AthleteId;
use ally_domain::job::{JobEvent, JobStatus};
use ally_domain::webhook::{MessageType, WebhookMessage};
use serde_json::{Map, Value};

/// The type of message that an event makes; `None` for those that nobody outside waits for.
pub(super) fn type_of(event: &JobEvent) -> Option<MessageType> {
    Some(match event {
        JobEvent::Requested(_) => MessageType::JobRequested,
        JobEvent::Started(_) => MessageType::JobStarted,
        JobEvent::AttemptFailed(_) => MessageType::JobAttemptFailed,
        JobEvent::Completed(_) => MessageType::JobCompleted,
        JobEvent::Failed(_) => MessageType::JobFailed,
        JobEvent::DeadLettered(_) => MessageType::JobDeadLettered,
        JobEvent::Redriven(_) => MessageType::JobRedriven,
        JobEvent::Cancelled(_) => MessageType::JobCancelled,
        JobEvent::Expedited(_)
        | JobEvent::Progressed(_)
        | JobEvent::Requeued(_)
        | JobEvent::CancelRequested(_)
        | JobEvent::Archived(_) => return None,
    })
}

/// The message of an event of an athlete's job.
pub(super) fn of_job(recorded: &Recorded, athlete: &AthleteId) -> Result<Option<WebhookMessage>, EncodingError> {
    let event: JobEvent = recorded.decode()?;
    let Some(message_type) = type_of(&event) else { return Ok(None) };
    let mut data = Map::new();
    let mut put = |key: &str, value: Value| data.insert(key.to_owned(), value);
    put("jobId", recorded.aggregate.id.as_str().into());
    put("athleteId", athlete.as_str().into());
    put("position", recorded.position.to_string().into());
    put("status", status_of(message_type).as_str().into());
    match event {
        JobEvent::Started(started) => {
            put("attempt", started.attempt.into());
        }
        JobEvent::AttemptFailed(failed) => {
            put("attempt", failed.attempt.into());
        }
        JobEvent::Completed(completed) => {
            put("attempt", completed.attempt.into());
            put("planId", completed.plan_id.as_str().into());
            put("planVersion", completed.plan_version.unwrap_or(1).into());
        }
        JobEvent::Failed(failed) => {
            put("attempt", failed.attempt.into());
            put("code", failed.code.as_str().into());
        }
        JobEvent::DeadLettered(parked) => {
            put("attempt", parked.attempts.into());
        }
        _ => {}
    }
    Ok(Some(WebhookMessage {
        id: recorded.event_id.clone(),
        message_type,
        timestamp: recorded.at,
        data: Value::Object(data),
    }))
}

/// Where a job stands behind the event of a message.
const fn status_of(message_type: MessageType) -> JobStatus {
    match message_type {
        MessageType::JobStarted => JobStatus::Running,
        MessageType::JobAttemptFailed => JobStatus::Retrying,
        MessageType::JobCompleted => JobStatus::Completed,
        MessageType::JobFailed => JobStatus::Failed,
        MessageType::JobDeadLettered => JobStatus::DeadLettered,
        MessageType::JobCancelled => JobStatus::Cancelled,
        MessageType::JobRequested
        | MessageType::JobRedriven
        | MessageType::Ping
        | MessageType::WebhookFailing
        | MessageType::WebhookRecovered
        | MessageType::WebhookDisabled => JobStatus::Queued,
    }
}
