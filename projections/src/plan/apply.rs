//! `plan`: events → rows.

use ally_domain::event_data::{EventData, EventType};
use ally_domain::plan::PlanEvent;
use async_trait::async_trait;

use super::view::PlanDocument;
use crate::database::{DatabaseError, Statement, Statements};
use crate::fact::{Fact, Known};
use crate::projection::{Projection, sequence};

const WRITE: Statement = Statement::new(
    "INSERT",
    "plan",
    "INSERT INTO plan (plan_id, version, athlete_id, job_id, created_at, stream, sequence, document)
     SELECT plan_id, version, athlete_id, job_id, created_at, stream, sequence, document
     FROM unnest($1::text[], $2::int4[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::int8[], $8::text[])
         AS new (plan_id, version, athlete_id, job_id, created_at, stream, sequence, document)
     ON CONFLICT (plan_id, version) DO NOTHING",
);

/// Every version is a row, written once.
pub(crate) struct Plans;

#[async_trait]
impl Projection for Plans {
    fn name(&self) -> &'static str {
        "plan"
    }

    fn reads(&self, event_type: &EventType) -> bool {
        event_type.noun == PlanEvent::NOUN
    }

    fn concerns(&self, fact: &Fact) -> bool {
        matches!(fact, Fact::Plan(_))
    }

    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError> {
        let plans = events.iter().filter_map(|event| match &event.fact {
            Fact::Plan(document) => Some((document.summary(&event.recorded), &**document)),
            _ => None,
        });
        let (rows, documents): (Vec<_>, Vec<&PlanDocument>) = plans.unzip();
        if rows.is_empty() {
            return Ok(());
        }
        let rows = rows.iter();
        to.execute(
            WRITE,
            &[
                &rows.clone().map(|plan| plan.plan_id.as_str()).collect::<Vec<_>>(),
                &rows.clone().map(|plan| i32::try_from(plan.version).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
                &rows.clone().map(|plan| plan.athlete_id.as_str()).collect::<Vec<_>>(),
                &rows.clone().map(|plan| plan.job_id.as_str()).collect::<Vec<_>>(),
                &rows.clone().map(|plan| plan.created_at).collect::<Vec<_>>(),
                &rows.clone().map(|plan| plan.position.stream.as_str()).collect::<Vec<_>>(),
                &rows.map(|plan| sequence(plan.position.sequence)).collect::<Vec<_>>(),
                &documents.iter().map(|document| document.json()).collect::<Vec<_>>(),
            ],
        )
        .await?;
        Ok(())
    }
}
