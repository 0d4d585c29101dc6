//! `plan`: rows → view. A plan stands in the log a moment before its job is completed; until then, and where the job was
//! cancelled in that moment, nobody is shown it.

use ally_domain::envelope::Position;
use ally_domain::ids::{AthleteId, PlanId};
use serde_json::value::RawValue;
use tokio_postgres::Row;

use super::view::{PlanSummary, PlanView};
use crate::database::{Database, DatabaseError, Statement};

/// The most plans that one listing answers.
const MAX_LISTED: u32 = 200;

macro_rules! select {
    ($document:literal, $end:literal) => {
        Statement::new(
            "SELECT",
            "plan",
            concat!(
                "SELECT plan_id, version, athlete_id, job_id, created_at, stream, sequence",
                $document,
                " FROM plan WHERE \
                 EXISTS (SELECT 1 FROM job_status AS job WHERE job.job_id = plan.job_id AND job.status = 'completed') AND ",
                $end
            ),
        )
    };
}

const NEWEST: Statement = select!(", document::text", "plan_id = $1 ORDER BY version DESC LIMIT 1");
const VERSION: Statement = select!(", document::text", "plan_id = $1 AND version = $2");
const VERSIONS: Statement = select!("", "plan_id = $1 ORDER BY version");
const LIST: Statement = select!("", "athlete_id = $1 ORDER BY created_at DESC LIMIT $2");
const PAGE: Statement = select!(
    "",
    "athlete_id = $1 AND sequence < $2 AND NOT EXISTS \
     (SELECT 1 FROM plan AS newer WHERE newer.plan_id = plan.plan_id AND newer.version > plan.version) \
     ORDER BY sequence DESC LIMIT $3"
);

/// A plan's newest version; none when it is unknown or not projected yet.
///
/// # Errors
/// When the database does not answer.
pub async fn get(database: &Database, plan: &PlanId) -> Result<Option<PlanView>, DatabaseError> {
    database.query(NEWEST, &[&plan.as_str()]).await?.first().map(view_of).transpose()
}

/// One version of a plan.
///
/// # Errors
/// When the database does not answer.
pub async fn get_version(database: &Database, plan: &PlanId, version: u32) -> Result<Option<PlanView>, DatabaseError> {
    let Ok(version) = i32::try_from(version) else { return Ok(None) };
    database.query(VERSION, &[&plan.as_str(), &version]).await?.first().map(view_of).transpose()
}

/// All versions of a plan, oldest first, without their documents.
///
/// # Errors
/// When the database does not answer.
pub async fn versions(database: &Database, plan: &PlanId) -> Result<Vec<PlanSummary>, DatabaseError> {
    database.query(VERSIONS, &[&plan.as_str()]).await?.iter().map(summary_of).collect()
}

/// An athlete's plans, every version, newest first, at most 200, without their documents.
///
/// # Errors
/// When the database does not answer.
pub async fn list_for_athlete(
    database: &Database,
    athlete: &AthleteId,
    limit: u32,
) -> Result<Vec<PlanSummary>, DatabaseError> {
    let limit = i64::from(limit.min(MAX_LISTED));
    database.query(LIST, &[&athlete.as_str(), &limit]).await?.iter().map(summary_of).collect()
}

/// An athlete's plans in their newest versions, newest in the log first, at most 200 of those that stand in the log before
/// a sequence: the `position` of a page's last plan is where the next page begins.
///
/// # Errors
/// When the database does not answer.
pub async fn page_for_athlete(
    database: &Database,
    athlete: &AthleteId,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<PlanSummary>, DatabaseError> {
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let limit = i64::from(limit.min(MAX_LISTED));
    database.query(PAGE, &[&athlete.as_str(), &before, &limit]).await?.iter().map(summary_of).collect()
}

fn view_of(row: &Row) -> Result<PlanView, DatabaseError> {
    let document =
        RawValue::from_string(row.get("document")).map_err(|error| DatabaseError::unreadable("document", error))?;
    Ok(PlanView { summary: summary_of(row)?, document })
}

fn summary_of(row: &Row) -> Result<PlanSummary, DatabaseError> {
    let unreadable = |what: &str| DatabaseError::unreadable(what, "not a value of this version");
    Ok(PlanSummary {
        plan_id: row.get::<_, String>("plan_id").parse().map_err(|_| unreadable("plan_id"))?,
        version: u32::try_from(row.get::<_, i32>("version")).map_err(|_| unreadable("version"))?,
        athlete_id: row.get::<_, String>("athlete_id").parse().map_err(|_| unreadable("athlete_id"))?,
        job_id: row.get::<_, String>("job_id").parse().map_err(|_| unreadable("job_id"))?,
        created_at: row.get("created_at"),
        position: Position {
            stream: row.get("stream"),
            sequence: u64::try_from(row.get::<_, i64>("sequence")).map_err(|_| unreadable("sequence"))?,
        },
    })
}
