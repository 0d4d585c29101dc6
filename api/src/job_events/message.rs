//! What a stream says: the bodies of its messages.

use ally_domain::envelope::Recorded;
use ally_projections::job_status::JobStatusView;
use poem_openapi::types::ToJSON;
use poem_openapi::{Enum, Object};

use super::event_type::JobEventType;
use crate::wire::{JobBody, Moment};

/// What the messages of a stream are called: the `event` of each, and the `type` of its data where that is not of a job.
pub(crate) mod name {
    pub(crate) const SNAPSHOT: &str = "snapshot";
    pub(crate) const JOB: &str = "job";
    pub(crate) const RESYNC: &str = "resync";
    pub(crate) const END: &str = "end";
}

/// An event of a job: what happened, and where the job stands since.
#[derive(Object)]
#[oai(rename = "JobEvent", rename_all = "camelCase")]
pub(crate) struct JobEventBody {
    /// What happened.
    #[oai(rename = "type")]
    pub event_type: JobEventType,
    /// Names the event, and its place among the others: the same as the id of the message.
    pub id: String,
    /// When.
    pub at: Moment,
    /// Where the job stands since. A completed one names its plan.
    pub job: JobBody,
}

/// Always `snapshot`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "SnapshotType", rename_all = "snake_case")]
pub(crate) enum SnapshotType {
    /// What is when a stream begins.
    Snapshot,
}

/// What is when a stream begins: the job, or all jobs of the athlete of which something may come. It counts instead of all that was
/// known of open jobs before.
#[derive(Object)]
#[oai(rename = "JobsSnapshot", rename_all = "camelCase")]
pub(crate) struct SnapshotBody {
    /// Always `snapshot`.
    #[oai(rename = "type")]
    pub snapshot_type: SnapshotType,
    /// The jobs, the oldest first.
    pub jobs: Vec<JobBody>,
}

/// Why a client begins afresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "ResyncReason", rename_all = "snake_case")]
pub(crate) enum ResyncReason {
    /// The id is none that this deployment gave out, or the log was made anew since.
    UnknownPosition,
    /// More was missed than is told at once.
    MissedTooMuch,
}

/// Always `resync`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "ResyncType", rename_all = "snake_case")]
pub(crate) enum ResyncType {
    /// What the client missed is not told; a snapshot follows.
    Resync,
}

/// What the client missed is not told; a snapshot follows, and counts instead of all that was known.
#[derive(Object)]
#[oai(rename = "JobsResync")]
pub(crate) struct ResyncBody {
    /// Always `resync`.
    #[oai(rename = "type")]
    resync_type: ResyncType,
    /// Why.
    reason: ResyncReason,
}

/// Why a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "JobsEndReason", rename_all = "snake_case")]
pub(crate) enum EndReason {
    /// The job has come to its end; there is nothing to come back for.
    JobEnded,
    /// The token ended, or the stream is as old as one may become. Come back with a new token.
    TooOld,
    /// The client took what it was sent too slowly.
    SlowConsumer,
    /// The server is about to end. Come back to reach another one.
    Draining,
    /// The log of events was made anew.
    NewLog,
    /// The server cannot tell what follows.
    Failed,
}

impl EndReason {
    pub(super) const ALL: [Self; 6] =
        [Self::JobEnded, Self::TooOld, Self::SlowConsumer, Self::Draining, Self::NewLog, Self::Failed];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::JobEnded => "job_ended",
            Self::TooOld => "too_old",
            Self::SlowConsumer => "slow_consumer",
            Self::Draining => "draining",
            Self::NewLog => "new_log",
            Self::Failed => "failed",
        }
    }
}

/// Always `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "JobsEndType", rename_all = "snake_case")]
pub(crate) enum EndType {
    /// The stream ends.
    End,
}

/// The last message of a stream that the server ends.
#[derive(Object)]
#[oai(rename = "JobsEnd", rename_all = "camelCase")]
pub(crate) struct EndBody {
    /// Always `end`.
    #[oai(rename = "type")]
    pub end_type: EndType,
    /// Why.
    pub reason: EndReason,
    /// When to come back, in milliseconds, with the id that came last; absent where there is nothing to come back for.
    #[oai(skip_serializing_if_is_none)]
    pub reconnect_after_ms: Option<u64>,
}

/// An event as text.
pub(super) fn job_event(event_type: JobEventType, id: String, event: &Recorded, job: JobStatusView) -> String {
    JobEventBody { event_type, id, at: Moment(event.at), job: job.as_of(event.at).into() }.to_json_string()
}

pub(super) fn snapshot(jobs: impl IntoIterator<Item = JobStatusView>) -> String {
    let jobs = jobs.into_iter().map(JobBody::from).collect();
    SnapshotBody { snapshot_type: SnapshotType::Snapshot, jobs }.to_json_string()
}

pub(super) fn resync(reason: ResyncReason) -> String {
    ResyncBody { resync_type: ResyncType::Resync, reason }.to_json_string()
}

pub(super) fn end(reason: EndReason, reconnect_after_ms: Option<u64>) -> String {
    EndBody { end_type: EndType::End, reason, reconnect_after_ms }.to_json_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_counted_under_its_name_on_the_wire() {
        for reason in EndReason::ALL {
            assert_eq!(reason.to_json(), Some(reason.as_str().into()));
        }
    }

    #[test]
    fn the_type_of_the_data_is_the_name_of_the_message() {
        assert_eq!(SnapshotType::Snapshot.to_json(), Some(name::SNAPSHOT.into()));
        assert_eq!(ResyncType::Resync.to_json(), Some(name::RESYNC.into()));
        assert_eq!(EndType::End.to_json(), Some(name::END.into()));
    }
}
