//! Puts fresh tables in the place of the live ones, in one transaction, at the very position where the projector stands.
//!
//! The checkpoint's rows are locked first, as every batch of the projector does, so that it can neither write between nor
//! deadlock; their generation moves on, so that it reads anew what it thought it knew. Readers wait for the tables no longer
//! than `lock_wait`, and find the new ones by their name.

use std::time::Duration;

use ally_domain::envelope::Position;
use deadpool_postgres::Transaction;
use tokio_postgres::error::SqlState;

use super::fill::{self, Fill};
use super::scratch::Scratch;
use super::{RebuildError, Rebuilder};
use crate::database::{DatabaseError, Statements, failed};
use crate::job_changes;
use crate::projection::sequence;

/// Says that the tables are others, and how far they are: as far as the old ones, or further where those had not begun.
/// In a stream that is another one ($5) the old position means nothing.
const ADVANCE: &str = "INSERT INTO public.projection_checkpoint AS old
        (projection, stream, position, generation, stream_identity)
    SELECT $1, stream, position, 1, identity FROM unnest($2::text[], $3::int8[], $4::text[]) AS fresh (stream, position, identity)
    ON CONFLICT (projection, stream) DO UPDATE SET
        position = CASE WHEN old.stream = ANY($5) THEN excluded.position ELSE greatest(old.position, excluded.position) END,
        last_event_id = CASE WHEN old.stream <> ALL($5) AND old.position >= excluded.position THEN old.last_event_id END,
        stream_identity = excluded.stream_identity, generation = old.generation + 1, updated_at = now()";
/// Between two tries: long enough for the readers who waited.
const PAUSE: Duration = Duration::from_millis(100);
/// How long to wait for what keeps no reader waiting: vacuum, which gives way after a second, and the projector's batch.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn swap(
    rebuilder: &Rebuilder,
    scratch: &mut Scratch,
    fill: &mut Fill<'_>,
) -> Result<Vec<Position>, RebuildError> {
    let config = &rebuilder.config;
    let identities = fill.identities().await?;
    for _ in 0..config.swap_attempts {
        let before = fill.positions();
        match try_swap(rebuilder, scratch, fill, &identities).await {
            Err(RebuildError::Database(DatabaseError::Refused { sqlstate, .. })) if is_busy(&sqlstate) => {
                fill.back_to(&before);
                tokio::time::sleep(PAUSE).await;
                // What came in meanwhile is folded outside, so that the swap itself stays short.
                fill.up_to_live(scratch.connection()).await?;
            }
            end => return end,
        }
    }
    Err(RebuildError::NeverFree { projection: scratch.definition.name, attempts: config.swap_attempts })
}

/// A reader holds a table, or crossed the swap: nothing is wrong, only the moment.
fn is_busy(sqlstate: &str) -> bool {
    [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED].iter().any(|busy| busy.code() == sqlstate)
}

async fn try_swap(
    rebuilder: &Rebuilder,
    scratch: &mut Scratch,
    fill: &mut Fill<'_>,
    identities: &[String],
) -> Result<Vec<Position>, RebuildError> {
    let (definition, schema) = (scratch.definition, scratch.schema.clone());
    let mut transaction = scratch.connection().transaction().await.map_err(|error| failed("BEGIN", &error))?;
    // Keeps vacuum away, which would hold the tables for long; neither readers nor the projector wait for this lock.
    let tables = definition.tables.iter().map(|table| format!("public.{}", table.name)).collect::<Vec<_>>().join(", ");
    let patient = PATIENCE.as_millis();
    let sql = format!("SET LOCAL lock_timeout = {patient}; LOCK TABLE {tables} IN SHARE UPDATE EXCLUSIVE MODE");
    run(&transaction, &sql).await?;
    // From here the projector waits, from the first rename on the readers do.
    let live = fill.live(&*transaction, "FOR UPDATE").await?;
    fill.up_to(&live, &mut transaction).await?;
    run(&transaction, &format!("SET LOCAL lock_timeout = {}", rebuilder.config.lock_wait.as_millis())).await?;
    for table in definition.tables {
        let name = table.name;
        // Until the commit every reader waits: no disk is touched here, the old tables are dropped afterwards.
        let sql = format!(
            "ALTER TABLE public.{name} SET SCHEMA {schema}_retired; ALTER TABLE {schema}.{name} SET SCHEMA public"
        );
        run(&transaction, &sql).await?;
    }
    let positions = fill.positions();
    let streams = positions.iter().map(|position| position.stream.as_str()).collect::<Vec<_>>();
    let sequences = positions.iter().map(|position| sequence(position.sequence)).collect::<Vec<_>>();
    let replaced: Vec<_> = fill.replaced.iter().copied().collect();
    let advanced =
        transaction.execute(ADVANCE, &[&definition.name, &streams, &sequences, &identities, &replaced]).await;
    advanced.map_err(|error| failed("UPSERT projection_checkpoint", &error))?;
    fill::record(fill, &Statements::new(&transaction, rebuilder.database.namespace())).await?;
    job_changes::notify_all(&Statements::new(&transaction, rebuilder.database.namespace())).await?;
    transaction.commit().await.map_err(|error| failed("COMMIT", &error))?;
    Ok(positions)
}

async fn run(transaction: &Transaction<'_>, sql: &str) -> Result<(), DatabaseError> {
    transaction.batch_execute(sql).await.map_err(|error| failed(sql, &error))
}
