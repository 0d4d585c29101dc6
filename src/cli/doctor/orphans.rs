//! Open jobs that no consumer holds: every part may be healthy while they wait for nobody.

use std::time::Duration;

use super::Finding;
use crate::app::reconciler;
use crate::cli::reach;
use crate::config::Config;

/// A look reads the log's subjects from the beginning; what takes longer is told as not looked at.
const TIMEOUT: Duration = Duration::from_secs(20);

pub async fn look(config: &Config) -> Finding {
    let what = "orphaned jobs".to_owned();
    let (found, remedy) = match tokio::time::timeout(TIMEOUT, count(config)).await {
        Ok(Ok(0)) => return Finding { what, well: true, found: "none".to_owned(), remedy: None },
        Ok(Ok(count)) => (
            format!("{count} open jobs whose message no consumer holds"),
            format!(
                "the projector puts them back within {} s; by hand: ally jobs requeue --all --note WHY",
                2 * config.workers.reconcile_every_seconds
            ),
        ),
        Ok(Err(error)) => (format!("could not be looked for: {error:#}"), "check that NATS_URL names NATS".to_owned()),
        Err(_) => (
            format!("not looked through within {} s", TIMEOUT.as_secs()),
            "look at the projector's metric jobs_orphaned".to_owned(),
        ),
    };
    Finding { what, well: false, found, remedy: Some(remedy) }
}

async fn count(config: &Config) -> anyhow::Result<u64> {
    let log = reach::log(config).await?;
    let orphans = reconciler::build(config, &log.jetstream, log.executor.clone()).look().await?;
    Ok(orphans.found.len() as u64 + orphans.more)
}
