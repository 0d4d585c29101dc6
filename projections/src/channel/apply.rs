//! `channel_metadata`: events → rows. Of a batch the last event of each channel is written.

use std::collections::BTreeMap;

use ally_domain::channel::{ChannelEvent, ChannelId};
use ally_domain::event_data::{EventData, EventType};
use async_trait::async_trait;

use super::view::{ChannelMetadataView, view_of};
use crate::database::{DatabaseError, Statement, Statements};
use crate::fact::{Fact, Known};
use crate::projection::{Projection, sequence};

const WRITE: Statement = Statement::new(
    "UPSERT",
    "channel_metadata",
    "INSERT INTO channel_metadata AS old (channel_type, channel_name, items, item_count, major_revision, updated_at, last_sequence)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int4[], $5::int8[], $6::timestamptz[], $7::int8[])
     ON CONFLICT (channel_type, channel_name) DO UPDATE SET items = excluded.items, item_count = excluded.item_count,
         major_revision = excluded.major_revision, updated_at = excluded.updated_at, last_sequence = excluded.last_sequence
     WHERE old.last_sequence < excluded.last_sequence",
);

/// Every channel is a row.
pub(crate) struct ChannelMetadata;

#[async_trait]
impl Projection for ChannelMetadata {
    fn name(&self) -> &'static str {
        "channel_metadata"
    }

    fn reads(&self, event_type: &EventType) -> bool {
        event_type.noun == ChannelEvent::NOUN
    }

    fn concerns(&self, fact: &Fact) -> bool {
        matches!(fact, Fact::Channel(_))
    }

    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError> {
        let mut last = BTreeMap::<&ChannelId, (&Known, _)>::new();
        for known in events.iter().copied() {
            if let Fact::Channel(fact) = &known.fact {
                last.insert(&fact.channel, (known, fact));
            }
        }
        let rows: Vec<ChannelMetadataView> =
            last.into_values().map(|(known, fact)| view_of(fact, &known.recorded)).collect();
        write(&rows, to).await
    }
}

async fn write(rows: &[ChannelMetadataView], to: &Statements<'_>) -> Result<(), DatabaseError> {
    macro_rules! column {
        ($row:ident => $value:expr) => {
            rows.iter().map(|$row| $value).collect::<Vec<_>>()
        };
    }
    to.execute(
        WRITE,
        &[
            &column!(row => row.channel.channel_type()),
            &column!(row => row.channel.name()),
            &column!(row => row.items.as_str()),
            &column!(row => i32::try_from(row.item_count).unwrap_or(i32::MAX)),
            &column!(row => sequence(row.major_revision)),
            &column!(row => row.updated_at),
            &column!(row => sequence(row.last_sequence)),
        ],
    )
    .await?;
    Ok(())
}
