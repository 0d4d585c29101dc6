//! Ally's work: commands are executed here, and events are answered.
//!
//! Here live command execution (load → decide → append), the workers, the process managers, the plan providers, the
//! archiver, the reconciler of orphaned jobs, the end of jobs behind their deadlines, the feed of plan jobs, the nodes of realtime
//! presence, channels, and webhooks.
//! Deliberately not here: JetStream, SQL and HTTP. A handler answers with an outcome and never sees an ack.

mod archiver;
pub mod channel;
mod circuit;
mod cursor;
mod deadlines;
mod execute;
mod full_log;
mod interruption;
mod job_counts;
pub mod job_feed;
mod metrics;
mod onboarding;
mod planner;
pub mod presence;
pub mod providers;
mod reconciler;
mod retry_after;
pub mod series;
mod submit;
#[cfg(feature = "testing")]
pub mod testing;
pub mod webhooks;

pub use archiver::{ArchiveError, Archiver, Moved, OnMoved};
pub use cursor::{Cursor, InvalidCursor};
pub use deadlines::Deadlines;
pub use execute::{Counted, ExecuteError, Executed, Executor, Known, Stored, replay};
pub use onboarding::OnboardingHandler;
pub use planner::{PlannerConfig, PlannerHandler, Quarantine};
pub use reconciler::{Orphan, Orphans, ReconcileError, Reconciled, Reconciler, Suspects, Unjudged};
pub use submit::{
    CancelError, DeliveryAttempt, DeliveryRecord, DeliverySummary, EndpointChange, EndpointRecord, KeyedWish,
    LoggedEntry, Onboarded, Origin, PlanWish, QueuedDelivery, ReplanError, Replayed, RequestPlanError, RetryError,
    SendError, Submissions, SubmittedJob, retry_key,
};
