//! `job_status`: rows → view.

use ally_domain::envelope::Position;
use ally_domain::ids::{AthleteId, JobId};
use ally_domain::job::JobStatus;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio_postgres::Row;

use super::view::{JobError, JobStatusView};
use crate::database::{Database, DatabaseError, Statement};

/// The most jobs that one listing answers.
const MAX_LISTED: u32 = 200;

macro_rules! select {
    ($end:literal) => {
        concat!(
            "SELECT job_id, athlete_id, status, progress, phase, plan_id, attempts, created_at, queued_at, started_at,
                completed_at, next_retry_at, error_code, error_message, trace_id, correlation, created_stream, created_sequence,
                last_stream, last_sequence, plan_version, note, not_before, deadline FROM job_status ",
            $end
        )
    };
}

pub(super) const BY_IDS: &str = select!("WHERE job_id = ANY($1)");
const GET: Statement = Statement::new("SELECT", "job_status", select!("WHERE job_id = $1"));
const PAGE: Statement = Statement::new(
    "SELECT",
    "job_status",
    select!(
        "WHERE athlete_id = $1 AND (created_at, job_id) < ($2, $3) AND created_at >= $4 AND created_at < $5
             AND (cardinality($6::text[]) = 0
                 OR CASE WHEN status = 'scheduled' AND queued_at <= $8 THEN 'queued' ELSE status END = ANY($6))
         ORDER BY created_at DESC, job_id DESC LIMIT $7"
    ),
);
/// Moments that stand before and behind all others.
const FIRST: OffsetDateTime = datetime!(0001-01-01 0:00 UTC);
const LAST: OffsetDateTime = datetime!(9999-12-31 0:00 UTC);

/// Which jobs of an athlete are wanted; of those that fulfil everything that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In one of these states; in any when empty.
    pub statuses: Vec<JobStatus>,
    /// The moment at which it is so: a scheduled job whose time has come by then is queued. None is the beginning of all time.
    pub at: Option<OffsetDateTime>,
    /// Asked for at or after this moment.
    pub since: Option<OffsetDateTime>,
    /// Asked for before this moment.
    pub until: Option<OffsetDateTime>,
}

/// Where a job stands in a listing: when it was asked for, and its id among those of one moment.
pub type Place = (OffsetDateTime, JobId);

const TO_FOLLOW: Statement = Statement::new(
    "SELECT",
    "job_status",
    "SELECT job_id FROM job_status
     WHERE athlete_id = $1
         AND (status NOT IN ('completed', 'failed', 'cancelled') OR (last_stream = 'PLANS' AND last_sequence > $2))
     ORDER BY status = 'dead_lettered', created_at DESC LIMIT $3",
);

const OVERDUE: Statement = Statement::new(
    "SELECT",
    "job_status",
    "SELECT job_id FROM job_status
     WHERE deadline < $1 AND status IN ('scheduled', 'queued', 'running', 'retrying')
     ORDER BY deadline LIMIT $2",
);

/// A job as the view has it; none when it is unknown or not projected yet.
///
/// # Errors
/// When the database does not answer.
pub async fn get(database: &Database, job: &JobId) -> Result<Option<JobStatusView>, DatabaseError> {
    database.query(GET, &[&job.as_str()]).await?.first().map(view_of).transpose()
}

/// An athlete's jobs that are wanted, newest first, at most 200 of those behind the last one of the page before.
///
/// # Errors
/// When the database does not answer.
pub async fn page_for_athlete(
    database: &Database,
    athlete: &AthleteId,
    wanted: &Wanted,
    behind: Option<&Place>,
    limit: u32,
) -> Result<Vec<JobStatusView>, DatabaseError> {
    let (moment, job) = behind.map_or((LAST, ""), |(moment, job)| (*moment, job.as_str()));
    let statuses: Vec<&str> = wanted.statuses.iter().map(|status| status.as_str()).collect();
    let (since, until) = (wanted.since.unwrap_or(FIRST), wanted.until.unwrap_or(LAST));
    let at = wanted.at.unwrap_or(FIRST);
    let limit = i64::from(limit.min(MAX_LISTED));
    let rows =
        database.query(PAGE, &[&athlete.as_str(), &moment, &job, &since, &until, &statuses, &limit, &at]).await?;
    rows.iter().map(view_of).collect()
}

/// Open jobs whose deadline has passed at a moment, those that are over it for longest first. Jobs that are about to stop are not among
/// them.
///
/// # Errors
/// When the database does not answer.
pub async fn overdue(database: &Database, now: OffsetDateTime, limit: u16) -> Result<Vec<JobId>, DatabaseError> {
    database.query(OVERDUE, &[&now, &i64::from(limit)]).await?.iter().map(id_of).collect()
}

/// The jobs of an athlete of which something may come, or came behind a sequence of `PLANS`; newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn to_follow(
    database: &Database,
    athlete: &AthleteId,
    since: Option<u64>,
    limit: u16,
) -> Result<Vec<JobId>, DatabaseError> {
    let since = since.and_then(|since| i64::try_from(since).ok()).unwrap_or(i64::MAX);
    let rows = database.query(TO_FOLLOW, &[&athlete.as_str(), &since, &i64::from(limit)]).await?;
    rows.iter().map(id_of).collect()
}

fn id_of(row: &Row) -> Result<JobId, DatabaseError> {
    row.get::<_, String>("job_id").parse().map_err(|_| DatabaseError::unreadable("job_id", "not a job's id"))
}

pub(super) fn view_of(row: &Row) -> Result<JobStatusView, DatabaseError> {
    let unreadable = |what: &str| DatabaseError::unreadable(what, "not a value of this version");
    let status: &str = row.get("status");
    let (error_code, error_message): (Option<String>, Option<String>) =
        (row.get("error_code"), row.get("error_message"));
    Ok(JobStatusView {
        job_id: row.get::<_, String>("job_id").parse().map_err(|_| unreadable("job_id"))?,
        athlete_id: row.get::<_, String>("athlete_id").parse().map_err(|_| unreadable("athlete_id"))?,
        status: JobStatus::ALL
            .into_iter()
            .find(|known| known.as_str() == status)
            .ok_or_else(|| unreadable("status"))?,
        progress: u8::try_from(row.get::<_, i16>("progress")).map_err(|_| unreadable("progress"))?,
        phase: row.get("phase"),
        plan_id: match row.get::<_, Option<String>>("plan_id") {
            Some(plan) => Some(plan.parse().map_err(|_| unreadable("plan_id"))?),
            None => None,
        },
        plan_version: match row.get::<_, Option<i32>>("plan_version") {
            Some(version) => Some(u32::try_from(version).map_err(|_| unreadable("plan_version"))?),
            None => None,
        },
        note: row.get("note"),
        attempts: u32::try_from(row.get::<_, i32>("attempts")).map_err(|_| unreadable("attempts"))?,
        created_at: row.get("created_at"),
        queued_at: row.get("queued_at"),
        started_at: row.get("started_at"),
        completed_at: row.get("completed_at"),
        next_retry_at: row.get("next_retry_at"),
        not_before: row.get("not_before"),
        deadline: row.get("deadline"),
        error: error_code.zip(error_message).map(|(code, message)| JobError { code, message }),
        trace_id: row.get("trace_id"),
        correlation: row.get("correlation"),
        created: position(row, "created_stream", "created_sequence")?,
        last: position(row, "last_stream", "last_sequence")?,
    })
}

fn position(row: &Row, stream: &str, sequence: &str) -> Result<Position, DatabaseError> {
    let number =
        u64::try_from(row.get::<_, i64>(sequence)).map_err(|error| DatabaseError::unreadable(sequence, error))?;
    Ok(Position { stream: row.get(stream), sequence: number })
}
