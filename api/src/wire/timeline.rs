//! A job's timeline as callers read it.

use ally_domain::job::plain_reason;
use ally_projections::job_timeline::TimelineEntry;
use poem_openapi::Object;

use super::moment::Moment;

/// What happened to a job.
#[derive(Object)]
#[oai(rename = "JobTimeline", rename_all = "camelCase")]
pub(crate) struct TimelineBody {
    /// Which job.
    pub job_id: String,
    /// What happened, oldest first.
    pub entries: Vec<TimelineEntryBody>,
}

/// One thing that happened to a job.
#[derive(Object)]
#[oai(rename = "JobTimelineEntry", rename_all = "camelCase")]
pub(crate) struct TimelineEntryBody {
    /// Where the event stands in the log.
    pub position: String,
    /// The event's type.
    #[oai(rename = "type")]
    pub event_type: String,
    /// When it was decided.
    pub at: Moment,
    /// Who did it: `athlete:amy`, `system:planner`, `operator:kim`.
    pub actor: String,
    /// Which attempt, where there is one.
    #[oai(skip_serializing_if_is_none)]
    pub attempt: Option<u32>,
    /// What happened, in a sentence.
    pub summary: String,
}

impl From<TimelineEntry> for TimelineEntryBody {
    fn from(it: TimelineEntry) -> Self {
        Self {
            position: it.position.to_string(),
            event_type: it.event_type,
            at: Moment(it.at),
            actor: it.actor,
            attempt: it.attempt,
            summary: plain_reason(&it.summary).into_owned(),
        }
    }
}
