//! What the rules and the log refuse, as problems.

use std::time::Duration;

use ally_domain::athlete::AthleteRefusal;
use ally_domain::engine::profile::Unfit;
use ally_domain::job::{JobRefusal, JobStatus};
use ally_domain::plan::PlanRefusal;
use ally_domain::ports::StoreError;
use ally_handlers::{CancelError, ExecuteError, ReplanError, RequestPlanError, RetryError};

use super::{Kind, Problem};
use crate::wire::open_steps;

/// When to come back while the log is full: somebody has to make room, which takes longer than an outage.
const FULL_STORE_WAIT: Duration = Duration::from_secs(30);
/// What only a person at work changes, an update or a restored file, is not asked for every other second.
const UPDATE: Duration = Duration::from_secs(60);

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { reason } => Self::unavailable("the event log", reason),
            StoreError::Full { reason } => {
                let detail =
                    "the event log has no room for anything new; nothing was stored; send the request again later";
                Self::new(Kind::StoreFull, detail).retry_after(FULL_STORE_WAIT).because(reason)
            }
            StoreError::Conflict { .. } => {
                Self::new(Kind::Conflict, "another request changed the same thing; send this one again").because(error)
            }
            StoreError::Newer { .. } => Self::new(
                Kind::Outdated,
                "a newer version of the service has written to this, and this process does not know it yet; send the request again later",
            )
            .retry_after(UPDATE)
            .because(error),
            StoreError::ArchiveMissing { .. } => Self::new(
                Kind::ArchiveMissing,
                "this is old enough to be in the archive, and the part of the archive that holds it is missing; whoever operates the service has to put it back",
            )
            .retry_after(UPDATE)
            .because(error),
            StoreError::Rejected { .. } | StoreError::Corrupt { .. } => Self::internal(error),
        }
    }
}

impl From<AthleteRefusal> for Problem {
    fn from(AthleteRefusal::Unfit(unfit): AthleteRefusal) -> Self {
        match unfit {
            Unfit::Invalid(errors) => Self::fields(errors),
            Unfit::Contradictory(errors) => Self { kind: Kind::Contradiction, ..Self::fields(errors) },
        }
    }
}

impl From<JobRefusal> for Problem {
    fn from(refusal: JobRefusal) -> Self {
        match refusal {
            JobRefusal::KeyReused => {
                Self::new(Kind::KeyReused, "this Idempotency-Key was used with another body; send a new key")
            }
            JobRefusal::Unknown => Self::not_found("job"),
            JobRefusal::NotPossible(status) | JobRefusal::Archived(status) => Self::new(Kind::JobState, ended(status)),
            // Workers meet these, callers never do.
            JobRefusal::Fenced { .. }
            | JobRefusal::Exhausted { .. }
            | JobRefusal::TooEarly { .. }
            | JobRefusal::OtherLane => Self::internal(refusal),
        }
    }
}

fn ended(status: JobStatus) -> String {
    format!("the job is {}, where this is not possible (any more)", status.as_str())
}

impl<R: std::error::Error + Into<Problem> + 'static> From<ExecuteError<R>> for Problem {
    fn from(error: ExecuteError<R>) -> Self {
        match error {
            ExecuteError::Refused(refusal) => refusal.into(),
            ExecuteError::Contended { .. } => {
                Self::new(Kind::Conflict, "other requests kept changing the same thing; send this one again")
                    .because(error)
            }
            ExecuteError::Store(error) => error.into(),
            ExecuteError::Encoding(error) => Self::internal(error),
        }
    }
}

impl From<PlanRefusal> for Problem {
    fn from(refusal: PlanRefusal) -> Self {
        match refusal {
            PlanRefusal::Unknown => Self::not_found("plan"),
            PlanRefusal::KeyReused => {
                Self::new(Kind::KeyReused, "this Idempotency-Key was used with another body; send a new key")
            }
            PlanRefusal::Invalid(errors) => Self { kind: Kind::Contradiction, ..Self::fields(errors) },
            PlanRefusal::Full { .. } => Self::new(Kind::PlanFull, refusal.to_string()),
            // Workers meet these, callers never do.
            PlanRefusal::Exists { .. } | PlanRefusal::Superseded { .. } | PlanRefusal::Broken { .. } => {
                Self::internal(refusal)
            }
        }
    }
}

impl From<ReplanError> for Problem {
    fn from(error: ReplanError) -> Self {
        match error {
            ReplanError::NotFound(_) => Self::not_found("plan"),
            ReplanError::Execute(error) => error.into(),
        }
    }
}

impl From<RequestPlanError> for Problem {
    fn from(error: RequestPlanError) -> Self {
        match error {
            RequestPlanError::NoProfile { missing, .. } => {
                let detail =
                    format!("complete onboarding first: POST /api/v1/onboarding takes {}", open_steps(&missing));
                Self::new(Kind::NoProfile, detail)
            }
            RequestPlanError::Moments(faults) => Self { kind: Kind::Contradiction, ..Self::fields(faults) },
            RequestPlanError::Execute(error) => error.into(),
        }
    }
}

impl From<RetryError> for Problem {
    fn from(error: RetryError) -> Self {
        match error {
            RetryError::NotFound(_) => Self::not_found("job"),
            RetryError::NotPossible(status) => {
                let detail =
                    format!("the job is {}; only a job that failed, and lately, is tried again", status.as_str());
                Self::new(Kind::JobState, detail)
            }
            RetryError::Request(error) => error.into(),
            RetryError::Replan(error) => error.into(),
        }
    }
}

impl From<CancelError> for Problem {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::NotFound(_) => Self::not_found("job"),
            CancelError::Execute(error) => error.into(),
        }
    }
}
