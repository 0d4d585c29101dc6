//! A plan job: one request for a plan, from submission to its end.

mod command;
mod decide;
mod event;
mod orphan;
mod reason;
mod state;
#[cfg(test)]
mod tests;

pub use command::{ArchivedEvents, JobCommand, Priority, RequestPlan};
pub use decide::{JobDecider, JobRefusal};
pub use event::{
    Archived, AttemptFailed, Begun, CancelRequested, Cancelled, Completed, DeadLettered, Expedited, Failed,
    FailureCode, JobEvent, JobEventKind, Progressed, Redriven, Replan, Requested, Requeued, Started,
};
pub use orphan::{OrphanLimits, Remedy, remedy};
pub use reason::plain_reason;
pub use state::{ENDS, Job, JobState, JobStatus, QUEUED_BY};
