//! `athlete_profile`: rows → view.

use ally_domain::envelope::Position;
use ally_domain::ids::AthleteId;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;

use super::view::{AthleteProfileView, ProfileRevision};
use crate::database::{Database, DatabaseError, Statement};

macro_rules! select {
    ($end:literal) => {
        concat!(
            "SELECT athlete_id, answers::text, updated_at, last_stream, last_sequence FROM athlete_profile WHERE ",
            $end
        )
    };
}

pub(super) const BY_IDS: &str = select!("athlete_id = ANY($1)");
const GET: Statement = Statement::new("SELECT", "athlete_profile", select!("athlete_id = $1"));
const REVISIONS: Statement = Statement::new(
    "SELECT",
    "athlete_profile_revision",
    "SELECT revision, profile::text, job_id, completed_at FROM athlete_profile_revision WHERE athlete_id = $1 ORDER BY revision",
);

/// An athlete's record; none when the athlete has answered nothing, or that is not projected yet.
///
/// # Errors
/// When the database does not answer.
pub async fn get(database: &Database, athlete: &AthleteId) -> Result<Option<AthleteProfileView>, DatabaseError> {
    let id = athlete.as_str();
    // Revisions first: a record that is newer than its revisions says less than it knows, never more.
    let revisions = database.query(REVISIONS, &[&id]).await?;
    let Some(row) = database.query(GET, &[&id]).await?.into_iter().next() else { return Ok(None) };
    let revisions = revisions.iter().map(revision_of).collect::<Result<_, _>>()?;
    Ok(Some(AthleteProfileView { revisions, ..record_of(&row)? }))
}

/// The record without its revisions.
pub(super) fn record_of(row: &Row) -> Result<AthleteProfileView, DatabaseError> {
    Ok(AthleteProfileView {
        athlete_id: row
            .get::<_, String>("athlete_id")
            .parse()
            .map_err(|e| DatabaseError::unreadable("athlete_id", e))?,
        answers: json(row, "answers")?,
        revisions: Vec::new(),
        updated_at: row.get("updated_at"),
        last: Position {
            stream: row.get("last_stream"),
            sequence: u64::try_from(row.get::<_, i64>("last_sequence"))
                .map_err(|e| DatabaseError::unreadable("last_sequence", e))?,
        },
    })
}

fn revision_of(row: &Row) -> Result<ProfileRevision, DatabaseError> {
    Ok(ProfileRevision {
        revision: u32::try_from(row.get::<_, i32>("revision")).map_err(|e| DatabaseError::unreadable("revision", e))?,
        profile: json(row, "profile")?,
        job_id: row.get::<_, String>("job_id").parse().map_err(|e| DatabaseError::unreadable("job_id", e))?,
        completed_at: row.get("completed_at"),
    })
}

fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, DatabaseError> {
    serde_json::from_str(row.get(column)).map_err(|error| DatabaseError::unreadable(column, error))
}
