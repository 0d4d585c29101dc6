//! One active spell of a projector: from the lock on a stream to its loss.
//!
//! The lock belongs to the connection that writes. When the connection goes, lock and unfinished transaction go with it,
//! so a projector that was replaced cannot write, however late it notices.

use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio_postgres::error::SqlState;
use tokio_util::sync::CancellationToken;

use super::batch::{Batch, Members};
use super::continuity::Continuity;
use super::read_ahead::ReadAhead;
use super::{Projector, ProjectorError, ProjectorState};
use crate::database::{DatabaseError, failed};
use crate::projection;

/// How often an idle projector looks whether it still holds its lock.
const LOCK_CHECK: Duration = Duration::from_secs(1);
/// The lock of a stream, by its name.
const LOCK_KEY: &str = "hashtextextended('ally.projector.' || $1, 0)";

/// Projects a stream until told to stop (`Ok`) or until something fails.
pub(super) async fn run(
    projector: &Projector,
    stream: &'static str,
    stop: &CancellationToken,
    progressed: &mut bool,
) -> Result<(), ProjectorError> {
    let mut connection = projector.database.dedicated(&settings(projector, stream)).await?;
    tokio::select! {
        locked = lock(projector, &connection, stream) => locked?,
        () = stop.cancelled() => return Ok(()),
    }
    let mut members = Members::load(&connection, stream).await?;
    members.settle_in(&connection, &*projector.log).await?;
    let config = &projector.config;
    let mut reads =
        ReadAhead::open(&*projector.log, stream, members.behind(), config.read_events, Box::new(|_| true)).await?;
    let mut continuity = projection::is_gapless(stream).then(|| Continuity::behind(members.behind()));
    projector.set(stream, ProjectorState::Active);
    tracing::info!(stream, position = members.position(), "projecting");
    loop {
        let events = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            events = reads.next(config.max_batch_events, config.max_batch_bytes) => events?,
            () = tokio::time::sleep(LOCK_CHECK) => {
                alive(&connection).await?;
                continue;
            }
        };
        let missed = continuity.as_mut().map(|continuity| continuity.missed(&events)).unwrap_or_default();
        let batch = Batch::new(events).without(stream, missed);
        let write = members.write(&mut connection, projector.database.namespace(), batch);
        within(config.statement_timeout * 2, Box::pin(write)).await?;
        *progressed = true;
    }
    connection.batch_execute("SELECT pg_advisory_unlock_all()").await.map_err(|error| failed("UNLOCK", &error))?;
    tracing::info!(stream, position = members.position(), "stopped projecting");
    Ok(())
}

/// What the session needs: commits that do not wait for the disk (the checkpoint rolls back with its rows, and the log is
/// read again), and a server that notices soon when this process's machine is gone.
fn settings(projector: &Projector, stream: &str) -> String {
    let config = &projector.config;
    format!(
        "SET synchronous_commit = off; SET statement_timeout = {}; SET lock_timeout = {};
         SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;
         SET application_name = 'ally-projector {stream}'",
        config.statement_timeout.as_millis(),
        config.lock_wait.as_millis(),
    )
}

/// Waits for the lock on a stream. The statement waits in the server, so a stand-by takes over the moment the active one
/// ends; it is renewed now and then because a waiting statement keeps PostgreSQL from cleaning up.
async fn lock(projector: &Projector, connection: &ClientWrapper, stream: &'static str) -> Result<(), DatabaseError> {
    let refused = |error| failed("LOCK", &error);
    let ask = format!("SELECT pg_try_advisory_lock({LOCK_KEY})");
    if connection.query_one(&ask, &[&stream]).await.map_err(refused)?.get(0) {
        return Ok(());
    }
    projector.set(stream, ProjectorState::StandBy);
    let wait = format!("SELECT pg_advisory_lock({LOCK_KEY})");
    loop {
        match connection.execute(&wait, &[&stream]).await {
            Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {}
            end => return end.map(|_| ()).map_err(refused),
        }
    }
}

async fn alive(connection: &ClientWrapper) -> Result<(), ProjectorError> {
    let answer =
        async { connection.batch_execute("SELECT 1").await.map_err(|error| failed("SELECT lock", &error).into()) };
    within(LOCK_CHECK * 5, answer).await
}

/// A server that hangs keeps none of its own limits: who waits for it gives up, and begins anew once it answers.
async fn within<T>(
    deadline: Duration,
    work: impl Future<Output = Result<T, ProjectorError>>,
) -> Result<T, ProjectorError> {
    tokio::time::timeout(deadline, work).await.unwrap_or_else(|_| {
        let reason = format!("no answer within {} s", deadline.as_secs());
        Err(DatabaseError::Unavailable { reason }.into())
    })
}
