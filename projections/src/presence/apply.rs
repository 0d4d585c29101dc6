//! `presence`: events → rows. A batch is folded in memory first, so that a storm in one room is one write to its row.

use std::collections::BTreeSet;

use ally_domain::room::{ConnId, RoomId};
use async_trait::async_trait;
use uuid::Uuid;

use super::query::membership_of;
use super::view::{Fold, Membership};
use super::{carry, rooms};
use crate::database::{DatabaseError, Statement, Statements};
use crate::fact::{Fact, Known};
use crate::projection::{Projection, at, sequence};

const LOAD: Statement = Statement::new(
    "SELECT",
    "presence_member",
    "SELECT member.* FROM unnest($1::text[], $2::uuid[]) AS sought (room, conn_id)
     JOIN presence_member AS member USING (room, conn_id) WHERE left_at IS NULL",
);
/// Rows come in the order of their keys, so that a membership ends before the next one of the same connection begins.
const WRITE: Statement = Statement::new(
    "UPSERT",
    "presence_member",
    "INSERT INTO presence_member (room, conn_id, joined_sequence, user_id, door, epoch, state, joined_at, updated_at,
         left_at, left_reason, last_sequence)
     SELECT * FROM unnest($1::text[], $2::uuid[], $3::int8[], $4::text[], $5::text[], $6::int8[], $7::text[],
         $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::text[], $12::int8[])
     ON CONFLICT (room, conn_id, joined_sequence) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at,
         left_at = excluded.left_at, left_reason = excluded.left_reason, last_sequence = excluded.last_sequence",
);

/// Every membership is a row, until the stream has forgotten its end.
pub(crate) struct Presence;

#[async_trait]
impl Projection for Presence {
    fn name(&self) -> &'static str {
        "presence"
    }

    fn concerns(&self, fact: &Fact) -> bool {
        matches!(fact, Fact::Room(_))
    }

    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError> {
        let mut fold = Fold::from_present(load(events, to).await?);
        for event in events {
            if let Fact::Room(fact) = &event.fact {
                fold.take(fact, at(&event.recorded), event.recorded.position.sequence);
            }
        }
        let changed = fold.changed();
        write(&changed, to).await?;
        rooms::count(&fold, &changed, to).await?;
        match events.iter().map(|event| at(&event.recorded)).max() {
            Some(latest) => rooms::tidy(latest, to).await,
            None => Ok(()),
        }
    }

    async fn carry_over(&mut self, first: u64, to: &Statements<'_>) -> Result<(), DatabaseError> {
        carry::over(first, to).await
    }
}

/// The memberships of a batch's connections that last.
async fn load(events: &[&Known], from: &Statements<'_>) -> Result<Vec<Membership>, DatabaseError> {
    let mut sought = BTreeSet::<(&RoomId, ConnId)>::new();
    for event in events {
        if let Fact::Room(fact) = &event.fact {
            sought.insert((&fact.room, fact.event.conn_id()));
        }
    }
    let rooms = sought.iter().map(|(room, _)| room.as_str()).collect::<Vec<_>>();
    let conns = sought.iter().map(|(_, conn)| Uuid::from(*conn)).collect::<Vec<_>>();
    let rows = from.query(LOAD, &[&rooms, &conns]).await?;
    rows.iter().map(membership_of).collect()
}

async fn write(rows: &[Membership], to: &Statements<'_>) -> Result<(), DatabaseError> {
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
            &column!(row => row.room.as_str()),
            &column!(row => Uuid::from(row.conn)),
            &column!(row => sequence(row.joined_sequence)),
            &column!(row => row.member.user.as_str()),
            &column!(row => row.member.door.as_str()),
            &column!(row => sequence(row.member.epoch)),
            &column!(row => row.member.state.as_json()),
            &column!(row => row.joined_at),
            &column!(row => row.updated_at),
            &column!(row => row.departure.map(|end| end.at)),
            &column!(row => row.departure.map(|end| end.reason.as_str())),
            &column!(row => sequence(row.last_sequence)),
        ],
    )
    .await?;
    Ok(())
}
