//! The reconciler, joined: the log, what its consumers hold, the workers' bounds; and its looks, one after the other.
//!
//! No turn is taken, so that it works without PostgreSQL: several at it do each thing once.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Actor;
use ally_domain::job::{JobStatus, OrphanLimits};
use ally_domain::ports::StoreError;
use ally_handlers::{ExecuteError, Executor, Orphan, ReconcileError, Reconciled, Reconciler, Suspects};
use ally_nats::{JetStream, NatsDeliveries, Upcasters};
use ally_telemetry::names;
use tokio_util::sync::CancellationToken;

use super::clock::SystemClock;
use crate::config::Config;

/// Who it is, in what it leaves behind.
const ACTOR: Actor = Actor::System("reconciler");
/// Why it puts a message back, in the job's history.
const NOTE: &str = "no consumer held its message any more";

/// The reconciler of the configuration.
pub fn build(config: &Config, jetstream: &JetStream, executor: Executor) -> Reconciler {
    let workers = &config.workers;
    let limits = OrphanLimits {
        max_attempts: workers.max_attempts,
        // The runner ends an attempt that does not keep its own deadline after twice that.
        longest_attempt: Duration::from_millis(workers.attempt_deadline_ms) * 2,
    };
    let deliveries = NatsDeliveries::new(jetstream.clone(), Upcasters::default());
    Reconciler::new(executor, Arc::new(deliveries), Arc::new(SystemClock), limits)
}

/// Looks now and then until told to stop, and treats what two looks in a row have found.
pub async fn run(reconciler: Reconciler, jetstream: JetStream, every: Duration, stop: CancellationToken) {
    let looking = async {
        jetstream.established().await;
        let (mut suspects, mut told) = (Suspects::default(), String::new());
        loop {
            match look(&reconciler, &mut suspects).await {
                Ok(left) => {
                    told.clear();
                    metrics::gauge!(names::JOBS_ORPHANED).set(left as f64);
                }
                // Said once for each reason.
                Err(error) => {
                    let error = error.to_string();
                    if error != told {
                        tracing::warn!(error, "jobs that no consumer holds could not be looked for; trying again");
                        told = error;
                    }
                }
            }
            tokio::time::sleep(every).await;
        }
    };
    let _: Option<()> = stop.run_until_cancelled(looking).await;
}

/// One look, and the treatment of what the last one had found as well. How many are left.
async fn look(reconciler: &Reconciler, suspects: &mut Suspects) -> Result<u64, StoreError> {
    let orphans = reconciler.look(suspects.stuck()).await?;
    let mut left = orphans.count();
    for unjudged in &orphans.unjudged {
        tracing::warn!(job_id = %unjudged.job, reason = unjudged.reason,
            "no consumer holds this job's message, and this version cannot judge the job; it stays as it is");
    }
    for orphan in suspects.confirm(&orphans) {
        match treat(reconciler, &orphan).await {
            Ok(Reconciled::Done(_) | Reconciled::Moved) => left = left.saturating_sub(1),
            // What the log does not take of this one it does not take of the others either.
            Err(
                ReconcileError::Store(StoreError::Unavailable { .. } | StoreError::Full { .. })
                | ReconcileError::Job(ExecuteError::Store(StoreError::Unavailable { .. } | StoreError::Full { .. })),
            ) => break,
            Ok(Reconciled::Waits) | Err(_) => suspects.note_stuck(&orphan.unheld.job),
        }
    }
    Ok(left)
}

/// Treats one, and says so.
async fn treat(reconciler: &Reconciler, orphan: &Orphan) -> Result<Reconciled, ReconcileError> {
    let unheld = &orphan.unheld;
    let treated = reconciler.treat(orphan, &ACTOR, NOTE).await;
    match &treated {
        Ok(Reconciled::Done(remedy)) => tracing::warn!(job_id = %unheld.job, event = %unheld.message,
            consumer = unheld.consumer, status = orphan.status.map(JobStatus::as_str), remedy = remedy.as_str(),
            "no consumer held this job's message any more; the job was brought back or to its end"),
        Ok(Reconciled::Moved | Reconciled::Waits) => {}
        Err(error) => tracing::warn!(job_id = %unheld.job, event = %unheld.message, %error,
            "no consumer holds this job's message, and it could not be put back; trying again at the next look"),
    }
    treated
}
