//! `athlete_profile`: events → rows. Revisions are rows of their own, so that answering reads none of them.

use std::collections::BTreeMap;

use ally_domain::ids::AthleteId;
use async_trait::async_trait;
use serde::Serialize;

use super::query::record_of;
use super::view::{AthleteProfileView, fold_fact};
use crate::database::{DatabaseError, Statement, Statements};
use crate::fact::{Fact, Known};
use crate::projection::{Projection, sequence};

const LOAD: Statement = Statement::new("SELECT", "athlete_profile", super::query::BY_IDS);
const WRITE: Statement = Statement::new(
    "UPSERT",
    "athlete_profile",
    "INSERT INTO athlete_profile AS old (athlete_id, answers, updated_at, last_stream, last_sequence)
     SELECT athlete_id, answers::json, updated_at, last_stream, last_sequence
     FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::int8[])
         AS new (athlete_id, answers, updated_at, last_stream, last_sequence)
     ON CONFLICT (athlete_id) DO UPDATE SET
         answers = excluded.answers, updated_at = excluded.updated_at, last_sequence = excluded.last_sequence
     WHERE old.last_sequence < excluded.last_sequence",
);
const WRITE_REVISIONS: Statement = Statement::new(
    "INSERT",
    "athlete_profile_revision",
    "INSERT INTO athlete_profile_revision (athlete_id, revision, profile, job_id, completed_at)
     SELECT athlete_id, revision, profile::json, job_id, completed_at
     FROM unnest($1::text[], $2::int4[], $3::text[], $4::text[], $5::timestamptz[])
         AS new (athlete_id, revision, profile, job_id, completed_at)
     ON CONFLICT (athlete_id, revision) DO NOTHING",
);

/// Answers and revisions of athletes.
pub(crate) struct AthleteProfiles;

#[async_trait]
impl Projection for AthleteProfiles {
    fn name(&self) -> &'static str {
        "athlete_profile"
    }

    fn concerns(&self, fact: &Fact) -> bool {
        matches!(fact, Fact::Athlete(_))
    }

    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError> {
        let ids = events.iter().map(|event| event.recorded.aggregate.id.to_string()).collect::<Vec<_>>();
        let mut views = BTreeMap::<AthleteId, AthleteProfileView>::new();
        for row in to.query(LOAD, &[&ids]).await? {
            let view = record_of(&row)?;
            views.insert(view.athlete_id.clone(), view);
        }
        for event in events {
            if let Fact::Athlete(fact) = &event.fact {
                let id = AthleteId::from(&event.recorded.aggregate.id);
                let view = fold_fact(views.remove(&id), &event.recorded, fact);
                views.insert(id, view);
            }
        }
        write(&views, to).await?;
        write_revisions(&views, to).await
    }
}

async fn write(views: &BTreeMap<AthleteId, AthleteProfileView>, to: &Statements<'_>) -> Result<(), DatabaseError> {
    let rows = views.values();
    to.execute(
        WRITE,
        &[
            &rows.clone().map(|view| view.athlete_id.as_str()).collect::<Vec<_>>(),
            &rows.clone().map(|view| json(&view.answers)).collect::<Result<Vec<_>, _>>()?,
            &rows.clone().map(|view| view.updated_at).collect::<Vec<_>>(),
            &rows.clone().map(|view| view.last.stream.as_str()).collect::<Vec<_>>(),
            &rows.map(|view| sequence(view.last.sequence)).collect::<Vec<_>>(),
        ],
    )
    .await?;
    Ok(())
}

async fn write_revisions(
    views: &BTreeMap<AthleteId, AthleteProfileView>,
    to: &Statements<'_>,
) -> Result<(), DatabaseError> {
    let revisions = views.values().flat_map(|view| view.revisions.iter().map(|revision| (&view.athlete_id, revision)));
    let rows = revisions.collect::<Vec<_>>();
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.iter();
    to.execute(
        WRITE_REVISIONS,
        &[
            &rows.clone().map(|(athlete, _)| athlete.as_str()).collect::<Vec<_>>(),
            &rows.clone().map(|(_, new)| i32::try_from(new.revision).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
            &rows.clone().map(|(_, new)| json(&new.profile)).collect::<Result<Vec<_>, _>>()?,
            &rows.clone().map(|(_, new)| new.job_id.as_str()).collect::<Vec<_>>(),
            &rows.map(|(_, new)| new.completed_at).collect::<Vec<_>>(),
        ],
    )
    .await?;
    Ok(())
}

fn json<T: Serialize>(value: &T) -> Result<String, DatabaseError> {
    serde_json::to_string(value).map_err(|error| DatabaseError::unreadable("a value for a json column", error))
}
