//! The watch over deadlines, joined: the view that knows them, the log that decides.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Actor;
use ally_domain::ports::Clock;
use ally_handlers::{Deadlines, Executor};
use ally_projections::{Database, job_status};
use tokio_util::sync::CancellationToken;

use super::clock::SystemClock;

/// Who it is, in what it leaves behind.
const ACTOR: Actor = Actor::System("deadlines");
/// A worker that has the job in hand is punctual, and clocks of machines differ: this looks behind it.
const GRACE: Duration = Duration::from_secs(5);
/// Jobs that one look ends at most; the next one goes on.
const MAX_ENDED: u16 = 500;

/// Looks now and then until told to stop. Several at it end each job once.
pub async fn run(executor: Executor, database: Database, every: Duration, stop: CancellationToken) {
    let deadlines = Deadlines::new(executor, Arc::new(SystemClock));
    let looking = async {
        let mut logged = String::new();
        loop {
            match look(&deadlines, &database).await {
                Ok(0) => logged.clear(),
                // There may be more than one look ends.
                Ok(ended) => {
                    tracing::info!(ended, "jobs were ended behind their deadlines");
                    continue;
                }
                // Once for each reason.
                Err(error) if error.to_string() != logged => {
                    tracing::warn!(%error, "jobs behind their deadlines could not be ended; trying again");
                    logged = error.to_string();
                }
                Err(_) => {}
            }
            tokio::time::sleep(every).await;
        }
    };
    let _: Option<()> = stop.run_until_cancelled(looking).await;
}

async fn look(deadlines: &Deadlines, database: &Database) -> anyhow::Result<u64> {
    let overdue = job_status::overdue(database, SystemClock.now() - GRACE, MAX_ENDED).await?;
    Ok(deadlines.end(&overdue, &ACTOR).await?)
}
