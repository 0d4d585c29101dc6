//! How far the views are behind the log, and how many jobs stand where: measured by every projector, the stand-bys
//! included, and by a role that projects nothing, so that projectors that hang or are gone are seen.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ally_domain::job::JobStatus;
use ally_domain::ports::{Clock, EventLog, StoreError};
use ally_telemetry::names::{self, figures, label};
use ally_telemetry::series;
use time::OffsetDateTime;
use tokio::time::MissedTickBehavior;

use super::ProjectorConfig;
use crate::checkpoints;
use crate::database::Database;
use crate::incomplete::{self, Incomplete};
use crate::job_status;
use crate::projection::PROJECTIONS;

/// How long to wait for the event behind a checkpoint.
const PEEK_WAIT: Duration = Duration::from_secs(1);

/// How far one projection is behind one stream.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Lag {
    events: u64,
    seconds: f64,
}

/// Measures for ever what a role can tell of projectors without being one.
pub async fn watch(database: &Database, log: &dyn EventLog, clock: &dyn Clock) {
    let mut tick = tokio::time::interval(ProjectorConfig::default().lag_interval);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = measure(database, log, clock).await {
            tracing::debug!(%error, "the projections' lag could not be measured");
        }
    }
}

/// Measures for ever.
pub(super) async fn report(
    database: &Database,
    log: &dyn EventLog,
    clock: &dyn Clock,
    config: &ProjectorConfig,
    incomplete: &Mutex<Vec<Incomplete>>,
) {
    let mut tick = tokio::time::interval(config.lag_interval);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        // The loops that do the work report what is wrong with it; here a failed measurement is only one less.
        if let Err(error) = measure(database, log, clock).await {
            tracing::debug!(%error, "the projections' lag could not be measured");
        }
        match incomplete::list(database).await {
            Ok(found) => show(found, incomplete),
            Err(error) => tracing::debug!(%error, "which projections are incomplete could not be read"),
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "gauges are floats")]
async fn measure(database: &Database, log: &dyn EventLog, clock: &dyn Clock) -> Result<(), super::ProjectorError> {
    let jobs = job_status::counts(database).await?;
    for status in JobStatus::ALL {
        metrics::gauge!(names::JOBS, label::STATUS => status.as_str()).set(jobs.of(status) as f64);
    }
    series::measured(figures::JOBS, now(clock));
    let mut lags = BTreeMap::<String, Lag>::new();
    for checkpoint in checkpoints::list(database).await? {
        let lag = behind(log, clock, &checkpoint.position.stream, checkpoint.position.sequence).await?;
        let sum = lags.entry(checkpoint.projection).or_default();
        *sum = Lag { events: sum.events + lag.events, seconds: sum.seconds.max(lag.seconds) };
    }
    for (projection, lag) in lags {
        metrics::gauge!(names::PROJECTION_LAG_EVENTS, label::PROJECTION => projection.clone()).set(lag.events as f64);
        metrics::gauge!(names::PROJECTION_LAG_SECONDS, label::PROJECTION => projection).set(lag.seconds);
    }
    series::measured(figures::PROJECTION_LAG, now(clock));
    Ok(())
}

fn now(clock: &dyn Clock) -> f64 {
    (clock.now() - OffsetDateTime::UNIX_EPOCH).as_seconds_f64()
}

/// Keeps what is incomplete in sight: as a gauge, for the health of the role, and in the log once.
#[allow(clippy::cast_precision_loss, reason = "gauges are floats")]
fn show(found: Vec<Incomplete>, incomplete: &Mutex<Vec<Incomplete>>) {
    for known in PROJECTIONS {
        let events: u64 = found.iter().filter(|it| it.projection == known.name).map(|it| it.events).sum();
        metrics::gauge!(names::PROJECTION_INCOMPLETE_EVENTS, label::PROJECTION => known.name).set(events as f64);
    }
    let mut before = incomplete.lock().unwrap_or_else(PoisonError::into_inner);
    for it in found.iter().filter(|it| !before.iter().any(|old| old.projection == it.projection)) {
        tracing::error!(remedy = it.remedy(), "a view is incomplete: {it}");
    }
    *before = found;
}

/// The events behind a checkpoint, and the age of the first of them: what a reader waits for.
async fn behind(log: &dyn EventLog, clock: &dyn Clock, stream: &str, position: u64) -> Result<Lag, StoreError> {
    let last = log.last_sequence(stream).await?;
    if last <= position {
        return Ok(Lag::default());
    }
    let next = log.open(stream, position).await?.next(1, PEEK_WAIT).await?;
    // Deleted events leave numbers that nothing stands behind.
    let Some(first) = next.events.first() else { return Ok(Lag::default()) };
    let age = (clock.now() - first.at).as_seconds_f64().max(0.0);
    Ok(Lag { events: last - position, seconds: age })
}
