//! `job_timeline`: events → rows.

use ally_domain::athlete::AthleteEvent;
use ally_domain::event_data::{EventData, EventType};
use ally_domain::plan::PlanEvent;
use async_trait::async_trait;

use super::view::entry_of;
use crate::database::{DatabaseError, Statement, Statements};
use crate::fact::{Fact, Known};
use crate::projection::{Projection, sequence};

const WRITE: Statement = Statement::new(
    "INSERT",
    "job_timeline",
    "INSERT INTO job_timeline (job_id, stream, sequence, event_type, at, actor, attempt, summary)
     SELECT * FROM unnest($1::text[], $2::text[], $3::int8[], $4::text[], $5::timestamptz[], $6::text[], $7::int4[], $8::text[])
     ON CONFLICT (job_id, stream, sequence) DO NOTHING",
);

/// Every event about a job is a row, written once.
pub(crate) struct Timelines;

#[async_trait]
impl Projection for Timelines {
    fn name(&self) -> &'static str {
        "job_timeline"
    }

    fn reads(&self, event_type: &EventType) -> bool {
        event_type.noun != PlanEvent::NOUN
    }

    fn concerns(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Job(_) => true,
            Fact::Athlete(fact) => matches!(**fact, AthleteEvent::OnboardingCompleted(_)),
            Fact::Plan(_)
            | Fact::Log(_)
            | Fact::DeadLetter(_)
            | Fact::Room(_)
            | Fact::Channel(_)
            | Fact::Endpoint(_)
            | Fact::Delivery(_) => false,
        }
    }

    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError> {
        let rows = events.iter().filter_map(|event| entry_of(&event.recorded, &event.fact)).collect::<Vec<_>>();
        if rows.is_empty() {
            return Ok(());
        }
        let rows = rows.iter();
        to.execute(
            WRITE,
            &[
                &rows.clone().map(|row| row.job_id.as_str()).collect::<Vec<_>>(),
                &rows.clone().map(|row| row.position.stream.as_str()).collect::<Vec<_>>(),
                &rows.clone().map(|row| sequence(row.position.sequence)).collect::<Vec<_>>(),
                &rows.clone().map(|row| row.event_type.as_str()).collect::<Vec<_>>(),
                &rows.clone().map(|row| row.at).collect::<Vec<_>>(),
                &rows.clone().map(|row| row.actor.as_str()).collect::<Vec<_>>(),
                &rows.clone().map(|row| row.attempt.and_then(|n| i32::try_from(n).ok())).collect::<Vec<_>>(),
                &rows.map(|row| row.summary.as_str()).collect::<Vec<_>>(),
            ],
        )
        .await?;
        Ok(())
    }
}
