//! How many jobs stand where, counted as they change: never by counting rows of a table that grows.

use std::collections::{BTreeMap, HashMap};

use ally_domain::ids::AthleteId;
use ally_domain::job::JobStatus;
use time::OffsetDateTime;

use super::view::JobStatusView;
use crate::database::{Database, DatabaseError, Statement, Statements};
use crate::projection::{ONBOARDING, PLANS};

/// Scheduled jobs whose time has come.
const DUE: &str = "due";
/// Jobs that onboarding has promised, ever; the difference to [`KEPT`] waits to be requested.
const PROMISED: &str = "promised";
/// Promised jobs that were requested, ever.
const KEPT: &str = "promise_kept";

const WRITE: Statement = Statement::new(
    "UPSERT",
    "job_count",
    "INSERT INTO job_count AS old (owner, status, jobs)
     SELECT $1, status, jobs FROM unnest($2::text[], $3::int8[]) AS change (status, jobs)
     ON CONFLICT (owner, status) DO UPDATE SET jobs = old.jobs + excluded.jobs",
);
const WRITE_BY_ATHLETE: Statement = Statement::new(
    "UPSERT",
    "job_count_by_athlete",
    "INSERT INTO job_count_by_athlete AS old (athlete_id, open_jobs)
     SELECT * FROM unnest($1::text[], $2::int8[])
     ON CONFLICT (athlete_id) DO UPDATE SET open_jobs = old.open_jobs + excluded.open_jobs",
);
const DROP_IDLE_ATHLETES: Statement = Statement::new(
    "DELETE",
    "job_count_by_athlete",
    "DELETE FROM job_count_by_athlete WHERE athlete_id = ANY($1) AND open_jobs = 0",
);
/// Scheduled jobs that are due are no more than wait for a worker: only these are counted one by one.
const READ: Statement = Statement::new(
    "SELECT",
    "job_count",
    "SELECT status, sum(jobs)::int8 FROM job_count GROUP BY status
     UNION ALL SELECT 'due', count(*) FROM job_status WHERE status = 'scheduled' AND queued_at <= now()",
);
const READ_OLDEST: Statement = Statement::new(
    "SELECT",
    "job_status",
    "SELECT least(
         (SELECT queued_at FROM job_status WHERE status = 'queued' ORDER BY queued_at LIMIT 1),
         (SELECT queued_at FROM job_status WHERE status = 'scheduled' AND queued_at <= now() ORDER BY queued_at LIMIT 1))",
);
const READ_BUSIEST: Statement = Statement::new(
    "SELECT",
    "job_count_by_athlete",
    "SELECT athlete_id, open_jobs FROM job_count_by_athlete WHERE open_jobs > 0 ORDER BY open_jobs DESC, athlete_id LIMIT $1",
);

/// How the counts change with a batch of events.
#[derive(Debug)]
pub(super) struct Counts {
    owner: &'static str,
    by_status: BTreeMap<&'static str, i64>,
    open_by_athlete: BTreeMap<String, i64>,
}

impl Default for Counts {
    fn default() -> Self {
        Self { owner: PLANS, by_status: BTreeMap::new(), open_by_athlete: BTreeMap::new() }
    }
}

impl Counts {
    /// So many new promises.
    pub(super) fn promised(new: u64) -> Self {
        let by_status = BTreeMap::from([(PROMISED, i64::try_from(new).unwrap_or(i64::MAX))]);
        Self { owner: ONBOARDING, by_status, open_by_athlete: BTreeMap::new() }
    }

    /// A promised job was requested.
    pub(super) fn keep_promise(&mut self) {
        *self.by_status.entry(KEPT).or_default() += 1;
    }

    /// A job came from one status to another; before its request it had none.
    pub(super) fn moved(&mut self, job: &JobStatusView, before: Option<JobStatus>) {
        if before == Some(job.status) {
            return;
        }
        if let Some(before) = before {
            *self.by_status.entry(before.as_str()).or_default() -= 1;
        }
        *self.by_status.entry(job.status.as_str()).or_default() += 1;
        let was_open = before.is_some_and(|status| !status.is_terminal());
        let change = i64::from(!job.status.is_terminal()) - i64::from(was_open);
        if change != 0 {
            *self.open_by_athlete.entry(job.athlete_id.to_string()).or_default() += change;
        }
    }

    pub(super) async fn write(mut self, to: &Statements<'_>) -> Result<(), DatabaseError> {
        self.by_status.retain(|_, change| *change != 0);
        self.open_by_athlete.retain(|_, change| *change != 0);
        if !self.by_status.is_empty() {
            let statuses = self.by_status.keys().copied().collect::<Vec<_>>();
            let jobs = self.by_status.values().copied().collect::<Vec<_>>();
            to.execute(WRITE, &[&self.owner, &statuses, &jobs]).await?;
        }
        if !self.open_by_athlete.is_empty() {
            let athletes = self.open_by_athlete.keys().map(String::as_str).collect::<Vec<_>>();
            let jobs = self.open_by_athlete.values().copied().collect::<Vec<_>>();
            to.execute(WRITE_BY_ATHLETE, &[&athletes, &jobs]).await?;
            if jobs.iter().any(|change| *change < 0) {
                to.execute(DROP_IDLE_ATHLETES, &[&athletes]).await?;
            }
        }
        Ok(())
    }
}

/// How many jobs stand where. Jobs that onboarding has promised and nobody has requested yet count as queued, and so do scheduled
/// ones whose time has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobCounts(HashMap<String, u64>);

impl JobCounts {
    /// How many jobs are in a status.
    #[must_use]
    pub fn of(&self, status: JobStatus) -> u64 {
        let count = |name: &str| self.0.get(name).copied().unwrap_or(0);
        match status {
            JobStatus::Queued => count(status.as_str()) + count(PROMISED).saturating_sub(count(KEPT)) + count(DUE),
            JobStatus::Scheduled => count(status.as_str()).saturating_sub(count(DUE)),
            status => count(status.as_str()),
        }
    }
}

/// Jobs by status.
///
/// # Errors
/// When the database does not answer.
pub async fn counts(database: &Database) -> Result<JobCounts, DatabaseError> {
    let rows = database.query(READ, &[]).await?;
    // Below zero only for a moment, while one stream is read ahead of the other.
    Ok(JobCounts(rows.iter().map(|row| (row.get(0), u64::try_from(row.get::<_, i64>(1)).unwrap_or(0))).collect()))
}

/// The open jobs of one athlete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AthleteLoad {
    /// Whose.
    pub athlete_id: AthleteId,
    /// Scheduled, queued, running, retrying or cancelling.
    pub open_jobs: u64,
}

/// The queue of plan jobs at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueFigures {
    /// Jobs by status.
    pub jobs: JobCounts,
    /// Since when the job that waits longest for its first attempt is queued; none when nothing is.
    pub oldest_queued_at: Option<OffsetDateTime>,
    /// The athletes with the most open jobs, most first.
    pub busiest: Vec<AthleteLoad>,
}

/// The queue's figures, with the `busiest` athletes, at most 100.
///
/// # Errors
/// When the database does not answer.
pub async fn queue(database: &Database, busiest: u32) -> Result<QueueFigures, DatabaseError> {
    let limit = i64::from(busiest.min(100));
    let limits: [&(dyn tokio_postgres::types::ToSql + Sync); 1] = [&limit];
    let (jobs, oldest, loads) =
        tokio::try_join!(counts(database), database.query(READ_OLDEST, &[]), database.query(READ_BUSIEST, &limits))?;
    let busiest = loads.iter().map(|row| {
        let athlete_id =
            row.get::<_, String>(0).parse().map_err(|error| DatabaseError::unreadable("athlete_id", error))?;
        Ok(AthleteLoad { athlete_id, open_jobs: u64::try_from(row.get::<_, i64>(1)).unwrap_or(0) })
    });
    Ok(QueueFigures {
        jobs,
        oldest_queued_at: oldest.first().and_then(|row| row.get(0)),
        busiest: busiest.collect::<Result<_, DatabaseError>>()?,
    })
}
