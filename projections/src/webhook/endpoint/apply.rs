//! `webhook_endpoint`: events → rows. A batch is folded in memory first, so that each endpoint is written once.

use std::collections::BTreeSet;

use ally_domain::event_data::{EventData, EventType};
use ally_domain::ids::EndpointId;
use ally_domain::webhook::{DisableCause, EndpointEvent, MessageType};
use async_trait::async_trait;

use super::query::view_of;
use super::view::{EndpointView, Fold};
use crate::database::{DatabaseError, Statement, Statements};
use crate::fact::{Fact, Known};
use crate::projection::{Projection, at, sequence};

/// Between the types of a row on its way to the database: no type has one.
const SEPARATOR: &str = " ";

const LOAD: Statement = Statement::new(
    "SELECT",
    "webhook_endpoint",
    "SELECT endpoint.* FROM unnest($1::text[]) AS sought (endpoint_id) JOIN webhook_endpoint AS endpoint USING (endpoint_id)",
);
/// An array of arrays would be taken apart: the types of a row come as one text.
const WRITE: Statement = Statement::new(
    "UPSERT",
    "webhook_endpoint",
    "INSERT INTO webhook_endpoint (endpoint_id, app, url, types, description, since, secret_number, previous_until,
         failing_since, disabled_cause, registered_at, removed_at, last_sequence)
     SELECT endpoint_id, app, url, string_to_array(types, ' '), description, since, secret_number, previous_until,
         failing_since, disabled_cause, registered_at, removed_at, last_sequence
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int8[], $7::int8[], $8::timestamptz[],
         $9::timestamptz[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::int8[])
         AS fresh (endpoint_id, app, url, types, description, since, secret_number, previous_until, failing_since,
             disabled_cause, registered_at, removed_at, last_sequence)
     ON CONFLICT (endpoint_id) DO UPDATE SET app = excluded.app, url = excluded.url, types = excluded.types,
         description = excluded.description, since = excluded.since, secret_number = excluded.secret_number,
         previous_until = excluded.previous_until, failing_since = excluded.failing_since,
         disabled_cause = excluded.disabled_cause, registered_at = excluded.registered_at,
         removed_at = excluded.removed_at, last_sequence = excluded.last_sequence",
);

/// Every endpoint that ever was is a row.
pub(crate) struct WebhookEndpoints;

#[async_trait]
impl Projection for WebhookEndpoints {
    fn name(&self) -> &'static str {
        "webhook_endpoint"
    }

    fn reads(&self, event_type: &EventType) -> bool {
        event_type.noun == EndpointEvent::NOUN
    }

    fn concerns(&self, fact: &Fact) -> bool {
        matches!(fact, Fact::Endpoint(_))
    }

    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError> {
        let mut fold = Fold::from_rows(load(events, to).await?);
        for event in events {
            if let Fact::Endpoint(fact) = &event.fact {
                fold.take(fact, at(&event.recorded), event.recorded.position.sequence);
            }
        }
        write(&fold.changed(), to).await
    }
}

/// The rows of a batch's endpoints.
async fn load(events: &[&Known], from: &Statements<'_>) -> Result<Vec<EndpointView>, DatabaseError> {
    let mut sought = BTreeSet::<&EndpointId>::new();
    for event in events {
        if let Fact::Endpoint(fact) = &event.fact {
            sought.insert(&fact.endpoint);
        }
    }
    let ids = sought.into_iter().map(EndpointId::as_str).collect::<Vec<_>>();
    let rows = from.query(LOAD, &[&ids]).await?;
    rows.iter().map(view_of).collect()
}

async fn write(rows: &[&EndpointView], to: &Statements<'_>) -> Result<(), DatabaseError> {
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
            &column!(row => row.id.as_str()),
            &column!(row => row.endpoint.app.as_str()),
            &column!(row => row.endpoint.url.as_str()),
            &column!(row => types_of(row)),
            &column!(row => row.endpoint.description.as_deref()),
            &column!(row => sequence(row.endpoint.since)),
            &column!(row => i64::from(row.endpoint.secret)),
            &column!(row => row.endpoint.previous_until),
            &column!(row => row.endpoint.failing_since),
            &column!(row => row.endpoint.disabled.map(DisableCause::as_str)),
            &column!(row => row.registered_at),
            &column!(row => row.removed_at),
            &column!(row => sequence(row.last_sequence)),
        ],
    )
    .await?;
    Ok(())
}

/// The types in the order of their names: that of the variants may be another one in another version, and rows are compared.
fn types_of(row: &EndpointView) -> String {
    let mut types = row.endpoint.types.iter().copied().map(MessageType::as_str).collect::<Vec<_>>();
    types.sort_unstable();
    types.join(SEPARATOR)
}
