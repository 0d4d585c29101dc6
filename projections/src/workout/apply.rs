//! `workout`: events → rows.

use ally_domain::event_data::{EventData, EventType};
use ally_domain::plan::PlanEvent;
use async_trait::async_trait;

use super::view::WorkoutView;
use crate::database::{DatabaseError, Statement, Statements};
use crate::fact::{Fact, Known};
use crate::projection::{Projection, sequence};

const WRITE: Statement = Statement::new(
    "INSERT",
    "workout",
    "INSERT INTO workout (plan_id, entry_id, athlete_id, kind, session_id, plan_version, happened_at, logged_at, stream, sequence, document)
     SELECT plan_id, entry_id, athlete_id, kind, session_id, plan_version, happened_at, logged_at, stream, sequence, document::json
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int4[], $7::timestamptz[], $8::timestamptz[],
         $9::text[], $10::int8[], $11::text[])
         AS new (plan_id, entry_id, athlete_id, kind, session_id, plan_version, happened_at, logged_at, stream, sequence, document)
     ON CONFLICT (plan_id, entry_id) DO NOTHING",
);

/// Every entry is a row, written once.
pub(crate) struct Workouts;

#[async_trait]
impl Projection for Workouts {
    fn name(&self) -> &'static str {
        "workout"
    }

    fn reads(&self, event_type: &EventType) -> bool {
        event_type.noun == PlanEvent::NOUN
    }

    fn concerns(&self, fact: &Fact) -> bool {
        matches!(fact, Fact::Log(_))
    }

    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError> {
        let entries = events.iter().filter_map(|event| match &event.fact {
            Fact::Log(entry) => Some(entry.view(&event.recorded)),
            _ => None,
        });
        let rows: Vec<WorkoutView> = entries.collect();
        if rows.is_empty() {
            return Ok(());
        }
        macro_rules! column {
            ($row:ident => $value:expr) => {
                rows.iter().map(|$row| $value).collect::<Vec<_>>()
            };
        }
        to.execute(
            WRITE,
            &[
                &column!(row => row.plan_id.as_str()),
                &column!(row => row.entry_id.as_str()),
                &column!(row => row.athlete_id.as_str()),
                &column!(row => row.kind.as_str()),
                &column!(row => row.session_id.as_deref()),
                &column!(row => row.plan_version.map(|version| i32::try_from(version).unwrap_or(i32::MAX))),
                &column!(row => row.happened_at),
                &column!(row => row.logged_at),
                &column!(row => row.position.stream.as_str()),
                &column!(row => sequence(row.position.sequence)),
                &column!(row => row.document.get()),
            ],
        )
        .await?;
        Ok(())
    }
}
