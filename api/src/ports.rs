//! What the routes ask of the views, and of whatever else the process stands on: signatures only.
//!
//! The binary joins them to Postgres and JetStream. Commands need no port of their own: `ally_handlers::Submissions`
//! already works on any event store.

use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::ids::{AthleteId, JobId, PlanId};
use ally_domain::room::{ConnId, Member, RoomId};
use ally_projections::JobNews;
use ally_projections::athlete_profile::AthleteProfileView;
use ally_projections::job_status::{self, JobStatusView};
use ally_projections::plan::{PlanSummary, PlanView};
use ally_projections::workout::{self, WorkoutView};
use async_trait::async_trait;
use time::OffsetDateTime;

/// Why a view did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The database is not reachable or did not answer in time.
    #[error("the database is not reachable: {reason}")]
    Unavailable {
        /// What the client reported.
        reason: String,
    },
    /// A row or an event cannot be read.
    #[error("{what} cannot be read: {reason}")]
    Unreadable {
        /// Which view or event.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// The views that the gateway reads. They hold every athlete's rows; who may see one is the caller's matter.
#[async_trait]
pub trait Views: Send + Sync {
    /// A job's row.
    async fn job(&self, id: &JobId) -> Result<Option<JobStatusView>, ViewError>;

    /// An athlete's jobs that are wanted, newest first, at most `limit` of those behind a place.
    async fn jobs_of(
        &self,
        athlete: &AthleteId,
        wanted: &job_status::Wanted,
        behind: Option<&job_status::Place>,
        limit: u16,
    ) -> Result<Vec<JobStatusView>, ViewError>;

    /// A plan's newest version.
    async fn plan(&self, id: &PlanId) -> Result<Option<PlanView>, ViewError>;

    /// One version of a plan.
    async fn plan_version(&self, id: &PlanId, version: u32) -> Result<Option<PlanView>, ViewError>;

    /// Every version of a plan, oldest first.
    async fn plan_versions(&self, id: &PlanId) -> Result<Vec<PlanSummary>, ViewError>;

    /// A plan's training log in the order in which it happened: the newest workout of each session, and all reports of pain; at
    /// most `limit` of the entries behind a place.
    async fn training_log(
        &self,
        id: &PlanId,
        behind: Option<workout::Place>,
        limit: u16,
    ) -> Result<Vec<WorkoutView>, ViewError>;

    /// An athlete's plans, newest in the log first, at most `limit` of those made before a sequence.
    async fn plans_of(
        &self,
        athlete: &AthleteId,
        before: Option<u64>,
        limit: u16,
    ) -> Result<Vec<PlanSummary>, ViewError>;

    /// An athlete's row; `None` when nothing was ever answered or it is not projected yet.
    async fn profile_of(&self, athlete: &AthleteId) -> Result<Option<AthleteProfileView>, ViewError>;

    /// The jobs of an athlete of which something may come, or came behind a sequence of the log; the newest first.
    async fn jobs_to_follow(
        &self,
        athlete: &AthleteId,
        since: Option<u64>,
        limit: u16,
    ) -> Result<Vec<JobId>, ViewError>;

    /// How many jobs wait for a worker, for the limit on the queue's depth.
    async fn queued(&self) -> Result<u64, ViewError>;

    /// Follows a job's row: what is read of it afterwards holds until there is news.
    fn follow(&self, _job: &JobId) -> JobNews {
        JobNews::unknown()
    }

    /// Whether the views are known to hold what stands at a position.
    fn contain(&self, _position: &Position) -> bool {
        true
    }

    /// Waits until the views hold what stands at a position, at most so long; says whether they do.
    async fn reached(&self, position: &Position, bound: Duration) -> bool;
}

/// Who was in a room at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct PastMember {
    /// The connection.
    pub conn: ConnId,
    /// Who it was, with the last state that is known of the membership.
    pub member: Member,
    /// When it came.
    pub joined_at: OffsetDateTime,
    /// When it went; `None` while it is there.
    pub left_at: Option<OffsetDateTime>,
}

/// The memberships of the last days, as the views hold them.
#[async_trait]
pub trait PastMembers: Send + Sync {
    /// Who was in a room at a moment: those with `joined_at <= at` who had not left by then, in the order of their connections,
    /// behind one of them, at most `limit` rows. Whose end the views have forgotten is not told.
    async fn members_at(
        &self,
        room: &RoomId,
        at: OffsetDateTime,
        after: Option<ConnId>,
        limit: usize,
    ) -> Result<Vec<PastMember>, ViewError>;
}

/// Something that the process stands on, asked whether it answers.
#[async_trait]
pub trait Probe: Send + Sync {
    /// What it is: `nats`, `postgres`.
    fn name(&self) -> &'static str;

    /// Whether it answers.
    ///
    /// # Errors
    /// Why not, for the person on call; it is shown without a token, so it holds no secret.
    async fn check(&self) -> Result<(), String>;

    /// What is not as it should be though it answers: the component is `degraded`, and the role stays ready.
    async fn warning(&self) -> Option<String> {
        None
    }
}

/// The queue at a glance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueFigures {
    /// Jobs that wait for a worker.
    pub queued: u64,
    /// Jobs that a worker is on.
    pub running: u64,
    /// Jobs that wait for another attempt.
    pub retrying: u64,
    /// Jobs whose attempts are used up.
    pub dead_lettered: u64,
    /// Since when the oldest waiting job waits.
    pub oldest_queued_at: Option<OffsetDateTime>,
    /// The athletes with the most open jobs, the most first.
    pub busiest: Vec<(AthleteId, u64)>,
}

/// The worker slots of one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SlotFigures {
    /// Jobs that are being worked on here.
    pub current: usize,
    /// How many there may be.
    pub max: usize,
}

/// What the planner says of itself.
#[async_trait]
pub trait Workload: Send + Sync {
    /// The queue, all planners together.
    async fn queue(&self) -> Result<QueueFigures, ViewError>;

    /// This process's slots.
    fn slots(&self) -> SlotFigures;
}
