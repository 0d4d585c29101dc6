//! `webhook_delivery`: events → rows. A batch is folded in memory first, so that each delivery is written once.

use std::collections::BTreeSet;

use ally_domain::event_data::{EventData, EventType};
use ally_domain::ids::DeliveryId;
use ally_domain::webhook::DeliveryEvent;
use async_trait::async_trait;

use super::query::view_of;
use super::view::{DeliveryView, Fold};
use super::{carry, tidy};
use crate::database::{DatabaseError, Statement, Statements};
use crate::fact::{Fact, Known};
use crate::projection::{Projection, at, sequence};

const LOAD: Statement = Statement::new(
    "SELECT",
    "webhook_delivery",
    "SELECT delivery.* FROM unnest($1::text[]) AS sought (delivery_id) JOIN webhook_delivery AS delivery USING (delivery_id)",
);
const WRITE: Statement = Statement::new(
    "UPSERT",
    "webhook_delivery",
    "INSERT INTO webhook_delivery (delivery_id, endpoint_id, message_id, message_type, message, status, round, attempts,
         last_status, last_reason, retry_at, queued_at, queued_sequence, ended_at, last_sequence)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int8[], $8::int8[],
         $9::int4[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::int8[], $14::timestamptz[], $15::int8[])
     ON CONFLICT (delivery_id) DO UPDATE SET endpoint_id = excluded.endpoint_id, message_id = excluded.message_id,
         message_type = excluded.message_type, message = excluded.message, status = excluded.status,
         round = excluded.round, attempts = excluded.attempts, last_status = excluded.last_status,
         last_reason = excluded.last_reason, retry_at = excluded.retry_at, queued_at = excluded.queued_at,
         queued_sequence = excluded.queued_sequence, ended_at = excluded.ended_at, last_sequence = excluded.last_sequence",
);

/// Every delivery is a row, until the stream has forgotten that it was queued.
pub(crate) struct WebhookDeliveries;

#[async_trait]
impl Projection for WebhookDeliveries {
    fn name(&self) -> &'static str {
        "webhook_delivery"
    }

    fn reads(&self, event_type: &EventType) -> bool {
        event_type.noun == DeliveryEvent::NOUN
    }

    fn concerns(&self, fact: &Fact) -> bool {
        matches!(fact, Fact::Delivery(_))
    }

    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError> {
        let mut fold = Fold::from_rows(load(events, to).await?);
        for event in events {
            if let Fact::Delivery(fact) = &event.fact {
                fold.take(fact, at(&event.recorded), event.recorded.position.sequence);
            }
        }
        write(&fold.changed(), to).await?;
        match events.iter().map(|event| at(&event.recorded)).max() {
            Some(latest) => tidy::tidy(latest, to).await,
            None => Ok(()),
        }
    }

    async fn carry_over(&mut self, first: u64, to: &Statements<'_>) -> Result<(), DatabaseError> {
        carry::over(first, to).await
    }
}

/// The rows of a batch's deliveries.
async fn load(events: &[&Known], from: &Statements<'_>) -> Result<Vec<DeliveryView>, DatabaseError> {
    let mut sought = BTreeSet::<&DeliveryId>::new();
    for event in events {
        if let Fact::Delivery(fact) = &event.fact {
            sought.insert(&fact.delivery);
        }
    }
    let ids = sought.into_iter().map(DeliveryId::as_str).collect::<Vec<_>>();
    let rows = from.query(LOAD, &[&ids]).await?;
    rows.iter().map(view_of).collect()
}

macro_rules! column {
    ($rows:ident, $row:pat => $value:expr) => {
        $rows.iter().map(|$row| $value).collect::<Vec<_>>()
    };
}

async fn write(rows: &[&DeliveryView], to: &Statements<'_>) -> Result<(), DatabaseError> {
    if rows.is_empty() {
        return Ok(());
    }
    // A message that was read as JSON always has a text.
    let texts = column!(rows, row => serde_json::to_string(&row.delivery.message).unwrap_or_default());
    to.execute(
        WRITE,
        &[
            &column!(rows, row => row.id.as_str()),
            &column!(rows, row => row.delivery.endpoint_id.as_str()),
            &column!(rows, row => row.delivery.message.id.as_str()),
            &column!(rows, row => row.delivery.message.message_type.as_str()),
            &texts,
            &column!(rows, row => row.delivery.status.as_str()),
            &column!(rows, row => i64::from(row.delivery.round)),
            &column!(rows, row => i64::from(row.delivery.attempts)),
            &column!(rows, row => row.last_status.map(i32::from)),
            &column!(rows, row => row.last_reason.as_deref()),
            &column!(rows, row => row.retry_at),
            &column!(rows, row => row.queued_at),
            &column!(rows, row => sequence(row.queued_sequence)),
            &column!(rows, row => row.ended_at),
            &column!(rows, row => sequence(row.last_sequence)),
        ],
    )
    .await?;
    Ok(())
}
